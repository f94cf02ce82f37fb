/* options_help.c - prints --help, the completions of shells, and the options of a run. */
#include "mlp/cli/options_table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the options of a run ---- */

/* Prints a text for a place in single quotes, with a backslash before each character of `special`. */
static void print_quoted(FILE *out, const char *text, const char *special) {
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, strchr(special, *c) != NULL ? "\\%c" : "%c", *c);
}

/* Prints a word, quoted if a shell needs that. */
static void print_word(FILE *out, const char *word) {
    const bool plain =
        strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_") == strlen(word);
    if (!plain) fputc('\'', out);
    print_quoted(out, word, "");
    if (!plain) fputc('\'', out);
}

size_t mlp_options_print(FILE *out, const mlp_options *options) {
    const mlp_mode_kind mode = mlp_options_mode(options);
    mlp_options usual = mlp_options_defaults();
    size_t n = 0;
    usual.lr = mlp_default_lr(options->optimizer);
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        char text[32], usual_text[32];
        const char *value = mlp_option_text(text, sizeof text, options, s);
        const char *other = mlp_option_text(usual_text, sizeof usual_text, &usual, s);
        if (MLP_IS(s, preset) || value == NULL || !mlp_option_acts(options, s, mode) ||
            (other != NULL && strcmp(value, other) == 0))
            continue;
        fprintf(out, s->kind == FLAG ? " --%s" : " --%s ", s->name);
        print_word(out, value);
        n++;
    }
    return n;
}

void mlp_options_print_repeated(FILE *out, const mlp_options *options) {
    char text[32];
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        const char *value = mlp_option_text(text, sizeof text, options, s);
        if (options->repeated[s - mlp_option_table])
            fprintf(out, "repeated  --%s: the last one counts, %s\n", s->name, value == NULL ? "0" : value);
    }
}

/* ---- completions for bash, zsh and fish: names, values, files ---- */

static bool takes_directory(const mlp_option *s) { return s->kind == TEXT && strcmp(mlp_option_arg(s), "DIR") == 0; }

static bool takes_file(const mlp_option *s) { return s->kind == TEXT && !takes_directory(s) && !MLP_IS(s, help); }

/* Prints the words that the option accepts, except files, separated by blanks. */
static void print_words(FILE *out, const mlp_option *s) {
    if (MLP_IS(s, resume)) fputs("auto", out);
    for (size_t i = 0; s->kind == NAME && s->names(i) != NULL; i++) fprintf(out, "%s%s", i > 0 ? " " : "", s->names(i));
    if (!MLP_IS(s, help)) return;
    fputs("all presets modes bash zsh fish", out);
    for (size_t group = 0; group < MLP_N_GROUPS; group++) {
        fputc(' ', out);
        for (const char *c = mlp_option_group_name(group); *c != '\0'; c++) fputc(tolower((unsigned char)*c), out);
    }
    for (size_t i = 0; i < MLP_N_OPTIONS; i++) fprintf(out, " %s", mlp_option_table[i].name);
}

static bool takes_words(const mlp_option *s) { return s->kind == NAME || MLP_IS(s, resume) || MLP_IS(s, help); }

/* bash splits --name=value at the "=" into three words. If the function prints no words, readline completes files. */
static void print_bash(FILE *out) {
    fputs("# bash completion of mlp-train " MLP_VERSION ", as mlp-train --help bash prints it\n"
          "_mlp_train() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words\n"
          "    if [[ $word == = ]]; then\n"
          "        word=\n"
          "    elif [[ $before == = ]]; then\n"
          "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    fi\n"
          "    COMPREPLY=()\n"
          "    case $before in\n",
          out);
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        if (s->kind == FLAG) continue;
        fprintf(out, "    --%s) words='", s->name);
        print_words(out, s);
        fprintf(out, "'%s ;;\n",
                takes_directory(s) ? "; compopt -o dirnames"
                : takes_file(s)    ? "; compopt -o default"
                                   : "");
    }
    fputs("    *) words='", out);
    for (size_t i = 0; i < MLP_N_OPTIONS; i++) fprintf(out, "%s--%s", i > 0 ? " " : "", mlp_option_table[i].name);
    fputs("' ;;\n"
          "    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "}\n"
          "complete -F _mlp_train mlp-train\n",
          out);
}

static void print_zsh(FILE *out) {
    fputs("#compdef mlp-train\n"
          "# zsh completion of mlp-train " MLP_VERSION ", as mlp-train --help zsh prints it\n"
          "_arguments",
          out);
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        fprintf(out, " \\\n    '--%s%s[", s->name, s->kind == FLAG ? "" : "=");
        print_quoted(out, s->help, "\\[]:");
        fputc(']', out);
        if (s->kind != FLAG) {
            fprintf(out, "%s%s:", s->alone != NULL ? "::" : ":",
                    s->kind == NAME    ? "NAME"
                    : s->kind == COUNT ? "N"
                    : s->kind == REAL  ? "X"
                                       : "FILE");
            if (takes_directory(s))
                fputs("_files -/", out);
            else if (takes_file(s))
                fputs("_files", out);
            else if (takes_words(s)) {
                fputc('(', out);
                print_words(out, s);
                fputc(')', out);
            } else
                fputc(' ', out);
        }
        fputc('\'', out);
    }
    fputc('\n', out);
}

static void print_fish(FILE *out) {
    fputs("# fish completion of mlp-train " MLP_VERSION ", as mlp-train --help fish prints it\n"
          "complete -c mlp-train -f\n",
          out);
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        fprintf(out, "complete -c mlp-train -l %s", s->name);
        if (takes_file(s))
            fputs(" -r -F", out);
        else if (s->kind != FLAG && s->alone == NULL)
            fputs(" -x", out);
        if (takes_directory(s)) fputs(" -a '(__fish_complete_directories)'", out);
        if (takes_words(s)) {
            fputs(" -a '", out);
            print_words(out, s);
            fputc('\'', out);
        }
        fputs(" -d '", out);
        print_quoted(out, s->help, "\\");
        fputs("'\n", out);
    }
}

typedef void print_completions(FILE *out); /* a file to install or to source */

static const struct {
    const char *name;
    print_completions *print;
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

static print_completions *shell_of(const char *topic) {
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, topic) == 0) return shells[i].print;
    return NULL;
}

/* ---- help ---- */

enum { WIDTH = 79, LEFT = 26 };

/* Prints `text` after column `column`, in lines of at most WIDTH that begin at `indent`. */
static void print_wrapped(FILE *out, int column, int indent, const char *text) {
    while (*text != '\0') {
        const int n = (int)strcspn(text, " ");
        if (column > indent && column + 1 + n > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        const int gap = column < indent ? indent - column : column == indent ? 0 : 1;
        fprintf(out, "%*s%.*s", gap, "", n, text);
        column += gap + n;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* Prints help text, range, default, and what the option needs. */
static void print_option(FILE *out, const mlp_option *s, const mlp_options *defaults, bool all) {
    char names[256] = "", text[512], value[32], need[128];
    if (s->names != NULL) mlp_option_names(names, sizeof names, s->names);
    const int length =
        fprintf(out, "  --%s %s", s->name, s->names != NULL && s->arg == NULL ? names : mlp_option_arg(s));
    size_t used = (size_t)snprintf(text, sizeof text, "%s", s->help);
    if (all && (s->kind == COUNT || s->kind == REAL) && s->max < 1e6)
        used += (size_t)snprintf(text + used, sizeof text - used, ", %.16g..%.16g", s->min, s->max);
    const char *initial = mlp_option_text(value, sizeof value, defaults, s);
    if (initial != NULL && *initial != '\0')
        used += (size_t)snprintf(text + used, sizeof text - used, " [%s]", initial);
    const char *join = "; needs ";
    for (const mlp_condition *c = s->needs; all && c->option != NULL; c++) {
        if (c->modes != 0) /* conditions of single modes are not printed */
            continue;
        mlp_condition_text(need, sizeof need, c);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", join, need);
        join = ", ";
    }
    const bool fits = length < LEFT;
    if (!fits) fputc('\n', out);
    print_wrapped(out, fits ? length : 0, LEFT, text);
}

static void print_group(FILE *out, size_t group, const mlp_options *defaults) {
    fprintf(out, "%s\n", mlp_option_group_name(group));
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (mlp_option_table[i].group == group) print_option(out, &mlp_option_table[i], defaults, true);
}

static void print_presets(FILE *out) {
    fputs("Presets\n", out);
    for (size_t i = 0; mlp_preset_name(i) != NULL; i++) {
        const int n = fprintf(out, "  %-14s", mlp_preset_name(i));
        print_wrapped(out, n, 16, mlp_options_preset(mlp_preset_name(i)));
    }
}

/* Prints the options of a mode; for training and --resume, which accept nearly all options, the others. */
static void print_mode(FILE *out, mlp_mode_kind mode) {
    const bool most = mode == MLP_MODE_TRAIN || mode == MLP_MODE_RESUME;
    char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", most ? "every option but" : "");
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (((mlp_option_table[i].modes >> mode & 1) != 0) != most)
            used += (size_t)snprintf(text + used, sizeof text - used, " --%s", mlp_option_table[i].name);
    const int n = fprintf(out, "  %-18s", mlp_mode_name(mode));
    print_wrapped(out, n, 20, text + strspn(text, " "));
}

static void print_modes(FILE *out) {
    fputs("Modes, and the options that have an effect in each; others are refused\n", out);
    for (size_t mode = 0; mode < MLP_N_MODES; mode++) print_mode(out, (mlp_mode_kind)mode);
}

static void print_one(FILE *out, const mlp_option *s, const mlp_options *defaults) {
    char text[512];
    size_t used = 0;
    print_option(out, s, defaults, true);
    for (size_t mode = 0; mode < MLP_N_MODES; mode++)
        if ((s->modes >> mode & 1) != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used == 0 ? "acts in: " : ", ",
                                     mlp_mode_name((mlp_mode_kind)mode));
    print_wrapped(out, 0, LEFT, text);
    if (MLP_IS(s, preset)) print_presets(out);
}

static void print_first_screen(FILE *out, const mlp_options *defaults) {
    fputs("mlp-train - train a two-layer neural network on MNIST or images like it\n\n"
          "  mlp-train --data " MLP_DIGITS " --lr 0.5 --csv curve.csv   train, no download\n"
          "  gnuplot -c " MLP_SCRIPTS "/plot-loss.gp curve.csv loss.png      plot the result\n"
          "  mlp-train --preset keras --save net.safetensors         train on MNIST, save\n"
          "  mlp-train --load net.safetensors --predict image.pgm    use the network\n\n"
          "Most used options\n",
          out);
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (mlp_option_table[i].common) print_option(out, &mlp_option_table[i], defaults, false);
    fputs("\nMore help\n"
          "  --help GROUP            data, network, training, distortion, run, model,\n"
          "                          output, presets, modes\n"
          "  --help OPTION           one option: range, default, what it needs, its modes\n"
          "  --help bash|zsh|fish    completions for the shell\n"
          "  --help all              everything\n\n"
          "The table goes to standard output, messages to standard error.\n"
          "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 or 143 stopped by a signal.\n",
          out);
}

static const mlp_option *option_of(const char *topic) {
    topic += strspn(topic, "-");
    return mlp_option_find(topic, strlen(topic));
}

/* The group of this name, MLP_N_GROUPS if there is none. */
static size_t group_of(const char *topic) {
    size_t group = 0;
    while (group < MLP_N_GROUPS && strcasecmp(topic, mlp_option_group_name(group)) != 0) group++;
    return group;
}

bool mlp_options_help_has(const char *topic) {
    return *topic == '\0' || strcasecmp(topic, "all") == 0 || strcasecmp(topic, "presets") == 0 ||
           strcasecmp(topic, "modes") == 0 || group_of(topic) < MLP_N_GROUPS || option_of(topic) != NULL ||
           shell_of(topic) != NULL;
}

void mlp_options_help(FILE *out, const char *topic) {
    const mlp_options defaults = mlp_options_defaults();
    const bool all = strcasecmp(topic, "all") == 0;
    if (*topic == '\0') print_first_screen(out, &defaults);
    if (shell_of(topic) != NULL) shell_of(topic)(out);
    if (all) fputs("mlp-train - all options: range, [default], what they need\n\n", out);
    for (size_t group = 0; group < MLP_N_GROUPS; group++) {
        if (all || group == group_of(topic)) print_group(out, group, &defaults);
        if (all) fputc('\n', out);
    }
    if (all || strcasecmp(topic, "presets") == 0) print_presets(out);
    if (all) fputc('\n', out);
    if (all || strcasecmp(topic, "modes") == 0) print_modes(out);
    if (!all && group_of(topic) == MLP_N_GROUPS && option_of(topic) != NULL)
        print_one(out, option_of(topic), &defaults);
}

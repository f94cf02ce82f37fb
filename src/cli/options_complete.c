/* options_complete.c - prints completions for bash, zsh and fish from the table of options: names, values, files. */
#include "mlp/cli/options_complete.h"

#include <ctype.h>
#include <string.h>

#include "mlp/cli/options_table.h"

/* ---- what an option takes ---- */

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

/* Prints the help text in single quotes, with a backslash before each character of `special`. */
static void print_help_text(FILE *out, const mlp_option *s, const char *special) {
    for (const char *c = s->help; *c != '\0'; c++) {
        if (*c == '\'') {
            fputs("'\\''", out);
            continue;
        }
        if (strchr(special, *c) != NULL) fputc('\\', out);
        fputc(*c, out);
    }
}

/* ---- shells ---- */

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
        print_help_text(out, s, "\\[]:");
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
        print_help_text(out, s, "\\");
        fputs("'\n", out);
    }
}

static const struct {
    const char *name;
    void (*print)(FILE *out);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

bool mlp_options_complete_has(const char *shell) {
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) return true;
    return false;
}

void mlp_options_complete(FILE *out, const char *shell) {
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) shells[i].print(out);
}

/* options.c - reads the command line. Knows the table of options, not their effects. */
#include "mlp/cli/options_table.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- values ---- */

/* The element of `names` that equals `value`; NULL: none. */
static const char *find_name(const char *(*names)(size_t), const char *value) {
    size_t i = 0;
    while (names(i) != NULL && strcmp(names(i), value) != 0) i++;
    return names(i);
}

/* Decimal digits only: no sign, no space, no exponent. */
static bool read_count(size_t *count, bool *overflow, const char *text) {
    char *end;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    *overflow = errno == ERANGE || value > SIZE_MAX;
    *count = (size_t)value;
    return *text >= '0' && *text <= '9' && *end == '\0';
}

/* Reads a decimal number: what strtod accepts, except for hexadecimal numbers, infinity, NaN and leading blanks. */
static bool read_real(double *real, const char *text) {
    char *end;
    if (strspn(text, "0123456789.eE+-") != strlen(text)) return false;
    *real = strtod(text, &end);
    return end != text && *end == '\0';
}

static mlp_status fail_topic(const char *topic, mlp_error *err) {
    const mlp_option *nearest = mlp_option_nearest(topic);
    return mlp_fail(err, MLP_ERR_USAGE, "--help: there is no topic '%s'; %s%s", topic,
                    nearest == NULL ? "see --help" : "did you mean --help ", nearest == NULL ? "" : nearest->name);
}

static mlp_status set_text(const char **field, const mlp_option *s, const char *value, mlp_error *err) {
    if (*value == '\0')
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: an empty name; give a %s", s->name,
                        strcmp(mlp_option_arg(s), "DIR") == 0 ? "directory" : "file");
    if (strncmp(value, "~/", 2) == 0)
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: the shell did not expand ~ in %s; write --%s %s, with a blank",
                        s->name, value, s->name, value);
    *field = value;
    return MLP_OK;
}

static mlp_status set(mlp_options *options, const mlp_option *s, const char *value, mlp_error *err) {
    void *field = (char *)options + s->offset;
    size_t count = 0;
    double real = 0;
    bool overflow = false;
    switch (s->kind) {
    case COUNT:
        if (!read_count(&count, &overflow, value)) {
            if (*value == '-' && read_real(&real, value)) break;
            return mlp_option_bad_value(s, value, err);
        }
        if (overflow || count < (size_t)s->min || count > (size_t)s->max) break;
        *(size_t *)field = count;
        return MLP_OK;
    case REAL:
        if (!read_real(&real, value)) return mlp_option_bad_value(s, value, err);
        if (!(real >= s->min && real <= s->max)) break;
        *(double *)field = real;
        return MLP_OK;
    case NAME:
        if (find_name(s->names, value) == NULL) return mlp_option_bad_value(s, value, err);
        *(const char **)field = find_name(s->names, value); /* stays valid: `value` may be part of a preset's copy */
        return MLP_OK;
    case TEXT:
        if (!MLP_IS(s, help)) return set_text(field, s, value, err);
        options->help = value;
        return mlp_options_help_has(value) ? MLP_OK : fail_topic(value, err);
    case FLAG: *(bool *)field = true; return MLP_OK;
    }
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is outside %.16g..%.16g", s->name, value, s->min, s->max);
}

bool mlp_options_given(const mlp_options *options, const char *name) {
    const mlp_option *s = mlp_option_find(name, strlen(name));
    return mlp_option_origin(options, s) == MLP_FROM_COMMAND_LINE;
}

mlp_status mlp_option_set(mlp_options *options, const mlp_option *s, const char *value, mlp_origin origin,
                          mlp_error *err) {
    const size_t i = (size_t)(s - mlp_option_table);
    const bool again = origin == MLP_FROM_COMMAND_LINE && s->kind != FLAG;
    options->repeated[i] |= again && options->origin[i] == origin;
    options->origin[i] = (unsigned char)origin;
    return set(options, s, value, err);
}

/* ---- the command line ---- */

/* Whether a preset may set the option: a typed option wins, and --iters wins over --epochs. */
static bool is_free(const mlp_options *o, const mlp_option *s) {
    const bool length = MLP_IS(s, iters) || MLP_IS(s, epochs);
    if (length && (mlp_options_given(o, "iters") || mlp_options_given(o, "epochs"))) return false;
    return mlp_option_origin(o, s) != MLP_FROM_COMMAND_LINE;
}

/* Sets the options of a preset's line, pairs of "--name value". */
static mlp_status set_preset(mlp_options *options, const char *line, mlp_error *err) {
    char name[32], value[32];
    for (int used; sscanf(line, " --%31s %31s%n", name, value, &used) == 2; line += used) {
        const mlp_option *s = mlp_option_find(name, strlen(name));
        assert(s != NULL && s->kind != TEXT);
        if (is_free(options, s)) MLP_TRY(mlp_option_set(options, s, value, MLP_FROM_PRESET, err));
    }
    return MLP_OK;
}

/* What getopt_long returns for the first long option: larger than any character. */
enum { LONG = 256 };

static void fill_getopt(struct option table[MLP_N_OPTIONS + 1]) {
    for (int i = 0; i < MLP_N_OPTIONS; i++) {
        const mlp_option *s = &mlp_option_table[i];
        table[i] = (struct option){.name = s->name,
                                   .has_arg = s->kind == FLAG    ? no_argument
                                              : s->alone != NULL ? optional_argument
                                                                 : required_argument,
                                   .val = LONG + i};
    }
}

/* Fails with the reason why getopt_long refused argv[word]. */
static mlp_status fail_word(const char *word, mlp_error *err) {
    const char *name = word + strspn(word, "-");
    const mlp_option *flag = mlp_option_find(name, strcspn(name, "="));
    if (flag != NULL && strncmp(word, "--", 2) == 0 && flag->kind == FLAG)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: takes no value; leave out = and what follows", word);
    return mlp_options_unknown(word, err);
}

/* The value of an option whose value is optional: the next word, if it can be a value. */
static const char *optional_value(const mlp_option *s, int argc, char **argv) {
    const char *next = optind < argc ? argv[optind] : "-";
    const bool digit = *next >= '0' && *next <= '9';
    const bool is_value = s->kind == COUNT ? digit : *next != '-' && *next != '\0';
    return is_value ? argv[optind++] : s->alone;
}

static mlp_status read_words(mlp_options *options, int argc, char **argv, mlp_error *err) {
    struct option table[MLP_N_OPTIONS + 1] = {{0}};
    const mlp_option *help = mlp_option_find("help", 4);
    const mlp_option *last = NULL;
    fill_getopt(table);
    opterr = 0;
    for (;;) {
        const int word = optind;
        const int c =
            getopt_long(argc, argv, "+:h", table, NULL); /* "+": stop at the first word that is not an option */
        if (c == -1 && optind == argc) return MLP_OK;
        if (c == -1) {
            const bool all = optind != word; /* after "--" no word is an option */
            if (last == NULL || !MLP_IS(last, predict)) return mlp_options_stray(argv[optind], err);
            if (options->n_more == 0) options->more = argv + optind;
            do {
                if (*argv[optind] == '\0') return mlp_options_stray(argv[optind], err);
                options->n_more++;
                optind++;
            } while (optind < argc && (all || *argv[optind] != '-'));
            if (all) return MLP_OK;
            continue;
        }
        if (c == ':')
            return mlp_fail(err, MLP_ERR_USAGE, "%s: needs a value; see --help %s", argv[word],
                            argv[word] + strspn(argv[word], "-"));
        if (c != 'h' && c < LONG) return fail_word(argv[word], err);
        const mlp_option *s = c == 'h' ? help : &mlp_option_table[c - LONG];
        const char *value = optarg;
        last = s;
        if (s->alone != NULL && (value == NULL || c == 'h')) value = optional_value(s, argc, argv);
        MLP_TRY(mlp_option_set(options, s, value, MLP_FROM_COMMAND_LINE, err));
    }
}

/* --resume auto: resumes from the file of --checkpoint if it exists, else starts a new run. If stat fails for another
   reason, the file counts as existing: reading it reports the error. */
static mlp_status find_checkpoint(mlp_options *o, mlp_error *err) {
    struct stat there;
    if (o->resume == NULL || strcmp(o->resume, "auto") != 0) return MLP_OK;
    if (o->checkpoint == NULL)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--resume: auto needs --checkpoint FILE; add it (a file of that name is ./auto)");
    if (stat(o->checkpoint, &there) == 0 || errno != ENOENT) {
        o->resume = o->checkpoint;
        return MLP_OK;
    }
    o->resume = NULL;
    o->origin[mlp_option_find("resume", 6) - mlp_option_table] = MLP_FROM_DEFAULT;
    return MLP_OK;
}

mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err) {
    *options = mlp_options_defaults();
    MLP_TRY(read_words(options, argc, argv, err));
    if (options->help != NULL || options->version) /* --help and --version work with any other option */
        return MLP_OK;
    MLP_TRY(find_checkpoint(options, err));
    const char *line = options->preset == NULL ? "" : mlp_options_preset(options->preset);
    MLP_TRY(set_preset(options, line, err));
    if (mlp_option_origin(options, mlp_option_find("lr", 2)) == MLP_FROM_DEFAULT)
        options->lr = mlp_default_lr(options->optimizer);
    return mlp_options_check(options, options->resume != NULL, err);
}

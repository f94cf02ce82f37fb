/* options.c - reads the command line. Knows the table of options; does nothing with their values.
 */
#include "mlp/cli/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/cli/options_rules.h"
#include "mlp/cli/options_suggest.h"
#include "mlp/cli/options_table.h"

/* ---- values ---- */

static bool is_name(const char *(*names)(size_t), const char *value) {
    for (size_t i = 0; names(i) != NULL; i++)
        if (strcmp(names(i), value) == 0)
            return true;
    return false;
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

/* A decimal number: strtod without its hexadecimal, infinite, NaN and blank-led forms. */
static bool read_real(double *real, const char *text) {
    char *end;
    if (strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    *real = strtod(text, &end);
    return end != text && *end == '\0';
}

static mlp_status set(mlp_options *options, const mlp_option *s, const char *value,
                      mlp_error *err) {
    void *field = (char *)options + s->offset;
    char names[256];
    size_t count = 0;
    double real = 0;
    bool overflow = false;
    switch (s->kind) {
    case COUNT:
        if (!read_count(&count, &overflow, value)) {
            if (*value == '-' && read_real(&real, value))
                break;
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: '%s' is not a whole number; give one in %.16g..%.16g", s->name,
                            value, s->min, s->max);
        }
        if (overflow || count < (size_t)s->min || count > (size_t)s->max)
            break;
        *(size_t *)field = count;
        return MLP_OK;
    case REAL:
        if (!read_real(&real, value))
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: '%s' is not a number; give one in %.16g..%.16g", s->name, value,
                            s->min, s->max);
        if (!(real >= s->min && real <= s->max))
            break;
        *(double *)field = real;
        return MLP_OK;
    case NAME:
        mlp_option_names(names, sizeof names, s->names);
        if (!is_name(s->names, value))
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: '%s' is none of %s", s->name, value, names);
        *(const char **)field = value;
        return MLP_OK;
    case TEXT:
        if (*value == '\0')
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: an empty name; give a %s", s->name,
                            strcmp(s->arg, "DIR") == 0 ? "directory" : "file");
        *(const char **)field = value;
        return MLP_OK;
    case FLAG:
        *(bool *)field = true;
        return MLP_OK;
    case GROUP:
    case RECIPE:
        break;
    }
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is outside %.16g..%.16g", s->name, value, s->min,
                    s->max);
}

/* ---- the command line ---- */

bool mlp_options_given(const mlp_options *options, const char *name) {
    const mlp_option *s = mlp_option_find(name, strlen(name));
    assert(s != NULL);
    return options->given[s - mlp_option_table];
}

/* One option and what follows from it: of --iters and --epochs the later one counts. */
mlp_status mlp_option_set(mlp_options *options, const mlp_option *s, const char *value, bool given,
                          mlp_error *err) {
    const mlp_status status = set(options, s, value, err);
    if (status == MLP_OK && s->offset == MLP_AT(iters))
        options->epochs = 0;
    options->given[s - mlp_option_table] = given;
    return status;
}

/* Sets what a preset's line says: "--name value" pairs. A value that is a name must outlive the
   line's copy of it: the list's own string is taken. */
static mlp_status set_preset(mlp_options *options, const char *line, mlp_error *err) {
    mlp_status status = MLP_OK;
    char name[32], value[32];
    int used;
    for (; status == MLP_OK && sscanf(line, " --%31s %31s%n", name, value, &used) == 2;
         line += used) {
        const mlp_option *s = mlp_option_find(name, strlen(name));
        const char *text = value;
        assert(s != NULL);
        for (size_t i = 0; s->kind == NAME && s->names(i) != NULL; i++)
            if (strcmp(s->names(i), value) == 0)
                text = s->names(i);
        status = mlp_option_set(options, s, text, false, err);
    }
    return status;
}

static mlp_status apply(mlp_options *options, const mlp_option *s, const char *value,
                        mlp_error *err) {
    const mlp_status status = mlp_option_set(options, s, value, true, err);
    return status == MLP_OK && s->offset == MLP_AT(preset)
               ? set_preset(options, mlp_options_preset(value), err)
               : status;
}

mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err) {
    struct option table[MLP_N_ROWS + 1] = {{0}};
    const mlp_option *by_row[MLP_N_ROWS] = {0};
    int rows = 0;
    for (size_t i = 0; i < MLP_N_ROWS; i++)
        if (!mlp_option_is_group(&mlp_option_table[i])) {
            const bool optional = mlp_option_table[i].offset == MLP_AT(check_gradient);
            by_row[rows] = &mlp_option_table[i];
            table[rows].name = mlp_option_table[i].name;
            table[rows].has_arg = mlp_option_table[i].kind == FLAG ? no_argument
                                  : optional                       ? optional_argument
                                                                   : required_argument;
            table[rows].val =
                256 + rows; /* distinct, so that getopt sees ambiguity; `row` tells which */
            rows++;
        }
    *options = mlp_options_defaults();
    opterr = 0;
    for (;;) {
        int row = -1;
        const int word = optind;
        const int c = getopt_long(argc, argv, "+:", table, &row); /* + ends at a stray word */
        if (c == -1)
            break;
        if (c == ':')
            return mlp_fail(err, MLP_ERR_USAGE, "%s: needs a value; see --help", argv[word]);
        if (c == '?' || row < 0) {
            const mlp_option *flag =
                mlp_option_find(argv[word] + strspn(argv[word], "-"),
                                strcspn(argv[word] + strspn(argv[word], "-"), "="));
            if (flag != NULL && flag->kind == FLAG)
                return mlp_fail(err, MLP_ERR_USAGE,
                                "%s: takes no value; leave out = and what follows", argv[word]);
            return mlp_options_unknown(argv[word], err);
        }
        const char *value = optarg;
        if (table[row].has_arg == optional_argument && value == NULL) {
            const bool given = optind < argc && argv[optind][0] >= '0' && argv[optind][0] <= '9';
            value = given ? argv[optind++] : "10";
        }
        const mlp_status status = apply(options, by_row[row], value, err);
        if (status != MLP_OK)
            return status;
    }
    if (optind < argc)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; see --help", argv[optind]);
    if (options->help || options->version) /* what else is there does not matter */
        return MLP_OK;
    /* what is laid over the options of a checkpoint is checked together with those */
    return options->resume != NULL ? mlp_options_check_modes(options, err)
                                   : mlp_options_check(options, err);
}

/* options_rules.c - the one rule for options: what has no effect in this run is refused. */
#include "mlp/cli/options_rules.h"

#include <stdio.h>
#include <string.h>

#include "mlp/cli/options_table.h"
#include "mlp/state/export.h"

/* ---- modes ---- */

static const char *const mode_names[MLP_N_MODES] = {
    "training", "--resume", "--eval", "--predict", "--check-gradient", "--samples", "conversion"};

const char *mlp_mode_name(mlp_mode_kind mode) {
    return mode_names[mode];
}

mlp_mode_kind mlp_options_mode(const mlp_options *o) {
    if (o->check_gradient > 0)
        return MLP_MODE_CHECK_GRADIENT;
    if (o->samples != NULL)
        return MLP_MODE_SAMPLES;
    if (o->predict != NULL)
        return MLP_MODE_PREDICT;
    if (o->eval)
        return MLP_MODE_EVAL;
    if (o->resume != NULL)
        return MLP_MODE_RESUME;
    if (o->load != NULL && o->export != NULL && !mlp_options_given(o, "iters") &&
        !mlp_options_given(o, "epochs"))
        return MLP_MODE_CONVERT;
    return MLP_MODE_TRAIN;
}

/* ---- conditions ---- */

/* One condition of `needs` or `excludes`. */
typedef struct condition {
    const char *mode; /* of mode_length characters; 0: every mode */
    size_t mode_length;
    const mlp_option *option;
    const char *values; /* of values_length characters, "a|b"; 0: any that is set */
    size_t values_length;
} condition;

/* Reads the condition at *at and moves behind it; false at the end of the list. */
static bool next_condition(condition *c, const char **at) {
    if (*at == NULL || **at == '\0')
        return false;
    const char *text = *at, *end = text + strcspn(text, " ");
    *at = end + strspn(end, " ");
    *c = (condition){.mode = text, .mode_length = strcspn(text, ": ")};
    if (text[c->mode_length] == ':')
        text += c->mode_length + 1;
    else
        c->mode_length = 0;
    const size_t name = strcspn(text, "= ");
    c->option = mlp_option_find(text, name);
    if (text[name] == '=') {
        c->values = text + name + 1;
        c->values_length = (size_t)(end - c->values);
    }
    return true;
}

/* Whether a condition counts in this mode. Iterations are made only by training. */
static bool counts(const condition *c, mlp_mode_kind mode) {
    const char *name = mode_names[mode];
    if (c->option->offset == MLP_AT(iters) && mode != MLP_MODE_TRAIN && mode != MLP_MODE_RESUME)
        return false;
    name += strspn(name, "-");
    return c->mode_length == 0 ||
           (strlen(name) == c->mode_length && memcmp(name, c->mode, c->mode_length) == 0);
}

static bool is_among(const char *value, const char *values, size_t length) {
    for (const char *end = values + length; values < end; values += strcspn(values, "|") + 1) {
        const size_t left = (size_t)(end - values), word = strcspn(values, "|");
        const size_t n = word < left ? word : left;
        if (strlen(value) == n && memcmp(value, values, n) == 0)
            return true;
    }
    return false;
}

static bool holds(const mlp_options *o, const condition *c) {
    const void *field = (const char *)o + c->option->offset;
    const char *text;
    switch (c->option->kind) {
    case COUNT:
        return *(const size_t *)field > 0;
    case REAL:
        return *(const double *)field > 0;
    case FLAG:
        return *(const bool *)field;
    case TEXT:
    case NAME:
        break;
    }
    memcpy(&text, field, sizeof text);
    return text != NULL && (c->values == NULL || is_among(text, c->values, c->values_length));
}

/* What is set by --iters or by --epochs is at least one iteration. */
static bool is_met(const mlp_options *o, const condition *c) {
    return holds(o, c) || (c->option->offset == MLP_AT(iters) && o->epochs > 0);
}

/* The first need that is not met, or exclusion that is violated; false: there is none. */
static bool find_obstacle(const mlp_options *o, const mlp_option *s, mlp_mode_kind mode,
                          condition *c, bool *excluded) {
    const char *at = s->needs;
    *excluded = false;
    while (next_condition(c, &at))
        if (counts(c, mode) && !is_met(o, c))
            return true;
    *excluded = true;
    for (at = s->excludes; next_condition(c, &at);)
        if (c->option->offset == MLP_AT(iters) ? mlp_options_given(o, "iters")
                                               : counts(c, mode) && holds(o, c))
            return true;
    return false;
}

bool mlp_option_acts(const mlp_options *o, size_t i, mlp_mode_kind mode) {
    condition c;
    bool excluded;
    return (mlp_option_table[i].modes >> mode & 1) != 0 &&
           !find_obstacle(o, &mlp_option_table[i], mode, &c, &excluded);
}

/* ---- messages ---- */

/* "--optimizer adam or adamw" */
static void print_condition(char *text, size_t size, const condition *c) {
    size_t used = (size_t)snprintf(text, size, "--%s", c->option->name);
    if (c->values == NULL && c->option->arg != NULL)
        used += (size_t)snprintf(text + used, size - used, " %s", c->option->arg);
    for (size_t at = 0; at < c->values_length && used < size;) {
        size_t n = strcspn(c->values + at, "| ");
        n = n < c->values_length - at ? n : c->values_length - at;
        const bool last = at + n >= c->values_length;
        used += (size_t)snprintf(text + used, size - used, "%s%.*s",
                                 at == 0 ? " "
                                 : last  ? " or "
                                         : ", ",
                                 (int)n, c->values + at);
        at += n + 1;
    }
}

bool mlp_condition_text(char *text, size_t size, const char **at) {
    condition c;
    while (next_condition(&c, at))
        if (c.mode_length == 0 && c.option->offset != MLP_AT(iters)) {
            print_condition(text, size, &c);
            return true;
        }
    return false;
}

static mlp_status fail_mode(const mlp_option *s, mlp_mode_kind mode, mlp_error *err) {
    if (mode == MLP_MODE_TRAIN)
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: needs --predict FILE; add it, or leave out --%s",
                        s->name, s->name);
    if (mode == MLP_MODE_CONVERT)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: has no effect on a conversion (--load with --export); leave it out, "
                        "or add --iters N to train",
                        s->name);
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: has no effect with %s; leave it out", s->name,
                    mode_names[mode]);
}

static mlp_status fail_obstacle(const mlp_options *o, const mlp_option *s, const condition *c,
                                bool excluded, mlp_error *err) {
    char text[128];
    print_condition(text, sizeof text, c);
    if (excluded) {
        text[c->values == NULL ? 2 + strlen(c->option->name) : strlen(text)] = '\0';
        return mlp_fail(err, MLP_ERR_USAGE, "--%s and %s: exclude each other; give one of the two",
                        s->name, text);
    }
    const bool zero = c->option->kind == COUNT && mlp_options_given(o, c->option->name);
    if (zero)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: has no effect with --%s 0; leave out one of the two", s->name,
                        c->option->name);
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: needs %s; add it, or leave out --%s", s->name, text,
                    s->name);
}

/* ---- checks beyond the table ---- */

static mlp_status check_names(const mlp_options *o, mlp_error *err) {
    const char *const files[] = {o->save, o->confusion, o->checkpoint, o->samples};
    static const char *const file_options[] = {"save", "confusion", "checkpoint", "samples"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && strcmp(files[i], "-") == 0)
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: standard output carries the table; name a file",
                            file_options[i]);
    if (o->predict != NULL && o->load != NULL && strcmp(o->predict, "-") == 0 &&
        strcmp(o->load, "-") == 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--predict and --load: standard input cannot be both; name a file");
    char suffixes[64];
    mlp_option_names(suffixes, sizeof suffixes, mlp_export_suffix);
    if (o->export != NULL && mlp_export_find(o->export) == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--export: the name %s ends in none of %s", o->export,
                        suffixes);
    return MLP_OK;
}

/* A directory of which no file is taken. */
static mlp_status check_data(const mlp_options *o, mlp_mode_kind mode, mlp_error *err) {
    const bool test = o->test_images != NULL && o->test_labels != NULL;
    const bool train = o->train_images != NULL && o->train_labels != NULL;
    if (!mlp_options_given(o, "data") || !test || !(train || mode == MLP_MODE_EVAL))
        return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--data: has no effect if every file has its own option; leave it out");
}

/* A preset of which no option has an effect in this mode. */
static mlp_status check_preset(const mlp_options *o, mlp_mode_kind mode, mlp_error *err) {
    if (o->preset == NULL)
        return MLP_OK;
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (o->origin[i] == MLP_FROM_PRESET && mlp_option_acts(o, i, mode))
            return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--preset: nothing that %s sets has an effect here; leave it out", o->preset);
}

mlp_status mlp_options_check(const mlp_options *o, bool resuming, mlp_error *err) {
    const mlp_mode_kind mode = mlp_options_mode(o);
    condition c;
    bool excluded;
    for (size_t i = 0; i < MLP_N_OPTIONS; i++) {
        const mlp_option *s = &mlp_option_table[i];
        if (o->origin[i] != MLP_FROM_COMMAND_LINE)
            continue;
        if ((s->modes >> mode & 1) == 0)
            return fail_mode(s, mode, err);
        if (s->once && o->repeated[i])
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: is given twice, but takes one file; run once for each", s->name);
        if (!resuming && find_obstacle(o, s, mode, &c, &excluded))
            return fail_obstacle(o, s, &c, excluded, err);
    }
    if (check_names(o, err) != MLP_OK || resuming)
        return err->status;
    if (check_data(o, mode, err) != MLP_OK)
        return err->status;
    return mode == MLP_MODE_RESUME ? MLP_OK : check_preset(o, mode, err);
}

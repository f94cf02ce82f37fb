/* options_rules.c - refuses options that have no effect in this run. */
#include "mlp/cli/options_table.h"

#include <stdio.h>
#include <string.h>

#include "mlp/state/export.h"

/* ---- modes ---- */

static const char *const mode_names[MLP_N_MODES] = {"training",         "--resume",  "--eval",     "--predict",
                                                    "--check-gradient", "--samples", "conversion", "--lesson"};

const char *mlp_mode_name(mlp_mode_kind mode) { return mode_names[mode]; }

mlp_mode_kind mlp_options_mode(const mlp_options *o) {
    if (o->lesson != NULL) return MLP_MODE_LESSON;
    if (o->check_gradient > 0) return MLP_MODE_CHECK_GRADIENT;
    if (o->samples != NULL) return MLP_MODE_SAMPLES;
    if (o->predict != NULL) return MLP_MODE_PREDICT;
    if (o->eval) return MLP_MODE_EVAL;
    if (o->resume != NULL) return MLP_MODE_RESUME;
    if (o->load != NULL && o->export != NULL && !mlp_options_given(o, "iters") && !mlp_options_given(o, "epochs"))
        return MLP_MODE_CONVERT;
    return MLP_MODE_TRAIN;
}

/* ---- conditions ---- */

/* Whether `value` is one of "a|b". */
static bool is_among(const char *value, const char *values) {
    const size_t length = strlen(value);
    for (; *values != '\0'; values += strspn(values, "|")) {
        const size_t n = strcspn(values, "|");
        if (n == length && memcmp(values, value, n) == 0) return true;
        values += n;
    }
    return false;
}

static bool holds(const mlp_options *o, const mlp_condition *c) {
    const mlp_option *s = mlp_option_find(c->option, strlen(c->option));
    const void *field = (const char *)o + s->offset;
    if (s->kind == COUNT) return *(const size_t *)field > 0;
    if (s->kind == REAL) return *(const double *)field > 0;
    if (s->kind == FLAG) return *(const bool *)field;
    const char *text = *(const char *const *)field;
    return text != NULL && (c->values == NULL || is_among(text, c->values));
}

/* The first condition of a list that applies to this mode and is true (`holding`) or is false (not `holding`); NULL:
   none. */
static const mlp_condition *find(const mlp_condition *list, const mlp_options *o, mlp_mode_kind mode, bool holding) {
    for (const mlp_condition *c = list; c->option != NULL; c++)
        if ((c->modes == 0 || (c->modes >> mode & 1) != 0) && holds(o, c) == holding) return c;
    return NULL;
}

bool mlp_option_acts(const mlp_options *o, const mlp_option *s, mlp_mode_kind mode) {
    return (s->modes >> mode & 1) != 0 && find(s->needs, o, mode, false) == NULL &&
           find(s->excludes, o, mode, true) == NULL;
}

/* ---- messages ---- */

void mlp_condition_text(char *text, size_t size, const mlp_condition *c) {
    const mlp_option *s = mlp_option_find(c->option, strlen(c->option));
    const char *value = c->values != NULL ? c->values : mlp_option_arg(s), *join = " ";
    size_t used = (size_t)snprintf(text, size, "--%s", s->name);
    while (*value != '\0' && used < size) {
        const size_t n = strcspn(value, "|");
        used += (size_t)snprintf(text + used, size - used, "%s%.*s", join, (int)n, value);
        value += n + strspn(value + n, "|");
        join = strchr(value, '|') != NULL ? ", " : " or ";
    }
}

static mlp_status fail_mode(const mlp_option *s, mlp_mode_kind mode, mlp_error *err) {
    if (mode == MLP_MODE_TRAIN)
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: needs --predict FILE; add it, or leave out --%s", s->name, s->name);
    if (mode == MLP_MODE_CONVERT)
        return mlp_fail(
            err, MLP_ERR_USAGE,
            "--%s: has no effect on a conversion (--load with --export); leave it out, or add --iters N to train",
            s->name);
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: has no effect with %s; leave it out", s->name, mode_names[mode]);
}

static mlp_status fail_need(const mlp_options *o, const mlp_option *s, const mlp_condition *c, mlp_error *err) {
    char text[128];
    if (mlp_options_given(o, c->option) && c->values == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: has no effect with --%s 0; leave out one of the two", s->name,
                        c->option);
    mlp_condition_text(text, sizeof text, c);
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: needs %s; add it, or leave out --%s", s->name, text, s->name);
}

static mlp_status fail_excluded(const mlp_option *s, const mlp_condition *c, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_USAGE, "--%s and --%s%s%s: exclude each other; give one of the two", s->name,
                    c->option, c->values == NULL ? "" : " ", c->values == NULL ? "" : c->values);
}

/* ---- checks beyond the table ---- */

/* Refuses a name that has none of the suffixes ".a|.b". Other programs load a model with `--weights model.safetensors`:
   here this must not overwrite the model. */
static mlp_status check_suffix(const char *option, const char *path, const char *suffixes, mlp_error *err) {
    for (const char *at = suffixes; path != NULL && *at != '\0'; at += strspn(at, "|")) {
        const size_t n = strcspn(at, "|"), length = strlen(path);
        if (length > n && memcmp(path + length - n, at, n) == 0) return MLP_OK;
        at += n;
    }
    return path == NULL ? MLP_OK
                        : mlp_fail(err, MLP_ERR_USAGE, "--%s: the name %s ends in none of %s", option, path, suffixes);
}

static mlp_status check_names(const mlp_options *o, mlp_error *err) {
    const char *const files[] = {o->save,   o->confusion, o->checkpoint, o->samples,
                                 o->report, o->weights,   o->mistakes,   o->fitted};
    static const char *const file_options[] = {"save",   "confusion", "checkpoint", "samples",
                                               "report", "weights",   "mistakes",   "fitted"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && strcmp(files[i], "-") == 0)
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: standard output carries the table; name a file",
                            file_options[i]);
    if (o->predict != NULL && o->load != NULL && strcmp(o->predict, "-") == 0 && strcmp(o->load, "-") == 0)
        return mlp_fail(err, MLP_ERR_USAGE, "--predict and --load: standard input cannot be both; name a file");
    MLP_TRY(check_suffix("weights", o->weights, ".png|.pgm", err));
    MLP_TRY(check_suffix("mistakes", o->mistakes, ".png|.pgm|.csv", err));
    if (o->class_names != NULL && strcmp(o->class_names, "-") == 0)
        return mlp_fail(err, MLP_ERR_USAGE, "--class-names: does not read standard input; name a file, or write a,b,c");
    char suffixes[64];
    mlp_option_names(suffixes, sizeof suffixes, mlp_export_suffix);
    return check_suffix("export", o->export, suffixes, err);
}

/* Refuses --data if each file is named by its own option. */
static mlp_status check_data(const mlp_options *o, mlp_mode_kind mode, mlp_error *err) {
    const bool test = o->test_images != NULL && o->test_labels != NULL;
    const bool train = o->train_images != NULL && o->train_labels != NULL;
    if (!mlp_options_given(o, "data") || !test || !(train || mode == MLP_MODE_EVAL)) return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE, "--data: has no effect if every file has its own option; leave it out");
}

/* Refuses a preset if none of its options has an effect in this mode. The network's options have none with a loaded
   model. */
static mlp_status check_preset(const mlp_options *o, mlp_mode_kind mode, mlp_error *err) {
    if (o->preset == NULL) return MLP_OK;
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++)
        if (mlp_option_origin(o, s) == MLP_FROM_PRESET && mlp_option_acts(o, s, mode) &&
            (o->load == NULL || s->group != NETWORK))
            return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE, "--preset: nothing that %s sets has an effect here; leave it out", o->preset);
}

static mlp_status check_option(const mlp_options *o, const mlp_option *s, mlp_mode_kind mode, bool resuming,
                               mlp_error *err) {
    const mlp_condition *need = find(s->needs, o, mode, false);
    const mlp_condition *excluded = find(s->excludes, o, mode, true);
    if ((s->modes >> mode & 1) == 0) return fail_mode(s, mode, err);
    if (s->once && o->repeated[s - mlp_option_table])
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: is given twice; name all files after one of them: --%s FILE FILE",
                        s->name, s->name);
    if (resuming || (need == NULL && excluded == NULL)) return MLP_OK;
    return need != NULL ? fail_need(o, s, need, err) : fail_excluded(s, excluded, err);
}

mlp_status mlp_options_check(const mlp_options *o, bool resuming, mlp_error *err) {
    const mlp_mode_kind mode = mlp_options_mode(o);
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++)
        if (mlp_option_origin(o, s) == MLP_FROM_COMMAND_LINE) MLP_TRY(check_option(o, s, mode, resuming, err));
    MLP_TRY(check_names(o, err));
    if (resuming) return MLP_OK;
    MLP_TRY(check_data(o, mode, err));
    return mode == MLP_MODE_RESUME ? MLP_OK : check_preset(o, mode, err);
}

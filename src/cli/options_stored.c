/* options_stored.c - the options as text in models and checkpoints. */
#include "mlp/cli/options_table.h"

#include <string.h>

/* The value as a text that can be read again; NULL for a default that depends on the data. */
static const char *stored_text(char *text, size_t size, const mlp_options *o, const mlp_option *s) {
    const bool one_epoch = s->kind == COUNT && *(const size_t *)((const char *)o + s->offset) == MLP_EVERY_EPOCH;
    return one_epoch ? NULL : mlp_option_text(text, size, o, s);
}

void mlp_options_recipe(mlp_strbuf *text, const mlp_options *o) {
    size_t n = 0;
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        char number[32];
        const char *value = stored_text(number, sizeof number, o, s);
        const bool other_length = MLP_IS(s, iters) && o->epochs > 0;
        if (!mlp_option_decides(s) || value == NULL || other_length || !mlp_option_acts(o, s, MLP_MODE_TRAIN)) continue;
        mlp_strbuf_print(text, "%s--%s %s", n++ > 0 ? " " : "", s->name, value);
    }
    if (o->load != NULL) mlp_strbuf_print(text, " --load %s", o->load);
    if (o->load != NULL && (o->pixel_mean != 0 || o->pixel_std != 1))
        mlp_strbuf_print(text, " --pixel-mean %.17g --pixel-std %.17g", o->pixel_mean, o->pixel_std);
}

/* ---- for the checkpoint ---- */

/* Whether a checkpoint has the option: every option that decides the result, and other files and numbers that the user
   set. Options that only change messages are not stored. */
static bool is_stored(const mlp_options *o, const mlp_option *s) {
    if (MLP_IS(s, resume) || MLP_IS(s, check_gradient) || MLP_IS(s, help)) return false;
    const bool lasting = s->kind == COUNT || s->kind == REAL || s->kind == TEXT;
    return mlp_option_decides(s) || MLP_IS(s, data) || MLP_IS(s, class_names) ||
           (lasting && mlp_option_origin(o, s) >= MLP_FROM_CHECKPOINT);
}

mlp_status mlp_options_store(char **words, size_t *n, const mlp_options *o, mlp_error *err) {
    mlp_strbuf text = {0};
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        char number[32];
        const char *value = stored_text(number, sizeof number, o, s);
        if (value != NULL && is_stored(o, s)) mlp_strbuf_print(&text, "--%s=%s%c", s->name, value, 0);
    }
    *words = text.at;
    *n = text.n;
    return text.failed ? mlp_fail_memory(err, "the options", text.n) : MLP_OK;
}

/* The options of a checkpoint: exact names, each with its value. */
static mlp_status read_words(mlp_options *o, const char *words, size_t n, mlp_error *err) {
    const mlp_options usual = mlp_options_defaults();
    *o = usual;
    for (const char *word = words; word < words + n; word += strlen(word) + 1) {
        const char *equals = strchr(word, '=');
        const mlp_option *s = strncmp(word, "--", 2) == 0 && equals != NULL
                                  ? mlp_option_find(word + 2, (size_t)(equals - word) - 2)
                                  : NULL;
        if (s == NULL) return mlp_fail(err, MLP_ERR_FORMAT, "'%.64s' is no option", word);
        if (mlp_option_origin(o, s) != MLP_FROM_DEFAULT)
            return mlp_fail(err, MLP_ERR_FORMAT, "--%s is there twice", s->name);
        MLP_TRY(mlp_option_set(o, s, equals + 1, MLP_FROM_CHECKPOINT, err));
        if (!is_stored(o, s)) return mlp_fail(err, MLP_ERR_FORMAT, "--%s is of no run", s->name);
    }
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        char text[32];
        if (mlp_option_decides(s) && mlp_option_origin(o, s) == MLP_FROM_DEFAULT &&
            stored_text(text, sizeof text, &usual, s) != NULL)
            return mlp_fail(err, MLP_ERR_FORMAT, "--%s is missing", s->name);
    }
    if (o->early_stop > 0 && (o->validation <= 0 || o->eval_every == 0))
        return mlp_fail(err, MLP_ERR_FORMAT, "--early-stop is without evaluations to watch");
    return MLP_OK;
}

static bool is_length(const mlp_option *s) { return MLP_IS(s, iters) || MLP_IS(s, epochs); }

static mlp_status check_same(const mlp_options *now, const mlp_options *then, const mlp_option *s, mlp_error *err) {
    char text[32], then_text[32];
    const char *value = mlp_option_text(text, sizeof text, now, s);
    const char *then_value = mlp_option_text(then_text, sizeof then_text, then, s);
    if (then_value != NULL && value != NULL && strcmp(value, then_value) == 0) return MLP_OK;
    return mlp_fail(
        err, MLP_ERR_USAGE,
        "--%s%s: %s would change the run of %s, which has %s; leave it out, or start a new run without --resume",
        mlp_option_origin(now, s) == MLP_FROM_PRESET ? "preset: its --" : "", s->name, value == NULL ? "none" : value,
        now->resume, then_value == NULL ? "none" : then_value);
}

static void copy_field(mlp_options *to, const mlp_options *from, const mlp_option *s) {
    static const size_t sizes[] = {[COUNT] = sizeof(size_t),
                                   [REAL] = sizeof(double),
                                   [NAME] = sizeof(char *),
                                   [TEXT] = sizeof(char *),
                                   [FLAG] = sizeof(bool)};
    memcpy((char *)to + s->offset, (const char *)from + s->offset, sizes[s->kind]);
}

mlp_status mlp_options_resume(mlp_options *options, mlp_options *then, const char *words, size_t n, mlp_error *err) {
    const mlp_options now = *options;
    mlp_error wrong = {0};
    if (read_words(then, words, n, &wrong) != MLP_OK)
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: is a damaged checkpoint: its options: %s; use an older copy of it, or start again without --resume",
            now.resume, wrong.message);
    *options = *then;
    if (mlp_options_given(&now, "data")) /* then none of the four files is taken from the checkpoint */
        options->train_images = options->train_labels = options->test_images = options->test_labels = NULL;
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_OPTIONS; s++) {
        if (mlp_option_origin(&now, s) == MLP_FROM_DEFAULT) continue;
        if ((mlp_option_decides(s) && !is_length(s)) || MLP_IS(s, load)) MLP_TRY(check_same(&now, then, s, err));
        copy_field(options, &now, s);
        options->origin[s - mlp_option_table] = now.origin[s - mlp_option_table];
        options->repeated[s - mlp_option_table] = now.repeated[s - mlp_option_table];
        if (is_length(s)) {
            options->iters = now.iters;
            options->epochs = now.epochs;
        }
    }
    return mlp_options_check(options, false, err);
}

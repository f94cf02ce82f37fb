/* options_rules.c - which options act in which mode, and what they need or exclude. */
#include "mlp/cli/options_rules.h"

#include <string.h>

#include "mlp/cli/options_table.h"
#include "mlp/state/export.h"

bool mlp_options_convert(const mlp_options *o) {
    return o->load != NULL && o->export != NULL && o->resume == NULL &&
           !mlp_options_given(o, "iters") &&
           !mlp_options_given(o, "epochs"); /* the other modes write none */
}

/* In a mode that does not train, an option that it does not heed would promise something. `heeded`
   ends with NULL. */
static mlp_status check_heeded(const mlp_options *o, const char *mode, const char *const *heeded,
                               mlp_error *err) {
    for (const mlp_option *s = mlp_option_table; s < mlp_option_table + MLP_N_ROWS; s++) {
        const char *const *name = heeded;
        while (*name != NULL && strcmp(*name, s->name) != 0)
            name++;
        if (!mlp_option_is_group(s) && *name == NULL && o->given[s - mlp_option_table])
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: has no effect on %s; leave it out", s->name,
                            mode);
    }
    return MLP_OK;
}

static mlp_status check_predict(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {"predict",    "fit",     "load",  "hidden",
                                         "activation", "loss",    "quiet", "first-layer",
                                         "threads",    "verbose", NULL};
    if (o->fit && o->predict == NULL)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--fit: is for images to recognise; add --predict FILE");
    if (o->predict == NULL)
        return MLP_OK;
    if (o->load == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--predict: asks a model; add --load FILE");
    if (strcmp(o->predict, "-") == 0 && strcmp(o->load, "-") == 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--predict and --load: standard input cannot be both; name a file");
    return check_heeded(o, "--predict", heeded, err);
}

static mlp_status check_eval(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {"eval",        "load",       "data",        "test-images",
                                         "test-labels", "test-limit", "confusion",   "hidden",
                                         "activation",  "loss",       "first-layer", "threads",
                                         "quiet",       "verbose",    NULL};
    if (!o->eval)
        return MLP_OK;
    if (o->load == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--eval: judges a model; add --load FILE");
    return check_heeded(o, "--eval", heeded, err);
}

static mlp_status check_gradient_check(const mlp_options *o, mlp_error *err) {
    if (o->check_gradient > 0 && o->csv != NULL)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--csv: the gradient check writes none; leave out --csv");
    if (o->check_gradient > 0 && (o->checkpoint != NULL || o->resume != NULL))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: the gradient check does not train; leave it out",
                        o->checkpoint != NULL ? "checkpoint" : "resume");
    if (o->check_gradient > 0 && (o->save != NULL || o->export != NULL || o->confusion != NULL))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: the gradient check writes none; leave it out",
                        o->save != NULL     ? "save"
                        : o->export != NULL ? "export"
                                            : "confusion");
    return MLP_OK;
}

static mlp_status check_samples(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {
        "samples",     "data",        "train-images", "train-labels",  "test-images",
        "test-labels", "train-limit", "seed",         "augment",       "rotate",
        "scale",       "shear",       "shift",        "elastic-alpha", "elastic-sigma",
        "preset",      "threads",     "quiet",        "verbose",       NULL};
    return o->samples == NULL ? MLP_OK : check_heeded(o, "--samples", heeded, err);
}

static mlp_status check_export(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {"load",  "export",  "activation", "hidden",
                                         "quiet", "verbose", NULL};
    char suffixes[64];
    if (o->export == NULL)
        return MLP_OK;
    mlp_option_names(suffixes, sizeof suffixes, mlp_export_suffix);
    if (mlp_export_find(o->export) == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--export: the name %s ends in none of %s", o->export,
                        suffixes);
    if (!mlp_options_convert(o))
        return MLP_OK;
    return check_heeded(o, "--load with --export, which train nothing without --iters", heeded,
                        err);
}

/* What is not to train has no use for what training takes. */
mlp_status mlp_options_check_modes(const mlp_options *o, mlp_error *err) {
    mlp_status status = check_predict(o, err);
    if (status == MLP_OK)
        status = check_eval(o, err);
    if (status == MLP_OK)
        status = check_samples(o, err);
    if (status == MLP_OK)
        status = check_gradient_check(o, err);
    return status == MLP_OK ? check_export(o, err) : status;
}

/* What no single option can tell. */
mlp_status mlp_options_check(const mlp_options *o, mlp_error *err) {
    if (o->early_stop > 0 && o->validation <= 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--early-stop: watches a validation part; add --validation 0.1");
    if (o->early_stop > 0 && o->eval_every == 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--early-stop: needs evaluations; leave out --eval-every 0");
    if (strcmp(o->first_layer, "sparse") == 0 &&
        (strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0))
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--first-layer: the numerical gradient works on the dense one; leave out "
                        "--first-layer sparse");
    if (o->quiet && o->verbose)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--quiet and --verbose: contradict each other; give one");
    const char *const files[] = {o->save, o->confusion, o->checkpoint, o->samples};
    static const char *const file_options[] = {"save", "confusion", "checkpoint", "samples"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && strcmp(files[i], "-") == 0)
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: standard output carries the table; name a file",
                            file_options[i]);
    if (o->checkpoint == NULL && mlp_options_given(o, "checkpoint-every"))
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--checkpoint-every: there is none to write; add --checkpoint FILE");
    return mlp_options_check_modes(o, err);
}

/* run.c - from options to data and network. Prints nothing. */
#include "mlp/cli/run.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/processors.h"
#include "mlp/cli/inputs.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/settings.h"
#include "mlp/data/checks.h"
#include "mlp/state/export.h"

/* Whether to skip zeros: where it is asked for, or the model was trained so, or it pays. */
static mlp_status choose_first_layer(const mlp_run *run, bool *sparse, mlp_error *err) {
    const double worth_it = 0.3; /* density below which it is faster: make bench-scale */
    const mlp_options *o = &run->options;
    const mlp_dataset *main_set = o->eval ? &run->test : &run->train;
    const bool numerical = strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0;
    const bool possible = main_set->bytes != NULL && run->test.bytes != NULL;
    const bool automatic = strcmp(o->first_layer, "auto") == 0;
    const char *layer = automatic && run->model.first_layer != NULL ? run->model.first_layer : o->first_layer;
    *sparse = strcmp(layer, "sparse") == 0 ||
              (strcmp(layer, "auto") == 0 && possible && mlp_dataset_density(main_set) <= worth_it);
    if (*sparse && !possible && !automatic)
        return mlp_fail(
            err, MLP_ERR_USAGE,
            "--first-layer: sparse needs pixels stored as bytes, but these are numbers of another type; use dense");
    *sparse = *sparse && possible && !numerical;
    return MLP_OK;
}

static mlp_status compress(mlp_run *run, mlp_error *err) {
    bool sparse;
    MLP_TRY(choose_first_layer(run, &sparse, err));
    if (!sparse) return MLP_OK;
    if (!run->options.eval) MLP_TRY(mlp_dataset_compress(&run->train, run->team, err));
    return mlp_dataset_compress(&run->test, run->team, err);
}

/* Only a picture can be distorted. */
static mlp_status check_augment(const mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_dataset *set = &run->train;
    const char *option = o->samples != NULL ? "samples" : "augment";
    if (o->eval || (o->samples == NULL && strcmp(o->augment, "none") == 0)) return MLP_OK;
    if (set->bytes == NULL)
        return mlp_fail(
            err, MLP_ERR_USAGE,
            "--%s: distorts images of bytes, but these are numbers of another type; leave it out, or convert them",
            option);
    if (set->rows == 1 || set->cols == 1)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: distorts images, but these are vectors of %zu numbers; leave it out, or write them as "
                        "images [n x rows x columns]",
                        option, set->n_pixels);
    if (set->rows > MLP_AUGMENT_MAX_SIDE || set->cols > MLP_AUGMENT_MAX_SIDE)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: distorts images of at most %d x %d pixels, but these have %zu x %zu; leave it out",
                        option, MLP_AUGMENT_MAX_SIDE, MLP_AUGMENT_MAX_SIDE, set->rows, set->cols);
    return MLP_OK;
}

bool mlp_run_loads(const mlp_run *run) { return run->options.load != NULL && run->options.resume == NULL; }

/* No more threads than processors: they would only take turns. Results do not depend on the number. */
static mlp_status start_team(mlp_run *run, mlp_error *err) {
    const int asked = (int)run->options.threads, processors = mlp_processors();
    const int wanted = asked < processors ? asked : processors;
    const mlp_status status = mlp_team_create(&run->team, wanted, err);
    const int threads = mlp_team_threads(run->team);
    if (status == MLP_OK && threads < wanted && mlp_options_given(&run->options, "threads"))
        mlp_warn(&run->warnings, "--threads: the system starts no more than %d of %d threads; the results are the same",
                 threads, wanted);
    return status;
}

mlp_status mlp_run_open_model(mlp_run *run, mlp_error *err) {
    MLP_TRY(start_team(run, err));
    return mlp_inputs_open_model(run, err);
}

mlp_status mlp_run_open(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    MLP_TRY(mlp_run_open_model(run, err));
    MLP_TRY(mlp_inputs_find(run, err));
    MLP_TRY(mlp_outputs_check(run, err));
    MLP_TRY(mlp_inputs_open_data(run, err));
    MLP_TRY(check_augment(run, err));
    if (o->report != NULL) MLP_NEW(run->history, 1, 1, "the report", err);
    if (o->train_limit > 0 && !o->eval) mlp_dataset_limit(&run->train, o->train_limit);
    if (o->test_limit > 0) mlp_dataset_limit(&run->test, o->test_limit);
    MLP_TRY(mlp_check_data(o->eval ? NULL : &run->train, &run->test, &run->paths, &run->warnings, err));
    MLP_TRY(compress(run, err));
    if (o->validation <= 0 || o->eval) return MLP_OK;
    if (run->train.n < 2)
        return mlp_fail(err, MLP_ERR_USAGE, "--validation: one example cannot be split in two; leave it out");
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_SPLIT);
    return mlp_dataset_split(&run->train, &run->validation, o->validation, &rng, err);
}

mlp_status mlp_run_build(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_shape shape = {run->test.n_pixels, o->hidden,
                             run->model.n_out > 0 ? run->model.n_out : run->train.n_classes,
                             run->test.compressed != NULL};
    MLP_TRY(mlp_network_create(&run->net, shape, mlp_activation_find(o->activation), mlp_loss_find(o->loss), err));
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_INIT);
    if (mlp_run_loads(run))
        mlp_model_copy(&run->net, &run->model);
    else
        mlp_network_init(&run->net, mlp_init_find(o->init), o->init_std, &rng);
    if (!o->eval) run->settings = mlp_settings(o, run->train.n);
    return o->export == NULL ? MLP_OK : mlp_export_check(o->export, &run->net, err);
}

void mlp_run_free(mlp_run *run) {
    mlp_trainer_free(&run->trainer);
    mlp_team_free(run->team);
    mlp_network_free(&run->net);
    mlp_dataset_free(&run->validation);
    mlp_dataset_free(&run->train);
    mlp_dataset_free(&run->test);
    mlp_dataset_paths_free(&run->paths);
    mlp_model_free(&run->model);
    mlp_metadata_free(&run->metadata);
    mlp_checkpoint_free(&run->checkpoint);
    mlp_safetensors_free(&run->resumed.file);
    mlp_warnings_free(&run->warnings);
    mlp_history_free(run->history);
    free(run->history);
}

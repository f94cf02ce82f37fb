/* run.c - from options to open data sets and a network. Prints nothing. */
#include "mlp/cli/run.h"
#include "mlp/cli/options_stored.h"
#include "mlp/cli/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mlp/cli/outputs.h"
#include "mlp/state/export.h"

/* ---- files ---- */

static mlp_status copy(char **to, const char *text, mlp_error *err) {
    *to = text == NULL ? NULL : strdup(text);
    return text != NULL && *to == NULL ? mlp_fail_memory(err, text, strlen(text)) : MLP_OK;
}

static mlp_status find_files(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    if (copy(&run->paths.train_images, o->train_images, err) != MLP_OK ||
        copy(&run->paths.train_labels, o->train_labels, err) != MLP_OK ||
        copy(&run->paths.test_images, o->test_images, err) != MLP_OK ||
        copy(&run->paths.test_labels, o->test_labels, err) != MLP_OK)
        return MLP_ERR_MEMORY;
    mlp_error missing = {0};
    const mlp_status status = mlp_dataset_find(&run->paths, o->data, o->eval, &missing);
    if (status == MLP_OK)
        return MLP_OK;
    return mlp_fail(err, status,
                    "%s; get MNIST with scripts/fetch-mnist.sh, or use --data data/digits",
                    missing.message);
}

bool mlp_run_loads(const mlp_run *run) {
    return run->options.load != NULL && run->options.resume == NULL;
}

/* Whether reading `path` takes it away from others: standard input, a pipe. */
static bool is_stream(const char *path, struct stat *info) {
    if (strcmp(path, "-") == 0)
        return fstat(STDIN_FILENO, info) == 0;
    return stat(path, info) == 0 && (S_ISFIFO(info->st_mode) || S_ISSOCK(info->st_mode));
}

/* A stream can be read once. */
static mlp_status check_inputs(const mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const struct {
        const char *option, *path;
    } inputs[] = {{"resume", o->resume},
                  {"load", mlp_run_loads(run) ? o->load : NULL},
                  {"train-images", run->paths.train_images},
                  {"train-labels", run->paths.train_labels},
                  {"test-images", run->paths.test_images},
                  {"test-labels", run->paths.test_labels}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        for (size_t k = 0; k < i; k++) {
            struct stat a, b;
            if (inputs[i].path != NULL && inputs[k].path != NULL && is_stream(inputs[i].path, &a) &&
                is_stream(inputs[k].path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
                return mlp_fail(err, MLP_ERR_USAGE,
                                "--%s: %s is what --%s reads, and can be read once; name a file",
                                inputs[i].option, inputs[i].path, inputs[k].option);
        }
    return MLP_OK;
}

/* ---- the model to start from ---- */

/* An option's default gives way to what the model has; a value that contradicts it is refused. */
static mlp_status adopt(mlp_run *run, mlp_error *err) {
    mlp_options *o = &run->options;
    const mlp_model *model = &run->model;
    const char *const of_the_start[] = {"init", "init-std"};
    for (size_t i = 0; i < 2; i++)
        if (mlp_options_given(o, of_the_start[i]))
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: the weights come from %s; leave it out",
                            of_the_start[i], model->name);
    if (mlp_options_given(o, "hidden") && o->hidden != model->n_hidden)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--hidden: %zu, but %s has %zu hidden units; leave it out", o->hidden,
                        model->name, model->n_hidden);
    o->hidden = model->n_hidden;
    if (mlp_options_given(o, "activation")) {
        if (model->activation != NULL && strcmp(o->activation, model->activation->name) != 0)
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--activation: %s, but %s was trained with %s; leave it out",
                            o->activation, model->name, model->activation->name);
    } else if (model->activation == NULL) {
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--activation: %s does not say which it was trained with; add "
                        "--activation sigmoid, or another that --help names",
                        model->name);
    } else {
        o->activation = model->activation->name;
    }
    if (!mlp_options_given(o, "loss") && model->loss != NULL)
        o->loss = model->loss->name;
    return MLP_OK;
}

/* Whether the model can judge these images, and its classes hold all labels. */
static mlp_status match(const mlp_model *model, const mlp_dataset *set, const char *images_path,
                        const char *labels_path, mlp_error *err) {
    const bool vectors = set->rows == 1 || model->rows == 1; /* whose shape is not known */
    if (set->n_pixels != model->n_in || (!vectors && set->rows != model->rows))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds images of %zu x %zu pixels, but %s was trained on %zu x %zu; "
                        "name its data, or another model",
                        images_path, set->rows, set->cols, model->name, model->rows, model->cols);
    for (size_t i = 0; i < set->n && set->n_classes > model->n_out; i++)
        if (set->labels[i] >= model->n_out)
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: label %zu is %d, but the classes of %s end at %zu; name its data, "
                            "or another model",
                            labels_path, i, set->labels[i], model->name, model->n_out - 1);
    return mlp_model_check_pixels(model, set, images_path, err);
}

mlp_status mlp_run_open_model(mlp_run *run, mlp_error *err) {
    mlp_status status = mlp_team_create(&run->team, (int)run->options.threads, err);
    if (status != MLP_OK || !mlp_run_loads(run))
        return status;
    status = mlp_model_read(&run->model, run->options.load, &run->warnings, err);
    return status == MLP_OK ? adopt(run, err) : status;
}

/* ---- data ---- */

/* Two data sets, a piece of work each: while one thread inflates the train images another reads
   the test set. */
typedef struct open_job {
    mlp_run *run;
    mlp_warnings warnings[2];
    mlp_error errors[2];
} open_job;

static void open_set(void *context, size_t piece, int thread) {
    open_job *job = context;
    const mlp_dataset_paths *paths = &job->run->paths;
    (void)thread;
    if (piece == 0 && !job->run->options.eval)
        mlp_dataset_open(&job->run->train, paths->train_images, paths->train_labels,
                         &job->warnings[0], &job->errors[0]);
    else
        mlp_dataset_open(&job->run->test, paths->test_images, paths->test_labels, &job->warnings[1],
                         &job->errors[1]);
}

static mlp_status open_sets(mlp_run *run, mlp_error *err) {
    const mlp_dataset_paths *paths = &run->paths;
    const bool loaded = mlp_run_loads(run);
    open_job job = {.run = run};
    mlp_team_run(run->team, open_set, &job, run->options.eval ? 1 : 2);
    for (int i = 0; i < 2; i++)
        mlp_warnings_move(&run->warnings, &job.warnings[i]);
    for (int i = 0; i < 2; i++)
        if (job.errors[i].status != MLP_OK)
            return mlp_fail(err, job.errors[i].status, "%s", job.errors[i].message);
    mlp_status status = MLP_OK;
    if (!run->options.eval)
        status =
            mlp_dataset_match(&run->train, &run->test, paths->test_images, paths->test_labels, err);
    if (status == MLP_OK && loaded && !run->options.eval)
        status = match(&run->model, &run->train, paths->train_images, paths->train_labels, err);
    if (status == MLP_OK && loaded)
        status = match(&run->model, &run->test, paths->test_images, paths->test_labels, err);
    return status;
}

/* Whether to skip zeros: where it is asked for, or the model was trained so, or it pays. */
static mlp_status choose_first_layer(const mlp_run *run, bool *sparse, mlp_error *err) {
    const double worth_it = 0.3; /* density below which it is faster: make bench-scale */
    const mlp_options *o = &run->options;
    const mlp_dataset *main_set = o->eval ? &run->test : &run->train;
    const bool numerical = strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0;
    const bool possible = main_set->bytes != NULL && run->test.bytes != NULL;
    const bool automatic = strcmp(o->first_layer, "auto") == 0;
    const char *layer =
        automatic && run->model.first_layer != NULL ? run->model.first_layer : o->first_layer;
    *sparse = strcmp(layer, "sparse") == 0 ||
              (strcmp(layer, "auto") == 0 && possible && mlp_dataset_density(main_set) <= worth_it);
    if (*sparse && !possible && !automatic)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--first-layer: sparse needs pixels stored as bytes, but these are numbers "
                        "of another type; use dense");
    *sparse = *sparse && possible && !numerical;
    return MLP_OK;
}

static mlp_status compress(mlp_run *run, mlp_error *err) {
    bool sparse;
    mlp_status status = choose_first_layer(run, &sparse, err);
    if (status == MLP_OK && sparse && !run->options.eval)
        status = mlp_dataset_compress(&run->train, run->team, err);
    if (status == MLP_OK && sparse)
        status = mlp_dataset_compress(&run->test, run->team, err);
    return status;
}

/* Only a picture can be distorted. */
static mlp_status check_augment(const mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_dataset *set = &run->train;
    const char *option = o->samples != NULL ? "samples" : "augment";
    if (o->eval || (o->samples == NULL && strcmp(o->augment, "none") == 0))
        return MLP_OK;
    if (set->bytes == NULL)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: distorts images of bytes, but these are numbers of another type; "
                        "leave it out, or convert them",
                        option);
    if (set->rows == 1 || set->cols == 1)
        return mlp_fail(
            err, MLP_ERR_USAGE,
            "--%s: distorts images, but these are vectors of %zu numbers; leave it out, "
            "or write them as images [n x rows x columns]",
            option, set->n_pixels);
    if (set->rows > MLP_AUGMENT_MAX_SIDE || set->cols > MLP_AUGMENT_MAX_SIDE)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: distorts images of at most %d x %d pixels, but these have %zu x "
                        "%zu; leave it out",
                        option, MLP_AUGMENT_MAX_SIDE, MLP_AUGMENT_MAX_SIDE, set->rows, set->cols);
    return MLP_OK;
}

mlp_status mlp_run_open(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_status status = mlp_run_open_model(run, err);
    if (status == MLP_OK)
        status = find_files(run, err);
    if (status == MLP_OK)
        status = check_inputs(run, err);
    if (status == MLP_OK)
        status = mlp_outputs_check(run, err);
    if (status == MLP_OK)
        status = open_sets(run, err);
    if (status == MLP_OK)
        status = check_augment(run, err);
    if (status != MLP_OK)
        return status;
    if (o->train_limit > 0 && !o->eval)
        mlp_dataset_limit(&run->train, o->train_limit);
    if (o->test_limit > 0)
        mlp_dataset_limit(&run->test, o->test_limit);
    if (o->validation > 0 && !o->eval && run->train.n < 2)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--validation: one example cannot be split in two; leave it out");
    status = compress(run, err);
    if (status != MLP_OK || o->validation <= 0 || o->eval)
        return status;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_SPLIT);
    return mlp_dataset_split(&run->train, &run->validation, o->validation, &rng, err);
}

mlp_status mlp_run_build(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_shape shape = {run->test.n_pixels, o->hidden,
                             run->model.n_out > 0 ? run->model.n_out : run->train.n_classes,
                             run->test.compressed != NULL};
    mlp_status status = mlp_network_create(&run->net, shape, mlp_activation_find(o->activation),
                                           mlp_loss_find(o->loss), err);
    if (status != MLP_OK)
        return status;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_INIT);
    if (mlp_run_loads(run))
        mlp_model_copy(&run->net, &run->model);
    else
        mlp_network_init(&run->net, mlp_init_find(o->init), o->init_std, &rng);
    if (!o->eval)
        run->settings = mlp_settings(o, run->train.n);
    return o->export == NULL ? MLP_OK : mlp_export_check(o->export, &run->net, err);
}

/* ---- what is left behind ---- */

/* Of a model that PyTorch has trained, nothing more is known. */
static mlp_status describe_loaded(mlp_run *run, mlp_error *err) {
    const mlp_about about = {.rows = run->model.rows,
                             .cols = run->model.cols,
                             .bytes = run->model.bytes,
                             .program = "mlp-train " MLP_VERSION};
    return mlp_metadata_create(&run->metadata, &run->net, &about, err);
}

static mlp_status describe(mlp_run *run, mlp_error *err) {
    const mlp_event *result = &run->trainer.result;
    mlp_about about = {.rows = run->train.rows,
                       .cols = run->train.cols,
                       .bytes = run->train.bytes != NULL,
                       .program = "mlp-train " MLP_VERSION,
                       .seed = run->options.seed,
                       .iterations = result->iteration,
                       .train = result->train,
                       .test = result->test};
    mlp_strbuf recipe = {0};
    mlp_options_recipe(&recipe, &run->options);
    about.options = recipe.at;
    const mlp_status status = recipe.failed
                                  ? mlp_fail_memory(err, "the metadata", recipe.n)
                                  : mlp_metadata_create(&run->metadata, &run->net, &about, err);
    mlp_strbuf_free(&recipe);
    return status;
}

mlp_status mlp_run_describe(mlp_run *run, const mlp_pair **pairs, size_t *n, mlp_error *err) {
    const mlp_safetensors *loaded = &run->model.file;
    if (run->trainer.result.iteration == 0 && mlp_model_is_ours(&run->model.file)) {
        *pairs = loaded->pairs;
        *n = loaded->n_pairs;
        return MLP_OK;
    }
    const mlp_status status = run->metadata.n > 0 ? MLP_OK
                              : run->train.n == 0 ? describe_loaded(run, err)
                                                  : describe(run, err);
    *pairs = run->metadata.pairs;
    *n = run->metadata.n;
    return status;
}

mlp_status mlp_run_save(mlp_run *run, const char *path, mlp_error *err) {
    const mlp_pair *pairs;
    size_t n;
    const mlp_status status = mlp_run_describe(run, &pairs, &n, err);
    return status == MLP_OK ? mlp_model_write(path, &run->net, pairs, n, err) : status;
}

mlp_status mlp_run_export(mlp_run *run, const char *path, mlp_error *err) {
    const mlp_pair *pairs;
    size_t n;
    const mlp_status status = mlp_run_describe(run, &pairs, &n, err);
    return status == MLP_OK ? mlp_export_write(path, &run->net, pairs, n, err) : status;
}

mlp_status mlp_run_convert(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_model *model = &run->model;
    mlp_status status = mlp_run_open_model(run, err);
    if (status == MLP_OK)
        status = mlp_outputs_check(run, err);
    if (status == MLP_OK)
        status = mlp_network_create(
            &run->net, (mlp_shape){model->n_in, model->n_hidden, model->n_out, false},
            mlp_activation_find(o->activation), mlp_loss_find(o->loss), err);
    if (status != MLP_OK)
        return status;
    mlp_model_copy(&run->net, model);
    return mlp_run_export(run, o->export, err);
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
    free(run->resumed.words);
    mlp_warnings_free(&run->warnings);
}

/* run.c - opens model, data and network as the options ask. Prints nothing. */
#include "mlp/cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mlp/base/memory.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/page.h"
#include "mlp/data/augment.h"
#include "mlp/data/checks.h"
#include "mlp/state/export.h"

/* ---- team and model ---- */

bool mlp_run_loads(const mlp_run *run) { return run->options.load != NULL && run->options.resume == NULL; }

/* Replaces the defaults of options by the model's values; refuses a typed value that contradicts the model. */
static mlp_status adopt(mlp_run *run, mlp_error *err) {
    mlp_options *o = &run->options;
    const mlp_model *model = &run->model;
    const char *const of_the_start[] = {"init", "init-std"};
    for (size_t i = 0; i < 2; i++)
        if (mlp_options_given(o, of_the_start[i]))
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: the weights come from %s; leave it out", of_the_start[i],
                            model->name);
    if (mlp_options_given(o, "hidden") && o->hidden != model->n_hidden)
        return mlp_fail(err, MLP_ERR_USAGE, "--hidden: %zu, but %s has %zu hidden units; leave it out", o->hidden,
                        model->name, model->n_hidden);
    o->hidden = model->n_hidden;
    if (mlp_options_given(o, "activation")) {
        if (model->activation != NULL && strcmp(o->activation, model->activation->name) != 0)
            return mlp_fail(err, MLP_ERR_USAGE, "--activation: %s, but %s was trained with %s; leave it out",
                            o->activation, model->name, model->activation->name);
    } else if (model->activation == NULL) {
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--activation: %s does not say which it was trained with; add --activation sigmoid, or another "
                        "that --help names",
                        model->name);
    } else {
        o->activation = model->activation->name;
    }
    if (!mlp_options_given(o, "loss") && model->loss != NULL) o->loss = model->loss->name;
    if (o->transpose == NULL && model->transposed) o->transpose = "yes";
    mlp_model_set_scale(&run->model, o->pixel_mean, o->pixel_std);
    return MLP_OK;
}

/* Sets the names of the classes: from the command line or the checkpoint, else from the model. */
static mlp_status name_classes(mlp_run *run, mlp_error *err) {
    const mlp_model *model = &run->model;
    const size_t n = model->n_out > 0 ? model->n_out : run->train.n_classes;
    mlp_strbuf source = {0};
    if (run->options.class_names != NULL) return mlp_class_names_read(&run->names, run->options.class_names, n, err);
    if (model->class_names == NULL) return MLP_OK;
    mlp_strbuf_print(&source, "%s: " MLP_CLASS_NAMES_KEY " in its metadata", model->name);
    const mlp_status status = source.failed ? mlp_fail_memory(err, "the names of the classes", source.n)
                                            : mlp_class_names_parse(&run->names, model->class_names, n, source.at, err);
    mlp_strbuf_free(&source);
    return status;
}

/* Starts at most one thread for each processor: more would be slower. Results do not depend on the number. */
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
    if (!mlp_run_loads(run)) return MLP_OK;
    MLP_TRY(mlp_model_read(&run->model, run->options.load, &run->warnings, err));
    MLP_TRY(adopt(run, err));
    return name_classes(run, err);
}

/* ---- data files ---- */

/* Whether nothing is found in `dir` because of its permissions. */
static bool is_forbidden(const char *dir) {
    struct stat info;
    if (stat(dir, &info) != 0) return errno == EACCES;
    return S_ISDIR(info.st_mode) && access(dir, X_OK) != 0;
}

/* Sets the names of the data files: those of the options, and for the others the files in the directory of --data. */
static mlp_status find_data(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_error missing = {0};
    const char *const named[] = {o->train_images, o->train_labels, o->test_images, o->test_labels};
    char **const paths[] = {&run->paths.train_images, &run->paths.train_labels, &run->paths.test_images,
                            &run->paths.test_labels};
    for (size_t i = 0; i < 4; i++)
        if (named[i] != NULL && (*paths[i] = strdup(named[i])) == NULL)
            return mlp_fail_memory(err, named[i], strlen(named[i]));
    const mlp_status status = mlp_dataset_find(&run->paths, o->data, o->eval, &missing);
    if (status == MLP_OK) return MLP_OK;
    if (status != MLP_ERR_IO || is_forbidden(o->data)) return mlp_fail(err, status, "%s", missing.message);
    return mlp_fail(err, status, "%s; get MNIST with " MLP_SCRIPTS "/fetch-mnist.sh, or use --data " MLP_DIGITS,
                    missing.message);
}

/* Whether `path` can be read only once: standard input, a pipe. */
static bool is_stream(const char *path, struct stat *info) {
    if (strcmp(path, "-") == 0) return fstat(STDIN_FILENO, info) == 0;
    return stat(path, info) == 0 && (S_ISFIFO(info->st_mode) || S_ISSOCK(info->st_mode));
}

/* Two inputs must not be the same stream. */
static mlp_status check_streams(const mlp_run *run, mlp_error *err) {
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
                return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is what --%s reads, and can be read once; name a file",
                                inputs[i].option, inputs[i].path, inputs[k].option);
        }
    return MLP_OK;
}

/* Checks that the images have the model's size, and that the model has a class for each label. */
static mlp_status match(const mlp_model *model, const mlp_dataset *set, const char *images_path,
                        const char *labels_path, mlp_error *err) {
    const bool vectors = set->rows == 1 || model->rows == 1; /* the rows and columns of vectors are not known */
    if (set->n_pixels != model->n_in || (!vectors && set->rows != model->rows))
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: holds images of %zu x %zu pixels, but %s was trained on %zu x %zu; name its data, or another model",
            images_path, set->rows, set->cols, model->name, model->rows, model->cols);
    for (size_t i = 0; i < set->n && set->n_classes > model->n_out; i++)
        if (set->labels[i] >= model->n_out)
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: label %zu is %d, but the classes of %s end at %zu; name its data, or another model",
                            labels_path, i, set->labels[i], model->name, model->n_out - 1);
    return mlp_model_check_pixels(model, set, images_path, err);
}

/* Two datasets, one piece of work each: two threads decompress them at the same time. With one thread, the train set is
   first. */
typedef struct open_job {
    mlp_run *run;
    mlp_warnings warnings[2];
    mlp_error errors[2];
} open_job;

static void open_set(void *context, size_t piece, int thread) {
    open_job *job = context;
    const mlp_dataset_paths *paths = &job->run->paths;
    const bool train = piece == 0 && !job->run->options.eval;
    const char *transpose = job->run->options.transpose;
    const char *images = train ? paths->train_images : paths->test_images;
    const char *labels = train ? paths->train_labels : paths->test_labels;
    mlp_dataset *set = train ? &job->run->train : &job->run->test;
    mlp_error *err = &job->errors[train ? 0 : 1];
    (void)thread;
    const mlp_status status = mlp_dataset_open(set, images, labels, &job->warnings[train ? 0 : 1], err);
    if (status == MLP_OK && transpose != NULL && strcmp(transpose, "yes") == 0) mlp_dataset_transpose(set, images, err);
}

/* Checks the data: refuses or warns. */
static mlp_status check_data(mlp_run *run, mlp_error *err) {
    const mlp_model *model = &run->model;
    const mlp_dataset *train = run->options.eval ? NULL : &run->train;
    const char *path = train == NULL ? run->paths.test_images : run->paths.train_images;
    const size_t before = run->warnings.n;
    const bool own_scale = model->has_pixels || (mlp_run_loads(run) && mlp_model_is_scaled(model));
    MLP_TRY(mlp_check_pixels(train, &run->test, &run->paths, model->has_pixels ? &model->pixels : NULL,
                             own_scale ? model->name : NULL, &run->warnings, err));
    run->odd_pixels = run->warnings.n > before;
    if (model->transposed && !mlp_options_given(&run->options, "transpose"))
        mlp_check_transposed(path, model->name, &run->warnings);
    return mlp_check_labels(train, &run->test, &run->paths, &run->warnings, err);
}

static mlp_status open_data(mlp_run *run, mlp_error *err) {
    const mlp_dataset_paths *paths = &run->paths;
    open_job job = {.run = run};
    mlp_team_run(run->team, open_set, &job, run->options.eval ? 1 : 2);
    for (int i = 0; i < 2; i++) mlp_warnings_move(&run->warnings, &job.warnings[i]);
    for (int i = 0; i < 2; i++)
        if (job.errors[i].status != MLP_OK) return mlp_fail(err, job.errors[i].status, "%s", job.errors[i].message);
    if (!run->options.eval) {
        MLP_TRY(mlp_dataset_match(&run->train, &run->test, paths->test_images, paths->test_labels, err));
        if (mlp_run_loads(run)) MLP_TRY(match(&run->model, &run->train, paths->train_images, paths->train_labels, err));
    }
    if (!mlp_run_loads(run)) return MLP_OK;
    return match(&run->model, &run->test, paths->test_images, paths->test_labels, err);
}

/* ---- preparing the data ---- */

/* Refuses --augment for vectors: only pictures can be distorted. */
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

static mlp_status check_drawn(const mlp_run *run, mlp_error *err) {
    const char *mistakes = run->options.mistakes, *list = mistakes == NULL ? NULL : strrchr(mistakes, '.');
    const bool drawn = list != NULL && strcmp(list, ".csv") != 0;
    if ((run->options.weights == NULL && !drawn) || (run->test.rows > 1 && run->test.cols > 1)) return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--%s: draws images, but these are vectors of %zu numbers; leave it out, or write them as images "
                    "[n x rows x columns]",
                    drawn ? "mistakes" : "weights", run->test.n_pixels);
}

mlp_status mlp_run_choose_layer(bool *sparse, const mlp_run *run, const mlp_dataset *set, bool bytes, mlp_error *err) {
    const double worth_it = 0.3; /* below this density the sparse product is faster: see make bench-scale */
    const mlp_options *o = &run->options;
    const bool numerical = strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0;
    const bool automatic = strcmp(o->first_layer, "auto") == 0;
    const char *layer = automatic && run->model.first_layer != NULL ? run->model.first_layer : o->first_layer;
    *sparse = strcmp(layer, "sparse") == 0;
    if (*sparse && !bytes && !automatic)
        return mlp_fail(
            err, MLP_ERR_USAGE,
            "--first-layer: sparse needs pixels stored as bytes, but these are numbers of another type; use dense");
    if (strcmp(layer, "auto") == 0 && bytes && set != NULL) *sparse = mlp_dataset_density(set) <= worth_it;
    *sparse = *sparse && bytes && !numerical;
    return MLP_OK;
}

static mlp_status compress(mlp_run *run, mlp_error *err) {
    const mlp_dataset *set = run->options.eval ? &run->test : &run->train;
    bool sparse;
    MLP_TRY(mlp_run_choose_layer(&sparse, run, set, set->bytes != NULL && run->test.bytes != NULL, err));
    if (!sparse) return MLP_OK;
    if (!run->options.eval) MLP_TRY(mlp_dataset_compress(&run->train, run->team, err));
    return mlp_dataset_compress(&run->test, run->team, err);
}

mlp_status mlp_run_open(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    MLP_TRY(mlp_run_open_model(run, err));
    MLP_TRY(find_data(run, err));
    MLP_TRY(check_streams(run, err));
    MLP_TRY(mlp_outputs_check(run, err));
    MLP_TRY(open_data(run, err));
    if (!mlp_run_loads(run)) MLP_TRY(name_classes(run, err));
    MLP_TRY(check_augment(run, err));
    MLP_TRY(check_drawn(run, err));
    if (o->report != NULL) MLP_NEW(run->history, 1, 1, "the report", err);
    if (o->train_limit > 0 && !o->eval) mlp_dataset_limit(&run->train, o->train_limit);
    if (o->test_limit > 0) mlp_dataset_limit(&run->test, o->test_limit);
    MLP_TRY(check_data(run, err));
    MLP_TRY(compress(run, err));
    if (o->validation <= 0 || o->eval) return MLP_OK;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_SPLIT);
    return mlp_dataset_split(&run->train, &run->validation, o->validation, &rng, err);
}

mlp_status mlp_run_build(mlp_run *run, bool sparse, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_model *model = &run->model;
    const mlp_shape shape = {model->n_in > 0 ? model->n_in : run->train.n_pixels, o->hidden,
                             model->n_out > 0 ? model->n_out : run->train.n_classes, sparse};
    MLP_TRY(mlp_network_create(&run->net, shape, mlp_activation_find(o->activation), mlp_loss_find(o->loss), err));
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_INIT);
    if (mlp_run_loads(run))
        mlp_model_copy(&run->net, model);
    else
        mlp_network_init(&run->net, mlp_init_find(o->init), o->init_std, &rng);
    return o->export == NULL ? MLP_OK : mlp_export_check(o->export, &run->net, err);
}

void mlp_run_free(mlp_run *run) {
    mlp_team_free(run->team);
    mlp_network_free(&run->net);
    mlp_dataset_free(&run->validation);
    mlp_dataset_free(&run->train);
    mlp_dataset_free(&run->test);
    mlp_dataset_paths_free(&run->paths);
    mlp_model_free(&run->model);
    mlp_class_names_free(&run->names);
    mlp_warnings_free(&run->warnings);
    mlp_history_free(run->history);
    free(run->history);
}

/* inputs.c - the files that a run reads: data and the model of --load. */
#include "mlp/cli/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

static mlp_status copy(char **to, const char *text, mlp_error *err) {
    *to = text == NULL ? NULL : strdup(text);
    return text != NULL && *to == NULL ? mlp_fail_memory(err, text, strlen(text)) : MLP_OK;
}

/* Whether `dir` lacks something, rather than may not be looked into. */
static bool can_search(const char *dir) { return access(dir, X_OK) == 0 || errno == ENOENT || errno == ENOTDIR; }

/* The data files, as named one by one, or else as found in the directory of --data. */
static mlp_status find_data(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_error missing = {0};
    MLP_TRY(copy(&run->paths.train_images, o->train_images, err));
    MLP_TRY(copy(&run->paths.train_labels, o->train_labels, err));
    MLP_TRY(copy(&run->paths.test_images, o->test_images, err));
    MLP_TRY(copy(&run->paths.test_labels, o->test_labels, err));
    const mlp_status status = mlp_dataset_find(&run->paths, o->data, o->eval, &missing);
    if (status == MLP_OK) return MLP_OK;
    if (status != MLP_ERR_IO || !can_search(o->data)) return mlp_fail(err, status, "%s", missing.message);
    return mlp_fail(err, status, "%s; get MNIST with scripts/fetch-mnist.sh, or use --data data/digits",
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

mlp_status mlp_inputs_find(mlp_run *run, mlp_error *err) {
    MLP_TRY(find_data(run, err));
    return check_streams(run, err);
}

/* ---- the model of --load ---- */

/* An option's default gives way to what the model has; a value that contradicts it is refused. */
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
    return MLP_OK;
}

/* Whether the model takes these images, and has a class for each label. */
static mlp_status match(const mlp_model *model, const mlp_dataset *set, const char *images_path,
                        const char *labels_path, mlp_error *err) {
    const bool vectors = set->rows == 1 || model->rows == 1; /* whose shape is not known */
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

mlp_status mlp_inputs_open_model(mlp_run *run, mlp_error *err) {
    if (!mlp_run_loads(run)) return MLP_OK;
    MLP_TRY(mlp_model_read(&run->model, run->options.load, &run->warnings, err));
    return adopt(run, err);
}

/* ---- the data ---- */

/* Two datasets, a piece each: both are decompressed at the same time. Where there is one thread,
   the train set comes first. */
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
        mlp_dataset_open(&job->run->train, paths->train_images, paths->train_labels, &job->warnings[0],
                         &job->errors[0]);
    else
        mlp_dataset_open(&job->run->test, paths->test_images, paths->test_labels, &job->warnings[1], &job->errors[1]);
}

mlp_status mlp_inputs_open_data(mlp_run *run, mlp_error *err) {
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
    return mlp_run_loads(run) ? match(&run->model, &run->test, paths->test_images, paths->test_labels, err) : MLP_OK;
}

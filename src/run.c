/* run.c - from options to open data sets and a network. Prints nothing. */
#include "mlp/run.h"

#include <string.h>
#include <sys/stat.h>

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
    const mlp_status status = mlp_dataset_find(&run->paths, o->data, &missing);
    if (status == MLP_OK)
        return MLP_OK;
    return mlp_fail(err, status,
                    "%s; get MNIST with scripts/fetch-mnist.sh, or use --data data/digits",
                    missing.message);
}

/* Opening the CSV empties it: it must be none of the files to read. */
static mlp_status spare_data(const mlp_run *run, mlp_error *err) {
    const char *csv = run->options.csv;
    const char *const data[] = {run->paths.train_images, run->paths.train_labels,
                                run->paths.test_images, run->paths.test_labels};
    struct stat info, other;
    if (csv == NULL || strcmp(csv, "-") == 0 || stat(csv, &info) != 0 || !S_ISREG(info.st_mode))
        return MLP_OK;
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        if (stat(data[i], &other) == 0 && other.st_dev == info.st_dev &&
            other.st_ino == info.st_ino)
            return mlp_fail(err, MLP_ERR_USAGE, "--csv: %s is a data file; name another", csv);
    return MLP_OK;
}

/* Two data sets, a piece of work each: while one thread inflates the train images another reads
   the test set. */
typedef struct open_job {
    mlp_run *run;
    mlp_error errors[2];
} open_job;

static void open_set(void *context, size_t piece, int thread) {
    open_job *job = context;
    const mlp_dataset_paths *paths = &job->run->paths;
    (void)thread;
    if (piece == 0)
        mlp_dataset_open(&job->run->train, paths->train_images, paths->train_labels,
                         &job->errors[0]);
    else
        mlp_dataset_open(&job->run->test, paths->test_images, paths->test_labels, &job->errors[1]);
}

static mlp_status open_sets(mlp_run *run, mlp_error *err) {
    open_job job = {.run = run};
    mlp_team_run(run->team, open_set, &job, 2);
    for (int i = 0; i < 2; i++)
        if (job.errors[i].status != MLP_OK)
            return mlp_fail(err, job.errors[i].status, "%s", job.errors[i].message);
    return mlp_dataset_match(&run->train, &run->test, run->paths.test_images,
                             run->paths.test_labels, err);
}

/* Compresses the images where skipping their zeros pays or is asked for. */
static mlp_status compress(mlp_run *run, mlp_error *err) {
    const double worth_it = 0.3; /* density below which it is faster: make bench-scale */
    const mlp_options *o = &run->options;
    const bool numerical = strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0;
    const bool possible = run->train.bytes != NULL && run->test.bytes != NULL &&
                          run->train.n_in <= MLP_SPARSE_COLUMNS;
    const bool forced = strcmp(o->first_layer, "sparse") == 0;
    if (forced && !possible)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--first-layer: sparse needs images of bytes, at most %d a piece; these "
                        "want dense",
                        MLP_SPARSE_COLUMNS);
    if (!possible || numerical || strcmp(o->first_layer, "dense") == 0 ||
        (!forced && mlp_dataset_density(&run->train) > worth_it))
        return MLP_OK;
    const mlp_status status = mlp_dataset_compress(&run->train, run->team, err);
    return status != MLP_OK ? status : mlp_dataset_compress(&run->test, run->team, err);
}

mlp_status mlp_run_open(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_status status = mlp_team_create(&run->team, (int)o->threads, err);
    if (status == MLP_OK)
        status = find_files(run, err);
    if (status == MLP_OK)
        status = spare_data(run, err);
    if (status == MLP_OK)
        status = open_sets(run, err);
    if (status != MLP_OK)
        return status;
    if (o->train_limit > 0)
        mlp_dataset_limit(&run->train, o->train_limit);
    if (o->test_limit > 0)
        mlp_dataset_limit(&run->test, o->test_limit);
    if (o->validation > 0 && run->train.n < 2)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--validation: one example cannot be split in two; leave it out");
    status = compress(run, err);
    if (status != MLP_OK || o->validation <= 0)
        return status;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_SPLIT);
    return mlp_dataset_split(&run->train, &run->validation, o->validation, &rng, err);
}

mlp_status mlp_run_build(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_shape shape = {run->train.n_in, o->hidden, run->train.n_classes,
                             run->train.sparse != NULL};
    mlp_status status = mlp_network_create(&run->net, shape, mlp_activation_find(o->activation),
                                           mlp_loss_find(o->loss), err);
    if (status != MLP_OK)
        return status;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_INIT);
    mlp_network_init(&run->net, mlp_init_find(o->init), o->init_std, &rng);
    run->settings = mlp_options_settings(o, run->train.n);
    return MLP_OK;
}

void mlp_run_free(mlp_run *run) {
    mlp_trainer_free(&run->trainer);
    mlp_team_free(run->team);
    mlp_network_free(&run->net);
    mlp_dataset_free(&run->validation);
    mlp_dataset_free(&run->train);
    mlp_dataset_free(&run->test);
    mlp_dataset_paths_free(&run->paths);
}

/* main.c - the program: options in, a trained network and its curves out. Signals live here. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mlp/linalg.h"
#include "mlp/memory.h"
#include "mlp/numgrad.h"
#include "mlp/options.h"
#include "mlp/report.h"
#include "mlp/team.h"
#include "mlp/trainer.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* The one variable a signal handler may write. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

/* A standard stream that was closed must not become the CSV: open it so that using it fails. */
static void hold_standard_streams(void) {
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            _exit(EXIT_FAILED);
}

/* An interrupt ends the run after the iteration; a second one ends the program at once. A closed
   pipe and a file at its limit are told by the write that fails. */
static void handle_signals(void) {
    struct sigaction stop = {.sa_handler = on_interrupt,
                             .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

/* OpenBLAS chooses its kernel while the program is loaded, and an OpenBLAS older than the
   processor chooses one three times too slow: name a better one and load again. */
static void use_better_kernel(char **argv) {
    const char *kernel = mlp_linalg_better_kernel();
    if (kernel != NULL && getenv("OPENBLAS_CORETYPE") == NULL &&
        setenv("OPENBLAS_CORETYPE", kernel, 1) == 0 &&
        setenv("OPENBLAS_NUM_THREADS", "1", 1) == 0) /* or its own threads spin at first */
        execv("/proc/self/exe", argv);               /* where that cannot be: on, slowly */
}

typedef struct run {
    double started; /* mlp_report_clock */
    mlp_options options;
    mlp_dataset_paths paths;
    mlp_dataset train, validation, test;
    mlp_network net;
    mlp_train_settings settings;
    mlp_team *team;
    mlp_trainer trainer;
    mlp_report report;
} run;

static mlp_status copy(char **to, const char *text, mlp_error *err) {
    *to = text == NULL ? NULL : strdup(text);
    return text != NULL && *to == NULL ? mlp_fail_memory(err, text, strlen(text)) : MLP_OK;
}

static mlp_status find_files(run *r, mlp_error *err) {
    const mlp_options *o = &r->options;
    if (copy(&r->paths.train_images, o->train_images, err) != MLP_OK ||
        copy(&r->paths.train_labels, o->train_labels, err) != MLP_OK ||
        copy(&r->paths.test_images, o->test_images, err) != MLP_OK ||
        copy(&r->paths.test_labels, o->test_labels, err) != MLP_OK)
        return MLP_ERR_MEMORY;
    mlp_error missing = {0};
    const mlp_status status = mlp_dataset_find(&r->paths, o->data, &missing);
    if (status == MLP_OK)
        return MLP_OK;
    return mlp_fail(err, status,
                    "%s; get MNIST with scripts/fetch-mnist.sh, or use --data data/digits",
                    missing.message);
}

/* Opening the CSV empties it: it must be none of the files to read. */
static mlp_status spare_data(const run *r, mlp_error *err) {
    const char *csv = r->options.csv;
    const char *const data[] = {r->paths.train_images, r->paths.train_labels, r->paths.test_images,
                                r->paths.test_labels};
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
    run *r;
    mlp_error errors[2];
} open_job;

static void open_set(void *context, size_t piece, int thread) {
    open_job *job = context;
    const mlp_dataset_paths *paths = &job->r->paths;
    (void)thread;
    if (piece == 0)
        mlp_dataset_open(&job->r->train, paths->train_images, paths->train_labels, &job->errors[0]);
    else
        mlp_dataset_open(&job->r->test, paths->test_images, paths->test_labels, &job->errors[1]);
}

static mlp_status open_sets(run *r, mlp_error *err) {
    open_job job = {.r = r};
    mlp_team_run(r->team, open_set, &job, 2);
    for (int i = 0; i < 2; i++)
        if (job.errors[i].status != MLP_OK)
            return mlp_fail(err, job.errors[i].status, "%s", job.errors[i].message);
    return mlp_dataset_match(&r->train, &r->test, r->paths.test_images, r->paths.test_labels, err);
}

/* Compresses the images where skipping their zeros pays or is asked for. */
static mlp_status compress(run *r, mlp_error *err) {
    const double worth_it = 0.3; /* density below which it is faster: make bench-scale */
    const mlp_options *o = &r->options;
    const bool numerical = strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0;
    const bool possible =
        r->train.bytes != NULL && r->test.bytes != NULL && r->train.n_in <= MLP_SPARSE_COLUMNS;
    const bool forced = strcmp(o->first_layer, "sparse") == 0;
    if (forced && !possible)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--first-layer: sparse needs images of bytes, at most %d a piece; these "
                        "want dense",
                        MLP_SPARSE_COLUMNS);
    if (!possible || numerical || strcmp(o->first_layer, "dense") == 0 ||
        (!forced && mlp_dataset_density(&r->train) > worth_it))
        return MLP_OK;
    const mlp_status status = mlp_dataset_compress(&r->train, r->team, err);
    return status != MLP_OK ? status : mlp_dataset_compress(&r->test, r->team, err);
}

static mlp_status load(run *r, mlp_error *err) {
    const mlp_options *o = &r->options;
    mlp_status status = mlp_team_create(&r->team, (int)o->threads, err);
    if (status == MLP_OK)
        status = find_files(r, err);
    if (status == MLP_OK)
        status = spare_data(r, err);
    if (status == MLP_OK)
        status = open_sets(r, err);
    if (status != MLP_OK)
        return status;
    if (o->train_limit > 0)
        mlp_dataset_limit(&r->train, o->train_limit);
    if (o->test_limit > 0)
        mlp_dataset_limit(&r->test, o->test_limit);
    if (o->validation > 0 && r->train.n < 2)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--validation: one example cannot be split in two; leave it out");
    status = compress(r, err);
    if (status != MLP_OK || o->validation <= 0)
        return status;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_SPLIT);
    return mlp_dataset_split(&r->train, &r->validation, o->validation, &rng, err);
}

static mlp_status build(run *r, mlp_error *err) {
    const mlp_options *o = &r->options;
    const mlp_shape shape = {r->train.n_in, o->hidden, r->train.n_classes, r->train.sparse != NULL};
    mlp_status status = mlp_network_create(&r->net, shape, mlp_activation_find(o->activation),
                                           mlp_loss_find(o->loss), err);
    if (status != MLP_OK)
        return status;
    mlp_rng rng;
    mlp_rng_seed(&rng, o->seed, MLP_STREAM_INIT);
    mlp_network_init(&r->net, mlp_init_find(o->init), o->init_std, &rng);
    r->settings = mlp_options_settings(o, r->train.n);
    return MLP_OK;
}

static mlp_status prepare_training(run *r, mlp_error *err) {
    const mlp_status status =
        mlp_trainer_create(&r->trainer, &r->settings, &r->net, &r->train,
                           r->validation.n > 0 ? &r->validation : NULL, &r->test, r->team, err);
    return status != MLP_OK ? status : mlp_linalg_check_room((int)r->options.threads, err);
}

static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    const mlp_status status = mlp_report_event(context, event, err);
    return status == MLP_OK && interrupted ? MLP_STOPPED : status;
}

/* Both leave the outcome in err. */
static void train(run *r, mlp_error *err) {
    mlp_status status = load(r, err);
    if (status == MLP_OK)
        status = build(r, err);
    if (status == MLP_OK)
        status = prepare_training(r, err);
    if (status == MLP_OK)
        status = mlp_report_open(&r->report, &r->options, &r->settings, r->started, err);
    if (status == MLP_OK) {
        mlp_report_settings(&r->report, &r->net, &r->train, &r->validation, &r->test, &r->paths);
        status = mlp_trainer_run(&r->trainer, observe, &r->report, err);
        if (status == MLP_OK || interrupted)
            mlp_report_result(&r->report, &r->trainer.result, err);
    }
    mlp_report_close(&r->report, err);
}

static void check_gradient(run *r, mlp_error *err) {
    mlp_gradient_check check;
    mlp_numgrad numerical = {0};
    mlp_batch batch = {0};
    float *grads = NULL;
    mlp_status status = load(r, err);
    if (status == MLP_OK)
        status = build(r, err);
    const size_t wanted = r->options.check_gradient;
    const size_t n = wanted < r->train.n ? wanted : r->train.n;
    if (status == MLP_OK)
        status = mlp_batch_create(&batch, &r->net, n, false, err);
    if (status == MLP_OK)
        status = mlp_numgrad_create(&numerical, &r->net, n, err);
    if (status == MLP_OK)
        status = mlp_linalg_check_room((int)r->options.threads, err);
    if (status == MLP_OK)
        grads = mlp_alloc(r->net.arena, sizeof *grads, "the gradient", err);
    if (grads != NULL) {
        mlp_batch_load(&batch, &r->train, NULL, 0, n, NULL);
        mlp_check_gradient(&check, grads, &numerical, &batch, &r->net, r->team);
        mlp_report_gradient_check(&check, n, err);
    }
    free(grads);
    mlp_numgrad_free(&numerical);
    mlp_batch_free(&batch);
}

static void free_run(run *r) {
    mlp_trainer_free(&r->trainer);
    mlp_team_free(r->team);
    mlp_network_free(&r->net);
    mlp_dataset_free(&r->validation);
    mlp_dataset_free(&r->train);
    mlp_dataset_free(&r->test);
    mlp_dataset_paths_free(&r->paths);
}

static void print_version(mlp_error *err) {
    char blas[128];
    mlp_linalg_describe(blas, sizeof blas);
    printf("mlp-train %s\n%s\n", MLP_VERSION, blas);
    mlp_report_flush(stdout, err);
}

static void print_help(mlp_error *err) {
    mlp_options_help(stdout);
    mlp_report_flush(stdout, err);
}

int main(int argc, char **argv) {
    run r = {.started = mlp_report_clock(), .report = {.csv = {.fd = -1}}};
    mlp_error err = {0};
    hold_standard_streams();
    handle_signals();
    const mlp_status parsed = mlp_options_parse(&r.options, argc, argv, &err);
    if (parsed == MLP_OK && r.options.help)
        print_help(&err);
    else if (parsed == MLP_OK) {
        use_better_kernel(argv);
        mlp_linalg_setup();
        if (r.options.version)
            print_version(&err);
        else if (r.options.check_gradient > 0)
            check_gradient(&r, &err);
        else
            train(&r, &err);
        free_run(&r);
    }
    if (err.status != MLP_OK)
        fprintf(stderr, "mlp-train: %s\n", err.message);
    if (err.status == MLP_ERR_USAGE)
        return EXIT_USAGE;
    if (err.status != MLP_OK)
        return EXIT_FAILED;
    return interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}

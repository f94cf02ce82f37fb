/* main.c - the program: options in, exit code out. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "mlp/base/clock.h"
#include "mlp/cli/convert.h"
#include "mlp/cli/eval.h"
#include "mlp/cli/gradient.h"
#include "mlp/cli/lesson.h"
#include "mlp/cli/options.h"
#include "mlp/cli/options_help.h"
#include "mlp/cli/options_rules.h"
#include "mlp/cli/predict.h"
#include "mlp/cli/report.h"
#include "mlp/cli/run.h"
#include "mlp/cli/sheet.h"
#include "mlp/cli/signals.h"
#include "mlp/cli/train.h"
#include "mlp/net/blas.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SIGNAL = 128 };

/* A standard stream that was closed must not become the CSV: open it so that using it fails. */
static void hold_standard_streams(void) {
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0) _exit(EXIT_FAILED);
}

/* A stack overflow is a crash without a message. The worker threads have a stack size of their own. */
static mlp_status check_stack(mlp_error *err) {
    const unsigned least = 64; /* KiB: a third more than the tests were seen to need */
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur / 1024 >= least) return MLP_OK;
    return mlp_fail(err, MLP_ERR_MEMORY, "the stack is limited to %u KiB, of which %u are needed; use ulimit -s 8192",
                    (unsigned)(stack.rlim_cur / 1024), least);
}

/* glibc reserves 64 MiB of addresses for each thread that allocates, which a limit (ulimit -v)
   counts. Threads here allocate so little that they can share the heap. */
static void share_heap(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
#endif
}

static void print_version(mlp_error *err) {
    mlp_blas *blas;
    printf("mlp-train %s\n", MLP_VERSION);
    if (mlp_blas_open(&blas, err) == MLP_OK) printf("%s, %s\n%s\n", blas->name, blas->build, blas->file);
    mlp_blas_close(blas);
    mlp_report_flush(stdout, err);
}

static void print_help(const char *topic, mlp_error *err) {
    mlp_options_help(stdout, topic);
    mlp_report_flush(stdout, err);
}

static void run_mode(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    switch (mlp_options_mode(o)) {
    case MLP_MODE_TRAIN:
    case MLP_MODE_RESUME:
        mlp_train(run, err); /* its start block says which options are repeated */
        return;
    case MLP_MODE_EVAL:
        mlp_eval(run, err); /* the same */
        return;
    case MLP_MODE_PREDICT: mlp_predict(run, err); break;
    case MLP_MODE_CHECK_GRADIENT: mlp_gradient_mode(run, err); break;
    case MLP_MODE_SAMPLES: mlp_sheet(run, err); break;
    case MLP_MODE_CONVERT: mlp_convert(run, err); break;
    case MLP_MODE_LESSON: mlp_lesson_mode(run, err); break;
    case MLP_N_MODES: break;
    }
    if (err->status == MLP_OK && !o->quiet) mlp_options_print_repeated(stderr, o);
}

int main(int argc, char **argv) {
    mlp_run run = {.started = mlp_clock()};
    mlp_error err = {0};
    share_heap();
    hold_standard_streams();
    mlp_signals_ignore();
    mlp_status parsed = check_stack(&err);
    if (parsed == MLP_OK) parsed = mlp_options_parse(&run.options, argc, argv, &err);
    if (parsed == MLP_OK && run.options.help != NULL)
        print_help(run.options.help, &err);
    else if (parsed == MLP_OK) {
        if (run.options.version)
            print_version(&err);
        else
            run_mode(&run, &err);
        mlp_report_warnings(&run.warnings); /* those that no mode has printed */
        mlp_run_free(&run);
    }
    if (err.status != MLP_OK) fprintf(stderr, "mlp-train: %s\n", err.message);
    if (err.status == MLP_ERR_USAGE) return EXIT_USAGE;
    if (err.status != MLP_OK) return EXIT_FAILED;
    if (run.stopped_by != 0) return EXIT_SIGNAL + (run.stopped_by == SIGHUP ? SIGTERM : run.stopped_by);
    return EXIT_DONE;
}

/* main.c - the program: reads the options, starts the mode, returns the exit code. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "mlp/base/clock.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/options.h"
#include "mlp/cli/report.h"
#include "mlp/cli/signals.h"
#include "mlp/net/blas.h"

extern char **environ; /* of POSIX */

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SIGNAL = 128 };

/* If a standard stream is closed, the next file that is opened, such as the CSV, would get its number. Open such a
   stream so that using it fails. */
static void hold_standard_streams(void) {
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0) _exit(EXIT_FAILED);
}

/* KiB of arguments and environment variables, which lie on the stack too. */
static unsigned strings_size(char **argv) {
    size_t n = 0;
    for (char **at = argv; *at != NULL; at++) n += strlen(*at) + 1 + sizeof *at;
    for (char **at = environ; at != NULL && *at != NULL; at++) n += strlen(*at) + 1 + sizeof *at;
    return (unsigned)(n / 1024) + 1;
}

/* Refuses a stack that is too small: an overflow would be a crash without a message. Worker threads have their own
   stack size. */
static mlp_status check_stack(char **argv, mlp_error *err) {
    const unsigned least = 96 + strings_size(argv); /* KiB; the tests needed at most three quarters of 96 */
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur / 1024 >= least) return MLP_OK;
    return mlp_fail(err, MLP_ERR_MEMORY, "the stack is limited to %u KiB, of which %u are needed; use ulimit -s 8192",
                    (unsigned)(stack.rlim_cur / 1024), least);
}

/* glibc reserves 64 MiB of address space for each thread that allocates, which counts for ulimit -v. The threads of
   this program allocate so little that they can share one heap. */
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
}

static void run_mode(mlp_run *run, mlp_error *err) {
    static void (*const modes[MLP_N_MODES])(mlp_run *, mlp_error *) = {
        [MLP_MODE_TRAIN] = mlp_train,     [MLP_MODE_RESUME] = mlp_train,
        [MLP_MODE_EVAL] = mlp_eval,       [MLP_MODE_PREDICT] = mlp_predict,
        [MLP_MODE_SAMPLES] = mlp_sheet,   [MLP_MODE_CHECK_GRADIENT] = mlp_gradient_mode,
        [MLP_MODE_CONVERT] = mlp_convert, [MLP_MODE_LESSON] = mlp_lesson_mode,
    };
    const mlp_mode_kind mode = mlp_options_mode(&run->options);
    const bool starts_with_options = modes[mode] == mlp_train || mode == MLP_MODE_EVAL;
    modes[mode](run, err);
    if (err->status != MLP_OK) return; /* prints only the error; the next run shows the warnings */
    if (!run->options.quiet && !starts_with_options) mlp_options_print_repeated(stderr, &run->options);
    mlp_report_warnings(&run->warnings);
}

static void run_program(mlp_run *run, int argc, char **argv, mlp_error *err) {
    const mlp_options *o = &run->options;
    if (check_stack(argv, err) != MLP_OK || mlp_options_parse(&run->options, argc, argv, err) != MLP_OK) return;
    if (o->help != NULL)
        mlp_options_help(stdout, o->help);
    else if (o->version)
        print_version(err);
    else
        run_mode(run, err);
    if (o->help != NULL || o->version) mlp_report_flush(stdout, err);
    mlp_run_free(run);
}

int main(int argc, char **argv) {
    mlp_run run = {.started = mlp_clock()};
    mlp_error err = {0};
    share_heap();
    hold_standard_streams();
    mlp_signals_ignore();
    run_program(&run, argc, argv, &err);
    if (err.status != MLP_OK) fprintf(stderr, "mlp-train: %s\n", err.message);
    if (err.status == MLP_ERR_USAGE) return EXIT_USAGE;
    if (err.status != MLP_OK) return EXIT_FAILED;
    if (run.stopped_by != 0) return EXIT_SIGNAL + (run.stopped_by == SIGHUP ? SIGTERM : run.stopped_by);
    return EXIT_DONE;
}

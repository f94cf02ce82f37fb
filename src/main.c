/* main.c - the program: options in, exit code out. Signals live here. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mlp/clock.h"
#include "mlp/linalg.h"
#include "mlp/modes.h"
#include "mlp/options.h"
#include "mlp/report.h"
#include "mlp/run.h"

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
    mlp_run run = {.started = mlp_clock(), .interrupted = &interrupted};
    mlp_error err = {0};
    hold_standard_streams();
    handle_signals();
    const mlp_status parsed = mlp_options_parse(&run.options, argc, argv, &err);
    if (parsed == MLP_OK && run.options.help)
        print_help(&err);
    else if (parsed == MLP_OK) {
        use_better_kernel(argv);
        mlp_linalg_setup();
        if (run.options.version)
            print_version(&err);
        else
            mlp_mode(&run, &err);
        mlp_run_free(&run);
    }
    if (err.status != MLP_OK)
        fprintf(stderr, "mlp-train: %s\n", err.message);
    if (err.status == MLP_ERR_USAGE)
        return EXIT_USAGE;
    if (err.status != MLP_OK)
        return EXIT_FAILED;
    return interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}

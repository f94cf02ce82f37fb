/* report.c - prints the output of a training run, and writes its CSV. */
#include "mlp/cli/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mlp/base/clock.h"

/* ---- warnings ---- */

void mlp_report_warnings(mlp_warnings *warnings) {
    const char *line = warnings->text.at;
    for (size_t i = 0; i < warnings->n; i++) {
        const size_t length = strcspn(line, "\n");
        fprintf(stderr, "mlp-train: warning: %.*s\n", (int)length, line);
        line += length + 1;
    }
    mlp_warnings_free(warnings);
}

/* ---- table ---- */

/* A pipe without a reader has POLLERR. */
static bool has_no_reader(FILE *stream) {
    struct pollfd output = {.fd = fileno(stream), .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

mlp_status mlp_report_flush(FILE *stream, mlp_error *err) {
    errno = 0;
    if (fflush(stream) == 0 && !ferror(stream)) return MLP_OK;
    /* errno is 0 if an earlier write failed, of a buffer that was full */
    if (errno == EPIPE || (errno == 0 && has_no_reader(stream))) return MLP_STOPPED;
    return mlp_fail(err, MLP_ERR_IO, "standard %s: cannot write: %s; send it elsewhere",
                    stream == stdout ? "output" : "error",
                    errno != 0 ? strerror(errno) : "the disk is full or the stream closed");
}

/* If the CSV goes to stdout, the table on stderr is only a message: a failure to write it is ignored. */
static mlp_status flush_table(const mlp_training *t, mlp_error *err) {
    return t->table.out == stdout ? mlp_report_flush(stdout, err) : MLP_OK;
}

/* t = (1 - s) [k is the label] + s/n, s being the label smoothing */
static void print_target(FILE *out, const mlp_batch *batch, bool is_label) {
    if (batch->smoothing > 0)
        fprintf(out, " %6.4f", (is_label ? 1 - batch->smoothing : 0) + batch->smoothing / (double)batch->n_out);
    else
        fprintf(out, " %6d", is_label);
}

void mlp_report_trace(FILE *out, const mlp_batch *batch, size_t iteration, double loss) {
    fprintf(out, "iteration %zu: loss %.6f\n", iteration, loss);
    for (size_t i = 0; i < batch->n; i++) {
        const float *p = batch->p + i * batch->stride_out;
        fprintf(out, "  example %zu, label %u, predicted %u, loss %.6f\n  targets", i, batch->labels[i],
                batch->predicted[i], batch->losses[i]);
        for (size_t k = 0; k < batch->n_out; k++) print_target(out, batch, k == batch->labels[i]);
        fprintf(out, "\n  softmax");
        for (size_t k = 0; k < batch->n_out; k++) fprintf(out, " %6.4f", (double)p[k]);
        fputc('\n', out);
    }
}

/* ---- the start block ---- */

/* The number of characters of `at` that must stay on one line: a line break is possible after , : ; and before ( and
   --. */
static size_t unit_length(const char *at) {
    size_t n = 1;
    for (; at[n] != '\0'; n++)
        if (at[n] == ' ' && (strchr(",:;", at[n - 1]) != NULL || at[n + 1] == '(' || strncmp(at + n, " --", 3) == 0))
            break;
    return n;
}

void mlp_report_line(const char *format, ...) {
    enum { INDENT = 10, WIDTH = 79 };
    char line[MLP_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    mlp_print_line(line, format, arguments);
    va_end(arguments);
    size_t column = 0, length;
    for (const char *at = line; *at != '\0'; at += length) {
        length = unit_length(at);
        if (column > INDENT && column + length > WIDTH)
            column = (size_t)fprintf(stderr, "\n%*s", INDENT - 1, "") - 1; /* `at` begins with a space */
        column += (size_t)fprintf(stderr, "%.*s", (int)length, at);
    }
    fputc('\n', stderr);
}

void mlp_report_machine(const mlp_run *run) {
    const mlp_options *o = &run->options;
    const mlp_blas *blas = run->net.blas;
    const int threads = mlp_team_threads(run->team), processors = mlp_processors();
    if (!o->verbose) return;
    fprintf(stderr, "machine   %d thread%s, %s\n", threads, threads == 1 ? "" : "s", blas->name);
    if ((size_t)threads < o->threads)
        fprintf(stderr, "          %d of %zu threads asked for, on %d processor%s\n", threads, o->threads, processors,
                processors == 1 ? "" : "s");
    fprintf(stderr, "          %s: %s\n", blas->file, blas->build);
}

static void print_network(const mlp_run *run) {
    const mlp_options *o = &run->options;
    const mlp_shape *shape = &run->net.shape;
    const char *from = o->resume != NULL ? o->resume : o->load;
    char weights[MLP_MESSAGE_SIZE];
    if (from != NULL)
        snprintf(weights, sizeof weights, "the weights of %s", from);
    else if (strcmp(o->init, "normal") == 0)
        snprintf(weights, sizeof weights, "normal weights of std %g", o->init_std);
    else
        snprintf(weights, sizeof weights, "%s weights", o->init);
    mlp_report_line("network   %zu-%zu-%zu %s, softmax, %s: %zu parameters, %s", shape->n_in, shape->n_hidden,
                    shape->n_out, o->activation, o->loss, mlp_network_count(&run->net), weights);
}

static void print_data(const mlp_run *run) {
    char validation[40] = "";
    if (run->validation.n > 0) snprintf(validation, sizeof validation, ", %zu validation", run->validation.n);
    mlp_report_line("data      %zu train%s and %zu test images of %zu x %zu, %zu classes", run->train.n, validation,
                    run->test.n, run->train.rows, run->train.cols, run->train.n_classes);
}

static void print_resumed(const mlp_training *t) {
    const char *program = mlp_safetensors_metadata(&t->resumed, "program"), *blas = t->run->net.blas->name;
    const char *then = mlp_safetensors_metadata(&t->resumed, "blas");
    fprintf(stderr, "resumed   after iteration %zu\n", t->start);
    if (program == NULL || strcmp(program, "mlp-train " MLP_VERSION) != 0 || then == NULL || strcmp(then, blas) != 0)
        fprintf(stderr, "          begun by %s with %s: the last digits may differ\n", program == NULL ? "?" : program,
                then == NULL ? "?" : then);
}

void mlp_report_settings(const mlp_training *t) {
    const mlp_run *run = t->run;
    const mlp_options *o = &run->options;
    const mlp_train_settings *s = &t->settings;
    if (o->quiet) return;
    if (o->verbose)
        fprintf(stderr, "files     %s\n          %s\n          %s\n          %s\n", run->paths.train_images,
                run->paths.train_labels, run->paths.test_images, run->paths.test_labels);
    if (o->preset != NULL) mlp_report_line("preset    %s: %s", o->preset, mlp_options_preset(o->preset));
    mlp_options_print_repeated(stderr, o);
    fputs("options  ", stderr); /* on one line, which can be pasted into a shell */
    fputs(mlp_options_print(stderr, o) > 0 ? "\n" : " all at their defaults\n", stderr);
    print_data(run);
    print_network(run);
    mlp_report_line("training  %zu iterations of %zu examples (%s), %s, lr %g %s, seed %zu", s->iterations,
                    s->batch_size, o->sampling, o->optimizer, s->lr, o->lr_schedule, o->seed);
    if (o->verbose)
        fprintf(stderr, "products  first layer %s, about %.0f %% of the pixels are not 0\n",
                run->net.shape.sparse ? "sparse" : "dense", 100 * mlp_dataset_density(&run->train));
    mlp_report_machine(run);
    if (o->resume != NULL) print_resumed(t);
}

/* ---- the run ---- */

mlp_status mlp_report_open(mlp_training *t, mlp_error *err) {
    const mlp_options *o = &t->run->options;
    t->table.out = o->csv != NULL && strcmp(o->csv, "-") == 0 ? stderr : stdout;
    t->table.examples_before = t->trainer.examples;
    t->start = t->trainer.iteration;
    mlp_progress_start(&t->progress, o);
    if (o->csv == NULL) return MLP_OK;
    return o->resume == NULL ? mlp_curve_create(&t->csv, o->csv, err)
                             : mlp_curve_resume(&t->csv, o->csv, &t->checkpoint.csv, mlp_options_given(o, "csv"), err);
}

void mlp_report_complete(const mlp_training *t) {
    const mlp_train_settings *s = &t->settings;
    const mlp_options *o = &t->run->options;
    const bool extendable = strcmp(o->lr_schedule, "constant") == 0 && !(mlp_augment_moves(&s->augment) && o->fade > 0);
    if (o->quiet) return;
    if (t->trainer.iteration < s->iterations)
        mlp_report_line("complete  this run has ended: early stopping ended it after iteration %zu; nothing is left to "
                        "train",
                        t->trainer.iteration);
    else if (extendable)
        mlp_report_line("complete  this run has ended: all %zu iterations are made; give more, for example --iters %zu",
                        s->iterations, 2 * s->iterations);
    else
        mlp_report_line("complete  this run has ended: all %zu iterations of its schedule are made; start a new run "
                        "for more",
                        s->iterations);
}

mlp_status mlp_report_event(mlp_training *t, const mlp_event *event, mlp_error *err) {
    const mlp_options *o = &t->run->options;
    const mlp_status status = mlp_curve_row(&t->csv, event, err);
    const bool tracing = event->iteration > 0 && event->iteration <= o->trace;
    const bool row = event->train.n > 0 && !o->quiet;
    if (event->iteration > 0) mlp_progress_add(&t->progress, event->loss);
    if (!tracing && !row) {
        if (event->iteration > 0) mlp_progress_draw(&t->progress, event->iteration, t->settings.iterations, t->start);
        return status;
    }
    mlp_progress_clear(&t->progress);
    if (tracing) mlp_report_trace(t->table.out, event->batch, event->iteration, event->loss);
    if (row) mlp_table_row(&t->table, event);
    return status == MLP_OK ? flush_table(t, err) : status;
}

void mlp_report_message(const char *format, ...) {
    char line[MLP_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    mlp_print_line(line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s\n", line);
}

void mlp_report_written(const mlp_run *run, const char *path) {
    if (!run->options.quiet) mlp_report_message("written   %s", path);
}

void mlp_report_stopped(const mlp_training *t) {
    const int number = t->run->stopped_by;
    const char *name = number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
    const char *checkpoint = t->run->options.checkpoint;
    fprintf(stderr, "mlp-train: stopped by %s after iteration %zu of %zu%s%s\n", name, t->trainer.iteration,
            t->settings.iterations, checkpoint != NULL ? "; continue with --resume " : "",
            checkpoint != NULL ? checkpoint : "");
}

mlp_status mlp_report_result(const mlp_training *t, mlp_error *err) {
    const mlp_run *run = t->run;
    const mlp_metrics *test = &run->result.test;
    const double seconds = mlp_clock() - run->started;
    if (test->n > 0 && (t->table.out == stdout || !run->options.quiet))
        fprintf(t->table.out, "test accuracy %.4f +- %.4f (%zu of %zu) at iteration %zu%s, %.2f s, seed %zu\n",
                test->accuracy, test->std_error, test->correct, test->n, run->result.iteration,
                t->settings.early_stop > 0 ? " (least validation loss)" : "", seconds, run->options.seed);
    if (run->options.verbose) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        fprintf(stderr, "time      %.2f s: %.2f s before training, %.2f s in updates\n", seconds,
                t->progress.started - run->started, run->result.seconds);
        fprintf(stderr, "memory    %ld MiB at most\n", usage.ru_maxrss / 1024);
    }
    return flush_table(t, err);
}

mlp_status mlp_report_close(mlp_training *t, mlp_error *err) {
    mlp_progress_clear(&t->progress);
    return mlp_curve_close(&t->csv, err);
}

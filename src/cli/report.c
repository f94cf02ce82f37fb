/* report.c - what a training run prints, and its CSV. */
#include "mlp/cli/report.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mlp/base/clock.h"
#include "mlp/base/processors.h"
#include "mlp/cli/options_help.h"
#include "mlp/cli/options_table.h"

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

mlp_status mlp_report_flush(FILE *stream, mlp_error *err) {
    errno = 0;
    if (fflush(stream) == 0 && !ferror(stream)) return MLP_OK;
    if (errno == EPIPE) return MLP_STOPPED;
    return mlp_fail(err, MLP_ERR_IO, "standard %s: cannot write: %s; send it elsewhere",
                    stream == stdout ? "output" : "error",
                    errno != 0 ? strerror(errno) : "the disk is full or the stream closed");
}

/* A table on stderr, beside a CSV on stdout, is a message: it may be lost. */
static mlp_status flush_table(const mlp_report *report, mlp_error *err) {
    if (report->table.out == stdout) return mlp_report_flush(stdout, err);
    fflush(report->table.out);
    return MLP_OK;
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

/* ---- the run ---- */

mlp_status mlp_report_open(mlp_report *report, const mlp_options *options, const mlp_train_settings *settings,
                           const mlp_report_start *resumed, double started, mlp_error *err) {
    const bool csv_on_stdout = options->csv != NULL && strcmp(options->csv, "-") == 0;
    report->options = options;
    report->settings = settings;
    report->table.out = csv_on_stdout ? stderr : stdout;
    mlp_progress_start(&report->progress, options);
    report->start = started;
    report->resumed = resumed;
    if (resumed != NULL) report->table.examples_before = resumed->examples;
    if (options->csv == NULL) return MLP_OK;
    return resumed == NULL ? mlp_curve_create(&report->csv, options->csv, err)
                           : mlp_curve_resume(&report->csv, options->csv, &resumed->csv, resumed->csv_named, err);
}

static void print_resumed(const mlp_report_start *start, const char *blas) {
    const char *program = start->program == NULL ? "?" : start->program;
    const char *then = start->blas == NULL ? "?" : start->blas;
    fprintf(stderr, "resumed   after iteration %zu\n", start->iteration);
    if (strcmp(program, "mlp-train " MLP_VERSION) != 0 || strcmp(then, blas) != 0)
        fprintf(stderr, "          begun by %s with %s: the last digits may differ\n", program, then);
}

/* The options that the preset set, in lines of at most 79 characters. */
static void print_preset(const char *name) {
    enum { INDENT = 10, WIDTH = 79 };
    int at = fprintf(stderr, "preset    %s:", name);
    for (const char *word = mlp_options_preset(name); *word != '\0';) {
        word += strspn(word, " ");
        size_t length = strcspn(word, " "); /* "--name value": one unit */
        length += word[length] == ' ' ? 1 + strcspn(word + length + 1, " ") : 0;
        if (at + 1 + (int)length > WIDTH) at = fprintf(stderr, "\n%*s", INDENT - 1, "") - 1;
        at += fprintf(stderr, " %.*s", (int)length, word);
        word += length;
    }
    fputc('\n', stderr);
}

void mlp_report_machine(const mlp_options *options, const mlp_team *team, const mlp_blas *blas) {
    const int threads = mlp_team_threads(team), processors = mlp_processors();
    fprintf(stderr, "machine   %d thread%s, %s\n", threads, threads == 1 ? "" : "s", blas->name);
    if (!options->verbose) return;
    if ((size_t)threads < options->threads)
        fprintf(stderr, "          %d of %zu threads asked for, on %d processor%s\n", threads, options->threads,
                processors, processors == 1 ? "" : "s");
    fprintf(stderr, "          %s: %s\n", blas->file, blas->build);
}

void mlp_report_settings(const mlp_report *report, const mlp_network *net, const mlp_dataset *train,
                         const mlp_dataset *validation, const mlp_dataset *test, const mlp_dataset_paths *paths,
                         const mlp_team *team) {
    const mlp_options *o = report->options;
    const mlp_train_settings *s = report->settings;
    const char *from = o->resume != NULL ? o->resume : o->load;
    if (o->quiet) return;
    if (o->verbose)
        fprintf(stderr, "files     %s\n          %s\n          %s\n          %s\n", paths->train_images,
                paths->train_labels, paths->test_images, paths->test_labels);
    if (o->preset != NULL) print_preset(o->preset);
    mlp_options_print_repeated(stderr, o);
    fputs("options  ", stderr);
    fputs(mlp_options_print(stderr, o) > 0 ? "\n" : " all at their defaults\n", stderr);
    fprintf(stderr, "data      %zu train", train->n);
    if (validation->n > 0) fprintf(stderr, ", %zu validation", validation->n);
    fprintf(stderr, " and %zu test images of %zu x %zu, %zu classes\n", test->n, train->rows, train->cols,
            train->n_classes);
    fprintf(stderr, "network   %zu-%zu-%zu %s, softmax, %s: %zu parameters, %s weights", net->shape.n_in,
            net->shape.n_hidden, net->shape.n_out, o->activation, o->loss, mlp_network_count(net),
            from != NULL ? "the" : o->init);
    if (from != NULL)
        fprintf(stderr, " of %s", from);
    else if (strcmp(o->init, "normal") == 0)
        fprintf(stderr, " of std %g", o->init_std);
    fprintf(stderr, "\ntraining  %zu iterations of %zu examples (%s), %s, lr %g %s, seed %zu\n", s->iterations,
            s->batch_size, o->sampling, o->optimizer, s->lr, o->lr_schedule, o->seed);
    if (o->verbose) {
        fprintf(stderr, "products  first layer %s, about %.0f %% of the pixels are not 0\n",
                net->shape.sparse ? "sparse" : "dense", 100 * mlp_dataset_density(train));
        mlp_report_machine(o, team, net->blas);
    }
    if (report->resumed != NULL) print_resumed(report->resumed, net->blas->name);
}

void mlp_report_complete(const mlp_report *report, const mlp_trainer *trainer) {
    const mlp_train_settings *s = report->settings;
    const bool extendable = strcmp(report->options->lr_schedule, "constant") == 0 &&
                            !(mlp_augment_moves(&s->augment) && report->options->fade > 0);
    if (report->options->quiet) return;
    fputs("complete  this run has ended: ", stderr);
    if (trainer->iteration < s->iterations)
        fprintf(stderr, "early stopping ended it after iteration %zu; nothing is left to train\n", trainer->iteration);
    else if (extendable)
        fprintf(stderr, "all %zu iterations are made; give more, for example --iters %zu\n", s->iterations,
                2 * s->iterations);
    else
        fprintf(stderr, "all %zu iterations of its schedule are made; start a new run for more\n", s->iterations);
}

mlp_status mlp_report_event(mlp_report *report, const mlp_event *event, mlp_error *err) {
    const mlp_status status = mlp_curve_row(&report->csv, event, err);
    if (event->iteration > 0) mlp_progress_add(&report->progress, event->loss);
    const bool tracing = event->iteration > 0 && event->iteration <= report->options->trace;
    const bool row = event->train.n > 0 && !report->options->quiet;
    if (!tracing && !row) {
        if (event->iteration > 0)
            mlp_progress_draw(&report->progress, event->iteration, report->settings->iterations,
                              report->resumed == NULL ? 0 : report->resumed->iteration);
        return status;
    }
    mlp_progress_clear(&report->progress);
    if (tracing) mlp_report_trace(report->table.out, event->batch, event->iteration, event->loss);
    if (row) mlp_table_row(&report->table, event);
    return status == MLP_OK ? flush_table(report, err) : status;
}

void mlp_report_written(mlp_report *report, const char *path) {
    mlp_progress_clear(&report->progress);
    if (!report->options->quiet) fprintf(stderr, "written   %s\n", path);
}

void mlp_report_stopped(mlp_report *report, int number, size_t iteration) {
    mlp_progress_clear(&report->progress);
    fprintf(stderr, "mlp-train: stopped by %s after iteration %zu of %zu",
            number == SIGINT    ? "SIGINT"
            : number == SIGTERM ? "SIGTERM"
                                : "SIGHUP",
            iteration, report->settings->iterations);
    if (report->options->checkpoint != NULL)
        fprintf(stderr, "; continue with --resume %s", report->options->checkpoint);
    fputc('\n', stderr);
}

mlp_status mlp_report_result(mlp_report *report, const mlp_event *result, mlp_error *err) {
    const mlp_metrics *test = &result->test;
    mlp_progress_clear(&report->progress);
    if (test->n > 0 && (report->table.out == stdout || !report->options->quiet))
        fprintf(report->table.out, "test accuracy %.4f +- %.4f (%zu of %zu) at iteration %zu%s, %.2f s, seed %zu\n",
                test->accuracy, test->std_error, test->correct, test->n, result->iteration,
                report->settings->early_stop > 0 ? " (least validation loss)" : "", mlp_clock() - report->start,
                report->options->seed);
    if (report->options->verbose) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        fprintf(stderr, "time      %.2f s: %.2f s before training, %.2f s in updates\n", mlp_clock() - report->start,
                report->progress.started - report->start, result->seconds);
        fprintf(stderr, "memory    %ld MiB at most\n", usage.ru_maxrss / 1024);
    }
    return flush_table(report, err);
}

mlp_status mlp_report_close(mlp_report *report, mlp_error *err) {
    mlp_progress_clear(&report->progress);
    return mlp_curve_close(&report->csv, err);
}

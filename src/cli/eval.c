/* eval.c - --eval: measures a model on the test images, class by class. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mlp/base/text.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/page.h"
#include "mlp/cli/report.h"
#include "mlp/data/check_texts.h"
#include "mlp/data/checks.h"

enum {
    WIDTH = 79,        /* characters in a line */
    NAME_MOST = 12,    /* largest width of a class's name */
    MOST_IN_TABLE = 50 /* classes; a larger matrix is too large to read */
};

static size_t count_at(const mlp_confusion *c, size_t label, size_t predicted) {
    return c->counts[label * c->n_classes + predicted];
}

/* ---- tables ---- */

/* Prints part/whole as "%.4f", "-" if whole is 0. */
static void print_share(int width, size_t part, size_t whole) {
    if (whole > 0)
        printf(" %*.4f", width, (double)part / (double)whole);
    else
        printf(" %*s", width, "-");
}

/* Prints the name of class k in at most `width` columns; a longer name is cut and ends with "…". Returns the number of
   unused columns. */
static size_t print_name(const mlp_class_names *names, size_t k, size_t width) {
    size_t columns, n = mlp_utf8_fit(&columns, names->at[k], width);
    const bool whole = names->at[k][n] == '\0';
    if (!whole) n = mlp_utf8_fit(&columns, names->at[k], width - 1);
    printf("%.*s%s", (int)n, names->at[k], whole ? "" : "…");
    return width - columns - (whole ? 0 : 1);
}

/* The width of the longest name; 0 if there are no names. */
static size_t name_width(const mlp_class_names *names) {
    size_t most = 0, columns;
    for (size_t k = 0; k < names->n; k++) {
        const bool whole = names->at[k][mlp_utf8_fit(&columns, names->at[k], NAME_MOST)] == '\0';
        columns = whole ? columns : NAME_MOST;
        most = columns > most ? columns : most;
    }
    return most;
}

/* Prints the number of class k, and its name if it has one, padded to `width`. */
static void print_heading(const mlp_class_names *names, size_t k, size_t width) {
    printf("%5zu", k);
    if (width == 0) return;
    putchar(' ');
    printf("%*s", (int)print_name(names, k, width), "");
}

static void print_class(const mlp_confusion *c, const mlp_class_names *names, size_t k, size_t width) {
    size_t images = 0, predicted = 0, worst = k == 0 ? 1 : 0;
    for (size_t i = 0; i < c->n_classes; i++) {
        images += count_at(c, k, i);
        predicted += count_at(c, i, k);
        if (i != k && count_at(c, k, i) > count_at(c, k, worst)) worst = i;
    }
    const size_t right = count_at(c, k, k);
    print_heading(names, k, width);
    printf(" %*zu %*zu", width > 0 ? 7 : 9, images, width > 0 ? 7 : 9, right);
    print_share(10, right, predicted);
    print_share(width > 0 ? 7 : 10, right, images);
    if (images > right) {
        fputs("   ", stdout);
        if (width > 0)
            print_name(names, worst, width);
        else
            printf("%zu", worst);
        printf(" (%zu)", count_at(c, k, worst));
    }
    putchar('\n');
}

/* Rows are labels. A matrix that is too wide is printed in parts. */
static void print_matrix(const mlp_confusion *c, const mlp_class_names *names, size_t name_columns) {
    const size_t n = c->n_classes, left = 5 + (name_columns > 0 ? 1 + name_columns : 0);
    size_t most = n; /* the width must also fit the class numbers */
    for (size_t i = 0; i < n * n; i++) most = c->counts[i] > most ? c->counts[i] : most;
    const int width = snprintf(NULL, 0, "%zu", most) + 1;
    const size_t at_once = (WIDTH - left) / (size_t)width;
    for (size_t from = 0; from < n; from += at_once) {
        const size_t to = n - from < at_once ? n : from + at_once;
        printf("\nlabel, and how often it was predicted as:\n%*s", (int)left, "");
        for (size_t k = from; k < to; k++) printf("%*zu", width, k);
        putchar('\n');
        for (size_t label = 0; label < n; label++) {
            print_heading(names, label, name_columns);
            for (size_t k = from; k < to; k++)
                if (count_at(c, label, k) > 0)
                    printf("%*zu", width, count_at(c, label, k));
                else
                    printf("%*s", width, ".");
            putchar('\n');
        }
    }
}

static void print_tables(const mlp_confusion *c, const mlp_class_names *names) {
    const size_t width = name_width(names);
    if (width == 0)
        printf("class    images     right  precision     recall   most often predicted as\n");
    else
        printf("class %*s images   right  precision  recall   most often predicted as\n", (int)width, "");
    for (size_t k = 0; k < c->n_classes; k++) print_class(c, names, k, width);
    if (c->n_classes <= MOST_IN_TABLE)
        print_matrix(c, names, width);
    else
        printf("\n%zu classes: --confusion FILE writes the matrix\n", c->n_classes);
    putchar('\n');
}

/* ---- the mode ---- */

static void print_settings(const mlp_run *run) {
    const mlp_options *o = &run->options;
    const mlp_shape *shape = &run->net.shape;
    mlp_options_print_repeated(stderr, o);
    if (o->verbose) fprintf(stderr, "files     %s\n          %s\n", run->paths.test_images, run->paths.test_labels);
    mlp_report_line("model     %s: %zu-%zu-%zu %s, softmax, %s: %zu parameters", run->model.name, shape->n_in,
                    shape->n_hidden, shape->n_out, o->activation, o->loss, mlp_network_count(&run->net));
    fprintf(stderr, "data      %zu test images of %zu x %zu\n", run->test.n, run->test.rows, run->test.cols);
    if (o->verbose) fprintf(stderr, "products  first layer %s\n", shape->sparse ? "sparse" : "dense");
    mlp_report_machine(run);
}

/* Prints the whole result, or nothing if the loss is not a number. */
static mlp_status print_result(const mlp_run *run, const mlp_metrics *m, const mlp_confusion *c, mlp_error *err) {
    if (!isfinite(m->loss))
        return mlp_fail(err, MLP_ERR_NUMERIC,
                        "%s: its test loss is %g: the weights are too large to compute with; train it again with a "
                        "lower learning rate",
                        run->model.name, m->loss);
    if (!run->options.quiet) print_tables(c, &run->names);
    printf("test accuracy %.4f +- %.4f (%zu of %zu), test loss %.9g\n", m->accuracy, m->std_error, m->correct, m->n,
           m->loss);
    return mlp_report_flush(stdout, err);
}

/* Each file is written whether or not another one fails. */
static void write_files(mlp_run *run, const mlp_metrics *metrics, const mlp_confusion *confusion, mlp_error *err) {
    const mlp_options *o = &run->options;
    if (o->confusion != NULL && mlp_outputs_confusion(o->confusion, confusion, &run->names, err) == MLP_OK)
        mlp_report_written(run, o->confusion);
    mlp_sheet_results(run, err);
    if (o->report != NULL && mlp_page_write(run, metrics, err) == MLP_OK) mlp_report_written(run, o->report);
}

/* If the model's file does not say its activation: warns if another one classifies clearly more images, with a lower
   loss. The network keeps its own. */
static void check_activation(mlp_run *run, mlp_evaluator *evaluator, const mlp_metrics *own) {
    mlp_network *net = &run->net;
    const mlp_activation *given = net->activation, *best = given;
    mlp_metrics most = *own;
    const char *name;
    if (run->model.activation != NULL) return;
    for (size_t i = 0; (name = mlp_activation_name(i)) != NULL; i++) {
        net->activation = mlp_activation_find(name);
        const mlp_metrics m = mlp_evaluate(evaluator, net, &run->test, NULL);
        if (!(m.loss < most.loss && m.accuracy > most.accuracy)) continue;
        most = m;
        best = net->activation;
    }
    net->activation = given;
    if (most.accuracy - own->accuracy > most.std_error)
        mlp_warn(&run->warnings, MLP_MODEL_OTHER_ACTIVATION, run->model.name, own->accuracy, given->name, most.accuracy,
                 best->name, best->name);
}

static mlp_status evaluate(mlp_run *run, mlp_evaluator *evaluator, mlp_confusion *confusion, mlp_error *err) {
    mlp_metrics metrics;
    MLP_TRY(mlp_run_open(run, err));
    MLP_TRY(mlp_run_build(run, run->test.compressed != NULL, err));
    MLP_TRY(mlp_evaluator_create(evaluator, &run->net, run->test.n, run->team, err));
    MLP_TRY(mlp_blas_fit(run->net.blas, run->team, err));
    if (run->history != NULL) mlp_history_warnings(run->history, &run->warnings);
    mlp_report_warnings(&run->warnings);
    if (!run->options.quiet) print_settings(run);
    MLP_TRY(mlp_confusion_create(confusion, &metrics, evaluator, &run->net, &run->test, err));
    /* if standard output is closed or full, the files are still needed */
    if (print_result(run, &metrics, confusion, err) == MLP_ERR_NUMERIC) return MLP_ERR_NUMERIC;
    if (!run->odd_pixels)
        mlp_check_evaluation(run->model.name, &run->test, metrics.loss, mlp_confusion_only(confusion),
                             confusion->n_classes, strcmp(run->net.loss->name, "squared-error") == 0, &run->warnings);
    if (run->warnings.n == 0) check_activation(run, evaluator, &metrics);
    if (run->history != NULL) mlp_history_warnings(run->history, &run->warnings);
    mlp_report_warnings(&run->warnings);
    write_files(run, &metrics, confusion, err);
    return err->status;
}

void mlp_eval(mlp_run *run, mlp_error *err) {
    mlp_evaluator evaluator = {0};
    mlp_confusion confusion = {0};
    evaluate(run, &evaluator, &confusion, err);
    mlp_confusion_free(&confusion);
    mlp_evaluator_free(&evaluator);
}

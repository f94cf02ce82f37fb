/* lesson.c - --lesson NAME: one part of the chapter, as a table and as the CSV of its figure. The library computes
   every number, except in the columns and rows named "the text": these numbers are copied from the chapter. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/rng.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/report.h"
#include "mlp/formats/file.h"
#include "mlp/net/numgrad.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* What a lesson reads and writes. */
typedef struct lesson {
    mlp_run *run;   /* its options; the data, if the lesson opens them */
    FILE *out;      /* the table: stdout, or stderr if the CSV goes to stdout */
    mlp_strbuf csv; /* the CSV, with its header; complete when the lesson returns */
    mlp_error *err; /* set by a lesson that fails */
    mlp_batch batch;
    float *grads; /* [arena] */
} lesson;

/* Prints a row of a table: a value with as many significant digits as in the text, and the text's number. */
static void row(const lesson *l, const char *what, int digits, double value, const char *text) {
    fprintf(l->out, text == NULL ? "%-34s %.*g\n" : "%-34s %-22.*g %s\n", what, digits, value, text);
}

static void heading(const lesson *l) { fprintf(l->out, "%34s %-22s %s\n", "", "this program", "the text"); }

/* ---- loss ---- */

enum { EXAMPLES = 3, CLASSES = 10, LABEL = 2 };

static const double predictions[EXAMPLES][CLASSES] = {
    {0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0},
    {0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0},
    {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1},
};

static double squared_error(const double *y) { return mlp_loss_find("squared-error")->value(y, CLASSES, LABEL, 0, 0); }

/* Cross-entropy with the logarithm of y + delta, in the two forms of the chapter: a sum over a one-hot target, or the
   label as an index. */
static double cross_entropy(const double *y, double delta, bool one_hot) {
    double log_y = 0;
    for (size_t k = 0; one_hot && k < CLASSES; k++)
        if (k == LABEL || delta > 0) log_y += (k == LABEL ? 1 : 0) * log(y[k] + delta);
    if (!one_hot) log_y = log(y[LABEL] + delta);
    return mlp_loss_find("cross-entropy")->value(y, CLASSES, LABEL, 0, log_y);
}

static void show_loss(lesson *l) {
    static const char *const squared[] = {"0.0975", "0.5975", NULL};
    static const char *const crossed[] = {"0.510825457099338", "2.302584092994546", NULL};
    static const int digits[] = {15, 16, 16};
    double sums[2] = {0};
    mlp_strbuf_print(&l->csv, "example,probability,squared_error,cross_entropy\n");
    fputs("Three predictions of ten classes; the label is 2.\n", l->out);
    for (size_t i = 0; i < EXAMPLES; i++) {
        fprintf(l->out, "  y%zu =", i + 1);
        for (size_t k = 0; k < CLASSES; k++) fprintf(l->out, " %4.2f", predictions[i][k]);
        fputc('\n', l->out);
    }
    heading(l);
    for (size_t i = 0; i < EXAMPLES; i++) {
        const double *y = predictions[i], error = squared_error(y), entropy = cross_entropy(y, 0, false);
        char what[48];
        snprintf(what, sizeof what, "y%zu: squared error", i + 1);
        row(l, what, 4, error, squared[i]);
        row(l, "    cross-entropy, one-hot, 1e-7", digits[i], cross_entropy(y, 1e-7, true), crossed[i]);
        row(l, "    cross-entropy, label, 1e-7", digits[i], cross_entropy(y, 1e-7, false), crossed[i]);
        row(l, "    cross-entropy, exact: -log y", digits[i], entropy, NULL);
        sums[0] += error;
        sums[1] += entropy;
        mlp_strbuf_print(&l->csv, "y%zu,%.17g,%.17g,%.17g\n", i + 1, y[LABEL], error, entropy);
    }
    row(l, "mean of the three: squared error", 4, sums[0] / (int)EXAMPLES, NULL);
    row(l, "    cross-entropy, exact", 16, sums[1] / (int)EXAMPLES, NULL);
    fputs("The text adds 1e-7 to y to avoid log(0). This program computes the logarithm\n"
          "from the logits (log-softmax), which needs no such number.\n",
          l->out);
    for (int i = 1; i <= 100; i++) {
        double y[CLASSES] = {0};
        y[LABEL] = i / 100.0;
        mlp_strbuf_print(&l->csv, ",%.17g,,%.17g\n", y[LABEL], cross_entropy(y, 0, false));
    }
}

/* ---- activation ---- */

static double step_value(double a) { return a > 0 ? 1 : 0; }

static void zero_slope(float *dz, size_t dz_stride, const float *z, size_t stride, size_t rows, size_t n) {
    (void)dz_stride, (void)z, (void)stride, (void)rows, (void)n;
    *dz = 0;
}

/* Not an activation of the program: it cannot be trained. */
static const mlp_activation step_function = {.name = "step", .backward = zero_slope, .value = step_value};

static double step_at(const double *x, size_t n, void *context) {
    (void)n, (void)context;
    return step_value(*x);
}

/* The derivative of f at x by the central and by the forward difference. */
static double central(mlp_function f, double x, double h) { return mlp_central_difference(f, NULL, &x, 1, 0, h); }

static double forward(mlp_function f, double x, double h) { return mlp_forward_difference(f, NULL, &x, 1, 0, h); }

static double slope(const mlp_activation *f, double x) {
    const float z = (float)f->value(x);
    float d = 1;
    f->backward(&d, 1, &z, 1, 1, 1);
    return (double)d;
}

static void show_activation(lesson *l) {
    enum { N = 4 };
    const mlp_activation *const functions[N] = {&step_function, mlp_activation_find("sigmoid"),
                                                mlp_activation_find("tanh"), mlp_activation_find("relu")};
    fputs("          value                                 derivative\n     x", l->out);
    for (size_t f = 0; f < (size_t)2 * N; f++) fprintf(l->out, " %8s", functions[f % N]->name);
    fputc('\n', l->out);
    mlp_strbuf_print(&l->csv, "x");
    for (size_t f = 0; f < N; f++) mlp_strbuf_print(&l->csv, ",%s,d_%s", functions[f]->name, functions[f]->name);
    mlp_strbuf_print(&l->csv, "\n");
    for (int i = -60; i <= 60; i++) {
        const double x = i / 10.0;
        mlp_strbuf_print(&l->csv, "%g", x);
        for (size_t f = 0; f < N; f++)
            mlp_strbuf_print(&l->csv, ",%.9g,%.9g", functions[f]->value(x), slope(functions[f], x));
        mlp_strbuf_print(&l->csv, "\n");
        if (i % 10 != 0) continue;
        fprintf(l->out, "%6g", x);
        for (size_t f = 0; f < N; f++) fprintf(l->out, " %8.5f", functions[f]->value(x));
        for (size_t f = 0; f < N; f++) fprintf(l->out, " %8.5f", slope(functions[f], x));
        fputc('\n', l->out);
    }
    fprintf(l->out,
            "\nA step function cannot be learned: its derivative is 0 wherever it exists.\n"
            "Central difference, h = 1e-4: %g at 0 (jump / 2h), %g at 1. A small change of\n"
            "a weight changes no output; no gradient says in which direction the loss falls.\n",
            central(step_at, 0, MLP_NUMGRAD_STEP), central(step_at, 1, MLP_NUMGRAD_STEP));
}

/* ---- derivative ---- */

/* f(x) = 0.01 x^2 + 0.1 x. volatile: each result is rounded as in the text's Python, never fused with the next
 (FMA). */
static double curve(const double *x, size_t n, void *context) {
    (void)n, (void)context;
    const volatile double square = 0.01 * (*x * *x), linear = 0.1 * *x;
    return square + linear;
}

/* The same in float32. */
static double curve_float(const double *x, size_t n, void *context) {
    (void)n, (void)context;
    const float a = (float)*x;
    const volatile float xx = a * a, square = 0.01F * xx, linear = 0.1F * a, sum = square + linear;
    return (double)sum;
}

static const struct {
    const char *name;
    mlp_function f;
} precisions[] = {{"double", curve}, {"float", curve_float}};

static double exact_slope(double x) { return 0.02 * x + 0.1; }

static void print_errors(lesson *l, double x) {
    fprintf(l->out,
            "\nError of both rules at x = %g\n%19s %21s %22s\n"
            "%8s  %10s %10s  %10s %10s\n",
            x, "", "double", "float32", "h", "central", "forward", "central", "forward");
    for (int e = 1; e <= 16; e++) {
        const double h = pow(10, -e);
        fprintf(l->out, "%8.0e", h);
        for (size_t p = 0; p < LENGTH(precisions); p++)
            fprintf(l->out, "  %10.1e %10.1e", fabs(central(precisions[p].f, x, h) - exact_slope(x)),
                    fabs(forward(precisions[p].f, x, h) - exact_slope(x)));
        fputc('\n', l->out);
    }
    fputs("A larger h has a larger truncation error, a smaller h a larger rounding error.\n", l->out);
}

static void add_errors(lesson *l, double x) {
    for (size_t p = 0; p < LENGTH(precisions); p++)
        for (int i = 4; i <= 64; i++) { /* four values of h in a decade */
            const double h = pow(10, -i / 4.0);
            mlp_strbuf_print(&l->csv, "%g,%.17g,%.17g,%s,%.17g,%.17g,%.17g\n", x, precisions[p].f(&x, 1, NULL),
                             exact_slope(x), precisions[p].name, h, central(precisions[p].f, x, h),
                             forward(precisions[p].f, x, h));
        }
}

static void show_derivative(lesson *l) {
    static const char *const text[] = {"0.1999999999990898", "0.2999999999986347"};
    static const double at[] = {5, 10};
    mlp_strbuf_print(&l->csv, "x,f,derivative,precision,h,central,forward\n");
    fputs("f(x) = 0.01 x^2 + 0.1 x    f'(x) = 0.02 x + 0.1\n", l->out);
    heading(l);
    for (size_t i = 0; i < LENGTH(at); i++) {
        const double x = at[i];
        char what[48];
        snprintf(what, sizeof what, "x = %g: exact", x);
        row(l, what, 16, exact_slope(x), NULL);
        row(l, "    central difference, h = 1e-4", 16, central(curve, x, MLP_NUMGRAD_STEP), text[i]);
        row(l, "    forward difference, h = 1e-4", 16, forward(curve, x, MLP_NUMGRAD_STEP), NULL);
        row(l, "    forward difference, h = 10e-50", 16, forward(curve, x, 10e-50), "0, by rounding");
    }
    print_errors(l, at[0]);
    for (int i = 0; i <= 200; i++) {
        const double x = i / 10.0;
        mlp_strbuf_print(&l->csv, "%g,%.17g,%.17g,,,,\n", x, curve(&x, 1, NULL), exact_slope(x));
    }
    for (size_t i = 0; i < LENGTH(at); i++) add_errors(l, at[i]);
}

/* ---- gradient ---- */

/* f(x) = x0^2 + x1^2. volatile: see the function of the lesson `derivative`. */
static double sum_of_squares(const double *x, size_t n, void *context) {
    (void)context;
    volatile double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const volatile double square = x[i] * x[i];
        sum += square;
    }
    return sum;
}

static void show_gradient(lesson *l) {
    static const struct {
        double x[2];
        const char *text;
    } points[] = {{{3, 4}, "(6, 8)"}, {{0, 2}, "(0, 4)"}, {{3, 0}, "(6, 0)"}};
    double x[] = {3, 4}, gradient[2];
    fputs("f(x0, x1) = x0^2 + x1^2    gradient (2 x0, 2 x1)\n", l->out);
    heading(l);
    row(l, "df/dx0 at (3, 4); exact: 6", 15, mlp_central_difference(sum_of_squares, NULL, x, 2, 0, MLP_NUMGRAD_STEP),
        "6.00000000000378");
    row(l, "df/dx1 at (3, 4); exact: 8", 16, mlp_central_difference(sum_of_squares, NULL, x, 2, 1, MLP_NUMGRAD_STEP),
        "7.999999999999119");
    for (size_t i = 0; i < LENGTH(points); i++) {
        char what[48], value[48];
        memcpy(x, points[i].x, sizeof x);
        mlp_gradient(gradient, sum_of_squares, NULL, x, 2);
        snprintf(what, sizeof what, "gradient at (%g, %g)", x[0], x[1]);
        snprintf(value, sizeof value, "(%.8g, %.8g)", gradient[0], gradient[1]);
        fprintf(l->out, "%-34s %-22s %s\n", what, value, points[i].text);
    }
    mlp_strbuf_print(&l->csv, "x0,x1,f,df_dx0,df_dx1\n");
    for (int i = -12; i <= 12; i++)
        for (int j = -12; j <= 12; j++) {
            x[0] = i / 4.0;
            x[1] = j / 4.0;
            mlp_gradient(gradient, sum_of_squares, NULL, x, 2);
            mlp_strbuf_print(&l->csv, "%g,%g,%.9g,%.9g,%.9g\n", x[0], x[1], sum_of_squares(x, 2, NULL), gradient[0],
                             gradient[1]);
        }
}

/* ---- descent ---- */

/* Descends from (-3, 4). The CSV gets every point, the table only the points listed below. x: the last point. */
static void descend(lesson *l, double *x, double lr, size_t iterations, bool print) {
    double gradient[2];
    x[0] = -3;
    x[1] = 4;
    for (size_t i = 0;; i++) {
        const bool listed = i <= 3 || i == 10 || i == 30 || i == iterations;
        const double f = sum_of_squares(x, 2, NULL);
        mlp_strbuf_print(&l->csv, "%.9g,%zu,%.17g,%.17g,%.17g\n", lr, i, x[0], x[1], f);
        if (print && listed) fprintf(l->out, "%9zu  %-16.9g %-16.9g %.9g\n", i, x[0], x[1], f);
        if (i == iterations) return;
        mlp_gradient_descent(x, gradient, sum_of_squares, NULL, 2, lr, 1);
    }
}

/* Prints the last point for a learning rate, and the text's point if it prints one. */
static void print_end(const lesson *l, double lr, const double *x, bool as_text) {
    static const struct {
        double lr;
        const char *end;
    } text[] = {{0.1, "(-6.11110793e-10, 8.14814391e-10)"},
                {10, "(-2.58983747e+13, -1.29524862e+12)"},
                {1e-10, "(-2.99999994, 3.99999992)"}};
    const char *end = NULL;
    char point[64];
    for (size_t i = 0; i < LENGTH(text) && as_text; i++)
        if (text[i].lr == lr) end = text[i].end;
    snprintf(point, sizeof point, "(%.9g, %.9g)", x[0], x[1]);
    fprintf(l->out, end != NULL ? "%-8g %-35s %s\n" : "%-8g %s\n", lr, point, end);
}

/* The learning rate of --lr, and the two learning rates of the text that fail. */
static void show_descent(lesson *l) {
    static const double failures[] = {10, 1e-10};
    const mlp_options *o = &l->run->options;
    const size_t usual = 100, iterations = mlp_options_given(o, "iters") ? o->iters : usual;
    const bool as_text = iterations == usual;
    double x[2];
    mlp_strbuf_print(&l->csv, "lr,iteration,x0,x1,f\n");
    fprintf(l->out,
            "f(x0, x1) = x0^2 + x1^2 from (-3, 4): x = x - lr * gradient, lr = %g\n"
            "iteration  %-16s %-16s f\n",
            o->lr, "x0", "x1");
    descend(l, x, o->lr, iterations, true);
    fprintf(l->out, "\nAfter %zu iterations\nlr       %s\n", iterations,
            as_text ? "this program                        the text" : "end point");
    print_end(l, o->lr, x, as_text);
    for (size_t i = 0; i < LENGTH(failures); i++) {
        if (failures[i] == o->lr) continue;
        descend(l, x, failures[i], iterations, false);
        print_end(l, failures[i], x, as_text);
    }
    fputs("Too large a rate diverges. Too small a rate hardly moves.\n", l->out);
}

/* ---- simple-net ---- */

enum { N_IN = 2, N_OUT = 3 };

static void print_classes(const lesson *l, const char *what, const double *values) {
    fprintf(l->out, "%-38s %12.8f %12.8f %12.8f\n", what, values[0], values[1], values[2]);
}

/* dW = x^T (p - t), in float32 as the program trains. */
static void backpropagate(double *dw, const double *p, const mlp_layer *layer) {
    float p32[N_OUT], dy[N_OUT];
    for (size_t k = 0; k < N_OUT; k++) p32[k] = (float)p[k];
    layer->loss->gradient(dy, p32, N_OUT, layer->label, 0, 1);
    for (size_t j = 0; j < N_IN; j++)
        for (size_t k = 0; k < N_OUT; k++) dw[j * N_OUT + k] = layer->x[j] * (double)dy[k];
}

static void print_net(const lesson *l, mlp_layer *layer, double *w, const double *dw, const double *backprop,
                      bool as_text) {
    static const double scores[] = {-0.26561338, -0.4512588, 1.56884337};
    static const double gradient[] = {0.07414456, 0.0615821, -0.13572666, 0.11121684, 0.09237315, -0.20359};
    static const char *const rows[] = {"gradient, row 1: central differences", "gradient, row 2: central differences"};
    double y[N_OUT];
    mlp_layer_scores(y, w, layer);
    const size_t predicted = y[0] >= y[1] && y[0] >= y[2] ? 0 : y[1] >= y[2] ? 1 : 2;
    fprintf(l->out, "x = (0.6, 0.9), label 2; y = x W, softmax, cross-entropy\n%-38s %12s %12s %12s\n", "", "class 0",
            "class 1", "class 2");
    print_classes(l, "W, row 1", w);
    print_classes(l, "W, row 2", w + N_OUT);
    print_classes(l, "scores", y);
    if (as_text) print_classes(l, "    the text", scores);
    for (size_t j = 0; j < N_IN; j++) {
        print_classes(l, rows[j], dw + j * N_OUT);
        print_classes(l, "    backpropagation, float32", backprop + j * N_OUT);
        if (as_text) print_classes(l, "    the text", gradient + j * N_OUT);
    }
    fprintf(l->out, "prediction %zu%s\nloss %.17g%s\n", predicted, as_text ? "    the text: 2" : "",
            mlp_layer_loss(w, (size_t)N_IN * N_OUT, layer), as_text ? "    the text: 0.25645618872166714" : "");
}

static void show_simple_net(lesson *l) {
    /* The text prints eight digits of each weight. These have more, which round to the printed ones; they are chosen so
       that scores and loss are those of the text too, which it computed from unrounded weights. */
    double w[] = {-0.7354685297, -0.9048520196, -0.2240922508, 0.1951863704, 0.1018360106, 1.892554138878913};
    static const double x[] = {0.6, 0.9};
    mlp_layer layer = {.x = x, .n_in = N_IN, .n_out = N_OUT, .stride = N_OUT, .label = 2};
    const bool as_text = !mlp_options_given(&l->run->options, "seed");
    double p[N_OUT], dw[LENGTH(w)], backprop[LENGTH(w)];
    mlp_rng rng;
    mlp_rng_seed(&rng, l->run->options.seed, MLP_STREAM_INIT);
    for (size_t i = 0; i < LENGTH(w) && !as_text; i++) w[i] = mlp_rng_normal(&rng);
    layer.loss = mlp_loss_find("cross-entropy");
    mlp_layer_scores(p, w, &layer);
    mlp_softmax_double(p, N_OUT, layer.label, 0);
    mlp_gradient(dw, mlp_layer_loss, &layer, w, LENGTH(w));
    backpropagate(backprop, p, &layer);
    print_net(l, &layer, w, dw, backprop, as_text);
    if (as_text) fputs("The text prints W to 8 digits; the further ones are chosen to give its loss.\n", l->out);
    mlp_strbuf_print(&l->csv, "row,column,weight,numerical,backprop\n");
    for (size_t i = 0; i < LENGTH(w); i++)
        mlp_strbuf_print(&l->csv, "%zu,%zu,%.17g,%.9g,%.9g\n", i / N_OUT, i % N_OUT, w[i], dw[i], backprop[i]);
}

/* ---- step by step ---- */

static mlp_status prepare(lesson *l, mlp_error *err) {
    mlp_run *run = l->run;
    MLP_TRY(mlp_run_open(run, err));
    MLP_TRY(mlp_run_build(run, run->test.compressed != NULL, err));
    MLP_TRY(mlp_batch_create(&l->batch, &run->net, run->train.n, false, err));
    MLP_TRY(mlp_blas_fit(run->net.blas, run->team, err));
    MLP_NEW(l->grads, run->net.arena, 1, "the gradient", err);
    return MLP_OK;
}

/* The chapter's network with larger weights, on the first five images. After the last update there is one more forward
   pass, of the trained network. */
static void show_steps(lesson *l) {
    mlp_run *run = l->run;
    mlp_batch *batch = &l->batch;
    const size_t iterations = mlp_options_given(&run->options, "iters") ? run->options.iters : 5;
    run->options.train_limit = 5;
    run->options.init_std = 0.1;
    mlp_strbuf_print(&l->csv, "iteration,example,label,class,target,probability,loss\n");
    if (prepare(l, l->err) != MLP_OK) return;
    mlp_batch_load(batch, &run->train, NULL, 0, run->train.n, run->team);
    for (size_t iteration = 1;; iteration++) {
        batch->training = iteration <= iterations;
        mlp_network_forward(batch, &run->net, run->team);
        for (size_t i = 0; i < batch->n; i++)
            for (size_t k = 0; k < batch->n_out; k++)
                mlp_strbuf_print(&l->csv, "%zu,%zu,%u,%zu,%d,%.9g,%.9g\n", iteration - 1, i, batch->labels[i], k,
                                 k == batch->labels[i], (double)batch->p[i * batch->stride_out + k], batch->losses[i]);
        if (iteration > iterations) break;
        mlp_report_trace(l->out, batch, iteration, mlp_batch_loss(batch));
        mlp_network_backward(l->grads, batch, &run->net, run->team);
        for (size_t i = 0; i < run->net.arena; i++) run->net.params[i] -= (float)run->options.lr * l->grads[i];
    }
    fprintf(l->out, "after %zu iterations: loss %.6f, %zu of %zu predictions are right\n", iterations,
            mlp_batch_loss(batch), mlp_batch_correct(batch), batch->n);
}

/* ---- the lessons ---- */

/* The same names as in options_table.c, in the order of the chapter. */
static const struct {
    const char *name;
    void (*show)(lesson *lesson);
    const char *about;
} lessons[] = {
    {"loss", show_loss, "4.2    squared error and cross-entropy of a prediction"},
    {"activation", show_activation, "3.2    step, sigmoid, tanh and ReLU, with their derivatives"},
    {"derivative", show_derivative, "4.3    central and forward difference of 0.01 x^2 + 0.1 x"},
    {"gradient", show_gradient, "4.4    partial derivatives and gradient of x0^2 + x1^2"},
    {"descent", show_descent, "4.4.1  gradient descent on it from (-3, 4); --lr, --iters"},
    {"simple-net", show_simple_net, "4.4.2  gradient of a 2 x 3 network; --seed N: other weights"},
    {"step-by-step", show_steps, "4.5    five iterations on five images; --lr, --iters, --seed"},
};

static void list(lesson *l) {
    fputs("The numbers of the textbook chapter, each beside the one that the text prints.\n"
          "--lesson NAME --csv FILE.csv also writes the data of the figure; to draw it:\n"
          "gnuplot -c " MLP_SCRIPTS "/plot-lesson.gp FILE.csv FIGURE.svg\n\n"
          "  --lesson      section\n",
          l->out);
    for (size_t i = 0; i < LENGTH(lessons); i++) fprintf(l->out, "  %-13s %s\n", lessons[i].name, lessons[i].about);
    fputs("\nOther sections are trainings (without MNIST: --data " MLP_DIGITS "):\n"
          "  4.1.2  MNIST and the shapes of the arrays: --iters 0\n"
          "  4.2.3  a random batch of ten: --iters 1 --batch-size 10 --trace 1\n"
          "  4.5.1  before training: --iters 0; two gradients: --check-gradient\n"
          "  4.5.2  the training loop: --csv FILE.csv; by the numerical gradient:\n"
          "         --gradient numerical\n"
          "  beyond the chapter: --preset keras; --activation tanh|relu; overfitting:\n"
          "         --train-limit 500 --hidden 200 --iters 5000; cures: --dropout 0.5,\n"
          "         --weight-decay 0.01, --validation 0.2 --early-stop 10\n\n"
          "Their figures:\n"
          "gnuplot -c " MLP_SCRIPTS "/plot-loss.gp FILE.csv FIGURE.svg\n"
          "gnuplot -c " MLP_SCRIPTS "/plot-accuracy.gp FILE.csv FIGURE.svg\n"
          "gnuplot -c " MLP_SCRIPTS "/plot-compare.gp FIGURE.svg FILE.csv ANOTHER.csv ...\n",
          l->out);
}

/* ---- the mode ---- */

static mlp_status write_csv(const mlp_strbuf *csv, const char *path, mlp_error *err) {
    if (strcmp(path, "-") != 0) return mlp_file_put(path, csv, err);
    if (csv->failed) return mlp_fail_memory(err, "the CSV", csv->n);
    fwrite(csv->at, 1, csv->n, stdout);
    return MLP_OK;
}

void mlp_lesson_mode(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const bool csv_on_stdout = o->csv != NULL && strcmp(o->csv, "-") == 0;
    lesson l = {.run = run, .out = csv_on_stdout ? stderr : stdout, .err = err};
    const size_t most = 100000; /* iterations: a lesson keeps the CSV in memory and cannot be interrupted */
    if (mlp_options_given(o, "iters") && o->iters > most)
        mlp_fail(err, MLP_ERR_USAGE, "--iters: %zu is outside 0..%zu with --lesson", o->iters, most);
    if (err->status != MLP_OK || mlp_outputs_check(run, err) != MLP_OK) return;
    for (size_t i = 0; i < LENGTH(lessons); i++)
        if (strcmp(lessons[i].name, o->lesson) == 0) lessons[i].show(&l);
    if (strcmp(o->lesson, "list") == 0) list(&l);
    fflush(l.out); /* the table must come before the message on stderr */
    if (err->status == MLP_OK && o->csv != NULL && write_csv(&l.csv, o->csv, err) == MLP_OK && !csv_on_stdout)
        mlp_report_written(run, o->csv);
    if (err->status == MLP_OK) mlp_report_flush(stdout, err);
    mlp_batch_free(&l.batch);
    mlp_strbuf_free(&l.csv);
    free(l.grads);
}

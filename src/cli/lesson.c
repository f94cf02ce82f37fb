/* lesson.c - --lesson NAME: one part of the chapter, as a table and as the CSV of its figure. */
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/report.h"
#include "mlp/formats/file.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

static void list(mlp_lesson *l);
static void step_by_step(mlp_lesson *l);

/* The same names as in options_table.c, in the order of the chapter. */
static const struct {
    const char *name;
    void (*show)(mlp_lesson *lesson);
    const char *about;
} lessons[] = {
    {"loss", mlp_lesson_loss, "4.2    squared error and cross-entropy of a prediction"},
    {"activation", mlp_lesson_activation, "3.2    step, sigmoid, tanh and ReLU, with their derivatives"},
    {"derivative", mlp_lesson_derivative, "4.3    central and forward difference of 0.01 x^2 + 0.1 x"},
    {"gradient", mlp_lesson_gradient, "4.4    partial derivatives and gradient of x0^2 + x1^2"},
    {"descent", mlp_lesson_descent, "4.4.1  gradient descent on it from (-3, 4); --lr, --iters"},
    {"simple-net", mlp_lesson_simple_net, "4.4.2  gradient of a 2 x 3 network; --seed N: other weights"},
    {"step-by-step", step_by_step, "4.5    five iterations on five images; --lr, --iters, --seed"},
    {"list", list, NULL},
};
enum { N_LESSONS = sizeof lessons / sizeof *lessons };

static void list(mlp_lesson *l) {
    fputs("The numbers of the textbook chapter, each beside the one that the text prints.\n"
          "--lesson NAME --csv FILE.csv also writes the data of the figure; to draw it:\n"
          "gnuplot -c " MLP_SCRIPTS "/plot-lesson.gp FILE.csv FIGURE.svg\n\n"
          "  --lesson      section\n",
          l->out);
    for (size_t i = 0; i < N_LESSONS; i++)
        if (lessons[i].show != list) fprintf(l->out, "  %-13s %s\n", lessons[i].name, lessons[i].about);
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

/* ---- step by step ---- */

/* The buffers of the lesson. */
typedef struct steps {
    mlp_batch batch;
    float *grads; /* [arena] */
} steps;

static void add_probabilities(mlp_strbuf *csv, const mlp_batch *batch, size_t iteration) {
    for (size_t i = 0; i < batch->n; i++)
        for (size_t k = 0; k < batch->n_out; k++)
            mlp_strbuf_print(csv, "%zu,%zu,%u,%zu,%d,%.9g,%.9g\n", iteration, i, batch->labels[i], k,
                             k == batch->labels[i], (double)batch->p[i * batch->stride_out + k], batch->losses[i]);
}

/* After the last update there is one more forward pass, of the trained network. */
static void iterate(mlp_lesson *l, steps *s, size_t iterations) {
    mlp_run *run = l->run;
    mlp_batch_load(&s->batch, &run->train, NULL, 0, run->train.n, run->team);
    for (size_t iteration = 1;; iteration++) {
        s->batch.training = iteration <= iterations;
        mlp_network_forward(&s->batch, &run->net, run->team);
        add_probabilities(&l->csv, &s->batch, iteration - 1);
        if (iteration > iterations) break;
        mlp_report_trace(l->out, &s->batch, iteration, mlp_batch_loss(&s->batch));
        mlp_network_backward(s->grads, &s->batch, &run->net, run->team);
        for (size_t i = 0; i < run->net.arena; i++) run->net.params[i] -= (float)run->options.lr * s->grads[i];
    }
    fprintf(l->out, "after %zu iterations: loss %.6f, %zu of %zu predictions are right\n", iterations,
            mlp_batch_loss(&s->batch), mlp_batch_correct(&s->batch), s->batch.n);
}

static mlp_status prepare(mlp_lesson *l, steps *s, mlp_error *err) {
    mlp_run *run = l->run;
    MLP_TRY(mlp_run_open(run, err));
    MLP_TRY(mlp_run_build(run, run->test.compressed != NULL, err));
    MLP_TRY(mlp_batch_create(&s->batch, &run->net, run->train.n, false, err));
    MLP_TRY(mlp_blas_fit(run->net.blas, run->team, err));
    s->grads = mlp_alloc(run->net.arena, sizeof *s->grads, "the gradient", err);
    return s->grads == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

/* The chapter's network with larger weights, on the first five images. */
static void step_by_step(mlp_lesson *l) {
    mlp_options *o = &l->run->options;
    steps s = {0};
    const size_t iterations = mlp_options_given(o, "iters") ? o->iters : 5;
    o->train_limit = 5;
    o->init_std = 0.1;
    mlp_strbuf_print(&l->csv, "iteration,example,label,class,target,probability,loss\n");
    if (prepare(l, &s, l->err) == MLP_OK) iterate(l, &s, iterations);
    free(s.grads);
    mlp_batch_free(&s.batch);
}

/* ---- the mode ---- */

static mlp_status write_csv(const mlp_strbuf *csv, const char *path, mlp_error *err) {
    if (strcmp(path, "-") != 0) return mlp_file_put(path, csv, err);
    if (csv->failed) return mlp_fail_memory(err, "the CSV", csv->n);
    fwrite(csv->at, 1, csv->n, stdout);
    return MLP_OK;
}

/* A lesson keeps the CSV in memory and cannot be interrupted. */
static mlp_status check_iterations(const mlp_options *o, mlp_error *err) {
    const size_t most = 100000;
    if (!mlp_options_given(o, "iters") || o->iters <= most) return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE, "--iters: %zu is outside 0..%zu with --lesson", o->iters, most);
}

void mlp_lesson_mode(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const bool csv_on_stdout = o->csv != NULL && strcmp(o->csv, "-") == 0;
    mlp_lesson lesson = {.run = run, .out = csv_on_stdout ? stderr : stdout, .err = err};
    size_t i = 0;
    if (check_iterations(o, err) != MLP_OK || mlp_outputs_check(run, err) != MLP_OK) return;
    while (strcmp(lessons[i].name, o->lesson) != 0) i++;
    lessons[i].show(&lesson);
    fflush(lesson.out); /* the table must come before the message on stderr */
    if (err->status == MLP_OK && o->csv != NULL && write_csv(&lesson.csv, o->csv, err) == MLP_OK && !csv_on_stdout)
        mlp_report_written(run, o->csv);
    if (err->status == MLP_OK) mlp_report_flush(stdout, err);
    mlp_strbuf_free(&lesson.csv);
}

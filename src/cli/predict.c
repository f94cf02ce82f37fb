/* predict.c - images in, a line of CSV each out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/report.h"
#include "mlp/data/images.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

typedef struct predictor {
    mlp_run *run;
    mlp_images images;
    size_t n;           /* images in earlier groups */
    size_t n_batches;   /* the threads of the team at creation */
    mlp_batch *batches; /* [n_batches] of one example each: a row does not depend on its neighbours */
    float *p;           /* [MLP_IMAGES_MOST x n_out] probabilities */
    uint8_t predicted[MLP_IMAGES_MOST];
} predictor;

/* The network, for the kind of pixels in the first group. */
static mlp_status build(predictor *r, mlp_error *err) {
    mlp_run *run = r->run;
    bool sparse;
    MLP_TRY(mlp_run_choose_layer(&sparse, run, NULL, r->images.set.bytes != NULL, err));
    MLP_TRY(mlp_run_build(run, sparse, err));
    r->p = mlp_alloc(MLP_IMAGES_MOST, run->net.shape.n_out * sizeof *r->p, "probabilities", err);
    r->n_batches = (size_t)mlp_team_threads(run->team);
    r->batches = mlp_alloc(r->n_batches, sizeof *r->batches, "batches", err);
    if (r->p == NULL || r->batches == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < r->n_batches; i++) MLP_TRY(mlp_batch_create(&r->batches[i], &run->net, 1, false, err));
    return mlp_blas_fit(run->net.blas, run->team, err);
}

static void predict_one(void *context, size_t i, int thread) {
    predictor *r = context;
    mlp_batch *batch = &r->batches[thread];
    const size_t n_out = r->run->net.shape.n_out;
    mlp_batch_load(batch, &r->images.set, NULL, i, 1, NULL);
    mlp_network_forward(batch, &r->run->net, NULL);
    memcpy(r->p + i * n_out, batch->p, n_out * sizeof *r->p);
    r->predicted[i] = batch->predicted[0];
}

/* ---- output ---- */

static void print_header(size_t n_out) {
    fputs("index,label", stdout);
    for (size_t k = 0; k < n_out; k++) printf(",p%zu", k);
    putchar('\n');
}

/* The image as characters, two a pixel: so much higher than wide they are. */
static void show(const mlp_dataset *set, size_t i) {
    static const char ramp[] = " .:-=+*#%@";
    for (size_t row = 0; row < set->rows; row++) {
        size_t spaces = 0; /* those at the end of a line are left out */
        for (size_t col = 0; col < set->cols; col++) {
            const size_t at = i * set->n_pixels + row * set->cols + col;
            const double ink = set->bytes != NULL ? set->bytes[at] / 255.0 : fmin(fmax((double)set->floats[at], 0), 1);
            const char c = ramp[(size_t)lrint(ink * (sizeof ramp - 2))];
            if (c == ' ') {
                spaces += 2;
                continue;
            }
            fprintf(stderr, "%*s%c%c", (int)spaces, "", c, c);
            spaces = 0;
        }
        fputc('\n', stderr);
    }
}

/* What the user should know about image i of the group. */
static void warn(const predictor *r, size_t i) {
    static const char *const texts[] = {
        [MLP_FOUND_NOTHING] = "no ink stands out from the background",
        [MLP_FOUND_UNIFORM] = "all its pixels are the same",
        [MLP_FOUND_EXTREME] = "all its pixels are black, or all white; if it was transparent, convert it by: "
                              "convert PICTURE -background white -alpha remove pgm:-",
        [MLP_FOUND_UNCLEAR] =
            "no digit can be told from the lines and edges; cut it out with some empty paper around it",
    };
    const char *text = texts[r->images.found[i]];
    if (text != NULL)
        mlp_warn(&r->run->warnings, "%s: image %zu: its row stays empty: %s", r->images.source.name, r->n + i, text);
    mlp_report_warnings(&r->run->warnings);
}

/* Pictures that are black on white, where the model was trained on white on black. */
static void warn_of_bright_borders(const predictor *r) {
    if (2 * r->images.bright > r->n)
        mlp_warn(&r->run->warnings,
                 "%s: %zu of %zu images have a bright border, as black on white has; models learn MNIST's white on "
                 "black; add "
                 "--fit, which takes both",
                 r->images.source.name, r->images.bright, r->n);
}

/* One image of the group: its row on stdout, and messages on stderr. */
static mlp_status print_one(const predictor *r, size_t i, mlp_error *err) {
    const mlp_options *o = &r->run->options;
    const size_t n_out = r->run->net.shape.n_out;
    const float *p = r->p + i * n_out;
    const bool blank = !mlp_found_digit(r->images.found[i]);
    if (!isfinite(p[r->predicted[i]]))
        return mlp_fail(err, MLP_ERR_NUMERIC,
                        "%s: gives no probabilities for image %zu: the weights are too large to compute with; train it "
                        "again with a lower learning rate",
                        r->run->model.name, r->n + i);
    warn(r, i);
    if (o->verbose && !blank) {
        fprintf(stderr, "image %zu is predicted as %u, probability %.4f\n", r->n + i, r->predicted[i],
                (double)p[r->predicted[i]]);
        show(&r->images.set, i);
    }
    printf("%zu,", r->n + i);
    if (!blank) printf("%u", r->predicted[i]);
    for (size_t k = 0; k < n_out; k++)
        if (blank)
            putchar(',');
        else
            printf(",%.9g", (double)p[k]);
    putchar('\n');
    return MLP_OK;
}

/* ---- the run ---- */

/* Predicts and prints one group of images. */
static mlp_status predict_some(predictor *r, mlp_error *err) {
    mlp_dataset *set = &r->images.set;
    mlp_status status = mlp_model_check_pixels(&r->run->model, set, r->images.source.name, err);
    if (status == MLP_OK && r->run->net.shape.sparse) status = mlp_dataset_compress(set, r->run->team, err);
    if (status == MLP_OK) mlp_team_run(r->run->team, predict_one, r, set->n);
    mlp_rows_free(&set->owned.compressed);
    for (size_t i = 0; i < set->n && status == MLP_OK; i++) status = print_one(r, i, err);
    r->n += set->n;
    const mlp_status flushed = mlp_report_flush(stdout, err);
    return status == MLP_OK ? flushed : status;
}

static mlp_status predict_all(predictor *r, mlp_error *err) {
    mlp_run *run = r->run;
    MLP_TRY(mlp_run_open_model(run, err));
    MLP_TRY(mlp_images_open(&r->images, run->options.predict, run->model.rows, run->model.cols, run->options.fit, err));
    mlp_report_warnings(&run->warnings);
    MLP_TRY(mlp_images_next(&r->images, err));
    MLP_TRY(build(r, err));
    print_header(run->net.shape.n_out);
    while (r->images.set.n > 0) {
        MLP_TRY(predict_some(r, err));
        MLP_TRY(mlp_images_next(&r->images, err));
    }
    warn_of_bright_borders(r);
    return MLP_OK;
}

static void free_predictor(predictor *r) {
    for (size_t i = 0; r->batches != NULL && i < r->n_batches; i++) mlp_batch_free(&r->batches[i]);
    free(r->batches);
    free(r->p);
    mlp_images_free(&r->images);
}

void mlp_predict(mlp_run *run, mlp_error *err) {
    predictor *r = mlp_alloc(1, sizeof *r, "the prediction", err);
    if (r == NULL) return;
    r->run = run;
    predict_all(r, err);
    free_predictor(r);
    free(r);
}

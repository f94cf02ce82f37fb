/* sheet.c - contact sheets: --samples (distorted digits), --weights (hidden units), --mistakes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/text.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/report.h"
#include "mlp/cli/settings.h"
#include "mlp/data/augment.h"
#include "mlp/formats/file.h"
#include "mlp/formats/png.h"
#include "mlp/state/weights.h"
#include "mlp/train/predictions.h"

/* ---- sheets ---- */

/* Pictures in a row of the sheet, and the largest number of rows if not all pictures are shown. */
enum { SIDE = 10 };

/* Pictures of one size, in rows, black around and between them. Zero-initialise; free pixels. */
typedef struct sheet {
    size_t rows, cols;    /* size of a picture */
    size_t across, gap;   /* pictures in a row; pixels between two */
    size_t height, width; /* of the sheet */
    uint8_t *pixels;      /* [height x width] */
} sheet;

static mlp_status sheet_create(sheet *s, size_t n, mlp_error *err) {
    const size_t down = n > 0 ? (n + s->across - 1) / s->across : 1;
    s->height = down * (s->rows + s->gap) - s->gap;
    s->width = s->across * (s->cols + s->gap) - s->gap;
    s->pixels = mlp_alloc(s->height, s->width, "the contact sheet", err);
    return s->pixels == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

/* Pixel k of picture i. */
static uint8_t *sheet_pixel(const sheet *s, size_t i, size_t k) {
    const size_t y = i / s->across * (s->rows + s->gap) + k / s->cols;
    const size_t x = i % s->across * (s->cols + s->gap) + k % s->cols;
    return &s->pixels[y * s->width + x];
}

/* Writes PNG if the name ends in .png, else PGM. */
static mlp_status sheet_write(const sheet *s, const char *path, mlp_error *err) {
    mlp_strbuf bytes = {0};
    mlp_status status = MLP_OK;
    if (mlp_ends_with(path, ".png")) {
        status = mlp_png_write(&bytes, s->pixels, s->height, s->width, err);
    } else {
        mlp_strbuf_print(&bytes, "P5\n%zu %zu\n255\n", s->width, s->height);
        mlp_strbuf_add(&bytes, (const char *)s->pixels, s->height * s->width);
    }
    if (status == MLP_OK) status = mlp_file_put(path, &bytes, err);
    mlp_strbuf_free(&bytes);
    return status;
}

/* ---- the mode --samples ---- */

static mlp_status write_samples(const char *path, const mlp_dataset *images, mlp_error *err) {
    sheet s = {.rows = images->rows, .cols = images->cols, .across = SIDE};
    MLP_TRY(sheet_create(&s, images->n, err));
    for (size_t i = 0; i < images->n; i++)
        for (size_t k = 0; k < images->n_pixels; k++) *sheet_pixel(&s, i, k) = images->bytes[i * images->n_pixels + k];
    const mlp_status status = sheet_write(&s, path, err);
    free(s.pixels);
    return status;
}

void mlp_sheet(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_augment augment = {0};
    if (mlp_run_open(run, err) != MLP_OK) return;
    const size_t most = (size_t)SIDE * SIDE, n = run->train.n < most ? run->train.n : most;
    const mlp_augment_settings settings = mlp_settings(o, run->train.n).augment;
    if (mlp_augment_create(&augment, &settings, &run->train, n, o->seed, run->team, err) == MLP_OK) {
        mlp_augment_load(&augment, &run->train, NULL, n, 0, run->team);
        if (write_samples(o->samples, &augment.set, err) == MLP_OK) mlp_report_written(run, o->samples);
    }
    mlp_augment_free(&augment);
}

/* ---- --weights ---- */

/* With m the largest absolute weight of the unit: grey is 0, white m, black -m. */
static void draw_unit(const sheet *s, size_t unit, const float *weights, size_t n) {
    float most = 0;
    for (size_t k = 0; k < n; k++) most = fmaxf(most, fabsf(weights[k]));
    for (size_t k = 0; k < n; k++)
        *sheet_pixel(s, unit, k) = (uint8_t)lrintf(128 + 127 * (most > 0 ? weights[k] / most : 0));
}

static mlp_status write_weights(const mlp_run *run, mlp_error *err) {
    const size_t n = run->net.shape.n_hidden, n_in = run->net.shape.n_in;
    mlp_weights weights = {0};
    sheet s = {.rows = run->test.rows, .cols = run->test.cols, .across = SIDE, .gap = 1};
    while (s.across * s.across < n) s.across++;
    mlp_status status = sheet_create(&s, n, err);
    if (status == MLP_OK) status = mlp_weights_create(&weights, &run->net, err);
    for (size_t j = 0; status == MLP_OK && j < n; j++) draw_unit(&s, j, weights.memory + j * n_in, n_in);
    if (status == MLP_OK) status = sheet_write(&s, run->options.weights, err);
    mlp_weights_free(&weights);
    free(s.pixels);
    return status;
}

/* ---- --mistakes ---- */

static mlp_status write_list(const mlp_run *run, const char *path, const mlp_predictions *a, mlp_error *err) {
    char number[MLP_CLASS_NUMBER_SIZE];
    mlp_strbuf csv = {0};
    mlp_strbuf_print(&csv, "index,label,prediction,p_prediction,p_label\n");
    for (size_t i = 0; i < a->n_wrong; i++) {
        const size_t e = a->ranked[i].example;
        mlp_strbuf_print(&csv, "%zu,", mlp_dataset_image(a->set, e));
        mlp_strbuf_cell(&csv, mlp_class_name(number, &run->names, mlp_predictions_label(a, e)));
        mlp_strbuf_add(&csv, ",", 1);
        mlp_strbuf_cell(&csv, mlp_class_name(number, &run->names, a->predicted[e]));
        mlp_strbuf_print(&csv, ",%.9g,%.9g\n", (double)a->p_predicted[e], (double)a->p_label[e]);
    }
    const mlp_status status = mlp_file_put(path, &csv, err);
    mlp_strbuf_free(&csv);
    return status;
}

static mlp_status write_pictures(const char *path, const mlp_predictions *a, mlp_error *err) {
    const size_t most = (size_t)SIDE * SIDE, n = a->n_wrong < most ? a->n_wrong : most, n_pixels = a->set->n_pixels;
    sheet s = {.rows = a->set->rows, .cols = a->set->cols, .across = SIDE};
    MLP_TRY(sheet_create(&s, n, err));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_pixels; k++)
            *sheet_pixel(&s, i, k) =
                mlp_dataset_grey(a->set, mlp_dataset_image(a->set, a->ranked[i].example) * n_pixels + k);
    const mlp_status status = sheet_write(&s, path, err);
    free(s.pixels);
    return status;
}

static mlp_status write_mistakes(const mlp_run *run, mlp_error *err) {
    const char *path = run->options.mistakes;
    mlp_predictions predictions = {0};
    mlp_status status = mlp_predictions_create(&predictions, &run->net, &run->test, run->team, err);
    if (status == MLP_OK)
        status = mlp_ends_with(path, ".csv") ? write_list(run, path, &predictions, err)
                                             : write_pictures(path, &predictions, err);
    mlp_predictions_free(&predictions);
    return status;
}

mlp_status mlp_sheet_results(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_status weights = o->weights == NULL ? MLP_OK : write_weights(run, err);
    if (o->weights != NULL && weights == MLP_OK) mlp_report_written(run, o->weights);
    const mlp_status mistakes = o->mistakes == NULL ? MLP_OK : write_mistakes(run, err);
    if (o->mistakes != NULL && mistakes == MLP_OK) mlp_report_written(run, o->mistakes);
    return weights != MLP_OK ? weights : mistakes;
}

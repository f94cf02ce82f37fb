/* normalize.c - puts a drawing into MNIST's frame: crop, scale, centre. */
#include "mlp/data/normalize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/data/drawing.h"
#include "mlp/data/isolate.h"

/* A drawing is blank, such as a dusty white page, if its strongest ink is not above this. */
#define TRACE 0.02

/* A digit whose brightest pixel is below this part of the full scale is strengthened to full. */
#define WEAK 0.9

/* `n` source pixels are spread over `k` target pixels. Returns the overlap of source j and target i, in units of 1/k
   source pixel: whole numbers, so that a scale of 1 changes nothing. */
static size_t overlap(size_t i, size_t j, size_t n, size_t k) {
    const size_t from = i * n > j * k ? i * n : j * k;
    const size_t to = (i + 1) * n < (j + 1) * k ? (i + 1) * n : (j + 1) * k;
    return to > from ? to - from : 0;
}

/* Box `b` is scaled to a target [rows x cols]. Returns the mean ink of the area that becomes pixel (row, col). */
static double average(const mlp_drawing *d, mlp_box b, size_t row, size_t col, size_t rows, size_t cols) {
    const size_t height = b.bottom - b.top, width = b.right - b.left;
    double sum = 0;
    for (size_t y = row * height / rows; y * rows < (row + 1) * height; y++) {
        double line = 0;
        for (size_t x = col * width / cols; x * cols < (col + 1) * width; x++)
            line += (double)overlap(col, x, width, cols) * d->ink[(b.top + y) * d->width + b.left + x];
        sum += (double)overlap(row, y, height, rows) * line;
    }
    return sum / ((double)height * (double)width);
}

/* round(size * scale), at least 1 */
static size_t scaled(size_t size, double scale) {
    const double rounded = floor((double)size * scale + 0.5);
    return rounded < 1 ? 1 : (size_t)rounded;
}

/* Returns the position of a box of `size` in a frame of `side`: the one that brings its centre of mass (moments /
   masses) nearest to the middle pixel, with the whole box inside the frame. */
static size_t place(double moments, double masses, size_t size, size_t side) {
    const size_t middle = side / 2;
    const double at = floor((double)middle - moments / masses + 0.5);
    return at < 0 ? 0 : at > (double)(side - size) ? side - size : (size_t)at;
}

/* Scales box `b` into `values`, a buffer for [rows x cols], and copies the result to its position in `digit`; ink of
   `full` becomes 255. */
static void draw(uint8_t *digit, size_t rows, size_t cols, double *values, const mlp_drawing *d, mlp_box b,
                 double full) {
    const double height = (double)(b.bottom - b.top), width = (double)(b.right - b.left);
    const double box_rows = (double)scaled(rows, 20.0 / 28), box_cols = (double)scaled(cols, 20.0 / 28);
    const double scale = fmin(box_rows / height, box_cols / width);
    const size_t n_rows = scaled(b.bottom - b.top, scale), n_cols = scaled(b.right - b.left, scale);
    double most = 0, sum = 0, row_sum = 0, col_sum = 0;
    for (size_t i = 0; i < n_rows * n_cols; i++) {
        values[i] = average(d, b, i / n_cols, i % n_cols, n_rows, n_cols);
        most = values[i] > most ? values[i] : most;
    }
    const double white = most < WEAK * full ? most : full;
    for (size_t i = 0; i < n_rows * n_cols; i++) {
        values[i] = floor(255 * fmin(values[i] / white, 1) + 0.5);
        sum += values[i];
        const size_t row = i / n_cols, col = i % n_cols;
        row_sum += values[i] * (double)row;
        col_sum += values[i] * (double)col;
    }
    const size_t top = place(row_sum, sum, n_rows, rows), left = place(col_sum, sum, n_cols, cols);
    for (size_t i = 0; i < n_rows * n_cols; i++)
        digit[(top + i / n_cols) * cols + left + i % n_cols] = (uint8_t)values[i];
}

static bool is_uniform(const float *pixels, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (pixels[i] != pixels[0]) return false;
    return true;
}

/* Copies, within the box of shape k, the ink of this shape and the faint ink on paper; ink of other shapes becomes 0.
   Pieces beyond the largest MLP_SHAPES_MOST share the label MLP_PIECE + MLP_SHAPES_MOST. */
static void take_shape(float *ink, const mlp_drawing *d, const mlp_shapes *shapes, size_t k) {
    const mlp_box *b = &shapes->box[k];
    for (size_t y = b->top; y < b->bottom; y++)
        for (size_t i = y * d->width + b->left; i < y * d->width + b->right; i++) {
            const uint8_t label = d->map.at[i];
            const bool other =
                label >= MLP_PIECE && (label - MLP_PIECE >= MLP_SHAPES_MOST || shapes->of[label - MLP_PIECE] != k);
            ink[i] = other ? 0 : d->ink[i];
        }
}

static mlp_status draw_each(uint8_t *digits, size_t rows, size_t cols, double *values, mlp_drawing *d,
                            const mlp_shapes *shapes, mlp_error *err) {
    float *all = d->ink;
    float *one = mlp_alloc_unset(d->height * d->width, sizeof *one, "a picture's ink", err);
    for (size_t k = 0; one != NULL && k < shapes->n; k++) {
        take_shape(one, d, shapes, k);
        d->ink = one;
        draw(digits + k * rows * cols, rows, cols, values, d, shapes->box[k], fmax(d->strongest, 1));
        d->ink = all;
    }
    free(one);
    return one == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

mlp_status mlp_normalize(uint8_t *digits, size_t rows, size_t cols, mlp_found *found, mlp_shapes *shapes, bool split,
                         const float *pixels, size_t height, size_t width, mlp_error *err) {
    mlp_drawing d = {0};
    memset(digits, 0, (split ? MLP_SHAPES_MOST : 1) * rows * cols);
    memset(shapes, 0, sizeof *shapes);
    *found = pixels[0] > 0 && pixels[0] < 1 ? MLP_FOUND_UNIFORM : MLP_FOUND_EXTREME;
    if (is_uniform(pixels, height * width)) return MLP_OK;
    double *values = mlp_alloc_unset(rows * cols, sizeof *values, "a digit", err);
    mlp_status status = values == NULL ? MLP_ERR_MEMORY : MLP_OK;
    if (status == MLP_OK) status = mlp_drawing_read(&d, pixels, height, width, err);
    if (status == MLP_OK) {
        *found = d.strongest > TRACE ? mlp_isolate(shapes, &d, split) : MLP_FOUND_NOTHING;
        if (*found == MLP_FOUND_DIGIT && split && shapes->n > 1)
            status = draw_each(digits, rows, cols, values, &d, shapes, err);
        else if (*found == MLP_FOUND_DIGIT)
            draw(digits, rows, cols, values, &d, shapes->box[0], fmax(d.strongest, 1));
    }
    mlp_drawing_free(&d);
    free(values);
    return status;
}

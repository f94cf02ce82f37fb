/* normalize.c - a drawing into MNIST's frame: background, ink, crop, scale, centre. */
#include "mlp/data/normalize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

/* What stands out from its background by less than this many times the background's noise (the median of its
   deviations; 0.67 standard deviations) is no ink. A normal deviate is above that once in 3 * 10^7 times. */
#define NOISE_FACTOR 8.0

/* A drawing whose strongest ink is not above this is blank: a dusty white page. */
#define TRACE 0.02

/* What has less than this part of the strongest ink does not count when the drawing is cut out: the
   blur of an enlargement, and the rings that JPEG leaves around edges. Measured on MNIST enlarged
   in several ways: less finds boxes too large, more takes strokes off images that were good. */
#define FAINT 0.2

/* A digit whose brightest pixel is below this part of the full scale is strengthened to full. */
#define WEAK 0.9

/* The drawing, and what is its background. */
typedef struct drawing {
    const float *pixels; /* [height x width] */
    size_t height, width;
    double light[3]; /* background at row y, column x: light[0] + light[1] * y + light[2] * x */
    double sign;     /* of ink's deviation from the background: 1 or -1 */
    double floor;    /* deviation that is still background */
} drawing;

static double deviation(const drawing *d, size_t y, size_t x) {
    return d->pixels[y * d->width + x] - (d->light[0] + d->light[1] * (double)y + d->light[2] * (double)x);
}

static double ink(const drawing *d, size_t y, size_t x) {
    const double over = d->sign * deviation(d, y, x) - d->floor;
    return over > 0 ? over : 0;
}

/* ---- the background, from the border ---- */

/* Of a longer border so many pixels are looked at, evenly spread. */
enum { MOST_BORDER = 1 << 16 };

static size_t whole_border(const drawing *d) {
    return d->height > 2 ? 2 * d->width + 2 * (d->height - 2) : d->height * d->width;
}

static size_t border_length(const drawing *d) {
    const size_t n = whole_border(d);
    return n < MOST_BORDER ? n : MOST_BORDER;
}

/* Row and column of the i-th border pixel that is looked at: top, bottom, left, right. */
static void border_pixel(size_t *y, size_t *x, const drawing *d, size_t i) {
    const size_t h = d->height, w = d->width;
    size_t k = i * whole_border(d) / border_length(d);
    if (k < 2 * w) {
        *y = k < w ? 0 : h - 1;
        *x = k < w ? k : k - w;
    } else {
        k -= 2 * w;
        *y = 1 + (k < h - 2 ? k : k - (h - 2));
        *x = k < h - 2 ? 0 : w - 1;
    }
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of n values, which are sorted on the way. */
static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, ascending);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

/* The median distance of the border from the background; `values` is room for the border. */
static double noise(const drawing *d, double *values) {
    const size_t n = border_length(d);
    for (size_t i = 0; i < n; i++) {
        size_t y, x;
        border_pixel(&y, &x, d, i);
        values[i] = fabs(deviation(d, y, x));
    }
    return median(values, n);
}

/* Solves A v = b for symmetric positive A [3 x 3], by elimination; false where it is singular. */
static bool solve3(double v[3], double a[3][3], double b[3]) {
    for (int k = 0; k < 3; k++) {
        if (!(a[k][k] > 1e-9)) return false;
        for (int i = k + 1; i < 3; i++) {
            const double factor = a[i][k] / a[k][k];
            for (int j = k; j < 3; j++) a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    }
    for (int k = 2; k >= 0; k--) {
        v[k] = b[k];
        for (int j = k + 1; j < 3; j++) v[k] -= a[k][j] * v[j];
        v[k] /= a[k][k];
    }
    return true;
}

/* The plane of least squares through the border pixels that lie within `near` of the present
   background: those beyond are ink that touches the border. */
static bool fit_plane(drawing *d, double near) {
    double a[3][3] = {{0}}, b[3] = {0}, plane[3];
    const size_t n = border_length(d);
    for (size_t i = 0; i < n; i++) {
        size_t y, x;
        border_pixel(&y, &x, d, i);
        /* about the middle and to the size of the drawing, for the sake of the arithmetic */
        const double at[3] = {1, (double)y / (double)d->height - 0.5, (double)x / (double)d->width - 0.5};
        if (fabs(deviation(d, y, x)) > near) continue;
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k < 3; k++) a[j][k] += at[j] * at[k];
            b[j] += at[j] * d->pixels[y * d->width + x];
        }
    }
    if (!solve3(plane, a, b)) return false;
    d->light[0] = plane[0] - 0.5 * (plane[1] + plane[2]);
    d->light[1] = plane[1] / (double)d->height;
    d->light[2] = plane[2] / (double)d->width;
    return true;
}

/* One level where most of the border has it, else a plane, where that comes nearer. */
static mlp_status find_background(drawing *d, mlp_error *err) {
    enum { ROUNDS = 5 };
    const size_t n = border_length(d);
    double *values = mlp_alloc_unset(n, sizeof *values, "the border of a picture", err);
    if (values == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        size_t y, x;
        border_pixel(&y, &x, d, i);
        values[i] = d->pixels[y * d->width + x];
    }
    d->light[0] = median(values, n);
    const double level_noise = noise(d, values);
    const drawing level = *d;
    double least = level_noise;
    for (int round = 0; round < ROUNDS && least > 0 && fit_plane(d, 4.5 * least); round++) least = noise(d, values);
    if (!(least < level_noise)) {
        *d = level;
        least = level_noise;
    }
    d->floor = NOISE_FACTOR * least;
    free(values);
    return MLP_OK;
}

/* ---- the ink ---- */

/* Whether ink is darker or lighter than the background: to the side where more deviates, squared,
   so that strokes weigh more than shades. Returns the strongest ink. */
static double find_ink(drawing *d) {
    double squares[2] = {0}, most[2] = {0};
    for (size_t y = 0; y < d->height; y++)
        for (size_t x = 0; x < d->width; x++) {
            const double e = deviation(d, y, x);
            const int side = e < 0;
            squares[side] += e * e;
            most[side] = fabs(e) > most[side] ? fabs(e) : most[side];
        }
    const int side = squares[1] > squares[0];
    d->sign = side == 1 ? -1 : 1;
    return most[side] - d->floor;
}

/* Rows [top, bottom) and columns [left, right) that have ink. */
typedef struct box {
    size_t top, bottom, left, right;
} box;

/* Where the ink is above `least`; it is somewhere. */
static box find_box(const drawing *d, double least) {
    box b = {d->height, 0, d->width, 0};
    for (size_t y = 0; y < d->height; y++)
        for (size_t x = 0; x < d->width; x++)
            if (ink(d, y, x) > least) {
                b.top = y < b.top ? y : b.top;
                b.bottom = y + 1;
                b.left = x < b.left ? x : b.left;
                b.right = x + 1 > b.right ? x + 1 : b.right;
            }
    return b;
}

/* ---- the digit ---- */

/* Of `n` source pixels spread over `k` targets, what source j and target i share, in k-ths of a
   source pixel: whole numbers, so that a scale of 1 changes nothing. */
static size_t overlap(size_t i, size_t j, size_t n, size_t k) {
    const size_t from = i * n > j * k ? i * n : j * k;
    const size_t to = (i + 1) * n < (j + 1) * k ? (i + 1) * n : (j + 1) * k;
    return to > from ? to - from : 0;
}

/* The mean ink of the area of `b` that pixel (row, col) of a target [rows x cols] stands for. */
static double average(const drawing *d, box b, size_t row, size_t col, size_t rows, size_t cols) {
    const size_t height = b.bottom - b.top, width = b.right - b.left;
    double sum = 0;
    for (size_t y = row * height / rows; y * rows < (row + 1) * height; y++) {
        double line = 0;
        for (size_t x = col * width / cols; x * cols < (col + 1) * width; x++)
            line += (double)overlap(col, x, width, cols) * ink(d, b.top + y, b.left + x);
        sum += (double)overlap(row, y, height, rows) * line;
    }
    return sum / ((double)height * (double)width);
}

/* round(size * scale), at least 1 */
static size_t scaled(size_t size, double scale) {
    const double rounded = floor((double)size * scale + 0.5);
    return rounded < 1 ? 1 : (size_t)rounded;
}

/* Where a box of `size` begins in a frame of `side`, so that its centre of mass (sum of moments /
   sum of masses) is nearest to the middle pixel; the whole box stays in the frame. */
static size_t place(double moments, double masses, size_t size, size_t side) {
    const size_t middle = side / 2;
    const double at = floor((double)middle - moments / masses + 0.5);
    return at < 0 ? 0 : at > (double)(side - size) ? side - size : (size_t)at;
}

/* Scales `b` into `values`, room for [rows x cols], and puts them in their place in `digit`; ink of `full` is 255. */
static void draw(uint8_t *digit, size_t rows, size_t cols, double *values, const drawing *d, box b, double full) {
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

mlp_status mlp_normalize(uint8_t *digit, size_t rows, size_t cols, bool *blank, const float *pixels, size_t height,
                         size_t width, mlp_error *err) {
    drawing d = {.pixels = pixels, .height = height, .width = width};
    memset(digit, 0, rows * cols);
    *blank = true;
    const mlp_status status = find_background(&d, err);
    if (status != MLP_OK) return status;
    const double strongest = find_ink(&d);
    if (!(strongest > TRACE)) return MLP_OK;
    double *values = mlp_alloc_unset(rows * cols, sizeof *values, "a digit", err);
    if (values == NULL) return MLP_ERR_MEMORY;
    draw(digit, rows, cols, values, &d, find_box(&d, FAINT * strongest), fmax(strongest, 1));
    *blank = false;
    free(values);
    return MLP_OK;
}

/* drawing.c - finds the paper of a picture, and the ink on it. */
#include "mlp/data/drawing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

/* Ink must deviate from the background by more than this factor times the noise. The noise is the median of the
   background's deviations (0.67 standard deviations); normal noise exceeds the limit once in 3 * 10^7 pixels. */
#define NOISE_FACTOR 8.0

/* Ink below this fraction of the strongest ink is ignored when the digit is found and cut out: it is the blur of an
   enlarged image, or a ring that JPEG makes around edges. Measured on MNIST enlarged in several ways: with a smaller
   fraction boxes are too large, with a larger one strokes of good images are lost. */
#define FAINT 0.2

/* A sheet or a frame fills at least this fraction of its box. An ellipse, like the inside of a 0, fills 0.79, or more
   after its gaps were closed. */
#define RECTANGLE 0.9

/* Pixel i minus the background there. */
static double deviation(const mlp_drawing *d, size_t i) {
    const size_t y = i / d->width, x = i % d->width;
    return d->pixels[i] - (d->light[0] + d->light[1] * (double)y + d->light[2] * (double)x);
}

/* ---- the background, from a sample of its pixels ---- */

enum { SAMPLE_MOST = 1 << 16 };

typedef struct sample {
    size_t n;
    size_t *places; /* [SAMPLE_MOST] row * width + column */
    double *values; /* [SAMPLE_MOST] scratch */
} sample;

static mlp_status create_sample(sample *s, mlp_error *err) {
    s->places = mlp_alloc_unset(SAMPLE_MOST, sizeof *s->places, "the paper of a picture", err);
    s->values = mlp_alloc_unset(SAMPLE_MOST, sizeof *s->values, "the paper of a picture", err);
    return s->places == NULL || s->values == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

/* Samples the border of the picture: top, bottom, left, right; of a long border only evenly spread places. */
static void sample_border(sample *s, const mlp_drawing *d) {
    const size_t h = d->height, w = d->width;
    const size_t whole = h > 2 ? 2 * w + 2 * (h - 2) : h * w;
    s->n = whole < SAMPLE_MOST ? whole : SAMPLE_MOST;
    for (size_t i = 0; i < s->n; i++) {
        size_t k = i * whole / s->n;
        if (k < 2 * w) {
            s->places[i] = k < w ? k : (h - 1) * w + k - w;
        } else {
            k -= 2 * w;
            s->places[i] = k < h - 2 ? (1 + k) * w : (k - (h - 2) + 2) * w - 1;
        }
    }
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of n values; the function sorts them. */
static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, ascending);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

/* The median distance of the sample from the background. */
static double noise(const mlp_drawing *d, sample *s) {
    for (size_t i = 0; i < s->n; i++) s->values[i] = fabs(deviation(d, s->places[i]));
    return median(s->values, s->n);
}

/* Solves A v = b for symmetric positive A [3 x 3], by elimination; false if A is singular. */
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

/* Fits a plane by least squares to the sampled pixels that differ from the current background by at most `near`: the
   others are ink. */
static bool fit_plane(mlp_drawing *d, const sample *s, double near) {
    double a[3][3] = {{0}}, b[3] = {0}, plane[3];
    for (size_t i = 0; i < s->n; i++) {
        const size_t place = s->places[i], y = place / d->width, x = place % d->width;
        /* centred and scaled, for smaller rounding errors */
        const double at[3] = {1, (double)y / (double)d->height - 0.5, (double)x / (double)d->width - 0.5};
        if (fabs(deviation(d, place)) > near) continue;
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k < 3; k++) a[j][k] += at[j] * at[k];
            b[j] += at[j] * d->pixels[place];
        }
    }
    if (!solve3(plane, a, b)) return false;
    d->light[0] = plane[0] - 0.5 * (plane[1] + plane[2]);
    d->light[1] = plane[1] / (double)d->height;
    d->light[2] = plane[2] / (double)d->width;
    return true;
}

/* The background is one level if most of the sample has it; else a plane, if a plane fits better. */
static void find_background(mlp_drawing *d, sample *s) {
    enum { ROUNDS = 5 };
    for (size_t i = 0; i < s->n; i++) s->values[i] = d->pixels[s->places[i]];
    d->light[0] = median(s->values, s->n);
    d->light[1] = d->light[2] = 0;
    const double level = d->light[0], level_noise = noise(d, s);
    double least = level_noise;
    for (int round = 0; round < ROUNDS && least > 0 && fit_plane(d, s, 4.5 * least); round++) least = noise(d, s);
    if (!(least < level_noise)) {
        d->light[0] = level;
        d->light[1] = d->light[2] = 0;
        least = level_noise;
    }
    d->floor = NOISE_FACTOR * least;
}

/* ---- the ink ---- */

void mlp_drawing_label(mlp_drawing *d) {
    const double least = FAINT * fmax(d->strongest, 0);
    for (size_t i = 0; i < d->height * d->width; i++)
        if (d->map.at[i] != MLP_OUTSIDE) d->map.at[i] = d->ink[i] > least ? MLP_INK : MLP_PAPER;
}

/* Ink is either darker or lighter than the background: the side with the larger sum of squared deviations. The squares
   give strokes more weight than shadows. */
static void find_ink(mlp_drawing *d) {
    double squares[2] = {0}, most[2] = {0};
    for (size_t i = 0; i < d->height * d->width; i++) {
        const double e = d->map.at[i] == MLP_OUTSIDE ? 0 : deviation(d, i);
        squares[e < 0] += e * e;
        most[e < 0] = fmax(most[e < 0], fabs(e));
    }
    const int side = squares[1] > squares[0];
    d->sign = side == 1 ? -1 : 1;
    d->strongest = most[side] - d->floor;
    for (size_t i = 0; i < d->height * d->width; i++) {
        const double over = d->map.at[i] == MLP_OUTSIDE ? 0 : d->sign * deviation(d, i) - d->floor;
        d->ink[i] = over > 0 ? (float)over : 0;
    }
    mlp_drawing_label(d);
}

/* ---- a sheet on a desk, a frame ---- */

/* Finds the piece of ink with the largest box. Only this piece keeps the label MLP_INK; the rest becomes MLP_PAPER. */
static mlp_component largest_piece(mlp_map *map) {
    enum { SEEN = MLP_PIECE, LARGEST };
    const size_t n = map->height * map->width;
    mlp_component largest = {0};
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        if (map->at[i] != MLP_INK) continue;
        const mlp_component c = mlp_map_flood(map, i, MLP_INK, SEEN);
        const size_t box = (c.box.bottom - c.box.top) * (c.box.right - c.box.left);
        if (box <= most) continue;
        most = box;
        largest = c;
    }
    if (most > 0) mlp_map_flood(map, largest.start, SEEN, LARGEST);
    for (size_t i = 0; i < n; i++) map->at[i] = map->at[i] == LARGEST ? MLP_INK : MLP_PAPER;
    return largest;
}

/* Everything that the piece of ink does not enclose becomes MLP_OUTSIDE. */
static void flood_outside(mlp_map *map) {
    const size_t h = map->height, w = map->width;
    for (size_t i = 0; i < h * w; i++) {
        const bool border = i < w || i >= (h - 1) * w || i % w == 0 || i % w == w - 1;
        if (border && map->at[i] == MLP_PAPER) mlp_map_flood(map, i, MLP_PAPER, MLP_OUTSIDE);
    }
}

/* The fraction of its box that the enclosed area fills; the box is turned to several angles, and the best is returned:
   1 for a rectangle, 0.79 for an ellipse. */
static double fill_of_box(const mlp_map *map) {
    enum { ANGLES = 9 };
    const double step = 2.5 * 3.14159265358979 / 180;
    double best = 0, from[ANGLES][2], to[ANGLES][2];
    size_t area = 0;
    for (size_t k = 0; k < ANGLES; k++) {
        from[k][0] = from[k][1] = INFINITY;
        to[k][0] = to[k][1] = -INFINITY;
    }
    for (size_t y = 0; y < map->height; y++) {
        const uint8_t *row = map->at + y * map->width;
        size_t left = map->width, right = 0;
        for (size_t x = 0; x < map->width; x++)
            if (row[x] != MLP_OUTSIDE) {
                area++;
                left = x < left ? x : left;
                right = x + 1;
            }
        for (size_t k = 0; k < ANGLES && right > 0; k++) {
            const double a = ((double)k - (ANGLES - 1) * 0.5) * step;
            for (size_t corner = 0; corner < 4; corner++) {
                const double u = (double)(corner % 2 == 1 ? right : left), v = (double)(y + (corner > 1));
                const double at[2] = {cos(a) * u + sin(a) * v, cos(a) * v - sin(a) * u};
                for (int j = 0; j < 2; j++) {
                    from[k][j] = fmin(from[k][j], at[j]);
                    to[k][j] = fmax(to[k][j], at[j]);
                }
            }
        }
    }
    for (size_t k = 0; k < ANGLES; k++) {
        const double box = (to[k][0] - from[k][0]) * (to[k][1] - from[k][1]);
        best = fmax(best, (double)area / box);
    }
    return best;
}

/* Adds to counts[k] the number of rows whose first run of ink is k pixels wide; for columns, exchange step and
   pitch. */
static void count_widths(size_t *counts, size_t most, const mlp_drawing *d, const mlp_map *enclosed, size_t lines,
                         size_t pitch, size_t n, size_t step) {
    for (size_t l = 0; l < lines; l++)
        for (int back = 0; back < 2; back++) {
            size_t k = 0, width = 0;
#define PLACE(k) (l * pitch + (back ? n - 1 - (k) : (k)) * step)
            while (k < n && (enclosed->at[PLACE(k)] == MLP_OUTSIDE || d->map.at[PLACE(k)] != MLP_INK)) k++;
            while (k + width < n && d->map.at[PLACE(k + width)] == MLP_INK) width++;
#undef PLACE
            if (width > 0) counts[width < most ? width : most - 1]++;
        }
}

/* The thickness of a frame's lines: four in five rows and columns have at most this one. */
static size_t frame_width(const mlp_drawing *d, const mlp_map *enclosed) {
    enum { MOST = 256 };
    size_t counts[MOST] = {0}, sum = 0, below = 0, width = 0;
    count_widths(counts, MOST, d, enclosed, d->height, d->width, d->width, 1);
    count_widths(counts, MOST, d, enclosed, d->width, 1, d->height, d->width);
    for (size_t k = 0; k < MOST; k++) sum += counts[k];
    while (width < MOST - 1 && 5 * (below + counts[width]) < 4 * sum) below += counts[width++];
    return width;
}

/* Returns the number of enclosed pixels; *inked is the number of those with ink. */
static size_t count_enclosed(size_t *inked, const mlp_drawing *d, const mlp_map *enclosed) {
    size_t n = 0;
    *inked = 0;
    for (size_t i = 0; i < d->height * d->width; i++)
        if (enclosed->at[i] != MLP_OUTSIDE) {
            n++;
            *inked += d->map.at[i] == MLP_INK;
        }
    return n;
}

/* Samples the pixels of a sheet, evenly spread. Compared with the desk, they are ink. */
static void sample_sheet(sample *s, const mlp_drawing *d, const mlp_map *enclosed, size_t inked) {
    size_t k = 0;
    s->n = 0;
    for (size_t i = 0; i < d->height * d->width; i++)
        if (enclosed->at[i] != MLP_OUTSIDE && d->map.at[i] == MLP_INK) {
            if (k * SAMPLE_MOST / inked >= s->n || inked <= SAMPLE_MOST)
                if (s->n < SAMPLE_MOST) s->places[s->n++] = i;
            k++;
        }
}

/* Whether there is ink on the sheet, which is the background now. The ink must have the fraction FAINT of the contrast
   between sheet and desk. */
static bool has_ink(const mlp_drawing *d, const mlp_map *enclosed, size_t all, double contrast) {
    size_t inked = 0;
    for (size_t i = 0; i < d->height * d->width; i++)
        inked += enclosed->at[i] != MLP_OUTSIDE && fabs(deviation(d, i)) > d->floor + FAINT * contrast;
    return 200 * inked > all;
}

/* Whether a box is large enough, and not too narrow, for a sheet or a frame with a digit in it. */
static bool is_large(const mlp_drawing *d, const mlp_box *box, size_t gap) {
    const size_t frame = 2 * gap, height = box->bottom - box->top - frame, width = box->right - box->left - frame;
    if (box->bottom - box->top <= frame || box->right - box->left <= frame) return false;
    return 10 * height * width >= d->height * d->width && 3 * height >= width && 3 * width >= height;
}

/* If there is a sheet or a frame, its inside becomes the paper. */
static bool enter_enclosure(mlp_drawing *d, mlp_map *map, sample *s) {
    const size_t n = d->height * d->width;
    const size_t gap = 1 + (d->height < d->width ? d->height : d->width) / 100;
    bool at_edge = false;
    for (size_t i = 0; i < n; i++) map->at[i] = d->map.at[i] == MLP_INK ? MLP_INK : MLP_PAPER;
    mlp_map_grow(map, MLP_INK, gap, false);
    const mlp_component piece = largest_piece(map);
    if (!is_large(d, &piece.box, gap)) return false;
    for (size_t i = 0; i < n && !at_edge; i++)
        at_edge = map->at[i] == MLP_INK && d->map.at[i] == MLP_INK && mlp_drawing_at_edge(d, i);
    flood_outside(map);
    mlp_map_grow(map, MLP_OUTSIDE, gap, true);
    if (fill_of_box(map) < RECTANGLE) return false;
    size_t inked, all = count_enclosed(&inked, d, map);
    if (5 * inked >= 3 * all) { /* a sheet */
        const mlp_drawing before = *d;
        sample_sheet(s, d, map, inked);
        find_background(d, s);
        if (!has_ink(d, map, all, before.strongest)) {
            *d = before;
            return false;
        }
    } else {
        const size_t width = frame_width(d, map);
        if (at_edge || 8 * width > piece.box.right - piece.box.left) return false;
        mlp_map_grow(map, MLP_OUTSIDE, width, true);
        all = count_enclosed(&inked, d, map);
        if (100 * inked < all) return false;
    }
    for (size_t i = 0; i < n; i++)
        if (map->at[i] == MLP_OUTSIDE) d->map.at[i] = MLP_OUTSIDE;
    find_ink(d);
    return true;
}

bool mlp_drawing_at_edge(const mlp_drawing *d, size_t i) {
    const size_t y = i / d->width, x = i % d->width;
    if (y == 0 || x == 0 || y + 1 == d->height || x + 1 == d->width) return true;
    for (size_t v = y - 1; v <= y + 1; v++)
        for (size_t u = x - 1; u <= x + 1; u++)
            if (d->map.at[v * d->width + u] == MLP_OUTSIDE) return true;
    return false;
}

mlp_status mlp_drawing_read(mlp_drawing *d, const float *pixels, size_t height, size_t width, mlp_error *err) {
    enum { DEPTH = 3 }; /* a frame, on a sheet, on a desk */
    sample s = {0};
    mlp_map enclosed = {.height = height, .width = width};
    d->pixels = pixels;
    d->height = height;
    d->width = width;
    d->ink = mlp_alloc_unset(height * width, sizeof *d->ink, "a picture's ink", err);
    enclosed.at = mlp_alloc(height, width, "a picture's map", err);
    const bool none = d->ink == NULL || enclosed.at == NULL;
    mlp_status status = none ? MLP_ERR_MEMORY : mlp_map_create(&d->map, height, width, err);
    if (status == MLP_OK) status = create_sample(&s, err);
    if (status == MLP_OK) {
        enclosed.stack = d->map.stack;
        sample_border(&s, d);
        find_background(d, &s);
        find_ink(d);
        for (int i = 0; i < DEPTH && d->strongest > 0; i++)
            if (!enter_enclosure(d, &enclosed, &s)) break;
    }
    MLP_FREE(s.places, s.values, enclosed.at);
    return status;
}

void mlp_drawing_free(mlp_drawing *d) {
    if (d == NULL) return;
    free(d->ink);
    mlp_map_free(&d->map);
    memset(d, 0, sizeof *d);
}

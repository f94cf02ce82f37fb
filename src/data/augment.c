/* augment.c - random distortions of images. */
#include "mlp/data/augment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"

/* Taps of the Gaussian that are added in one pass over memory. */
enum { TAPS = 4 };

/* Images per piece of work. */
enum { PIECE = 8 };

bool mlp_augment_moves(const mlp_augment_settings *s) {
    return s->rotate > 0 || s->scale > 0 || s->shear > 0 || s->shift > 0 || s->alpha > 0;
}

/* ---- buffers ---- */

/* kernel(d) = exp(-d^2 / 2 sigma^2), divided by its sum over |d| <= 3 sigma; only the distances
   that occur between two pixels are kept. */
static mlp_status create_kernel(mlp_augment *a, mlp_error *err) {
    const double sigma = a->settings.sigma;
    const size_t whole = a->settings.alpha > 0 ? (size_t)ceil(3 * sigma) : 0;
    const size_t reach = (a->rows > a->cols ? a->rows : a->cols) - 1;
    double sum = 1;
    for (size_t d = 1; d <= whole; d++) sum += 2 * exp(-0.5 * (double)(d * d) / (sigma * sigma));
    a->radius = whole < reach ? whole : reach;
    a->pitch = a->cols + a->radius;
    a->taps = (2 * a->radius + 1 + TAPS - 1) / TAPS * TAPS;
    MLP_NEW(a->kernel, a->taps, 1, "the distorted images", err);
    a->kernel[a->radius] = (float)(1 / sum);
    for (size_t d = 1; d <= a->radius; d++)
        a->kernel[a->radius - d] = a->kernel[a->radius + d] =
            (float)(exp(-0.5 * (double)(d * d) / (sigma * sigma)) / sum);
    return MLP_OK;
}

/* `noise` and `smoothed` are a little larger than augment.h says: the last taps are 0 and only complete a group of
   four, but they read beyond the end. */
static mlp_status create_buffers(mlp_augment_buffers *b, const mlp_augment *a, mlp_error *err) {
    const char *what = "the distorted images";
    MLP_NEW(b->padded, a->rows + 3, a->cols + 3, what, err);
    MLP_NEW(b->quads, a->rows + 2, a->cols + 2, what, err);
    MLP_NEW(b->bits, a->rows + 1, 2 * a->cols + 2, what, err);
    MLP_NEW(b->noise, a->rows + 2 * a->radius + TAPS, a->pitch, what, err);
    MLP_NEW(b->smoothed, a->rows + 2, a->pitch + TAPS, what, err);
    MLP_NEW(b->fields, a->rows, 2 * a->pitch, what, err);
    MLP_NEW(b->at, a->rows, a->cols, what, err);
    MLP_NEW(b->right, a->rows, a->cols, what, err);
    MLP_NEW(b->down, a->rows, a->cols, what, err);
    MLP_NEW(b->found, a->rows, a->cols, what, err);
    return MLP_OK;
}

mlp_status mlp_augment_create(mlp_augment *augment, const mlp_augment_settings *settings, const mlp_dataset *set,
                              size_t most, uint64_t seed, mlp_team *team, mlp_error *err) {
    const char *what = "the distorted images";
    assert(set->bytes != NULL && settings->sigma > 0);
    assert(set->rows <= MLP_AUGMENT_MAX_SIDE && set->cols <= MLP_AUGMENT_MAX_SIDE);
    augment->settings = *settings;
    augment->strength = 1;
    augment->seed = seed;
    augment->rows = set->rows;
    augment->cols = set->cols;
    MLP_TRY(create_kernel(augment, err));
    const size_t threads = (size_t)mlp_team_threads(team);
    MLP_NEW(augment->buffers, threads, 1, what, err);
    augment->threads = threads;
    for (size_t i = 0; i < threads; i++) MLP_TRY(create_buffers(&augment->buffers[i], augment, err));
    MLP_NEW(augment->bytes, most, set->n_pixels, what, err);
    MLP_NEW(augment->labels, most, 1, what, err);
    augment->set = (mlp_dataset){.rows = set->rows,
                                 .cols = set->cols,
                                 .n_pixels = set->n_pixels,
                                 .n_classes = set->n_classes,
                                 .bytes = augment->bytes,
                                 .labels = augment->labels};
    if (set->compressed == NULL) return MLP_OK;
    augment->set.compressed = &augment->compressed;
    return mlp_rows_reserve(&augment->compressed, most, set->n_pixels, err);
}

void mlp_augment_free(mlp_augment *augment) {
    for (size_t i = 0; i < augment->threads; i++) {
        mlp_augment_buffers *b = &augment->buffers[i];
        MLP_FREE(b->padded, b->quads, b->bits, b->noise, b->smoothed, b->fields, b->at, b->right, b->down, b->found);
    }
    MLP_FREE(augment->buffers, augment->kernel, augment->bytes, augment->labels);
    mlp_rows_free(&augment->compressed);
    memset(augment, 0, sizeof *augment);
}

/* ---- drawing a distortion ---- */

/* Uniform between -limit and limit. */
static double within(double limit, mlp_rng *rng) { return (2 * mlp_rng_uniform(rng) - 1) * limit; }

mlp_affine mlp_augment_affine(const mlp_augment_settings *s, mlp_rng *rng) {
    const double turn = within(s->rotate, rng) * (3.141592653589793 / 180);
    const double scale_x = 1 + within(s->scale, rng), scale_y = 1 + within(s->scale, rng);
    const double shear = within(s->shear, rng);
    const double x = within(s->shift, rng), y = within(s->shift, rng);
    const double c = cos(turn), d = sin(turn);
    return (mlp_affine){.xx = c * scale_x,
                        .xy = (c * shear - d) * scale_y,
                        .yx = d * scale_x,
                        .yy = (d * shear + c) * scale_y,
                        .x = x,
                        .y = y};
}

/* noise [rows x pitch] = alpha (bits / 32767.5 - 1)   bits [rows x cols] */
MLP_CLONES static void read_noise(float *restrict noise, size_t pitch, const uint16_t *restrict bits, size_t rows,
                                  size_t cols, float alpha) {
    const float step = alpha / 32767.5F;
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < cols; x++) noise[y * pitch + x] = (float)bits[y * cols + x] * step - alpha;
}

/* out[i] = sum over t of kernel[t] in[i + t step], i < n. A step of 1 smooths along the rows, a
   step of the pitch along the columns. All rows are treated as one long row: between two rows there are as many zeros
   as the radius of the kernel. */
MLP_CLONES static void smooth(float *restrict out, const float *restrict in, size_t n, size_t step,
                              const float *restrict kernel, size_t taps) {
    memset(out, 0, n * sizeof *out);
    for (size_t t = 0; t < taps; t += TAPS) {
        const float a = kernel[t], b = kernel[t + 1], c = kernel[t + 2], d = kernel[t + 3];
        const float *p = in + t * step, *q = p + step, *r = q + step, *s = r + step;
        for (size_t i = 0; i < n; i++) out[i] += a * p[i] + b * q[i] + (c * r[i] + d * s[i]);
    }
}

void mlp_augment_field(const mlp_augment *a, mlp_rng *rng, int thread) {
    const mlp_augment_buffers *b = &a->buffers[thread];
    const size_t n = a->rows * a->cols, plane = a->rows * a->pitch;
    for (size_t i = 0; i < 2 * n; i += 4) {
        const uint64_t bits = mlp_rng_next(rng);
        for (size_t k = 0; k < 4; k++) b->bits[i + k] = (uint16_t)(bits >> 16 * k);
    }
    for (size_t axis = 0; axis < 2; axis++) {
        read_noise(b->noise + a->radius * a->pitch, a->pitch, b->bits + axis * n, a->rows, a->cols,
                   (float)(a->settings.alpha * a->strength));
        smooth(b->smoothed + a->radius, b->noise, plane, a->pitch, a->kernel, a->taps);
        smooth(b->fields + axis * plane, b->smoothed, plane, 1, a->kernel, a->taps);
    }
}

/* ---- applying it ---- */

/* Each pixel with its three neighbours in one word, so that one read gets all four. */
MLP_CLONES static void pack_quads(uint32_t *restrict quads, const uint8_t *restrict padded, size_t rows, size_t cols) {
    const size_t pitch = cols + 1;
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < cols; x++) {
            const uint8_t *p = padded + y * pitch + x;
            quads[y * cols + x] = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[pitch] << 16 | (uint32_t)p[pitch + 1] << 24;
        }
}

/* For each of the n pixels of a row, finds the place that it comes from: for pixel i (x0 + i x_step + dx[i], y0 + i
   y_step + dy[i]) in quads [height x width], whose border is 0. Sets the index of the quad and the position in it.
   place = {x0, y0}, step = {x_step, y_step}. */
MLP_CLONES static void find_places(int32_t *restrict at, float *restrict right, float *restrict down, size_t n,
                                   const float place[2], const float step[2], size_t height, size_t width,
                                   const float *restrict dx, const float *restrict dy) {
    const float most_x = (float)(width - 1), most_y = (float)(height - 1);
    const float x0 = place[0], y0 = place[1], x_step = step[0], y_step = step[1];
    const int32_t pitch = (int32_t)width, end = (int32_t)n;
    for (int32_t i = 0; i < end; i++) {
        float x = x0 + (float)i * x_step + dx[i], y = y0 + (float)i * y_step + dy[i];
        x = x > 0.0F ? x : 0.0F;
        y = y > 0.0F ? y : 0.0F;
        x = x < most_x ? x : most_x;
        y = y < most_y ? y : most_y;
        const int32_t column = (int32_t)x, row = (int32_t)y;
        at[i] = row * pitch + column;
        right[i] = x - (float)column;
        down[i] = y - (float)row;
    }
}

/* Bilinear interpolation in each quad, rounded to nearest. */
MLP_CLONES static void blend(uint8_t *restrict to, size_t n, const uint32_t *restrict quads,
                             const float *restrict right, const float *restrict down) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t quad = quads[i];
        const float a = (float)(int32_t)(quad & 255), b = (float)(int32_t)(quad >> 8 & 255);
        const float c = (float)(int32_t)(quad >> 16 & 255), d = (float)(int32_t)(quad >> 24);
        const float above = a + right[i] * (b - a), below = c + right[i] * (d - c);
        to[i] = (uint8_t)(int32_t)(above + down[i] * (below - above) + 0.5F);
    }
}

void mlp_augment_move(uint8_t *to, const mlp_augment *a, const uint8_t *from, const mlp_affine *map, int thread) {
    const mlp_augment_buffers *b = &a->buffers[thread];
    const size_t rows = a->rows, cols = a->cols;
    const double centre_x = (double)(cols - 1) / 2, centre_y = (double)(rows - 1) / 2;
    const float step[2] = {(float)map->xx, (float)map->yx};
    for (size_t y = 0; y < rows; y++) memcpy(b->padded + (y + 1) * (cols + 3) + 1, from + y * cols, cols);
    pack_quads(b->quads, b->padded, rows + 2, cols + 2);
    for (size_t y = 0; y < rows; y++) {
        const double v = (double)y - centre_y;
        const float place[2] = {(float)(1 + centre_x - map->xx * centre_x + map->xy * v + map->x),
                                (float)(1 + centre_y - map->yx * centre_x + map->yy * v + map->y)};
        const float *dx = b->fields + y * a->pitch, *dy = dx + rows * a->pitch;
        const size_t i = y * cols;
        find_places(b->at + i, b->right + i, b->down + i, cols, place, step, rows + 2, cols + 2, dx, dy);
    }
    for (size_t i = 0; i < rows * cols; i++) b->found[i] = b->quads[b->at[i]];
    blend(to, rows * cols, b->found, b->right, b->down);
}

/* The settings multiplied by strength. */
static mlp_augment_settings weaken(const mlp_augment_settings *s, double strength) {
    return (mlp_augment_settings){s->rotate * strength, s->scale * strength, s->shear * strength,
                                  s->shift * strength,  s->alpha * strength, s->sigma};
}

void mlp_augment_image(uint8_t *to, const mlp_augment *augment, const uint8_t *from, uint64_t draw, int thread) {
    mlp_rng rng;
    mlp_rng_seed(&rng, augment->seed, draw << 8 | MLP_STREAM_AUGMENT);
    const mlp_augment_settings s = weaken(&augment->settings, augment->strength);
    const mlp_affine map = mlp_augment_affine(&s, &rng);
    if (augment->settings.alpha > 0) mlp_augment_field(augment, &rng, thread);
    mlp_augment_move(to, augment, from, &map, thread);
}

/* ---- a batch ---- */

typedef struct load_job {
    mlp_augment *augment;
    const mlp_dataset *set;
    const uint32_t *indices;
    uint64_t draw;
} load_job;

static void load_range(void *context, size_t first, size_t n, int thread) {
    const load_job *job = context;
    mlp_augment *a = job->augment;
    const size_t n_pixels = job->set->n_pixels;
    for (size_t i = first; i < first + n; i++) {
        const size_t image = mlp_dataset_image(job->set, job->indices == NULL ? i : job->indices[i]);
        a->labels[i] = job->set->labels[image];
        mlp_augment_image(a->bytes + i * n_pixels, a, job->set->bytes + image * n_pixels, job->draw + i, thread);
    }
}

void mlp_augment_load(mlp_augment *augment, const mlp_dataset *set, const uint32_t *indices, size_t n, uint64_t draw,
                      mlp_team *team) {
    load_job job = {augment, set, indices, draw};
    augment->set.n = n;
    mlp_ranges_run(team, load_range, &job, n, PIECE);
    if (augment->set.compressed != NULL) mlp_rows_fill(&augment->compressed, augment->bytes, n, team);
}

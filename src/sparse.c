/* sparse.c - compressed rows and their two products. Knows numbers, not images or networks. */
#include "mlp/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/fastmath.h"
#include "mlp/memory.h"

/* ---- compressing a data set ---- */

/* Rows in a piece of work. */
enum { PIECE_ROWS = 512 };

typedef struct compress_job {
    mlp_rows *rows;
    const uint8_t *bytes;
} compress_job;

static size_t segment_length(const mlp_rows *rows, size_t segment) {
    const size_t left = rows->n_cols - segment * MLP_SEGMENT;
    return left < MLP_SEGMENT ? left : MLP_SEGMENT;
}

MLP_CLONES static uint32_t count_nonzero(const uint8_t *bytes, size_t n) {
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += bytes[i] != 0;
    return count;
}

/* How many entries each segment has, at the place where its start will be. */
static void count_piece(void *context, size_t piece, int thread) {
    const compress_job *job = context;
    mlp_rows *rows = job->rows;
    const size_t first = piece * PIECE_ROWS, left = rows->n - first;
    (void)thread;
    for (size_t i = first; i < first + (left < PIECE_ROWS ? left : PIECE_ROWS); i++)
        for (size_t s = 0; s < rows->segments; s++)
            rows->starts[i * rows->segments + s + 1] = count_nonzero(
                job->bytes + i * rows->n_cols + s * MLP_SEGMENT, segment_length(rows, s));
}

static void fill_piece(void *context, size_t piece, int thread) {
    const compress_job *job = context;
    const mlp_rows *rows = job->rows;
    const size_t first = piece * PIECE_ROWS, left = rows->n - first;
    (void)thread;
    for (size_t i = first; i < first + (left < PIECE_ROWS ? left : PIECE_ROWS); i++) {
        const uint8_t *row = job->bytes + i * rows->n_cols;
        size_t at = rows->starts[i * rows->segments], column = 0;
        for (; column < rows->n_cols; column++) {
            uint64_t eight = 1;
            if (column + sizeof eight <= rows->n_cols)
                memcpy(&eight, row + column, sizeof eight);
            if (eight == 0) {
                column += sizeof eight - 1;
                continue;
            }
            if (row[column] != 0) {
                rows->columns[at] = (uint16_t)column;
                rows->bytes[at++] = row[column];
            }
        }
    }
}

mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols,
                           mlp_team *team, mlp_error *err) {
    const char *what = "the compressed images";
    compress_job job = {rows, bytes};
    const size_t pieces = (n + PIECE_ROWS - 1) / PIECE_ROWS;
    rows->n = n;
    rows->n_cols = n_cols;
    rows->segments = (n_cols + MLP_SEGMENT - 1) / MLP_SEGMENT;
    rows->starts = mlp_alloc(n * rows->segments + 1, sizeof *rows->starts, what, err);
    if (rows->starts == NULL)
        return MLP_ERR_MEMORY;
    mlp_team_run(team, count_piece, &job, pieces);
    uint64_t total = 0;
    for (size_t i = 1; i <= n * rows->segments; i++) {
        total += rows->starts[i];
        rows->starts[i] = (uint32_t)total;
    }
    if (total > UINT32_MAX)
        return mlp_fail(err, MLP_ERR_MEMORY, "%s: more than 2^32 - 1 pixels are not zero", what);
    rows->columns = mlp_alloc_unset(total, sizeof *rows->columns, what, err);
    rows->bytes = mlp_alloc_unset(total, sizeof *rows->bytes, what, err);
    if (rows->columns == NULL || rows->bytes == NULL)
        return MLP_ERR_MEMORY;
    mlp_team_run(team, fill_piece, &job, pieces);
    return MLP_OK;
}

void mlp_rows_free(mlp_rows *rows) {
    free(rows->starts);
    free(rows->columns);
    free(rows->bytes);
    memset(rows, 0, sizeof *rows);
}

/* ---- the rows of a batch ---- */

mlp_status mlp_entries_create(mlp_entries *entries, size_t capacity, size_t n_cols,
                              mlp_error *err) {
    const char *what = "a batch";
    entries->segments = (n_cols + MLP_SEGMENT - 1) / MLP_SEGMENT;
    if (capacity > UINT32_MAX / n_cols)
        return mlp_fail(err, MLP_ERR_USAGE, "a batch of %zu examples of %zu pixels is too large",
                        capacity, n_cols);
    entries->starts = mlp_alloc(capacity * entries->segments + 1, sizeof(uint32_t), what, err);
    entries->offsets = mlp_alloc_unset(capacity * n_cols, sizeof(uint32_t), what, err);
    entries->values = mlp_alloc_unset(capacity * n_cols, sizeof(float), what, err);
    return entries->starts && entries->offsets && entries->values ? MLP_OK : MLP_ERR_MEMORY;
}

void mlp_entries_free(mlp_entries *entries) {
    free(entries->starts);
    free(entries->offsets);
    free(entries->values);
    memset(entries, 0, sizeof *entries);
}

void mlp_entries_place(mlp_entries *entries, size_t i, const mlp_rows *rows, size_t image) {
    uint32_t *to = entries->starts + i * rows->segments;
    const uint32_t *from = rows->starts + image * rows->segments;
    for (size_t s = 0; s < rows->segments; s++)
        to[s + 1] = to[0] + (from[s + 1] - from[0]);
}

MLP_CLONES static void expand(uint32_t *restrict offsets, float *restrict values,
                              const uint16_t *restrict columns, const uint8_t *restrict bytes,
                              size_t n) {
    for (size_t e = 0; e < n; e++) {
        offsets[e] = (uint32_t)columns[e] * MLP_PANEL;
        values[e] = (float)bytes[e] / 255.0F;
    }
}

void mlp_entries_fill(mlp_entries *entries, size_t i, const mlp_rows *rows, size_t image) {
    const uint32_t *from = rows->starts + image * rows->segments;
    const uint32_t to = entries->starts[i * rows->segments];
    expand(entries->offsets + to, entries->values + to, rows->columns + from[0],
           rows->bytes + from[0], from[rows->segments] - from[0]);
}

/* ---- the products ---- */

/* A cache line of floats: one register of AVX-512, two of AVX2, four of SSE or Neon. The compiler
   splits it; a loop over 16 floats it would not keep in registers. */
typedef float line __attribute__((vector_size(64), may_alias));

MLP_CLONES static void multiply_panel(float *restrict z, size_t stride,
                                      const mlp_entries *restrict x, size_t first, size_t n,
                                      const float *restrict w) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t *starts = x->starts + (first + i) * x->segments;
        const uint32_t *offset = x->offsets + starts[0], *end = x->offsets + starts[x->segments];
        const float *value = x->values + starts[0];
        /* two sums of either half: one alone would wait for each addition's latency */
        line a0 = {0}, a1 = {0}, b0 = {0}, b1 = {0};
        for (; offset + 1 < end; offset += 2, value += 2) {
            const line *u = (const line *)(w + offset[0]), *v = (const line *)(w + offset[1]);
            a0 += value[0] * u[0];
            a1 += value[0] * u[1];
            b0 += value[1] * v[0];
            b1 += value[1] * v[1];
        }
        if (offset < end) {
            const line *u = (const line *)(w + offset[0]);
            a0 += value[0] * u[0];
            a1 += value[0] * u[1];
        }
        line *out = (line *)(z + i * stride);
        out[0] = a0 + b0;
        out[1] = a1 + b1;
    }
}

void mlp_sparse_multiply(float *z, size_t stride, const mlp_entries *x, size_t first, size_t n,
                         const float *w) {
    multiply_panel(z, stride, x, first, n, w);
}

MLP_CLONES static void multiply_segment(float *restrict dw, const mlp_entries *restrict x,
                                        size_t segment, const float *restrict dz, size_t stride,
                                        size_t n) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t *starts = x->starts + i * x->segments + segment;
        const uint32_t *offset = x->offsets + starts[0], *end = x->offsets + starts[1];
        const float *value = x->values + starts[0];
        const line d0 = ((const line *)(dz + i * stride))[0];
        const line d1 = ((const line *)(dz + i * stride))[1];
        for (; offset < end; offset++, value++) {
            line *row = (line *)(dw + *offset);
            row[0] += *value * d0;
            row[1] += *value * d1;
        }
    }
}

void mlp_sparse_multiply_tn(float *dw, const mlp_entries *x, size_t segment, size_t rows,
                            const float *dz, size_t stride, size_t n) {
    memset(dw + segment * MLP_SEGMENT * MLP_PANEL, 0, rows * MLP_PANEL * sizeof *dw);
    multiply_segment(dw, x, segment, dz, stride, n);
}

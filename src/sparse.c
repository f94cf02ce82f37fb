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

static size_t rows_of_piece(const mlp_rows *rows, size_t piece, size_t *first) {
    *first = piece * PIECE_ROWS;
    return rows->n - *first < PIECE_ROWS ? rows->n - *first : PIECE_ROWS;
}

MLP_CLONES static size_t count_nonzero(const uint8_t *bytes, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += bytes[i] != 0;
    return count;
}

/* How many entries each row has, at the place where its end will be. */
static void count_piece(void *context, size_t piece, int thread) {
    const compress_job *job = context;
    const mlp_rows *rows = job->rows;
    size_t first;
    const size_t n = rows_of_piece(rows, piece, &first);
    (void)thread;
    for (size_t i = first; i < first + n; i++)
        rows->starts[i + 1] = count_nonzero(job->bytes + i * rows->n_cols, rows->n_cols);
}

/* Writes the entries of row i. Every pixel is written and the place moves on where it is not zero,
   for which pixels are zero no branch can foresee; the row's end is known, and the next row, maybe
   another thread's, is left alone. */
static void fill_row(const mlp_rows *rows, size_t i, const uint8_t *row) {
    size_t at = (size_t)rows->starts[i], column = 0;
    const size_t end = (size_t)rows->starts[i + 1];
    while (at < end) {
        uint64_t eight = 1;
        if (column + sizeof eight <= rows->n_cols)
            memcpy(&eight, row + column, sizeof eight);
        if (eight == 0) {
            column += sizeof eight;
            continue;
        }
        for (size_t k = 0; k < sizeof eight && at < end; k++, column++) {
            rows->entries[at] = (mlp_entry)(column | (size_t)row[column] << 16);
            at += row[column] != 0;
        }
    }
}

static void fill_piece(void *context, size_t piece, int thread) {
    const compress_job *job = context;
    size_t first;
    const size_t n = rows_of_piece(job->rows, piece, &first);
    (void)thread;
    for (size_t i = first; i < first + n; i++)
        fill_row(job->rows, i, job->bytes + i * job->rows->n_cols);
}

mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols,
                           mlp_team *team, mlp_error *err) {
    const char *what = "the compressed images";
    compress_job job = {rows, bytes};
    const size_t pieces = (n + PIECE_ROWS - 1) / PIECE_ROWS;
    rows->n = n;
    rows->n_cols = n_cols;
    for (int byte = 0; byte < 256; byte++)
        rows->values[byte] = (float)byte / 255.0F;
    rows->starts = mlp_alloc(n + 1, sizeof *rows->starts, what, err);
    if (rows->starts == NULL)
        return MLP_ERR_MEMORY;
    mlp_team_run(team, count_piece, &job, pieces);
    for (size_t i = 1; i <= n; i++)
        rows->starts[i] += rows->starts[i - 1];
    rows->entries = mlp_alloc_unset((size_t)rows->starts[n], sizeof *rows->entries, what, err);
    if (rows->entries == NULL)
        return MLP_ERR_MEMORY;
    mlp_team_run(team, fill_piece, &job, pieces);
    return MLP_OK;
}

void mlp_rows_free(mlp_rows *rows) {
    free(rows->starts);
    free(rows->entries);
    memset(rows, 0, sizeof *rows);
}

/* ---- the products ---- */

/* A cache line of floats: one register of AVX-512, two of AVX2, four of SSE or Neon. The compiler
   splits it; a loop over 16 floats it would not keep in registers. */
typedef float line __attribute__((vector_size(64), may_alias));

/* Rows are drawn from all over the data set: asked for this many rows before its turn, one has come
   from memory by then. */
enum { ROWS_AHEAD = 4 };

static inline void prefetch(mlp_row row) {
    for (size_t e = 0; e < row.n; e += MLP_LINE)
        __builtin_prefetch(row.entries + e);
}

MLP_CLONES static void multiply_panel(float *restrict z, size_t stride, const mlp_row *restrict x,
                                      const float *restrict values, size_t n,
                                      const float *restrict w) {
    for (size_t i = 0; i < n; i++) {
        const mlp_row row = x[i];
        if (i + ROWS_AHEAD < n)
            prefetch(x[i + ROWS_AHEAD]);
        /* two sums of either half: one alone would wait for each addition's latency */
        line a0 = {0}, a1 = {0}, b0 = {0}, b1 = {0};
        size_t e = 0;
        for (; e + 1 < row.n; e += 2) {
            const mlp_entry p = row.entries[e], q = row.entries[e + 1];
            const line *u = (const line *)(w + mlp_entry_column(p) * MLP_PANEL);
            const line *v = (const line *)(w + mlp_entry_column(q) * MLP_PANEL);
            const float s = values[mlp_entry_byte(p)], t = values[mlp_entry_byte(q)];
            a0 += s * u[0];
            a1 += s * u[1];
            b0 += t * v[0];
            b1 += t * v[1];
        }
        if (e < row.n) {
            const line *u = (const line *)(w + mlp_entry_column(row.entries[e]) * MLP_PANEL);
            const float s = values[mlp_entry_byte(row.entries[e])];
            a0 += s * u[0];
            a1 += s * u[1];
        }
        line *out = (line *)(z + i * stride);
        out[0] = a0 + b0;
        out[1] = a1 + b1;
    }
}

void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n,
                         const float *w) {
    multiply_panel(z, stride, x, values, n, w);
}

MLP_CLONES static void add_panel(float *restrict w, float scale, const mlp_row *restrict x,
                                 const float *restrict values, const float *restrict dz,
                                 size_t stride, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const mlp_row row = x[i];
        const line *d = (const line *)(dz + i * stride);
        const line d0 = scale * d[0], d1 = scale * d[1];
        if (i + ROWS_AHEAD < n)
            prefetch(x[i + ROWS_AHEAD]);
        for (size_t e = 0; e < row.n; e++) {
            line *out = (line *)(w + mlp_entry_column(row.entries[e]) * MLP_PANEL);
            const float value = values[mlp_entry_byte(row.entries[e])];
            out[0] += value * d0;
            out[1] += value * d1;
        }
    }
}

void mlp_sparse_add_tn(float *w, float scale, const mlp_row *x, const float *values,
                       const float *dz, size_t stride, size_t n) {
    add_panel(w, scale, x, values, dz, stride, n);
}

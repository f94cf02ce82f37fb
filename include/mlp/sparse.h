/* sparse.h - rows of which only what is not zero is kept, and the two products that the first
   layer makes of them. Four fifths of MNIST's pixels are zero; BLAS multiplies them all. The plain
   definition of both products is linalg's, on the dense rows. */
#ifndef MLP_SPARSE_H
#define MLP_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "mlp/status.h"
#include "mlp/team.h"

/* A weight matrix that meets sparse rows is stored by panels of MLP_PANEL columns, each panel
   [rows x MLP_PANEL] contiguous: a thread keeps its panels in its own cache. */
enum { MLP_PANEL = 32 };

/* The most columns: they are kept in 16 bits. */
enum { MLP_SPARSE_COLUMNS = 65536 };

/* What of a row is not zero, one column: the step to it from the entry before (the first: from
   column 0) | byte << 8. Two bytes, for a batch's rows come from all over the memory. Where all of
   MLP_SPARSE_SPAN columns are zero, the last of them has an entry all the same, of byte 0, so that
   a step fits 8 bits. Entries of step and byte 0 make a row whole groups of MLP_SPARSE_GROUP, each
   read as one word. */
typedef uint16_t mlp_entry;

enum { MLP_SPARSE_SPAN = 128, MLP_SPARSE_GROUP = 4 };

static inline size_t mlp_entry_step(mlp_entry entry) {
    return entry & 0xff;
}

static inline size_t mlp_entry_byte(mlp_entry entry) {
    return entry >> 8;
}

/* A data set's rows of bytes, compressed once. */
typedef struct mlp_rows {
    size_t n, n_cols;
    uint64_t *starts;   /* [n + 1] where a row begins in: */
    mlp_entry *entries; /* [starts[n]] */
    float values[256];  /* what a byte is worth: byte / 255, rounded to nearest */
} mlp_rows;

/* Compresses bytes [n x n_cols], n_cols <= MLP_SPARSE_COLUMNS. Zero-initialise before; free
   whatever the outcome. */
mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols,
                           mlp_team *team, mlp_error *err);

/* Room for up to `most` rows, none yet, that mlp_rows_fill compresses into it, any number of times,
   each time all of them: bytes [n x n_cols]. */
mlp_status mlp_rows_reserve(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err);
void mlp_rows_fill(mlp_rows *rows, const uint8_t *bytes, size_t n, mlp_team *team);

void mlp_rows_free(mlp_rows *rows);

/* One compressed row: where it lies. */
typedef struct mlp_row {
    const mlp_entry *entries;
    size_t n;
} mlp_row;

static inline mlp_row mlp_rows_at(const mlp_rows *rows, size_t i) {
    const uint64_t start = rows->starts[i];
    return (mlp_row){rows->entries + start, (size_t)(rows->starts[i + 1] - start)};
}

/* Asks for row i, which then comes from memory while other work is done: in batches of one nothing
   else would hide the wait. */
void mlp_rows_prefetch(const mlp_rows *rows, size_t i);

/* Z = X W      [n x MLP_PANEL] = [n x n_cols] [n_cols x MLP_PANEL]; rows of z are `stride` floats
   apart, z and w lie at 64-byte boundaries. values: those of the rows. */
void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n,
                         const float *w);

/* W += scale X^T dZ   [n_cols x MLP_PANEL] += [n x n_cols]^T [n x MLP_PANEL]: only the rows of W
   that X has columns for are touched. */
void mlp_sparse_add_tn(float *w, float scale, const mlp_row *x, const float *values,
                       const float *dz, size_t stride, size_t n);

#endif

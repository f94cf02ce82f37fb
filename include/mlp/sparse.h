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
   [rows x MLP_PANEL] contiguous: a thread keeps its panels in its own cache. A gradient is summed
   up MLP_SEGMENT rows at a time, 16 kB that stay in the first-level cache. */
enum { MLP_PANEL = 32, MLP_SEGMENT = 128 };

/* The most columns: they are kept in 16 bits. */
enum { MLP_SPARSE_COLUMNS = 65536 };

/* A data set's rows of bytes, compressed once. */
typedef struct mlp_rows {
    size_t n, n_cols;
    size_t segments;   /* of a row: n_cols / MLP_SEGMENT, rounded up */
    uint32_t *starts;  /* [n * segments + 1] where a row's segment begins in: */
    uint16_t *columns; /* [starts[n * segments]] */
    uint8_t *bytes;    /* likewise; worth byte / 255 */
} mlp_rows;

/* Compresses bytes [n x n_cols], n_cols <= MLP_SPARSE_COLUMNS. Fails where more than 2^32 - 1
   bytes are not zero. Zero-initialise before; free whatever the outcome. */
mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols,
                           mlp_team *team, mlp_error *err);
void mlp_rows_free(mlp_rows *rows);

/* The rows of one batch, ready for the products. */
typedef struct mlp_entries {
    size_t segments;   /* of a row */
    uint32_t *starts;  /* [rows * segments + 1] */
    uint32_t *offsets; /* column * MLP_PANEL: the place of the weights' row in a panel */
    float *values;
} mlp_entries;

/* Room for `capacity` rows of n_cols, all of which may be non-zero. */
mlp_status mlp_entries_create(mlp_entries *entries, size_t capacity, size_t n_cols, mlp_error *err);
void mlp_entries_free(mlp_entries *entries);

/* Makes room, in order, for the entries of `image` as row i; rows 0 .. i-1 must be there. */
void mlp_entries_place(mlp_entries *entries, size_t i, const mlp_rows *rows, size_t image);

/* Fills row i, placed before, with the entries of `image`. */
void mlp_entries_fill(mlp_entries *entries, size_t i, const mlp_rows *rows, size_t image);

/* Z = X W   [n x MLP_PANEL] = rows first .. first + n - 1 of X [. x n_cols], panel W; z [first]
   at `z`, rows `stride` floats apart. z and w lie at 64-byte boundaries. */
void mlp_sparse_multiply(float *z, size_t stride, const mlp_entries *x, size_t first, size_t n,
                         const float *w);

/* One segment of dW = X^T dZ, all n rows of X: the MLP_SEGMENT (or fewer, `rows`) rows of panel dw
   from segment * MLP_SEGMENT on are overwritten. */
void mlp_sparse_multiply_tn(float *dw, const mlp_entries *x, size_t segment, size_t rows,
                            const float *dz, size_t stride, size_t n);

#endif

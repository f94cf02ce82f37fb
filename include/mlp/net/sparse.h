/* sparse.h - matrix products of compressed rows with the weights of the first layer. They skip zeros; BLAS would
   multiply them. The products of linalg.h have the same results, except for rounding. */
#pragma once

#include "mlp/data/rows.h"

/* The weight matrix is stored in panels of MLP_PANEL columns, each panel [rows x MLP_PANEL]
   contiguous, so that a panel fits the cache of one core. */
enum { MLP_PANEL = 32 };

/* The weights of a product: one panel or two. Two together are faster: each entry of X is read once. */
typedef struct mlp_panels {
    const float *w;    /* the first panel, from the first column of the tile on; aligned to 64 bytes */
    size_t second;     /* floats from there to the same column of the second panel; 0: one panel */
    const float *next; /* with two panels: the whole tile that the next product needs, which is loaded into the cache
                          meanwhile; NULL: not known */
} mlp_panels;

/* Z = scale X W, or with `add` Z += scale X W   [rows x panels x MLP_PANEL] = [n x m] [m x panels x MLP_PANEL]
   for the m columns of one tile, or for m transposed rows; row i of X belongs to row x[i].at of Z. Rows of z are
   `stride` floats apart; z is aligned to 64 bytes. values [256]: the value of each byte of x. */
void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n, mlp_panels w,
                         float scale, bool add);

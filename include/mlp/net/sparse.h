/* sparse.h - matrix products of compressed rows with the weights of the first layer. They skip zeros; BLAS would
   multiply them. The products of linalg.h have the same results, except for rounding. */
#pragma once

#include "mlp/data/rows.h"

/* The weight matrix is stored in panels of MLP_PANEL columns, each panel [rows x MLP_PANEL]
   contiguous, so that a panel fits the cache of one core. */
enum { MLP_PANEL = 32 };

/* Z = scale X W, or with `add` Z += scale X W   [rows x MLP_PANEL] = [n x m] [m x MLP_PANEL]
   for the m columns of one tile, or for m transposed rows; row i of X belongs to row x[i].at of Z. Rows of z are
   `stride` floats apart; z and w are aligned to 64 bytes. values [256]: the value of each byte of x.
   w2: NULL, or a second panel of W, whose product is in the next MLP_PANEL columns of Z. Two panels together are
   faster: each entry of X is read once. */
void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n, const float *w,
                         const float *w2, float scale, bool add);

/* sparse.h - matrix products of compressed rows with the weights of the first layer. They skip zeros; BLAS would
   multiply them. The products of linalg.h have the same results, except for rounding. */
#pragma once

#include "mlp/data/rows.h"

/* The weight matrix is stored in panels of MLP_PANEL columns, each panel [rows x MLP_PANEL]
   contiguous, so that a panel fits the cache of one core. */
enum { MLP_PANEL = 32 };

/* Z = X W      [n x MLP_PANEL] = [n x n_cols] [n_cols x MLP_PANEL]
   Rows of z are `stride` floats apart; z and w are aligned to 64 bytes. values [256]: the pixel value of each byte. */
void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n, const float *w);

/* W += scale X^T dZ   [n_cols x MLP_PANEL] += [n x n_cols]^T [n x MLP_PANEL]
   Reads and writes only the rows of W that belong to nonzero columns of X. */
void mlp_sparse_add_tn(float *w, float scale, const mlp_row *x, const float *values, const float *dz, size_t stride,
                       size_t n);

/* sparse.h - the two products that the first layer makes of compressed rows, where BLAS would
   multiply every zero. The plain definition of both is linalg's, on the dense rows. */
#ifndef MLP_SPARSE_H
#define MLP_SPARSE_H

#include <stddef.h>

#include "mlp/data/rows.h"

/* A weight matrix that meets sparse rows is stored by panels of MLP_PANEL columns, each panel
   [rows x MLP_PANEL] contiguous: a thread keeps its panels in its own cache. */
enum { MLP_PANEL = 32 };

/* Z = X W      [n x MLP_PANEL] = [n x n_cols] [n_cols x MLP_PANEL]; rows of z are `stride` floats
   apart, z and w lie at 64-byte boundaries. values: those of the rows. */
void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n,
                         const float *w);

/* W += scale X^T dZ   [n_cols x MLP_PANEL] += [n x n_cols]^T [n x MLP_PANEL]: only the rows of W
   that X has columns for are touched. */
void mlp_sparse_add_tn(float *w, float scale, const mlp_row *x, const float *values,
                       const float *dz, size_t stride, size_t n);

#endif

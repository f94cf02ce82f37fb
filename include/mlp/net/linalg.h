/* linalg.h - the matrix products of the network, through BLAS. Matrices are float32,
   row-major; `ld` is the distance between rows in floats. */
#pragma once

#include "mlp/net/blas.h"

/* The largest size or stride that BLAS takes; callers must not exceed it. */
#define MLP_LINALG_MAX ((size_t)0x7fffffff)

/* beta is 0 or 1. If it is 0, C need not be initialised. */

/* C = A B + beta C      [m x n] = [m x k] [k x n] */
void mlp_matmul(mlp_blas *blas, float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m,
                size_t n, size_t k, float beta);

/* C = A^T B + beta C    [m x n] = [k x m]^T [k x n] */
void mlp_matmul_tn(mlp_blas *blas, float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta);

/* C = A B^T + beta C    [m x n] = [m x k] [n x k]^T */
void mlp_matmul_nt(mlp_blas *blas, float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta);

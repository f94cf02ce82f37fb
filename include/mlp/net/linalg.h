/* linalg.h - the matrix products of the network, through BLAS. The only room that knows BLAS.
   Matrices are float32, row-major; `ld` is the distance between rows in floats. */
#ifndef MLP_LINALG_H
#define MLP_LINALG_H

#include <stddef.h>

#include "mlp/base/status.h"

/* The largest size or stride BLAS takes; callers keep below it. */
#define MLP_LINALG_MAX ((size_t)0x7fffffff)

/* Keeps BLAS on one thread: mlp-train splits the work itself, so that results do not depend on
   the number of threads. Call once, before any product. */
void mlp_linalg_setup(void);

/* Fails where `threads` threads could not multiply: OpenBLAS takes 128 MiB of addresses for each,
   and asks for ever where a limit refuses them. */
mlp_status mlp_linalg_check_room(int threads, mlp_error *err);

/* "OpenBLAS 0.3.21, kernel SkylakeX", or what else is known, into text[size]. */
void mlp_linalg_describe(char *text, size_t size);

/* The kernel this processor could use where OpenBLAS, older than the processor, fell back to one
   for processors without AVX (about three times slower); NULL when all is well. OpenBLAS reads
   the name from the environment variable OPENBLAS_CORETYPE, when it is loaded. */
const char *mlp_linalg_better_kernel(void);

/* beta is 0, then C may hold anything, or 1. */

/* C = A B + beta C      [m x n] = [m x k] [k x n] */
void mlp_matmul(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                size_t m, size_t n, size_t k, float beta);

/* C = A^T B + beta C    [m x n] = [k x m]^T [k x n] */
void mlp_matmul_tn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta);

/* C = A B^T + beta C    [m x n] = [m x k] [n x k]^T */
void mlp_matmul_nt(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta);

#endif

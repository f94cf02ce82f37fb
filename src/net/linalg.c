/* linalg.c - the matrix products of the network, through BLAS. Knows matrices, not networks. */
#include "mlp/net/linalg.h"

#include <assert.h>

static int blas_int(size_t n) {
    assert(n <= MLP_LINALG_MAX);
    return (int)n;
}

/* C = op(A) op(B) + beta C. For a batch of one example, a vector times a matrix, sgemv has less overhead than sgemm. */
static void multiply(mlp_blas *blas, int trans_a, int trans_b, float *c, size_t ldc, const float *a, size_t lda,
                     const float *b, size_t ldb, size_t m, size_t n, size_t k, float beta) {
    const bool turned = trans_b == MLP_BLAS_TRANS;
    if (blas->one_at_a_time) pthread_mutex_lock(&blas->lock);
    if (m == 1 && trans_a == MLP_BLAS_NO_TRANS) /* c = op(B)^T a + beta c */
        blas->sgemv(MLP_BLAS_ROW_MAJOR, turned ? MLP_BLAS_NO_TRANS : MLP_BLAS_TRANS, blas_int(turned ? n : k),
                    blas_int(turned ? k : n), 1.0F, b, blas_int(ldb), a, 1, beta, c, 1);
    else
        blas->sgemm(MLP_BLAS_ROW_MAJOR, trans_a, trans_b, blas_int(m), blas_int(n), blas_int(k), 1.0F, a, blas_int(lda),
                    b, blas_int(ldb), beta, c, blas_int(ldc));
    if (blas->one_at_a_time) pthread_mutex_unlock(&blas->lock);
}

void mlp_matmul(mlp_blas *blas, float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m,
                size_t n, size_t k, float beta) {
    multiply(blas, MLP_BLAS_NO_TRANS, MLP_BLAS_NO_TRANS, c, ldc, a, lda, b, ldb, m, n, k, beta);
}

void mlp_matmul_tn(mlp_blas *blas, float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta) {
    if (k == 1) /* A^T is then a column, and a column is stored like a row: this call has less overhead */
        mlp_matmul(blas, c, ldc, a, 1, b, ldb, m, n, 1, beta);
    else
        multiply(blas, MLP_BLAS_TRANS, MLP_BLAS_NO_TRANS, c, ldc, a, lda, b, ldb, m, n, k, beta);
}

void mlp_matmul_nt(mlp_blas *blas, float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta) {
    multiply(blas, MLP_BLAS_NO_TRANS, MLP_BLAS_TRANS, c, ldc, a, lda, b, ldb, m, n, k, beta);
}

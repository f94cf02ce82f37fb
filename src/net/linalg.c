/* linalg.c - the matrix products of the network, through BLAS. Knows matrices, not networks. */
#include "mlp/net/linalg.h"

#include <assert.h>
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

/* OPENBLAS_VERSION is defined by OpenBLAS's own cblas.h; any other CBLAS must be kept on one
   thread by its own environment variable. */
#ifdef OPENBLAS_VERSION

void mlp_linalg_setup(void) {
    openblas_set_num_threads(1);
}

mlp_status mlp_linalg_check_room(int threads, mlp_error *err) {
    const size_t buffer = (size_t)128 << 20;
    int held = 0;
    void **buffers = mlp_alloc((size_t)threads, sizeof *buffers, "BLAS", err);
    while (buffers != NULL && held < threads && (buffers[held] = malloc(buffer)) != NULL)
        held++;
    for (int i = 0; i < held; i++)
        free(buffers[i]);
    free(buffers);
    return held == threads ? MLP_OK
                           : mlp_fail(err, MLP_ERR_MEMORY,
                                      "no memory for the buffers of OpenBLAS, %zu bytes a thread; "
                                      "use fewer threads or raise the limit (ulimit -v)",
                                      buffer);
}

void mlp_linalg_describe(char *text, size_t size) {
    char version[32] = "";
    const char *config = openblas_get_config(); /* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …" */
    sscanf(config, "OpenBLAS %31s", version);
    snprintf(text, size, "OpenBLAS %s, kernel %s", version, openblas_get_corename());
}

const char *mlp_linalg_better_kernel(void) {
#ifdef __x86_64__
    /* What OpenBLAS takes for an Intel or AMD processor that is newer than itself. */
    const char *core = openblas_get_corename();
    if (strcmp(core, "Prescott") != 0 && strcmp(core, "Barcelona") != 0)
        return NULL;
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return NULL;
    if (!__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq"))
        return "Haswell";
    return __builtin_cpu_supports("avx512bf16") ? "Cooperlake" : "SkylakeX";
#else
    return NULL;
#endif
}

#else

void mlp_linalg_setup(void) {}

mlp_status mlp_linalg_check_room(int threads, mlp_error *err) {
    (void)threads, (void)err;
    return MLP_OK;
}

void mlp_linalg_describe(char *text, size_t size) {
    snprintf(text, size, "CBLAS of unknown make");
}

const char *mlp_linalg_better_kernel(void) {
    return NULL;
}

#endif

static int blas_int(size_t n) {
    assert(n <= MLP_LINALG_MAX);
    return (int)n;
}

/* c [n] = op(B) a + beta c: for the single rows of a batch of one, with less to prepare. */
static void times_vector(CBLAS_TRANSPOSE op, float *c, const float *a, const float *b, size_t ldb,
                         size_t rows, size_t cols, float beta) {
    cblas_sgemv(CblasRowMajor, op, blas_int(rows), blas_int(cols), 1.0F, b, blas_int(ldb), a, 1,
                beta, c, 1);
}

void mlp_matmul(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                size_t m, size_t n, size_t k, float beta) {
    if (m == 1) {
        times_vector(CblasTrans, c, a, b, ldb, k, n, beta);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, blas_int(m), blas_int(n), blas_int(k),
                1.0F, a, blas_int(lda), b, blas_int(ldb), beta, c, blas_int(ldc));
}

void mlp_matmul_tn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta) {
    if (k == 1) { /* a row is a column too, and that call has less to prepare */
        mlp_matmul(c, ldc, a, 1, b, ldb, m, n, 1, beta);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, blas_int(m), blas_int(n), blas_int(k),
                1.0F, a, blas_int(lda), b, blas_int(ldb), beta, c, blas_int(ldc));
}

void mlp_matmul_nt(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                   size_t m, size_t n, size_t k, float beta) {
    if (m == 1) {
        times_vector(CblasNoTrans, c, a, b, ldb, n, k, beta);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas_int(m), blas_int(n), blas_int(k),
                1.0F, a, blas_int(lda), b, blas_int(ldb), beta, c, blas_int(ldc));
}

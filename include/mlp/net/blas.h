/* blas.h - the BLAS library. It is loaded at run time for three reasons: it starts no threads, its kernel can be
   chosen, and too little memory for it is an error with a message. */
#pragma once

#include <pthread.h>

#include "mlp/base/team.h"

/* CBLAS's numbers for its enumerations. */
enum { MLP_BLAS_ROW_MAJOR = 101, MLP_BLAS_NO_TRANS = 111, MLP_BLAS_TRANS = 112 };

typedef void mlp_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                       const float *b, int ldb, float beta, float *c, int ldc);
typedef void mlp_sgemv(int order, int trans, int m, int n, float alpha, const float *a, int lda, const float *x,
                       int incx, float beta, float *y, int incy);

/* Several threads may use one object at the same time. */
typedef struct mlp_blas {
    void *library; /* the handle of dlopen; NULL: the process had the library already */
    mlp_sgemm *sgemm;
    mlp_sgemv *sgemv;
    bool buffers;         /* it is OpenBLAS, which needs a large buffer for each calling thread */
    bool one_at_a_time;   /* it is not known to be thread-safe: */
    pthread_mutex_t lock; /* held during a call */
    const char *build;    /* "pthread build, kept on one thread" */
    char name[64];        /* "OpenBLAS 0.3.21, kernel SkylakeX" */
    char file[512];       /* the library's file; "" if it is not known */
} mlp_blas;

/* Loads the library, or uses the one that the process has already. *blas is NULL on failure. */
mlp_status mlp_blas_open(mlp_blas **blas, mlp_error *err);
void mlp_blas_close(mlp_blas *blas); /* NULL-safe; the library stays loaded */

/* Reduces the team to the number of threads that BLAS has memory for; fails if there is not enough for one. OpenBLAS
   maps 128 MiB for each thread that multiplies, and if a limit forbids it, it tries again without end. */
mlp_status mlp_blas_fit(const mlp_blas *blas, mlp_team *team, mlp_error *err);

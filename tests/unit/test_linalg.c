/* test_linalg.c - each product against its plain triple loop, over odd shapes and strides. */
#include "mlp/net/linalg.h"

#include <float.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "unit.h"

enum { MOST = 67, PAD = 3, LD = MOST + PAD };

typedef void product(mlp_blas *, float *, size_t, const float *, size_t, const float *, size_t, size_t, size_t, size_t,
                     float);

/* Which index of A and B runs over the rows, as their names in linalg.h say. */
static const struct {
    product *multiply;
    int a_transposed, b_transposed;
} products[] = {{mlp_matmul, 0, 0}, {mlp_matmul_tn, 1, 0}, {mlp_matmul_nt, 0, 1}};

/* rows x cols numbers in [-1, 1]; all else is NaN, which a product must neither read nor keep. */
static void fill(float *a, size_t ld, size_t rows, size_t cols, int salt) {
    for (size_t i = 0; i < LD * LD; i++) a[i] = NAN;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) a[i * ld + j] = sinf((float)(i * 31 + j * 7) + (float)salt);
}

static void compare(mlp_blas *blas, size_t which, size_t m, size_t n, size_t k, float beta) {
    static float a[LD * LD], b[LD * LD], c[LD * LD], before[LD * LD];
    const int ta = products[which].a_transposed, tb = products[which].b_transposed;
    const size_t lda = (ta ? m : k) + 1, ldb = (tb ? k : n) + 2, ldc = n + PAD;
    fill(a, lda, ta ? k : m, ta ? m : k, 1);
    fill(b, ldb, tb ? n : k, tb ? k : n, 2);
    fill(c, ldc, beta == 0.0F ? 0 : m, beta == 0.0F ? 0 : n, 3); /* NaN in what is not added to */
    memcpy(before, c, sizeof c);
    products[which].multiply(blas, c, ldc, a, lda, b, ldb, m, n, k, beta);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = beta == 0.0F ? 0 : (double)before[i * ldc + j], size = fabs(sum);
            for (size_t l = 0; l < k; l++) {
                const double term =
                    (double)a[ta ? l * lda + i : i * lda + l] * (double)b[tb ? j * ldb + l : l * ldb + j];
                sum += term;
                size += fabs(term);
            }
            assert_near(c[i * ldc + j], sum, (double)(k + 1) * FLT_EPSILON * size);
            assert_true(size > 0);
        }
        for (size_t j = n; j < ldc; j++) assert_true(isnan(c[i * ldc + j])); /* padding is not written */
    }
}

static void products_equal_their_triple_loops(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 10, 16, 17, 33, 50, MOST};
    enum { N = sizeof sizes / sizeof *sizes };
    mlp_blas *blas = open_blas();
    for (size_t p = 0; p < sizeof products / sizeof *products; p++)
        for (size_t i = 0; i < N * N * N; i++)
            compare(blas, p, sizes[i / (N * N)], sizes[i / N % N], sizes[i % N], (float)(i % 2));
    mlp_blas_close(blas);
}

static void description_names_the_library(void **state) {
    (void)state;
    mlp_blas *blas = open_blas();
    assert_non_null(strstr(blas->name, "BLAS"));
    assert_non_null(strchr(blas->file, '/'));
    assert_non_null(strstr(blas->build, blas->one_at_a_time ? "one call" : "one thread"));
    mlp_blas_close(blas);
}

/* There is memory for more than one buffer here, or no test would do. */
static void a_team_that_fits_stays_whole(void **state) {
    (void)state;
    mlp_error err = {0};
    mlp_blas *blas = open_blas();
    mlp_team *team = team_of(3);
    assert_ok(mlp_blas_fit(blas, team, &err), err);
    assert_int_equal(mlp_team_threads(team), 3);
    mlp_team_free(team);
    mlp_blas_close(blas);
}

/* A BLAS that counts the threads that are in it. */
static atomic_int inside, most_inside;

static void stay_a_while(void) {
    const struct timespec nap = {.tv_nsec = 1000000};
    const int n = atomic_fetch_add(&inside, 1) + 1;
    if (n > atomic_load(&most_inside)) atomic_store(&most_inside, n);
    nanosleep(&nap, NULL);
    atomic_fetch_sub(&inside, 1);
}

static void counting_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a,
                           int lda, const float *b, int ldb, float beta, float *c, int ldc) {
    (void)order, (void)trans_a, (void)trans_b, (void)m, (void)n, (void)k, (void)alpha;
    (void)a, (void)lda, (void)b, (void)ldb, (void)beta, (void)c, (void)ldc;
    stay_a_while();
}

static void counting_sgemv(int order, int trans, int m, int n, float alpha, const float *a, int lda, const float *x,
                           int incx, float beta, float *y, int incy) {
    (void)order, (void)trans, (void)m, (void)n, (void)alpha, (void)a, (void)lda, (void)x;
    (void)incx, (void)beta, (void)y, (void)incy;
    stay_a_while();
}

/* Each product once with a matrix and once with a vector. */
static void multiply_all(void *context, size_t piece, int thread) {
    float a[4] = {0}, b[4] = {0}, c[4] = {0};
    (void)thread;
    products[piece % 3].multiply(context, c, 2, a, 2, b, 2, 1 + piece % 2, 2, 1 + piece / 2 % 2, 0);
}

static void a_serial_blas_is_called_by_one_thread_at_a_time(void **state) {
    (void)state;
    for (int serial = 0; serial <= 1; serial++) {
        mlp_blas blas = {.sgemm = counting_sgemm, .sgemv = counting_sgemv, .one_at_a_time = serial};
        pthread_mutex_init(&blas.lock, NULL);
        mlp_team *team = team_of(8);
        atomic_store(&most_inside, 0);
        mlp_team_run(team, multiply_all, &blas, 96);
        if (serial)
            assert_int_equal(most_inside, 1);
        else
            assert_in_range(most_inside, 2, 8);
        mlp_team_free(team);
        pthread_mutex_destroy(&blas.lock);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_their_triple_loops),
        cmocka_unit_test(description_names_the_library),
        cmocka_unit_test(a_team_that_fits_stays_whole),
        cmocka_unit_test(a_serial_blas_is_called_by_one_thread_at_a_time),
    };
    return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}

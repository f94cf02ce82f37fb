/* test_linalg.c - each product against its plain triple loop, over odd shapes and strides. */
#include "mlp/net/linalg.h"

#include <float.h>
#include <string.h>

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_their_triple_loops),
        cmocka_unit_test(description_names_the_library),
        cmocka_unit_test(a_team_that_fits_stays_whole),
    };
    return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}

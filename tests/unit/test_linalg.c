/* test_linalg.c - each product against its plain triple loop, over odd shapes and strides. */
#include "mlp/net/linalg.h"

#include <float.h>
#include <string.h>

#include "unit.h"

enum { MOST = 67, PAD = 3, LD = MOST + PAD };

typedef void product(float *, size_t, const float *, size_t, const float *, size_t, size_t, size_t,
                     size_t, float);

/* Which index of A and B runs over the rows, as their names in linalg.h say. */
static const struct {
    product *multiply;
    int a_transposed, b_transposed;
} products[] = {{mlp_matmul, 0, 0}, {mlp_matmul_tn, 1, 0}, {mlp_matmul_nt, 0, 1}};

/* rows x cols numbers in [-1, 1]; all else is NaN, which a product must neither read nor keep. */
static void fill(float *a, size_t ld, size_t rows, size_t cols, int salt) {
    for (size_t i = 0; i < LD * LD; i++)
        a[i] = NAN;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            a[i * ld + j] = sinf((float)(i * 31 + j * 7) + (float)salt);
}

static void compare(size_t which, size_t m, size_t n, size_t k, float beta) {
    static float a[LD * LD], b[LD * LD], c[LD * LD], before[LD * LD];
    const int ta = products[which].a_transposed, tb = products[which].b_transposed;
    const size_t lda = (ta ? m : k) + 1, ldb = (tb ? k : n) + 2, ldc = n + PAD;
    fill(a, lda, ta ? k : m, ta ? m : k, 1);
    fill(b, ldb, tb ? n : k, tb ? k : n, 2);
    fill(c, ldc, beta == 0.0F ? 0 : m, beta == 0.0F ? 0 : n, 3); /* NaN in what is not added to */
    memcpy(before, c, sizeof c);
    products[which].multiply(c, ldc, a, lda, b, ldb, m, n, k, beta);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = beta == 0.0F ? 0 : (double)before[i * ldc + j], size = fabs(sum);
            for (size_t l = 0; l < k; l++) {
                const double term = (double)a[ta ? l * lda + i : i * lda + l] *
                                    (double)b[tb ? j * ldb + l : l * ldb + j];
                sum += term;
                size += fabs(term);
            }
            assert_near(c[i * ldc + j], sum, (double)(k + 1) * FLT_EPSILON * size);
            assert_true(size > 0);
        }
        for (size_t j = n; j < ldc; j++)
            assert_true(isnan(c[i * ldc + j])); /* padding is not written */
    }
}

static void products_equal_their_triple_loops(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 10, 16, 17, 33, 50, MOST};
    enum { N = sizeof sizes / sizeof *sizes };
    mlp_linalg_setup();
    for (size_t p = 0; p < sizeof products / sizeof *products; p++)
        for (size_t i = 0; i < N * N * N; i++)
            compare(p, sizes[i / (N * N)], sizes[i / N % N], sizes[i % N], (float)(i % 2));
}

static void description_names_the_library(void **state) {
    (void)state;
    char text[64] = "";
    mlp_linalg_describe(text, sizeof text);
    assert_non_null(strstr(text, "BLAS"));
    mlp_linalg_describe(text, 5); /* cut, not overrun */
    assert_int_equal(strlen(text), 4);
    const char *better = mlp_linalg_better_kernel();
    assert_true(better == NULL || better[0] != '\0');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_their_triple_loops),
        cmocka_unit_test(description_names_the_library),
    };
    return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}

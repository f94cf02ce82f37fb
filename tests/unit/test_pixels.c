/* test_pixels.c - range, mean and size of pixels, compared with plain loops. */
#include "mlp/data/pixels.h"

#include <string.h>

#include "mlp/base/rng.h"
#include "unit.h"

enum { N_MOST = 1100 * 9 };

/* Of all values; with at most 1000 images the mean and size are of all too. */
static void assert_measured(const mlp_pixels *p, const double *x, size_t n) {
    double min = x[0], max = x[0], sum = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        min = fmin(min, x[i]);
        max = fmax(max, x[i]);
        sum += x[i];
        size += fabs(x[i]);
    }
    assert_near(p->min, min, 0);
    assert_near(p->max, max, 0);
    assert_near(p->mean, sum / (double)n, 1e-12);
    assert_near(p->size, size / (double)n, 1e-12);
}

static void measures_bytes_and_numbers_of_any_shape(void **state) {
    (void)state;
    static uint8_t bytes[N_MOST];
    static float floats[N_MOST];
    static double x[N_MOST];
    mlp_rng rng;
    mlp_rng_seed(&rng, 3, 0);
    for (size_t n = 1; n < 40; n += 3)
        for (size_t n_pixels = 1; n_pixels < 10; n_pixels++) {
            for (size_t i = 0; i < n * n_pixels; i++) {
                bytes[i] = (uint8_t)(20 + mlp_rng_below(&rng, 200));
                x[i] = bytes[i] / 255.0;
            }
            mlp_pixels p = mlp_pixels_measure(MLP_IDX_U8, bytes, NULL, n, n_pixels);
            assert_int_equal(p.type, MLP_IDX_U8);
            assert_measured(&p, x, n * n_pixels);
            for (size_t i = 0; i < n * n_pixels; i++) x[i] = floats[i] = (float)mlp_rng_below(&rng, 1000) - 500.5F;
            p = mlp_pixels_measure(MLP_IDX_F64, NULL, floats, n, n_pixels);
            assert_int_equal(p.type, MLP_IDX_F64);
            assert_measured(&p, x, n * n_pixels);
        }
}

/* Each place in turn has the extreme value. */
static void finds_an_extreme_wherever_it_is(void **state) {
    (void)state;
    enum { N = 9000 };
    static uint8_t bytes[N];
    static float floats[N];
    for (size_t at = 0; at < N; at += at < 30 || at > N - 30 ? 1 : 487)
        for (int up = 0; up < 2; up++) {
            for (size_t i = 0; i < N; i++) floats[i] = bytes[i] = 100;
            bytes[at] = up ? 255 : 0;
            floats[at] = up ? 300 : -300;
            mlp_pixels p = mlp_pixels_measure(MLP_IDX_U8, bytes, NULL, N / 9, 9);
            assert_near(p.min, up ? 100 / 255.0 : 0, 0);
            assert_near(p.max, up ? 1 : 100 / 255.0, 0);
            p = mlp_pixels_measure(MLP_IDX_F32, NULL, floats, N / 9, 9);
            assert_near(p.min, up ? 100 : -300, 0);
            assert_near(p.max, up ? 300 : 100, 0);
        }
}

/* More than 1000 images: a sample spread over all of them. */
static void samples_the_mean_of_many_images(void **state) {
    (void)state;
    enum { N = 5000 };
    static uint8_t bytes[N];
    for (size_t i = 0; i < N; i++) bytes[i] = i < N / 2 ? 0 : 255; /* sorted */
    const mlp_pixels p = mlp_pixels_measure(MLP_IDX_U8, bytes, NULL, N, 1);
    assert_near(p.mean, 0.5, 0.02);
    assert_near(p.size, 0.5, 0.02);
    memset(bytes, 51, sizeof bytes); /* the mean of any number of equal images */
    for (size_t n = 1; n <= N; n = n == 999 || n == 1000 ? n + 1 : n * 3) {
        const mlp_pixels even = mlp_pixels_measure(MLP_IDX_U8, bytes, NULL, n, 1);
        assert_near(even.mean, 0.2, 1e-12);
        assert_near(even.size, 0.2, 1e-12);
    }
}

static void swapped_integers_have_the_range_of_the_other_order(void **state) {
    (void)state;
    static const float floats[] = {32767, 256, 512, -2, 1, -32768}; /* the first and the last are not asked */
    const mlp_pixels shorts = mlp_pixels_swap(MLP_IDX_I16, floats + 1, 4);
    assert_near(shorts.min, -257, 0); /* FFFE -> FEFF */
    assert_near(shorts.max, 256, 0);
    const mlp_pixels one = mlp_pixels_swap(MLP_IDX_I16, floats + 2, 1);
    assert_near(one.min, 2, 0);
    assert_near(one.max, 2, 0);
}

/* A border pixel at the edge of a part belongs to it. */
static void parts_include_their_edges(void **state) {
    (void)state;
    const mlp_pixels range = {.type = MLP_IDX_F32, .min = 0, .max = 1};
    static const float image[] = {0.75F, 0.25F, 0.5F, 0.74F, 0.5F, 0.26F, 1, 0, 0.5F};
    const mlp_border border = mlp_pixels_border(&range, 0.25, NULL, image, 3, 3);
    assert_near(border.bright, 2.0 / 8, 1e-12);
    assert_near(border.dark, 2.0 / 8, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_bytes_and_numbers_of_any_shape),
        cmocka_unit_test(finds_an_extreme_wherever_it_is),
        cmocka_unit_test(samples_the_mean_of_many_images),
        cmocka_unit_test(swapped_integers_have_the_range_of_the_other_order),
        cmocka_unit_test(parts_include_their_edges),
    };
    return cmocka_run_group_tests_name("pixels", tests, NULL, NULL);
}

/* test_rng.c - the generator against published values, its distributions against their moments. */
#include "mlp/base/rng.h"
#include "unit.h"

/* xoshiro256++ from the state {1, 2, 3, 4}: the first outputs of the authors' own C program. */
static void matches_the_authors_generator(void **state) {
    (void)state;
    mlp_rng rng = {{1, 2, 3, 4}};
    static const uint64_t expected[] = {41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205U};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) assert_true(mlp_rng_next(&rng) == expected[i]);
}

static void streams_and_seeds_differ(void **state) {
    (void)state;
    mlp_rng a, b, c, d;
    mlp_rng_seed(&a, 1, 2);
    mlp_rng_seed(&b, 2, 1);
    mlp_rng_seed(&c, 1, 1);
    mlp_rng_seed(&d, 1, 2);
    const uint64_t first = mlp_rng_next(&a);
    assert_true(first != mlp_rng_next(&b));
    assert_true(first != mlp_rng_next(&c));
    assert_true(first == mlp_rng_next(&d));
}

static void normal_has_its_moments(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 7, MLP_STREAM_INIT);
    const size_t n = 200000;
    double sum = 0, squares = 0, fourth = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = mlp_rng_normal(&rng);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    /* five standard errors each */
    assert_near(sum / (double)n, 0, 5 * sqrt(1.0 / (double)n));
    assert_near(squares / (double)n, 1, 5 * sqrt(2.0 / (double)n));
    assert_near(fourth / (double)n, 3, 5 * sqrt(96.0 / (double)n));
}

static void below_is_uniform(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 7, MLP_STREAM_SAMPLING);
    size_t counts[7] = {0};
    const size_t n = 70000;
    for (size_t i = 0; i < n; i++) {
        const uint64_t k = mlp_rng_below(&rng, 7);
        assert_true(k < 7);
        counts[k]++;
    }
    double chi_squared = 0;
    for (size_t k = 0; k < 7; k++) chi_squared += ((double)counts[k] - 1e4) * ((double)counts[k] - 1e4) / 1e4;
    assert_true(chi_squared < 22.5); /* 6 degrees of freedom: 0.1 % */
    assert_true(mlp_rng_below(&rng, 1) == 0);
}

/* Three quarters of 2^64: unless a quarter of the numbers is drawn again, every third one comes
   twice as often as the others. */
static void below_is_without_bias(void **state) {
    (void)state;
    mlp_rng rng;
    const uint64_t most = (uint64_t)3 << 62;
    size_t counts[3] = {0};
    mlp_rng_seed(&rng, 7, MLP_STREAM_SAMPLING);
    for (size_t i = 0; i < 30000; i++) {
        const uint64_t k = mlp_rng_below(&rng, most);
        assert_true(k < most);
        counts[k % 3]++;
    }
    for (size_t k = 0; k < 3; k++) assert_near(counts[k], 1e4, 5 * sqrt(3e4 * 2 / 9));
}

static void shuffle_permutes(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 7, MLP_STREAM_SAMPLING);
    size_t first_is[5] = {0};
    for (int trial = 0; trial < 5000; trial++) {
        uint32_t items[5] = {0, 1, 2, 3, 4};
        unsigned seen = 0;
        mlp_rng_shuffle(&rng, items, 5);
        for (size_t i = 0; i < 5; i++) seen |= 1U << items[i];
        assert_int_equal(seen, 31);
        first_is[items[0]]++;
    }
    for (size_t i = 0; i < 5; i++) assert_near(first_is[i], 1000, 5 * sqrt(800));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_authors_generator), cmocka_unit_test(streams_and_seeds_differ),
        cmocka_unit_test(normal_has_its_moments),        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(below_is_without_bias),         cmocka_unit_test(shuffle_permutes),
    };
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}

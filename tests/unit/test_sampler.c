/* test_sampler.c - with replacement examples are drawn uniformly; shuffled, once per epoch. */
#include "mlp/data/sampler.h"

#include <stdbool.h>
#include <string.h>

#include "unit.h"

static mlp_sampler create(mlp_sampling sampling, size_t n, size_t batch_size, uint64_t seed) {
    mlp_sampler sampler = {0};
    mlp_error err = {0};
    assert_ok(mlp_sampler_create(&sampler, sampling, n, batch_size, seed, &err), err);
    return sampler;
}

static void replacement_is_uniform(void **state) {
    (void)state;
    enum { N = 50, BATCHES = 1000, SIZE = 100 };
    mlp_sampler sampler = create(MLP_SAMPLING_REPLACEMENT, N, SIZE, 1);
    size_t counts[N] = {0};
    for (int b = 0; b < BATCHES; b++) {
        assert_int_equal(mlp_sampler_next(&sampler), SIZE); /* larger than N: with replacement */
        for (size_t i = 0; i < SIZE; i++) {
            assert_true(sampler.indices[i] < N);
            counts[sampler.indices[i]]++;
        }
    }
    const double expected = (double)(BATCHES * SIZE / N);
    double chi_squared = 0;
    for (size_t i = 0; i < N; i++) chi_squared += pow((double)counts[i] - expected, 2) / expected;
    assert_true(chi_squared < 85.4); /* 49 degrees of freedom: 0.1 % */
    assert_true(chi_squared > 24.0); /* nor too uniform to be random: 0.1 % */
    mlp_sampler_free(&sampler);
}

/* Draws one epoch into `order`: full batches, then the rest; each example once. */
static void check_epoch(mlp_sampler *sampler, uint32_t *order) {
    size_t seen[64] = {0}, drawn = 0;
    for (size_t b = 0; b < mlp_sampler_epoch(sampler); b++) {
        const size_t left = sampler->n - drawn, size = mlp_sampler_next(sampler);
        assert_int_equal(size, left < sampler->batch_size ? left : sampler->batch_size);
        for (size_t i = 0; i < size; i++) seen[order[drawn++] = sampler->indices[i]]++;
    }
    assert_int_equal(drawn, sampler->n);
    for (size_t i = 0; i < sampler->n; i++) assert_int_equal(seen[i], 1);
}

static void shuffle_takes_each_example_once_an_epoch(void **state) {
    (void)state;
    enum { N = 41 };
    static const struct { size_t batch_size, batches; } cases[] = {{1, N}, {10, 5}, {40, 2}, {N, 1}, {100, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        mlp_sampler sampler = create(MLP_SAMPLING_SHUFFLE, N, cases[c].batch_size, 1);
        assert_int_equal(mlp_sampler_epoch(&sampler), cases[c].batches);
        uint32_t previous[N] = {0}, order[N];
        for (int epoch = 0; epoch < 3; epoch++) {
            check_epoch(&sampler, order);
            assert_memory_not_equal(order, previous, sizeof order); /* a new order each time */
            memcpy(previous, order, sizeof order);
        }
        mlp_sampler_free(&sampler);
    }
}

/* Peeking does not change what is drawn. */
static void peeking_foretells_and_draws_nothing(void **state) {
    (void)state;
    enum { N = 101, SIZE = 10 };
    for (mlp_sampling s = MLP_SAMPLING_REPLACEMENT; s <= MLP_SAMPLING_SHUFFLE; s++) {
        mlp_sampler peeked = create(s, N, SIZE, 5), twin = create(s, N, SIZE, 5);
        for (int i = 0; i < 25; i++) {
            const bool known = s == MLP_SAMPLING_REPLACEMENT || peeked.position < N;
            const size_t next = mlp_sampler_peek(&peeked);
            assert_true(next < N);
            const size_t size = mlp_sampler_next(&peeked);
            assert_int_equal(mlp_sampler_next(&twin), size);
            assert_memory_equal(peeked.indices, twin.indices, size * sizeof *twin.indices);
            if (known) assert_int_equal(next, peeked.indices[0]);
        }
        mlp_sampler_free(&peeked);
        mlp_sampler_free(&twin);
    }
}

static void seed_decides(void **state) {
    (void)state;
    enum { N = 1000, SIZE = 20 };
    for (mlp_sampling s = MLP_SAMPLING_REPLACEMENT; s <= MLP_SAMPLING_SHUFFLE; s++) {
        mlp_sampler a = create(s, N, SIZE, 5), b = create(s, N, SIZE, 5), c = create(s, N, SIZE, 6);
        for (int i = 0; i < 3; i++) {
            mlp_sampler_next(&a);
            mlp_sampler_next(&b);
            mlp_sampler_next(&c);
            assert_memory_equal(a.indices, b.indices, SIZE * sizeof *a.indices);
            assert_memory_not_equal(a.indices, c.indices, SIZE * sizeof *a.indices);
        }
        mlp_sampler_free(&a);
        mlp_sampler_free(&b);
        mlp_sampler_free(&c);
    }
}

static void epoch_rounds_up(void **state) {
    (void)state;
    static const size_t cases[][3] = {{60000, 100, 600}, {1437, 100, 15}, {1, 100, 1}, {101, 100, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const mlp_sampler sampler = {.n = cases[i][0], .batch_size = cases[i][1]};
        assert_int_equal(mlp_sampler_epoch(&sampler), cases[i][2]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replacement_is_uniform),
        cmocka_unit_test(shuffle_takes_each_example_once_an_epoch),
        cmocka_unit_test(peeking_foretells_and_draws_nothing),
        cmocka_unit_test(seed_decides),
        cmocka_unit_test(epoch_rounds_up),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}

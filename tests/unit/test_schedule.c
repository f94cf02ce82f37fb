/* test_schedule.c - known learning rates and strengths of distortion. */
#include "mlp/train/schedule.h"

#include "unit.h"

static double rate(const char *name, size_t i, size_t total, size_t warmup) {
    return mlp_schedule_rate(mlp_schedule_find(name), 0.5, i, total, warmup);
}

static void constant_is_constant(void **state) {
    (void)state;
    for (size_t i = 1; i <= 10; i++) assert_near(rate("constant", i, 10, 0), 0.5, 0);
}

static void step_falls_at_one_half_and_three_quarters(void **state) {
    (void)state;
    for (size_t i = 1; i <= 100; i++)
        assert_near(rate("step", i, 100, 0), i <= 50 ? 0.5 : i <= 75 ? 0.05 : 0.005, 1e-16);
}

static void cosine_falls_to_zero(void **state) {
    (void)state;
    assert_near(rate("cosine", 1, 600, 0), 0.5, 0);
    assert_near(rate("cosine", 201, 600, 0), 0.375, 1e-15); /* cos 60 deg = 1/2 */
    assert_near(rate("cosine", 301, 600, 0), 0.25, 1e-15);
    assert_near(rate("cosine", 401, 600, 0), 0.125, 1e-15);
    for (size_t i = 2; i <= 600; i++) assert_true(rate("cosine", i, 600, 0) < rate("cosine", i - 1, 600, 0));
    assert_true(rate("cosine", 600, 600, 0) > 0);
}

/* Warm-up ends at the full rate; then the schedule covers the rest of the run. */
static void warmup_comes_before_every_schedule(void **state) {
    (void)state;
    for (size_t s = 0; mlp_schedule_name(s) != NULL; s++) {
        const char *name = mlp_schedule_name(s);
        for (size_t i = 1; i <= 20; i++) assert_near(rate(name, i, 100, 20), 0.5 * (double)i / 20, 1e-16);
        for (size_t i = 21; i <= 100; i++) assert_near(rate(name, i, 100, 20), rate(name, i - 20, 80, 0), 0);
        for (size_t i = 1; i <= 7; i++) /* the whole run is warm-up */
            assert_near(rate(name, i, 7, 7), 0.5 * (double)i / 7, 1e-16);
        assert_near(rate(name, 3, 7, 20), 0.075, 1e-16); /* longer than the run */
        assert_near(rate(name, 1, 1, 0), 0.5, 0);
    }
}

static void distortions_fade_to_nothing_in_the_last_iteration(void **state) {
    (void)state;
    for (size_t i = 1; i <= 100; i++) {
        const double left = (double)(100 - i);
        assert_near(mlp_schedule_strength(0, i, 100), 1, 0);
        assert_near(mlp_schedule_strength(0.25, i, 100), i <= 75 ? 1 : left / 25, 1e-15);
        assert_near(mlp_schedule_strength(1, i, 100), left / 100, 1e-15);
    }
    assert_near(mlp_schedule_strength(0, 1, 1), 1, 0);
    assert_near(mlp_schedule_strength(0.001, 1, 1), 0, 0);
}

static void unknown_names_are_not_found(void **state) {
    (void)state;
    assert_null(mlp_schedule_find("linear"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_is_constant),
        cmocka_unit_test(step_falls_at_one_half_and_three_quarters),
        cmocka_unit_test(cosine_falls_to_zero),
        cmocka_unit_test(warmup_comes_before_every_schedule),
        cmocka_unit_test(distortions_fade_to_nothing_in_the_last_iteration),
        cmocka_unit_test(unknown_names_are_not_found),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}

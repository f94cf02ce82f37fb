/* test_activation.c - each activation against its double-precision definition and derivative. */
#include "mlp/net/activation.h"

#include <float.h>
#include <string.h>

#include "unit.h"

enum { MOST = 101 };

static void definitions_have_known_values(void **state) {
    (void)state;
    const mlp_activation *sigmoid = mlp_activation_find("sigmoid");
    const mlp_activation *hyperbolic = mlp_activation_find("tanh");
    const mlp_activation *relu = mlp_activation_find("relu");
    assert_near(sigmoid->value(0), 0.5, 0);
    assert_near(sigmoid->value(log(3)), 0.75, 1e-15);
    assert_near(sigmoid->value(-log(3)), 0.25, 1e-15);
    assert_near(hyperbolic->value(0.5 * log(3)), 0.5, 1e-15);
    assert_near(relu->value(2.5), 2.5, 0);
    assert_near(relu->value(-2.5), 0, 0);
}

static void unknown_names_are_not_found(void **state) {
    (void)state;
    assert_null(mlp_activation_find("softplus"));
    for (size_t i = 0; mlp_activation_name(i) != NULL; i++)
        assert_string_equal(mlp_activation_find(mlp_activation_name(i))->name, mlp_activation_name(i));
}

/* All lengths: the vector loop and its remainder. Floats behind the end do not change. */
static void forward_follows_the_definition(void **state) {
    (void)state;
    for (size_t a = 0; mlp_activation_name(a) != NULL; a++) {
        const mlp_activation *f = mlp_activation_find(mlp_activation_name(a));
        for (size_t n = 1; n < MOST; n++) {
            float z[MOST], bias[MOST], in[MOST];
            for (size_t j = 0; j < n; j++) {
                in[j] = z[j] = 9.0F * sinf((float)(j + n));
                bias[j] = 0.25F * (float)j / (float)n;
            }
            z[n] = 42.0F;
            f->forward(z, n, bias, 1, n);
            for (size_t j = 0; j < n; j++) {
                const double expected = f->value((double)(in[j] + bias[j]));
                assert_near(z[j], expected, 3e-7 * fabs(expected));
            }
            assert_true(z[n] == 42.0F);
        }
    }
}

static void backward_is_the_derivative(void **state) {
    (void)state;
    const double h = 1e-5;
    for (size_t a = 0; mlp_activation_name(a) != NULL; a++) {
        const mlp_activation *f = mlp_activation_find(mlp_activation_name(a));
        size_t nonzero = 0;
        for (size_t n = 1; n < MOST; n++) {
            float z[MOST], dz[MOST];
            double in[MOST];
            for (size_t j = 0; j < n; j++) {
                in[j] = 4.0 * sin((double)(j + n)); /* never within h of 0 */
                z[j] = (float)f->value(in[j]);
                dz[j] = (float)j - 7.5F;
            }
            dz[n] = 42.0F;
            f->backward(dz, n, z, n, 1, n);
            for (size_t j = 0; j < n; j++) {
                const double slope = (f->value(in[j] + h) - f->value(in[j] - h)) / (2 * h);
                const double dj = (double)j - 7.5;
                assert_near(dz[j], dj * slope, fabs(dj) * 2e-7);
                nonzero += fabsf(dz[j]) > 1e-3F;
            }
            assert_true(dz[n] == 42.0F);
        }
        assert_true(nonzero > MOST * MOST / 8);
    }
}

static void extremes_are_harmless(void **state) {
    (void)state;
    static const float large[] = {1e4F, 1e30F, FLT_MAX, -1e4F, -1e30F, -FLT_MAX};
    enum { N = sizeof large / sizeof *large };
    const float bias[N] = {0};
    for (size_t a = 0; mlp_activation_name(a) != NULL; a++) {
        const mlp_activation *f = mlp_activation_find(mlp_activation_name(a));
        float z[N], dz[N] = {1, 1, 1, 1, 1, 1};
        memcpy(z, large, sizeof z);
        f->forward(z, N, bias, 1, N);
        f->backward(dz, N, z, N, 1, N);
        for (size_t j = 0; j < N; j++) {
            const double expected = f->value((double)large[j]);
            assert_near(z[j], expected, 1e-38);
            assert_near(dz[j], expected > 1 ? 1 : 0, 1e-38); /* ReLU has slope 1, the others 0 */
        }
        float nan = NAN;
        f->forward(&nan, 1, bias, 1, 1);
        assert_true(isnan(nan));
    }
    float dz = 1.0F, z = 0.0F;
    mlp_activation_find("relu")->backward(&dz, 1, &z, 1, 1, 1);
    assert_true(dz == 0.0F); /* the convention at 0 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_have_known_values),  cmocka_unit_test(unknown_names_are_not_found),
        cmocka_unit_test(forward_follows_the_definition), cmocka_unit_test(backward_is_the_derivative),
        cmocka_unit_test(extremes_are_harmless),
    };
    return cmocka_run_group_tests_name("activation", tests, NULL, NULL);
}

/* test_loss.c - both losses and the softmax against published numbers, their definitions and
   central differences. */
#include "mlp/base/rng.h"
#include "mlp/data/dataset.h"
#include "mlp/net/loss.h"
#include "unit.h"

#include <string.h>

/* Classifies `rows` equal rows, with a separate bias; returns log_p of the last. */
static double softmax_of_rows(float *y, size_t n, size_t label, double smoothing, uint8_t *predicted, size_t rows) {
    static float all[40][MLP_MAX_CLASSES + 1];
    float bias[MLP_MAX_CLASSES] = {0};
    uint8_t labels[40] = {0}, winners[40];
    double log_p[40];
    for (size_t i = 0; i < rows; i++) {
        labels[i] = (uint8_t)label;
        for (size_t k = 0; k < n; k++) {
            bias[k] = y[k] > 0 ? 2.0F : 0.0F;
            all[i][k] = y[k] - bias[k];
        }
        all[i][n] = 77; /* beyond the row */
    }
    mlp_classify(all[0], MLP_MAX_CLASSES + 1, winners, log_p, bias, labels, smoothing, rows, n);
    for (size_t i = 0; i < rows; i++) { /* at every position */
        assert_int_equal(winners[i], winners[0]);
        assert_near(log_p[i], log_p[0], 0);
        assert_memory_equal(all[i], all[0], n * sizeof(float));
        assert_near(all[i][n], 77, 0);
    }
    memcpy(y, all[0], n * sizeof *y);
    *predicted = winners[0];
    return log_p[0];
}

static double softmax(float *y, size_t n, size_t label) {
    uint8_t predicted;
    return softmax_of_rows(y, n, label, 0, &predicted, 33);
}

static const double y1[] = {0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0};
static const double y2[] = {0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0};
static const double delta = 1e-7; /* textbooks add it inside the logarithm */
enum { CLASSES = 10, LABEL = 2 };

static void squared_error_is_the_chapters(void **state) {
    (void)state;
    const mlp_loss *loss = mlp_loss_find("squared-error");
    assert_near(loss->value(y1, CLASSES, LABEL, 0, log(y1[LABEL])), 0.0975, 1e-16);
    assert_near(loss->value(y2, CLASSES, LABEL, 0, log(y2[LABEL])), 0.5975, 2e-16);
}

static void cross_entropy_is_the_chapters(void **state) {
    (void)state;
    const mlp_loss *loss = mlp_loss_find("cross-entropy");
    assert_near(loss->value(y1, CLASSES, LABEL, 0, log(y1[LABEL] + delta)), 0.510825457099338, 5e-16);
    assert_near(loss->value(y2, CLASSES, LABEL, 0, log(y2[LABEL] + delta)), 2.302584092994546, 5e-16);
}

/* -sum_k t_k log y_k over a one-hot t is the term of the label. */
static void one_hot_form_equals_the_label_form(void **state) {
    (void)state;
    const mlp_loss *loss = mlp_loss_find("cross-entropy");
    for (size_t label = 0; label < CLASSES; label++) {
        double sum = 0;
        for (size_t k = 0; k < CLASSES; k++) sum += (k == label ? 1.0 : 0.0) * log(y1[k] + delta);
        assert_near(loss->value(y1, CLASSES, label, 0, log(y1[label] + delta)), -sum, 0);
    }
}

static void losses_are_found_by_name(void **state) {
    (void)state;
    size_t n = 0;
    for (; mlp_loss_name(n) != NULL; n++) assert_string_equal(mlp_loss_find(mlp_loss_name(n))->name, mlp_loss_name(n));
    assert_int_equal(n, 2);
    assert_null(mlp_loss_find("hinge"));
}

static void softmax_is_its_definition(void **state) {
    (void)state;
    double y[] = {0.3, 2.9, 4.0}; /* the example of the book's chapter */
    const double log_p = mlp_softmax_double(y, 3, 1, 0);
    assert_near(y[0], 0.01821127, 5e-9);
    assert_near(y[1], 0.24519181, 5e-9);
    assert_near(y[2], 0.73659691, 5e-9);
    assert_near(y[0] + y[1] + y[2], 1, 3e-16);
    assert_near(log_p, log(y[1]), 4e-16);
}

static void softmax_survives_large_logits(void **state) {
    (void)state;
    double y[] = {1e4, -1e4, 1e4};
    float f[] = {1e4F, -1e4F, 1e4F};
    assert_near(mlp_softmax_double(y, 3, 1, 0), -2e4 - log(2), 1e-11);
    assert_near(softmax(f, 3, 1), -2e4 - log(2), 1e-3);
    for (size_t k = 0; k < 3; k++) {
        assert_near(y[k], k == 1 ? 0 : 0.5, 0);
        assert_near(f[k], k == 1 ? 0 : 0.5, 0);
    }
}

static const size_t sizes[] = {1, 2, 3, 10, 17, MLP_MAX_CLASSES};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void softmax_in_float_is_near_that_in_double(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 1, 0);
    for (size_t s = 0; s < N_SIZES; s++) {
        const size_t n = sizes[s], label = n / 2;
        double exact[MLP_MAX_CLASSES];
        float y[MLP_MAX_CLASSES];
        for (size_t k = 0; k < n; k++) exact[k] = y[k] = (float)(3 * mlp_rng_normal(&rng));
        const double log_p = mlp_softmax_double(exact, n, label, 0);
        assert_near(softmax(y, n, label), log_p, 3e-6);
        for (size_t k = 0; k < n; k++) assert_near(y[k], exact[k], 2e-6 * exact[k]);
    }
}

/* Both losses from their sums over all targets, written out. */
static void smoothed_losses_are_their_definition(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 4, 0);
    for (size_t s = 0; s < N_SIZES; s++)
        for (int v = 0; v < 3; v++) {
            const size_t n = sizes[s], label = n / 3;
            const double smoothing = v == 0 ? 0 : v == 1 ? 0.1 : 0.9;
            double p[MLP_MAX_CLASSES], cross = 0, squares = 0;
            float y[MLP_MAX_CLASSES];
            uint8_t predicted;
            for (size_t k = 0; k < n; k++) p[k] = y[k] = (float)(3 * mlp_rng_normal(&rng));
            const double log_p = mlp_softmax_double(p, n, label, smoothing);
            for (size_t k = 0; k < n; k++) {
                const double t = (k == label ? 1 - smoothing : 0) + smoothing / (double)n;
                cross -= t > 0 ? t * log(p[k]) : 0;
                squares += 0.5 * (p[k] - t) * (p[k] - t);
            }
            assert_near(softmax_of_rows(y, n, label, smoothing, &predicted, 35), -cross, 1e-5);
            assert_near(mlp_loss_find("cross-entropy")->value(p, n, label, smoothing, log_p), cross,
                        1e-13 * (1 + cross));
            assert_near(mlp_loss_find("squared-error")->value(p, n, label, smoothing, log_p), squares, 1e-14);
        }
}

/* Smoothed targets include classes whose probability rounds to 0. */
static void smoothed_loss_is_finite_where_a_probability_is_0(void **state) {
    (void)state;
    double y[] = {900, 0};
    float f[] = {900, 0};
    uint8_t predicted;
    assert_near(mlp_softmax_double(y, 2, 0, 0.2), -90, 1e-12);
    assert_near(softmax_of_rows(f, 2, 0, 0.2, &predicted, 1), -90, 1e-4);
    assert_near(y[1], 0, 0);
}

static double loss_of_logits(const mlp_loss *loss, const double *y, size_t n, size_t label, double smoothing) {
    double p[MLP_MAX_CLASSES];
    memcpy(p, y, n * sizeof *p);
    const double log_p = mlp_softmax_double(p, n, label, smoothing);
    return loss->value(p, n, label, smoothing, log_p);
}

static void gradients_are_central_differences(void **state) {
    (void)state;
    const double h = 1e-5;
    const float scale = 0.25F;
    mlp_rng rng;
    mlp_rng_seed(&rng, 2, 0);
    for (size_t i = 0; i < 4; i++)
        for (size_t s = 0; s < N_SIZES; s++) {
            const mlp_loss *loss = mlp_loss_find(mlp_loss_name(i / 2));
            const double smoothing = i % 2 == 0 ? 0 : 0.3;
            const size_t n = sizes[s], label = n - 1;
            double y[MLP_MAX_CLASSES], largest = 0;
            float p[MLP_MAX_CLASSES], dy[MLP_MAX_CLASSES];
            for (size_t k = 0; k < n; k++) y[k] = p[k] = (float)(2 * mlp_rng_normal(&rng));
            softmax(p, n, label);
            loss->gradient(dy, p, n, label, (float)smoothing, scale);
            for (size_t k = 0; k < n; k++) {
                const double yk = y[k];
                y[k] = yk + h;
                const double plus = loss_of_logits(loss, y, n, label, smoothing);
                y[k] = yk - h;
                const double minus = loss_of_logits(loss, y, n, label, smoothing);
                y[k] = yk;
                assert_near(dy[k], scale * (plus - minus) / (2 * h), 2e-7);
                largest = fmax(largest, fabs((double)dy[k]));
            }
            assert_true(n == 1 ? largest < 1e-7 : largest > 1e-4);
        }
}

/* In a tie the first class is predicted. */
static void argmax_is_the_first_of_the_largest(void **state) {
    (void)state;
    for (size_t n = 1; n <= 40; n++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = i; j < n; j++) {
                float y[40];
                for (size_t k = 0; k < n; k++) y[k] = -1.0F - (float)k;
                y[i] = y[j] = 0.5F;
                uint8_t predicted;
                softmax_of_rows(y, n, 0, 0, &predicted, 1 + (i + j) % 3);
                assert_int_equal(predicted, i);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squared_error_is_the_chapters),
        cmocka_unit_test(cross_entropy_is_the_chapters),
        cmocka_unit_test(one_hot_form_equals_the_label_form),
        cmocka_unit_test(losses_are_found_by_name),
        cmocka_unit_test(argmax_is_the_first_of_the_largest),
        cmocka_unit_test(softmax_is_its_definition),
        cmocka_unit_test(softmax_survives_large_logits),
        cmocka_unit_test(softmax_in_float_is_near_that_in_double),
        cmocka_unit_test(smoothed_losses_are_their_definition),
        cmocka_unit_test(smoothed_loss_is_finite_where_a_probability_is_0),
        cmocka_unit_test(gradients_are_central_differences),
    };
    return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}

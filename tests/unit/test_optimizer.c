/* test_optimizer.c - each optimizer against the formulas of its paper, in double. */
#include "mlp/train/optimizer.h"

#include <string.h>

#include "unit.h"

static const double LR = 0.03, MU = 0.9, BETA1 = 0.9, BETA2 = 0.99, EPSILON = 1e-6;

static mlp_optimizer_settings settings(const char *name, double weight_decay) {
    return (mlp_optimizer_settings){.kind = mlp_optimizer_find(name),
                                    .momentum = MU,
                                    .beta1 = BETA1,
                                    .beta2 = BETA2,
                                    .epsilon = EPSILON,
                                    .weight_decay = weight_decay};
}

/* One parameter and the state of its optimizer. */
typedef struct scalar {
    double w, m, v;
} scalar;

/* Step t >= 1 with gradient g: Kingma and Ba's bias-corrected moments, Loshchilov and Hutter's
   decoupled decay, PyTorch's momentum without dampening. */
static void scalar_step(scalar *s, const char *name, double g, double weight_decay, int t) {
    const int decoupled = strcmp(name, "adamw") == 0;
    const double decayed = decoupled ? s->w * LR * weight_decay : 0;
    if (!decoupled) g += weight_decay * s->w;
    if (strcmp(name, "sgd") == 0) {
        s->w -= LR * g;
    } else if (strcmp(name, "momentum") == 0) {
        s->m = MU * s->m + g;
        s->w -= LR * s->m;
    } else {
        s->m = BETA1 * s->m + (1 - BETA1) * g;
        s->v = BETA2 * s->v + (1 - BETA2) * g * g;
        const double m_hat = s->m / (1 - pow(BETA1, t)), v_hat = s->v / (1 - pow(BETA2, t));
        s->w -= LR * m_hat / (sqrt(v_hat) + EPSILON) + decayed;
    }
}

/* Gradients from 1e-4 to 1, of both signs, changing from step to step. */
static float gradient(size_t i, int t) { return sinf((float)i + 0.7F * (float)t) * powf(10.0F, (float)(i % 5) - 4.0F); }

static void steps_follow_the_formulas(void **state) {
    (void)state;
    enum { N = 103, STEPS = 25 };
    static const double decays[] = {0, 0.1};
    for (size_t o = 0; mlp_optimizer_name(o) != NULL; o++) {
        for (size_t d = 0; d < sizeof decays / sizeof *decays; d++) {
            const char *name = mlp_optimizer_name(o);
            const mlp_optimizer_settings s = settings(name, decays[d]);
            mlp_optimizer opt = {0};
            mlp_error err = {0};
            float w[N], g[N];
            scalar expected[N] = {0};
            size_t moved = 0;
            for (size_t i = 0; i < N; i++) expected[i].w = w[i] = cosf((float)i);
            assert_ok(mlp_optimizer_create(&opt, &s, N, &err), err);
            for (int t = 1; t <= STEPS; t++) {
                for (size_t i = 0; i < N; i++) {
                    g[i] = gradient(i, t);
                    scalar_step(&expected[i], name, (double)g[i], decays[d], t);
                }
                mlp_optimizer_step(&opt, 0, w, g, LR, NULL);
            }
            for (size_t i = 0; i < N; i++) {
                assert_near(w[i], expected[i].w, 1e-6 * (1 + fabs(expected[i].w)));
                moved += fabs((double)w[i] - cos((double)i)) > 1e-4;
            }
            assert_true(moved > N / 2);
            mlp_optimizer_free(&opt);
        }
    }
}

/* Adam's first step is lr * sign(gradient), however small the gradient (Kingma and Ba, 2.1). */
static void adam_starts_with_the_sign(void **state) {
    (void)state;
    const mlp_optimizer_settings s = settings("adam", 0);
    mlp_optimizer opt = {0};
    mlp_error err = {0};
    float w[2] = {0, 0};
    const float g[2] = {1e-2F, -1e3F};
    assert_ok(mlp_optimizer_create(&opt, &s, 2, &err), err);
    mlp_optimizer_step(&opt, 0, w, g, LR, NULL);
    assert_near(w[0], -LR, 1e-5);
    assert_near(w[1], LR, 1e-5);
    mlp_optimizer_free(&opt);
}

/* Without a gradient only weight decay acts: adamw multiplies by the same factor each time. */
static void decay_alone_shrinks(void **state) {
    (void)state;
    const float g = 0;
    mlp_error err = {0};
    static const char *const names[] = {"sgd", "adamw"};
    for (size_t o = 0; o < 2; o++) {
        const mlp_optimizer_settings s = settings(names[o], 0.1);
        mlp_optimizer opt = {0};
        float w = 2;
        assert_ok(mlp_optimizer_create(&opt, &s, 1, &err), err);
        for (int t = 0; t < 10; t++) mlp_optimizer_step(&opt, 0, &w, &g, LR, NULL);
        assert_near(w, 2 * pow(1 - LR * 0.1, 10), 1e-6);
        mlp_optimizer_free(&opt);
    }
}

/* Several pieces of work, each third element is padding: threads change no bit, padding stays 0. */
static void threads_and_padding_change_nothing(void **state) {
    (void)state;
    enum { N = 40001 };
    static float one[N], many[N], g[N];
    mlp_team *team = team_of(3);
    for (size_t o = 0; mlp_optimizer_name(o) != NULL; o++) {
        const mlp_optimizer_settings s = settings(mlp_optimizer_name(o), 0.01);
        mlp_optimizer a = {0}, b = {0};
        mlp_error err = {0};
        assert_ok(mlp_optimizer_create(&a, &s, N, &err), err);
        assert_ok(mlp_optimizer_create(&b, &s, N, &err), err);
        for (size_t i = 0; i < N; i++) one[i] = many[i] = i % 3 == 0 ? 0.0F : cosf((float)i);
        for (int t = 1; t <= 3; t++) {
            for (size_t i = 0; i < N; i++) g[i] = i % 3 == 0 ? 0.0F : gradient(i, t);
            mlp_optimizer_step(&a, 0, one, g, LR, NULL);
            mlp_optimizer_step(&b, 0, many, g, LR, team);
        }
        assert_memory_equal(one, many, sizeof one);
        size_t moved = 0;
        for (size_t i = 0; i < N; i++) {
            assert_true(i % 3 != 0 || one[i] == 0.0F);
            moved += i % 3 != 0 && one[i] != cosf((float)i);
        }
        assert_true(moved > N / 2);
        mlp_optimizer_free(&a);
        mlp_optimizer_free(&b);
    }
    mlp_team_free(team);
}

/* Only SGD without weight decay is plain; a step from an element on equals that part of a step. */
static void plain_steps_can_be_shared_out(void **state) {
    (void)state;
    for (size_t o = 0; mlp_optimizer_name(o) != NULL; o++)
        for (int decay = 0; decay < 2; decay++) {
            const mlp_optimizer_settings s = settings(mlp_optimizer_name(o), decay * 0.1);
            mlp_optimizer opt = {0};
            mlp_error err = {0};
            assert_ok(mlp_optimizer_create(&opt, &s, 3, &err), err);
            assert_int_equal(mlp_optimizer_is_plain(&opt), o == 0 && decay == 0);
            float w[3] = {1, 1, 1};
            const float g[3] = {1, 1, 1};
            mlp_optimizer_step(&opt, 2, w, g, 0.5, NULL);
            assert_true(w[0] == 1.0F && w[1] == 1.0F && w[2] < 1.0F);
            mlp_optimizer_free(&opt);
        }
    assert_string_equal(mlp_optimizer_name(0), "sgd");
}

static void unknown_names_are_not_found(void **state) {
    (void)state;
    assert_null(mlp_optimizer_find("adagrad"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_formulas),     cmocka_unit_test(adam_starts_with_the_sign),
        cmocka_unit_test(decay_alone_shrinks),           cmocka_unit_test(threads_and_padding_change_nothing),
        cmocka_unit_test(plain_steps_can_be_shared_out), cmocka_unit_test(unknown_names_are_not_found),
    };
    return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}

/* test_numgrad.c - central differences against published numbers, the gradient of a network against the
   definition, and backpropagation against both. */
#include "mlp/net/numgrad.h"
#include "mlp/net/propagation.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* ---- the functions of the book's chapter; in separate statements, so that no FMA is used ---- */

static double line_and_parabola(const double *x, size_t n, void *context) {
    (void)n, (void)context;
    const double square = x[0] * x[0], a = 0.01 * square, b = 0.1 * x[0];
    return a + b;
}

static double sum_of_squares(const double *x, size_t n, void *context) {
    (void)context;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double square = x[i] * x[i];
        sum += square;
    }
    return sum;
}

static void differences_are_the_chapters(void **state) {
    (void)state;
    double x[] = {5};
    assert_near(mlp_central_difference(line_and_parabola, NULL, x, 1, 0, MLP_NUMGRAD_STEP), 0.1999999999990898, 5e-17);
    x[0] = 10;
    assert_near(mlp_central_difference(line_and_parabola, NULL, x, 1, 0, MLP_NUMGRAD_STEP), 0.2999999999986347, 6e-17);
    assert_near(x[0], 10, 0);
}

static void partial_derivatives_are_the_chapters(void **state) {
    (void)state;
    double x[] = {3, 4};
    assert_near(mlp_central_difference(sum_of_squares, NULL, x, 2, 0, MLP_NUMGRAD_STEP), 6.00000000000378, 5e-15);
    assert_near(mlp_central_difference(sum_of_squares, NULL, x, 2, 1, MLP_NUMGRAD_STEP), 7.999999999999119, 5e-16);
}

/* h so small that x + h == x: the difference is 0. */
static void the_chapters_mistake_rounds_to_nothing(void **state) {
    (void)state;
    double x[] = {5};
    assert_near(mlp_forward_difference(line_and_parabola, NULL, x, 1, 0, 10e-50), 0, 0);
    /* with a suitable h, its error is h/2 f'' = 1e-6, where the central difference has 1e-12 */
    const double d = mlp_forward_difference(line_and_parabola, NULL, x, 1, 0, MLP_NUMGRAD_STEP);
    assert_near(d - 0.2, 1e-6, 1e-11);
    assert_near(x[0], 5, 0);
}

static void gradients_are_the_chapters(void **state) {
    (void)state;
    static const double at[][2] = {{3, 4}, {0, 2}, {3, 0}};
    for (size_t i = 0; i < 3; i++) {
        double x[] = {at[i][0], at[i][1]}, grad[2];
        mlp_gradient(grad, sum_of_squares, NULL, x, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_near(grad[k], 2 * at[i][k], 5e-9);
            assert_near(x[k], at[i][k], 0);
        }
    }
}

/* Whether the compiler fuses a product and a sum (FMA), as with NATIVE=1 on most machines. */
static bool products_are_fused(void) {
    volatile const double a = 1 + 0x1p-30, square = 1 + 0x1p-29;
    return a * a - square != 0;
}

static void gradient_descent_is_the_chapters(void **state) {
    (void)state;
    const double rounding = products_are_fused() ? 1e7 : 1; /* a diverged run amplifies rounding */
    static const struct {
        double lr, x[2], digits[2];
    } cases[] = {
        {0.1, {-6.11110793e-10, 8.14814391e-10}, {5e-19, 5e-19}},
        {10, {-2.58983747e+13, -1.29524862e+12}, {5e4, 5e3}}, /* diverged */
        {1e-10, {-2.99999994, 3.99999992}, {5e-9, 5e-9}},     /* hardly moved */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double x[] = {-3, 4}, grad[2];
        mlp_gradient_descent(x, grad, sum_of_squares, NULL, 2, cases[i].lr, 100);
        for (size_t k = 0; k < 2; k++) assert_near(x[k], cases[i].x[k], cases[i].digits[k] * (i == 1 ? rounding : 1));
    }
}

static void the_smallest_network_is_the_chapters(void **state) {
    (void)state;
    double w[] = {-0.73546853, -0.90485202, -0.22409225, 0.19518637, 0.10183601, 1.89255414};
    static const double x[] = {0.6, 0.9};
    static const double scores[] = {-0.26561338, -0.4512588, 1.56884337};
    static const double gradient[] = {0.07414456, 0.0615821, -0.13572666, 0.11121684, 0.09237315, -0.20359};
    mlp_layer layer = {
        .x = x,
        .n_in = 2,
        .n_out = 3,
        .stride = 3,
        .label = 2,
        .loss = mlp_loss_find("cross-entropy"),
    };
    double y[3], dw[6];
    mlp_layer_scores(y, w, &layer);
    /* The published results come from weights of 16 digits, of which 8 were printed. */
    for (size_t k = 0; k < 3; k++) assert_near(y[k], scores[k], 1e-8);
    assert_true(y[2] > y[0] && y[2] > y[1]);
    assert_near(mlp_layer_loss(w, 6, &layer), 0.25645618872166714, 1e-9);
    mlp_gradient(dw, mlp_layer_loss, &layer, w, 6);
    for (size_t i = 0; i < 6; i++) assert_near(dw[i], gradient[i], 1e-8);
}

/* ---- the network ---- */

typedef struct fixture {
    mlp_network net;
    mlp_batch batch;
    mlp_numgrad ng;
    double *plain, *fast; /* [arena] */
    float *grads;         /* [arena] */
} fixture;

/* A network with weights of the given standard deviation, and a batch of images with many zeros and
   repeated values, some outside 0 .. 1. With `dropout`, half of the units are dropped and the
   labels are smoothed. */
static void fixture_create(fixture *f, mlp_shape shape, size_t n, const char *activation, const char *loss, double std,
                           bool dropout) {
    mlp_error err = {0};
    mlp_rng rng;
    memset(f, 0, sizeof *f);
    mlp_rng_seed(&rng, 3, 0);
    assert_ok(mlp_network_create(&f->net, shape, mlp_activation_find(activation), mlp_loss_find(loss), &err), err);
    assert_ok(mlp_batch_create(&f->batch, &f->net, n, dropout, &err), err);
    f->batch.smoothing = dropout ? 0.2 : 0;
    assert_ok(mlp_numgrad_create(&f->ng, &f->net, n, &err), err);
    for (int b = 0; b < MLP_N_BLOCKS; b++)
        for (size_t i = 0; i < f->net.blocks[b].rows * f->net.blocks[b].cols; i++)
            f->net.params[mlp_block_index(&f->net.blocks[b], i)] = (float)(std * mlp_rng_normal(&rng));
    f->batch.n = n;
    static const float shades[] = {1.0F, 0.25F, 0.5F, -0.5F, 1.5F};
    for (size_t i = 0; i < n; i++) {
        for (size_t p = 0; p < shape.n_in; p++)
            if (mlp_rng_below(&rng, 3) > 0) f->batch.x[i * f->batch.stride_in + p] = shades[mlp_rng_below(&rng, 5)];
        f->batch.labels[i] = (uint8_t)mlp_rng_below(&rng, shape.n_out);
    }
    mlp_batch_drop(&f->batch, &f->net, dropout ? 0.5 : 0, &rng);
    f->plain = calloc(f->net.arena, sizeof *f->plain);
    f->fast = calloc(f->net.arena, sizeof *f->fast);
    f->grads = calloc(f->net.arena, sizeof *f->grads);
    assert_true(f->plain && f->fast && f->grads);
}

static void fixture_free(fixture *f) {
    mlp_network_free(&f->net);
    mlp_batch_free(&f->batch);
    mlp_numgrad_free(&f->ng);
    free(f->plain);
    free(f->fast);
    free(f->grads);
}

/* Of one with eight hidden units, no padding is between the units of two images. */
static const struct {
    mlp_shape shape;
    size_t n;
} nets[] = {{{5, 4, 3, false}, 3}, {{1, 1, 2, false}, 1},   {{7, 1, 10, false}, 4},
            {{6, 3, 1, false}, 2}, {{6, 8, 3, false}, 100}, {{9, 17, 11, false}, 5}};
enum { N_NETS = sizeof nets / sizeof *nets };

/* Calls `check` for each network, activation, loss and size of weights, with and without dropout.
 */
static void for_each_net(void (*check)(fixture *f, double std)) {
    static const double stds[] = {0.01, 1, 60};
    for (size_t s = 0; s < N_NETS * 3 * 2; s++)
        for (size_t a = 0; mlp_activation_name(a) != NULL; a++)
            for (size_t l = 0; mlp_loss_name(l) != NULL; l++) {
                const double std = stds[s / N_NETS % 3];
                fixture f;
                fixture_create(&f, nets[s % N_NETS].shape, nets[s % N_NETS].n, mlp_activation_name(a), mlp_loss_name(l),
                               std, s / N_NETS >= 3);
                check(&f, std);
                fixture_free(&f);
            }
}

static double largest_of(const double *x, size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
    return largest;
}

/* The mean loss over the batch: an mlp_function of all parameters. */
static double network_loss(const double *params, size_t n, void *context) {
    const fixture *f = context;
    const mlp_block *w1 = &f->net.blocks[MLP_W1], *w2 = &f->net.blocks[MLP_W2];
    const double *b1 = params + f->net.blocks[MLP_B1].offset;
    double h[64], sum = 0;
    (void)n;
    assert_true(w1->cols <= 64);
    for (size_t i = 0; i < f->batch.n; i++) {
        for (size_t j = 0; j < w1->cols; j++) {
            const float *x = f->batch.x + i * f->batch.stride_in;
            double a = b1[j];
            for (size_t k = 0; k < w1->rows; k++) a += (double)x[k] * params[w1->offset + k * w1->stride + j];
            const float *mask = f->batch.mask;
            h[j] = f->net.activation->value(a) * (mask == NULL ? 1 : (double)mask[i * f->batch.stride_hidden + j]);
        }
        mlp_layer layer = {.x = h,
                           .bias = params + f->net.blocks[MLP_B2].offset,
                           .n_in = w2->rows,
                           .n_out = w2->cols,
                           .stride = w2->stride,
                           .label = f->batch.labels[i],
                           .smoothing = f->batch.smoothing,
                           .loss = f->net.loss};
        sum += mlp_layer_loss(params + w2->offset, w2->rows * w2->stride, &layer);
    }
    return sum / (double)f->batch.n;
}

/* The definition: two losses of the whole network for each parameter. */
static void plain_gradient(fixture *f) {
    double *params = calloc(f->net.arena, sizeof *params);
    assert_non_null(params);
    for (size_t i = 0; i < f->net.arena; i++) params[i] = f->net.params[i];
    mlp_gradient(f->plain, network_loss, f, params, f->net.arena);
    free(params);
}

static void compare_forms(fixture *f, double std) {
    plain_gradient(f);
    mlp_numgrad_compute(f->fast, &f->ng, &f->batch, &f->net, NULL);
    const double largest = largest_of(f->plain, f->net.arena);
    /* With weights of 60 the losses reach 10^4: rounding hides the plain difference. */
    const double tolerance = std <= 1 ? 1e-9 : 1e-9 * fmax(1000, largest);
    for (size_t i = 0; i < f->net.arena; i++) assert_near(f->fast[i], f->plain[i], tolerance);
    if (std <= 1 && f->net.shape.n_out > 1) assert_true(largest > 1e-4);
}

static void numerical_gradient_equals_the_definition(void **state) {
    (void)state;
    for_each_net(compare_forms);
}

static void compare_threads(fixture *f, double std) {
    (void)std;
    const size_t bytes = f->net.arena * sizeof(double);
    mlp_numgrad_compute(f->plain, &f->ng, &f->batch, &f->net, NULL);
    for (int threads = 2; threads <= 4; threads += 2) {
        mlp_team *team;
        mlp_error err = {0};
        assert_ok(mlp_team_create(&team, threads, &err), err);
        mlp_numgrad_compute(f->fast, &f->ng, &f->batch, &f->net, team);
        mlp_team_free(team);
        assert_memory_equal(f->fast, f->plain, bytes);
    }
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    for_each_net(compare_threads);
}

/* The result does not depend on old contents of the buffers and of the output. */
static void calls_leave_nothing_behind(void **state) {
    (void)state;
    fixture f;
    fixture_create(&f, (mlp_shape){9, 5, 4, false}, 6, "tanh", "cross-entropy", 1, false);
    mlp_numgrad_compute(f.plain, &f.ng, &f.batch, &f.net, NULL);
    f.batch.n = 2;
    memset(f.fast, 0x55, f.net.arena * sizeof *f.fast);
    mlp_numgrad_compute(f.fast, &f.ng, &f.batch, &f.net, NULL);
    f.batch.n = 6;
    mlp_numgrad_compute(f.fast, &f.ng, &f.batch, &f.net, NULL);
    assert_memory_equal(f.fast, f.plain, f.net.arena * sizeof *f.fast);
    fixture_free(&f);
}

/* Backpropagation in float32 against the plain definition; all blocks have gradients. */
static void compare_backprop(fixture *f, double std) {
    if (std > 1 || f->net.shape.n_out == 1 || strcmp(f->net.activation->name, "relu") == 0)
        return; /* saturated: no gradient; kinks: see below */
    plain_gradient(f);
    mlp_network_forward(&f->batch, &f->net, NULL);
    mlp_network_backward(f->grads, &f->batch, &f->net, NULL);
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_block *block = &f->net.blocks[b];
        const double largest = largest_of(f->plain + block->offset, block->rows * block->stride);
        if (f->batch.mask == NULL && f->net.shape.n_in > 1) /* else there may be no nonzero pixel */
            assert_true(largest > 1e-7);
        for (size_t i = 0; i < block->rows * block->stride; i++)
            assert_near(f->grads[block->offset + i], f->plain[block->offset + i], 5e-6 * largest + 1e-8);
    }
}

static void backprop_equals_the_definition(void **state) {
    (void)state;
    for_each_net(compare_backprop);
}

static void check_of_a_right_gradient_passes(void **state) {
    (void)state;
    for (size_t a = 0; mlp_activation_name(a) != NULL; a++)
        for (size_t l = 0; mlp_loss_name(l) != NULL; l++)
            for (int dropout = 0; dropout < 2; dropout++) {
                fixture f;
                mlp_gradient_check check;
                fixture_create(&f, (mlp_shape){30, 12, 10, false}, 20, mlp_activation_name(a), mlp_loss_name(l), 0.3,
                               dropout);
                mlp_check_gradient(&check, f.grads, &f.ng, &f.batch, &f.net, NULL);
                for (int b = 0; b < MLP_N_BLOCKS; b++) {
                    const mlp_gradient_error *e = &check.blocks[b];
                    const mlp_block *block = &f.net.blocks[b];
                    assert_string_equal(e->name, block->name);
                    assert_true(e->compared > 0 && e->compared <= block->rows * block->cols);
                    assert_true(e->nonzero > e->compared / 2);
                    assert_true(e->backprop > 0 && e->backprop < 1e-4);
                }
                fixture_free(&f);
            }
}

/* An activation whose derivative is slightly wrong: W1 and b1 must show it. */
static void wrong_backward(float *dz, size_t dz_stride, const float *z, size_t z_stride, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            dz[i * dz_stride + j] *= 1.001F * z[i * z_stride + j] * (1.0F - z[i * z_stride + j]);
}

static void check_of_a_wrong_gradient_fails(void **state) {
    (void)state;
    fixture f;
    mlp_gradient_check check;
    fixture_create(&f, (mlp_shape){30, 12, 10, false}, 20, "sigmoid", "cross-entropy", 0.3, false);
    mlp_activation wrong = *f.net.activation;
    wrong.backward = wrong_backward;
    f.net.activation = &wrong;
    mlp_check_gradient(&check, f.grads, &f.ng, &f.batch, &f.net, NULL);
    assert_near(check.blocks[MLP_W1].backprop, 1e-3, 1e-4);
    assert_near(check.blocks[MLP_B1].backprop, 1e-3, 1e-4);
    assert_true(check.blocks[MLP_W2].backprop < 1e-4);
    assert_true(check.blocks[MLP_B2].backprop < 1e-4);
    f.net.params[0] = NAN; /* NaN must not pass a comparison */
    mlp_check_gradient(&check, f.grads, &f.ng, &f.batch, &f.net, NULL);
    assert_true(check.blocks[MLP_W2].backprop > 1e-4);
    fixture_free(&f);
}

/* A unit whose input is within a step of the kink: the difference is not the derivative. */
static void check_leaves_out_the_corner_of_relu(void **state) {
    (void)state;
    fixture f;
    mlp_gradient_check check;
    const size_t unit = 3;
    fixture_create(&f, (mlp_shape){10, 6, 4, false}, 5, "relu", "cross-entropy", 0.5, false);
    for (size_t i = 0; i < 10; i++) f.net.params[mlp_block_index(&f.net.blocks[MLP_W1], i * 6 + unit)] = 0;
    f.net.params[f.net.blocks[MLP_B1].offset + unit] = 3e-5F;
    mlp_check_gradient(&check, f.grads, &f.ng, &f.batch, &f.net, NULL);
    assert_int_equal(check.kinked, 1);
    assert_int_equal(check.blocks[MLP_W1].compared, 50);
    assert_int_equal(check.blocks[MLP_B1].compared, 5);
    for (int b = 0; b < MLP_N_BLOCKS; b++) assert_true(check.blocks[b].nonzero > 0 && check.blocks[b].backprop < 1e-4);
    /* the difference sees (h + a) / 2h = 0.65 of the slope */
    const size_t at = f.net.blocks[MLP_B1].offset + unit;
    assert_near(f.ng.grads[at] / (double)f.grads[at], 0.65, 2e-3);
    assert_true(fabs(f.ng.grads[at]) > 1e-3);
    /* a pixel of 1.5 changes the input by more than h */
    static const struct {
        float input;
        size_t kinked;
    } cases[] = {{0, 1}, {-9e-5F, 1}, {1.4e-4F, 1}, {-1.4e-4F, 1}, {1.6e-4F, 0}, {-1.6e-4F, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.net.params[at] = cases[i].input;
        mlp_check_gradient(&check, f.grads, &f.ng, &f.batch, &f.net, NULL);
        assert_int_equal(check.kinked, cases[i].kinked);
    }
    fixture_free(&f);
}

/* Training with either gradient gives the same results. */
static void trains_as_backprop_does(void **state) {
    (void)state;
    fixture a, b;
    fixture_create(&a, (mlp_shape){20, 8, 5, false}, 10, "sigmoid", "cross-entropy", 0.3, false);
    fixture_create(&b, (mlp_shape){20, 8, 5, false}, 10, "sigmoid", "cross-entropy", 0.3, false);
    double first = 0;
    for (int step = 0; step < 50; step++) {
        mlp_network_forward(&a.batch, &a.net, NULL);
        mlp_network_forward(&b.batch, &b.net, NULL);
        assert_near(mlp_batch_loss(&a.batch), mlp_batch_loss(&b.batch), 1e-5);
        first = step == 0 ? mlp_batch_loss(&a.batch) : first;
        mlp_network_backward(a.grads, &a.batch, &a.net, NULL);
        mlp_numgrad_network(b.grads, &b.ng, &b.batch, &b.net, NULL);
        for (size_t i = 0; i < a.net.arena; i++) {
            a.net.params[i] -= 0.5F * a.grads[i];
            b.net.params[i] -= 0.5F * b.grads[i];
        }
    }
    assert_true(mlp_batch_loss(&b.batch) < 0.8 * first);
    fixture_free(&a);
    fixture_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_the_chapters),
        cmocka_unit_test(partial_derivatives_are_the_chapters),
        cmocka_unit_test(the_chapters_mistake_rounds_to_nothing),
        cmocka_unit_test(gradients_are_the_chapters),
        cmocka_unit_test(gradient_descent_is_the_chapters),
        cmocka_unit_test(the_smallest_network_is_the_chapters),
        cmocka_unit_test(numerical_gradient_equals_the_definition),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(calls_leave_nothing_behind),
        cmocka_unit_test(backprop_equals_the_definition),
        cmocka_unit_test(check_of_a_right_gradient_passes),
        cmocka_unit_test(check_of_a_wrong_gradient_fails),
        cmocka_unit_test(check_leaves_out_the_corner_of_relu),
        cmocka_unit_test(trains_as_backprop_does),
    };
    return cmocka_run_group_tests_name("numgrad", tests, NULL, NULL);
}

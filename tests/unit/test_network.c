/* test_network.c - forward and backward pass against a network computed by hand and against a plain
   implementation in double, for odd shapes. */
#include "mlp/net/network.h"

#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/net/linalg.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"
#include "synthetic.h"

static mlp_network create_net(mlp_shape shape, const char *activation, const char *loss) {
    mlp_network net = {0};
    mlp_error err = {0};
    assert_ok(mlp_network_create(&net, shape, mlp_activation_find(activation), mlp_loss_find(loss), &err), err);
    return net;
}

static mlp_batch create_batch(const mlp_network *net, size_t capacity, bool dropout) {
    mlp_batch batch = {0};
    mlp_error err = {0};
    assert_ok(mlp_batch_create(&batch, net, capacity, dropout, &err), err);
    return batch;
}

static float *param(const mlp_network *net, int block, size_t i) {
    return &net->params[mlp_block_index(&net->blocks[block], i)];
}

static void set_params(const mlp_network *net, int block, const float *values) {
    for (size_t i = 0; i < net->blocks[block].rows * net->blocks[block].cols; i++) *param(net, block, i) = values[i];
}

/* ---- by hand ---- */

/* x = (1, 0), sigmoid: a = (ln 3, -ln 3), z = (3/4, 1/4), y = (0, ln 3), p = (1/4, 3/4). */
static void hand_made_network_has_known_outputs(void **state) {
    (void)state;
    const float ln3 = logf(3);
    mlp_network net = create_net((mlp_shape){2, 2, 2, false}, "sigmoid", "cross-entropy");
    set_params(&net, MLP_W1, (const float[]){ln3 - 1, -ln3, 5, 7});
    set_params(&net, MLP_B1, (const float[]){1, 0});
    set_params(&net, MLP_W2, (const float[]){-1, ln3, 3, ln3});
    set_params(&net, MLP_B2, (const float[]){0, 0});
    const uint8_t pixels[] = {255, 0}, label[] = {0};
    const mlp_dataset set = {.n = 1, .n_pixels = 2, .n_classes = 2, .bytes = pixels, .labels = label};
    mlp_batch batch = create_batch(&net, 1, false);
    float *grads = calloc(net.arena, sizeof(float));
    assert_non_null(grads);

    mlp_batch_load(&batch, &set, NULL, 0, 1, NULL);
    mlp_network_forward(&batch, &net, NULL);
    assert_near(batch.z[0], 0.75, 1e-6);
    assert_near(batch.z[1], 0.25, 1e-6);
    assert_near(batch.p[0], 0.25, 1e-6);
    assert_near(batch.p[1], 0.75, 1e-6);
    assert_near(mlp_batch_loss(&batch), log(4), 1e-6);
    assert_int_equal(batch.predicted[0], 1);
    assert_int_equal(mlp_batch_correct(&batch), 0);

    /* dY = p - t = (-3/4, 3/4);  dA = W2 dY * z (1 - z) with z (1 - z) = 3/16 */
    mlp_network_backward(grads, &batch, &net, NULL);
    const double da[] = {0.75 * (log(3) + 1) * 3 / 16, 0.75 * (log(3) - 3) * 3 / 16};
    const double expected[MLP_N_BLOCKS][4] = {
        {da[0], da[1], 0, 0},
        {da[0], da[1]},
        {-0.75 * 0.75, 0.75 * 0.75, -0.75 * 0.25, 0.75 * 0.25},
        {-0.75, 0.75},
    };
    for (int b = 0; b < MLP_N_BLOCKS; b++)
        for (size_t i = 0; i < net.blocks[b].rows * net.blocks[b].cols; i++)
            assert_near(grads[mlp_block_index(&net.blocks[b], i)], expected[b][i], 1e-6);

    net.loss = mlp_loss_find("squared-error");
    mlp_network_forward(&batch, &net, NULL);
    assert_near(mlp_batch_loss(&batch), 0.5625, 1e-6); /* (9/16 + 9/16) / 2 */
    free(grads);
    mlp_batch_free(&batch);
    mlp_network_free(&net);
}

/* ---- the implementation in double ---- */

enum { MOST_HIDDEN = 64, MOST_OUT = 20 };

/* The expected results of a batch. */
typedef struct twin {
    double *p;     /* [n x n_out] */
    double *grads; /* [arena], of the mean loss */
    double loss;   /* mean */
} twin;

static double slope(const char *activation, double z) {
    if (strcmp(activation, "sigmoid") == 0) return z * (1 - z);
    return strcmp(activation, "tanh") == 0 ? 1 - z * z : z > 0;
}

/* Adds one example. mask [n_hidden] is all ones without dropout. */
static void twin_example(twin *t, const mlp_batch *batch, const mlp_network *net, size_t i) {
    const mlp_shape s = net->shape;
    const mlp_block *blocks = net->blocks;
    const size_t label = batch->labels[i];
    const float *x = batch->x + i * batch->stride_in;
    double z[MOST_HIDDEN], h[MOST_HIDDEN], mask[MOST_HIDDEN], dy[MOST_OUT] = {0};
    double *p = t->p + i * s.n_out, sum = 0;
    for (size_t j = 0; j < s.n_hidden; j++) {
        double a = (double)*param(net, MLP_B1, j);
        for (size_t k = 0; k < s.n_in; k++) a += (double)x[k] * (double)*param(net, MLP_W1, k * s.n_hidden + j);
        mask[j] = batch->mask == NULL ? 1 : (double)batch->mask[i * batch->stride_hidden + j];
        z[j] = net->activation->value(a);
        h[j] = z[j] * mask[j];
    }
    for (size_t k = 0; k < s.n_out; k++) {
        p[k] = (double)*param(net, MLP_B2, k);
        for (size_t j = 0; j < s.n_hidden; j++) p[k] += h[j] * (double)*param(net, MLP_W2, j * s.n_out + k);
        sum += p[k] = exp(p[k]);
    }
    for (size_t k = 0; k < s.n_out; k++) p[k] /= sum;

    /* dL/dp from the definition of the loss, then the full Jacobian of softmax */
    const bool squared = strcmp(net->loss->name, "squared-error") == 0;
    for (size_t k = 0; k < s.n_out; k++) {
        const double e = p[k] - (k == label);
        const double dp = squared ? e : k == label ? -1 / p[k] : 0;
        if (squared || k == label) t->loss += (squared ? 0.5 * e * e : -log(p[k])) / (double)batch->n;
        for (size_t l = 0; l < s.n_out; l++) dy[l] += dp * p[k] * ((k == l) - p[l]) / (double)batch->n;
    }
    for (size_t k = 0; k < s.n_out; k++) t->grads[mlp_block_index(&blocks[MLP_B2], k)] += dy[k];
    for (size_t j = 0; j < s.n_hidden; j++) {
        double da = 0;
        for (size_t k = 0; k < s.n_out; k++) {
            t->grads[mlp_block_index(&blocks[MLP_W2], j * s.n_out + k)] += h[j] * dy[k];
            da += dy[k] * (double)*param(net, MLP_W2, j * s.n_out + k);
        }
        da *= mask[j] * slope(net->activation->name, z[j]);
        t->grads[mlp_block_index(&blocks[MLP_B1], j)] += da;
        for (size_t k = 0; k < s.n_in; k++)
            t->grads[mlp_block_index(&blocks[MLP_W1], k * s.n_hidden + j)] += (double)x[k] * da;
    }
}

/* Largest difference within a block, relative to the block's largest element. */
static double block_error(const float *actual, const double *expected, const mlp_block *block) {
    double worst = 0, largest = 0;
    for (size_t i = 0; i < block->rows * block->cols; i++) {
        const size_t at = mlp_block_index(block, i);
        const double difference = fabs((double)actual[at] - expected[at]);
        worst = !(difference <= worst) ? difference : worst; /* NaN counts as largest */
        largest = fmax(largest, fabs(expected[at]));
    }
    assert_true(largest > 1e-6); /* not all zero */
    return worst / largest;
}

static void compare_with_twin(mlp_shape shape, size_t n, const char *activation, const char *loss, double dropout) {
    mlp_network net = create_net(shape, activation, loss);
    mlp_batch batch = create_batch(&net, n + 3, dropout > 0);
    mlp_dataset set = synthetic(2 * n, 1, shape.n_in, shape.n_out, 3);
    twin t = {.p = calloc(n, shape.n_out * sizeof(double)), .grads = calloc(net.arena, sizeof(double))};
    float *grads = calloc(net.arena, sizeof(float));
    assert_true(t.p && t.grads && grads);
    mlp_rng rng;
    mlp_rng_seed(&rng, 4, 0);
    mlp_network_init(&net, mlp_init_find("glorot"), 0, &rng);
    for (size_t j = 0; j < shape.n_hidden; j++) *param(&net, MLP_B1, j) = 0.3F * cosf((float)j);
    for (size_t k = 0; k < shape.n_out; k++) *param(&net, MLP_B2, k) = 0.3F * sinf((float)k);
    for (int b = 0; b < MLP_N_BLOCKS; b++) /* must be overwritten */
        for (size_t i = 0; i < net.blocks[b].rows * net.blocks[b].cols; i++)
            grads[mlp_block_index(&net.blocks[b], i)] = NAN;

    mlp_batch_load(&batch, &set, NULL, n / 2, n, NULL);
    mlp_batch_drop(&batch, &net, dropout, &rng);
    mlp_network_forward(&batch, &net, NULL);
    mlp_network_backward(grads, &batch, &net, NULL);
    for (size_t i = 0; i < n; i++) twin_example(&t, &batch, &net, i);

    assert_near(mlp_batch_loss(&batch), t.loss, 1e-6 * t.loss);
    for (size_t i = 0; i < n; i++) {
        const double *p = t.p + i * shape.n_out;
        for (size_t k = 0; k < shape.n_out; k++) {
            assert_near(batch.p[i * batch.stride_out + k], p[k], 1e-6);
            assert_true(p[batch.predicted[i]] >= p[k] - 1e-6);
        }
    }
    for (int b = 0; b < MLP_N_BLOCKS; b++) assert_near(block_error(grads, t.grads, &net.blocks[b]), 0, 3e-6);

    free(t.p);
    free(t.grads);
    free(grads);
    synthetic_free(&set);
    mlp_batch_free(&batch);
    mlp_network_free(&net);
}

static void forward_and_backward_equal_the_twin(void **state) {
    (void)state;
    static const struct {
        mlp_shape shape;
        size_t n;
    } cases[] = {{{1, 2, 2, false}, 3},     {{3, 2, 3, false}, 2},     {{5, 17, 4, false}, 7},
                 {{33, 16, 10, false}, 51}, {{119, 19, 20, false}, 5}, {{784, 50, 10, false}, 100}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t a = 0; mlp_activation_name(a) != NULL; a++)
            for (size_t l = 0; mlp_loss_name(l) != NULL; l++)
                compare_with_twin(cases[c].shape, cases[c].n, mlp_activation_name(a), mlp_loss_name(l), 0);
}

static void dropout_equals_the_twin(void **state) {
    (void)state;
    for (size_t a = 0; mlp_activation_name(a) != NULL; a++)
        for (size_t l = 0; mlp_loss_name(l) != NULL; l++)
            compare_with_twin((mlp_shape){33, 50, 10, false}, 51, mlp_activation_name(a), mlp_loss_name(l), 0.4);
}

/* ---- threads, loading, dropout ---- */

/* 16 pieces forward, 7 pieces of W1's rows backward, and padding, which must stay 0. */
static void threads_change_no_bit(void **state) {
    (void)state;
    enum { N = 777 };
    mlp_network net = create_net((mlp_shape){784, 50, 10, false}, "sigmoid", "cross-entropy");
    mlp_dataset set = synthetic(N, 28, 28, 10, 3);
    float *grads[6] = {0};
    double losses[6] = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, 4, 0);
    mlp_network_init(&net, mlp_init_find("normal"), 0.1, &rng);
    for (int threads = 1; threads <= 5; threads++) {
        mlp_batch batch = create_batch(&net, N, false);
        mlp_team *team = team_of(threads);
        grads[threads] = calloc(net.arena, sizeof(float));
        assert_non_null(grads[threads]);
        mlp_batch_load(&batch, &set, NULL, 0, N, team);
        mlp_network_forward(&batch, &net, team);
        mlp_network_backward(grads[threads], &batch, &net, team);
        losses[threads] = mlp_batch_loss(&batch);
        assert_memory_equal(&losses[threads], &losses[1], sizeof *losses);
        assert_memory_equal(grads[threads], grads[1], net.arena * sizeof(float));
        mlp_team_free(team);
        mlp_batch_free(&batch);
    }
    assert_true(losses[1] > 1);
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_block *block = &net.blocks[b];
        for (size_t i = 0; i < block->rows; i++)
            for (size_t j = block->cols; j < block->stride; j++) {
                assert_true(grads[1][block->offset + i * block->stride + j] == 0.0F);
                assert_true(net.params[block->offset + i * block->stride + j] == 0.0F);
            }
    }
    for (int threads = 1; threads <= 5; threads++) free(grads[threads]);
    synthetic_free(&set);
    mlp_network_free(&net);
}

static void batches_take_the_examples_asked_for(void **state) {
    (void)state;
    mlp_network net = create_net((mlp_shape){20, 3, 4, false}, "relu", "cross-entropy");
    mlp_dataset set = synthetic(130, 4, 5, 4, 3);
    mlp_batch batch = create_batch(&net, 130, false);
    uint32_t indices[130];
    for (uint32_t i = 0; i < 130; i++) indices[i] = (i * 37 + 5) % 130;
    for (int threads = 1; threads <= 3; threads++) {
        mlp_team *team = team_of(threads);
        mlp_batch_load(&batch, &set, indices, 0, 130, team);
        for (size_t i = 0; i < 130; i++) {
            assert_int_equal(batch.labels[i], set.labels[indices[i]]);
            for (size_t j = 0; j < 20; j++)
                assert_near(batch.x[i * batch.stride_in + j], set.bytes[indices[i] * 20 + j] / 255.0, 1e-7);
        }
        mlp_batch_load(&batch, &set, NULL, 71, 59, team);
        assert_int_equal(batch.n, 59);
        assert_int_equal(batch.labels[58], set.labels[129]);
        mlp_team_free(team);
    }
    synthetic_free(&set);
    mlp_batch_free(&batch);
    mlp_network_free(&net);
}

/* The mask is 0 with probability p, else 1/(1 - p): the expected value of h is z. */
static void dropout_keeps_the_expectation(void **state) {
    (void)state;
    enum { N = 1000, HIDDEN = 50 };
    mlp_network net = create_net((mlp_shape){6, HIDDEN, 3, false}, "sigmoid", "cross-entropy");
    mlp_batch batch = create_batch(&net, N, true);
    mlp_dataset set = synthetic(N, 2, 3, 3, 3);
    mlp_rng rng;
    mlp_rng_seed(&rng, 4, 0);
    mlp_network_init(&net, mlp_init_find("normal"), 1, &rng);
    mlp_batch_load(&batch, &set, NULL, 0, N, NULL);
    static const double probabilities[] = {0.2, 0.5, 0.9};
    for (size_t c = 0; c < 3; c++) {
        const double p = probabilities[c], n = N * HIDDEN;
        double dropped = 0, h = 0, z = 0, variance = 0;
        mlp_batch_drop(&batch, &net, p, &rng);
        mlp_network_forward(&batch, &net, NULL);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < HIDDEN; j++) {
                const size_t at = i * batch.stride_hidden + j;
                const float mask = batch.mask[at];
                assert_true(mask == 0.0F || mask == (float)(1 / (1 - p)));
                assert_true(batch.h[at] == batch.z[at] * mask);
                dropped += mask == 0.0F;
                h += (double)batch.h[at];
                z += (double)batch.z[at];
                variance += pow((double)batch.z[at], 2) * p / (1 - p);
            }
        assert_near(dropped / n, p, 5 * sqrt(p * (1 - p) / n));
        assert_near(h, z, 5 * sqrt(variance));
        assert_true(z > 0.1 * n);
    }
    mlp_batch_drop(&batch, &net, 0, &rng); /* replaces the old mask by ones */
    mlp_network_forward(&batch, &net, NULL);
    for (size_t i = 0; i < N; i++)
        assert_memory_equal(batch.h + i * batch.stride_hidden, batch.z + i * batch.stride_hidden,
                            HIDDEN * sizeof(float));
    synthetic_free(&set);
    mlp_batch_free(&batch);
    mlp_network_free(&net);
}

/* ---- shape and initial weights ---- */

static void parameters_are_counted_without_padding(void **state) {
    (void)state;
    mlp_network net = create_net((mlp_shape){784, 50, 10, false}, "sigmoid", "cross-entropy");
    assert_int_equal(mlp_network_count(&net), 39760);
    assert_true(net.arena >= 39760);
    mlp_network_free(&net);
    assert_null(net.params);
    mlp_network_free(&net); /* freeing twice is allowed */
}

static void sizes_beyond_blas_or_memory_are_refused(void **state) {
    (void)state;
    const size_t huge = MLP_LINALG_MAX - MLP_PANEL;
    static const mlp_shape too_large[] = {{SIZE_MAX, 1, 2, false}, {1, SIZE_MAX, 2, false}, {1, 1, 257, false}};
    const mlp_activation *activation = mlp_activation_find("relu");
    const mlp_loss *loss = mlp_loss_find("cross-entropy");
    for (size_t i = 0; i < 4; i++) {
        const mlp_shape shape = i < 3 ? too_large[i] : (mlp_shape){huge, huge, 256, false};
        mlp_network net = {0};
        mlp_error err = {0};
        assert_int_equal(mlp_network_create(&net, shape, activation, loss, &err),
                         i < 3 ? MLP_ERR_USAGE : MLP_ERR_MEMORY);
        assert_string_not_equal(err.message, "");
        mlp_network_free(&net);
    }
}

static void initial_weights_have_their_spread(void **state) {
    (void)state;
    /* standard deviation of the weights of a layer [n_in x n_out], and the largest possible one */
    const mlp_shape shape = {300, 200, 100, false};
    const double pairs[2][2] = {{300, 200}, {200, 100}};
    mlp_network net = create_net(shape, "relu", "cross-entropy");
    assert_null(mlp_init_find("zero"));
    for (size_t k = 0; mlp_init_name(k) != NULL; k++) {
        const char *name = mlp_init_name(k);
        mlp_rng rng;
        mlp_rng_seed(&rng, 4, MLP_STREAM_INIT);
        memset(net.params, 0x7f, net.arena * sizeof(float));
        mlp_network_init(&net, mlp_init_find(name), 0.01, &rng);
        for (int layer = 0; layer < 2; layer++) {
            const double n_in = pairs[layer][0], n_out = pairs[layer][1], n = n_in * n_out;
            const bool uniform = strcmp(name, "glorot") == 0;
            const double std = uniform ? sqrt(2 / (n_in + n_out)) : strcmp(name, "he") == 0 ? sqrt(2 / n_in) : 0.01;
            double sum = 0, squares = 0, largest = 0;
            for (size_t i = 0; i < (size_t)n; i++) {
                const double w = (double)*param(&net, layer == 0 ? MLP_W1 : MLP_W2, i);
                sum += w;
                squares += w * w;
                largest = fmax(largest, fabs(w));
            }
            assert_near(sum / n, 0, 5 * std / sqrt(n));
            assert_near(squares / n, std * std, 5 * std * std * sqrt(2 / n));
            if (uniform) /* +-sqrt(3) standard deviations, and nearly reached */
                assert_near(largest / std, sqrt(3), 1e-3);
            else
                assert_true(largest > 3.5 * std);
        }
        for (size_t j = 0; j < shape.n_hidden; j++) assert_true(*param(&net, MLP_B1, j) == 0.0F);
        for (size_t j = 0; j < shape.n_out; j++) assert_true(*param(&net, MLP_B2, j) == 0.0F);
    }
    mlp_network_free(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_network_has_known_outputs),
        cmocka_unit_test(forward_and_backward_equal_the_twin),
        cmocka_unit_test(dropout_equals_the_twin),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(batches_take_the_examples_asked_for),
        cmocka_unit_test(dropout_keeps_the_expectation),
        cmocka_unit_test(parameters_are_counted_without_padding),
        cmocka_unit_test(sizes_beyond_blas_or_memory_are_refused),
        cmocka_unit_test(initial_weights_have_their_spread),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}

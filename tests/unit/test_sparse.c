/* test_sparse.c - products of compressed rows against sums in double and against BLAS; a network
   and a whole run with a sparse first layer against those with a dense one. */
#include "mlp/net/sparse.h"

#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/net/linalg.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"
#include "mlp/train/trainer.h"
#include "synthetic.h"

static const size_t column_counts[] = {1, 7, 8, 9, 63, 64, 65, 195, 196, 197, 257, 393, 784};
static const double densities[] = {0, 0.01, 0.19, 0.5, 1};

enum {
    N_COLUMN_COUNTS = sizeof column_counts / sizeof *column_counts,
    N_DENSITIES = sizeof densities / sizeof *densities
};

/* ---- the products ---- */

static float *floats(size_t n, mlp_rng *rng) {
    mlp_error err = {0};
    float *values = mlp_alloc(n, sizeof *values, "a matrix", &err);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++) values[i] = rng == NULL ? NAN : (float)mlp_rng_normal(rng);
    return values;
}

/* |a - b| <= 1e-5 times the sum of the absolute terms, because terms may cancel. */
static void assert_close(float actual, double expected, double terms) {
    assert_near((double)actual, expected, 1e-5 * terms);
}

/* The rows of n images [tiles x n]. */
static const mlp_row *rows_of(const mlp_rows *compressed, size_t n) {
    mlp_row *rows = calloc(n * compressed->tiles, sizeof *rows);
    assert_non_null(rows);
    for (size_t t = 0; t < compressed->tiles; t++)
        for (size_t i = 0; i < n; i++) {
            rows[t * n + i] = mlp_rows_at(compressed, i, t);
            rows[t * n + i].at = (uint32_t)i;
        }
    return rows;
}

/* dw += scale X^T dZ for the first examples of `rows`, at most one block. */
static void add_transposed(float *dw, float scale, const mlp_rows *compressed, const mlp_row *rows, size_t stride,
                           size_t n, const float *dz) {
    static mlp_entry entries[MLP_SPARSE_STRIPE * MLP_SPARSE_COLUMN];
    mlp_row columns[MLP_SPARSE_STRIPE];
    for (size_t first = 0; first < compressed->n_cols; first += MLP_SPARSE_STRIPE) {
        const size_t left = compressed->n_cols - first, n_cols = left < MLP_SPARSE_STRIPE ? left : MLP_SPARSE_STRIPE;
        const size_t used = mlp_rows_transpose(columns, entries, n_cols, rows + first / MLP_SPARSE_TILE * stride,
                                               stride, n < MLP_SPARSE_BLOCK ? n : MLP_SPARSE_BLOCK);
        mlp_sparse_multiply(dw + first * MLP_PANEL, MLP_PANEL, columns, compressed->values, used, (mlp_panels){.w = dz},
                            scale, true);
    }
}

/* Both products of n images without the first `skip`, against sums in double and against BLAS; Z = X W for one panel or
   two. */
static void compare_products(size_t n, size_t skip, size_t n_cols, double density, size_t panels) {
    enum { STRIDE = 4 * MLP_PANEL }; /* at least one more panel on each side */
    mlp_dataset set;
    synthetic_sparse(&set, n, n_cols, density, NULL);
    mlp_blas *blas = open_blas();
    mlp_rng rng;
    mlp_rng_seed(&rng, 7, 0);
    const mlp_row *rows = rows_of(set.compressed, n);
    float *dense = floats(n * n_cols, NULL);
    for (size_t i = 0; i < n * n_cols; i++) dense[i] = (float)set.bytes[i] / 255.0F;
    const size_t panel = n_cols * MLP_PANEL; /* floats */
    float *w = floats(2 * panel, &rng), *dw = floats(n_cols * MLP_PANEL, NULL);
    float *before = floats(n_cols * MLP_PANEL, NULL);
    float *z = floats(n * STRIDE, NULL), *dz = floats(n * MLP_PANEL, &rng);
    float *product = floats((n > n_cols ? n : n_cols) * MLP_PANEL, NULL);

    for (size_t t = 0; t < set.compressed->tiles; t++) {
        const float *at = w + t * MLP_SPARSE_TILE * MLP_PANEL;
        mlp_sparse_multiply(z + MLP_PANEL, STRIDE, rows + t * n + skip, set.compressed->values, n - skip,
                            (mlp_panels){at, panels == 2 ? panel : 0, n_cols < MLP_SPARSE_TILE ? NULL : w}, 1, t > 0);
    }
    mlp_matmul(blas, product, MLP_PANEL, dense, n_cols, w, MLP_PANEL, n, MLP_PANEL, n_cols, 0);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < STRIDE; j++) {
            const float actual = z[i * STRIDE + j];
            if (i < skip || j < MLP_PANEL || j >= (1 + panels) * MLP_PANEL) {
                assert_true(isnan(actual)); /* not written */
                continue;
            }
            const size_t column = j % MLP_PANEL;
            const float *weights = j < 2 * MLP_PANEL ? w : w + panel;
            double sum = 0, terms = 0;
            for (size_t k = 0; k < n_cols; k++) {
                const double term = (double)dense[i * n_cols + k] * (double)weights[k * MLP_PANEL + column];
                sum += term;
                terms += fabs(term);
            }
            assert_close(actual, sum, terms);
            if (weights == w) assert_close(actual, (double)product[i * MLP_PANEL + column], terms);
        }

    const float scale = -0.3F;
    for (size_t k = 0; k < n_cols * MLP_PANEL; k++) dw[k] = before[k] = w[k];
    for (size_t first = 0; first < n; first += MLP_SPARSE_BLOCK)
        add_transposed(dw, scale, set.compressed, rows + first, n, n - first, dz + first * MLP_PANEL);
    mlp_matmul_tn(blas, product, MLP_PANEL, dense, n_cols, dz, MLP_PANEL, n_cols, MLP_PANEL, n, 0);
    for (size_t k = 0; k < n_cols; k++)
        for (size_t j = 0; j < MLP_PANEL; j++) {
            double sum = 0, terms = 0;
            for (size_t i = 0; i < n; i++) {
                const double term = (double)dense[i * n_cols + k] * (double)dz[i * MLP_PANEL + j];
                sum += term;
                terms += fabs(term);
            }
            const double added = (double)(dw[k * MLP_PANEL + j] - before[k * MLP_PANEL + j]);
            terms += fabs((double)before[k * MLP_PANEL + j]);
            assert_close((float)(added / (double)scale), sum, terms);
            assert_close((float)(added / (double)scale), (double)product[k * MLP_PANEL + j], terms);
            if (terms <= fabs((double)before[k * MLP_PANEL + j])) /* no nonzero pixel: unchanged */
                assert_true(added == 0);
        }

    free((void *)rows);
    float *const all[] = {dense, w, dw, before, z, dz, product};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    synthetic_sparse_free(&set);
    mlp_blas_close(blas);
}

static void products_equal_dense_ones(void **state) {
    (void)state;
    static const size_t ns[] = {1, 2, 33, 150};
    for (size_t c = 0; c < N_COLUMN_COUNTS; c++)
        for (size_t d = 0; d < N_DENSITIES; d++)
            for (size_t k = 0; k < 4; k++)
                for (size_t panels = 1; panels <= 2; panels++)
                    compare_products(ns[k], ns[k] / 3, column_counts[c], densities[d], panels);
}

/* ---- a network ---- */

static mlp_network create_net(size_t n_in, size_t n_hidden, bool sparse) {
    mlp_network net = {0};
    mlp_error err = {0};
    mlp_rng rng;
    assert_ok(mlp_network_create(&net, (mlp_shape){n_in, n_hidden, 10, sparse}, mlp_activation_find("tanh"),
                                 mlp_loss_find("cross-entropy"), &err),
              err);
    mlp_rng_seed(&rng, 4, 0);
    mlp_network_init(&net, mlp_init_find("glorot"), 0, &rng);
    for (size_t j = 0; j < n_hidden; j++) net.params[mlp_block_index(&net.blocks[MLP_B1], j)] = 0.3F * cosf((float)j);
    return net;
}

/* A batch after its forward and backward pass. */
typedef struct pass {
    mlp_batch batch;
    float *grads; /* [arena] */
} pass;

enum { MOST = 2 * MLP_BATCH_COLUMNS + 100 }; /* examples of a batch: three parts */

/* Every second batch is one that is trained on. */
static pass run_pass(const mlp_network *net, const mlp_dataset *set, size_t n, double dropout, mlp_team *team) {
    mlp_error err = {0};
    pass p = {.grads = mlp_alloc(net->arena, sizeof(float), "the gradient", &err)};
    mlp_rng rng;
    assert_non_null(p.grads);
    assert_ok(mlp_batch_create(&p.batch, net, n, dropout > 0, &err), err);
    p.batch.training = n % 2 == 0;
    mlp_rng_seed(&rng, 6, 0);
    uint32_t indices[MOST];
    for (size_t i = 0; i < n; i++) indices[i] = (uint32_t)mlp_rng_below(&rng, set->n);
    mlp_batch_load(&p.batch, set, indices, 0, n, team);
    mlp_batch_drop(&p.batch, net, dropout, &rng);
    mlp_network_forward(&p.batch, net, team);
    mlp_network_backward(p.grads, &p.batch, net, team);
    return p;
}

static void free_pass(pass *p) {
    mlp_batch_free(&p->batch);
    free(p->grads);
}

/* Compares all parameters, relative to the largest of the block. Returns how many blocks have a
   nonzero one. */
static int assert_arenas_close(const mlp_network *a_net, const float *a, const mlp_network *b_net, const float *b,
                               double tolerance) {
    int something = 0;
    for (int k = 0; k < MLP_N_BLOCKS; k++) {
        const mlp_block *in_a = &a_net->blocks[k], *in_b = &b_net->blocks[k];
        double largest = 0;
        for (size_t i = 0; i < in_a->rows * in_a->cols; i++)
            largest = fmax(largest, fabs((double)a[mlp_block_index(in_a, i)]));
        for (size_t i = 0; i < in_a->rows * in_a->cols; i++)
            assert_near((double)b[mlp_block_index(in_b, i)], (double)a[mlp_block_index(in_a, i)], tolerance * largest);
        something += largest > 1e-6;
    }
    return something;
}

/* Returns whether all blocks had a gradient: on black images W1 has none, and when the mask drops
   the only hidden unit, only b2 has one. */
static bool compare_networks(size_t n_in, size_t n_hidden, size_t n, double density, double dropout) {
    mlp_dataset set;
    synthetic_sparse(&set, 300, n_in, density, NULL);
    mlp_network dense = create_net(n_in, n_hidden, false), sparse = create_net(n_in, n_hidden, true);
    for (int k = 0; k < MLP_N_BLOCKS; k++) /* same initial weights */
        for (size_t i = 0; i < dense.blocks[k].rows * dense.blocks[k].cols; i++)
            assert_true(dense.params[mlp_block_index(&dense.blocks[k], i)] ==
                        sparse.params[mlp_block_index(&sparse.blocks[k], i)]);
    pass a = run_pass(&dense, &set, n, dropout, NULL), b = run_pass(&sparse, &set, n, dropout, NULL);
    const double loss = mlp_batch_loss(&a.batch);
    assert_true(loss > 0.5);
    assert_near(mlp_batch_loss(&b.batch), loss, 1e-5 * loss);
    for (size_t i = 0; i < n; i++) {
        const float *p = a.batch.p + i * a.batch.stride_out;
        assert_int_equal(b.batch.labels[i], a.batch.labels[i]);
        assert_near(b.batch.losses[i], a.batch.losses[i], 1e-5 * fmax(1, a.batch.losses[i]));
        for (size_t k = 0; k < 10; k++) assert_near(b.batch.p[i * b.batch.stride_out + k], p[k], 1e-5);
        assert_near(p[b.batch.predicted[i]], p[a.batch.predicted[i]], 1e-5); /* or a tie */
    }
    const int something = assert_arenas_close(&dense, a.grads, &sparse, b.grads, 1e-5);
    assert_true(something > 0);
    free_pass(&a);
    free_pass(&b);
    mlp_network_free(&dense);
    mlp_network_free(&sparse);
    synthetic_sparse_free(&set);
    return something == MLP_N_BLOCKS;
}

static void network_equals_the_dense_one(void **state) {
    (void)state;
    static const size_t hidden[] = {1, 31, 32, 33, 50, 100}, ns[] = {1, 2, 50, 99, 129, 300};
    int complete = 0;
    for (size_t h = 0; h < 6; h++)
        for (size_t k = 0; k < 6; k++) {
            const size_t d = (h + k) % N_DENSITIES;
            complete += compare_networks(784, hidden[h], ns[k], densities[d], 0);
            complete += compare_networks(129, hidden[h], ns[k], densities[4 - d], 0.4);
        }
    assert_true(complete >= 50); /* of 72 */
}

/* Whose groups have several panels, an even or an odd number of them. */
static void wide_networks_are_the_same(void **state) {
    (void)state;
    assert_true(compare_networks(129, 513, 100, 0.19, 0));
    assert_true(compare_networks(784, 1030, 130, 0.5, 0.4));
}

/* Whose columns are not all in memory at a time. */
static void large_batches_are_the_same(void **state) {
    (void)state;
    assert_true(compare_networks(129, 33, MOST, 0.19, 0));
    assert_true(compare_networks(129, 33, MOST - 1, 0.19, 0));
    assert_true(compare_networks(30, 3, MLP_BATCH_COLUMNS, 0.19, 0));
    assert_true(compare_networks(30, 3, MLP_BATCH_COLUMNS + 2, 0.19, 0.4));
}

static void compare_threads(size_t n_hidden) {
    mlp_dataset set;
    synthetic_sparse(&set, 300, 784, 0.19, NULL);
    mlp_network net = create_net(784, n_hidden, true);
    pass one = run_pass(&net, &set, 300, 0, NULL);
    for (int threads = 1; threads <= 5; threads++) {
        mlp_team *team = team_of(threads);
        pass p = run_pass(&net, &set, 300, 0, team);
        assert_memory_equal(p.grads, one.grads, net.arena * sizeof(float));
        assert_memory_equal(p.batch.losses, one.batch.losses, 300 * sizeof(double));
        free_pass(&p);
        mlp_team_free(team);
    }
    free_pass(&one);
    mlp_network_free(&net);
    synthetic_sparse_free(&set);
}

static void threads_change_no_bit(void **state) {
    (void)state;
    compare_threads(50);
    compare_threads(1030);
}

/* ---- a whole run ---- */

typedef struct run {
    mlp_network net;
    mlp_trainer trainer;
} run;

static mlp_status look_away(void *context, const mlp_event *event, mlp_error *err) {
    (void)context, (void)event, (void)err;
    return MLP_OK;
}

/* 40 updates of a network with padding, on images that can be learned. */
static void train(run *r, const mlp_dataset *set, const char *optimizer, double decay, bool sparse, mlp_team *team) {
    *r = (run){.net = create_net(set->n_pixels, 45, sparse)};
    mlp_error err = {0};
    const mlp_train_settings settings = {
        .iterations = 40,
        .batch_size = 60,
        .lr = optimizer[0] == 'a' ? 0.003 : 0.05,
        .schedule = mlp_schedule_find("constant"),
        .sampling = MLP_SAMPLING_SHUFFLE,
        .optimizer = {.kind = mlp_optimizer_find(optimizer),
                      .momentum = 0.9,
                      .beta1 = 0.9,
                      .beta2 = 0.999,
                      .epsilon = 1e-7,
                      .weight_decay = decay},
        .seed = 1,
    };
    assert_ok(mlp_trainer_create(&r->trainer, &settings, &r->net, set, NULL, set, team, &err), err);
    assert_ok(mlp_trainer_run(&r->trainer, look_away, NULL, &err), err);
}

static void free_run(run *r) {
    mlp_trainer_free(&r->trainer);
    mlp_network_free(&r->net);
}

/* The padding is still 0. */
static void check_padding(const mlp_network *net) {
    float *copy = calloc(net->arena, sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, net->params, net->arena * sizeof *copy);
    for (int k = 0; k < MLP_N_BLOCKS; k++)
        for (size_t i = 0; i < net->blocks[k].rows * net->blocks[k].cols; i++)
            copy[mlp_block_index(&net->blocks[k], i)] = 0;
    for (size_t i = 0; i < net->arena; i++) assert_true(copy[i] == 0.0F);
    free(copy);
}

static void runs_stay_close_and_their_padding_zero(void **state) {
    (void)state;
    mlp_dataset set = synthetic(400, 12, 12, 10, 3);
    mlp_error err = {0};
    mlp_team *team = team_of(2);
    assert_ok(mlp_dataset_compress(&set, team, &err), err);
    for (size_t i = 0; mlp_optimizer_name(i / 2) != NULL; i++) {
        const char *optimizer = mlp_optimizer_name(i / 2);
        const double decay = i % 2 == 0 ? 0 : 1e-3; /* without it, sgd updates W1 in the backward pass */
        run dense, sparse, shared;
        train(&dense, &set, optimizer, decay, false, NULL);
        train(&sparse, &set, optimizer, decay, true, NULL);
        train(&shared, &set, optimizer, decay, true, team);
        const mlp_metrics *a = &dense.trainer.result.test, *b = &sparse.trainer.result.test;
        assert_true(a->loss < 2); /* 2.3 would be guessing */
        assert_near(b->loss, a->loss, 1e-4 * a->loss);
        assert_near(b->accuracy, a->accuracy, 0.01);
        assert_int_equal(MLP_N_BLOCKS,
                         assert_arenas_close(&dense.net, dense.net.params, &sparse.net, sparse.net.params, 1e-3));
        check_padding(&dense.net);
        check_padding(&sparse.net);
        assert_memory_equal(shared.net.params, sparse.net.params, sparse.net.arena * sizeof(float));
        free_run(&dense);
        free_run(&sparse);
        free_run(&shared);
    }
    mlp_team_free(team);
    synthetic_sparse_free(&set);
}

/* The update of W1 in the backward pass equals rate times its gradient; the other gradients do not
   change. */
static void the_updating_backward_pass_is_a_plain_step(void **state) {
    (void)state;
    enum { N = 7 }; /* some pixels are zero in all of them */
    const float rate = 0.25F;
    mlp_dataset set;
    synthetic_sparse(&set, N, 129, 0.1, NULL);
    mlp_network net = create_net(129, 45, true);
    mlp_error err = {0};
    mlp_batch batch = {0};
    assert_ok(mlp_batch_create(&batch, &net, N, false, &err), err);
    float *grads = floats(net.arena, NULL), *others = floats(net.arena, NULL);
    float *before = floats(net.arena, NULL);
    memcpy(before, net.params, net.arena * sizeof *before);
    mlp_batch_load(&batch, &set, NULL, 0, N, NULL);
    mlp_network_forward(&batch, &net, NULL);
    mlp_network_backward(grads, &batch, &net, NULL);
    const size_t updated = mlp_network_backward_update(others, &batch, &net, (double)rate, NULL);
    assert_int_equal(updated, net.blocks[MLP_B1].offset);
    size_t still = 0, changed = 0;
    for (size_t i = 0; i < updated; i++) {
        assert_near(net.params[i], before[i] - rate * grads[i], 1e-6);
        still += net.params[i] == before[i];
        changed += net.params[i] != before[i];
    }
    assert_true(still > 0 && changed > 1000);
    for (int b = MLP_B1; b < MLP_N_BLOCKS; b++)
        for (size_t i = 0; i < net.blocks[b].rows * net.blocks[b].cols; i++) {
            const size_t at = mlp_block_index(&net.blocks[b], i);
            assert_true(others[at] == grads[at]);
            assert_true(net.params[at] == before[at]);
        }
    free(grads);
    free(others);
    free(before);
    mlp_batch_free(&batch);
    mlp_network_free(&net);
    synthetic_sparse_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_dense_ones),
        cmocka_unit_test(network_equals_the_dense_one),
        cmocka_unit_test(wide_networks_are_the_same),
        cmocka_unit_test(large_batches_are_the_same),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(the_updating_backward_pass_is_a_plain_step),
        cmocka_unit_test(runs_stay_close_and_their_padding_zero),
    };
    return cmocka_run_group_tests_name("sparse", tests, NULL, NULL);
}

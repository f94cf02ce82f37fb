/* fuzz_sparse.c - the first layer that skips zeros against the dense one, on small shapes and
   images that the bytes decide. A sum may differ by 1e-5 of its terms' absolute values. */
#include <math.h>

#include "fuzz.h"
#include "mlp/base/memory.h"
#include "mlp/data/dataset.h"
#include "mlp/net/network.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

enum { MOST_COLS = 300, MOST_ROWS = 10, MOST_HIDDEN = 70, FACTS = 6 };

static float *floats(size_t n, mlp_rng *rng) {
    mlp_error err = {0};
    float *values = mlp_alloc(n, sizeof *values, "a matrix", &err);
    PROMISE(values != NULL);
    for (size_t i = 0; rng != NULL && i < n; i++) values[i] = (float)mlp_rng_normal(rng);
    return values;
}

static void promise_close(double actual, double expected, double terms) {
    if (!(fabs(actual - expected) <= 1e-5 * terms)) {
        fprintf(stderr, "%.9g, expected %.9g of terms %.9g\n", actual, expected, terms);
        abort();
    }
}

/* Z = X W for two panels. */
static void check_product(const mlp_dataset *set, const mlp_row *rows, mlp_rng *rng) {
    const size_t n = set->n, cols = set->n_pixels;
    float *w = floats(2 * cols * MLP_PANEL, rng), *z = floats(n * 2 * MLP_PANEL, NULL);
    for (size_t t = 0; t < set->compressed->tiles; t++) {
        const float *at = w + t * MLP_SPARSE_TILE * MLP_PANEL;
        mlp_sparse_multiply(z, 2 * MLP_PANEL, rows + t * MOST_ROWS, set->compressed->values, n,
                            (mlp_panels){.w = at, .second = cols * MLP_PANEL}, 1, t > 0);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < 2 * MLP_PANEL; j++) {
            const float *weights = w + j / MLP_PANEL * cols * MLP_PANEL + j % MLP_PANEL;
            double sum = 0, terms = 0;
            for (size_t k = 0; k < cols; k++) {
                const double term = set->bytes[i * cols + k] / 255.0 * (double)weights[k * MLP_PANEL];
                sum += term;
                terms += fabs(term);
            }
            promise_close((double)z[i * 2 * MLP_PANEL + j], sum, terms);
        }
    free(w);
    free(z);
}

/* W += scale X^T dZ for one panel. */
static void check_update(const mlp_dataset *set, const mlp_row *rows, mlp_rng *rng) {
    const size_t n = set->n, cols = set->n_pixels;
    const float scale = -0.3F;
    float *w = floats(cols * MLP_PANEL, rng), *before = floats(cols * MLP_PANEL, NULL);
    float *dz = floats(n * MLP_PANEL, rng);
    memcpy(before, w, cols * MLP_PANEL * sizeof *w);
    static mlp_entry entries[MOST_COLS * MLP_SPARSE_COLUMN];
    mlp_row columns[MOST_COLS];
    const size_t used = mlp_rows_transpose(columns, entries, cols, rows, MOST_ROWS, n);
    mlp_sparse_multiply(w, MLP_PANEL, columns, set->compressed->values, used, (mlp_panels){.w = dz}, scale, true);
    for (size_t k = 0; k < cols; k++)
        for (size_t j = 0; j < MLP_PANEL; j++) {
            double sum = (double)before[k * MLP_PANEL + j], terms = fabs(sum);
            for (size_t i = 0; i < n; i++) {
                const double term = (double)scale * (set->bytes[i * cols + k] / 255.0) * (double)dz[i * MLP_PANEL + j];
                sum += term;
                terms += fabs(term);
            }
            promise_close((double)w[k * MLP_PANEL + j], sum, terms);
        }
    free(w);
    free(before);
    free(dz);
}

typedef struct pass {
    mlp_network net;
    mlp_batch batch;
    float *grads;
} pass;

static pass run_pass(const mlp_dataset *set, mlp_shape shape, uint64_t seed) {
    pass p = {.grads = NULL};
    mlp_error err = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, seed, MLP_STREAM_INIT);
    PROMISE(mlp_network_create(&p.net, shape, mlp_activation_find("tanh"), mlp_loss_find("cross-entropy"), &err) ==
            MLP_OK);
    PROMISE(mlp_batch_create(&p.batch, &p.net, set->n, false, &err) == MLP_OK);
    p.grads = floats(p.net.arena, NULL);
    mlp_network_init(&p.net, mlp_init_find("glorot"), 0, &rng);
    mlp_batch_load(&p.batch, set, NULL, 0, set->n, NULL);
    mlp_network_forward(&p.batch, &p.net, NULL);
    mlp_network_backward(p.grads, &p.batch, &p.net, NULL);
    return p;
}

static void free_pass(pass *p) {
    free(p->grads);
    mlp_batch_free(&p->batch);
    mlp_network_free(&p->net);
}

/* Both ways through a network. A gradient is a sum over the examples of slopes that are at most 1
   here, so 1 stands for its terms. */
static void check_network(const mlp_dataset *set, size_t hidden, size_t classes, uint64_t seed) {
    pass dense = run_pass(set, (mlp_shape){set->n_pixels, hidden, classes, false}, seed);
    pass sparse = run_pass(set, (mlp_shape){set->n_pixels, hidden, classes, true}, seed);
    promise_close(mlp_batch_loss(&sparse.batch), mlp_batch_loss(&dense.batch), 1);
    for (int b = 0; b < MLP_N_BLOCKS; b++)
        for (size_t i = 0; i < dense.net.blocks[b].rows * dense.net.blocks[b].cols; i++)
            promise_close((double)sparse.grads[mlp_block_index(&sparse.net.blocks[b], i)],
                          (double)dense.grads[mlp_block_index(&dense.net.blocks[b], i)], 1);
    free_pass(&dense);
    free_pass(&sparse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < FACTS) return 0;
    const size_t cols = 1 + (data[0] + 256 * (size_t)data[1]) % MOST_COLS;
    const size_t n = 1 + data[2] % MOST_ROWS, hidden = 1 + data[3] % MOST_HIDDEN;
    const size_t classes = 2 + data[4] % 12;
    uint8_t *bytes = calloc(n, cols), *labels = malloc(n);
    mlp_error err = {0};
    mlp_rng rng;
    PROMISE(bytes != NULL && labels != NULL);
    const size_t held = size - FACTS < n * cols ? size - FACTS : n * cols;
    memcpy(bytes, data + FACTS, held);
    for (size_t i = 0; i < n; i++) labels[i] = (uint8_t)((i + data[5]) % classes);
    mlp_dataset set = {
        .n = n, .rows = 1, .cols = cols, .n_pixels = cols, .n_classes = classes, .bytes = bytes, .labels = labels};
    PROMISE(mlp_dataset_compress(&set, NULL, &err) == MLP_OK);
    mlp_row rows[(MOST_COLS / MLP_SPARSE_TILE + 1) * MOST_ROWS];
    for (size_t t = 0; t < set.compressed->tiles; t++)
        for (size_t i = 0; i < n; i++) {
            rows[t * MOST_ROWS + i] = mlp_rows_at(set.compressed, i, t);
            rows[t * MOST_ROWS + i].at = (uint32_t)i;
        }
    mlp_rng_seed(&rng, data[5], 0);
    check_product(&set, rows, &rng);
    check_update(&set, rows, &rng);
    check_network(&set, hidden, classes, data[5]);
    mlp_rows_free(&set.owned.compressed);
    free(bytes);
    free(labels);
    return 0;
}

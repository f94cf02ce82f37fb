/* synthetic.h - a dataset without files: images that a network can learn, for tests of what stands
   on datasets. */
#pragma once

#include <stdlib.h>

#include "mlp/data/dataset.h"
#include "unit.h"

/* n images of rows x cols pixels: every n_classes-th pixel, starting at the label, is bright, every
   other one is dark noise with many zeros. Free with synthetic_free. */
static inline mlp_dataset synthetic(size_t n, size_t rows, size_t cols, size_t n_classes, uint64_t seed) {
    const size_t n_in = rows * cols;
    uint8_t *pixels = calloc(n, n_in), *labels = calloc(n, 1);
    assert_non_null(pixels);
    assert_non_null(labels);
    mlp_rng rng;
    mlp_rng_seed(&rng, seed, 0);
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint8_t)mlp_rng_below(&rng, n_classes);
        for (size_t j = 0; j < n_in; j++) {
            const int noise = (int)mlp_rng_below(&rng, 256) - 128;
            const int pixel = j % n_classes == labels[i] ? 160 + noise / 2 : noise;
            pixels[i * n_in + j] = (uint8_t)(pixel > 0 ? pixel : 0);
        }
    }
    return (mlp_dataset){.n = n,
                         .rows = rows,
                         .cols = cols,
                         .n_pixels = n_in,
                         .n_classes = n_classes,
                         .bytes = pixels,
                         .labels = labels};
}

static inline void synthetic_free(mlp_dataset *set) {
    free((void *)set->bytes);
    free((void *)set->labels);
}

/* n compressed images of 1 x n_cols random pixels, of which about that fraction is not zero. Free
   with synthetic_sparse_free. */
static inline void synthetic_sparse(mlp_dataset *set, size_t n, size_t n_cols, double density, mlp_team *team) {
    mlp_error err = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, 5, 0);
    *set = synthetic(n, 1, n_cols, 10, 3);
    for (size_t i = 0; i < n * n_cols; i++)
        ((uint8_t *)set->bytes)[i] = mlp_rng_uniform(&rng) < density ? (uint8_t)(1 + mlp_rng_below(&rng, 255)) : 0;
    assert_ok(mlp_dataset_compress(set, team, &err), err);
}

static inline void synthetic_sparse_free(mlp_dataset *set) {
    mlp_rows_free(&set->owned.compressed);
    synthetic_free(set);
}

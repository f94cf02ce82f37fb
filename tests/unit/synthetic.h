/* synthetic.h - a dataset without files: images that a network can learn, for tests of what stands
   on datasets. */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include <stdlib.h>

#include "mlp/data/dataset.h"
#include "unit.h"

/* n images of rows x cols pixels: every n_classes-th pixel, starting at the label, is bright, every
   other one is dark noise with many zeros. Free with synthetic_free. */
static inline mlp_dataset synthetic(size_t n, size_t rows, size_t cols, size_t n_classes,
                                    uint64_t seed) {
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

#endif

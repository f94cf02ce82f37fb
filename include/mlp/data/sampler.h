/* sampler.h - chooses the examples of each batch. It knows numbers of examples, not pixels. */
#pragma once

#include "mlp/base/rng.h"
#include "mlp/base/status.h"

typedef enum mlp_sampling {
    MLP_SAMPLING_REPLACEMENT, /* uniformly with replacement, like numpy.random.choice */
    MLP_SAMPLING_SHUFFLE      /* each example once per epoch, each epoch in a new order */
} mlp_sampling;

typedef struct mlp_sampler {
    mlp_sampling sampling;
    size_t n;          /* examples to draw from */
    size_t batch_size; /* examples in a full batch */
    size_t position;   /* shuffle: examples of this epoch already drawn */
    uint32_t *order;   /* [n] shuffle: the order of this epoch; NULL with replacement */
    uint32_t *indices; /* [batch_size] the current batch */
    mlp_rng rng;
} mlp_sampler;

/* n, batch_size > 0. Zero-initialise before; free whatever the result. */
mlp_status mlp_sampler_create(mlp_sampler *sampler, mlp_sampling sampling, size_t n, size_t batch_size, uint64_t seed,
                              mlp_error *err);
void mlp_sampler_free(mlp_sampler *sampler);

/* Draws the next batch into sampler->indices. Returns its size: batch_size, or fewer at the end of a shuffled epoch. */
size_t mlp_sampler_next(mlp_sampler *sampler);

/* The first example of the next batch, without drawing it. At the end of a shuffled epoch it may be wrong, because the
   next order is not drawn yet: use it only for prefetching. */
size_t mlp_sampler_peek(const mlp_sampler *sampler);

/* Batches per epoch: n / batch_size, rounded up. */
size_t mlp_sampler_epoch(const mlp_sampler *sampler);

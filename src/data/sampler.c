/* sampler.c - chooses the examples of each batch. */
#include "mlp/data/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

mlp_status mlp_sampler_create(mlp_sampler *sampler, mlp_sampling sampling, size_t n, size_t batch_size, uint64_t seed,
                              mlp_error *err) {
    sampler->sampling = sampling;
    sampler->n = n;
    sampler->batch_size = batch_size;
    mlp_rng_seed(&sampler->rng, seed, MLP_STREAM_SAMPLING);
    MLP_NEW(sampler->indices, batch_size, 1, "the indices of a batch", err);
    if (sampling == MLP_SAMPLING_SHUFFLE) {
        MLP_NEW(sampler->order, n, 1, "the order of an epoch", err);
        for (size_t i = 0; i < n; i++) sampler->order[i] = (uint32_t)i;
        sampler->position = n; /* the first batch starts an epoch */
    }
    return MLP_OK;
}

void mlp_sampler_free(mlp_sampler *sampler) {
    free(sampler->indices);
    free(sampler->order);
    memset(sampler, 0, sizeof *sampler);
}

size_t mlp_sampler_next(mlp_sampler *sampler) {
    if (sampler->sampling == MLP_SAMPLING_REPLACEMENT) {
        for (size_t i = 0; i < sampler->batch_size; i++)
            sampler->indices[i] = (uint32_t)mlp_rng_below(&sampler->rng, sampler->n);
        return sampler->batch_size;
    }
    if (sampler->position == sampler->n) {
        mlp_rng_shuffle(&sampler->rng, sampler->order, sampler->n);
        sampler->position = 0;
    }
    const size_t left = sampler->n - sampler->position;
    const size_t size = left < sampler->batch_size ? left : sampler->batch_size;
    memcpy(sampler->indices, sampler->order + sampler->position, size * sizeof *sampler->indices);
    sampler->position += size;
    return size;
}

size_t mlp_sampler_peek(const mlp_sampler *sampler) {
    if (sampler->sampling == MLP_SAMPLING_REPLACEMENT) {
        mlp_rng rng = sampler->rng;
        return (size_t)mlp_rng_below(&rng, sampler->n);
    }
    return sampler->order[sampler->position % sampler->n];
}

size_t mlp_sampler_epoch(const mlp_sampler *sampler) { return (sampler->n - 1) / sampler->batch_size + 1; }

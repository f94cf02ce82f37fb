/* rng.h - random numbers with explicit state: xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64. Each use
   has its own stream: switching dropout on does not change which examples are drawn. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct mlp_rng {
    uint64_t s[4];
} mlp_rng;

/* Checkpoints and results depend on these numbers: append only. */
typedef enum mlp_stream {
    MLP_STREAM_INIT = 1, /* initial weights */
    MLP_STREAM_SAMPLING, /* which examples form a batch */
    MLP_STREAM_SPLIT,    /* which examples form the validation set */
    MLP_STREAM_DROPOUT,  /* dropout masks */
    MLP_STREAM_AUGMENT   /* distortions; one stream per image, see mlp_augment_image */
} mlp_stream;

/* Starts stream number `stream` of `seed`. All values of both are valid, including 0. */
void mlp_rng_seed(mlp_rng *rng, uint64_t seed, uint64_t stream);

uint64_t mlp_rng_next(mlp_rng *rng);              /* 64 random bits */
double mlp_rng_uniform(mlp_rng *rng);             /* in [0, 1), a multiple of 2^-53 */
uint64_t mlp_rng_below(mlp_rng *rng, uint64_t n); /* 0 .. n-1, unbiased (Lemire 2019); n > 0 */
double mlp_rng_normal(mlp_rng *rng);              /* mean 0, standard deviation 1 (Box-Muller) */

/* Shuffles items[0 .. n): every order is equally likely (Fisher-Yates). */
void mlp_rng_shuffle(mlp_rng *rng, uint32_t *items, size_t n);

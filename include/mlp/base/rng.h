/* rng.h - random numbers with explicit state: xoshiro256++ (Blackman and Vigna 2019), seeded by
   SplitMix64. Every use has a stream of its own, so that switching dropout on does not change
   which examples are drawn. */
#ifndef MLP_RNG_H
#define MLP_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct mlp_rng {
    uint64_t s[4];
} mlp_rng;

typedef enum mlp_stream {
    MLP_STREAM_INIT = 1, /* initial weights */
    MLP_STREAM_SAMPLING, /* which examples come next */
    MLP_STREAM_SPLIT,    /* which examples are the validation part */
    MLP_STREAM_DROPOUT,  /* which hidden units are dropped */
    MLP_STREAM_AUGMENT   /* how images are distorted: one stream an image, see mlp_augment_image */
} mlp_stream;

/* Starts the stream `stream` of the seed `seed`; any two numbers are good, 0 included. */
void mlp_rng_seed(mlp_rng *rng, uint64_t seed, uint64_t stream);

uint64_t mlp_rng_next(mlp_rng *rng);              /* 64 random bits */
double mlp_rng_uniform(mlp_rng *rng);             /* [0, 1), multiples of 2^-53 */
uint64_t mlp_rng_below(mlp_rng *rng, uint64_t n); /* 0 .. n-1 without bias (Lemire 2019); n > 0 */
double mlp_rng_normal(mlp_rng *rng);              /* mean 0, standard deviation 1 (Box-Muller) */

/* Fisher-Yates: every order of items[0 .. n) equally likely. */
void mlp_rng_shuffle(mlp_rng *rng, uint32_t *items, size_t n);

#endif

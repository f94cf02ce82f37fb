/* rng.c - xoshiro256++ and a few distributions. No global state. */
#include "mlp/base/rng.h"

#include <math.h>

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* SplitMix64: one step of the generator that Vigna recommends for seeding. */
static uint64_t splitmix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void mlp_rng_seed(mlp_rng *rng, uint64_t seed, uint64_t stream) {
    /* Mix the stream before combining it with the seed: (seed 1, stream 2) must differ from (seed 2, stream 1). */
    uint64_t state = stream;
    state = splitmix(&state) ^ seed;
    for (int i = 0; i < 4; i++) rng->s[i] = splitmix(&state);
}

uint64_t mlp_rng_next(mlp_rng *rng) {
    uint64_t *s = rng->s;
    const uint64_t result = rotl(s[0] + s[3], 23) + s[0];
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double mlp_rng_uniform(mlp_rng *rng) { return (double)(mlp_rng_next(rng) >> 11) * 0x1p-53; }

/* Returns the high half of the 128-bit product a*b; *low is the low half. */
static uint64_t multiply_high(uint64_t a, uint64_t b, uint64_t *low) {
    const uint64_t a_lo = a & 0xffffffffU, a_hi = a >> 32, b_lo = b & 0xffffffffU, b_hi = b >> 32;
    const uint64_t mid = a_hi * b_lo + ((a_lo * b_lo) >> 32);
    const uint64_t mid2 = a_lo * b_hi + (mid & 0xffffffffU);
    *low = a * b;
    return a_hi * b_hi + (mid >> 32) + (mid2 >> 32);
}

uint64_t mlp_rng_below(mlp_rng *rng, uint64_t n) {
    uint64_t low;
    uint64_t high = multiply_high(mlp_rng_next(rng), n, &low);
    if (low < n) {
        const uint64_t threshold = (0 - n) % n;
        while (low < threshold) high = multiply_high(mlp_rng_next(rng), n, &low);
    }
    return high;
}

double mlp_rng_normal(mlp_rng *rng) {
    /* 1 - u is in (0, 1], so the logarithm is finite. Box-Muller's second number (with sin) is not
       used: keeping it would need more state. */
    const double radius = sqrt(-2.0 * log(1.0 - mlp_rng_uniform(rng)));
    return radius * cos(6.283185307179586 * mlp_rng_uniform(rng));
}

void mlp_rng_shuffle(mlp_rng *rng, uint32_t *items, size_t n) {
    for (size_t i = n; i > 1; i--) {
        const size_t j = (size_t)mlp_rng_below(rng, i);
        const uint32_t swap = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swap;
    }
}

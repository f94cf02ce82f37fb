/* fastmath.h - exp and its relatives as straight-line code that compilers vectorise, and the macro
   that lets one source serve every vector width. The plain definitions are those of math.h;
   tests/unit/test_fastmath.c states and checks the distance. */
#ifndef MLP_FASTMATH_H
#define MLP_FASTMATH_H

#include <stdint.h>
#include <string.h>

/* A static function marked so is compiled for several x86-64 levels; the loader picks the widest
   that the processor has. Needs ELF's indirect functions; with -march=native one version is enough.
   Static, because clang (14) gives the function that picks another name than the one called. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && !defined(__AVX2__) &&       \
    !defined(MLP_NO_CLONES)
#define MLP_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MLP_CLONES
#endif

/* e^x. Relative error below 2e-7 for -87 <= x <= 88.3; 0 below, about 2e38 (not inf) above; NaN
   stays. x = n ln 2 + f, |f| <= ln 2 / 2; e^f by the polynomial of Moshier's Cephes expf. */
static inline float mlp_expf(float x) {
    const float shift = 12582912.0F; /* 1.5 * 2^23: adding it rounds to an integer */
    float c = x > 88.3F ? 88.3F : x;
    c = c < -87.0F ? -87.0F : c;
    const float rounded = c * 1.44269504F + shift;
    const float n = rounded - shift;
    const float f = (c - n * 0.693359375F) - n * -2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * f + 1.3981999507e-3F;
    p = p * f + 8.3334519073e-3F;
    p = p * f + 4.1665795894e-2F;
    p = p * f + 1.6666665459e-1F;
    p = p * f + 5.0000001201e-1F;
    p = p * f * f + f + 1.0F;
    uint32_t power, bits;
    memcpy(&power, &rounded, sizeof power);
    memcpy(&bits, &p, sizeof bits);
    bits += power << 23; /* the low bits of `rounded` are n: times 2^n */
    memcpy(&p, &bits, sizeof p);
    p = x < -87.0F ? 0.0F : p;
    return x != x ? x : p;
}

/* 1 / (1 + e^-x), between 0 and 1 for every x but NaN. */
static inline float mlp_sigmoidf(float x) {
    return 1.0F / (1.0F + mlp_expf(-x));
}

/* tanh x: Cephes' odd polynomial near zero, where the quotient would cancel. */
static inline float mlp_tanhf(float x) {
    const float s = x * x;
    float p = -5.70498872745e-3F;
    p = p * s + 2.06390887954e-2F;
    p = p * s - 5.37397155531e-2F;
    p = p * s + 1.33314422036e-1F;
    p = p * s - 3.33332819422e-1F;
    p = p * s * x + x;
    const float q = 1.0F - 2.0F / (mlp_expf(2.0F * x) + 1.0F);
    return s < 0.390625F ? p : q; /* |x| < 0.625 */
}

#endif

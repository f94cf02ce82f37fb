/* fastmath.h - exp, sigmoid and tanh as branch-free code that compilers vectorise, and a macro that compiles a
   function for several vector widths. tests/unit/test_fastmath.c compares them with math.h. */
#pragma once

#include <stdint.h>
#include <string.h>

/* A static function with this attribute is compiled for several x86-64 levels; at program start the dynamic linker
   selects the widest one that the processor supports. This needs ELF indirect functions. With -march=native one version
   is enough. The function must be static: clang 14 gives the resolver of a global one a name that does not link. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && !defined(__AVX2__) && !defined(MLP_NO_CLONES)
#define MLP_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MLP_CLONES
#endif

/* e^x. Relative error below 2e-7 for -87 <= x <= 88.3; 0 below, about 2e38 (not inf) above; NaN
   for NaN. x = n ln 2 + f, |f| <= ln 2 / 2; e^f by the polynomial of Moshier's Cephes expf. */
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

/* 1 / (1 + e^-x), in [0, 1]; NaN for NaN. */
static inline float mlp_sigmoidf(float x) { return 1.0F / (1.0F + mlp_expf(-x)); }

/* tanh x = 1 - 2 / (e^2x + 1). Near zero this difference would lose digits: there Cephes' odd polynomial is used. */
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

/* tensor.c - sizes, shapes and elements of arrays. */
#include "mlp/formats/tensor.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* First those of mlp_dtype, in its order. */
static const struct {
    const char *name;
    size_t bits;
} dtypes[MLP_N_DTYPES] = {{"U8", 8},      {"U32", 32}, {"U64", 64},    {"F16", 16},    {"BF16", 16},
                          {"F32", 32},    {"F64", 64}, {"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6},
                          {"F6_E3M2", 6}, {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8},
                          {"I16", 16},    {"U16", 16}, {"I32", 32},    {"C64", 64},    {"I64", 64}};

const char *mlp_dtype_name(mlp_dtype dtype) { return dtypes[dtype].name; }

size_t mlp_dtype_bits(mlp_dtype dtype) { return dtypes[dtype].bits; }

size_t mlp_tensor_bytes(const mlp_tensor *tensor) {
    size_t bits = dtypes[tensor->dtype].bits;
    for (size_t i = 0; i < tensor->n_dims; i++)
        if (tensor->dims[i] == 0) return 0; /* even if the product of the others overflows */
    for (size_t i = 0; i < tensor->n_dims; i++) {
        if (bits > SIZE_MAX / tensor->dims[i]) return SIZE_MAX;
        bits *= tensor->dims[i];
    }
    return bits % 8 == 0 ? bits / 8 : SIZE_MAX;
}

/* IEEE 754 binary16: 1 bit for the sign, 5 for the exponent, 10 for the fraction. */
static float from_f16(uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    const float x = exponent == 0x1f ? (fraction == 0 ? INFINITY : NAN)
                    : exponent == 0  ? (float)fraction * 0x1p-24F /* subnormal */
                                     : ldexpf((float)(0x400 | fraction), exponent - 25);
    return (bits & 0x8000) != 0 ? -x : x;
}

float mlp_tensor_float(const mlp_tensor *tensor, size_t i) {
    const unsigned char *data = tensor->data;
    uint16_t half;
    float x;
    if (tensor->dtype == MLP_F32) {
        memcpy(&x, data + i * sizeof x, sizeof x);
        return x;
    }
    memcpy(&half, data + i * sizeof half, sizeof half);
    if (tensor->dtype == MLP_F16) return from_f16(half);
    const uint32_t wide = (uint32_t)half << 16; /* BF16: the upper half of a float */
    memcpy(&x, &wide, sizeof x);
    return x;
}

int mlp_pair_by_key(const void *a, const void *b) {
    return strcmp(((const mlp_pair *)a)->key, ((const mlp_pair *)b)->key);
}

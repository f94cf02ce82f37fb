/* activation.h - what a hidden unit does with its input. To add one: a row in activation.c. */
#ifndef MLP_ACTIVATION_H
#define MLP_ACTIVATION_H

#include <stddef.h>

typedef struct mlp_activation {
    const char *name;
    const char *onnx; /* the ONNX operator of the same formula */
    /* Z = f(Z + bias)              z [rows x n], rows `stride` floats apart; bias [n] */
    void (*forward)(float *z, size_t stride, const float *bias, size_t rows, size_t n);
    /* dZ = dZ * f'(A), told from the output Z = f(A)                        dz, z [rows x n] */
    void (*backward)(float *dz, size_t dz_stride, const float *z, size_t z_stride, size_t rows,
                     size_t n);
    double (*value)(double a); /* f itself in double: the definition */
} mlp_activation;

/* The activation of that name, NULL when there is none. */
const mlp_activation *mlp_activation_find(const char *name);

/* The i-th name, for lists in messages; NULL after the last. */
const char *mlp_activation_name(size_t i);

#endif

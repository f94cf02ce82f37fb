/* activation.h - activation functions of the hidden layer. To add one: write its functions and a row of the table in
   activation.c. */
#pragma once

#include <stddef.h>

typedef struct mlp_activation {
    const char *name;
    const char *onnx; /* ONNX operator with the same formula */
    const char *c;    /* the same formula of `a` in C, with mlp_exp for exp */
    /* Z = f(Z + bias)              z [rows x n], rows `stride` floats apart; bias [n] */
    void (*forward)(float *z, size_t stride, const float *bias, size_t rows, size_t n);
    /* dZ = dZ * f'(A), computed from the output Z = f(A)                    dz, z [rows x n] */
    void (*backward)(float *dz, size_t dz_stride, const float *z, size_t z_stride, size_t rows, size_t n);
    double (*value)(double a); /* f(a) in double, the reference for tests and numerical gradients */
} mlp_activation;

const mlp_activation *mlp_activation_find(const char *name); /* NULL: unknown name */
const char *mlp_activation_name(size_t i);                   /* NULL after the last */

/* activation.h - what a hidden unit does with its input. To add one: a row in activation.c. */
#ifndef MLP_ACTIVATION_H
#define MLP_ACTIVATION_H

#include <stddef.h>

typedef struct mlp_activation {
    const char *name;
    const char *onnx; /* the ONNX operator of the same formula */
    /* z[j] = f(z[j] + bias[j])              z, bias [n] */
    void (*forward)(float *z, const float *bias, size_t n);
    /* dz[j] = dz[j] * f'(a_j), told from the output z[j] = f(a_j)              dz, z [n] */
    void (*backward)(float *dz, const float *z, size_t n);
    double (*value)(double a); /* f itself in double: the definition */
} mlp_activation;

/* The activation of that name, NULL when there is none. */
const mlp_activation *mlp_activation_find(const char *name);

/* The i-th name, for lists in messages; NULL after the last. */
const char *mlp_activation_name(size_t i);

#endif

/* activation.c - sigmoid, tanh and ReLU, each with its derivative as a function of its output. */
#include "mlp/net/activation.h"

#include <math.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/names.h"

/* sigma'(a) = z (1 - z) */
MLP_CLONES static void sigmoid_forward(float *restrict z, size_t stride, const float *restrict bias,
                                       size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, z += stride)
        for (size_t j = 0; j < n; j++)
            z[j] = mlp_sigmoidf(z[j] + bias[j]);
}

MLP_CLONES static void sigmoid_backward(float *restrict dz, size_t dz_stride,
                                        const float *restrict z, size_t z_stride, size_t rows,
                                        size_t n) {
    for (size_t i = 0; i < rows; i++, dz += dz_stride, z += z_stride)
        for (size_t j = 0; j < n; j++)
            dz[j] *= z[j] * (1.0F - z[j]);
}

static double sigmoid_value(double a) {
    return 1.0 / (1.0 + exp(-a));
}

/* tanh'(a) = 1 - z^2 */
MLP_CLONES static void tanh_forward(float *restrict z, size_t stride, const float *restrict bias,
                                    size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, z += stride)
        for (size_t j = 0; j < n; j++)
            z[j] = mlp_tanhf(z[j] + bias[j]);
}

MLP_CLONES static void tanh_backward(float *restrict dz, size_t dz_stride, const float *restrict z,
                                     size_t z_stride, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, dz += dz_stride, z += z_stride)
        for (size_t j = 0; j < n; j++)
            dz[j] *= 1.0F - z[j] * z[j];
}

/* relu'(a) = 1 where a > 0, else 0 (the convention at 0, as in PyTorch) */
MLP_CLONES static void relu_forward(float *restrict z, size_t stride, const float *restrict bias,
                                    size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, z += stride)
        for (size_t j = 0; j < n; j++) {
            const float a = z[j] + bias[j];
            z[j] = a < 0.0F ? 0.0F : a; /* NaN stays NaN */
        }
}

MLP_CLONES static void relu_backward(float *restrict dz, size_t dz_stride, const float *restrict z,
                                     size_t z_stride, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, dz += dz_stride, z += z_stride)
        for (size_t j = 0; j < n; j++)
            dz[j] = z[j] > 0.0F ? dz[j] : 0.0F;
}

static double relu_value(double a) {
    return a < 0 ? 0 : a;
}

static const mlp_activation activations[] = {
    {"sigmoid", "Sigmoid", sigmoid_forward, sigmoid_backward, sigmoid_value},
    {"tanh", "Tanh", tanh_forward, tanh_backward, tanh},
    {"relu", "Relu", relu_forward, relu_backward, relu_value},
};

const mlp_activation *mlp_activation_find(const char *name) {
    return MLP_FIND(activations, name);
}

const char *mlp_activation_name(size_t i) {
    return MLP_NAME(activations, i);
}

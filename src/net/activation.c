/* activation.c - sigmoid, tanh and ReLU, each with its derivative as a function of its output. */
#include "mlp/net/activation.h"

#include <math.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/names.h"

/* Defines two functions; see mlp_activation. name_forward replaces z by forward_formula, a formula of a = z + bias.
   name_backward replaces d = dL/dZ by backward_formula, a formula of d and z. */
#define DEFINE_ACTIVATION(name, forward_formula, backward_formula)                                                     \
    MLP_CLONES static void name##_forward(float *restrict out, size_t stride, const float *restrict bias, size_t rows, \
                                          size_t n) {                                                                  \
        for (size_t i = 0; i < rows; i++, out += stride)                                                               \
            for (size_t j = 0; j < n; j++) {                                                                           \
                const float a = out[j] + bias[j];                                                                      \
                out[j] = (forward_formula);                                                                            \
            }                                                                                                          \
    }                                                                                                                  \
    MLP_CLONES static void name##_backward(float *restrict dz, size_t dz_stride, const float *restrict out,            \
                                           size_t stride, size_t rows, size_t n) {                                     \
        for (size_t i = 0; i < rows; i++, dz += dz_stride, out += stride)                                              \
            for (size_t j = 0; j < n; j++) {                                                                           \
                const float z = out[j], d = dz[j];                                                                     \
                dz[j] = (backward_formula);                                                                            \
            }                                                                                                          \
    }

DEFINE_ACTIVATION(sigmoid, mlp_sigmoidf(a), ((1.0F - z) * z) * d)
DEFINE_ACTIVATION(tanh, mlp_tanhf(a), (1.0F - z * z) * d)
/* NaN stays NaN. The derivative at 0 is 0, as in PyTorch. */
DEFINE_ACTIVATION(relu, (a < 0.0F) ? 0.0F : a, (z > 0.0F) ? d : 0.0F)

static double sigmoid_value(double a) { return 1.0 / (1.0 + exp(-a)); }

static double relu_value(double a) { return a < 0 ? 0 : a; }

static const mlp_activation activations[] = {
    {"sigmoid", "Sigmoid", "1 / (1 + mlp_exp(-a))", sigmoid_forward, sigmoid_backward, sigmoid_value},
    {"tanh", "Tanh", "1 - 2 / (mlp_exp(2 * a) + 1)", tanh_forward, tanh_backward, tanh},
    {"relu", "Relu", "a < 0 ? 0 : a", relu_forward, relu_backward, relu_value},
};

MLP_NAMED_TABLE(mlp_activation, mlp_activation, activations)

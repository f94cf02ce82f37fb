/* loss.c - softmax, cross-entropy and squared error. */
#include "mlp/loss.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "mlp/fastmath.h"

/* Rows that are worked on together, lane by lane: along a row there would be chains to wait for. */
enum { LANES = 16 };

/* A NaN among the logits makes every exponential of its row NaN, and so the sum. */
MLP_CLONES static void classify_lanes(float *restrict y, size_t stride, uint8_t *restrict predicted,
                                      double *restrict log_p, const float *restrict bias,
                                      const uint8_t *restrict labels, size_t rows, size_t n) {
    float t[MLP_LOSS_CLASSES][LANES]; /* the logits, transposed */
    float max[LANES], total[LANES] = {0}, scale[LANES];
    int32_t best[LANES] = {0};
    for (size_t i = 0; i < LANES; i++) { /* lanes without a row of their own repeat the first */
        const float *row = y + (i < rows ? i : 0) * stride;
        for (size_t k = 0; k < n; k++)
            t[k][i] = row[k] + bias[k];
    }
    for (size_t i = 0; i < LANES; i++)
        max[i] = -FLT_MAX;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < LANES; i++) {
            best[i] = t[k][i] > max[i] ? (int32_t)k : best[i];
            max[i] = t[k][i] > max[i] ? t[k][i] : max[i];
        }
    for (size_t i = 0; i < rows; i++) {
        predicted[i] = (uint8_t)best[i];
        log_p[i] = t[labels[i]][i] - max[i];
    }
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < LANES; i++) {
            t[k][i] = mlp_expf(t[k][i] - max[i]);
            total[i] += t[k][i];
        }
    for (size_t i = 0; i < LANES; i++)
        scale[i] = 1.0F / total[i];
    for (size_t i = 0; i < rows; i++) {
        log_p[i] -= log((double)total[i]);
        for (size_t k = 0; k < n; k++)
            y[i * stride + k] = t[k][i] * scale[i];
    }
}

void mlp_classify(float *y, size_t stride, uint8_t *predicted, double *log_p, const float *bias,
                  const uint8_t *labels, size_t rows, size_t n) {
    assert(n <= MLP_LOSS_CLASSES);
    for (size_t i = 0; i < rows; i += LANES)
        classify_lanes(y + i * stride, stride, predicted + i, log_p + i, bias, labels + i,
                       rows - i < LANES ? rows - i : LANES, n);
}

double mlp_softmax_double(double *y, size_t n, size_t label) {
    double max = y[0];
    for (size_t k = 1; k < n; k++)
        max = y[k] > max ? y[k] : max;
    const double label_logit = y[label] - max;
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += y[k] = exp(y[k] - max);
    for (size_t k = 0; k < n; k++)
        y[k] /= sum;
    return label_logit - log(sum);
}

/* L = -log p_label;  dL/dy_k = p_k - t_k */
static double cross_entropy_value(const double *p, size_t n, size_t label, double log_p_label) {
    (void)p, (void)n, (void)label;
    return -log_p_label;
}

static void cross_entropy_gradient(float *dy, const float *p, size_t n, size_t label, float scale) {
    for (size_t k = 0; k < n; k++)
        dy[k] = p[k] * scale;
    dy[label] = (p[label] - 1.0F) * scale;
}

/* L = 1/2 sum_k (p_k - t_k)^2;  with g = p - t:  dL/dy_k = p_k (g_k - sum_j g_j p_j) */
static double squared_error_value(const double *p, size_t n, size_t label, double log_p_label) {
    (void)log_p_label;
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        const double g = p[k] - (k == label);
        sum += g * g;
    }
    return 0.5 * sum;
}

static void squared_error_gradient(float *dy, const float *p, size_t n, size_t label, float scale) {
    float dot = -p[label];
    for (size_t k = 0; k < n; k++)
        dot += p[k] * p[k];
    for (size_t k = 0; k < n; k++)
        dy[k] = p[k] * (p[k] - (float)(k == label) - dot) * scale;
}

static const mlp_loss losses[] = {
    {"cross-entropy", cross_entropy_value, cross_entropy_gradient},
    {"squared-error", squared_error_value, squared_error_gradient},
};

enum { N_LOSSES = sizeof losses / sizeof *losses };

const mlp_loss *mlp_loss_find(const char *name) {
    for (size_t i = 0; i < N_LOSSES; i++)
        if (strcmp(name, losses[i].name) == 0)
            return &losses[i];
    return NULL;
}

const char *mlp_loss_name(size_t i) {
    return i < N_LOSSES ? losses[i].name : NULL;
}

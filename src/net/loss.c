/* loss.c - softmax, cross-entropy and squared error. */
#include "mlp/net/loss.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/names.h"

/* Rows that are computed together, one in each lane of a vector. Within one row, each addition or comparison would have
   to wait for the result of the one before it. */
enum { LANES = 16 };

/* mlp_classify for up to LANES rows. A NaN among the logits makes all probabilities of its row NaN. */
MLP_CLONES static void classify_lanes(float *restrict y, size_t stride, uint8_t *restrict predicted,
                                      double *restrict log_p, const float *restrict bias,
                                      const uint8_t *restrict labels, double smoothing, size_t rows, size_t n) {
    float t[MLP_MAX_CLASSES][LANES]; /* the logits, transposed */
    float max[LANES], total[LANES] = {0}, scale[LANES];
    int32_t best[LANES] = {0};
    memset(t, 0, n * sizeof t[0]); /* for lanes without a row */
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < n; k++) t[k][i] = y[i * stride + k] + bias[k];
    for (size_t i = 0; i < LANES; i++) max[i] = -FLT_MAX;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < LANES; i++) {
            best[i] = t[k][i] > max[i] ? (int32_t)k : best[i];
            max[i] = t[k][i] > max[i] ? t[k][i] : max[i];
        }
    for (size_t i = 0; i < rows; i++) {
        predicted[i] = (uint8_t)best[i];
        log_p[i] = t[labels[i]][i] - max[i];
    }
    for (size_t i = 0; i < rows && smoothing > 0; i++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++) sum += (double)(t[k][i] - max[i]);
        log_p[i] = (1 - smoothing) * log_p[i] + smoothing * (sum / (double)n);
    }
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < LANES; i++) {
            t[k][i] = mlp_expf(t[k][i] - max[i]);
            total[i] += t[k][i];
        }
    for (size_t i = 0; i < LANES; i++) scale[i] = 1.0F / total[i];
    for (size_t i = 0; i < rows; i++) {
        log_p[i] -= log((double)total[i]);
        for (size_t k = 0; k < n; k++) y[i * stride + k] = t[k][i] * scale[i];
    }
}

void mlp_classify(float *y, size_t stride, uint8_t *predicted, double *log_p, const float *bias, const uint8_t *labels,
                  double smoothing, size_t rows, size_t n) {
    assert(n <= MLP_MAX_CLASSES);
    for (size_t i = 0; i < rows; i += LANES)
        classify_lanes(y + i * stride, stride, predicted + i, log_p + i, bias, labels + i, smoothing,
                       rows - i < LANES ? rows - i : LANES, n);
}

double mlp_softmax_double(double *y, size_t n, size_t label, double smoothing) {
    double max = y[0];
    for (size_t k = 1; k < n; k++) max = y[k] > max ? y[k] : max;
    double target_logit = y[label] - max, sum = 0;
    if (smoothing > 0) {
        for (size_t k = 0; k < n; k++) sum += y[k] - max;
        target_logit = (1 - smoothing) * target_logit + smoothing * (sum / (double)n);
    }
    sum = 0;
    for (size_t k = 0; k < n; k++) sum += y[k] = exp(y[k] - max);
    for (size_t k = 0; k < n; k++) y[k] /= sum;
    return target_logit - log(sum);
}

/* L = -sum_k t_k log p_k;  dL/dy_k = p_k - t_k */
static double cross_entropy_value(const double *p, size_t n, size_t label, double smoothing, double log_p) {
    (void)p, (void)n, (void)label, (void)smoothing;
    return -log_p;
}

static void cross_entropy_gradient(float *dy, const float *p, size_t n, size_t label, float smoothing, float scale) {
    const float other = smoothing / (float)n, own = 1.0F - smoothing + other;
    for (size_t k = 0; k < n; k++) dy[k] = (p[k] - other) * scale;
    dy[label] = (p[label] - own) * scale;
}

/* L = 1/2 sum_k (p_k - t_k)^2;  with g = p - t:  dL/dy_k = p_k (g_k - sum_j g_j p_j) */
static double squared_error_value(const double *p, size_t n, size_t label, double smoothing, double log_p) {
    (void)log_p;
    const double other = smoothing / (double)n, own = 1 - smoothing + other;
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        const double g = p[k] - (k == label ? own : other);
        sum += g * g;
    }
    return 0.5 * sum;
}

static void squared_error_gradient(float *dy, const float *p, size_t n, size_t label, float smoothing, float scale) {
    const float other = smoothing / (float)n, own = 1.0F - smoothing + other;
    float dot = (other - own) * p[label];
    for (size_t k = 0; k < n; k++) dot += p[k] * (p[k] - other);
    for (size_t k = 0; k < n; k++) dy[k] = p[k] * (p[k] - (k == label ? own : other) - dot) * scale;
}

static const mlp_loss losses[] = {
    {"cross-entropy", cross_entropy_value, cross_entropy_gradient},
    {"squared-error", squared_error_value, squared_error_gradient},
};

MLP_NAMED_TABLE(mlp_loss, mlp_loss, losses)

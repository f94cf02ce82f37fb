/* loss.c - softmax, cross-entropy and squared error. */
#include "mlp/loss.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "mlp/fastmath.h"

/* Largest and sum of LANES floats, halving by halving: a chain would wait for each operation. */
enum { LANES = 16 };

static inline float largest(const float *y) {
    float m[LANES / 2];
    for (int k = 0; k < 8; k++)
        m[k] = y[k] > y[k + 8] ? y[k] : y[k + 8];
    for (int k = 0; k < 4; k++)
        m[k] = m[k] > m[k + 4] ? m[k] : m[k + 4];
    for (int k = 0; k < 2; k++)
        m[k] = m[k] > m[k + 2] ? m[k] : m[k + 2];
    return m[0] > m[1] ? m[0] : m[1];
}

static inline float sum(const float *y) {
    float s[LANES / 2];
    for (int k = 0; k < 8; k++)
        s[k] = y[k] + y[k + 8];
    for (int k = 0; k < 4; k++)
        s[k] += s[k + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
}

/* In runs of LANES, the last filled up with what adds nothing. A NaN makes its run's largest
   uncertain but every exponential of it NaN, and so the sum. */
MLP_CLONES static double softmax(float *restrict y, size_t n, size_t label) {
    float run[LANES], max = y[0], total = 0;
    for (size_t first = 0; first < n; first += LANES) {
        for (size_t k = 0; k < LANES; k++)
            run[k] = first + k < n ? y[first + k] : -FLT_MAX;
        const float m = largest(run);
        max = m > max ? m : max;
    }
    const float label_logit = y[label] - max;
    for (size_t first = 0; first < n; first += LANES) {
        for (size_t k = 0; k < LANES; k++)
            run[k] = mlp_expf((first + k < n ? y[first + k] : -FLT_MAX) - max);
        total += sum(run);
        for (size_t k = 0; k < LANES && first + k < n; k++)
            y[first + k] = run[k];
    }
    const float scale = 1.0F / total;
    for (size_t k = 0; k < n; k++)
        y[k] *= scale;
    return (double)label_logit - log((double)total);
}

/* Backwards and without a branch: which class wins cannot be foreseen. */
MLP_CLONES static size_t argmax(const float *y, size_t n) {
    float run[LANES], max = y[0];
    for (size_t first = 0; first < n; first += LANES) {
        for (size_t k = 0; k < LANES; k++)
            run[k] = first + k < n ? y[first + k] : -FLT_MAX;
        const float m = largest(run);
        max = m > max ? m : max;
    }
    size_t best = 0;
    for (size_t k = n; k-- > 0;)
        best = y[k] == max ? k : best;
    return best;
}

size_t mlp_argmax(const float *y, size_t n) {
    return argmax(y, n);
}

double mlp_softmax(float *y, size_t n, size_t label) {
    return softmax(y, n, label);
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

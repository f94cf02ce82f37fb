/* loss.c - softmax, cross-entropy and squared error. */
#include "mlp/loss.h"

#include <math.h>
#include <string.h>

#include "mlp/fastmath.h"

MLP_CLONES static double softmax(float *y, size_t n, size_t label) {
    float max = y[0];
    for (size_t k = 1; k < n; k++)
        max = y[k] > max ? y[k] : max;
    const float label_logit = y[label] - max;
    float sum = 0.0F;
    for (size_t k = 0; k < n; k++)
        y[k] = mlp_expf(y[k] - max);
    for (size_t k = 0; k < n; k++)
        sum += y[k];
    for (size_t k = 0; k < n; k++)
        y[k] /= sum;
    return (double)label_logit - log((double)sum);
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

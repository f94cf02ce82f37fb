/* loss.h - softmax and loss functions. A loss is a function of the softmax outputs of one example; the loss of a
   batch is the mean over its examples. To add one: write its functions and a row of the table in loss.c.

   The targets t [n] are 1 for the label and 0 for the others; with label smoothing s (Szegedy et al. 2016) they are 1
   - s + s/n and s/n. */
#pragma once

#include "mlp/data/label.h"

typedef struct mlp_loss {
    const char *name;
    /* The loss of one example from its probabilities p [n], its label, and
       log_p = sum_k t_k log p_k, computed from the logits: finite even where a p_k rounds to 0. */
    double (*value)(const double *p, size_t n, size_t label, double smoothing, double log_p);
    /* dy = scale * d loss / d logits dy, p [n] */
    void (*gradient)(float *dy, const float *p, size_t n, size_t label, float smoothing, float scale);
} mlp_loss;

const mlp_loss *mlp_loss_find(const char *name); /* NULL: unknown name */
const char *mlp_loss_name(size_t i);             /* NULL after the last */

/* For each row of y [rows x n], logits without bias, rows `stride` floats apart:
       y[i] += bias;  predicted[i] = class of the largest logit, the first of equal ones;
       log_p[i] = sum_k t_k log softmax(y[i])[k];  y[i] = softmax(y[i])
   The largest logit is subtracted before exp, so that nothing overflows. n <= MLP_MAX_CLASSES */
void mlp_classify(float *y, size_t stride, uint8_t *predicted, double *log_p, const float *bias, const uint8_t *labels,
                  double smoothing, size_t rows, size_t n);

/* y [n] = softmax(y) in double; returns log_p. For numerical gradients and tests. */
double mlp_softmax_double(double *y, size_t n, size_t label, double smoothing);

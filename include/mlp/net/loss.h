/* loss.h - what training makes small, as a function of the softmax outputs of one example.
   To add one: a row in loss.c. The batch loss is the mean over the examples.

   The targets t [n] are 1 for the label and 0 for the others; with label smoothing s (Szegedy et
   al. 2016) they are 1 - s + s/n and s/n. */
#ifndef MLP_LOSS_H
#define MLP_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* The most classes: labels are bytes. */
enum { MLP_LOSS_CLASSES = 256 };

typedef struct mlp_loss {
    const char *name;
    /* The loss of one example from its probabilities p [n], its label, and log_p = sum_k t_k log
       p_k (taken from the logits, so that it is finite where a p_k rounds to 0). */
    double (*value)(const double *p, size_t n, size_t label, double smoothing, double log_p);
    /* d loss / d logits, times scale              dy, p [n] */
    void (*gradient)(float *dy, const float *p, size_t n, size_t label, float smoothing,
                     float scale);
} mlp_loss;

const mlp_loss *mlp_loss_find(const char *name); /* NULL when there is none of that name */
const char *mlp_loss_name(size_t i);             /* the i-th name; NULL after the last */

/* Rows of logits without bias, y [rows x n], `stride` floats apart:
       y[i] += bias;  predicted[i] = the class of the largest, the first of equals;
       log_p[i] = sum_k t_k log softmax(y[i])[k];  y[i] = softmax(y[i])
   shifted by the largest logit, so that nothing overflows. n <= MLP_LOSS_CLASSES */
void mlp_classify(float *y, size_t stride, uint8_t *predicted, double *log_p, const float *bias,
                  const uint8_t *labels, double smoothing, size_t rows, size_t n);

/* One row y [n] in double, in place; returns log_p: the definition, for the numerical gradient. */
double mlp_softmax_double(double *y, size_t n, size_t label, double smoothing);

#endif

/* loss.h - what training makes small, as a function of the softmax outputs of one example.
   To add one: a row in loss.c. The batch loss is the mean over the examples. */
#ifndef MLP_LOSS_H
#define MLP_LOSS_H

#include <stddef.h>

typedef struct mlp_loss {
    const char *name;
    /* The loss of one example from its probabilities p [n], its label, and log p[label] (taken
       from the logits, so that it is finite where p[label] rounds to 0). */
    double (*value)(const double *p, size_t n, size_t label, double log_p_label);
    /* d loss / d logits, times scale              dy, p [n] */
    void (*gradient)(float *dy, const float *p, size_t n, size_t label, float scale);
} mlp_loss;

const mlp_loss *mlp_loss_find(const char *name); /* NULL when there is none of that name */
const char *mlp_loss_name(size_t i);             /* the i-th name; NULL after the last */

/* The place of the largest of y [n], the first of equals. */
size_t mlp_argmax(const float *y, size_t n);

/* y [n] logits -> softmax probabilities, in place; returns the logarithm of the probability of
   `label`:  y_label - log sum_k exp(y_k), shifted by the largest logit so that nothing overflows.
 */
double mlp_softmax(float *y, size_t n, size_t label);

/* The same in double: the definition, used by the numerical gradient. */
double mlp_softmax_double(double *y, size_t n, size_t label);

#endif

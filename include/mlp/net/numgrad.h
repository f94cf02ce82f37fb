/* numgrad.h - gradients by central differences: of any function of n variables, of one softmax
   layer, and of the two-layer network; and the check of backpropagation against them. Slow, simple
   and right: it knows the loss only as a number to be computed twice.

       df/dx_i = (f(x + h e_i) - f(x - h e_i)) / 2h         error h^2/6 f''', and rounding / h */
#ifndef MLP_NUMGRAD_H
#define MLP_NUMGRAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/net/loss.h"
#include "mlp/net/network.h"

#define MLP_NUMGRAD_STEP 1e-4 /* h: neither lost in rounding nor felt as curvature */

/* ---- functions of n variables ---- */

/* x [n]; a function of one variable is one with n = 1. */
typedef double (*mlp_function)(const double *x, size_t n, void *context);

/* df/dx_i at x. x[i] is moved and put back. The forward difference is the mistake the texts warn
   of: error h/2 f'', and with h = 10e-50 nothing but rounding. */
double mlp_forward_difference(mlp_function f, void *context, double *x, size_t n, size_t i,
                              double h);
double mlp_central_difference(mlp_function f, void *context, double *x, size_t n, size_t i,
                              double h);

/* grad [n] = gradient of f at x by central differences. */
void mlp_gradient(double *grad, mlp_function f, void *context, double *x, size_t n);

/* x -= lr * gradient, `steps` times. x, grad [n]; grad ends as the last gradient used. */
void mlp_gradient_descent(double *x, double *grad, mlp_function f, void *context, size_t n,
                          double lr, size_t steps);

/* ---- one softmax layer on one example, as a function of its weights ---- */

typedef struct mlp_layer {
    const double *x;    /* [n_in] */
    const double *bias; /* [n_out], or NULL for none */
    size_t n_in, n_out; /* n_out <= MLP_MAX_CLASSES */
    size_t stride;      /* distance between rows of w */
    size_t label;
    double smoothing; /* of the label */
    const mlp_loss *loss;
} mlp_layer;

/* y = x W + bias      [n_out] = [n_in] [n_in x n_out] */
void mlp_layer_scores(double *y, const double *w, const mlp_layer *layer);

/* loss(softmax(x W + bias), label): an mlp_function of W [n_in x stride]. `layer` is mlp_layer *.
 */
double mlp_layer_loss(const double *w, size_t n, void *layer);

/* ---- the network ---- */

/* A pixel that is not 0. */
typedef struct mlp_pixel {
    uint32_t index; /* in the image */
    uint32_t shade; /* of its value in the image's list of shades */
} mlp_pixel;

/* Room for the numerical gradient of a network on up to `capacity` examples; everything in
   double, computed from the float32 parameters. */
typedef struct mlp_numgrad {
    size_t capacity;
    const mlp_batch *batch; /* what is differentiated, since the last call */
    const mlp_network *net;
    size_t stride_hidden, stride_out; /* of the rows below, in doubles */
    mlp_pixel *pixels;                /* [capacity x n_in] of each image, in order */
    float *shades;                    /* [capacity x n_in] the different values of those */
    size_t *n_pixels, *n_shades;      /* [capacity] how many there are */
    double *params;                   /* [arena] */
    double *a;                        /* [capacity x n_hidden] inputs of the hidden units */
    double *h;                        /* [capacity x n_hidden] what the second layer sees */
    double *y;                        /* [capacity x n_out] logits */
    double *p;                        /* [capacity x n_out] probabilities */
    double *log_p;                    /* [capacity] sum of targets * log p */
    double *unit_vectors;             /* [n_out x n_out] row k moves logit k alone */
    double *dw1;                      /* [n_hidden x n_in] gradient of W1, transposed */
    double *of_shade;                 /* [n_hidden x n_in] differences, one for each shade */
    bool *kinked;                     /* [n_hidden] left out of the check */
    double *grads;                    /* [arena] */
    double *out;                      /* [arena] where the last call writes, not owned */
} mlp_numgrad;

/* Zero-initialise before; free whatever the outcome. */
mlp_status mlp_numgrad_create(mlp_numgrad *ng, const mlp_network *net, size_t capacity,
                              mlp_error *err);
void mlp_numgrad_free(mlp_numgrad *ng);

/* grads [arena] = gradient of the mean loss over the batch, padding 0. Needs the batch's x and
   labels, and its mask where it has one; no forward pass.
   Plain is the definition, two full losses for every parameter: mlp_gradient of the network's
   loss. Fast computes the same numbers (to rounding) from what a parameter can move: one of W1 or
   b1 a single hidden unit, in the images where its pixel is not 0; one of W2 or b2 one logit. */
void mlp_numgrad_plain(double *grads, mlp_numgrad *ng, const mlp_batch *batch,
                       const mlp_network *net);
void mlp_numgrad_fast(double *grads, mlp_numgrad *ng, const mlp_batch *batch,
                      const mlp_network *net, mlp_team *team);

/* The fast form rounded to float32: stands in for mlp_network_backward. */
void mlp_numgrad_network(float *grads, mlp_numgrad *ng, const mlp_batch *batch,
                         const mlp_network *net, mlp_team *team);

/* ---- backpropagation against differences ---- */

/* How far apart two gradients of a block are: the largest, over its parameters, of
       |a - b| / max(|a|, |b|, g / 100)                        g: the largest |b| of the block
   So below 1e-4 means: every parameter right to 1e-4 of itself or to 1e-6 of g, about the rounding
   of a float32 sum whose terms cancel. A wrong formula is off by far more than that. */
typedef struct mlp_gradient_error {
    const char *name;  /* of the block */
    size_t compared;   /* parameters */
    size_t nonzero;    /* of those, with a gradient that is not 0; none: the check shows nothing */
    double backprop;   /* error of backpropagation against the fast form */
    double definition; /* error of the fast form against the plain one, on a sample */
} mlp_gradient_error;

typedef struct mlp_gradient_check {
    mlp_gradient_error blocks[MLP_N_BLOCKS];
    size_t kinked; /* hidden units whose W1 and b1 are left out: within h of a ReLU's corner, in
                      some image, the difference is not the derivative */
} mlp_gradient_check;

/* Compares on the loaded batch, on which it runs forward and backward. grads [arena] ends as
   backpropagation's gradient, ng->grads as the numerical one. */
void mlp_check_gradient(mlp_gradient_check *check, float *grads, mlp_numgrad *ng, mlp_batch *batch,
                        const mlp_network *net, mlp_team *team);

#endif

/* numgrad.h - gradients by central differences: of any function of n variables, of one softmax
   layer, and of the two-layer network; and the comparison of backpropagation with them. Only values
   of the loss are used, not its derivative: slow, but independent of backpropagation.

       df/dx_i = (f(x + h e_i) - f(x - h e_i)) / 2h error: h^2/6 f''', and the rounding error of f divided by h */
#pragma once

#include "mlp/base/team.h"
#include "mlp/data/label.h"
#include "mlp/net/batch.h"
#include "mlp/net/loss.h"
#include "mlp/net/network.h"

#define MLP_NUMGRAD_STEP 1e-4 /* h: both errors above are small */

/* ---- functions of n variables ---- */

/* The value of a function at x [n]. */
typedef double (*mlp_function)(const double *x, size_t n, void *context);

/* df/dx_i at x; x[i] is changed and restored. The forward difference (f(x + h e_i) - f(x)) / h is
   here for comparison: its error is h/2 f'', and with h = 1e-50 it is 0 because of rounding. */
double mlp_forward_difference(mlp_function f, void *context, double *x, size_t n, size_t i, double h);
double mlp_central_difference(mlp_function f, void *context, double *x, size_t n, size_t i, double h);

/* grad [n] = gradient of f at x by central differences. */
void mlp_gradient(double *grad, mlp_function f, void *context, double *x, size_t n);

/* x -= lr * gradient, `steps` times. x, grad [n]; afterwards grad is the last gradient used. */
void mlp_gradient_descent(double *x, double *grad, mlp_function f, void *context, size_t n, double lr, size_t steps);

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

/* loss(softmax(x W + bias), label): an mlp_function of W [n_in x stride]; `layer` is an mlp_layer *. */
double mlp_layer_loss(const double *w, size_t n, void *layer);

/* ---- the network ---- */

/* A nonzero pixel. */
typedef struct mlp_pixel {
    uint32_t index; /* in the image */
    uint32_t shade; /* index of its value in the list of the image's shades */
} mlp_pixel;

/* Buffers for the numerical gradient of a network on up to `capacity` examples. Everything is
   computed in double from the float32 parameters. A shade is one of the different pixel values of
   an image: pixels of the same shade have the same effect on a hidden unit. */
typedef struct mlp_numgrad {
    size_t capacity;
    const mlp_batch *batch; /* batch of the last call, like net */
    const mlp_network *net;
    size_t stride_hidden, stride_out; /* doubles from one row to the next */
    mlp_pixel *pixels;                /* [capacity x n_in] the nonzero pixels of each image */
    float *shades;                    /* [capacity x n_in] the different pixel values of each image */
    size_t *n_pixels, *n_shades;      /* [capacity] length of each image's list */
    double *params;                   /* [arena] */
    double *a;                        /* [capacity x n_hidden] inputs of the hidden units */
    double *h;                        /* [capacity x n_hidden] inputs of the second layer */
    double *y;                        /* [capacity x n_out] logits */
    double *p;                        /* [capacity x n_out] probabilities */
    double *log_p;                    /* [capacity] sum_k t_k log p_k */
    double *unit_vectors;             /* [n_out x n_out] identity: row k changes logit k only */
    double *dw1;                      /* [n_hidden x n_in] gradient of W1, transposed */
    double *of_shade;                 /* [n_hidden x n_in] loss differences, one per shade */
    bool *kinked;                     /* [n_hidden] excluded from the comparison */
    double *grads;                    /* [arena] */
    double *out;                      /* [arena] result of the current call, not owned */
} mlp_numgrad;

/* Zero-initialise before; free whatever the result. */
mlp_status mlp_numgrad_create(mlp_numgrad *ng, const mlp_network *net, size_t capacity, mlp_error *err);
void mlp_numgrad_free(mlp_numgrad *ng);

/* grads [arena] = gradient of the mean loss over the batch; padding is 0. Uses x, labels and mask of the batch (a dense
   first layer); no forward pass is needed. It is mlp_gradient of the loss, except for rounding, but recomputes only
   what a parameter affects: a change in W1 or b1 affects one hidden unit, in images where the pixel is not 0; a change
   in W2 or b2 affects one logit. */
void mlp_numgrad_compute(double *grads, mlp_numgrad *ng, const mlp_batch *batch, const mlp_network *net,
                         mlp_team *team);

/* The same, rounded to float32, in place of mlp_network_backward. */
void mlp_numgrad_network(float *grads, mlp_numgrad *ng, const mlp_batch *batch, const mlp_network *net, mlp_team *team);

/* ---- comparison with backpropagation ---- */

/* The relative error of backpropagation in a block: the maximum over its parameters of
       |a - b| / max(|a|, |b|, g / 100)     a, b: the two gradients, g: the largest |b| of the block
   Below 1e-4 each parameter is right to 1e-4 of itself or to 1e-6 of g, which is about the rounding
   of a float32 sum whose terms cancel. A wrong formula gives far larger errors. */
typedef struct mlp_gradient_error {
    const char *name; /* name of the block */
    size_t compared;  /* parameters */
    size_t nonzero;   /* compared parameters with a nonzero gradient; 0: nothing was tested */
    double backprop;  /* the relative error */
} mlp_gradient_error;

typedef struct mlp_gradient_check {
    mlp_gradient_error blocks[MLP_N_BLOCKS];
    size_t kinked; /* hidden units whose W1 and b1 are excluded: in some image their input is within
                      h of the kink of ReLU, where the difference is not the derivative */
} mlp_gradient_check;

/* Compares the two gradients on the loaded batch. Afterwards grads [arena] is the gradient of
   backpropagation and ng->grads the numerical one. */
void mlp_check_gradient(mlp_gradient_check *check, float *grads, mlp_numgrad *ng, mlp_batch *batch,
                        const mlp_network *net, mlp_team *team);

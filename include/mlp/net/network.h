/* network.h - the two-layer network: shape, parameters in one arena, and what happens to a batch
   on the way forward and back. Knows no files and no training loop.

       A = X W1 + b1    Z = f(A)    Y = Z W2 + b2    P = softmax(Y)    L = mean loss(P, labels)

   W1 is [n_in x n_hidden] and W2 [n_hidden x n_out], as x W is written in the texts: an input
   pixel meets one contiguous row of W1. */
#ifndef MLP_NETWORK_H
#define MLP_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/rng.h"
#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/data/dataset.h"
#include "mlp/net/activation.h"
#include "mlp/net/loss.h"
#include "mlp/net/sparse.h"

enum { MLP_MAX_HIDDEN = 65536 }; /* units that an option, or a model to load, may have */

typedef struct mlp_shape {
    size_t n_in, n_hidden, n_out;
    bool sparse; /* the first layer skips pixels that are zero; its data sets are compressed */
} mlp_shape;

/* One parameter matrix inside an arena. Its columns, padded to `stride` with what stays 0, are
   stored in panels [rows x panel] one after the other: a single one, panel = stride, unless the
   matrix meets sparse rows. mlp_block_index finds an element. */
typedef struct mlp_block {
    const char *name;
    size_t rows, cols, stride, panel, offset;
} mlp_block;

enum { MLP_W1, MLP_B1, MLP_W2, MLP_B2, MLP_N_BLOCKS };

typedef struct mlp_network {
    mlp_shape shape;
    const mlp_activation *activation;
    const mlp_loss *loss;
    mlp_block blocks[MLP_N_BLOCKS];
    size_t arena;  /* floats in an arena of this network, padding included */
    float *params; /* [arena] */
} mlp_network;

/* How the weights start; biases start at 0. To add one: a row in network.c. */
typedef struct mlp_init mlp_init;
const mlp_init *mlp_init_find(const char *name); /* NULL when there is none of that name */
const char *mlp_init_name(size_t i);             /* the i-th name; NULL after the last */

/* Sizes and views, all parameters 0. Zero-initialise before; free whatever the outcome. */
mlp_status mlp_network_create(mlp_network *net, mlp_shape shape, const mlp_activation *activation,
                              const mlp_loss *loss, mlp_error *err);
void mlp_network_free(mlp_network *net);

size_t mlp_network_count(const mlp_network *net); /* parameters, without padding */

/* Draws the weights, W1 before W2, row by row: `std` is the standard deviation of "normal" and
   without effect on the others. */
void mlp_network_init(mlp_network *net, const mlp_init *init, double std, mlp_rng *rng);

/* The i-th parameter of a block within an arena: row by row, padding left out. */
static inline size_t mlp_block_index(const mlp_block *block, size_t i) {
    const size_t row = i / block->cols, col = i % block->cols;
    return block->offset + (col / block->panel * block->rows + row) * block->panel +
           col % block->panel;
}

/* The examples of one step and everything computed from them. Nothing is allocated after
   mlp_batch_create. All matrices are row-major, an example a row. */
typedef struct mlp_batch {
    bool training;      /* forward leaves dy too, while the probabilities are in the cache */
    double smoothing;   /* of the labels, in losses and gradient; see loss.h */
    size_t capacity, n; /* examples it can hold, examples it holds */
    size_t n_out;       /* classes */
    size_t stride_in, stride_hidden, stride_out;
    float *x;            /* [n x n_in]; NULL where the network is sparse */
    mlp_row *rows;       /* [n] the same compressed, in the data set; NULL where it is dense */
    const float *values; /* [256] what a byte in rows is worth */
    uint8_t *labels;     /* [n] */
    float *z;            /* [n x n_hidden] outputs of the activation */
    float *mask;         /* [n x n_hidden] 0 or 1/(1 - p); NULL without dropout */
    float *h;            /* [n x n_hidden] what the second layer sees: z, or z * mask */
    float *partial;      /* parts of the logits, where it is sparse; see network.c */
    float *p;            /* [n x n_out] logits, then probabilities */
    uint8_t *predicted;  /* [n] class of the largest logit, the first of equals */
    double *losses;      /* [n] */
    float *dy;           /* [n x n_out] d L / d Y */
    float *dz;           /* [n x n_hidden] d L / d Z, then d L / d A, where it is dense */
} mlp_batch;

/* Room for `capacity` examples; with `dropout`, for a mask too. */
mlp_status mlp_batch_create(mlp_batch *batch, const mlp_network *net, size_t capacity, bool dropout,
                            mlp_error *err);
void mlp_batch_free(mlp_batch *batch);

/* Fills x and labels with n <= capacity examples: indices[0 .. n), or first, first + 1 … when
   indices is NULL. */
void mlp_batch_load(mlp_batch *batch, const mlp_dataset *set, const uint32_t *indices, size_t first,
                    size_t n, mlp_team *team);

/* Draws a new dropout mask: 0 with probability p, else 1/(1 - p), so that the expectation of h
   is z ("inverted" dropout; Srivastava et al. 2014). Nothing happens in a batch without a mask. */
void mlp_batch_drop(mlp_batch *batch, const mlp_network *net, double p, mlp_rng *rng);

/* Who is to share an update on n examples: the team, or NULL, one thread, where that is quicker,
   for what one thread has written another must fetch from its cache. The bounds were measured on 2
   processors, with 50 to 1,000 hidden units and batches of 1 to 100. */
mlp_team *mlp_network_team(const mlp_network *net, size_t n, mlp_team *team);

/* x -> z, h, p, predicted, losses. */
void mlp_network_forward(mlp_batch *batch, const mlp_network *net, mlp_team *team);

/* After forward: grads [arena], at a 64-byte boundary, = gradient of the mean loss; overwritten,
   not added to.
       dY = (P - T)/n   dW2 = H^T dY   db2 = sum dY   dZ = dY W2^T * f'(Z)   dW1 = X^T dZ
       db1 = sum dZ                                 (cross-entropy; Goodfellow et al. 2016, 6.5) */
void mlp_network_backward(float *grads, mlp_batch *batch, const mlp_network *net, mlp_team *team);

/* The same for an optimizer that does w -= rate * g and nothing else: where the network is sparse,
   W1 makes that step at once, in the rows that the batch has pixels for, and its gradient is never
   formed. Returns how many floats at the start of the arena have moved; the optimizer moves the
   rest. */
size_t mlp_network_backward_moving(float *grads, mlp_batch *batch, mlp_network *net, double rate,
                                   mlp_team *team);

double mlp_batch_loss(const mlp_batch *batch);    /* mean of losses, summed in double */
size_t mlp_batch_correct(const mlp_batch *batch); /* how many predictions are right */

#endif

/* network.h - the two-layer network: its shape, its parameters and their initial values.

       A = X W1 + b1    Z = f(A)    Y = Z W2 + b2    P = softmax(Y)    L = mean loss(P, labels)

   W1 is [n_in x n_hidden] and W2 [n_hidden x n_out], as in the textbook notation x W: the weights
   of one input pixel are contiguous. batch.h has X, Z, Y and P; propagation.h computes them. */
#pragma once

#include "mlp/base/rng.h"
#include "mlp/net/activation.h"
#include "mlp/net/blas.h"
#include "mlp/net/loss.h"
#include "mlp/net/sparse.h"

enum { MLP_MAX_HIDDEN = 65536 }; /* largest number of hidden units in options and model files */

typedef struct mlp_shape {
    size_t n_in, n_hidden, n_out;
    bool sparse; /* the first layer multiplies compressed rows (data/rows.h) and skips zero pixels */
} mlp_shape;

/* One parameter matrix [rows x cols] inside a flat array of all parameters. The columns are padded
   to `stride` with zeros and stored in panels of `panel` columns, each panel [rows x panel]
   contiguous, one panel after the other. Only W1 of a sparse first layer has more than one panel;
   the others are plain row-major. mlp_block_index finds an element. */
typedef struct mlp_block {
    const char *name;
    size_t rows, cols, stride, panel;
    size_t offset; /* position of the block in the array, in floats */
} mlp_block;

enum { MLP_W1, MLP_B1, MLP_W2, MLP_B2, MLP_N_BLOCKS };

typedef struct mlp_network {
    mlp_shape shape;
    const mlp_activation *activation;
    const mlp_loss *loss;
    mlp_block blocks[MLP_N_BLOCKS];
    size_t arena;  /* floats in an array of all parameters, padding included */
    float *params; /* [arena] */
    mlp_blas *blas;
} mlp_network;

/* Sets sizes and blocks; all parameters are 0. Zero-initialise before; free whatever the result. */
mlp_status mlp_network_create(mlp_network *net, mlp_shape shape, const mlp_activation *activation, const mlp_loss *loss,
                              mlp_error *err);
void mlp_network_free(mlp_network *net);

size_t mlp_network_count(const mlp_network *net); /* parameters without padding */

/* Index of parameter i of a block in the array; i counts row by row, without padding. */
static inline size_t mlp_block_index(const mlp_block *block, size_t i) {
    const size_t row = i / block->cols, col = i % block->cols;
    return block->offset + (col / block->panel * block->rows + row) * block->panel + col % block->panel;
}

/* A distribution of the initial weights; biases start at 0. To add one: write a function and a row of the table in
   network.c. */
typedef struct mlp_init mlp_init;
const mlp_init *mlp_init_find(const char *name); /* NULL: unknown name */
const char *mlp_init_name(size_t i);             /* NULL after the last */

/* Draws all weights, W1 before W2, each row by row. Only "normal" uses `std`, its standard deviation. */
void mlp_network_init(mlp_network *net, const mlp_init *init, double std, mlp_rng *rng);

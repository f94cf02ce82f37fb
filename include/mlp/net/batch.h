/* batch.h - the examples of one iteration and everything that is computed from them. Nothing is allocated after
   mlp_batch_create. All matrices are row-major, one example per row, rows aligned to 64 bytes. train/loader.h fills a
   batch from a dataset. */
#pragma once

#include "mlp/base/rng.h"
#include "mlp/data/rows.h"
#include "mlp/net/network.h"

/* Examples whose compressed columns are kept at a time: a limit of memory for large batches. */
enum { MLP_BATCH_COLUMNS = 16 * MLP_SPARSE_BLOCK };

typedef struct mlp_batch {
    bool training;                               /* the forward pass also computes dy, while p is in the cache */
    double smoothing;                            /* label smoothing, in losses and gradients; see loss.h */
    size_t capacity, n;                          /* largest number of examples, examples loaded */
    size_t n_out;                                /* classes */
    size_t stride_in, stride_hidden, stride_out; /* floats from one row to the next */
    float *x;                                    /* [n x n_in] pixels; NULL with a sparse first layer */
    mlp_row *rows;       /* [tiles x capacity] the same pixels as compressed rows; NULL with a dense first layer */
    const float *values; /* [256] pixel value of each byte in `rows` */
    uint8_t *labels;     /* [n] */
    float *z;            /* [n x n_hidden] outputs of the activation */
    float *mask;         /* [n x n_hidden] dropout: 0 or 1/(1 - p); NULL without dropout */
    float *h;            /* [n x n_hidden] inputs of the second layer: z * mask; z without dropout */
    float *p;            /* [n x n_out] logits, then probabilities */
    uint8_t *predicted;  /* [n] class of the largest logit, the first of equal ones */
    double *losses;      /* [n] */
    float *dy;           /* [n x n_out] dL/dY */
    float *dz;           /* [n x n_hidden] dL/dZ, then dL/dA; NULL with a sparse first layer */

    /* Sparse first layer: the pixels as compressed columns, for each block of MLP_SPARSE_BLOCK examples among
       MLP_BATCH_COLUMNS. While training on no more examples, the forward pass computes them, else the backward pass. */
    mlp_row *columns;      /* [blocks x n_in]; in each stripe first those with entries */
    size_t *used;          /* [blocks x stripes] how many have entries */
    mlp_entry *transposed; /* [blocks x n_in x MLP_SPARSE_COLUMN] */
    /* Sparse first layer: panels of hidden units are divided into groups. Each group has its own
       partial sums of the logits, added in a fixed order: the result does not depend on threads. */
    size_t groups, group_panels; /* groups, panels per group */
    float *partial;              /* [groups x capacity x n_out] */
} mlp_batch;

/* Allocates buffers for up to `capacity` examples; with `dropout` also a mask. Zero-initialise before; free whatever
   the result. */
mlp_status mlp_batch_create(mlp_batch *batch, const mlp_network *net, size_t capacity, bool dropout, mlp_error *err);
void mlp_batch_free(mlp_batch *batch);

/* Draws a new dropout mask: 0 with probability p, else 1/(1 - p), so that the expected value of h
   is z ("inverted" dropout; Srivastava et al. 2014). Does nothing in a batch without a mask. */
void mlp_batch_drop(mlp_batch *batch, const mlp_network *net, double p, mlp_rng *rng);

/* Panels of hidden units of a network with a sparse first layer. */
size_t mlp_network_panels(const mlp_network *net);

/* Examples in one piece of work on a batch of n examples. */
size_t mlp_batch_piece(size_t n);

double mlp_batch_loss(const mlp_batch *batch);    /* mean of losses, summed in double */
size_t mlp_batch_correct(const mlp_batch *batch); /* number of correct predictions */

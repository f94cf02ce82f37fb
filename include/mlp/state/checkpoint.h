/* checkpoint.h - a run cut after any iteration, to a safetensors file and back: parameters,
   optimizer state, random streams, sampler, the best so far, how far the CSV is, and the options,
   as words it does not understand. Knows the trainer, no terminal. */
#pragma once

#include "mlp/formats/safetensors.h"
#include "mlp/state/curve.h"
#include "mlp/train/trainer.h"

/* The state of a run in the plain arrays of its file. What follows from the iteration alone, such as the examples
   seen and the optimizer's steps, is not repeated. Zero-initialise; free whatever the result. */
typedef struct mlp_checkpoint {
    /* for the program, not for the trainer */
    char *words; /* [n_words] bytes, each word ended by a zero byte: the options */
    size_t n_words;
    mlp_curve_mark csv;
    /* train, validation, test: examples, rows, columns, classes, and a CRC-32 of the labels and of
       up to 1000 images; all 0 where there is no such set */
    uint64_t data[3][5];
    /* where it is */
    uint64_t iteration;
    uint64_t sampling[4], dropout[4]; /* random streams */
    uint64_t position;                /* in the order: examples drawn */
    uint32_t *order;                  /* [n_order] of this epoch; n_order 0: with replacement */
    size_t n_order;
    /* the last evaluation, the best one with early stopping */
    bool evaluated;      /* there was one; else it is not in the file */
    uint64_t evaluation; /* the iteration it was made after */
    uint64_t waited;     /* evaluations since then, with early stopping */
    uint64_t correct[3]; /* train, validation, test */
    double losses[3];    /* train, validation, test */
    double batch[2];     /* loss and learning rate of that iteration; NaN for iteration 0 */
    /* without padding, weights [outputs x inputs]: the parameters, the optimizer's states, the
       parameters' average where there is one, and with early stopping the best parameters */
    float *arenas; /* [n_arenas x n_params] */
    size_t n_arenas, n_params;
} mlp_checkpoint;

/* Allocates memory for the states of this trainer's run; records what identifies its data. */
mlp_status mlp_checkpoint_create(mlp_checkpoint *checkpoint, const mlp_trainer *trainer, mlp_error *err);
void mlp_checkpoint_free(mlp_checkpoint *checkpoint); /* NULL-safe; leaves it zeroed */

/* Writes the state of `trainer`, as its observer sees it, with the words and the CSV's mark. `path`
   is written atomically. */
mlp_status mlp_checkpoint_write(mlp_checkpoint *checkpoint, const mlp_trainer *trainer, const char *path,
                                mlp_error *err);

/* Reads `path` and checks what can be without a trainer: that it is a checkpoint, and its words. Those lie in the
   file's memory. Zero-initialise *file; mlp_safetensors_free whatever the result. */
mlp_status mlp_checkpoint_read(mlp_safetensors *file, const char **words, size_t *n_words, const char *path,
                               mlp_warnings *warnings, mlp_error *err);

/* Gives `trainer`, made from those words, the state that the file holds: all of it, or none
   where any of it cannot be. The CSV's mark is then that of the file. */
mlp_status mlp_checkpoint_restore(mlp_checkpoint *checkpoint, mlp_trainer *trainer, const mlp_safetensors *file,
                                  const char *path, mlp_error *err);

/* checkpoint.h - writes the state of a run after any iteration to a safetensors file, and reads it: parameters,
   optimizer state, random streams, sampler, the best result so far, the length of the CSV, and the options, as texts
   that this module does not interpret. Knows the trainer, not the terminal. */
#pragma once

#include "mlp/formats/safetensors.h"
#include "mlp/state/curve.h"
#include "mlp/train/trainer.h"

/* The state of a run as the arrays of its file. Numbers that can be computed from the iteration, such as the examples
   seen and the optimizer's steps, are not stored. Zero-initialise; free whatever the result. */
typedef struct mlp_checkpoint {
    /* for the program; the trainer does not use them */
    char *words; /* [n_words] bytes, each word ended by a zero byte: the options */
    size_t n_words;
    mlp_curve_mark csv;
    /* train, validation, test: examples, rows, columns, classes, and a CRC-32 of the labels and of
       up to 1000 images; all 0 if there is no such set */
    uint64_t data[3][5];
    /* the position of the run */
    uint64_t iteration;
    uint64_t sampling[4], dropout[4]; /* random streams */
    uint64_t position;                /* examples of this epoch already drawn */
    uint32_t *order;                  /* [n_order] the order of this epoch; n_order 0: sampling with replacement */
    size_t n_order;
    /* the last evaluation, the best one with early stopping */
    bool evaluated;      /* false: no evaluation yet, and none in the file */
    uint64_t evaluation; /* it was made after this iteration */
    uint64_t waited;     /* evaluations since then, with early stopping */
    uint64_t correct[3]; /* train, validation, test */
    double losses[3];    /* train, validation, test */
    double batch[2];     /* loss and learning rate of that iteration; NaN for iteration 0 */
    /* Arrays of the shape of the parameters, without padding, weights as [outputs x inputs]: the parameters, the states
       of the optimizer, the average of the parameters (if there is one) and the best parameters (with early
       stopping). */
    float *arenas; /* [n_arenas x n_params] */
    size_t n_arenas, n_params;
} mlp_checkpoint;

/* Allocates memory for the states of this trainer's run; records what identifies its data. */
mlp_status mlp_checkpoint_create(mlp_checkpoint *checkpoint, const mlp_trainer *trainer, mlp_error *err);
void mlp_checkpoint_free(mlp_checkpoint *checkpoint); /* NULL-safe; leaves it zeroed */

/* Writes the state of `trainer`, as its observer sees it, the words and the mark of the CSV to `path`, atomically. */
mlp_status mlp_checkpoint_write(mlp_checkpoint *checkpoint, const mlp_trainer *trainer, const char *path,
                                mlp_error *err);

/* Reads `path` and checks what needs no trainer: that it is a checkpoint, and its words. The words are in the memory of
   `file`. Zero-initialise *file; mlp_safetensors_free whatever the result. */
mlp_status mlp_checkpoint_read(mlp_safetensors *file, const char **words, size_t *n_words, const char *path,
                               mlp_warnings *warnings, mlp_error *err);

/* Fails because the checkpoint `path` is damaged: `what` was found. */
mlp_status mlp_checkpoint_fail(const char *path, const char *what, mlp_error *err);

/* Restores the state of `trainer`, which was created from those words. If any part of the file is impossible, nothing
   is changed. The mark of the CSV is then that of the file. */
mlp_status mlp_checkpoint_restore(mlp_checkpoint *checkpoint, mlp_trainer *trainer, const mlp_safetensors *file,
                                  const char *path, mlp_error *err);

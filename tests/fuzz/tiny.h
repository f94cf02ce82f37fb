/* tiny.h - runs small enough to be made again for every input, of the kinds that have the most and
   the least to write into a checkpoint. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>

#include "fuzz.h"
#include "mlp/state/checkpoint.h"
#include "mlp/train/trainer.h"

enum { TINY_KINDS = 3, TINY_N = 9, TINY_IN = 4, TINY_HIDDEN = 3, TINY_CLASSES = 3 };

typedef struct tiny {
    uint8_t pixels[TINY_N * TINY_IN], labels[TINY_N];
    mlp_dataset train, validation, test;
    mlp_network net;
    mlp_trainer trainer;
    size_t stop_at; /* iteration after which the observer ends the run; 0: none */
} tiny;

/* Kind 0: SGD on drawn batches; kind 1: Adam, shuffled, dropout, early stopping, sparse; kind 2:
   momentum on distorted images, the average of the weights, smoothed labels. */
static inline void tiny_create(tiny *t, int kind) {
    mlp_error err = {0};
    mlp_rng rng;
    *t = (tiny){.stop_at = 0};
    for (size_t i = 0; i < sizeof t->pixels; i++) t->pixels[i] = (uint8_t)(i * 37 % 3 == 0 ? 0 : i * 37);
    for (size_t i = 0; i < TINY_N; i++) t->labels[i] = (uint8_t)(i % TINY_CLASSES);
    mlp_dataset *const sets[] = {&t->train, &t->validation, &t->test};
    for (size_t s = 0; s < 3; s++) {
        *sets[s] = (mlp_dataset){.n = TINY_N - s,
                                 .rows = 2,
                                 .cols = 2,
                                 .n_pixels = TINY_IN,
                                 .n_classes = TINY_CLASSES,
                                 .bytes = t->pixels,
                                 .labels = t->labels};
        if (kind == 1) PROMISE(mlp_dataset_compress(sets[s], NULL, &err) == MLP_OK);
    }
    const mlp_train_settings settings = {
        .iterations = 8,
        .batch_size = 4,
        .eval_every = 2,
        .lr = 0.1,
        .schedule = mlp_schedule_find("constant"),
        .sampling = kind == 1 ? MLP_SAMPLING_SHUFFLE : MLP_SAMPLING_REPLACEMENT,
        .optimizer = {.kind = mlp_optimizer_find(kind == 0   ? "sgd"
                                                 : kind == 1 ? "adam"
                                                             : "momentum"),
                      .momentum = 0.9,
                      .beta1 = 0.9,
                      .beta2 = 0.999,
                      .epsilon = 1e-7},
        .augment = {.rotate = kind == 2 ? 20 : 0, .alpha = kind == 2 ? 9 : 0, .sigma = 1},
        .dropout = kind == 1 ? 0.3 : 0,
        .average = kind == 2 ? 0.5 : 0,
        .label_smoothing = kind == 2 ? 0.1 : 0,
        .early_stop = kind == 1 ? 3 : 0,
        .seed = 1,
    };
    PROMISE(mlp_network_create(&t->net, (mlp_shape){TINY_IN, TINY_HIDDEN, TINY_CLASSES, kind == 1},
                               mlp_activation_find("tanh"), mlp_loss_find("cross-entropy"), &err) == MLP_OK);
    mlp_rng_seed(&rng, 1, MLP_STREAM_INIT);
    mlp_network_init(&t->net, mlp_init_find("glorot"), 0, &rng);
    PROMISE(mlp_trainer_create(&t->trainer, &settings, &t->net, &t->train, kind == 1 ? &t->validation : NULL, &t->test,
                               NULL, &err) == MLP_OK);
}

static inline void tiny_free(tiny *t) {
    mlp_trainer_free(&t->trainer);
    mlp_network_free(&t->net);
    mlp_rows_free(&t->train.owned.compressed);
    mlp_rows_free(&t->validation.owned.compressed);
    mlp_rows_free(&t->test.owned.compressed);
}

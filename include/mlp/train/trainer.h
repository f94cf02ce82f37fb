/* trainer.h - the training loop: next batch, forward, backward, update. It reports events to an
   observer; it knows no terminal, no files and no options. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/data/augment.h"
#include "mlp/data/dataset.h"
#include "mlp/data/sampler.h"
#include "mlp/net/batch.h"
#include "mlp/net/network.h"
#include "mlp/net/numgrad.h"
#include "mlp/train/average.h"
#include "mlp/train/evaluate.h"
#include "mlp/train/metrics.h"
#include "mlp/train/optimizer.h"
#include "mlp/train/schedule.h"

typedef struct mlp_train_settings {
    size_t iterations; /* updates */
    size_t batch_size; /* examples */
    size_t eval_every; /* iterations between evaluations; 0: only after the last */
    double lr;         /* learning rate */
    const mlp_schedule *schedule;
    size_t warmup; /* iterations; see mlp_schedule_rate */
    mlp_sampling sampling;
    mlp_optimizer_settings optimizer;
    mlp_augment_settings augment; /* random distortions of the train images */
    double dropout;               /* probability that a hidden unit is dropped; 0: no dropout */
    double average;               /* decay of the average of the weights; 0: no average */
    double fade;                  /* fraction of the run; see mlp_schedule_strength */
    double label_smoothing;       /* see loss.h; for training batches, not for evaluations */
    size_t early_stop;            /* stop after so many evaluations without a lower validation loss; 0: never */
    bool loss_after;              /* report the batch loss after the update instead of before it */
    bool numerical;               /* gradient by central differences instead of backpropagation */
    uint64_t seed;
} mlp_train_settings;

typedef struct mlp_trainer {
    mlp_train_settings settings;
    mlp_network *net; /* not owned, like the team and the datasets */
    mlp_team *team;
    const mlp_dataset *train, *validation, *test; /* validation may be NULL */

    /* The state of the run. Together with net->params it determines the rest of the run: a checkpoint contains it. */
    bool begun;       /* iteration 0 was reported */
    size_t iteration; /* updates made */
    size_t examples;  /* examples trained on; a repeated example counts again */
    mlp_sampler sampler;
    mlp_rng dropout_rng;
    mlp_optimizer optimizer;
    mlp_average average; /* if there is one, its parameters are evaluated, and are the result of the run */
    mlp_event result;    /* the last evaluation, or with early stopping the best; train.n 0: none yet */
    float *best_params;  /* [net->arena] with early stopping: the parameters of `result`; else NULL */
    size_t evals_since_best;

    /* Buffers: they have no contents between iterations. */
    mlp_augment augment; /* unused without distortions */
    mlp_evaluator evaluator;
    mlp_batch batch;
    mlp_numgrad numgrad; /* unused with backpropagation */
    float *grads;        /* [net->arena] */
    double seconds;      /* time that this process spent in updates */
} mlp_trainer;

/* Allocates everything the run needs. The network is initialised; it, the datasets and the team
   must outlive the trainer. Zero-initialise before; free whatever the result. */
mlp_status mlp_trainer_create(mlp_trainer *trainer, const mlp_train_settings *settings, mlp_network *net,
                              const mlp_dataset *train, const mlp_dataset *validation, const mlp_dataset *test,
                              mlp_team *team, mlp_error *err);
void mlp_trainer_free(mlp_trainer *trainer);

/* Whether the run is over: all iterations made, or stopped early. */
bool mlp_trainer_done(const mlp_trainer *trainer);

/* Runs to the end. A new trainer first reports iteration 0; one whose state was restored from a checkpoint continues
   exactly as the original run did. Returns MLP_ERR_NUMERIC when a loss is not finite, and the observer's status if that
   ended the run. After MLP_OK and MLP_STOPPED the network has the parameters that `result` was measured on: the last
   ones; their average, if there is one; the best ones, with early stopping. */
mlp_status mlp_trainer_run(mlp_trainer *trainer, mlp_observer observer, void *context, mlp_error *err);

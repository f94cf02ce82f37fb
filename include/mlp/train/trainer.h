/* trainer.h - the training loop: next batch, forward, backward, update. Tells an observer what
   happened; knows no terminal, no CSV, no options. */
#ifndef MLP_TRAINER_H
#define MLP_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/data/augment.h"
#include "mlp/data/dataset.h"
#include "mlp/data/sampler.h"
#include "mlp/net/network.h"
#include "mlp/net/numgrad.h"
#include "mlp/train/evaluate.h"
#include "mlp/train/optimizer.h"
#include "mlp/train/schedule.h"

typedef struct mlp_train_settings {
    size_t iterations; /* updates */
    size_t batch_size; /* examples */
    size_t eval_every; /* iterations between evaluations; 0: only after the last */
    double lr;         /* learning rate */
    const mlp_schedule *schedule;
    size_t warmup; /* iterations */
    mlp_sampling sampling;
    mlp_optimizer_settings optimizer;
    mlp_augment_settings augment; /* how images are distorted each time they are drawn */
    double dropout;               /* probability that a hidden unit is dropped; 0: none */
    double average;               /* decay of the weights' moving average; 0: none */
    double fade;                  /* see mlp_schedule_strength */
    double label_smoothing;       /* see loss.h; of the batches' losses, not of evaluations */
    size_t early_stop; /* evaluations without a better validation loss before the end; 0: never */
    bool loss_after;   /* the batch loss is taken after the update instead of before */
    bool numerical;    /* gradient by central differences instead of backpropagation */
    uint64_t seed;
} mlp_train_settings;

/* Iterations after which the average moves: by 1 - decay towards the weights. Its t-th step is
   (1 - decay)/(1 - decay^t) instead, so that the average is that of the weights it has seen, with
   powers of the decay for their shares, from the first on; up to that one it is the weights
   themselves. */
enum { MLP_AVERAGE_EVERY = 10 };

/* What the observer is told once before the first update (iteration 0) and after every update. */
typedef struct mlp_event {
    size_t iteration;                    /* updates made */
    double epoch;                        /* iteration / batches in an epoch */
    double loss;                         /* of the batch; NaN at iteration 0 */
    double lr;                           /* of the update; NaN at iteration 0 */
    mlp_metrics train, validation, test; /* n is 0 where not measured */
    const mlp_batch *batch;              /* the update's examples; NULL at iteration 0 */
    size_t examples;                     /* trained on so far */
    double seconds;                      /* this trainer spent in updates, without evaluations */
} mlp_event;

/* Anything but MLP_OK ends the run with that status; MLP_STOPPED is a wish, not a failure. */
typedef mlp_status (*mlp_observer)(void *context, const mlp_event *event, mlp_error *err);

typedef struct mlp_trainer {
    mlp_train_settings settings;
    mlp_network *net;
    mlp_team *team;
    const mlp_dataset *train, *validation, *test; /* validation may be NULL */
    /* where the run is: with the network's parameters, all that decides what comes next */
    bool begun;       /* the observer was told of iteration 0 */
    size_t iteration; /* updates made */
    size_t examples;  /* trained on */
    mlp_sampler sampler;
    mlp_rng dropout_rng;
    mlp_optimizer optimizer;
    mlp_event result; /* the last evaluation; with early stopping the best one; n 0: none yet */
    float *average; /* [net->arena] with settings.average: what is evaluated, and in the end left */
    float *best_params; /* [net->arena] with early stopping: of the least validation loss */
    size_t evals_since_best;
    /* room to work in, nothing in it outlives a step */
    mlp_augment augment; /* where settings.augment moves anything */
    mlp_evaluator evaluator;
    mlp_batch batch;
    mlp_numgrad numgrad; /* for settings.numerical */
    float *grads;        /* [net->arena] */
    double seconds;      /* spent in updates */
} mlp_trainer;

/* Everything a run needs, allocated at once. The network (initialised), the datasets and the
   team are borrowed. Zero-initialise before; free whatever the outcome. */
mlp_status mlp_trainer_create(mlp_trainer *trainer, const mlp_train_settings *settings,
                              mlp_network *net, const mlp_dataset *train,
                              const mlp_dataset *validation, const mlp_dataset *test,
                              mlp_team *team, mlp_error *err);
void mlp_trainer_free(mlp_trainer *trainer);

/* Whether no update is left: all iterations made, or early stopping's patience at its end. */
bool mlp_trainer_done(const mlp_trainer *trainer);

/* Runs from where the trainer is to the end; a fresh one tells of iteration 0 first. A trainer that
   is given the state of another one, as the observer saw it, goes on as that one did.
   MLP_ERR_NUMERIC when a loss is not finite; MLP_STOPPED when the observer said so: both the
   stopped and the finished run have a result, and leave in the network the weights that are
   evaluated, with early stopping the best. */
mlp_status mlp_trainer_run(mlp_trainer *trainer, mlp_observer observer, void *context,
                           mlp_error *err);

#endif

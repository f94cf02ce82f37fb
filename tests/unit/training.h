/* training.h - a small run for tests of the training loop, with all its events. */
#pragma once

#include <string.h>

#include "mlp/train/trainer.h"
#include "synthetic.h"

enum { N_TRAIN = 230, N_TEST = 90, MOST_EVENTS = 512 };

/* A run and its events. */
typedef struct run run;
struct run {
    mlp_team *team;
    mlp_network net;
    mlp_dataset train, validation, test;
    mlp_trainer trainer;
    mlp_error err;
    mlp_event events[MOST_EVENTS];
    size_t n_events, stop_at;
    float *best;            /* [arena] parameters at the lowest validation loss seen */
    double best_validation; /* that loss */
    run *heir;              /* gets the state after iteration stop_at; or NULL */
};

static inline mlp_train_settings defaults(void) {
    return (mlp_train_settings){
        .iterations = 60,
        .batch_size = 50,
        .eval_every = 10,
        .lr = 0.5,
        .schedule = mlp_schedule_find("constant"),
        .sampling = MLP_SAMPLING_REPLACEMENT,
        .optimizer =
            {.kind = mlp_optimizer_find("sgd"), .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
        .seed = 1,
    };
}

/* Copies the state of `from` to `to`, a new trainer with the same settings. */
static inline void hand_over(mlp_trainer *to, const mlp_trainer *from) {
    const size_t arena = from->net->arena * sizeof(float);
    to->begun = from->begun;
    to->iteration = from->iteration;
    to->examples = from->examples;
    to->sampler.position = from->sampler.position;
    to->sampler.rng = from->sampler.rng;
    if (from->sampler.order != NULL) memcpy(to->sampler.order, from->sampler.order, from->sampler.n * sizeof(uint32_t));
    to->dropout_rng = from->dropout_rng;
    to->optimizer.steps = from->optimizer.steps;
    for (size_t i = 0; i < from->optimizer.settings.kind->n_states; i++)
        memcpy(to->optimizer.states[i], from->optimizer.states[i], arena);
    to->result = from->result;
    to->evals_since_best = from->evals_since_best;
    if (from->settings.early_stop > 0) memcpy(to->best_params, from->best_params, arena);
    if (from->settings.average > 0) memcpy(to->average.params, from->average.params, arena);
    memcpy(to->net->params, from->net->params, arena);
}

static inline mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    (void)err;
    run *r = context;
    assert_true(r->n_events < MOST_EVENTS);
    r->events[r->n_events++] = *event;
    const mlp_metrics *v = &event->validation;
    if (v->n > 0 && (r->n_events == 1 || v->loss < r->best_validation)) {
        r->best_validation = v->loss;
        memcpy(r->best, r->net.params, r->net.arena * sizeof(float));
    }
    const bool stop = (r->stop_at > 0 || r->heir != NULL) && event->iteration == r->stop_at;
    if (stop && r->heir != NULL) hand_over(&r->heir->trainer, &r->trainer);
    return stop ? MLP_STOPPED : MLP_OK;
}

/* Creates data, a network and a trainer. */
static inline void prepare(run *r, const mlp_train_settings *settings, bool sparse) {
    mlp_rng rng;
    mlp_rng_seed(&rng, settings->seed, MLP_STREAM_INIT);
    r->train = synthetic(N_TRAIN, 6, 6, 4, 11);
    r->validation = synthetic(70, 6, 6, 4, 12);
    r->test = synthetic(N_TEST, 6, 6, 4, 13);
    /* some wrong labels: overconfidence raises the validation loss */
    for (size_t i = 0; i < r->validation.n; i += 5)
        ((uint8_t *)r->validation.labels)[i] = (uint8_t)((r->validation.labels[i] + 1) % 4);
    mlp_dataset *const sets[] = {&r->train, &r->validation, &r->test};
    for (size_t i = 0; i < 3 && sparse; i++) assert_ok(mlp_dataset_compress(sets[i], r->team, &r->err), r->err);
    assert_ok(mlp_network_create(&r->net, (mlp_shape){36, 20, 4, sparse}, mlp_activation_find("sigmoid"),
                                 mlp_loss_find("cross-entropy"), &r->err),
              r->err);
    mlp_network_init(&r->net, mlp_init_find("normal"), 0.1, &rng);
    r->best = calloc(r->net.arena, sizeof(float));
    assert_non_null(r->best);
    assert_ok(mlp_trainer_create(&r->trainer, settings, &r->net, &r->train,
                                 settings->early_stop > 0 ? &r->validation : NULL, &r->test, r->team, &r->err),
              r->err);
}

/* Creates everything and trains. */
static inline mlp_status train(run *r, const mlp_train_settings *settings) {
    prepare(r, settings, false);
    return mlp_trainer_run(&r->trainer, observe, r, &r->err);
}

static inline void end(run *r) {
    mlp_rows_free(&r->train.owned.compressed);
    mlp_rows_free(&r->validation.owned.compressed);
    mlp_rows_free(&r->test.owned.compressed);
    mlp_trainer_free(&r->trainer);
    mlp_team_free(r->team);
    mlp_network_free(&r->net);
    synthetic_free(&r->train);
    synthetic_free(&r->validation);
    synthetic_free(&r->test);
    free(r->best);
}

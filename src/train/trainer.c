/* trainer.c - the training loop. */
#include "mlp/train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/clock.h"
#include "mlp/base/memory.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static bool distorts(const mlp_trainer *trainer) { return mlp_augment_moves(&trainer->settings.augment); }

/* Creates the batch, and the buffers for its gradient. */
static mlp_status create_batch(mlp_trainer *trainer, mlp_error *err) {
    const mlp_train_settings *s = &trainer->settings;
    const mlp_network *net = trainer->net;
    MLP_TRY(mlp_batch_create(&trainer->batch, net, s->batch_size, s->dropout > 0, err));
    trainer->batch.training = !s->numerical;
    trainer->batch.smoothing = s->label_smoothing;
    if (distorts(trainer))
        MLP_TRY(mlp_augment_create(&trainer->augment, &s->augment, trainer->train, s->batch_size, s->seed,
                                   trainer->team, err));
    if (s->numerical) MLP_TRY(mlp_numgrad_create(&trainer->numgrad, net, s->batch_size, err));
    MLP_NEW(trainer->grads, net->arena, 1, "the gradient", err);
    return MLP_OK;
}

mlp_status mlp_trainer_create(mlp_trainer *trainer, const mlp_train_settings *settings, mlp_network *net,
                              const mlp_dataset *train, const mlp_dataset *validation, const mlp_dataset *test,
                              mlp_team *team, mlp_error *err) {
    const mlp_train_settings *s = settings;
    const size_t most = larger(larger(train->n, test->n), validation == NULL ? 0 : validation->n);
    trainer->settings = *settings;
    trainer->net = net;
    trainer->team = team;
    trainer->train = train;
    trainer->validation = validation;
    trainer->test = test;
    mlp_rng_seed(&trainer->dropout_rng, s->seed, MLP_STREAM_DROPOUT);
    MLP_TRY(mlp_sampler_create(&trainer->sampler, s->sampling, train->n, s->batch_size, s->seed, err));
    MLP_TRY(mlp_optimizer_create(&trainer->optimizer, &s->optimizer, net->arena, err));
    MLP_TRY(mlp_average_create(&trainer->average, s->average, net->params, net->arena, err));
    MLP_TRY(mlp_evaluator_create(&trainer->evaluator, net, most, team, err));
    MLP_TRY(create_batch(trainer, err));
    if (s->early_stop > 0) MLP_NEW(trainer->best_params, net->arena, 1, "the best weights", err);
    return MLP_OK;
}

void mlp_trainer_free(mlp_trainer *trainer) {
    mlp_sampler_free(&trainer->sampler);
    mlp_optimizer_free(&trainer->optimizer);
    mlp_average_free(&trainer->average);
    mlp_augment_free(&trainer->augment);
    mlp_evaluator_free(&trainer->evaluator);
    mlp_batch_free(&trainer->batch);
    mlp_numgrad_free(&trainer->numgrad);
    free(trainer->grads);
    free(trainer->best_params);
    memset(trainer, 0, sizeof *trainer);
}

static mlp_status check_finite(double loss, const char *of, const mlp_event *event, double lr, mlp_error *err) {
    if (isfinite(loss)) return MLP_OK;
    if (event->iteration == 0)
        return mlp_fail(err, MLP_ERR_NUMERIC,
                        "the %s loss is %s before the first update: the first weights are too large; lower --init-std, "
                        "or load another model",
                        of, isnan(loss) ? "not a number" : "infinite");
    return mlp_fail(err, MLP_ERR_NUMERIC,
                    "training diverged: the %s loss is %s at iteration %zu; lower the learning rate (it was %g)", of,
                    isnan(loss) ? "not a number" : "infinite", event->iteration, lr);
}

/* ---- update ---- */

/* Loads the next batch, distorted with `strength` if there are distortions: the distortion of an image depends on how
   many images were drawn before it since iteration 0. Returns the number of examples. */
static size_t next_batch(mlp_trainer *trainer, double strength) {
    const mlp_dataset *train = trainer->train;
    mlp_augment *augment = &trainer->augment;
    const uint32_t *indices = trainer->sampler.indices;
    const size_t n = mlp_sampler_next(&trainer->sampler);
    if (distorts(trainer)) {
        augment->strength = strength;
        mlp_augment_load(augment, train, indices, n, trainer->examples, trainer->team);
        mlp_batch_load(&trainer->batch, &augment->set, NULL, 0, n, trainer->team);
        return n;
    }
    mlp_batch_load(&trainer->batch, train, indices, 0, n, trainer->team);
    if (train->compressed != NULL) { /* the first row of the batch after this one */
        const size_t next = mlp_dataset_image(train, mlp_sampler_peek(&trainer->sampler));
        mlp_row_prefetch(mlp_rows_at(train->compressed, next, 0));
    }
    return n;
}

/* The team for an update, or NULL if one thread is faster. From about this number of parameters on, the update of an
   optimizer with states is faster on all threads, even for a small batch (measured). */
static mlp_team *team_for_update(const mlp_trainer *trainer) {
    enum { MANY_PARAMETERS = 100000 };
    const mlp_network *net = trainer->net;
    if (net->arena > MANY_PARAMETERS && !mlp_optimizer_is_plain(&trainer->optimizer)) return trainer->team;
    return mlp_network_team(net, trainer->settings.batch_size, trainer->team);
}

/* The gradient of the batch, and the step of the optimizer. */
static void backward_and_step(mlp_trainer *trainer, double lr, mlp_team *team) {
    mlp_network *net = trainer->net;
    mlp_batch *batch = &trainer->batch;
    size_t updated = 0; /* the first so many parameters are updated by the backward pass */
    if (trainer->settings.numerical)
        mlp_numgrad_network(trainer->grads, &trainer->numgrad, batch, net, trainer->team);
    else if (mlp_optimizer_is_plain(&trainer->optimizer))
        updated = mlp_network_backward_update(trainer->grads, batch, net, lr, team);
    else
        mlp_network_backward(trainer->grads, batch, net, team);
    mlp_optimizer_step(&trainer->optimizer, updated, net->params, trainer->grads, lr, team);
}

/* One update; fills the event's loss and learning rate. */
static mlp_status update(mlp_trainer *trainer, mlp_event *event, mlp_error *err) {
    const mlp_train_settings *s = &trainer->settings;
    mlp_network *net = trainer->net;
    mlp_batch *batch = &trainer->batch;
    mlp_team *team = team_for_update(trainer);
    const size_t i = event->iteration;
    event->lr = mlp_schedule_rate(s->schedule, s->lr, i, s->iterations, s->warmup);

    trainer->examples += next_batch(trainer, mlp_schedule_strength(s->fade, i, s->iterations));
    mlp_batch_drop(batch, net, s->dropout, &trainer->dropout_rng);
    mlp_network_forward(batch, net, team);
    event->loss = mlp_batch_loss(batch);
    backward_and_step(trainer, event->lr, team);
    mlp_average_update(&trainer->average, net->params, i, trainer->team);

    if (s->loss_after && isfinite(event->loss)) {
        mlp_network_forward(batch, net, team);
        event->loss = mlp_batch_loss(batch);
    }
    return check_finite(event->loss, "batch", event, event->lr, err);
}

/* ---- evaluation ---- */

/* Exchanges the network's parameters and their average, if there is one. */
static void swap_average(mlp_trainer *trainer) {
    float *params = trainer->net->params;
    if (trainer->average.params == NULL) return;
    trainer->net->params = trainer->average.params;
    trainer->average.params = params;
}

/* Keeps the event as the result, unless early stopping has an earlier one with the same loss or a lower one. */
static void keep_result(mlp_trainer *trainer, const mlp_event *event) {
    const bool stops = trainer->settings.early_stop > 0;
    const bool first = trainer->result.train.n == 0;
    if (stops && !first && !(event->validation.loss < trainer->result.validation.loss)) {
        trainer->evals_since_best++;
        return;
    }
    trainer->result = *event;
    trainer->evals_since_best = 0;
    if (stops) memcpy(trainer->best_params, trainer->net->params, trainer->net->arena * sizeof(float));
}

/* Evaluates all datasets, on the average of the parameters if there is one. */
static mlp_status evaluate(mlp_trainer *trainer, mlp_event *event, mlp_error *err) {
    swap_average(trainer);
    event->train = mlp_evaluate(&trainer->evaluator, trainer->net, trainer->train, NULL);
    event->test = mlp_evaluate(&trainer->evaluator, trainer->net, trainer->test, NULL);
    if (trainer->validation != NULL)
        event->validation = mlp_evaluate(&trainer->evaluator, trainer->net, trainer->validation, NULL);
    keep_result(trainer, event);
    swap_average(trainer);
    return check_finite(event->train.loss, "train", event, trainer->settings.lr, err);
}

/* ---- the loop ---- */

bool mlp_trainer_done(const mlp_trainer *trainer) {
    const mlp_train_settings *s = &trainer->settings;
    const bool stopped_early = s->early_stop > 0 && trainer->evals_since_best >= s->early_stop;
    return trainer->begun && (trainer->iteration >= s->iterations || stopped_early);
}

/* Iteration 0 or the next update, then the evaluation if one is due. */
static mlp_status advance(mlp_trainer *trainer, mlp_event *event, mlp_error *err) {
    const mlp_train_settings *s = &trainer->settings;
    mlp_status status = MLP_OK;
    *event = (mlp_event){.loss = NAN, .lr = NAN};
    if (trainer->begun) {
        const double start = mlp_clock();
        event->iteration = trainer->iteration + 1;
        status = update(trainer, event, err);
        trainer->iteration++;
        trainer->seconds += mlp_clock() - start;
        event->batch = &trainer->batch;
    }
    trainer->begun = true;
    event->epoch = (double)trainer->iteration / (double)mlp_sampler_epoch(&trainer->sampler);
    event->examples = trainer->examples;
    event->seconds = trainer->seconds;
    MLP_TRY(status);
    const bool due = s->eval_every > 0 && trainer->iteration % s->eval_every == 0;
    return due || trainer->iteration == s->iterations ? evaluate(trainer, event, err) : MLP_OK;
}

/* Puts the parameters that are the result of the run into the network. */
static void install_result(mlp_trainer *trainer) {
    const float *params = trainer->settings.early_stop > 0 ? trainer->best_params : trainer->average.params;
    if (params != NULL) memcpy(trainer->net->params, params, trainer->net->arena * sizeof(float));
}

/* Whether `result` belongs to the weights that install_result puts into the network. */
static bool has_result(const mlp_trainer *trainer) {
    return trainer->result.train.n > 0 &&
           (trainer->settings.early_stop > 0 || trainer->result.iteration == trainer->iteration);
}

mlp_status mlp_trainer_run(mlp_trainer *trainer, mlp_observer observer, void *context, mlp_error *err) {
    mlp_event event = {.iteration = trainer->iteration, .loss = NAN, .lr = NAN};
    mlp_status status = MLP_OK;
    while (status == MLP_OK && !mlp_trainer_done(trainer)) {
        MLP_TRY(advance(trainer, &event, err));
        status = observer(context, &event, err);
    }
    if (status != MLP_OK && status != MLP_STOPPED) return status;
    if (!has_result(trainer)) /* stopped between two evaluations */
        MLP_TRY(evaluate(trainer, &event, err));
    install_result(trainer);
    return status;
}

/* trainer.c - the training loop. Knows no terminal, no CSV, no options. */
#include "mlp/train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/clock.h"
#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

mlp_status mlp_trainer_create(mlp_trainer *trainer, const mlp_train_settings *settings,
                              mlp_network *net, const mlp_dataset *train,
                              const mlp_dataset *validation, const mlp_dataset *test,
                              mlp_team *team, mlp_error *err) {
    trainer->settings = *settings;
    trainer->net = net;
    trainer->team = team;
    trainer->train = train;
    trainer->validation = validation;
    trainer->test = test;
    mlp_rng_seed(&trainer->dropout_rng, settings->seed, MLP_STREAM_DROPOUT);
    const size_t most = larger(larger(train->n, test->n), validation == NULL ? 0 : validation->n);
    mlp_status status = mlp_sampler_create(&trainer->sampler, settings->sampling, train->n,
                                           settings->batch_size, settings->seed, err);
    if (status == MLP_OK)
        status = mlp_optimizer_create(&trainer->optimizer, &settings->optimizer, net->arena, err);
    if (status == MLP_OK)
        status = mlp_evaluator_create(&trainer->evaluator, net, most, team, err);
    if (status == MLP_OK)
        status = mlp_batch_create(&trainer->batch, net, settings->batch_size, settings->dropout > 0,
                                  err);
    if (status == MLP_OK && mlp_augment_moves(&settings->augment))
        status = mlp_augment_create(&trainer->augment, &settings->augment, train,
                                    settings->batch_size, settings->seed, team, err);
    if (status == MLP_OK && settings->numerical)
        status = mlp_numgrad_create(&trainer->numgrad, net, settings->batch_size, err);
    if (status != MLP_OK)
        return status;
    trainer->batch.training = !settings->numerical;
    trainer->batch.smoothing = settings->label_smoothing;
    trainer->grads = mlp_alloc(net->arena, sizeof(float), "the gradient", err);
    trainer->best_params = mlp_alloc(settings->early_stop > 0 ? net->arena : 0, sizeof(float),
                                     "the best weights", err);
    trainer->average =
        mlp_alloc(settings->average > 0 ? net->arena : 0, sizeof(float), "the average", err);
    if (!trainer->grads || !trainer->best_params || !trainer->average)
        return MLP_ERR_MEMORY;
    if (settings->average > 0)
        memcpy(trainer->average, net->params, net->arena * sizeof(float));
    return MLP_OK;
}

void mlp_trainer_free(mlp_trainer *trainer) {
    mlp_sampler_free(&trainer->sampler);
    mlp_optimizer_free(&trainer->optimizer);
    mlp_augment_free(&trainer->augment);
    mlp_evaluator_free(&trainer->evaluator);
    mlp_batch_free(&trainer->batch);
    mlp_numgrad_free(&trainer->numgrad);
    free(trainer->grads);
    free(trainer->best_params);
    free(trainer->average);
    memset(trainer, 0, sizeof *trainer);
}

/* ---- the average ---- */

typedef struct average_job {
    float *average;
    const float *params;
    size_t n;
    float pace;
} average_job;

enum { PIECE = 16384 }; /* elementwise: any cut gives the same bits */

/* average += pace (params - average) */
MLP_CLONES static void move_towards(float *restrict average, const float *restrict params, size_t n,
                                    float pace) {
    for (size_t i = 0; i < n; i++)
        average[i] += pace * (params[i] - average[i]);
}

static void average_piece(void *context, size_t piece, int thread) {
    const average_job *job = context;
    const size_t first = piece * PIECE, left = job->n - first;
    (void)thread;
    move_towards(job->average + first, job->params + first, left < PIECE ? left : PIECE, job->pace);
}

/* After `iteration`: see MLP_AVERAGE_EVERY. */
static void move_average(mlp_trainer *trainer, size_t iteration) {
    const mlp_network *net = trainer->net;
    const double decay = trainer->settings.average;
    if (decay <= 0)
        return;
    if (iteration <= MLP_AVERAGE_EVERY) {
        memcpy(trainer->average, net->params, net->arena * sizeof(float));
    } else if (iteration % MLP_AVERAGE_EVERY == 0) {
        const size_t t = iteration / MLP_AVERAGE_EVERY;
        average_job job = {trainer->average, net->params, net->arena,
                           (float)((1 - decay) / (1 - pow(decay, (double)t)))};
        mlp_team_run(trainer->team, average_piece, &job, (job.n + PIECE - 1) / PIECE);
    }
}

/* ---- updates and evaluations ---- */

static mlp_status check_finite(double loss, const char *of, const mlp_event *event, double lr,
                               mlp_error *err) {
    if (isfinite(loss))
        return MLP_OK;
    return mlp_fail(err, MLP_ERR_NUMERIC,
                    "training diverged: the %s loss is %s at iteration %zu; lower the learning "
                    "rate (it was %g)",
                    of, isnan(loss) ? "not a number" : "infinite", event->iteration, lr);
}

/* Loads the sampler's next batch, distorted where that is asked for: an image as the number decides
   that it has among all drawn so far, times `strength`. Returns its size. */
static size_t next_batch(mlp_trainer *trainer, double strength) {
    mlp_augment *augment = &trainer->augment;
    const uint32_t *indices = trainer->sampler.indices;
    const size_t n = mlp_sampler_next(&trainer->sampler);
    if (!mlp_augment_moves(&trainer->settings.augment)) {
        mlp_batch_load(&trainer->batch, trainer->train, indices, 0, n, trainer->team);
        const size_t next = mlp_sampler_peek(&trainer->sampler);
        if (trainer->train->sparse != NULL)
            mlp_row_prefetch(
                mlp_rows_at(trainer->train->sparse, mlp_dataset_image(trainer->train, next)));
    } else {
        augment->strength = strength;
        mlp_augment_load(augment, trainer->train, indices, n, trainer->examples, trainer->team);
        mlp_batch_load(&trainer->batch, &augment->set, NULL, 0, n, trainer->team);
    }
    return n;
}

/* Parameters that keep several threads busy, however small the batch, where an optimizer visits all
   of them and their states. */
enum { MANY = 100000 };

/* One update on the sampler's next batch; fills the event's loss and learning rate. */
static mlp_status update(mlp_trainer *trainer, mlp_event *event, mlp_error *err) {
    const mlp_train_settings *s = &trainer->settings;
    mlp_network *net = trainer->net;
    mlp_batch *batch = &trainer->batch;
    mlp_team *team = net->arena > MANY && !mlp_optimizer_is_plain(&trainer->optimizer)
                         ? trainer->team
                         : mlp_network_team(net, s->batch_size, trainer->team);
    event->lr = mlp_schedule_rate(s->schedule, s->lr, event->iteration, s->iterations, s->warmup);

    const size_t n =
        next_batch(trainer, mlp_schedule_strength(s->fade, event->iteration, s->iterations));
    mlp_batch_drop(batch, net, s->dropout, &trainer->dropout_rng);
    mlp_network_forward(batch, net, team);
    event->loss = mlp_batch_loss(batch);
    size_t moved = 0;
    if (s->numerical)
        mlp_numgrad_network(trainer->grads, &trainer->numgrad, batch, net, trainer->team);
    else if (mlp_optimizer_is_plain(&trainer->optimizer))
        moved = mlp_network_backward_moving(trainer->grads, batch, net, event->lr, team);
    else
        mlp_network_backward(trainer->grads, batch, net, team);
    mlp_optimizer_step_from(&trainer->optimizer, moved, net->params, trainer->grads, event->lr,
                            team);
    move_average(trainer, event->iteration);

    if (s->loss_after && isfinite(event->loss)) {
        mlp_network_forward(batch, net, team);
        event->loss = mlp_batch_loss(batch);
    }
    trainer->examples += n;
    return check_finite(event->loss, "batch", event, event->lr, err);
}

/* Puts the average in the weights' place, and the weights back. */
static void swap_average(mlp_trainer *trainer) {
    if (trainer->settings.average <= 0)
        return;
    float *params = trainer->net->params;
    trainer->net->params = trainer->average;
    trainer->average = params;
}

/* Measures all sets and remembers the result, the best one with early stopping. */
static mlp_status evaluate(mlp_trainer *trainer, mlp_event *event, mlp_error *err) {
    swap_average(trainer);
    event->train = mlp_evaluate(&trainer->evaluator, trainer->net, trainer->train);
    event->test = mlp_evaluate(&trainer->evaluator, trainer->net, trainer->test);
    if (trainer->validation != NULL)
        event->validation = mlp_evaluate(&trainer->evaluator, trainer->net, trainer->validation);
    const bool first = trainer->result.train.n == 0;
    const bool better = event->validation.loss < trainer->result.validation.loss;
    if (trainer->settings.early_stop == 0 || first || better) {
        trainer->result = *event;
        trainer->evals_since_best = 0;
        if (trainer->settings.early_stop > 0)
            memcpy(trainer->best_params, trainer->net->params, trainer->net->arena * sizeof(float));
    } else {
        trainer->evals_since_best++;
    }
    swap_average(trainer);
    return check_finite(event->train.loss, "train", event, trainer->settings.lr, err);
}

bool mlp_trainer_done(const mlp_trainer *trainer) {
    const mlp_train_settings *s = &trainer->settings;
    const bool patient = s->early_stop == 0 || trainer->evals_since_best < s->early_stop;
    return trainer->begun && (trainer->iteration >= s->iterations || !patient);
}

/* The next iteration, and the evaluation that is due after it. */
static mlp_status advance(mlp_trainer *trainer, mlp_event *event, mlp_error *err) {
    const mlp_train_settings *s = &trainer->settings;
    *event = (mlp_event){.loss = NAN, .lr = NAN};
    mlp_status status = MLP_OK;
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
    const bool due = s->eval_every > 0 && trainer->iteration % s->eval_every == 0;
    if (status == MLP_OK && (due || trainer->iteration == s->iterations))
        status = evaluate(trainer, event, err);
    return status;
}

mlp_status mlp_trainer_run(mlp_trainer *trainer, mlp_observer observer, void *context,
                           mlp_error *err) {
    mlp_status status = MLP_OK;
    while (status == MLP_OK && !mlp_trainer_done(trainer)) {
        mlp_event event;
        status = advance(trainer, &event, err);
        if (status == MLP_OK)
            status = observer(context, &event, err);
        if (status == MLP_STOPPED && trainer->result.train.n == 0)
            evaluate(trainer, &event, err); /* a run that ends leaves a result */
    }
    const float *left = trainer->settings.early_stop > 0 ? trainer->best_params
                        : trainer->settings.average > 0  ? trainer->average
                                                         : NULL;
    if (left != NULL && (status == MLP_OK || status == MLP_STOPPED))
        memcpy(trainer->net->params, left, trainer->net->arena * sizeof(float));
    return status;
}

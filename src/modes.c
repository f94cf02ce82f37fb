/* modes.c - what the program can do: one function each, from a run's options to its output. */
#include "mlp/modes.h"

#include <stdlib.h>

#include "mlp/linalg.h"
#include "mlp/memory.h"
#include "mlp/numgrad.h"

static mlp_status prepare_training(mlp_run *run, mlp_error *err) {
    const mlp_status status = mlp_trainer_create(
        &run->trainer, &run->settings, &run->net, &run->train,
        run->validation.n > 0 ? &run->validation : NULL, &run->test, run->team, err);
    return status != MLP_OK ? status : mlp_linalg_check_room((int)run->options.threads, err);
}

static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    mlp_run *run = context;
    const mlp_status status = mlp_report_event(&run->report, event, err);
    return status == MLP_OK && *run->interrupted ? MLP_STOPPED : status;
}

static void train(mlp_run *run, mlp_error *err) {
    mlp_status status = mlp_run_open(run, err);
    if (status == MLP_OK)
        status = mlp_run_build(run, err);
    if (status == MLP_OK)
        status = prepare_training(run, err);
    if (status == MLP_OK)
        status = mlp_report_open(&run->report, &run->options, &run->settings, run->started, err);
    if (status == MLP_OK) {
        mlp_report_settings(&run->report, &run->net, &run->train, &run->validation, &run->test,
                            &run->paths);
        status = mlp_trainer_run(&run->trainer, observe, run, err);
        if (status == MLP_OK || *run->interrupted)
            mlp_report_result(&run->report, &run->trainer.result, err);
    }
    mlp_report_close(&run->report, err);
}

static void check_gradient(mlp_run *run, mlp_error *err) {
    mlp_gradient_check check;
    mlp_numgrad numerical = {0};
    mlp_batch batch = {0};
    float *grads = NULL;
    mlp_status status = mlp_run_open(run, err);
    if (status == MLP_OK)
        status = mlp_run_build(run, err);
    const size_t wanted = run->options.check_gradient;
    const size_t n = wanted < run->train.n ? wanted : run->train.n;
    if (status == MLP_OK)
        status = mlp_batch_create(&batch, &run->net, n, false, err);
    if (status == MLP_OK)
        status = mlp_numgrad_create(&numerical, &run->net, n, err);
    if (status == MLP_OK)
        status = mlp_linalg_check_room((int)run->options.threads, err);
    if (status == MLP_OK)
        grads = mlp_alloc(run->net.arena, sizeof *grads, "the gradient", err);
    if (grads != NULL) {
        mlp_batch_load(&batch, &run->train, NULL, 0, n, NULL);
        mlp_check_gradient(&check, grads, &numerical, &batch, &run->net, run->team);
        mlp_report_gradient_check(&check, n, err);
    }
    free(grads);
    mlp_numgrad_free(&numerical);
    mlp_batch_free(&batch);
}

void mlp_mode(mlp_run *run, mlp_error *err) {
    if (run->options.check_gradient > 0)
        check_gradient(run, err);
    else
        train(run, err);
}

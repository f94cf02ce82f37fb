/* modes.c - what the program can do: one function each, from a run's options to its output. */
#include "mlp/cli/modes.h"

#include <stdio.h>
#include <stdlib.h>

#include "mlp/base/memory.h"
#include "mlp/cli/judge.h"
#include "mlp/cli/options_rules.h"
#include "mlp/cli/predict.h"
#include "mlp/cli/resume.h"
#include "mlp/cli/samples.h"
#include "mlp/net/linalg.h"
#include "mlp/net/numgrad.h"
#include "mlp/train/loader.h"

static mlp_status prepare_training(mlp_run *run, mlp_error *err) {
    mlp_status status = mlp_trainer_create(&run->trainer, &run->settings, &run->net, &run->train,
                                           run->validation.n > 0 ? &run->validation : NULL,
                                           &run->test, run->team, err);
    if (status == MLP_OK)
        status = mlp_resume_prepare(run, err);
    return status != MLP_OK ? status : mlp_linalg_check_room((int)run->options.threads, err);
}

/* A table that nobody reads any more ends a run that leaves nothing else. */
static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    mlp_run *run = context;
    const bool leaves_files = run->options.save != NULL || run->options.export != NULL ||
                              run->options.confusion != NULL || run->options.checkpoint != NULL;
    const bool interrupted = *run->interrupted != 0; /* looked at once: it may come at any time */
    mlp_status status = mlp_report_event(&run->report, event, err);
    if (status == MLP_STOPPED && leaves_files)
        status = MLP_OK;
    if (status == MLP_OK)
        status = mlp_resume_write(run, interrupted, err);
    return status == MLP_OK && interrupted ? MLP_STOPPED : status;
}

static mlp_status write_confusion(mlp_run *run, mlp_error *err) {
    mlp_confusion confusion = {0};
    mlp_metrics metrics;
    mlp_status status = mlp_confusion_create(&confusion, &metrics, &run->trainer.evaluator,
                                             &run->net, &run->test, err);
    if (status == MLP_OK)
        status = mlp_judge_write(run->options.confusion, &confusion, err);
    mlp_confusion_free(&confusion);
    return status;
}

/* What the options ask to be left of the trained network, each whether or not the others fail. */
static void leave_files(mlp_run *run, mlp_error *err) {
    if (run->options.save != NULL && mlp_run_save(run, err) == MLP_OK)
        mlp_report_written(&run->report, run->options.save);
    if (run->options.export != NULL && mlp_run_export(run, err) == MLP_OK)
        mlp_report_written(&run->report, run->options.export);
    if (run->options.confusion != NULL && write_confusion(run, err) == MLP_OK)
        mlp_report_written(&run->report, run->options.confusion);
}

static void train(mlp_run *run, mlp_error *err) {
    const mlp_report_start *start = run->options.resume != NULL ? &run->resumed.start : NULL;
    mlp_status status = mlp_resume_open(run, err);
    if (status == MLP_OK)
        status = mlp_run_open(run, err);
    if (status == MLP_OK)
        status = mlp_run_build(run, err);
    if (status == MLP_OK)
        status = prepare_training(run, err);
    if (status == MLP_OK)
        status =
            mlp_report_open(&run->report, &run->options, &run->settings, start, run->started, err);
    if (status == MLP_OK) {
        run->catch_stops();
        mlp_report_warnings(&run->warnings);
        mlp_report_settings(&run->report, &run->net, &run->train, &run->validation, &run->test,
                            &run->paths);
        status = mlp_trainer_run(&run->trainer, observe, run, err);
        if (status == MLP_STOPPED && *run->interrupted)
            mlp_report_stopped(&run->report, *run->interrupted, run->trainer.iteration);
        if (status == MLP_OK || status == MLP_STOPPED)
            leave_files(run, err);
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
        batch.smoothing = run->settings.label_smoothing;
        mlp_batch_load(&batch, &run->train, NULL, 0, n, NULL);
        mlp_check_gradient(&check, grads, &numerical, &batch, &run->net, run->team);
        mlp_report_gradient_check(&check, n, err);
    }
    free(grads);
    mlp_numgrad_free(&numerical);
    mlp_batch_free(&batch);
}

static void convert(mlp_run *run, mlp_error *err) {
    if (mlp_run_convert(run, err) == MLP_OK && !run->options.quiet)
        fprintf(stderr, "written   %s\n", run->options.export);
}

void mlp_mode(mlp_run *run, mlp_error *err) {
    if (run->options.check_gradient > 0)
        check_gradient(run, err);
    else if (run->options.samples != NULL)
        mlp_samples(run, err);
    else if (run->options.predict != NULL)
        mlp_predict(run, err);
    else if (run->options.eval)
        mlp_judge(run, err);
    else if (mlp_options_convert(&run->options))
        convert(run, err);
    else
        train(run, err);
}

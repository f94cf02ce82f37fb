/* train.c - the training run: opens everything, trains, writes the files that the options ask for. */
#include "mlp/cli/train.h"

#include <math.h>
#include <string.h>

#include "mlp/cli/eval.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/page.h"
#include "mlp/cli/resume.h"
#include "mlp/cli/signals.h"
#include "mlp/data/checks.h"

static mlp_status prepare(mlp_run *run, mlp_error *err) {
    const mlp_report_start *start = run->options.resume != NULL ? &run->resumed.start : NULL;
    MLP_TRY(mlp_resume_open(run, err));
    MLP_TRY(mlp_run_open(run, err));
    MLP_TRY(mlp_run_build(run, err));
    MLP_TRY(mlp_trainer_create(&run->trainer, &run->settings, &run->net, &run->train,
                               run->validation.n > 0 ? &run->validation : NULL, &run->test, run->team, err));
    MLP_TRY(mlp_resume_prepare(run, err));
    MLP_TRY(mlp_blas_fit(run->net.blas, run->team, err));
    return mlp_report_open(&run->report, &run->options, &run->settings, start, run->started, err);
}

static bool writes_files(const mlp_options *o) {
    return o->save != NULL || o->export != NULL || o->confusion != NULL || o->report != NULL || o->checkpoint != NULL ||
           (o->csv != NULL && strcmp(o->csv, "-") != 0);
}

/* After each iteration: report, checkpoint. A failure to write ends the training like a signal
   does: the network is not lost. */
static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    mlp_run *run = context;
    if (event->iteration == 0 && event->train.n > 0) run->first_loss = event->train.loss;
    const bool interrupted = mlp_signals_stopped_by() != 0; /* read once: a signal may come at any time */
    if (run->history != NULL) mlp_history_event(run->history, event);
    mlp_status status = mlp_report_event(&run->report, event, err);
    if (status == MLP_STOPPED && writes_files(&run->options))
        status = MLP_OK; /* the reader of the table is gone, but the files are still needed */
    if (status == MLP_OK) status = mlp_resume_write(run, interrupted, err);
    if (status == MLP_ERR_NUMERIC) return status;
    return status != MLP_OK || interrupted ? MLP_STOPPED : MLP_OK;
}

static mlp_status write_confusion(mlp_run *run, mlp_error *err) {
    mlp_confusion confusion = {0};
    mlp_metrics metrics;
    mlp_status status = mlp_confusion_create(&confusion, &metrics, &run->trainer.evaluator, &run->net, &run->test, err);
    if (status == MLP_OK) status = mlp_confusion_write(run->options.confusion, &confusion, err);
    mlp_confusion_free(&confusion);
    return status;
}

/* Each file is written whether or not another one fails; a run that failed before only saves its
   network. Returns whether there is a result to print. */
static bool write_files(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const bool failed = err->status != MLP_OK;
    if (o->save != NULL && mlp_outputs_write(run, "network", o->save, mlp_outputs_save, err) == MLP_OK)
        mlp_report_written(&run->report, o->save);
    if (o->export != NULL && mlp_outputs_write(run, "network", o->export, mlp_outputs_export, err) == MLP_OK)
        mlp_report_written(&run->report, o->export);
    if (o->confusion != NULL && !failed && write_confusion(run, err) == MLP_OK)
        mlp_report_written(&run->report, o->confusion);
    if (o->report != NULL && !failed && mlp_page_write(run, &run->trainer.result.test, err) == MLP_OK)
        mlp_report_written(&run->report, o->report);
    return !failed || o->save != NULL || o->export != NULL;
}

/* The class that all test images are predicted as. Their matrix is only made if the accuracy is that of one class. */
static size_t find_only(mlp_run *run) {
    const mlp_dataset *test = &run->test;
    size_t of[MLP_MAX_CLASSES] = {0}, only = SIZE_MAX, k = 0;
    mlp_confusion confusion = {0};
    mlp_metrics metrics;
    for (size_t i = 0; i < test->n; i++) of[test->labels[i]]++;
    while (k < MLP_MAX_CLASSES && (of[k] == 0 || of[k] != run->trainer.result.test.correct)) k++;
    if (k == MLP_MAX_CLASSES || of[k] == test->n) return SIZE_MAX;
    if (mlp_confusion_create(&confusion, &metrics, &run->trainer.evaluator, &run->net, test, NULL) == MLP_OK)
        only = mlp_confusion_only(&confusion);
    mlp_confusion_free(&confusion);
    return only;
}

/* Warns of a result that cannot be meant, unless the run was so short that nothing else is to be expected. */
static void check_outcome(mlp_run *run) {
    enum { FEW = 200 };
    const mlp_options *o = &run->options;
    const mlp_event *result = &run->trainer.result;
    if (result->iteration < FEW || run->trainer.examples < run->train.n) return;
    const mlp_outcome outcome = {.train = &run->train,
                                 .test = &run->test,
                                 .first_loss = run->first_loss,
                                 .loss = result->train.loss,
                                 .train_accuracy = result->train.accuracy,
                                 .test_accuracy = result->test.accuracy,
                                 .only = find_only(run),
                                 .squared = strcmp(o->loss, "squared-error") == 0,
                                 .relu = strcmp(o->activation, "relu") == 0,
                                 .decays = o->weight_decay > 0};
    mlp_check_outcome(&outcome, &run->warnings);
}

void mlp_train(mlp_run *run, mlp_error *err) {
    run->first_loss = NAN;
    mlp_status status = prepare(run, err);
    if (status != MLP_OK) goto close;
    mlp_signals_catch();
    if (run->history != NULL) mlp_history_warnings(run->history, &run->warnings);
    mlp_report_warnings(&run->warnings);
    mlp_report_settings(&run->report, &run->net, &run->train, &run->validation, &run->test, &run->paths, run->team);
    if (run->options.resume != NULL && mlp_trainer_done(&run->trainer)) {
        mlp_report_complete(&run->report, &run->trainer);
        if (mlp_options_given(&run->options, "checkpoint")) mlp_resume_write(run, true, err);
    }
    status = mlp_trainer_run(&run->trainer, observe, run, err);
    if (status != MLP_OK && status != MLP_STOPPED) goto close;
    if (err->status == MLP_OK && !mlp_trainer_done(&run->trainer)) run->stopped_by = mlp_signals_stopped_by();
    if (run->stopped_by != 0) mlp_report_stopped(&run->report, run->stopped_by, run->trainer.iteration);
    if (err->status == MLP_OK) check_outcome(run);
    if (run->history != NULL) mlp_history_warnings(run->history, &run->warnings);
    if (write_files(run, err)) mlp_report_result(&run->report, &run->trainer.result, err);
close:
    mlp_report_close(&run->report, err);
}

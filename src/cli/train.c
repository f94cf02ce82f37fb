/* train.c - the training run: opens everything, trains, writes the files that the options ask for. */
#include "mlp/cli/train.h"

#include <math.h>
#include <string.h>

#include "mlp/cli/modes.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/page.h"
#include "mlp/cli/report.h"
#include "mlp/cli/settings.h"
#include "mlp/cli/signals.h"
#include "mlp/data/checks.h"

/* With replacement a batch may have an image several times, so any size makes sense. */
static void warn_of_batch(mlp_run *run) {
    const mlp_options *o = &run->options;
    if (mlp_options_given(o, "batch-size") && o->batch_size > run->train.n && strcmp(o->sampling, "shuffle") == 0)
        mlp_warn(&run->warnings,
                 "--batch-size: %zu, but with --sampling shuffle a batch has each of the %zu train images once; give "
                 "%zu or less, or --sampling replacement",
                 o->batch_size, run->train.n, run->train.n);
}

static mlp_status prepare(mlp_training *t, mlp_error *err) {
    mlp_run *run = t->run;
    MLP_TRY(mlp_resume_open(t, err));
    MLP_TRY(mlp_run_open(run, err));
    MLP_TRY(mlp_run_build(run, run->test.compressed != NULL, err));
    t->settings = mlp_settings(&run->options, run->train.n);
    warn_of_batch(run);
    MLP_TRY(mlp_trainer_create(&t->trainer, &t->settings, &run->net, &run->train,
                               run->validation.n > 0 ? &run->validation : NULL, &run->test, run->team, err));
    MLP_TRY(mlp_resume_prepare(t, err));
    MLP_TRY(mlp_blas_fit(run->net.blas, run->team, err));
    return mlp_report_open(t, err);
}

static bool writes_files(const mlp_options *o) {
    return o->save != NULL || o->export != NULL || o->confusion != NULL || o->report != NULL || o->weights != NULL ||
           o->mistakes != NULL || o->checkpoint != NULL || (o->csv != NULL && strcmp(o->csv, "-") != 0);
}

/* Called after each iteration: writes the report and the checkpoint. If writing fails, training ends as after a signal:
   the network is saved. */
static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    mlp_training *t = context;
    if (event->iteration == 0 && event->train.n > 0) t->first_loss = event->train.loss;
    const bool interrupted = mlp_signals_stopped_by() != 0; /* read once: a signal may come at any time */
    if (t->run->history != NULL) mlp_history_event(t->run->history, event);
    mlp_status status = mlp_report_event(t, event, err);
    if (status == MLP_STOPPED && writes_files(&t->run->options))
        status = MLP_OK; /* the reader of the table has closed it, but the files are still needed */
    if (status == MLP_OK) status = mlp_resume_write(t, interrupted, err);
    if (status == MLP_ERR_NUMERIC) return status;
    return status != MLP_OK || interrupted ? MLP_STOPPED : MLP_OK;
}

static mlp_status write_confusion(mlp_training *t, mlp_error *err) {
    const mlp_run *run = t->run;
    mlp_confusion confusion = {0};
    mlp_metrics metrics;
    mlp_status status = mlp_confusion_create(&confusion, &metrics, &t->trainer.evaluator, &run->net, &run->test, err);
    if (status == MLP_OK) status = mlp_outputs_confusion(run->options.confusion, &confusion, &run->names, err);
    mlp_confusion_free(&confusion);
    return status;
}

/* Each file is written whether or not another one fails; a run that failed before only saves its
   network. Returns whether there is a result to print. */
static bool write_files(mlp_training *t, mlp_error *err) {
    mlp_run *run = t->run;
    const mlp_options *o = &run->options;
    const bool failed = err->status != MLP_OK;
    if (o->save != NULL && mlp_outputs_write(run, mlp_outputs_save, "network", o->save, err) == MLP_OK)
        mlp_report_written(run, o->save);
    if (o->export != NULL && mlp_outputs_write(run, mlp_outputs_export, "network", o->export, err) == MLP_OK)
        mlp_report_written(run, o->export);
    if (o->confusion != NULL && !failed && write_confusion(t, err) == MLP_OK) mlp_report_written(run, o->confusion);
    if (o->report != NULL && !failed && mlp_page_write(run, &run->result.test, err) == MLP_OK)
        mlp_report_written(run, o->report);
    if (!failed) mlp_sheet_results(run, err);
    return !failed || o->save != NULL || o->export != NULL;
}

/* The class that all test images are predicted as, or SIZE_MAX. The confusion matrix is computed only if the accuracy
   is that of a single class. */
static size_t find_only(mlp_training *t) {
    const mlp_dataset *test = &t->run->test;
    size_t of[MLP_MAX_CLASSES] = {0}, only = SIZE_MAX, k = 0;
    mlp_confusion confusion = {0};
    mlp_metrics metrics;
    for (size_t i = 0; i < test->n; i++) of[test->labels[i]]++;
    while (k < MLP_MAX_CLASSES && (of[k] == 0 || of[k] != t->trainer.result.test.correct)) k++;
    if (k == MLP_MAX_CLASSES || of[k] == test->n) return SIZE_MAX;
    if (mlp_confusion_create(&confusion, &metrics, &t->trainer.evaluator, &t->run->net, test, NULL) == MLP_OK)
        only = mlp_confusion_only(&confusion);
    mlp_confusion_free(&confusion);
    return only;
}

/* Of the options that can keep a network from learning, one that the run has. */
static const char *advice_of(const mlp_training *t) {
    const mlp_options *o = &t->run->options;
    if (o->warmup > t->settings.iterations / 2) return ", or a lower --warmup";
    if (mlp_options_given(o, "init-std")) return ", or another --init-std";
    if (o->dropout > 0.5) return ", or a lower --dropout";
    if (o->weight_decay > 0.01) return ", or a lower --weight-decay";
    if (strcmp(o->augment, "none") != 0) return ", or weaker distortions (--samples shows them)";
    if (strcmp(o->activation, "relu") == 0)
        return ", or another --activation: units of relu that are 0 for every image stay so";
    return "";
}

/* Warns of a bad result, unless the run was too short for a better one. */
static void check_outcome(mlp_training *t) {
    enum { FEW = 200 };
    mlp_run *run = t->run;
    const mlp_options *o = &run->options;
    const mlp_event *result = &t->trainer.result;
    if (result->iteration < FEW || t->trainer.examples < run->train.n || run->odd_pixels) return;
    const mlp_outcome outcome = {.train = &run->train,
                                 .test = &run->test,
                                 .first_loss = t->first_loss,
                                 .loss = result->train.loss,
                                 .train_accuracy = result->train.accuracy,
                                 .test_accuracy = result->test.accuracy,
                                 .only = find_only(t),
                                 .squared = strcmp(o->loss, "squared-error") == 0,
                                 .advice = advice_of(t)};
    mlp_check_outcome(&outcome, &run->warnings);
}

static mlp_status train(mlp_training *t, mlp_error *err) {
    mlp_run *run = t->run;
    MLP_TRY(prepare(t, err));
    mlp_signals_catch();
    if (run->history != NULL) mlp_history_warnings(run->history, &run->warnings);
    mlp_report_warnings(&run->warnings);
    mlp_report_settings(t);
    if (run->options.resume != NULL && mlp_trainer_done(&t->trainer)) {
        mlp_report_complete(t);
        if (mlp_options_given(&run->options, "checkpoint")) mlp_resume_write(t, true, err);
    }
    const mlp_status status = mlp_trainer_run(&t->trainer, observe, t, err);
    if (status != MLP_OK && status != MLP_STOPPED) return status;
    mlp_progress_clear(&t->progress);
    run->result = t->trainer.result;
    run->made = t->trainer.iteration;
    if (err->status == MLP_OK && !mlp_trainer_done(&t->trainer)) run->stopped_by = mlp_signals_stopped_by();
    if (run->stopped_by != 0) mlp_report_stopped(t);
    if (err->status == MLP_OK) check_outcome(t);
    if (run->history != NULL) mlp_history_warnings(run->history, &run->warnings);
    const mlp_status printed = write_files(t, err) ? mlp_report_result(t, err) : status;
    mlp_report_warnings(&run->warnings);
    return printed;
}

void mlp_train(mlp_run *run, mlp_error *err) {
    mlp_training t = {.run = run, .first_loss = NAN};
    train(&t, err);
    mlp_report_close(&t, err);
    mlp_trainer_free(&t.trainer);
    mlp_checkpoint_free(&t.checkpoint);
    mlp_safetensors_free(&t.resumed);
}

/* resume.c - decides when checkpoints are written, and resumes a run. */
#include <string.h>

#include "mlp/cli/outputs.h"
#include "mlp/cli/settings.h"
#include "mlp/cli/train.h"

/* ---- reading ---- */

/* Takes the number of classes and the first layer from the checkpoint. */
static mlp_status adopt_network(mlp_training *t, mlp_error *err) {
    mlp_run *run = t->run;
    const mlp_safetensors *file = &t->resumed;
    const mlp_tensor *hidden = mlp_safetensors_find(file, "fc1.bias");
    const mlp_tensor *out = mlp_safetensors_find(file, "fc2.bias");
    const char *layer = mlp_safetensors_metadata(file, "first_layer");
    if (hidden == NULL || hidden->n_dims != 1 || hidden->dims[0] != run->options.hidden)
        return mlp_checkpoint_fail(run->options.resume, "its fc1.bias is not that of --hidden", err);
    if (out == NULL || out->n_dims != 1 || out->dims[0] < 1 || out->dims[0] > MLP_MAX_CLASSES)
        return mlp_checkpoint_fail(run->options.resume, "its fc2.bias is that of no classes", err);
    if (layer == NULL || (strcmp(layer, "dense") != 0 && strcmp(layer, "sparse") != 0))
        return mlp_checkpoint_fail(run->options.resume, "its first_layer is neither dense nor sparse", err);
    run->model.n_out = out->dims[0];
    run->model.first_layer = strcmp(layer, "dense") == 0 ? "dense" : "sparse";
    return MLP_OK;
}

mlp_status mlp_resume_open(mlp_training *t, mlp_error *err) {
    mlp_options *o = &t->run->options;
    const char *words;
    size_t n;
    if (o->resume == NULL) return MLP_OK;
    MLP_TRY(mlp_checkpoint_read(&t->resumed, &words, &n, o->resume, &t->run->warnings, err));
    MLP_TRY(mlp_options_resume(o, &t->then, words, n, err));
    return adopt_network(t, err);
}

/* Accepts a new number of iterations if the iterations that were made would have been the same with it. */
static mlp_status check_length(const mlp_training *t, mlp_error *err) {
    const mlp_options *o = &t->run->options;
    const size_t then = mlp_settings(&t->then, t->run->train.n).iterations;
    const size_t made = t->trainer.iteration, now = t->settings.iterations;
    const char *option = o->epochs > 0 ? "epochs" : "iters";
    if (made > then) return mlp_checkpoint_fail(o->resume, "its iteration is beyond the end of its run", err);
    if (now == then) return MLP_OK;
    if (now <= made)
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: %zu iterations, but the run of %s has made %zu; give more", option,
                        now, o->resume, made);
    if (mlp_augment_moves(&t->settings.augment) && o->fade > 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--%s: %zu iterations, but the distortions of %s fade at the end of %zu; leave it out", option,
                        now, o->resume, then);
    if (strcmp(o->lr_schedule, "constant") != 0)
        return mlp_fail(
            err, MLP_ERR_USAGE,
            "--%s: %zu iterations, but the learning rates of %s are those of a %s schedule over %zu; leave it out",
            option, now, o->resume, o->lr_schedule, then);
    return MLP_OK;
}

/* Refuses options that have an effect only in further iterations if there are none. With --resume auto they are
   accepted: they had an effect in an earlier start of the same command. */
static mlp_status check_ahead(const mlp_training *t, mlp_error *err) {
    const mlp_options *o = &t->run->options;
    if (o->resume == o->checkpoint) return MLP_OK;
    const size_t made = t->trainer.iteration;
    const bool traced = mlp_options_given(o, "trace") && o->trace <= made;
    const bool done = mlp_options_given(o, "checkpoint-every") && mlp_trainer_done(&t->trainer);
    if (!traced && !done) return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--%s: has no effect: the run of %s has made %zu iterations already; leave it out",
                    traced ? "trace" : "checkpoint-every", o->resume, made);
}

/* ---- the trainer ---- */

static mlp_status restore(mlp_training *t, mlp_error *err) {
    MLP_TRY(mlp_checkpoint_restore(&t->checkpoint, &t->trainer, &t->resumed, t->run->options.resume, err));
    MLP_TRY(check_length(t, err));
    return check_ahead(t, err);
}

/* Stores the names of the classes themselves, not the name of their file, because the file may change. */
static mlp_status store_options(mlp_checkpoint *c, const mlp_run *run, mlp_error *err) {
    mlp_options stored = run->options;
    mlp_strbuf list = {0};
    mlp_class_names_put_list(&list, &run->names);
    stored.class_names = list.at;
    const mlp_status status = list.failed ? mlp_fail_memory(err, "the names of the classes", list.n)
                                          : mlp_options_store(&c->words, &c->n_words, &stored, err);
    mlp_strbuf_free(&list);
    return status;
}

mlp_status mlp_resume_prepare(mlp_training *t, mlp_error *err) {
    const mlp_options *o = &t->run->options;
    mlp_checkpoint *c = &t->checkpoint;
    if (o->checkpoint == NULL && o->resume == NULL) return MLP_OK;
    MLP_TRY(mlp_checkpoint_create(c, &t->trainer, err));
    MLP_TRY(store_options(c, t->run, err));
    return o->resume != NULL ? restore(t, err) : MLP_OK;
}

/* ---- writing ---- */

static mlp_status write_checkpoint(void *context, const char *path, mlp_error *err) {
    mlp_training *t = context;
    return mlp_checkpoint_write(&t->checkpoint, &t->trainer, path, err);
}

mlp_status mlp_resume_write(mlp_training *t, bool ends, mlp_error *err) {
    const mlp_options *o = &t->run->options;
    const size_t every =
        o->checkpoint_every == MLP_EVERY_EPOCH ? mlp_sampler_epoch(&t->trainer.sampler) : o->checkpoint_every;
    const bool due = every > 0 && t->trainer.iteration % every == 0;
    if (o->checkpoint == NULL || !(due || ends || mlp_trainer_done(&t->trainer))) return MLP_OK;
    const mlp_status status = mlp_curve_sync(&t->csv, err);
    if (status != MLP_OK && status != MLP_STOPPED) /* MLP_STOPPED: the reader of the CSV has closed it */
        return status;
    t->checkpoint.csv = t->csv.mark;
    return mlp_outputs_write(t, write_checkpoint, "checkpoint", o->checkpoint, err);
}

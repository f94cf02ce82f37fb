/* checkpoint.c - writes and reads the state of a run. A file is refused if no run can have written it. */
#include "mlp/state/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mlp/base/memory.h"
#include "mlp/state/model.h"
#include "mlp/state/weights.h"

static const char *const set_names[3] = {"train", "validation", "test"};

/* ---- recognizing the data ---- */

/* CRC-32 of labels and up to 1000 images, in the order of the examples. */
static uint64_t crc_of_set(const mlp_dataset *set) {
    enum { SAMPLES = 1000 };
    const size_t step = set->n / SAMPLES | 1; /* odd, as in mlp_dataset_density */
    const size_t pixel = set->bytes != NULL ? 1 : sizeof *set->floats;
    const unsigned char *pixels = set->bytes != NULL ? set->bytes : (const unsigned char *)set->floats;
    uLong crc = 0;
    for (size_t s = 0; s < SAMPLES && s < set->n; s++) {
        const size_t image = mlp_dataset_image(set, s * step % set->n);
        crc = crc32_z(crc, pixels + image * set->n_pixels * pixel, set->n_pixels * pixel);
    }
    for (size_t i = 0; i < set->n; i++) crc = crc32_z(crc, &set->labels[mlp_dataset_image(set, i)], 1);
    return crc;
}

static mlp_status compare_data(const uint64_t then[3][5], const uint64_t now[3][5], const char *path, mlp_error *err) {
    for (size_t s = 0; s < 3; s++) {
        const uint64_t *a = then[s], *b = now[s];
        if (memcmp(a, b, 4 * sizeof *a) != 0)
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: was made with %" PRIu64 " %s images of %" PRIu64 " x %" PRIu64 " in %" PRIu64
                            " classes, but the data have %" PRIu64 " of %" PRIu64 " x %" PRIu64 " in %" PRIu64
                            "; name the data of that run with --data",
                            path, a[0], set_names[s], a[1], a[2], a[3], b[0], b[1], b[2], b[3]);
        if (a[4] != b[4])
            return mlp_fail(
                err, MLP_ERR_FORMAT,
                "%s: was made with other %s images or labels than these; name the data of that run with --data", path,
                set_names[s]);
    }
    return MLP_OK;
}

/* ---- the arenas ---- */

enum { MOST_ARENAS = 5 };
typedef struct arena {
    const char *prefix; /* of the names that its arrays have in the file */
    float *params;      /* NULL: this run has no such arena */
} arena;

/* Returns arena i of the trainer; its params are NULL after the last. */
static arena arena_of(const mlp_trainer *trainer, size_t i) {
    const arena all[MOST_ARENAS + 1] = {{"", trainer->net->params},
                                        {"optimizer.0.", trainer->optimizer.states[0]},
                                        {"optimizer.1.", trainer->optimizer.states[1]},
                                        {"average.", trainer->average.params},
                                        {"best.", trainer->best_params}};
    size_t a = 0;
    while (a < MOST_ARENAS && (all[a].params == NULL || i-- > 0)) a++;
    return all[a];
}

mlp_status mlp_checkpoint_create(mlp_checkpoint *checkpoint, const mlp_trainer *trainer, mlp_error *err) {
    const mlp_dataset *const sets[3] = {trainer->train, trainer->validation, trainer->test};
    for (size_t s = 0; s < 3; s++)
        if (sets[s] != NULL)
            memcpy(checkpoint->data[s],
                   (uint64_t[5]){sets[s]->n, sets[s]->rows, sets[s]->cols, sets[s]->n_classes, crc_of_set(sets[s])},
                   sizeof checkpoint->data[s]);
    while (arena_of(trainer, checkpoint->n_arenas).params != NULL) checkpoint->n_arenas++;
    checkpoint->n_params = mlp_network_count(trainer->net);
    checkpoint->n_order = trainer->sampler.order == NULL ? 0 : trainer->sampler.n;
    checkpoint->order = mlp_alloc(checkpoint->n_order, sizeof *checkpoint->order, "a checkpoint", err);
    checkpoint->arenas = mlp_alloc(checkpoint->n_params, checkpoint->n_arenas * sizeof(float), "a checkpoint", err);
    return checkpoint->order && checkpoint->arenas ? MLP_OK : MLP_ERR_MEMORY;
}

void mlp_checkpoint_free(mlp_checkpoint *checkpoint) {
    if (checkpoint == NULL) return;
    free(checkpoint->words);
    free(checkpoint->order);
    free(checkpoint->arenas);
    *checkpoint = (mlp_checkpoint){0};
}

/* ---- the arrays of the file ---- */

/* The arrays of the file except the options, and their data in an mlp_checkpoint. */
enum { MOST_ARRAYS = 16 + MOST_ARENAS * MLP_N_BLOCKS };
typedef struct layout {
    size_t n;
    mlp_tensor tensors[MOST_ARRAYS];
    char names[MOST_ARRAYS][48]; /* names of the tensors */
    void *at[MOST_ARRAYS];       /* data of the tensors */
} layout;

static void add(layout *l, const char *prefix, mlp_tensor tensor, void *at) {
    snprintf(l->names[l->n], sizeof *l->names, "%s%s", prefix, tensor.name);
    tensor.name = l->names[l->n];
    tensor.data = l->at[l->n] = at;
    l->tensors[l->n++] = tensor;
}

static void lay_out(layout *l, mlp_checkpoint *c, const mlp_trainer *trainer) {
    add(l, "", (mlp_tensor){"data", MLP_U64, 2, {3, 5}, NULL},
        c->data); /* first: compared before the others are read */
    add(l, "", (mlp_tensor){"iteration", MLP_U64, 0, {0}, NULL}, &c->iteration);
    add(l, "", (mlp_tensor){"sampler.stream", MLP_U64, 1, {4}, NULL}, c->sampling);
    add(l, "", (mlp_tensor){"sampler.position", MLP_U64, 0, {0}, NULL}, &c->position);
    add(l, "", (mlp_tensor){"sampler.order", MLP_U32, 1, {c->n_order}, NULL}, c->order);
    add(l, "", (mlp_tensor){"dropout.stream", MLP_U64, 1, {4}, NULL}, c->dropout);
    add(l, "", (mlp_tensor){"csv.bytes", MLP_U64, 0, {0}, NULL}, &c->csv.bytes);
    add(l, "", (mlp_tensor){"csv.crc32", MLP_U32, 0, {0}, NULL}, &c->csv.crc);
    if (c->evaluated) {
        add(l, "evaluation.", (mlp_tensor){"iteration", MLP_U64, 0, {0}, NULL}, &c->evaluation);
        add(l, "evaluation.", (mlp_tensor){"waited", MLP_U64, 0, {0}, NULL}, &c->waited);
        add(l, "evaluation.", (mlp_tensor){"correct", MLP_U64, 1, {3}, NULL}, c->correct);
        add(l, "evaluation.", (mlp_tensor){"losses", MLP_F64, 1, {3}, NULL}, c->losses);
        add(l, "evaluation.", (mlp_tensor){"batch", MLP_F64, 1, {2}, NULL}, c->batch);
    }
    for (size_t i = 0; i < c->n_arenas; i++) { /* "average.fc1.weight" and so on */
        mlp_tensor tensors[MLP_N_BLOCKS];
        float *plain = c->arenas + i * c->n_params;
        mlp_weights_tensors(tensors, plain, trainer->net);
        for (int b = 0; b < MLP_N_BLOCKS; b++) {
            add(l, arena_of(trainer, i).prefix, tensors[b], plain);
            plain += mlp_tensor_bytes(&tensors[b]) / sizeof *plain;
        }
    }
}

/* ---- writing ---- */

/* trainer -> checkpoint */
static void take(mlp_checkpoint *c, const mlp_trainer *trainer) {
    const mlp_event *result = &trainer->result;
    const mlp_metrics *const metrics[3] = {&result->train, &result->validation, &result->test};
    c->iteration = trainer->iteration;
    memcpy(c->sampling, trainer->sampler.rng.s, sizeof c->sampling);
    memcpy(c->dropout, trainer->dropout_rng.s, sizeof c->dropout);
    c->position = trainer->sampler.position;
    if (c->n_order > 0) memcpy(c->order, trainer->sampler.order, c->n_order * sizeof *c->order);
    c->evaluated = result->train.n > 0;
    c->evaluation = result->iteration;
    c->waited = trainer->evals_since_best;
    for (size_t s = 0; s < 3; s++) {
        c->correct[s] = metrics[s]->correct;
        c->losses[s] = metrics[s]->loss;
    }
    c->batch[0] = result->loss;
    c->batch[1] = result->lr;
    for (size_t i = 0; i < c->n_arenas; i++)
        mlp_weights_get(c->arenas + i * c->n_params, arena_of(trainer, i).params, trainer->net);
}

/* A checkpoint with infinite or NaN weights could not be resumed, and would replace one that can. */
static mlp_status check_arenas(const mlp_checkpoint *c, mlp_error *err) {
    for (size_t i = 0; i < c->n_arenas * c->n_params; i++)
        if (!isfinite(c->arenas[i]))
            return mlp_fail(err, MLP_ERR_NUMERIC,
                            "training diverged: a weight is %s after iteration %llu; lower the learning rate",
                            isnan(c->arenas[i]) ? "not a number" : "infinite", (unsigned long long)c->iteration);
    return MLP_OK;
}

#define FORM "1" /* version of the file's arrays; other versions are refused */

mlp_status mlp_checkpoint_write(mlp_checkpoint *checkpoint, const mlp_trainer *trainer, const char *path,
                                mlp_error *err) {
    take(checkpoint, trainer);
    MLP_TRY(check_arenas(checkpoint, err));
    layout l = {0};
    lay_out(&l, checkpoint, trainer);
    add(&l, "", (mlp_tensor){"options", MLP_U8, 1, {checkpoint->n_words}, NULL}, checkpoint->words);
    const mlp_pair pairs[] = {
        {"format", "pt"}, /* PyTorch can read the weights too */
        {"checkpoint", FORM},
        {"program", "mlp-train " MLP_VERSION},
        {"blas", trainer->net->blas->name},
        {"first_layer", trainer->net->shape.sparse ? "sparse" : "dense"},
    };
    return mlp_safetensors_write(path, l.tensors, l.n, pairs, sizeof pairs / sizeof *pairs, err);
}

/* ---- reading ---- */

mlp_status mlp_checkpoint_fail(const char *path, const char *what, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is a damaged checkpoint: %s; use an older copy of it, or start again without --resume", path,
                    what);
}

mlp_status mlp_checkpoint_read(mlp_safetensors *file, const char **words, size_t *n_words, const char *path,
                               mlp_warnings *warnings, mlp_error *err) {
    MLP_TRY(mlp_safetensors_read(file, path, err));
    const char *form = mlp_safetensors_metadata(file, "checkpoint");
    const char *program = mlp_safetensors_metadata(file, "program");
    if (form == NULL || !mlp_model_is_ours(file))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a safetensors file, but no checkpoint; name one that --checkpoint wrote, or start from "
                        "this model with --load",
                        path);
    if (strcmp(form, FORM) != 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a checkpoint of %.32s, which mlp-train %s cannot read; resume it with that one", path,
                        program, MLP_VERSION);
    MLP_TRY(mlp_model_check_metadata(file, path, warnings, err));
    const mlp_tensor *options = mlp_safetensors_find(file, "options");
    if (options == NULL || options->dtype != MLP_U8 || options->n_dims != 1 || options->dims[0] == 0)
        return mlp_checkpoint_fail(path, "it has no options", err);
    *words = options->data;
    *n_words = options->dims[0];
    return (*words)[*n_words - 1] == '\0' ? MLP_OK : mlp_checkpoint_fail(path, "its options have no end", err);
}

/* Copies array i of the layout from the file to its place. */
static mlp_status read_array(const layout *l, size_t i, const mlp_safetensors *file, const char *path, mlp_error *err) {
    const mlp_tensor *wanted = &l->tensors[i], *found = mlp_safetensors_find(file, wanted->name);
    char what[512], shape[MLP_SHAPE_SIZE], expected[MLP_SHAPE_SIZE];
    snprintf(what, sizeof what, "it has no '%s'", wanted->name);
    if (found == NULL) return mlp_checkpoint_fail(path, what, err);
    snprintf(what, sizeof what, "'%s' is %s %s, where %s %s was expected", wanted->name, mlp_dtype_name(found->dtype),
             mlp_shape_text(shape, found->dims, found->n_dims), mlp_dtype_name(wanted->dtype),
             mlp_shape_text(expected, wanted->dims, wanted->n_dims));
    if (found->dtype != wanted->dtype || found->n_dims != wanted->n_dims ||
        memcmp(found->dims, wanted->dims, wanted->n_dims * sizeof *wanted->dims) != 0)
        return mlp_checkpoint_fail(path, what, err);
    if (mlp_tensor_bytes(found) > 0) memcpy(l->at[i], found->data, mlp_tensor_bytes(found));
    return MLP_OK;
}

/* Examples of a shuffled epoch that are drawn after `iteration`. */
static uint64_t position_after(const mlp_sampler *sampler, uint64_t iteration) {
    const uint64_t rest = iteration % mlp_sampler_epoch(sampler);
    if (sampler->sampling == MLP_SAMPLING_REPLACEMENT) return 0;
    return rest == 0 ? sampler->n : rest * sampler->batch_size;
}

static uint64_t examples_after(const mlp_sampler *sampler, uint64_t iteration) {
    const size_t epoch = mlp_sampler_epoch(sampler);
    if (sampler->sampling == MLP_SAMPLING_REPLACEMENT) return iteration * sampler->batch_size;
    return iteration / epoch * sampler->n + iteration % epoch * sampler->batch_size;
}

/* Returns a text about a value that no run can have written, or NULL. The data are already known to be the trainer's:
   data[s][0] examples. */
static const char *flaw_of_place(const mlp_checkpoint *c, const mlp_trainer *trainer) {
    const uint64_t most = (uint64_t)1 << 40; /* more iterations than an option can ask for */
    if (c->iteration > most) return "its iteration is beyond any run";
    if (c->position != position_after(&trainer->sampler, c->iteration))
        return "its sampler.position does not belong to its iteration";
    const uint64_t *s = c->sampling, *d = c->dropout; /* the state of xoshiro256++ is never all 0 */
    if ((s[0] | s[1] | s[2] | s[3]) == 0 || (d[0] | d[1] | d[2] | d[3]) == 0) return "a random stream is all zeros";
    if (c->csv.bytes > INT64_MAX || (c->csv.bytes == 0 && c->csv.crc != 0)) return "its csv.bytes are those of no file";
    return NULL;
}

static const char *flaw_of_evaluation(const mlp_checkpoint *c, const mlp_trainer *trainer) {
    const mlp_train_settings *s = &trainer->settings;
    if (!c->evaluated) return s->eval_every == 0 ? NULL : "it has no evaluation";
    if (c->evaluation > c->iteration) return "its evaluation is later than its iteration";
    if (c->waited > s->early_stop || c->waited > c->iteration - c->evaluation)
        return "its evaluation.waited is too large";
    for (size_t i = 0; i < 3; i++)
        if (c->correct[i] > c->data[i][0]) return "its evaluation.correct is more than there are examples";
    if (!isfinite(c->losses[0])) return "its evaluation.losses begin with one that is not finite";
    for (size_t i = 0; i < 2; i++)
        if (c->evaluation == 0 ? !isnan(c->batch[i]) : !isfinite(c->batch[i])) return "its evaluation.batch is none";
    return NULL;
}

static const char *flaw_of_arenas(const mlp_checkpoint *c, const mlp_trainer *trainer) {
    const size_t n = c->n_params;
    for (size_t i = 0; i < c->n_arenas * n; i++)
        if (!isfinite(c->arenas[i])) return "a weight or an optimizer's state is not finite";
    if (trainer->optimizer.settings.kind->n_states == 2) /* Adam: m, and v, which is a mean of squares */
        for (size_t i = 2 * n; i < 3 * n; i++)
            if (c->arenas[i] < 0) return "an optimizer's mean of squares is negative";
    return NULL;
}

static mlp_status check(const mlp_checkpoint *c, const mlp_trainer *trainer, const char *path, mlp_error *err) {
    const char *flaw = flaw_of_place(c, trainer);
    if (flaw == NULL) flaw = flaw_of_evaluation(c, trainer);
    if (flaw == NULL) flaw = flaw_of_arenas(c, trainer);
    if (flaw != NULL) return mlp_checkpoint_fail(path, flaw, err);
    unsigned char *seen = mlp_alloc(c->n_order, 1, "a checkpoint", err);
    if (seen == NULL) return MLP_ERR_MEMORY;
    bool whole = true;
    for (size_t i = 0; i < c->n_order && whole; i++) whole = c->order[i] < c->n_order && seen[c->order[i]]++ == 0;
    free(seen);
    return whole ? MLP_OK : mlp_checkpoint_fail(path, "its sampler.order does not hold every example once", err);
}

/* checkpoint -> trainer: the reverse of take */
static void give(mlp_trainer *trainer, mlp_checkpoint *c) {
    const double epoch = (double)mlp_sampler_epoch(&trainer->sampler);
    trainer->begun = true;
    trainer->iteration = c->iteration;
    trainer->examples = examples_after(&trainer->sampler, c->iteration);
    memcpy(trainer->sampler.rng.s, c->sampling, sizeof c->sampling);
    memcpy(trainer->dropout_rng.s, c->dropout, sizeof c->dropout);
    if (c->n_order > 0) {
        trainer->sampler.position = c->position;
        memcpy(trainer->sampler.order, c->order, c->n_order * sizeof *c->order);
    }
    trainer->optimizer.steps = c->iteration;
    for (size_t i = 0; i < c->n_arenas; i++) {
        mlp_tensor tensors[MLP_N_BLOCKS];
        mlp_weights_tensors(tensors, c->arenas + i * c->n_params, trainer->net);
        mlp_weights_set(arena_of(trainer, i).params, tensors, trainer->net);
    }
    if (!c->evaluated) return;
    mlp_event *result = &trainer->result;
    mlp_metrics *const metrics[3] = {&result->train, &result->validation, &result->test};
    *result = (mlp_event){.iteration = c->evaluation,
                          .epoch = (double)c->evaluation / epoch,
                          .loss = c->batch[0],
                          .lr = c->batch[1],
                          .examples = examples_after(&trainer->sampler, c->evaluation)};
    for (size_t s = 0; s < 3; s++)
        if (c->data[s][0] > 0) *metrics[s] = mlp_metrics_of(c->losses[s], c->correct[s], c->data[s][0]);
    trainer->evals_since_best = c->waited;
}

mlp_status mlp_checkpoint_restore(mlp_checkpoint *checkpoint, mlp_trainer *trainer, const mlp_safetensors *file,
                                  const char *path, mlp_error *err) {
    mlp_checkpoint *c = checkpoint;
    uint64_t now[3][5];
    memcpy(now, c->data, sizeof now);
    c->evaluated = mlp_safetensors_find(file, "evaluation.iteration") != NULL;
    layout l = {0};
    lay_out(&l, c, trainer);
    for (size_t i = 0; i < l.n; i++) {
        MLP_TRY(read_array(&l, i, file, path, err));
        if (i == 0) /* with other data the other arrays may differ too */
            MLP_TRY(compare_data(c->data, now, path, err));
    }
    if (file->n != l.n + 1) /* one more: the options */
        return mlp_checkpoint_fail(path, "it has unexpected arrays", err);
    MLP_TRY(check(c, trainer, path, err));
    give(trainer, c);
    return MLP_OK;
}

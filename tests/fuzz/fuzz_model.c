/* fuzz_model.c - safetensors files, and models: what was read must come back when it is written,
   and a model must be one that a network can be made of. */
#include <math.h>

#include "fuzz.h"
#include "header.h"
#include "mlp/base/memory.h"
#include "mlp/formats/safetensors.h"
#include "mlp/state/model.h"

/* A pipe holds this much, and no file need be synchronised. */
enum { MOST_WRITTEN = 32768 };

static void check(const mlp_safetensors *st, size_t size) {
    size_t bytes = 0;
    for (size_t i = 0; i < st->n; i++) {
        const mlp_tensor *t = &st->tensors[i];
        char shape[MLP_SHAPE_SIZE];
        PROMISE(t->n_dims <= MLP_TENSOR_DIMS && t->dtype < MLP_N_DTYPES);
        PROMISE((const unsigned char *)t->data == st->data + bytes);
        bytes += mlp_tensor_bytes(t);
        PROMISE(mlp_safetensors_find(st, t->name) == t);
        PROMISE(strlen(mlp_shape_text(shape, t->dims, t->n_dims)) < sizeof shape);
    }
    PROMISE(bytes <= size);
    for (size_t i = 0; i < st->n_pairs; i++)
        PROMISE(mlp_safetensors_metadata(st, st->pairs[i].key) == st->pairs[i].value);
}

static const mlp_tensor *must_find(const mlp_safetensors *st, const mlp_tensor *like) {
    const mlp_tensor *t = mlp_safetensors_find(st, like->name);
    PROMISE(t != NULL && t->dtype == like->dtype && t->n_dims == like->n_dims);
    PROMISE(memcmp(t->dims, like->dims, t->n_dims * sizeof *t->dims) == 0);
    PROMISE(mlp_tensor_bytes(t) == 0 || memcmp(t->data, like->data, mlp_tensor_bytes(t)) == 0);
    return t;
}

/* Writes it and reads that; the two must hold the same. */
static void write_and_read(const mlp_safetensors *st) {
    static int ends[2];
    if (ends[0] == 0) PROMISE(pipe(ends) == 0);
    char path[32];
    mlp_error err = {0};
    uint8_t written[4 * MOST_WRITTEN];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    PROMISE(mlp_safetensors_write(path, st->tensors, st->n, st->pairs, st->n_pairs, &err) == MLP_OK);
    const ssize_t n = read(ends[0], written, sizeof written);
    PROMISE(n > 8 && n < (ssize_t)sizeof written);

    mlp_safetensors again = {0};
    PROMISE(mlp_safetensors_read(&again, fuzz_path(1, written, (size_t)n), &err) == MLP_OK);
    PROMISE(again.n == st->n && again.n_pairs == st->n_pairs);
    for (size_t i = 0; i < st->n; i++) must_find(&again, &st->tensors[i]);
    for (size_t i = 0; i < st->n_pairs; i++) {
        PROMISE(strcmp(again.pairs[i].key, st->pairs[i].key) == 0);
        PROMISE(strcmp(again.pairs[i].value, st->pairs[i].value) == 0);
    }
    mlp_safetensors_free(&again);
}

static void use(const mlp_model *model) {
    mlp_network net = {0};
    mlp_error err = {0};
    const mlp_activation *activation = model->activation != NULL ? model->activation : mlp_activation_find("relu");
    const mlp_loss *loss = model->loss != NULL ? model->loss : mlp_loss_find("cross-entropy");
    PROMISE(model->n_in > 0 && model->n_hidden > 0 && model->n_out > 0);
    PROMISE(model->rows * model->cols == model->n_in);
    if (mlp_network_create(&net, (mlp_shape){model->n_in, model->n_hidden, model->n_out, false}, activation, loss,
                           &err) == MLP_OK) {
        mlp_model_copy(&net, model);
        for (size_t i = 0; i < net.arena; i++) PROMISE(isfinite(net.params[i]));
    }
    mlp_network_free(&net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path(0, data, size);
    mlp_safetensors st = {0};
    mlp_model model = {0};
    mlp_error err = {0};
    mlp_status status = mlp_safetensors_read(&st, path, &err);
    promise_message(status, &err);
    if (status == MLP_OK) {
        check(&st, size);
        if (size <= MOST_WRITTEN) write_and_read(&st);
    }
    mlp_safetensors_free(&st);
    if (status == MLP_OK) {
        status = mlp_model_read(&model, path, NULL, &err);
        promise_message(status, &err);
        if (status == MLP_OK) use(&model);
        mlp_model_free(&model);
    }
    return 0;
}

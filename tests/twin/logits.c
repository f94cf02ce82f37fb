/* logits.c - what the library makes of images with a model from a file: the logits, as
   little-endian floats [images x classes] on standard output. Other programs' logits are compared
   with them.

   logits MODEL IMAGES [ACTIVATION]     the last where the file does not say */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/net/propagation.h"
#include "mlp/state/model.h"
#include "mlp/train/loader.h"

static void die(const char *what, const char *which) {
    fprintf(stderr, "logits: %s: %s\n", what, which);
    exit(1);
}

/* The model with one class more, of which all weights and the bias are 0, and so the logit: the
   other logits are  log p_k - log p_last,  as the network really computes them. */
static mlp_status create_wider(mlp_network *wider, const mlp_model *model, const mlp_activation *activation,
                               mlp_error *err) {
    const bool sparse = model->first_layer != NULL && strcmp(model->first_layer, "sparse") == 0;
    const mlp_shape shape = {model->n_in, model->n_hidden, model->n_out, sparse};
    const mlp_shape more = {model->n_in, model->n_hidden, model->n_out + 1, sparse};
    const mlp_loss *loss = mlp_loss_find("cross-entropy");
    mlp_network net = {0};
    mlp_status status = mlp_network_create(&net, shape, activation, loss, err);
    if (status == MLP_OK) status = mlp_network_create(wider, more, activation, loss, err);
    if (status == MLP_OK) {
        mlp_model_copy(&net, model);
        for (int b = 0; b < MLP_N_BLOCKS; b++) {
            const mlp_block *from = &net.blocks[b], *to = &wider->blocks[b];
            for (size_t i = 0; i < from->rows * from->cols; i++)
                wider->params[mlp_block_index(to, i / from->cols * to->cols + i % from->cols)] =
                    net.params[mlp_block_index(from, i)];
        }
    }
    mlp_network_free(&net);
    return status;
}

/* logits [n x classes] of all images of the set, whose labels are overwritten: log p_k is what the
   loss of an image with the label k is, negative. */
static mlp_status find_logits(float *logits, const mlp_network *wider, const mlp_dataset *set, uint8_t *labels,
                              mlp_error *err) {
    const size_t n = set->n, classes = wider->shape.n_out - 1;
    double *log_p_last = mlp_alloc(n, sizeof *log_p_last, "log p", err);
    mlp_batch batch = {0};
    if (log_p_last == NULL || mlp_batch_create(&batch, wider, n, false, err) != MLP_OK) return MLP_ERR_MEMORY;
    for (size_t k = classes + 1; k-- > 0;) {
        memset(labels, (int)k, n);
        mlp_batch_load(&batch, set, NULL, 0, n, NULL);
        mlp_network_forward(&batch, wider, NULL);
        for (size_t i = 0; i < n; i++)
            if (k == classes)
                log_p_last[i] = -batch.losses[i];
            else
                logits[i * classes + k] = (float)(-batch.losses[i] - log_p_last[i]);
    }
    free(log_p_last);
    mlp_batch_free(&batch);
    return MLP_OK;
}

int main(int argc, char **argv) {
    mlp_error err = {0};
    mlp_model model = {0};
    mlp_idx images = {0};
    mlp_network wider = {0};
    if (argc < 3) die("usage", "logits MODEL IMAGES [ACTIVATION]");
    if (mlp_model_read(&model, argv[1], NULL, &err) != MLP_OK || mlp_idx_read(&images, argv[2], &err) != MLP_OK)
        die("cannot read", err.message);
    const mlp_activation *activation = argc > 3 ? mlp_activation_find(argv[3]) : model.activation;
    const size_t n = images.dims[0];
    uint8_t *labels = mlp_alloc(n, 1, "labels", &err);
    float *logits = mlp_alloc(n * model.n_out, sizeof *logits, "logits", &err);
    mlp_dataset set = {.n = n,
                       .n_pixels = images.dims[1] * images.dims[2],
                       .n_classes = model.n_out + 1,
                       .bytes = images.data,
                       .labels = labels};
    if (activation == NULL || images.type != MLP_IDX_U8 || set.n_pixels != model.n_in)
        die("do not go together", argv[1]);
    mlp_status status = create_wider(&wider, &model, activation, &err);
    if (status == MLP_OK && wider.shape.sparse) status = mlp_dataset_compress(&set, NULL, &err);
    if (status != MLP_OK || find_logits(logits, &wider, &set, labels, &err) != MLP_OK) die("failed", err.message);
    if (fwrite(logits, sizeof *logits, n * model.n_out, stdout) != n * model.n_out || fflush(stdout) != 0)
        die("cannot write", "standard output");
    free(labels);
    free(logits);
    set.bytes = NULL;
    mlp_dataset_free(&set);
    mlp_network_free(&wider);
    mlp_idx_free(&images);
    mlp_model_free(&model);
    return 0;
}

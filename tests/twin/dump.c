/* dump.c - trains through the library and writes down, as .npy files, what a twin in another
   language needs to do the same and to compare: initial weights, the examples of each batch, the
   first gradient, every loss, final weights. Knows no twin.

   dump IMAGES LABELS DIRECTORY NAME=VALUE ...     every setting of main's list must be there */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/train/trainer.h"

static void die(const char *what, const char *which) {
    fprintf(stderr, "dump: %s: %s\n", what, which);
    exit(1);
}

/* The value of argument "name=value". */
static const char *setting(char **args, const char *name) {
    const size_t length = strlen(name);
    for (; *args != NULL; args++)
        if (strncmp(*args, name, length) == 0 && (*args)[length] == '=') return *args + length + 1;
    die("missing setting", name);
    return NULL;
}

static double number(char **args, const char *name) { return strtod(setting(args, name), NULL); }

/* Writes directory/prefix_name.npy: a [rows x cols] array of little-endian elements `type`
   (version 1.0 of NumPy's format: magic, length of the header, header padded to 64 bytes). */
static void save(const char *directory, const char *prefix, const char *name, const char *type, const void *data,
                 size_t size, size_t rows, size_t cols) {
    char path[4096], header[128];
    snprintf(path, sizeof path, "%s/%s%s.npy", directory, prefix, name);
    memset(header, ' ', sizeof header);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10); /* 118 bytes follow */
    const int n =
        snprintf(header + 10, 117, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu, %zu)}", type, rows, cols);
    header[10 + n] = ' ';
    header[127] = '\n';
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(header, sizeof header, 1, file) != 1 ||
        fwrite(data, size, rows * cols, file) != rows * cols || fclose(file) != 0)
        die("cannot write", path);
}

/* The four blocks of an arena, without padding. */
static void save_blocks(const char *directory, const char *prefix, const mlp_network *net, const float *arena) {
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_block *block = &net->blocks[b];
        const size_t n = block->rows * block->cols;
        float *values = mlp_alloc(n, sizeof *values, block->name, NULL);
        if (values == NULL) die("no memory", block->name);
        for (size_t i = 0; i < n; i++) values[i] = arena[mlp_block_index(block, i)];
        save(directory, prefix, block->name, "<f4", values, sizeof *values, block->rows, block->cols);
        free(values);
    }
}

typedef struct record {
    const char *directory;
    const mlp_trainer *trainer;
    uint32_t *indices; /* [iterations x batch_size] */
    double *losses;    /* [iterations] */
} record;

static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    (void)err;
    const record *r = context;
    const mlp_trainer *t = r->trainer;
    if (event->iteration == 0) {
        save_blocks(r->directory, "initial_", t->net, t->net->params);
        return MLP_OK;
    }
    if (event->iteration == 1) save_blocks(r->directory, "gradient_", t->net, t->grads);
    const size_t i = event->iteration - 1, n = t->settings.batch_size;
    memcpy(r->indices + i * n, t->sampler.indices, n * sizeof *r->indices);
    r->losses[i] = event->loss;
    return MLP_OK;
}

int main(int argc, char **argv) {
    if (argc < 4) die("usage", "dump IMAGES LABELS DIRECTORY NAME=VALUE ...");
    char **args = argv + 4;
    const mlp_train_settings settings = {
        .iterations = (size_t)number(args, "iterations"),
        .batch_size = (size_t)number(args, "batch_size"),
        .lr = number(args, "lr"),
        .schedule = mlp_schedule_find("constant"),
        .sampling = MLP_SAMPLING_REPLACEMENT, /* all batches are full */
        .optimizer = {.kind = mlp_optimizer_find(setting(args, "optimizer")),
                      .momentum = number(args, "momentum"),
                      .beta1 = number(args, "beta1"),
                      .beta2 = number(args, "beta2"),
                      .epsilon = number(args, "epsilon"),
                      .weight_decay = number(args, "weight_decay")},
        .seed = (uint64_t)number(args, "seed"),
    };
    const mlp_activation *activation = mlp_activation_find(setting(args, "activation"));
    const mlp_loss *loss = mlp_loss_find(setting(args, "loss"));
    if (settings.optimizer.kind == NULL || activation == NULL || loss == NULL)
        die("unknown", "optimizer, activation or loss");

    mlp_dataset set = {0};
    mlp_network net = {0};
    mlp_trainer trainer = {0};
    mlp_error err = {0};
    mlp_rng rng;
    record r = {.directory = argv[3], .trainer = &trainer};
    mlp_rng_seed(&rng, settings.seed, MLP_STREAM_INIT);
    mlp_status status = mlp_dataset_open(&set, argv[1], argv[2], NULL, &err);
    const mlp_shape shape = {set.n_pixels, (size_t)number(args, "hidden"), set.n_classes, false};
    if (status == MLP_OK) status = mlp_network_create(&net, shape, activation, loss, &err);
    if (status == MLP_OK) {
        mlp_network_init(&net, mlp_init_find("normal"), number(args, "init_std"), &rng);
        status = mlp_trainer_create(&trainer, &settings, &net, &set, NULL, &set, NULL, &err);
    }
    r.indices = mlp_alloc(settings.iterations * settings.batch_size, sizeof *r.indices, "the batches", &err);
    r.losses = mlp_alloc(settings.iterations, sizeof *r.losses, "the losses", &err);
    if (status == MLP_OK && r.indices && r.losses) mlp_trainer_run(&trainer, observe, &r, &err);
    if (err.status != MLP_OK) die("failed", err.message);
    save(r.directory, "", "indices", "<u4", r.indices, sizeof *r.indices, settings.iterations, settings.batch_size);
    save(r.directory, "", "losses", "<f8", r.losses, sizeof *r.losses, settings.iterations, 1);
    save_blocks(r.directory, "final_", &net, net.params);
    free(r.indices);
    free(r.losses);
    mlp_trainer_free(&trainer);
    mlp_network_free(&net);
    mlp_dataset_free(&set);
    return 0;
}

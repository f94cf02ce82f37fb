/* model.h - a network as a safetensors file: its weights (weights.h) and, in the metadata, what is
   needed to use them. Knows no training. */
#pragma once

#include "mlp/base/strbuf.h"
#include "mlp/base/warnings.h"
#include "mlp/data/dataset.h"
#include "mlp/formats/safetensors.h"
#include "mlp/net/network.h"
#include "mlp/state/weights.h"
#include "mlp/train/metrics.h"

/* What a model's file says beside its weights. */
typedef struct mlp_about {
    size_t rows, cols;        /* of an image */
    bool bytes;               /* pixels are bytes, worth byte / 255; else numbers, worth what they are */
    const mlp_pixels *pixels; /* that it was trained on; NULL: not known */
    bool transposed;          /* the files of its images were */
    const char *program;      /* that wrote it: "mlp-train 1.0" */
    const char *options;      /* of the run; NULL, and what follows not known, where another made it */
    uint64_t seed;
    size_t iterations;       /* updates that made these weights */
    mlp_metrics train, test; /* of these weights; n 0: not measured */
} mlp_about;

/* The same, and what the network itself says, as texts: a file's __metadata__. */
enum { MLP_METADATA_MOST = 24 };
typedef struct mlp_metadata {
    mlp_pair pairs[MLP_METADATA_MOST];
    size_t n;
    mlp_strbuf text; /* what they point into */
} mlp_metadata;

/* Zero-initialise; free whatever the result. */
mlp_status mlp_metadata_create(mlp_metadata *metadata, const mlp_network *net, const mlp_about *about, mlp_error *err);
void mlp_metadata_free(mlp_metadata *metadata);

/* Writes the file `path` atomically. The same weights and pairs make the same bytes. */
mlp_status mlp_model_write(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                           mlp_error *err);

/* A model's file in memory. What it does not say is NULL: PyTorch's own writer says nothing. */
typedef struct mlp_model {
    const char *name; /* for messages */
    size_t n_in, n_hidden, n_out;
    size_t rows, cols; /* of an image; where the file does not say: a square, or else one row */
    bool bytes;        /* as in mlp_about; true where the file does not say */
    bool has_pixels, transposed;
    mlp_pixels pixels;            /* that it was trained on: as they are given to the network here */
    double pixel_mean, pixel_std; /* 0 and 1, or of the caller: the file's weights take (pixel - mean) / std */
    const mlp_activation *activation;
    const mlp_loss *loss;    /* that it was trained with */
    const char *first_layer; /* "dense" or "sparse", as it was trained */
    mlp_safetensors file;
    mlp_tensor tensors[MLP_N_BLOCKS]; /* of it: the weights */
} mlp_model;

/* Reads `path` ("-" is standard input). Refuses, by name, what is no such network: other arrays, other shapes and
   types (F16 and BF16 are converted, with a warning), numbers that are not finite, metadata that contradict the
   arrays, and checkpoints. Zero-initialise before; free whatever the result. */
mlp_status mlp_model_read(mlp_model *model, const char *path, mlp_warnings *warnings, mlp_error *err);

/* Whether this program wrote it, a model or a checkpoint, rather than PyTorch. */
bool mlp_model_is_ours(const mlp_safetensors *file);

/* Refuses metadata that this program reads and that are no texts, but numbers, null ...; warns of others. */
mlp_status mlp_model_check_metadata(const mlp_safetensors *file, const char *name, mlp_warnings *warnings,
                                    mlp_error *err);

/* Refuses the images of `path` where the model says that it was trained on bytes, worth 0 to 1, and
   they are numbers beyond: what it would take them for means nothing. */
mlp_status mlp_model_check_pixels(const mlp_model *model, const mlp_dataset *images, const char *path, mlp_error *err);

bool mlp_model_is_scaled(const mlp_model *model); /* by the following */

/* Says that the file's weights take (pixel - mean) / std. mlp_model_copy then makes weights that take the pixel. */
void mlp_model_set_scale(mlp_model *model, double mean, double std);

/* Gives `net`, of the same numbers of inputs, hidden units and classes, the weights of the file. */
void mlp_model_copy(mlp_network *net, const mlp_model *model);

void mlp_model_free(mlp_model *model); /* NULL-safe; leaves *model zeroed */

/* model.h - writes and reads a network as a safetensors file: its weights (weights.h) and, in the metadata, what is
   needed to use them. Does not know the training. */
#pragma once

#include "mlp/data/class_names.h"
#include "mlp/data/dataset.h"
#include "mlp/formats/safetensors.h"
#include "mlp/net/network.h"
#include "mlp/state/weights.h"
#include "mlp/train/metrics.h"

/* What the metadata of a model say. */
typedef struct mlp_about {
    size_t rows, cols; /* of an image */
    bool bytes;        /* the files have bytes, and a pixel's value is byte / 255; false: the number is the value */
    const mlp_pixels *pixels;     /* the pixels that it was trained on; NULL: not known */
    bool transposed;              /* the images of its files were transposed */
    const mlp_class_names *names; /* NULL: none */
    const char *options; /* of the run; NULL if another program made the file: the members below are then not known */
    uint64_t seed;
    size_t iterations;       /* updates that made these weights */
    mlp_metrics train, test; /* measured on these weights; n 0: not measured */
} mlp_about;

#define MLP_CLASS_NAMES_KEY "class_names" /* key of the names in the metadata */

/* The same, with activation, loss and shape of the network, as texts: the __metadata__ of a file. */
enum { MLP_METADATA_MOST = 24 };
typedef struct mlp_metadata {
    mlp_pair pairs[MLP_METADATA_MOST];
    size_t n;
    mlp_strbuf text; /* the memory of the pairs' texts */
} mlp_metadata;

/* Zero-initialise; free whatever the result. */
mlp_status mlp_metadata_create(mlp_metadata *metadata, const mlp_network *net, const mlp_about *about, mlp_error *err);
void mlp_metadata_free(mlp_metadata *metadata);

/* Writes the file `path` atomically. The same weights and pairs make the same bytes. */
mlp_status mlp_model_write(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                           mlp_error *err);

/* A model's file in memory. Members that it has no metadata for are NULL: PyTorch's own writer writes no metadata. */
typedef struct mlp_model {
    const char *name; /* for messages */
    size_t n_in, n_hidden, n_out;
    size_t rows, cols; /* of an image; without metadata: a square if possible, else one row */
    bool bytes;        /* as in mlp_about; true without metadata */
    bool has_pixels, transposed;
    mlp_pixels pixels;            /* the pixels that it was trained on, scaled as mlp_model_copy scales them */
    double pixel_mean, pixel_std; /* the file's weights take (pixel - mean) / std; 0 and 1: pixel */
    double sure;                  /* least mean probability of its predictions for its test images; 0: not known */
    const mlp_activation *activation;
    const mlp_loss *loss;    /* the loss that it was trained with */
    const char *class_names; /* one on each line, not checked yet; NULL: none */
    const char *first_layer; /* "dense" or "sparse", as in its training */
    mlp_safetensors file;
    mlp_tensor tensors[MLP_N_BLOCKS]; /* the weights, in the memory of `file` */
} mlp_model;

/* Reads `path` ("-" is standard input). Refuses every other file and names the reason: other arrays, other shapes and
   types (F16 and BF16 are converted, with a warning), numbers that are not finite, metadata that contradict the arrays,
   and checkpoints. Zero-initialise before; free whatever the result. */
mlp_status mlp_model_read(mlp_model *model, const char *path, mlp_warnings *warnings, mlp_error *err);

/* Whether this program wrote it, a model or a checkpoint, rather than PyTorch. */
bool mlp_model_is_ours(const mlp_safetensors *file);

/* Refuses a value that is not a text (a number, null ...) if this program needs it; warns of the others. */
mlp_status mlp_model_check_metadata(const mlp_safetensors *file, const char *name, mlp_warnings *warnings,
                                    mlp_error *err);

/* Refuses the images of `path` if they have numbers outside 0 to 1 and the model was trained on bytes, whose values are
   0 to 1: the predictions would mean nothing. */
mlp_status mlp_model_check_pixels(const mlp_model *model, const mlp_dataset *images, const char *path, mlp_error *err);

bool mlp_model_is_scaled(const mlp_model *model); /* mean is not 0, or std not 1 */

/* Declares that the weights in the file take (pixel - mean) / std. mlp_model_copy then converts them to weights that
   take the pixel. */
void mlp_model_set_scale(mlp_model *model, double mean, double std);

/* Copies the weights of the file to `net`, which has the same numbers of inputs, hidden units and classes. */
void mlp_model_copy(mlp_network *net, const mlp_model *model);

void mlp_model_free(mlp_model *model); /* NULL-safe; leaves *model zeroed */

/* dataset.h - images with their labels, from IDX files. Pixels stay as the file has them until a batch is loaded. */
#pragma once

#include "mlp/base/rng.h"
#include "mlp/base/status.h"
#include "mlp/data/label.h"
#include "mlp/data/pixels.h"
#include "mlp/data/rows.h"
#include "mlp/formats/idx.h"
#include "mlp/formats/source.h"

/* The memory that mlp_dataset_free frees. Pixels and labels are in the IDX arrays as they were read, or in the
   converted copies. All members are empty in a part that mlp_dataset_split made. */
typedef struct mlp_dataset_memory {
    mlp_idx images, labels;
    float *floats;        /* [n x n_pixels] */
    uint8_t *label_bytes; /* [n] */
    uint32_t *order;      /* of both parts of a split */
    mlp_rows compressed;
} mlp_dataset_memory;

/* Zero-initialise; free with mlp_dataset_free whatever the result. An example is an image with its
   label. Example i is image i of the file, or after a split image order[i]. */
typedef struct mlp_dataset {
    size_t n;                   /* examples in use */
    size_t rows, cols;          /* size of an image; a file of vectors [n x d]: rows 1, cols d */
    size_t n_pixels;            /* rows * cols */
    size_t n_images;            /* in the file */
    size_t n_classes;           /* largest label of the file + 1 */
    mlp_pixels pixels;          /* range and mean of the pixels of the whole file */
    const uint8_t *bytes;       /* [images x n_pixels] the pixel value is byte / 255; or NULL */
    const float *floats;        /* [images x n_pixels] the pixel values of any other type; or NULL */
    const uint8_t *labels;      /* [images] */
    const mlp_rows *compressed; /* the images after mlp_dataset_compress, else NULL */
    const uint32_t *order;      /* [n] image numbers; NULL without a split */
    mlp_dataset_memory owned;
} mlp_dataset;

/* Reads images [n x rows x cols] or [n x d], and labels in the forms that mlp_labels_convert accepts. Checks that
   pixels are finite, labels are below MLP_MAX_CLASSES, and the counts agree. */
mlp_status mlp_dataset_open(mlp_dataset *set, const char *images_path, const char *labels_path, mlp_warnings *warnings,
                            mlp_error *err);

/* Reads images without labels (set->labels is NULL) from a source of which nothing was read yet. */
mlp_status mlp_dataset_read_images(mlp_dataset *set, mlp_source *source, mlp_error *err);

/* Exchanges the rows and columns of every image. Refuses vectors: their rows are not known. */
mlp_status mlp_dataset_transpose(mlp_dataset *set, const char *path, mlp_error *err);

/* Checks that a network trained on `train` can be tested on `test`: equal image size, no label
   above train's. The paths are for error messages. */
mlp_status mlp_dataset_match(const mlp_dataset *train, const mlp_dataset *test, const char *test_images_path,
                             const char *test_labels_path, mlp_error *err);

/* Uses only the first `n` examples, or all if there are fewer. n > 0. */
void mlp_dataset_limit(mlp_dataset *set, size_t n);

/* Moves round(fraction * n) random examples from `train` to `part`; at least one is moved and at least one stays.
   `part` shares the memory of `train` and must be freed first. Both keep the order of the file. 0 < fraction < 1;
   `train` must not be the result of a split. */
mlp_status mlp_dataset_split(mlp_dataset *train, mlp_dataset *part, double fraction, mlp_rng *rng, mlp_error *err);

/* The fraction of nonzero pixels, estimated from up to 1000 images. */
double mlp_dataset_density(const mlp_dataset *set);

/* Sets set->compressed. The pixels must be bytes, and the set must not be split before. Afterwards *set must not be
   moved or copied, except by mlp_dataset_split. */
mlp_status mlp_dataset_compress(mlp_dataset *set, mlp_team *team, mlp_error *err);

/* The image number of example i. */
static inline size_t mlp_dataset_image(const mlp_dataset *set, size_t i) {
    return set->order == NULL ? i : set->order[i];
}

/* Pixel i of all images as a grey level for display: a byte as it is, other numbers from 0..1 to 0..255. */
uint8_t mlp_dataset_grey(const mlp_dataset *set, size_t i);

/* Copies pixels to x [n x n_pixels], with rows `stride` floats apart, and labels to labels [n]: of the examples
   indices[0 .. n), or first, first + 1 … if `indices` is NULL. */
void mlp_dataset_gather(float *x, size_t stride, uint8_t *labels, const mlp_dataset *set, const uint32_t *indices,
                        size_t first, size_t n);

void mlp_dataset_free(mlp_dataset *set); /* NULL-safe; leaves *set zeroed */

/* dataset.h - images and the labels that belong to them. Pixels stay as the file holds them until
   a batch is gathered. Knows IDX arrays and their usual file names, not networks. */
#ifndef MLP_DATASET_H
#define MLP_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/rng.h"
#include "mlp/base/status.h"
#include "mlp/base/warnings.h"
#include "mlp/data/rows.h"
#include "mlp/formats/idx.h"
#include "mlp/formats/source.h"

enum { MLP_MAX_CLASSES = 256 };

/* Zero-initialise; free with mlp_dataset_free whatever the outcome. */
typedef struct mlp_dataset {
    size_t n;               /* examples in use */
    size_t rows, cols;      /* of one image; a file of vectors [n x d] has rows 1, cols d */
    size_t n_in;            /* rows * cols */
    size_t n_classes;       /* largest label in the whole file + 1 */
    const uint8_t *bytes;   /* [images x n_in] unsigned bytes, worth byte/255; or NULL */
    const float *values;    /* [images x n_in] any other type, worth what it is; or NULL */
    const uint8_t *labels;  /* [images] */
    const mlp_rows *sparse; /* the images compressed, where mlp_dataset_compress was called */
    const uint32_t *order;  /* [n] example i is image order[i]; NULL: example i is image i */
    /* what mlp_dataset_free gives back; all zero in a part that mlp_dataset_split cut off */
    mlp_idx images_file, labels_file;
    mlp_rows rows_memory;
    float *values_memory;
    uint8_t *labels_memory;
    uint32_t *order_memory;
} mlp_dataset;

/* The four files of a set, as found in a directory or named one by one. */
typedef struct mlp_dataset_paths {
    char *train_images, *train_labels, *test_images, *test_labels;
} mlp_dataset_paths;

/* Finds the four usual names in `dir`: X-idx3-ubyte or X.idx3-ubyte, each plain or .gz (the first
   that exists, in the order plain dash, gz dash, plain dot, gz dot). A member of `paths` that is
   already set (by malloc) stays; the others are allocated, those of the test set alone if
   `test_only`. `err` names the directory and the missing file. Free with mlp_dataset_paths_free
   whatever the outcome. */
mlp_status mlp_dataset_find(mlp_dataset_paths *paths, const char *dir, bool test_only,
                            mlp_error *err);
void mlp_dataset_paths_free(mlp_dataset_paths *paths);

/* Reads images [n x rows x cols] or [n x d] and labels [n], or column 0 of labels [n x columns];
   checks that they belong together. */
mlp_status mlp_dataset_open(mlp_dataset *set, const char *images_path, const char *labels_path,
                            mlp_warnings *warnings, mlp_error *err);

/* Reads images alone, all of them, from a source of which no byte was taken yet; labels stay NULL.
 */
mlp_status mlp_dataset_read_images(mlp_dataset *set, mlp_source *source, mlp_warnings *warnings,
                                   mlp_error *err);

/* Checks that `test` can be judged by what `train` teaches: the same image size, no label beyond
   train's classes. The paths are for the message. */
mlp_status mlp_dataset_match(const mlp_dataset *train, const mlp_dataset *test,
                             const char *test_images_path, const char *test_labels_path,
                             mlp_error *err);

/* Keeps the first `n` examples (no effect when there are not more). n > 0. */
void mlp_dataset_limit(mlp_dataset *set, size_t n);

/* Cuts round(fraction * n) examples (at least one, and at least one stays), drawn by `rng`, off
   `train` into `part`, which shares train's memory and must be freed before it. Both parts keep
   the order of the file. 0 < fraction < 1; `train` must not have been split before. */
mlp_status mlp_dataset_split(mlp_dataset *train, mlp_dataset *part, double fraction, mlp_rng *rng,
                             mlp_error *err);

/* The fraction of pixels that are not zero, from up to 1000 images spread over the set. */
double mlp_dataset_density(const mlp_dataset *set);

/* Makes set->sparse. The set must hold bytes, at most MLP_SPARSE_COLUMNS an image, and be whole:
   call it before mlp_dataset_split, not on a part. From then on *set must stay where it is. */
mlp_status mlp_dataset_compress(mlp_dataset *set, mlp_team *team, mlp_error *err);

/* The image that is example i. */
static inline size_t mlp_dataset_image(const mlp_dataset *set, size_t i) {
    return set->order == NULL ? i : set->order[i];
}

/* x[b][i] = pixel i of example indices[b]   [n x n_in], rows `stride` floats apart; labels [n].
   indices NULL: examples first, first + 1 … */
void mlp_dataset_gather(float *x, size_t stride, uint8_t *labels, const mlp_dataset *set,
                        const uint32_t *indices, size_t first, size_t n);

void mlp_dataset_free(mlp_dataset *set); /* NULL-safe; leaves *set zeroed */

#endif

/* dataset.c - reads, checks, limits, splits and gathers images with labels. */
#include "mlp/data/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

/* ---- reading the files ---- */

/* Sets the sizes from the images array. */
static mlp_status set_shape(mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_idx *file = &set->owned.images;
    char shape[MLP_SHAPE_SIZE];
    mlp_shape_text(shape, file->dims, file->n_dims);
    if (file->n_dims == 1)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds %s, as labels do, where images [n x rows x columns] or [n x pixels] were expected; "
                        "are the images and labels files swapped?",
                        path, shape);
    if (file->n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: holds %s, no %s; name a file with at least one image", path, shape,
                        file->dims[0] == 0 ? "images" : "pixels");
    /* n fits the 32-bit numbers of `order`: IDX dimensions have 32 bits. */
    set->n = set->n_images = file->dims[0];
    set->rows = file->n_dims == 3 ? file->dims[1] : 1;
    set->cols = file->n_dims == 3 ? file->dims[2] : file->dims[1];
    set->n_pixels = set->rows * set->cols;
    return MLP_OK;
}

/* Whether many numbers have a size that no pixel has: then their bytes are probably in the wrong order. */
static bool seem_swapped(const float *floats, size_t n) {
    size_t odd = 0;
    for (size_t i = 0; i < n; i++) {
        const double size = fabs((double)floats[i]);
        odd += floats[i] != 0 && !(size > 1e-20 && size < 1e20);
    }
    return odd > n / 100 && odd > 4;
}

static mlp_status check_finite(const mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_idx *file = &set->owned.images;
    for (size_t i = 0; i < file->n; i++)
        if (!isfinite(set->floats[i]))
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: pixel %zu of image %zu is %g, where a finite number (within float's range) was "
                            "expected; %s",
                            path, i % set->n_pixels, i / set->n_pixels, mlp_idx_element(file, i),
                            seem_swapped(set->floats, file->n)
                                ? "IDX is big-endian: write it again with the bytes swapped"
                                : "correct the data");
    return MLP_OK;
}

/* Sets `bytes` or `floats`, and `pixels`. Other types are converted to float, and the original is freed. */
static mlp_status convert_images(mlp_dataset *set, const char *path, mlp_error *err) {
    mlp_idx *file = &set->owned.images;
    const mlp_idx_type type = file->type;
    if (type == MLP_IDX_U8) {
        set->bytes = file->data;
    } else if (type == MLP_IDX_F32) {
        set->floats = file->data;
    } else {
        set->owned.floats = mlp_alloc_unset(file->n, sizeof(float), path, err);
        if (set->owned.floats == NULL) return MLP_ERR_MEMORY;
        for (size_t i = 0; i < file->n; i++) set->owned.floats[i] = (float)mlp_idx_element(file, i);
        set->floats = set->owned.floats;
    }
    if (set->floats != NULL) MLP_TRY(check_finite(set, path, err));
    if (set->owned.floats != NULL) mlp_idx_free(file);
    set->pixels = mlp_pixels_measure(type, set->bytes, set->floats, set->n, set->n_pixels);
    return MLP_OK;
}

/* Checks the labels array: integers, [n] or [n x columns]. */
static mlp_status check_labels(const mlp_dataset *set, const char *path, const char *images_path, mlp_error *err) {
    const mlp_idx *file = &set->owned.labels;
    char shape[MLP_SHAPE_SIZE];
    mlp_shape_text(shape, file->dims, file->n_dims);
    if (file->n_dims == 3)
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: holds %s, as images do, where labels [n] were expected; are the images and labels files swapped?",
            path, shape);
    if (file->dims[0] != set->n)
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: holds %zu labels for the %zu images of %s; name the two files of the same part (train or t10k)", path,
            file->dims[0], set->n, images_path);
    if (file->n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: holds %s, no labels; write one label for each image, [n]", path,
                        shape);
    return MLP_OK;
}

/* Sets `labels` and n_classes. */
static mlp_status convert_labels(mlp_dataset *set, const char *path, mlp_warnings *warnings, mlp_error *err) {
    mlp_idx *file = &set->owned.labels;
    if (file->type == MLP_IDX_U8 && file->n == set->n) {
        set->labels = file->data;
    } else {
        set->owned.label_bytes = mlp_alloc_unset(set->n, 1, path, err);
        if (set->owned.label_bytes == NULL) return MLP_ERR_MEMORY;
        MLP_TRY(mlp_labels_convert(set->owned.label_bytes, file, path, warnings, err));
        set->labels = set->owned.label_bytes;
        mlp_idx_free(file);
    }
    for (size_t i = 0; i < set->n; i++)
        if (set->n_classes <= set->labels[i]) set->n_classes = set->labels[i] + (size_t)1;
    return MLP_OK;
}

mlp_status mlp_dataset_read_images(mlp_dataset *set, mlp_source *source, mlp_error *err) {
    MLP_TRY(mlp_idx_read_source(&set->owned.images, source, err));
    MLP_TRY(set_shape(set, source->name, err));
    return convert_images(set, source->name, err);
}

mlp_status mlp_dataset_open(mlp_dataset *set, const char *images_path, const char *labels_path, mlp_warnings *warnings,
                            mlp_error *err) {
    MLP_TRY(mlp_idx_read(&set->owned.images, images_path, err));
    MLP_TRY(set_shape(set, images_path, err));
    MLP_TRY(mlp_idx_read(&set->owned.labels, labels_path, err));
    MLP_TRY(check_labels(set, labels_path, images_path, err));
    MLP_TRY(convert_images(set, images_path, err));
    return convert_labels(set, labels_path, warnings, err);
}

/* ---- transposed files ---- */

static void transpose_image(unsigned char *to, const unsigned char *from, size_t rows, size_t cols, size_t size) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++) memcpy(to + (c * rows + r) * size, from + (r * cols + c) * size, size);
}

mlp_status mlp_dataset_transpose(mlp_dataset *set, const char *path, mlp_error *err) {
    const bool are_bytes = set->bytes != NULL;
    const size_t size = are_bytes ? sizeof *set->bytes : sizeof *set->floats, image = set->n_pixels * size;
    const void *values = are_bytes ? (const void *)set->bytes : (const void *)set->floats;
    if (set->rows == 1 || set->cols == 1)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--transpose: %s holds vectors of %zu numbers, whose rows and columns are not known; write "
                        "images [n x rows x columns]",
                        path, set->n_pixels);
    unsigned char *to = mlp_alloc_unset(set->n_images, image, path, err);
    if (to == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < set->n_images; i++)
        transpose_image(to + i * image, (const unsigned char *)values + i * image, set->rows, set->cols, size);
    mlp_idx_free(&set->owned.images);
    free(set->owned.floats);
    set->owned.floats = NULL;
    set->owned.images.memory = to;
    set->bytes = are_bytes ? to : NULL;
    set->floats = are_bytes ? NULL : (const float *)(const void *)to;
    const size_t rows = set->rows;
    set->rows = set->cols;
    set->cols = rows;
    return MLP_OK;
}

/* ---- using a part of the examples ---- */

mlp_status mlp_dataset_match(const mlp_dataset *train, const mlp_dataset *test, const char *test_images_path,
                             const char *test_labels_path, mlp_error *err) {
    if (test->rows != train->rows || test->cols != train->cols)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds images of %zu x %zu pixels, but those to train on have %zu x %zu; name two parts of "
                        "the same set",
                        test_images_path, test->rows, test->cols, train->rows, train->cols);
    if (test->n_classes <= train->n_classes) return MLP_OK;
    size_t i = 0; /* such an example exists: n_classes is that of the whole file, whatever the limit on n */
    while (test->labels[i] < train->n_classes) i++;
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: label %zu is %d, but those to train on end at %zu; name two parts of the same set",
                    test_labels_path, i, test->labels[i], train->n_classes - 1);
}

void mlp_dataset_limit(mlp_dataset *set, size_t n) {
    assert(n > 0);
    if (n < set->n) set->n = n;
}

mlp_status mlp_dataset_split(mlp_dataset *train, mlp_dataset *part, double fraction, mlp_rng *rng, mlp_error *err) {
    assert(train->order == NULL && fraction > 0 && fraction < 1);
    const size_t n = train->n;
    if (n < 2) return mlp_fail(err, MLP_ERR_USAGE, "--validation: one example cannot be split in two; leave it out");
    uint32_t *order = mlp_alloc_unset(n, sizeof *order, "the split", err);
    if (order == NULL) return MLP_ERR_MEMORY;
    size_t n_part = (size_t)round(fraction * (double)n);
    n_part = n_part < 1 ? 1 : n_part > n - 1 ? n - 1 : n_part;
    /* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S): every subset of n_part is
       equally likely, and both parts keep the order of the file, in which memory is read fastest. */
    size_t drawn = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        if (mlp_rng_below(rng, n - i) < n_part - drawn)
            order[drawn++] = (uint32_t)i;
        else
            order[n_part + kept++] = (uint32_t)i;
    *part = *train;
    part->owned = (mlp_dataset_memory){0};
    part->order = order;
    part->n = n_part;
    train->owned.order = order;
    train->order = order + n_part;
    train->n = n - n_part;
    return MLP_OK;
}

/* ---- pixels ---- */

/* x[i] = bytes[i] / 255, rounded to nearest. A product with 1/255 would differ in the last bit for
   many bytes, and would not be faster: the loop waits for memory. */
static void scale_bytes(float *restrict x, const uint8_t *restrict bytes, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = (float)bytes[i] / 255.0F;
}

uint8_t mlp_dataset_grey(const mlp_dataset *set, size_t i) {
    return set->bytes != NULL ? set->bytes[i] : (uint8_t)lrintf(255 * fminf(fmaxf(set->floats[i], 0), 1));
}

void mlp_dataset_gather(float *x, size_t stride, uint8_t *labels, const mlp_dataset *set, const uint32_t *indices,
                        size_t first, size_t n) {
    for (size_t b = 0; b < n; b++) {
        const size_t example = indices != NULL ? indices[b] : first + b;
        const size_t image = mlp_dataset_image(set, example);
        float *row = x + b * stride;
        if (set->bytes != NULL)
            scale_bytes(row, set->bytes + image * set->n_pixels, set->n_pixels);
        else
            memcpy(row, set->floats + image * set->n_pixels, set->n_pixels * sizeof *row);
        labels[b] = set->labels[image];
    }
}

double mlp_dataset_density(const mlp_dataset *set) {
    const size_t sampled = set->n < 1000 ? set->n : 1000;
    const size_t step = set->n / sampled | 1; /* odd: MNIST's even-numbered images are lighter */
    size_t nonzero = 0;
    for (size_t s = 0; s < sampled; s++) {
        const size_t image = mlp_dataset_image(set, s * step % set->n) * set->n_pixels;
        for (size_t i = image; i < image + set->n_pixels; i++)
            nonzero += set->bytes != NULL ? set->bytes[i] != 0 : set->floats[i] != 0.0F;
    }
    return (double)nonzero / (double)(sampled * set->n_pixels);
}

mlp_status mlp_dataset_compress(mlp_dataset *set, mlp_team *team, mlp_error *err) {
    assert(set->bytes != NULL && set->order == NULL);
    set->compressed = &set->owned.compressed;
    return mlp_rows_create(&set->owned.compressed, set->bytes, set->n, set->n_pixels, team, err);
}

void mlp_dataset_free(mlp_dataset *set) {
    if (set == NULL) return;
    mlp_idx_free(&set->owned.images);
    mlp_idx_free(&set->owned.labels);
    MLP_FREE(set->owned.floats, set->owned.label_bytes, set->owned.order);
    mlp_rows_free(&set->owned.compressed);
    *set = (mlp_dataset){0};
}

/* dataset.c - finds, reads, checks, limits, splits and gathers images with labels. */
#include "mlp/data/dataset.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mlp/base/memory.h"

/* ---- finding the files ---- */

/* Allocates "dir/stem<separator>suffix". */
static char *join(const char *dir, const char *stem, char separator, const char *suffix) {
    const size_t size = strlen(dir) + 1 + strlen(stem) + 1 + strlen(suffix) + 1;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s%c%s", dir, stem, separator, suffix);
    return path;
}

static mlp_status fail_not_found(const char *dir, const char *stem, const char *kind,
                                 mlp_error *err) {
    struct stat info;
    if (stat(dir, &info) != 0)
        return mlp_fail(err, MLP_ERR_IO, "%s: no such directory", dir);
    if (!S_ISDIR(info.st_mode))
        return mlp_fail(err, MLP_ERR_IO, "%s: is not a directory", dir);
    return mlp_fail(err, MLP_ERR_IO, "%s: no %s-%s (nor .gz, nor %s.%s)", dir, stem, kind, stem,
                    kind);
}

/* Finds stem-kind or stem.kind in `dir`, plain or .gz. lstat: a symbolic link to a missing file is
   found too, so that the error of opening it names that file. */
static mlp_status find_one(char **found, const char *dir, const char *stem, const char *kind,
                           mlp_error *err) {
    for (int i = 0; i < 4; i++) {
        char suffix[32];
        snprintf(suffix, sizeof suffix, "%s%s", kind, i % 2 == 1 ? ".gz" : "");
        char *path = join(dir, stem, i < 2 ? '-' : '.', suffix);
        if (path == NULL)
            return mlp_fail_memory(err, dir, strlen(dir));
        struct stat info;
        if (lstat(path, &info) == 0) {
            *found = path;
            return MLP_OK;
        }
        if (errno != ENOENT && errno != ENOTDIR) {
            mlp_fail(err, MLP_ERR_IO, "%s: cannot be examined: %s; name a file that can be read",
                     path, strerror(errno));
            free(path);
            return MLP_ERR_IO;
        }
        free(path);
    }
    return fail_not_found(dir, stem, kind, err);
}

mlp_status mlp_dataset_find(mlp_dataset_paths *paths, const char *dir, bool test_only,
                            mlp_error *err) {
    const struct {
        char **path;
        const char *stem, *kind;
    } files[] = {{&paths->train_images, "train-images", "idx3-ubyte"},
                 {&paths->train_labels, "train-labels", "idx1-ubyte"},
                 {&paths->test_images, "t10k-images", "idx3-ubyte"},
                 {&paths->test_labels, "t10k-labels", "idx1-ubyte"}};
    for (size_t i = test_only ? 2 : 0; i < 4; i++)
        if (*files[i].path == NULL)
            MLP_TRY(find_one(files[i].path, dir, files[i].stem, files[i].kind, err));
    return MLP_OK;
}

void mlp_dataset_paths_free(mlp_dataset_paths *paths) {
    if (paths == NULL)
        return;
    free(paths->train_images);
    free(paths->train_labels);
    free(paths->test_images);
    free(paths->test_labels);
    *paths = (mlp_dataset_paths){0};
}

/* ---- reading the files ---- */

/* Element i of an array of any type. A double represents all of them exactly. */
static double element(const mlp_idx *array, size_t i) {
    switch (array->type) {
    case MLP_IDX_U8:
        return ((const uint8_t *)array->data)[i];
    case MLP_IDX_I8:
        return ((const int8_t *)array->data)[i];
    case MLP_IDX_I16:
        return ((const int16_t *)array->data)[i];
    case MLP_IDX_I32:
        return ((const int32_t *)array->data)[i];
    case MLP_IDX_F32:
        return (double)((const float *)array->data)[i];
    case MLP_IDX_F64:
        return ((const double *)array->data)[i];
    }
    return NAN; /* not reached: mlp_idx_read refuses other types */
}

static bool is_float(mlp_idx_type type) {
    return type == MLP_IDX_F32 || type == MLP_IDX_F64;
}

/* Sets the sizes from the images array. */
static mlp_status set_shape(mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_idx *file = &set->owned.images;
    char shape[MLP_IDX_SHAPE_SIZE];
    mlp_idx_shape(shape, file);
    if (file->n_dims == 1)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds %s, as labels do, where images [n x rows x columns] or [n x "
                        "pixels] were expected; are the images and labels files swapped?",
                        path, shape);
    if (file->n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds %s, no %s; name a file with at least one image", path, shape,
                        file->dims[0] == 0 ? "images" : "pixels");
    /* n fits the 32-bit numbers of `order`: IDX dimensions have 32 bits. */
    set->n = file->dims[0];
    set->rows = file->n_dims == 3 ? file->dims[1] : 1;
    set->cols = file->n_dims == 3 ? file->dims[2] : file->dims[1];
    set->n_pixels = set->rows * set->cols;
    return MLP_OK;
}

static mlp_status check_finite(const mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_idx *file = &set->owned.images;
    for (size_t i = 0; i < file->n; i++)
        if (!isfinite(set->floats[i]))
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: pixel %zu of image %zu is %g, where a finite number (within "
                            "float's range) was expected; correct the data",
                            path, i % set->n_pixels, i / set->n_pixels, element(file, i));
    return MLP_OK;
}

/* Sets `bytes` or `floats`. Other types are converted to float, and the original is freed. */
static mlp_status convert_images(mlp_dataset *set, const char *path, mlp_error *err) {
    mlp_idx *file = &set->owned.images;
    if (file->type == MLP_IDX_U8) {
        set->bytes = file->data;
        return MLP_OK;
    }
    if (file->type == MLP_IDX_F32) {
        set->floats = file->data;
        return check_finite(set, path, err);
    }
    set->owned.floats = mlp_alloc_unset(file->n, sizeof(float), path, err);
    if (set->owned.floats == NULL)
        return MLP_ERR_MEMORY;
    set->floats = set->owned.floats;
    for (size_t i = 0; i < file->n; i++)
        set->owned.floats[i] = (float)element(file, i);
    MLP_TRY(check_finite(set, path, err));
    mlp_idx_free(file);
    return MLP_OK;
}

/* Checks the labels array: integers, [n] or [n x columns]. */
static mlp_status check_labels(const mlp_dataset *set, const char *path, const char *images_path,
                               mlp_error *err) {
    const mlp_idx *file = &set->owned.labels;
    char shape[MLP_IDX_SHAPE_SIZE];
    mlp_idx_shape(shape, file);
    if (file->n_dims == 3)
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: holds %s, as images do, where labels [n] were expected; are the images "
            "and labels files swapped?",
            path, shape);
    if (is_float(file->type))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds floating-point numbers, where labels were expected; write the "
                        "labels as unsigned bytes",
                        path);
    if (file->dims[0] != set->n)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds %zu labels for the %zu images of %s; name the two files of the "
                        "same part (train or t10k)",
                        path, file->dims[0], set->n, images_path);
    if (file->n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds %s, no labels; write one label for each image, [n]", path,
                        shape);
    return MLP_OK;
}

/* Sets `labels` to column 0 of the labels array, and n_classes. */
static mlp_status convert_labels(mlp_dataset *set, const char *path, mlp_error *err) {
    mlp_idx *file = &set->owned.labels;
    const size_t columns = file->n / set->n;
    if (file->type == MLP_IDX_U8 && columns == 1) {
        set->labels = file->data;
    } else {
        set->owned.label_bytes = mlp_alloc_unset(set->n, 1, path, err);
        if (set->owned.label_bytes == NULL)
            return MLP_ERR_MEMORY;
        for (size_t i = 0; i < set->n; i++) {
            const double label = element(file, i * columns);
            if (label < 0 || label >= (double)MLP_MAX_CLASSES)
                return mlp_fail(err, MLP_ERR_FORMAT,
                                "%s: label %zu is %.0f, outside 0..%d; number the classes from 0",
                                path, i, label, MLP_MAX_CLASSES - 1);
            set->owned.label_bytes[i] = (uint8_t)label;
        }
        set->labels = set->owned.label_bytes;
        mlp_idx_free(file);
    }
    for (size_t i = 0; i < set->n; i++)
        if (set->n_classes <= set->labels[i])
            set->n_classes = set->labels[i] + (size_t)1;
    return MLP_OK;
}

static mlp_status read_images(mlp_dataset *set, mlp_source *source, mlp_error *err) {
    MLP_TRY(mlp_idx_read_source(&set->owned.images, source, err));
    MLP_TRY(set_shape(set, source->name, err));
    return convert_images(set, source->name, err);
}

static mlp_status read_both(mlp_dataset *set, const char *images_path, const char *labels_path,
                            mlp_error *err) {
    MLP_TRY(mlp_idx_read(&set->owned.images, images_path, err));
    MLP_TRY(set_shape(set, images_path, err));
    MLP_TRY(mlp_idx_read(&set->owned.labels, labels_path, err));
    MLP_TRY(check_labels(set, labels_path, images_path, err));
    MLP_TRY(convert_images(set, images_path, err));
    return convert_labels(set, labels_path, err);
}

mlp_status mlp_dataset_read_images(mlp_dataset *set, mlp_source *source, mlp_warnings *warnings,
                                   mlp_error *err) {
    (void)warnings;
    const mlp_status status = read_images(set, source, err);
    if (status != MLP_OK)
        mlp_dataset_free(set);
    return status;
}

mlp_status mlp_dataset_open(mlp_dataset *set, const char *images_path, const char *labels_path,
                            mlp_warnings *warnings, mlp_error *err) {
    (void)warnings;
    const mlp_status status = read_both(set, images_path, labels_path, err);
    if (status != MLP_OK)
        mlp_dataset_free(set);
    return status;
}

/* ---- using a part of the examples ---- */

mlp_status mlp_dataset_match(const mlp_dataset *train, const mlp_dataset *test,
                             const char *test_images_path, const char *test_labels_path,
                             mlp_error *err) {
    if (test->rows != train->rows || test->cols != train->cols)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds images of %zu x %zu pixels, but those to train on have %zu x "
                        "%zu; name two parts of the same set",
                        test_images_path, test->rows, test->cols, train->rows, train->cols);
    if (test->n_classes <= train->n_classes)
        return MLP_OK;
    size_t i = 0; /* finds one: n_classes is that of the whole file, whatever the limit on n */
    while (test->labels[i] < train->n_classes)
        i++;
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: label %zu is %d, but those to train on end at %zu; name two parts of the "
                    "same set",
                    test_labels_path, i, test->labels[i], train->n_classes - 1);
}

void mlp_dataset_limit(mlp_dataset *set, size_t n) {
    assert(n > 0);
    if (n < set->n)
        set->n = n;
}

mlp_status mlp_dataset_split(mlp_dataset *train, mlp_dataset *part, double fraction, mlp_rng *rng,
                             mlp_error *err) {
    assert(train->order == NULL && fraction > 0 && fraction < 1);
    const size_t n = train->n;
    if (n < 2)
        return mlp_fail(err, MLP_ERR_USAGE, "a single example cannot be split into two parts");
    uint32_t *order = mlp_alloc_unset(n, sizeof *order, "the split", err);
    if (order == NULL)
        return MLP_ERR_MEMORY;
    size_t n_part = (size_t)round(fraction * (double)n);
    n_part = n_part < 1 ? 1 : n_part > n - 1 ? n - 1 : n_part;
    /* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S): every subset
       of n_part is equally likely, and both parts keep the order of the file, which is the fast
       order to read memory in. */
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
    for (size_t i = 0; i < n; i++)
        x[i] = (float)bytes[i] / 255.0F;
}

void mlp_dataset_gather(float *x, size_t stride, uint8_t *labels, const mlp_dataset *set,
                        const uint32_t *indices, size_t first, size_t n) {
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
    if (set == NULL)
        return;
    mlp_idx_free(&set->owned.images);
    mlp_idx_free(&set->owned.labels);
    free(set->owned.floats);
    free(set->owned.label_bytes);
    free(set->owned.order);
    mlp_rows_free(&set->owned.compressed);
    *set = (mlp_dataset){0};
}

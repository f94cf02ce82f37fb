/* dataset.c - images and their labels from IDX arrays: found, checked, limited, split, gathered.
   Knows what a pixel is worth, not what is learnt from it. */
#include "mlp/data/dataset.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* Finds stem-kind or stem.kind in `dir`, plain or .gz. A link counts as there even when the file
   behind it is not: opening it then says what is missing. */
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
    mlp_status status = MLP_OK;
    for (size_t i = test_only ? 2 : 0; i < 4 && status == MLP_OK; i++)
        if (*files[i].path == NULL)
            status = find_one(files[i].path, dir, files[i].stem, files[i].kind, err);
    return status;
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

/* Element i of an array of any type: a double holds each of them exactly. */
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
    return NAN; /* no such type: idx lets none pass */
}

static bool is_float(mlp_idx_type type) {
    return type == MLP_IDX_F32 || type == MLP_IDX_F64;
}

/* Sets the shape of the images that were read. */
static mlp_status shape_images(mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_idx *file = &set->images_file;
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
    /* n fits the 32 bits of `order`: IDX counts it in as many. */
    set->n = file->dims[0];
    set->rows = file->n_dims == 3 ? file->dims[1] : 1;
    set->cols = file->n_dims == 3 ? file->dims[2] : file->dims[1];
    set->n_in = set->rows * set->cols;
    return MLP_OK;
}

static mlp_status check_finite(const mlp_dataset *set, const char *path, mlp_error *err) {
    const mlp_idx *file = &set->images_file;
    for (size_t i = 0; i < file->n; i++)
        if (!isfinite(set->values[i]))
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: pixel %zu of image %zu is %g, where a finite number (within "
                            "float's range) was expected; mend the data",
                            path, i % set->n_in, i / set->n_in, element(file, i));
    return MLP_OK;
}

/* Points set->bytes or set->values at the pixels. What is neither byte nor float becomes float,
   and its file's memory goes back. */
static mlp_status convert_images(mlp_dataset *set, const char *path, mlp_error *err) {
    mlp_idx *file = &set->images_file;
    if (file->type == MLP_IDX_U8) {
        set->bytes = file->data;
        return MLP_OK;
    }
    if (file->type == MLP_IDX_F32) {
        set->values = file->data;
        return check_finite(set, path, err);
    }
    if (file->n > SIZE_MAX / sizeof(float) ||
        (set->values_memory = malloc(file->n * sizeof(float))) == NULL)
        return mlp_fail_memory(err, path, (unsigned long long)file->n * sizeof(float));
    set->values = set->values_memory;
    for (size_t i = 0; i < file->n; i++)
        set->values_memory[i] = (float)element(file, i);
    const mlp_status status = check_finite(set, path, err);
    mlp_idx_free(file);
    return status;
}

/* Reads the labels file: integers, [n] or [n x columns]. */
static mlp_status read_labels(mlp_dataset *set, const char *path, const char *images_path,
                              mlp_error *err) {
    mlp_idx *file = &set->labels_file;
    const mlp_status status = mlp_idx_read(file, path, err);
    if (status != MLP_OK)
        return status;
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

/* Points set->labels at the classes, column 0 of the file, and counts them. */
static mlp_status convert_labels(mlp_dataset *set, const char *path, mlp_error *err) {
    mlp_idx *file = &set->labels_file;
    const size_t columns = file->n / set->n;
    if (file->type == MLP_IDX_U8 && columns == 1) {
        set->labels = file->data;
    } else {
        set->labels_memory = malloc(set->n);
        if (set->labels_memory == NULL)
            return mlp_fail_memory(err, path, set->n);
        for (size_t i = 0; i < set->n; i++) {
            const double label = element(file, i * columns);
            if (label < 0 || label >= MLP_MAX_CLASSES)
                return mlp_fail(err, MLP_ERR_FORMAT,
                                "%s: label %zu is %.0f, outside 0..%d; number the classes from 0",
                                path, i, label, MLP_MAX_CLASSES - 1);
            set->labels_memory[i] = (uint8_t)label;
        }
        set->labels = set->labels_memory;
        mlp_idx_free(file);
    }
    for (size_t i = 0; i < set->n; i++)
        if (set->n_classes <= set->labels[i])
            set->n_classes = set->labels[i] + (size_t)1;
    return MLP_OK;
}

mlp_status mlp_dataset_read_images(mlp_dataset *set, mlp_source *source, mlp_warnings *warnings,
                                   mlp_error *err) {
    (void)warnings;
    mlp_status status = mlp_idx_read_source(&set->images_file, source, err);
    if (status == MLP_OK)
        status = shape_images(set, source->name, err);
    if (status == MLP_OK)
        status = convert_images(set, source->name, err);
    if (status != MLP_OK)
        mlp_dataset_free(set);
    return status;
}

mlp_status mlp_dataset_open(mlp_dataset *set, const char *images_path, const char *labels_path,
                            mlp_warnings *warnings, mlp_error *err) {
    (void)warnings;
    mlp_status status = mlp_idx_read(&set->images_file, images_path, err);
    if (status == MLP_OK)
        status = shape_images(set, images_path, err);
    if (status == MLP_OK)
        status = read_labels(set, labels_path, images_path, err);
    if (status == MLP_OK)
        status = convert_images(set, images_path, err);
    if (status == MLP_OK)
        status = convert_labels(set, labels_path, err);
    if (status != MLP_OK)
        mlp_dataset_free(set);
    return status;
}

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
    size_t i = 0; /* a label that large is there, though perhaps beyond the limit set on test->n */
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
    uint32_t *order = malloc(n * sizeof *order);
    if (order == NULL)
        return mlp_fail_memory(err, "the split", (unsigned long long)n * sizeof *order);
    size_t n_part = (size_t)round(fraction * (double)n);
    n_part = n_part < 1 ? 1 : n_part > n - 1 ? n - 1 : n_part;
    /* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S): every subset
       of n_part is equally likely, and both parts stay in the order of the file, so that walking
       through them walks forward through memory. */
    size_t drawn = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        if (mlp_rng_below(rng, n - i) < n_part - drawn)
            order[drawn++] = (uint32_t)i;
        else
            order[n_part + kept++] = (uint32_t)i;
    *part = *train;
    part->images_file = part->labels_file = (mlp_idx){0};
    part->values_memory = NULL;
    part->labels_memory = NULL;
    part->rows_memory = (mlp_rows){0};
    part->order = order;
    part->n = n_part;
    train->order_memory = order;
    train->order = order + n_part;
    train->n = n - n_part;
    return MLP_OK;
}

/* x[i] = bytes[i] / 255, the nearest float. A vector division, not a product with 1/255, which
   would be wrong in the last bit of many; the loop waits for memory either way. */
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
            scale_bytes(row, set->bytes + image * set->n_in, set->n_in);
        else
            memcpy(row, set->values + image * set->n_in, set->n_in * sizeof *row);
        labels[b] = set->labels[image];
    }
}

double mlp_dataset_density(const mlp_dataset *set) {
    const size_t samples = set->n < 1000 ? set->n : 1000;
    const size_t step = set->n / samples | 1; /* odd: MNIST's even images are lighter */
    size_t nonzero = 0;
    for (size_t s = 0; s < samples; s++) {
        const size_t image = mlp_dataset_image(set, s * step % set->n) * set->n_in;
        for (size_t i = image; i < image + set->n_in; i++)
            nonzero += set->bytes != NULL ? set->bytes[i] != 0 : set->values[i] != 0.0F;
    }
    return (double)nonzero / (double)(samples * set->n_in);
}

mlp_status mlp_dataset_compress(mlp_dataset *set, mlp_team *team, mlp_error *err) {
    assert(set->bytes != NULL && set->order == NULL && set->n_in <= MLP_SPARSE_COLUMNS);
    set->sparse = &set->rows_memory;
    return mlp_rows_create(&set->rows_memory, set->bytes, set->n, set->n_in, team, err);
}

void mlp_dataset_free(mlp_dataset *set) {
    if (set == NULL)
        return;
    mlp_idx_free(&set->images_file);
    mlp_idx_free(&set->labels_file);
    free(set->values_memory);
    free(set->labels_memory);
    free(set->order_memory);
    mlp_rows_free(&set->rows_memory);
    *set = (mlp_dataset){0};
}

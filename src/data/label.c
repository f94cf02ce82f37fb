/* label.c - turns an array of labels into classes. Knows no images. */
#include "mlp/data/label.h"

#include <math.h>

#include "mlp/formats/idx.h"

enum { QMNIST_COLUMNS = 8 };

static mlp_status convert_numbers(uint8_t *labels, const mlp_idx *file, size_t columns, const char *path,
                                  mlp_error *err) {
    bool swapped = file->type == MLP_IDX_I16; /* all labels are multiples of 256 */
    for (size_t i = 0; i < file->dims[0]; i++) {
        const double label = mlp_idx_element(file, i * columns);
        swapped = swapped && fmod(label, 256) == 0;
        if (label < 0 || label >= (double)MLP_MAX_CLASSES)
            return mlp_fail(err, MLP_ERR_FORMAT, "%s: label %zu is %.0f, outside 0..%d; %s", path, i, label,
                            MLP_MAX_CLASSES - 1,
                            swapped ? "IDX is big-endian: write it again with the bytes swapped"
                                    : "number the classes from 0, at most 256");
        labels[i] = (uint8_t)label;
    }
    return MLP_OK;
}

/* Converts one-hot rows; returns the number of rows before the first one that is not one-hot. */
static size_t convert_one_hot(uint8_t *labels, const mlp_idx *file, size_t columns) {
    for (size_t i = 0; i < file->dims[0]; i++) {
        size_t ones = 0;
        for (size_t k = 0; k < columns; k++) {
            const double x = mlp_idx_element(file, i * columns + k);
            if (x == 1 && k < MLP_MAX_CLASSES) {
                labels[i] = (uint8_t)k;
                ones++;
            } else if (x != 0) {
                return i;
            }
        }
        if (ones != 1) return i;
    }
    return file->dims[0];
}

mlp_status mlp_labels_convert(uint8_t *labels, const mlp_idx *file, const char *path, mlp_warnings *warnings,
                              mlp_error *err) {
    const size_t n = file->dims[0], columns = file->n / n;
    const bool is_float = file->type == MLP_IDX_F32 || file->type == MLP_IDX_F64;
    char shape[MLP_SHAPE_SIZE];
    if (columns == 1 && is_float)
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: holds floating-point numbers, where labels were expected; write the labels as unsigned bytes", path);
    if (columns == 1) return convert_numbers(labels, file, columns, path, err);
    const size_t one_hot = convert_one_hot(labels, file, columns);
    if (one_hot == n) return MLP_OK;
    mlp_shape_text(shape, file->dims, file->n_dims);
    if (columns == QMNIST_COLUMNS && file->type == MLP_IDX_I32) {
        mlp_warn(warnings, "%s: holds %s, as QMNIST does: column 0 is taken as the class", path, shape);
        return convert_numbers(labels, file, columns, path, err);
    }
    return mlp_fail(
        err, MLP_ERR_FORMAT,
        "%s: holds %s, but row %zu is not one-hot (a single 1, otherwise 0); write one label for each image, [n]", path,
        shape, one_hot);
}

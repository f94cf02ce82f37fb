/* label.h - a label is the class of an image, 0 .. classes-1, stored in one byte. */
#pragma once

#include "mlp/base/status.h"

enum { MLP_MAX_CLASSES = 256 };

/* labels [n] = the classes of an IDX array with n rows. A row is one number ([n] or [n x 1]), one-hot (a single 1 among
   zeros, [n x classes]), or QMNIST's eight int32 numbers, the first of which is the class (with a warning). Other
   arrays are refused. */
struct mlp_idx;
mlp_status mlp_labels_convert(uint8_t *labels, const struct mlp_idx *file, const char *path, mlp_warnings *warnings,
                              mlp_error *err);

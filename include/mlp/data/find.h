/* find.h - where in a directory the files of a dataset are. Knows names, not what the files hold. */
#pragma once

#include "mlp/base/status.h"

/* The four files of MNIST. Each member is allocated by malloc, or NULL. */
typedef struct mlp_dataset_paths {
    char *train_images, *train_labels, *test_images, *test_labels;
} mlp_dataset_paths;

/* Fills the members that are NULL with files found in `dir`, in its raw/, or in its MNIST/raw/, as
   torchvision has it; those of the test set only if `test_only`. Each file has one of the names
   X-idx3-ubyte, X-idx3-ubyte.gz, X.idx3-ubyte, X.idx3-ubyte.gz (labels: idx1), or is in a directory
   of such a name, as some programs unpack it; the first that exists is taken. An error names the
   directory and the missing file. Free with mlp_dataset_paths_free whatever the result. */
mlp_status mlp_dataset_find(mlp_dataset_paths *paths, const char *dir, bool test_only, mlp_error *err);
void mlp_dataset_paths_free(mlp_dataset_paths *paths); /* NULL-safe; leaves *paths zeroed */

/* find.h - finds the files of a dataset in a directory, or lists all its files. Knows their names, not their
   contents. */
#pragma once

#include "mlp/base/status.h"

/* The four files of MNIST. Each member is allocated by malloc, or NULL. */
typedef struct mlp_dataset_paths {
    char *train_images, *train_labels, *test_images, *test_labels;
} mlp_dataset_paths;

/* Fills the members that are NULL with files found in `dir`, in its subdirectory raw/ or MNIST/raw/ (torchvision); with
   `test_only`, only those of the test set. Each file has one of the names X-idx3-ubyte, X-idx3-ubyte.gz, X.idx3-ubyte,
   X.idx3-ubyte.gz (labels: idx1), or is in a directory of such a name, as some programs unpack it; the first that
   exists is used. An error names the directory and the missing file. Free with mlp_dataset_paths_free whatever the
   result. */
mlp_status mlp_dataset_find(mlp_dataset_paths *paths, const char *dir, bool test_only, mlp_error *err);
void mlp_dataset_paths_free(mlp_dataset_paths *paths); /* NULL-safe; leaves *paths zeroed */

/* A list of files. Zero-initialise; free whatever the result. */
typedef struct mlp_files {
    size_t n, capacity;
    char **names;
} mlp_files;

/* Adds `name` ("-": standard input), or if it is a directory, its files in the order of their names, without
   subdirectories, pipes, devices and names that begin with a dot. Fails if there are none, or the directory cannot be
   read. Other names are not checked here: opening the file reports the error. */
mlp_status mlp_files_add(mlp_files *files, const char *name, mlp_error *err);
void mlp_files_free(mlp_files *files); /* NULL-safe; leaves *files zeroed */

/* files.h - turns names of files and directories into a list of files. */
#pragma once

#include "mlp/base/status.h"

/* Zero-initialise; free whatever the result. */
typedef struct mlp_files {
    size_t n, capacity;
    char **names;
} mlp_files;

/* Adds `name` ("-": standard input), or if it is a directory, its files in the order of their names, without
   subdirectories, pipes, devices and names that begin with a dot. Fails if there are none, or the directory cannot be
   read. Other names are not checked here: opening the file reports the error. */
mlp_status mlp_files_add(mlp_files *files, const char *name, mlp_error *err);
void mlp_files_free(mlp_files *files); /* NULL-safe; leaves *files zeroed */

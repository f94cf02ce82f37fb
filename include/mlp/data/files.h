/* files.h - the files that names stand for: a file for itself, a directory for the files in it. */
#ifndef MLP_FILES_H
#define MLP_FILES_H

#include <stddef.h>

#include "mlp/base/status.h"

/* Zero-initialise; free whatever the result. */
typedef struct mlp_files {
    size_t n, capacity;
    char **names;
} mlp_files;

/* Adds `name` ("-": standard input), or if it is a directory its files in the order of their names; not those whose
   name begins with a dot, nor its subdirectories. Fails if there are none, or the directory cannot be read. What is no
   directory is not looked at: opening it says what is wrong. */
mlp_status mlp_files_add(mlp_files *files, const char *name, mlp_error *err);
void mlp_files_free(mlp_files *files); /* NULL-safe; leaves *files zeroed */

#endif

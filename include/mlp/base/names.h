/* names.h - lookup by name in a constant table. Each row is a struct whose first member is
   `const char *name`. Used by the tables of activations, losses, initial weights, optimizers and
   learning-rate schedules. */
#ifndef MLP_NAMES_H
#define MLP_NAMES_H

#include <stddef.h>

/* The row with this name, or NULL. `table` is an array, not a pointer. */
#define MLP_FIND(table, name)                                                                      \
    mlp_names_find((table), sizeof(table) / sizeof *(table), sizeof *(table), (name))

/* The name of row i, or NULL after the last row: for lists in messages and help. */
#define MLP_NAME(table, i) ((i) < sizeof(table) / sizeof *(table) ? (table)[i].name : NULL)

const void *mlp_names_find(const void *table, size_t rows, size_t row_size, const char *name);

#endif

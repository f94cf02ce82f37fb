/* names.c - lookup by name in a constant table. */
#include "mlp/base/names.h"

#include <string.h>

const void *mlp_names_find(const void *table, size_t rows, size_t row_size, const char *name) {
    for (size_t i = 0; i < rows; i++) {
        const void *row = (const char *)table + i * row_size;
        const char *const *row_name = row;
        if (strcmp(*row_name, name) == 0)
            return row;
    }
    return NULL;
}

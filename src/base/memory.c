/* memory.c - allocation with overflow check, alignment and an error message. */
#include "mlp/base/memory.h"

#include <stdlib.h>
#include <string.h>

void *mlp_alloc_unset(size_t count, size_t size, const char *what, mlp_error *err) {
    const size_t line = MLP_LINE * sizeof(float);
    if (size != 0 && count > (SIZE_MAX - line) / size) {
        mlp_fail(err, MLP_ERR_MEMORY,
                 "%s: %zu elements of %zu bytes are more than any memory can hold; make the run smaller", what, count,
                 size);
        return NULL;
    }
    const size_t bytes = (count * size + line) / line * line;
    void *memory = aligned_alloc(line, bytes);
    if (memory == NULL) mlp_fail_memory(err, what, bytes);
    return memory;
}

void *mlp_alloc(size_t count, size_t size, const char *what, mlp_error *err) {
    void *memory = mlp_alloc_unset(count, size, what, err);
    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

void mlp_free_all(void **pointers, size_t n) {
    for (size_t i = 0; i < n; i++) free(pointers[i]);
}

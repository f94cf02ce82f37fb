/* memory.c - checked, aligned, zeroed allocation. */
#define _DEFAULT_SOURCE /* madvise */
#include "mlp/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Many megabytes come in pages of 2 MiB where the system has them: 4 KiB at a time, the page faults
   of loading MNIST cost a tenth of inflating it. */
static void *alloc_pages(size_t bytes) {
    const size_t huge = (size_t)1 << 21, whole = (bytes + huge - 1) / huge * huge;
    void *memory = aligned_alloc(huge, whole);
#ifdef MADV_HUGEPAGE
    if (memory != NULL)
        madvise(memory, whole, MADV_HUGEPAGE); /* a wish: any answer will do */
#endif
    return memory;
}

void *mlp_alloc_unset(size_t count, size_t size, const char *what, mlp_error *err) {
    const size_t line = MLP_LINE * sizeof(float);
    if (size != 0 && count > (SIZE_MAX / 2) / size) {
        mlp_fail(err, MLP_ERR_MEMORY, "%s: %zu elements of %zu bytes are more than memory can hold",
                 what, count, size);
        return NULL;
    }
    const size_t bytes = (count * size + line) / line * line;
    const size_t many = (size_t)8 << 20;
    void *memory = bytes < many ? aligned_alloc(line, bytes) : alloc_pages(bytes);
    if (memory == NULL)
        mlp_fail_memory(err, what, bytes);
    return memory;
}

void *mlp_alloc(size_t count, size_t size, const char *what, mlp_error *err) {
    void *memory = mlp_alloc_unset(count, size, what, err);
    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

/* memory.h - checked, aligned, zeroed allocation. */
#ifndef MLP_MEMORY_H
#define MLP_MEMORY_H

#include <stddef.h>

#include "mlp/base/status.h"

/* Floats in a cache line: row strides are multiples of it, so that every row starts a line. */
enum { MLP_LINE = 16 };

/* `n` rounded up to a whole number of cache lines of floats. */
static inline size_t mlp_stride(size_t n) {
    return (n + MLP_LINE - 1) / MLP_LINE * MLP_LINE;
}

/* count * size zeroed bytes at a 64-byte boundary, or NULL with `err` set (the product is checked);
   never NULL for 0 bytes. `what` names the thing in the message. Give back with free. */
void *mlp_alloc(size_t count, size_t size, const char *what, mlp_error *err);

/* The same without the zeros: pages that are never used cost nothing. */
void *mlp_alloc_unset(size_t count, size_t size, const char *what, mlp_error *err);

#endif

/* memory.h - allocation with overflow check, alignment and an error message. */
#pragma once

#include "mlp/base/status.h"

/* Floats in a cache line of 64 bytes. Row strides are multiples of it: every row is aligned. */
enum { MLP_LINE = 16 };

/* `n` floats rounded up to whole cache lines. */
static inline size_t mlp_stride(size_t n) { return (n + MLP_LINE - 1) / MLP_LINE * MLP_LINE; }

/* Allocates count * size bytes, zeroed and aligned to 64 bytes. Returns NULL with `err` set when the product overflows
   or memory runs out; `what` names the buffer in the message. Never returns NULL for 0 bytes. Release with free(). */
void *mlp_alloc(size_t count, size_t size, const char *what, mlp_error *err);

/* The same, but not zeroed: pages that are never written take no memory. */
void *mlp_alloc_unset(size_t count, size_t size, const char *what, mlp_error *err);

/* pointer [rows x cols] = zeroed memory. Returns MLP_ERR_MEMORY from the calling function if there
   is none: use it where nothing has to be released first. */
#define MLP_NEW(pointer, rows, cols, what, err)                                                                        \
    do {                                                                                                               \
        (pointer) = mlp_alloc((rows), (cols) * sizeof *(pointer), (what), (err));                                      \
        if ((pointer) == NULL) return MLP_ERR_MEMORY;                                                                  \
    } while (0)

/* Frees all pointers in the list; each may be NULL. */
#define MLP_FREE(...) mlp_free_all((void *[]){__VA_ARGS__}, sizeof((void *[]){__VA_ARGS__}) / sizeof(void *))
void mlp_free_all(void **pointers, size_t n);

/* strbuf.h - a string that grows. It does not use open_memstream: when memory runs out, glibc's
   version loses bytes in the middle without an error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise; free with mlp_strbuf_free. */
typedef struct mlp_strbuf {
    char *at;        /* [n] bytes and a final zero byte; NULL while empty */
    size_t n;        /* length; the bytes may include zeros */
    size_t capacity; /* bytes allocated */
    bool failed;     /* an allocation failed: the string is incomplete, further calls do nothing */
} mlp_strbuf;

void mlp_strbuf_add(mlp_strbuf *text, const char *bytes, size_t n);
void mlp_strbuf_print(mlp_strbuf *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A cell of a CSV: in quotes where its characters need them (RFC 4180). */
void mlp_strbuf_cell(mlp_strbuf *text, const char *cell);
bool mlp_ends_with(const char *text, const char *suffix);
void mlp_strbuf_free(mlp_strbuf *text); /* NULL-safe; leaves *text zeroed */

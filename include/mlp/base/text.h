/* text.h - a string that grows, shapes as text, and characters of UTF-8 text (RFC 3629). The string does not use
   open_memstream: when memory runs out, glibc's version loses bytes in the middle without an error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Writes the shape of an array with n dimensions to `text`, as in "[50 x 784]"; returns `text`. */
enum { MLP_SHAPE_DIMS = 8, MLP_SHAPE_SIZE = 24 * MLP_SHAPE_DIMS };
const char *mlp_shape_text(char text[MLP_SHAPE_SIZE], const size_t *dims, size_t n);

/* The length in bytes of the character at the start of s[0 .. n), n > 0; 0 if it is not valid. */
size_t mlp_utf8_length(const unsigned char *s, size_t n);

/* Writes character `c`, at most 4 bytes, to `to`; returns its end. */
unsigned char *mlp_utf8_put(unsigned char *to, uint32_t c);

/* How many bytes of `text` fit into `most` columns of a terminal, and how many columns they take. */
size_t mlp_utf8_fit(size_t *columns, const char *text, size_t most);

/* How many bytes of `text`, which was read from a file, a message shows: whole characters, 64 bytes at most. For
   printf's %.*s. */
int mlp_utf8_shown(const char *text);

/* utf8.h - characters of UTF-8 text (RFC 3629). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The length in bytes of the character at the start of s[0 .. n), n > 0; 0 if it is not valid. */
size_t mlp_utf8_length(const unsigned char *s, size_t n);

/* Writes character `c`, at most 4 bytes, to `to`; returns its end. */
unsigned char *mlp_utf8_put(unsigned char *to, uint32_t c);

/* How many bytes of `text` fit into `most` columns of a terminal, and how many columns they take. */
size_t mlp_utf8_fit(size_t *columns, const char *text, size_t most);

/* How many bytes of `text`, which was read from a file, a message shows: whole characters, 64 bytes at most. For
   printf's %.*s. */
int mlp_utf8_shown(const char *text);

/* strbuf.h - a text that grows, and remembers that it could not. Not open_memstream: where memory
   fails it, glibc drops bytes in the middle and says nothing. */
#ifndef MLP_STRBUF_H
#define MLP_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise; mlp_strbuf_free at the end. */
typedef struct mlp_strbuf {
    char *at;    /* [n] and a zero byte; NULL until something was added */
    size_t n;    /* bytes; some may be 0 */
    size_t room; /* allocated */
    bool failed; /* memory was short: the text is not whole, and what is added has no effect */
} mlp_strbuf;

void mlp_strbuf_add(mlp_strbuf *text, const char *bytes, size_t n);
void mlp_strbuf_print(mlp_strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void mlp_strbuf_free(mlp_strbuf *text); /* NULL-safe; leaves *text zeroed */

#endif

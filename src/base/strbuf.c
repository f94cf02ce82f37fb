/* strbuf.c - a string that grows. */
#include "mlp/base/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Allocates space for n more bytes and a final zero. */
static bool reserve(mlp_strbuf *text, size_t n) {
    if (text->failed || n < text->capacity - text->n) return !text->failed;
    const size_t capacity = n > SIZE_MAX / 4 - text->n ? 0 : 2 * (text->n + n) + 64;
    char *at = capacity == 0 ? NULL : realloc(text->at, capacity);
    text->failed = at == NULL;
    if (at != NULL) {
        text->at = at;
        text->capacity = capacity;
    }
    return at != NULL;
}

void mlp_strbuf_add(mlp_strbuf *text, const char *bytes, size_t n) {
    if (!reserve(text, n)) return;
    if (n > 0) memcpy(text->at + text->n, bytes, n); /* with n == 0, `bytes` may be NULL */
    text->n += n;
    text->at[text->n] = '\0';
}

void mlp_strbuf_print(mlp_strbuf *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int n = vsnprintf(NULL, 0, format, arguments);
    if (n < 0)
        text->failed = true;
    else if (reserve(text, (size_t)n))
        text->n += (size_t)vsnprintf(text->at + text->n, (size_t)n + 1, format, again);
    va_end(again);
    va_end(arguments);
}

void mlp_strbuf_cell(mlp_strbuf *text, const char *cell) {
    const bool quoted = strpbrk(cell, ",\"\r\n") != NULL;
    if (quoted) mlp_strbuf_add(text, "\"", 1);
    for (; *cell != '\0'; cell++) mlp_strbuf_add(text, *cell == '"' ? "\"\"" : cell, *cell == '"' ? 2 : 1);
    if (quoted) mlp_strbuf_add(text, "\"", 1);
}

bool mlp_ends_with(const char *text, const char *suffix) {
    const size_t length = strlen(text), n = strlen(suffix);
    return length >= n && strcmp(text + length - n, suffix) == 0;
}

void mlp_strbuf_free(mlp_strbuf *text) {
    if (text == NULL) return;
    free(text->at);
    *text = (mlp_strbuf){0};
}

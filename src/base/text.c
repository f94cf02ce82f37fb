/* text.c - a string that grows, shapes, and lengths and bytes of UTF-8 characters. */
#include "mlp/base/text.h"

#include <stdarg.h>
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

const char *mlp_shape_text(char text[MLP_SHAPE_SIZE], const size_t *dims, size_t n) {
    size_t at = (size_t)snprintf(text, MLP_SHAPE_SIZE, "[");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, MLP_SHAPE_SIZE - at, "%s%zu", i > 0 ? " x " : "", dims[i]);
    snprintf(text + at, MLP_SHAPE_SIZE - at, "]");
    return text;
}

/* ---- UTF-8 ---- */

size_t mlp_utf8_length(const unsigned char *s, size_t n) {
    const size_t length = s[0] < 0x80   ? 1
                          : s[0] < 0xC2 ? 0 /* a continuation byte, or an ASCII character encoded in two bytes */
                          : s[0] < 0xE0 ? 2
                          : s[0] < 0xF0 ? 3
                          : s[0] < 0xF5 ? 4
                                        : 0;
    if (length > n) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
    const bool beyond = s[0] == 0xF4 && s[1] >= 0x90; /* the last character is U+10FFFF */
    return overlong || surrogate || beyond ? 0 : length;
}

unsigned char *mlp_utf8_put(unsigned char *to, uint32_t c) {
    const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (unsigned char)(lead[more] | c >> 6 * more);
    for (int i = more - 1; i >= 0; i--) *to++ = (unsigned char)(0x80 | (c >> 6 * i & 0x3F));
    return to;
}

/* 2 for Chinese, Japanese, Korean and emoji, 0 for combining accents (U+0300 to U+036F), joiners and variation
   selectors (U+FE00 to U+FE0F). */
static size_t columns_of(const unsigned char *c, size_t length) {
    if (length == 2) return c[0] == 0xCC || (c[0] == 0xCD && c[1] < 0xB0) ? 0 : 1;
    if (length == 4) return c[0] == 0xF0 && c[1] >= 0x9F ? 2 : 1;
    if (length != 3) return 1;
    if (c[0] == 0xE2) return c[1] == 0x80 && c[2] == 0x8D ? 0 : 1;
    if (c[0] == 0xEF) return c[1] == 0xB8 && c[2] < 0x90 ? 0 : c[1] == 0xBC || c[1] == 0xBD ? 2 : 1;
    return c[0] >= 0xE3 && c[0] <= 0xED ? 2 : 1;
}

size_t mlp_utf8_fit(size_t *columns, const char *text, size_t most) {
    const unsigned char *at = (const unsigned char *)text;
    *columns = 0;
    for (size_t length; *at != '\0'; at += length) {
        length = mlp_utf8_length(at, strnlen((const char *)at, 4));
        if (length == 0) length = 1;
        const size_t wide = columns_of(at, length);
        if (*columns + wide > most) break;
        *columns += wide;
    }
    return (size_t)(at - (const unsigned char *)text);
}

int mlp_utf8_shown(const char *text) {
    enum { MOST = 64 };
    size_t n = strlen(text);
    if (n > MOST)
        for (n = MOST; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;) n--;
    return (int)n;
}

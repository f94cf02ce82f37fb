/* class_names.c - reads and checks names of classes. */
#include "mlp/data/class_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/text.h"
#include "mlp/formats/source.h"

static const char option[] = "--class-names";

/* An error in a list is wrong usage; an error in a file or a model is wrong content. */
static mlp_status kind(const char *source) { return source == option ? MLP_ERR_USAGE : MLP_ERR_FORMAT; }

/* ---- checks ---- */

/* Whether the character would change more than its own place on a screen: ASCII and C1 controls, line separators
   (U+2028, U+2029), the marks that reverse the direction of text (U+202A to U+202E, U+2066 to U+2069), U+FEFF. */
static bool is_control(const unsigned char *c) {
    if (c[0] < 0x20 || c[0] == 0x7F) return true;
    if (c[0] == 0xC2) return c[1] < 0xA0;
    if (c[0] == 0xEF) return c[1] == 0xBB && c[2] == 0xBF;
    if (c[0] != 0xE2) return false;
    return (c[1] == 0x80 && c[2] >= 0xA8 && c[2] <= 0xAE) || (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
}

static mlp_status check_characters(const char *name, size_t n, size_t number, const char *source, mlp_error *err) {
    const unsigned char *at = (const unsigned char *)name, *end = at + n;
    for (size_t length; at < end; at += length) {
        length = mlp_utf8_length(at, (size_t)(end - at));
        if (length == 0)
            return mlp_fail(err, kind(source),
                            "%s: name %zu has the byte 0x%02X, where UTF-8 was expected; save the names as UTF-8 text",
                            source, number, *at);
        if (is_control(at))
            return mlp_fail(err, kind(source),
                            "%s: name %zu has a control character (byte 0x%02X), where printable text was expected; "
                            "remove it",
                            source, number, *at);
    }
    return MLP_OK;
}

/* Adds the name [at, at + n) as the next one. A zero byte may be written after it. */
static mlp_status add(mlp_class_names *names, char *at, size_t n, const char *source, mlp_error *err) {
    const size_t number = names->n + 1;
    for (; n > 0 && (*at == ' ' || *at == '\t'); n--) at++;
    while (n > 0 && (at[n - 1] == ' ' || at[n - 1] == '\t')) n--;
    if (n == 0)
        return mlp_fail(err, kind(source), "%s: name %zu is empty, where the name of class %zu was expected; write one",
                        source, number, names->n);
    MLP_TRY(check_characters(at, n, number, source, err));
    at[n] = '\0';
    for (size_t k = 0; k < names->n && k < MLP_MAX_CLASSES; k++)
        if (strcmp(names->at[k], at) == 0)
            return mlp_fail(err, kind(source), "%s: names %zu and %zu are both '%.*s'; give each class another", source,
                            k + 1, number, mlp_utf8_shown(at), at);
    if (names->n < MLP_MAX_CLASSES) names->at[names->n] = at;
    names->n++;
    return MLP_OK;
}

static mlp_status check_count(const mlp_class_names *names, size_t n_classes, const char *source, mlp_error *err) {
    if (names->n == n_classes) return MLP_OK;
    return mlp_fail(err, kind(source),
                    "%s: holds %zu name%s, but there are %zu classes, 0 to %zu; write one for each, in their order",
                    source, names->n, names->n == 1 ? "" : "s", n_classes, n_classes - 1);
}

/* ---- reading ---- */

/* Reads text[n], which `names` owns and which has space for a zero byte after it. */
static mlp_status read_lines(mlp_class_names *names, size_t n, const char *source, mlp_error *err) {
    char *at = names->text, *end = at + n;
    if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3; /* the byte order mark that Windows programs write */
    while (end > at && (end[-1] == '\n' || end[-1] == '\r')) end--;
    while (at < end || names->n == 0) {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        char *next = line_end + 1;
        if (line_end > at && line_end < end && line_end[-1] == '\r') line_end--;
        MLP_TRY(add(names, at, (size_t)(line_end - at), source, err));
        at = next;
    }
    return MLP_OK;
}

static mlp_status read_file(mlp_class_names *names, const char *path, mlp_error *err) {
    enum { MOST = 1 << 20 };
    mlp_source source = {0};
    size_t n = 0;
    names->text = mlp_alloc_unset(MOST + 1, 1, "the names of the classes", err);
    if (names->text == NULL) return MLP_ERR_MEMORY;
    mlp_status status = mlp_source_open(&source, path, err);
    if (status == MLP_OK) status = mlp_source_read(&source, (unsigned char *)names->text, MOST, &n, err);
    mlp_source_close(&source);
    if (status == MLP_OK && n == MOST)
        status = mlp_fail(err, MLP_ERR_FORMAT,
                          "%s: has 1 MiB or more, where a name on each line was expected; name such a file", path);
    return status == MLP_OK ? read_lines(names, n, path, err) : status;
}

/* "a,b,c": the backslashes are removed in place. */
static mlp_status read_list(mlp_class_names *names, const char *list, mlp_error *err) {
    const char *from = list;
    names->text = mlp_alloc_unset(strlen(list) + 1, 1, "the names of the classes", err);
    if (names->text == NULL) return MLP_ERR_MEMORY;
    for (char *at = names->text, *to = at;; from++) {
        if (*from == '\\' && (from[1] == ',' || from[1] == '\\')) {
            *to++ = *++from;
        } else if (*from != ',' && *from != '\0') {
            *to++ = *from;
        } else {
            MLP_TRY(add(names, at, (size_t)(to - at), option, err));
            if (*from == '\0') return MLP_OK;
            at = ++to; /* after the zero byte */
        }
    }
}

mlp_status mlp_class_names_read(mlp_class_names *names, const char *value, size_t n_classes, mlp_error *err) {
    const bool is_list = strchr(value, ',') != NULL;
    MLP_TRY(is_list ? read_list(names, value, err) : read_file(names, value, err));
    return check_count(names, n_classes, is_list ? option : value, err);
}

mlp_status mlp_class_names_parse(mlp_class_names *names, const char *lines, size_t n_classes, const char *source,
                                 mlp_error *err) {
    const size_t n = strlen(lines);
    names->text = mlp_alloc_unset(n + 1, 1, "the names of the classes", err);
    if (names->text == NULL) return MLP_ERR_MEMORY;
    memcpy(names->text, lines, n);
    MLP_TRY(read_lines(names, n, source, err));
    return check_count(names, n_classes, source, err);
}

/* ---- writing ---- */

void mlp_class_names_put_list(mlp_strbuf *text, const mlp_class_names *names) {
    for (size_t k = 0; k < names->n; k++) {
        if (k > 0) mlp_strbuf_add(text, ",", 1);
        for (const char *c = names->at[k]; *c != '\0'; c++) {
            if (*c == ',' || *c == '\\') mlp_strbuf_add(text, "\\", 1);
            mlp_strbuf_add(text, c, 1);
        }
    }
}

void mlp_class_names_put_lines(mlp_strbuf *text, const mlp_class_names *names) {
    for (size_t k = 0; k < names->n; k++) mlp_strbuf_print(text, "%s%s", k > 0 ? "\n" : "", names->at[k]);
}

const char *mlp_class_name(char number[MLP_CLASS_NUMBER_SIZE], const mlp_class_names *names, size_t k) {
    if (k < names->n) return names->at[k];
    snprintf(number, MLP_CLASS_NUMBER_SIZE, "%zu", k);
    return number;
}

void mlp_class_names_free(mlp_class_names *names) {
    if (names == NULL) return;
    free(names->text);
    *names = (mlp_class_names){0};
}

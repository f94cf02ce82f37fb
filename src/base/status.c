/* status.c - stores the first error of a call, and a bounded list of warnings. Prints nothing. */
#include "mlp/base/status.h"

#include <stdio.h>
#include <string.h>

mlp_status mlp_fail(mlp_error *err, mlp_status status, const char *format, ...) {
    if (err == NULL || err->status != MLP_OK) return status;
    err->status = status;
    va_list arguments;
    va_start(arguments, format);
    mlp_print_line(err->message, format, arguments);
    va_end(arguments);
    return status;
}

void mlp_print_line(char line[MLP_MESSAGE_SIZE], const char *format, va_list arguments) {
    vsnprintf(line, MLP_MESSAGE_SIZE, format, arguments);
    for (unsigned char *p = (unsigned char *)line; *p != '\0'; p++)
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
        else if (p[0] == 0xC2 && (p[1] & 0xE0) == 0x80) /* U+0080 to U+009F */
            p[0] = p[1] = '?';
}

mlp_status mlp_fail_memory(mlp_error *err, const char *what, unsigned long long bytes) {
    return mlp_fail(err, MLP_ERR_MEMORY, "%s: no memory for %llu bytes; make the run smaller, or raise the limit", what,
                    bytes);
}

/* ---- warnings ---- */

static bool holds(const mlp_warnings *warnings, const char *line, size_t length) {
    const char *at = warnings->text.at;
    for (size_t i = 0; i < warnings->n; i++, at = strchr(at, '\n') + 1)
        if (strncmp(at, line, length) == 0 && at[length] == '\n') return true;
    return false;
}

static void add(mlp_warnings *warnings, const char *line, size_t length) {
    mlp_strbuf *text = &warnings->text;
    if (warnings->n == MLP_WARNINGS_MOST || holds(warnings, line, length)) return;
    const size_t before = text->n;
    mlp_strbuf_print(text, "%.*s\n", (int)length, line);
    warnings->n += text->n > before;
}

void mlp_warn(mlp_warnings *warnings, const char *format, ...) {
    char line[MLP_MESSAGE_SIZE];
    va_list arguments;
    if (warnings == NULL) return;
    va_start(arguments, format);
    mlp_print_line(line, format, arguments);
    va_end(arguments);
    add(warnings, line, strlen(line));
}

void mlp_warnings_move(mlp_warnings *to, mlp_warnings *from) {
    const char *at = from->text.at;
    for (size_t i = 0; i < from->n; i++) {
        const size_t length = strcspn(at, "\n");
        add(to, at, length);
        at += length + 1;
    }
    to->text.failed |= from->text.failed;
    mlp_warnings_free(from);
}

void mlp_warnings_free(mlp_warnings *warnings) {
    if (warnings == NULL) return;
    mlp_strbuf_free(&warnings->text);
    *warnings = (mlp_warnings){0};
}

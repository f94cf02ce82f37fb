/* status.c - stores the first error of a call. */
#include "mlp/base/status.h"

#include <stdarg.h>
#include <stdio.h>

mlp_status mlp_fail(mlp_error *err, mlp_status status, const char *format, ...) {
    if (err == NULL || err->status != MLP_OK) return status;
    err->status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    mlp_clean_line(err->message);
    return status;
}

void mlp_clean_line(char *line) {
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

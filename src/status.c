/* status.c - error codes and the one-line message that goes with them. Knows nothing else. */
#include "mlp/status.h"

#include <stdarg.h>
#include <stdio.h>

mlp_status mlp_fail(mlp_error *err, mlp_status status, const char *format, ...) {
    if (err == NULL || err->status != MLP_OK)
        return status;
    err->status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    for (char *p = err->message; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return status;
}

mlp_status mlp_fail_memory(mlp_error *err, const char *what, unsigned long long bytes) {
    return mlp_fail(err, MLP_ERR_MEMORY, "%s: no memory for %llu bytes", what, bytes);
}

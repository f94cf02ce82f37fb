/* status.h - the result of a library call: a status code and a one-line error message, and warnings: one line each
   about something odd that does not stop the run. The library never prints and never exits; the program prints
   `message` after its own name, and each warning as "mlp-train: warning: LINE". Other modules get the types bool and
   size_t from this header. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/text.h"

typedef enum mlp_status {
    MLP_OK = 0,
    MLP_ERR_USAGE,   /* an option or argument that cannot be used (exit 2) */
    MLP_ERR_IO,      /* open, read, write or close failed (exit 1) */
    MLP_ERR_FORMAT,  /* a file does not contain what it should (exit 1) */
    MLP_ERR_MEMORY,  /* out of memory (exit 1) */
    MLP_ERR_NUMERIC, /* a result is not finite, or two gradients disagree (exit 1) */
    MLP_STOPPED      /* the caller asked to stop; not an error */
} mlp_status;

enum { MLP_MESSAGE_SIZE = 6144 }; /* of a message: long enough for a path of PATH_MAX bytes */

/* Owned by the caller; zero-initialise. The first error is kept: later ones are ignored, so that an
   error during cleanup cannot hide the cause. */
typedef struct mlp_error {
    mlp_status status;
    char message[MLP_MESSAGE_SIZE]; /* one line without newline */
} mlp_error;

/* Stores `status` and the formatted message in `err`, unless `err` already has an error or is NULL.
   Control characters, for example in a file name, are replaced by '?'. Returns `status`. */
mlp_status mlp_fail(mlp_error *err, mlp_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Prints a line, without newline, to `line`. Its control characters, ASCII and UTF-8, become '?'. */
void mlp_print_line(char line[MLP_MESSAGE_SIZE], const char *format, va_list arguments);

/* Evaluates `call` and returns its status from the calling function unless it is MLP_OK. Use it
   where nothing has to be released first. */
#define MLP_TRY(call)                                                                                                  \
    do {                                                                                                               \
        const mlp_status try_status = (call);                                                                          \
        if (try_status != MLP_OK) return try_status;                                                                   \
    } while (0)

/* mlp_fail for a failed allocation of `bytes` bytes; `what` says what they were for. */
mlp_status mlp_fail_memory(mlp_error *err, const char *what, unsigned long long bytes);

enum { MLP_WARNINGS_MOST = 64 }; /* further ones are dropped */

/* Owned by the caller; zero-initialise, mlp_warnings_free at the end. Not for several threads at
   once: give each its own list and join them with mlp_warnings_move. */
typedef struct mlp_warnings {
    size_t n;        /* lines */
    mlp_strbuf text; /* the lines one after the other, each ended by '\n' */
} mlp_warnings;

/* Adds a line, without newline: what was found, what it means, what to do. A line that is in the list already is not
   added again; control characters become '?'. `warnings` may be NULL. If memory runs out, the line is lost. */
void mlp_warn(mlp_warnings *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Moves the lines of `from` to the end of `to`; `from` is then empty. */
void mlp_warnings_move(mlp_warnings *to, mlp_warnings *from);

void mlp_warnings_free(mlp_warnings *warnings); /* NULL-safe; leaves *warnings zeroed: empty */

/* warnings.h - collects warnings: one line each about something odd that does not stop the run. The program prints each
   as "mlp-train: warning: LINE". */
#pragma once

#include <stddef.h>

#include "mlp/base/strbuf.h"

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

/* rows.h - rows of bytes, compressed to their nonzero pixels: four fifths of MNIST's are zero. */
#ifndef MLP_ROWS_H
#define MLP_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"

/* The most columns: they are kept in 16 bits. */
enum { MLP_SPARSE_COLUMNS = 65536 };

/* What of a row is not zero, one column: the step to it from the entry before (the first: from
   column 0) | byte << 8. Two bytes, for a batch's rows come from all over the memory. Where all of
   MLP_SPARSE_SPAN columns are zero, the last of them has an entry all the same, of byte 0, so that
   a step fits 8 bits. Entries of step and byte 0 make a row whole groups of MLP_SPARSE_GROUP, each
   read as one word. */
typedef uint16_t mlp_entry;

enum { MLP_SPARSE_SPAN = 128, MLP_SPARSE_GROUP = 4 };

static inline size_t mlp_entry_step(mlp_entry entry) {
    return entry & 0xff;
}

static inline size_t mlp_entry_byte(mlp_entry entry) {
    return entry >> 8;
}

/* A data set's rows of bytes, compressed once. */
typedef struct mlp_rows {
    size_t n, n_cols;
    uint64_t *starts;   /* [n + 1] where a row begins in: */
    mlp_entry *entries; /* [starts[n]] */
    float values[256];  /* what a byte is worth: byte / 255, rounded to nearest */
} mlp_rows;

/* Compresses bytes [n x n_cols], n_cols <= MLP_SPARSE_COLUMNS. Zero-initialise before; free
   whatever the outcome. */
mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols,
                           mlp_team *team, mlp_error *err);

/* Room for up to `most` rows, none yet, that mlp_rows_fill compresses into it, any number of times,
   each time all of them: bytes [n x n_cols]. */
mlp_status mlp_rows_reserve(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err);
void mlp_rows_fill(mlp_rows *rows, const uint8_t *bytes, size_t n, mlp_team *team);

void mlp_rows_free(mlp_rows *rows);

/* One compressed row: where it lies. */
typedef struct mlp_row {
    const mlp_entry *entries;
    size_t n;
} mlp_row;

static inline mlp_row mlp_rows_at(const mlp_rows *rows, size_t i) {
    const uint64_t start = rows->starts[i];
    return (mlp_row){rows->entries + start, (size_t)(rows->starts[i + 1] - start)};
}

/* Starts to fetch a row from memory into the cache. */
static inline void mlp_row_prefetch(mlp_row row) {
    const size_t line = 64;
    for (size_t e = 0; e < row.n; e += line / sizeof(mlp_entry))
        __builtin_prefetch(row.entries + e);
}

#endif

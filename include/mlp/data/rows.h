/* rows.h - rows of bytes, compressed to their nonzero bytes: four fifths of MNIST's pixels are 0. */
#pragma once

#include "mlp/base/team.h"

/* One nonzero byte of a row: the low byte is its column minus the column of the entry before it (the first entry: its
   column), the high byte is the byte itself. Two additions make the format work:
   - a step must fit one byte: when MLP_SPARSE_SPAN columns, counted from column 0, are all zero,
   the last of them has an entry for its zero byte;
   - entries are read in groups of MLP_SPARSE_GROUP, one machine word: at the end of a row, entries
     of step 0 and byte 0 complete the last group. */
typedef uint16_t mlp_entry;

enum { MLP_SPARSE_SPAN = 128, MLP_SPARSE_GROUP = 4 };

static inline size_t mlp_entry_step(mlp_entry entry) { return entry & 0xff; }

static inline size_t mlp_entry_byte(mlp_entry entry) { return entry >> 8; }

typedef struct mlp_rows {
    size_t n, n_cols;
    uint64_t *starts;   /* [n + 1] index of the first entry of each row */
    mlp_entry *entries; /* [starts[n]] */
    float values[256];  /* pixel value of each byte: byte / 255, rounded to nearest */
} mlp_rows;

/* Compresses bytes [n x n_cols]. Zero-initialise before; free whatever the result. */
mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols, mlp_team *team,
                           mlp_error *err);

/* The same in two steps: allocates space for `most` rows once; then each call of mlp_rows_fill
   replaces all rows by those of bytes [n x n_cols], n <= most. */
mlp_status mlp_rows_reserve(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err);
void mlp_rows_fill(mlp_rows *rows, const uint8_t *bytes, size_t n, mlp_team *team);

void mlp_rows_free(mlp_rows *rows);

/* One compressed row; refers to the memory of an mlp_rows. */
typedef struct mlp_row {
    const mlp_entry *entries;
    size_t n;
} mlp_row;

static inline mlp_row mlp_rows_at(const mlp_rows *rows, size_t i) {
    const uint64_t start = rows->starts[i];
    return (mlp_row){rows->entries + start, (size_t)(rows->starts[i + 1] - start)};
}

/* Starts loading the row into the cache, without waiting for it. */
static inline void mlp_row_prefetch(mlp_row row) {
    const size_t line = 64;
    for (size_t e = 0; e < row.n; e += line / sizeof(mlp_entry)) __builtin_prefetch(row.entries + e);
}

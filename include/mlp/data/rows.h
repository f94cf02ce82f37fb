/* rows.h - rows of bytes, compressed to their nonzero bytes: four fifths of MNIST's pixels are 0. */
#pragma once

#include <string.h>

#include "mlp/base/team.h"

/* The columns are divided into tiles. One nonzero byte of a row: the low byte of the entry is its column in the tile,
   the high byte is the byte itself. Entries are read in groups of MLP_SPARSE_GROUP, one machine word: entries of column
   0 and byte 0 complete the last group of a tile. */
typedef uint16_t mlp_entry;

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first entry of a group is in its lowest bits");

/* At most 256, for the low byte of an entry. 7 rows of 28 pixels: the weights of one tile and a panel, 25 kB, fit the
   first cache of every processor. */
enum { MLP_SPARSE_TILE = 196, MLP_SPARSE_GROUP = 4 };

static inline size_t mlp_entry_column(mlp_entry entry) { return entry & 0xff; }

static inline size_t mlp_entry_byte(mlp_entry entry) { return entry >> 8; }

/* The next group; its first entry is in the lowest bits. */
static inline uint64_t mlp_entry_group(const mlp_entry *entries) {
    uint64_t group;
    memcpy(&group, entries, sizeof group);
    return group;
}

typedef struct mlp_rows {
    size_t n, n_cols, tiles;
    uint64_t *starts;   /* [n x tiles + 1] index of the first entry of each row in each tile */
    mlp_entry *entries; /* [starts[n x tiles]] */
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

/* The entries of one row in one tile; refers to the memory of an mlp_rows. */
typedef struct mlp_row {
    const mlp_entry *entries;
    uint32_t n;  /* entries */
    uint32_t at; /* the row of the product that it belongs to; mlp_rows_at: 0 */
} mlp_row;

static inline mlp_row mlp_rows_at(const mlp_rows *rows, size_t i, size_t tile) {
    const uint64_t *start = rows->starts + i * rows->tiles + tile;
    return (mlp_row){rows->entries + start[0], (uint32_t)(start[1] - start[0]), 0};
}

/* Starts loading the row into the cache, without waiting for it. */
static inline void mlp_row_prefetch(mlp_row row) {
    const size_t line = 64;
    for (size_t e = 0; e < row.n; e += line / sizeof(mlp_entry)) __builtin_prefetch(row.entries + e);
}

/* Entries of one column after mlp_rows_transpose: of 128 rows, whole groups, and one group that it needs. */
enum { MLP_SPARSE_BLOCK = 128, MLP_SPARSE_COLUMN = MLP_SPARSE_BLOCK + MLP_SPARSE_GROUP };

/* A stripe: so many columns, whole tiles, are transposed together. With one tile, the next entry of a column follows so
   soon that the processor waits for the one before it. */
enum { MLP_SPARSE_STRIPE = 2 * MLP_SPARSE_TILE };

/* Exchanges rows and columns: from n <= MLP_SPARSE_BLOCK rows, sets `columns` [n_cols <= MLP_SPARSE_STRIPE], first
   those with entries, then those without; `at` is the column. Returns how many have entries. The low byte of an entry
   is its row, from 0 to n - 1. The rows of the next tile are `stride` after those of a tile. `entries` [n_cols x
   MLP_SPARSE_COLUMN]: memory for the entries. */
size_t mlp_rows_transpose(mlp_row *columns, mlp_entry *entries, size_t n_cols, const mlp_row *rows, size_t stride,
                          size_t n);

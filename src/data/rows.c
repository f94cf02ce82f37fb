/* rows.c - compresses rows of bytes to their nonzero bytes. */
#include "mlp/data/rows.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte in a word is in its lowest bits");

/* Rows per piece of work. */
enum { PIECE = 64 };

typedef struct compress_job {
    mlp_rows *rows;
    const uint8_t *bytes; /* [n x n_cols] */
} compress_job;

static size_t whole_groups(size_t entries) {
    return (entries + MLP_SPARSE_GROUP - 1) / MLP_SPARSE_GROUP * MLP_SPARSE_GROUP;
}

/* Number of entries of a row in one tile of n columns. */
MLP_CLONES static size_t count_tile(const uint8_t *bytes, size_t n) {
    unsigned count = 0;
    for (size_t i = 0; i < n; i++) count += bytes[i] != 0;
    return whole_groups(count);
}

/* starts[k + 1] = number of entries of row and tile k; find_starts sums them up. */
static void count_rows(void *context, size_t first, size_t n, int thread) {
    const compress_job *job = context;
    const mlp_rows *rows = job->rows;
    (void)thread;
    for (size_t i = first; i < first + n; i++)
        for (size_t t = 0; t < rows->tiles; t++) {
            size_t column;
            const size_t columns = mlp_range(&column, t, rows->n_cols, MLP_SPARSE_TILE);
            rows->starts[i * rows->tiles + t + 1] = count_tile(job->bytes + i * rows->n_cols + column, columns);
        }
}

/* Columns that are tested for zero together. */
enum { WORD = 64 };

/* Bit i of the result is set if bytes[i] is not zero; i < n <= WORD. Adding 127 to the low 7 bits of a byte sets its
   top bit if one of them is set; the multiplication moves the top bits of 8 bytes next to each other. */
static inline uint64_t nonzero_bits(const uint8_t *bytes, size_t n) {
    const uint64_t low = 0x7f7f7f7f7f7f7f7f, gather = 0x0102040810204080;
    uint8_t padded[WORD];
    if (n < WORD) {
        memset(padded, 0, sizeof padded);
        memcpy(padded, bytes, n);
        bytes = padded;
    }
    uint64_t bits = 0;
    for (size_t i = 0; i < WORD; i += sizeof bits) {
        uint64_t eight;
        memcpy(&eight, bytes + i, sizeof eight);
        eight = (((eight & low) + low) | eight) >> 7 & 0x0101010101010101;
        bits |= (eight * gather >> 56) << i;
    }
    return bits;
}

/* Writes the entries of a row in one tile of n columns. */
MLP_CLONES static void fill_tile(mlp_entry *at, const uint8_t *bytes, size_t n) {
    const mlp_entry *const first = at;
    for (size_t word = 0; word < n; word += WORD) {
        uint64_t bits = nonzero_bits(bytes + word, n - word < WORD ? n - word : WORD);
        for (; bits != 0; bits &= bits - 1) {
            const size_t column = word + (size_t)__builtin_ctzll(bits);
            *at++ = (mlp_entry)(column | (size_t)bytes[column] << 8);
        }
    }
    while ((at - first) % MLP_SPARSE_GROUP != 0) *at++ = 0;
}

static void fill_rows(void *context, size_t first, size_t n, int thread) {
    const compress_job *job = context;
    const mlp_rows *rows = job->rows;
    (void)thread;
    for (size_t i = first; i < first + n; i++)
        for (size_t t = 0; t < rows->tiles; t++) {
            size_t column;
            const size_t columns = mlp_range(&column, t, rows->n_cols, MLP_SPARSE_TILE);
            fill_tile(rows->entries + rows->starts[i * rows->tiles + t], job->bytes + i * rows->n_cols + column,
                      columns);
        }
}

/* Allocates everything but the entries, for up to `most` rows. */
static mlp_status create_starts(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err) {
    rows->n_cols = n_cols;
    rows->tiles = mlp_range_count(n_cols, MLP_SPARSE_TILE);
    for (int byte = 0; byte < 256; byte++) rows->values[byte] = (float)byte / 255.0F;
    rows->starts = mlp_alloc(most * rows->tiles + 1, sizeof *rows->starts, "the compressed images", err);
    return rows->starts == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

static void find_starts(compress_job *job, mlp_team *team) {
    mlp_rows *rows = job->rows;
    mlp_ranges_run(team, count_rows, job, rows->n, PIECE);
    for (size_t i = 1; i <= rows->n * rows->tiles; i++) rows->starts[i] += rows->starts[i - 1];
}

mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols, mlp_team *team,
                           mlp_error *err) {
    compress_job job = {rows, bytes};
    MLP_TRY(create_starts(rows, n, n_cols, err));
    rows->n = n;
    find_starts(&job, team);
    rows->entries =
        mlp_alloc_unset((size_t)rows->starts[n * rows->tiles], sizeof *rows->entries, "the compressed images", err);
    if (rows->entries == NULL) return MLP_ERR_MEMORY;
    mlp_ranges_run(team, fill_rows, &job, rows->n, PIECE);
    return MLP_OK;
}

mlp_status mlp_rows_reserve(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err) {
    MLP_TRY(create_starts(rows, most, n_cols, err));
    rows->entries = mlp_alloc_unset(most * rows->tiles, whole_groups(MLP_SPARSE_TILE) * sizeof *rows->entries,
                                    "the compressed images", err);
    return rows->entries == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

void mlp_rows_fill(mlp_rows *rows, const uint8_t *bytes, size_t n, mlp_team *team) {
    compress_job job = {rows, bytes};
    rows->n = n;
    find_starts(&job, team);
    mlp_ranges_run(team, fill_rows, &job, rows->n, PIECE);
}

void mlp_rows_free(mlp_rows *rows) {
    free(rows->starts);
    free(rows->entries);
    memset(rows, 0, sizeof *rows);
}

size_t mlp_rows_transpose(mlp_row *columns, mlp_entry *entries, size_t n_cols, const mlp_row *rows, size_t stride,
                          size_t n) {
    enum { ROWS_AHEAD = 4 }; /* the rows lie anywhere in memory */
    mlp_entry *ends[MLP_SPARSE_STRIPE];
    for (size_t c = 0; c < n_cols; c++) ends[c] = entries + c * MLP_SPARSE_COLUMN;
    for (size_t i = 0; i < n; i++)
        for (size_t tile = 0; tile * MLP_SPARSE_TILE < n_cols; tile++) {
            const mlp_row row = rows[tile * stride + i];
            mlp_entry **const tile_ends = ends + tile * MLP_SPARSE_TILE;
            if (i + ROWS_AHEAD < n) mlp_row_prefetch(rows[tile * stride + i + ROWS_AHEAD]);
            for (size_t e = 0; e < row.n; e += MLP_SPARSE_GROUP) {
                uint64_t group = mlp_entry_group(row.entries + e);
                for (size_t k = 0; k < MLP_SPARSE_GROUP; k++, group >>= 16) {
                    mlp_entry **end = &tile_ends[group & 0xff], *at = *end;
                    *at = (mlp_entry)(i | (group & 0xff00));
                    *end = at + ((group & 0xff00) != 0); /* not those that complete a group */
                }
            }
        }
    size_t used = 0, empty = n_cols;
    for (size_t c = 0; c < n_cols; c++) {
        const mlp_entry *first = entries + c * MLP_SPARSE_COLUMN;
        const size_t held = (size_t)(ends[c] - first);
        memset(ends[c], 0, MLP_SPARSE_GROUP * sizeof *ends[c]);
        columns[held > 0 ? used++ : --empty] = (mlp_row){first, (uint32_t)whole_groups(held), (uint32_t)c};
    }
    return used;
}

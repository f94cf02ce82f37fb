/* rows.c - compresses rows of bytes to their nonzero pixels. Knows numbers, not images. */
#include "mlp/data/rows.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "bytes and entries are taken from words, the first from the lowest bits");

/* Rows in a piece of work: a batch has some pieces too. */
enum { PIECE_ROWS = 64 };

typedef struct compress_job {
    mlp_rows *rows;
    const uint8_t *bytes;
    mlp_team *team;
} compress_job;

static size_t rows_of_piece(const mlp_rows *rows, size_t piece, size_t *first) {
    *first = piece * PIECE_ROWS;
    return rows->n - *first < PIECE_ROWS ? rows->n - *first : PIECE_ROWS;
}

static size_t whole_groups(size_t entries) {
    return (entries + MLP_SPARSE_GROUP - 1) / MLP_SPARSE_GROUP * MLP_SPARSE_GROUP;
}

/* How many entries a row has: at least one a span, but for the last, which may be shorter; whole
   groups. */
MLP_CLONES static size_t count_entries(const uint8_t *row, size_t n_cols) {
    size_t entries = 0, first = 0;
    for (; first + MLP_SPARSE_SPAN < n_cols; first += MLP_SPARSE_SPAN) {
        unsigned count = 0;
        for (size_t i = 0; i < MLP_SPARSE_SPAN; i++)
            count += row[first + i] != 0;
        entries += count > 0 ? count : 1;
    }
    for (; first < n_cols; first++)
        entries += row[first] != 0;
    return whole_groups(entries);
}

/* How many entries each row has, at the place where its end will be. */
static void count_piece(void *context, size_t piece, int thread) {
    const compress_job *job = context;
    const mlp_rows *rows = job->rows;
    size_t first;
    const size_t n = rows_of_piece(rows, piece, &first);
    (void)thread;
    for (size_t i = first; i < first + n; i++)
        rows->starts[i + 1] = count_entries(job->bytes + i * rows->n_cols, rows->n_cols);
}

/* Columns whose bytes are asked for together whether they are zero. */
enum { WORD = 64 };

/* Bit i is set where bytes[i], i < n <= WORD, is not zero. A byte's top bit is set by the sum with
   127 where one of the others is; the product brings the eight top bits together. */
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

/* Writes the entries of a row, count_entries() of them. */
MLP_CLONES static void fill_row(mlp_entry *entries, const uint8_t *row, size_t n_cols) {
    mlp_entry *at = entries;
    size_t before = 0;
    for (size_t first = 0; first < n_cols; first += MLP_SPARSE_SPAN) {
        const size_t left = n_cols - first;
        const size_t stop = first + (left < MLP_SPARSE_SPAN ? left : MLP_SPARSE_SPAN);
        const mlp_entry *const span = at;
        for (size_t word = first; word < stop; word += WORD) {
            uint64_t bits = nonzero_bits(row + word, stop - word < WORD ? stop - word : WORD);
            for (; bits != 0; bits &= bits - 1) {
                const size_t column = word + (size_t)__builtin_ctzll(bits);
                *at++ = (mlp_entry)((column - before) | (size_t)row[column] << 8);
                before = column;
            }
        }
        if (at == span && stop < n_cols) {
            *at++ = (mlp_entry)(stop - 1 - before);
            before = stop - 1;
        }
    }
    while ((at - entries) % MLP_SPARSE_GROUP != 0)
        *at++ = 0;
}

static void fill_piece(void *context, size_t piece, int thread) {
    const compress_job *job = context;
    size_t first;
    const size_t n = rows_of_piece(job->rows, piece, &first);
    (void)thread;
    const mlp_rows *rows = job->rows;
    for (size_t i = first; i < first + n; i++)
        fill_row(rows->entries + rows->starts[i], job->bytes + i * rows->n_cols, rows->n_cols);
}

static void run_over_rows(mlp_task task, compress_job *job) {
    mlp_team_run(job->team, task, job, (job->rows->n + PIECE_ROWS - 1) / PIECE_ROWS);
}

/* Room for `most` rows but not yet for their entries. */
static mlp_status create_starts(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err) {
    rows->n_cols = n_cols;
    for (int byte = 0; byte < 256; byte++)
        rows->values[byte] = (float)byte / 255.0F;
    rows->starts = mlp_alloc(most + 1, sizeof *rows->starts, "the compressed images", err);
    return rows->starts == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

static void find_starts(compress_job *job) {
    mlp_rows *rows = job->rows;
    run_over_rows(count_piece, job);
    for (size_t i = 1; i <= rows->n; i++)
        rows->starts[i] += rows->starts[i - 1];
}

mlp_status mlp_rows_create(mlp_rows *rows, const uint8_t *bytes, size_t n, size_t n_cols,
                           mlp_team *team, mlp_error *err) {
    compress_job job = {rows, bytes, team};
    if (create_starts(rows, n, n_cols, err) != MLP_OK)
        return MLP_ERR_MEMORY;
    rows->n = n;
    find_starts(&job);
    rows->entries = mlp_alloc_unset((size_t)rows->starts[n], sizeof *rows->entries,
                                    "the compressed images", err);
    if (rows->entries == NULL)
        return MLP_ERR_MEMORY;
    run_over_rows(fill_piece, &job);
    return MLP_OK;
}

mlp_status mlp_rows_reserve(mlp_rows *rows, size_t most, size_t n_cols, mlp_error *err) {
    if (create_starts(rows, most, n_cols, err) != MLP_OK)
        return MLP_ERR_MEMORY;
    rows->entries = mlp_alloc_unset(most, whole_groups(n_cols) * sizeof *rows->entries,
                                    "the compressed images", err);
    return rows->entries == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

void mlp_rows_fill(mlp_rows *rows, const uint8_t *bytes, size_t n, mlp_team *team) {
    compress_job job = {rows, bytes, team};
    rows->n = n;
    find_starts(&job);
    run_over_rows(fill_piece, &job);
}

void mlp_rows_free(mlp_rows *rows) {
    free(rows->starts);
    free(rows->entries);
    memset(rows, 0, sizeof *rows);
}

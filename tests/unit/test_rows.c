/* test_rows.c - compressed rows against the bytes that they come from. */
#include "mlp/data/rows.h"

#include "synthetic.h"

/* Every byte that is not zero, in order, in whole groups for each tile, and the pixel value of each byte. */
static void check_rows(const mlp_dataset *set) {
    const mlp_rows *rows = set->compressed;
    size_t at = 0;
    assert_int_equal(rows->n, set->n);
    assert_int_equal(rows->n_cols, set->n_pixels);
    assert_int_equal(rows->tiles, (set->n_pixels + MLP_SPARSE_TILE - 1) / MLP_SPARSE_TILE);
    for (size_t i = 0; i < set->n; i++)
        for (size_t tile = 0; tile < rows->tiles; tile++) {
            const mlp_row row = mlp_rows_at(rows, i, tile);
            const size_t start = at, pixel = tile * MLP_SPARSE_TILE;
            assert_int_equal(rows->starts[i * rows->tiles + tile], at);
            assert_ptr_equal(row.entries, rows->entries + at);
            for (size_t j = 0; j < MLP_SPARSE_TILE && pixel + j < set->n_pixels; j++) {
                const uint8_t byte = set->bytes[i * set->n_pixels + pixel + j];
                if (byte == 0) continue;
                assert_int_equal(mlp_entry_column(rows->entries[at]), j);
                assert_int_equal(mlp_entry_byte(rows->entries[at]), byte);
                at++;
            }
            while (at % MLP_SPARSE_GROUP != 0) assert_int_equal(rows->entries[at++], 0);
            assert_int_equal(row.n, at - start);
        }
    assert_int_equal(rows->starts[set->n * rows->tiles], at);
    for (int byte = 0; byte < 256; byte++) assert_true(rows->values[byte] == (float)byte / 255.0F);
}

static void rows_have_every_nonzero_byte(void **state) {
    (void)state;
    static const size_t column_counts[] = {1, 7, 8, 9, 63, 64, 65, 128, 195, 196, 197, 257, 392, 784};
    static const double densities[] = {0, 0.01, 0.19, 0.5, 1};
    static const size_t ns[] = {1, 13, 64, 200}; /* pieces of 64 */
    for (int threads = 1; threads <= 3; threads++) {
        mlp_team *team = threads == 1 ? NULL : team_of(threads);
        for (size_t c = 0; c < sizeof column_counts / sizeof *column_counts; c++)
            for (size_t d = 0; d < sizeof densities / sizeof *densities; d++) {
                mlp_dataset set;
                synthetic_sparse(&set, ns[(c + d) % 4], column_counts[c], densities[d], team);
                check_rows(&set);
                synthetic_sparse_free(&set);
                assert_null(set.owned.compressed.starts);
            }
        mlp_team_free(team);
    }
}

/* More columns than 16 bits count. */
static void rows_may_be_long(void **state) {
    (void)state;
    mlp_dataset set;
    synthetic_sparse(&set, 3, 70001, 0.002, NULL);
    check_rows(&set);
    synthetic_sparse_free(&set);
}

/* mlp_rows_fill replaces all rows, in the memory of mlp_rows_reserve, by rows like those of
   mlp_rows_create. */
static void rows_are_refilled(void **state) {
    (void)state;
    enum { N = 150, COLUMNS = 300 };
    mlp_error err = {0};
    mlp_rows rows = {0};
    assert_ok(mlp_rows_reserve(&rows, N, COLUMNS, &err), err);
    for (size_t n = N; n > 0; n /= 3) {
        mlp_dataset set;
        synthetic_sparse(&set, n, COLUMNS, n % 2 == 0 ? 1 : 0.1, NULL);
        mlp_rows_fill(&rows, set.bytes, n, NULL);
        const mlp_rows created = set.owned.compressed;
        set.compressed = &rows;
        check_rows(&set);
        assert_int_equal(rows.starts[n * rows.tiles], created.starts[n * rows.tiles]);
        synthetic_sparse_free(&set);
    }
    mlp_rows_free(&rows);
}

/* Every byte of a column, from the first row to the last, in whole groups; nothing is written after the last column. */
static void columns_have_every_nonzero_byte(void **state) {
    (void)state;
    static const size_t column_counts[] = {1, 9, 196, 197, 391, 392}, ns[] = {1, 3, 100, 127, 128};
    static const double densities[] = {0, 0.03, 0.3, 1};
    enum { MOST = MLP_SPARSE_STRIPE * MLP_SPARSE_COLUMN, STRIDE = 131, UNTOUCHED = 0xabcd };
    static mlp_entry entries[MOST + 1];
    static mlp_row rows[2 * STRIDE], columns[MLP_SPARSE_STRIPE];
    for (size_t k = 0; k < 6 * 5 * 4; k++) {
        const size_t n_cols = column_counts[k % 6], n = ns[k % 5];
        mlp_dataset set;
        synthetic_sparse(&set, n, n_cols, densities[k / 30], NULL);
        for (size_t tile = 0; tile < set.compressed->tiles; tile++)
            for (size_t i = 0; i < n; i++) rows[tile * STRIDE + i] = mlp_rows_at(set.compressed, i, tile);
        for (size_t i = 0; i <= MOST; i++) entries[i] = UNTOUCHED;
        const size_t used = mlp_rows_transpose(columns, entries, n_cols, rows, STRIDE, n);
        bool seen[MLP_SPARSE_STRIPE] = {false};
        for (size_t c = 0; c < n_cols; c++) {
            const mlp_row column = columns[c];
            const size_t j = column.at;
            size_t at = 0;
            assert_true(j < n_cols && !seen[j]);
            seen[j] = true;
            for (size_t i = 0; i < n; i++) {
                const uint8_t byte = set.bytes[i * n_cols + j];
                if (byte != 0) assert_int_equal(column.entries[at++], i | (size_t)byte << 8);
            }
            while (at % MLP_SPARSE_GROUP != 0) assert_int_equal(column.entries[at++], 0);
            assert_int_equal(column.n, at);
            assert_true((c < used) == (at > 0)); /* those with entries first */
        }
        assert_int_equal(entries[n_cols * MLP_SPARSE_COLUMN], UNTOUCHED);
        synthetic_sparse_free(&set);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_every_nonzero_byte),
        cmocka_unit_test(columns_have_every_nonzero_byte),
        cmocka_unit_test(rows_may_be_long),
        cmocka_unit_test(rows_are_refilled),
    };
    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}

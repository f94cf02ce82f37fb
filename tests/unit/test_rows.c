/* test_rows.c - compressed rows against the bytes that they come from. */
#include "mlp/data/rows.h"

#include "synthetic.h"

/* Every byte that is not zero, in order, whole groups, and the pixel value of each byte. */
static void check_rows(const mlp_dataset *set) {
    const mlp_rows *rows = set->compressed;
    size_t at = 0;
    assert_int_equal(rows->n, set->n);
    assert_int_equal(rows->n_cols, set->n_pixels);
    for (size_t i = 0; i < set->n; i++) {
        assert_int_equal(rows->starts[i], at);
        assert_ptr_equal(mlp_rows_at(rows, i).entries, rows->entries + at);
        size_t column = 0, shown = 0; /* columns covered by the entries so far */
        for (size_t j = 0; j < set->n_pixels; j++) {
            const uint8_t byte = set->bytes[i * set->n_pixels + j];
            const bool span_ends = j % MLP_SPARSE_SPAN == MLP_SPARSE_SPAN - 1;
            const bool empty_span = span_ends && j + 1 < set->n_pixels && shown + MLP_SPARSE_SPAN <= j + 1;
            if (byte == 0 && !empty_span) continue;
            column += mlp_entry_step(rows->entries[at]);
            assert_int_equal(column, j);
            assert_int_equal(mlp_entry_byte(rows->entries[at]), byte);
            shown = j + 1;
            at++;
        }
        while (at % MLP_SPARSE_GROUP != 0) assert_int_equal(rows->entries[at++], 0);
        assert_int_equal(mlp_rows_at(rows, i).n, at - rows->starts[i]);
    }
    assert_int_equal(rows->starts[set->n], at);
    for (int byte = 0; byte < 256; byte++) assert_true(rows->values[byte] == (float)byte / 255.0F);
}

static void rows_have_every_nonzero_byte(void **state) {
    (void)state;
    static const size_t column_counts[] = {1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 257, 784};
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
        assert_int_equal(rows.starts[n], created.starts[n]);
        synthetic_sparse_free(&set);
    }
    mlp_rows_free(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_every_nonzero_byte),
        cmocka_unit_test(rows_may_be_long),
        cmocka_unit_test(rows_are_refilled),
    };
    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}

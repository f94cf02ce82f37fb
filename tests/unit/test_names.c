/* test_names.c - lookup by name: the right row, NULL for other names, the end of a list. */
#include "mlp/base/names.h"

#include "unit.h"

typedef struct row {
    const char *name;
    int number;
} row;

static const row rows[] = {{"one", 1}, {"two", 2}, {"three", 3}};

static void finds_a_row_by_its_whole_name(void **state) {
    (void)state;
    const row *found = MLP_FIND(rows, "two");
    assert_ptr_equal(found, &rows[1]);
    found = MLP_FIND(rows, "three");
    assert_int_equal(found->number, 3);
    assert_null(MLP_FIND(rows, "tw"));
    assert_null(MLP_FIND(rows, "twos"));
    assert_null(MLP_FIND(rows, ""));
}

static void lists_the_names(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(MLP_NAME(rows, i), rows[i].name);
    assert_null(MLP_NAME(rows, (size_t)3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_row_by_its_whole_name),
        cmocka_unit_test(lists_the_names),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}

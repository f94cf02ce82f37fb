/* test_names.c - lookup by name: the right row, NULL for other names, the end of a list. */
#include "mlp/base/names.h"

#include "unit.h"

typedef struct row {
    const char *name;
    int number;
} row;

static const row rows[] = {{"one", 1}, {"two", 2}, {"three", 3}};

const row *number_find(const char *name);
const char *number_name(size_t i);
MLP_NAMED_TABLE(number, row, rows)

static void finds_a_row_by_its_whole_name(void **state) {
    (void)state;
    const row *found = number_find("two");
    assert_ptr_equal(found, &rows[1]);
    found = number_find("three");
    assert_int_equal(found->number, 3);
    assert_null(number_find("tw"));
    assert_null(number_find("twos"));
    assert_null(number_find(""));
}

static void lists_the_names(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) assert_string_equal(number_name(i), rows[i].name);
    assert_null(number_name(3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_row_by_its_whole_name),
        cmocka_unit_test(lists_the_names),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}

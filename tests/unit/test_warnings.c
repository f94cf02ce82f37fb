/* test_warnings.c - lines are kept in order, once, cleaned, and no more than the most. */
#include "mlp/base/status.h"

#include <string.h>

#include "unit.h"

static void lines_stay_in_order_and_come_once(void **state) {
    (void)state;
    mlp_warnings w = {0};
    mlp_warn(&w, "%s: has %d classes", "a\nb", 1);
    mlp_warn(&w, "two");
    mlp_warn(&w, "tw");
    mlp_warn(&w, "two");
    mlp_warn(NULL, "not asked for");
    assert_int_equal(w.n, 3);
    assert_string_equal(w.text.at, "a?b: has 1 classes\ntwo\ntw\n");
    mlp_warnings_free(&w);
    assert_int_equal(w.n, 0);
    assert_null(w.text.at);
    mlp_warnings_free(NULL);
}

static void lists_are_joined(void **state) {
    (void)state;
    mlp_warnings a = {0}, b = {0}, empty = {0};
    mlp_warn(&a, "one");
    mlp_warn(&b, "one");
    mlp_warn(&b, "two");
    mlp_warnings_move(&a, &b);
    mlp_warnings_move(&a, &empty);
    assert_int_equal(a.n, 2);
    assert_string_equal(a.text.at, "one\ntwo\n");
    assert_int_equal(b.n, 0);
    assert_null(b.text.at);
    mlp_warnings_free(&a);
}

static void there_is_a_most(void **state) {
    (void)state;
    mlp_warnings w = {0};
    for (int i = 0; i < 2 * MLP_WARNINGS_MOST; i++) mlp_warn(&w, "number %d", i);
    assert_int_equal(w.n, MLP_WARNINGS_MOST);
    assert_null(strstr(w.text.at, "number 64\n"));
    assert_non_null(strstr(w.text.at, "number 63\n"));
    mlp_warnings_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stay_in_order_and_come_once),
        cmocka_unit_test(lists_are_joined),
        cmocka_unit_test(there_is_a_most),
    };
    return cmocka_run_group_tests_name("warnings", tests, NULL, NULL);
}

/* test_status.c - a message is one line of printable text, and the first error is kept. */
#include "mlp/base/status.h"

#include <string.h>

#include "unit.h"

static void the_first_failure_stays(void **state) {
    (void)state;
    mlp_error err = {0};
    assert_int_equal(mlp_fail(&err, MLP_ERR_IO, "first %d", 1), MLP_ERR_IO);
    assert_int_equal(mlp_fail(&err, MLP_ERR_FORMAT, "second"), MLP_ERR_FORMAT);
    assert_int_equal(mlp_fail_memory(&err, "third", 3), MLP_ERR_MEMORY);
    assert_int_equal(err.status, MLP_ERR_IO);
    assert_string_equal(err.message, "first 1");
    assert_int_equal(mlp_fail(NULL, MLP_ERR_USAGE, "without err"), MLP_ERR_USAGE);
}

/* A file name must not control the terminal: control characters of ASCII and of UTF-8. */
static void control_characters_become_question_marks(void **state) {
    (void)state;
    static const struct {
        const char *name, *shown;
    } cases[] = {
        {"a\nb\tc\x1b[31m", "a?b?c?[31m"},        {"\x01\x1f \x7f~", "?? ?~"}, {"\xc2\x80\xc2\x9f", "????"},
        {"\xc2\xa0\xc3\xa4", "\xc2\xa0\xc3\xa4"}, {"\xff\xc2", "\xff\xc2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mlp_error err = {0};
        mlp_fail(&err, MLP_ERR_IO, "%s", cases[i].name);
        assert_string_equal(err.message, cases[i].shown);
    }
}

static void a_long_message_is_cut(void **state) {
    (void)state;
    static char name[2 * sizeof((mlp_error *)0)->message];
    mlp_error err = {0};
    memset(name, 'a', sizeof name - 1);
    mlp_fail(&err, MLP_ERR_IO, "%s", name);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void memory_is_told_in_bytes(void **state) {
    (void)state;
    mlp_error err = {0};
    assert_int_equal(mlp_fail_memory(&err, "the images", 1ULL << 40), MLP_ERR_MEMORY);
    assert_int_equal(err.status, MLP_ERR_MEMORY);
    assert_string_equal(err.message, "the images: no memory for 1099511627776 bytes; make the run smaller, or raise "
                                     "the limit");
}

/* ---- warnings: in order, once, cleaned, and no more than the most ---- */

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
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(control_characters_become_question_marks),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(memory_is_told_in_bytes),
        cmocka_unit_test(lines_stay_in_order_and_come_once),
        cmocka_unit_test(lists_are_joined),
        cmocka_unit_test(there_is_a_most),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}

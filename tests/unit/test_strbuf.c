/* test_strbuf.c - a string that grows. tests/fault tests failing allocations. */
#include "mlp/base/text.h"

#include <stdint.h>
#include <string.h>

#include "unit.h"

static void grows_by_any_steps(void **state) {
    (void)state;
    mlp_strbuf text = {0};
    char expected[20000];
    size_t n = 0;
    for (size_t step = 0; n + 200 < sizeof expected; step = (step + 7) % 190) {
        for (size_t i = 0; i < step; i++) expected[n + i] = (char)('a' + (n + i) % 26);
        mlp_strbuf_add(&text, expected + n, step);
        n += step;
        assert_int_equal(text.n, n);
        assert_int_equal(text.at[n], '\0');
    }
    assert_memory_equal(text.at, expected, n);
    mlp_strbuf_free(&text);
    assert_null(text.at);
    mlp_strbuf_free(NULL);
}

static void prints(void **state) {
    (void)state;
    mlp_strbuf text = {0};
    mlp_strbuf_print(&text, "%s", "");
    assert_int_equal(text.n, 0);
    mlp_strbuf_print(&text, "--%s %zu", "iters", (size_t)100);
    mlp_strbuf_print(&text, "%*s|", 300, "");
    assert_int_equal(text.n, 11 + 301);
    assert_int_equal(strlen(text.at), text.n);
    assert_memory_equal(text.at, "--iters 100 ", 12);
    assert_string_equal(text.at + text.n - 2, " |");
    mlp_strbuf_free(&text);
}

static void keeps_zero_bytes(void **state) {
    (void)state;
    mlp_strbuf text = {0};
    mlp_strbuf_add(&text, "a\0b", 4);
    mlp_strbuf_print(&text, "c");
    assert_int_equal(text.n, 5);
    assert_memory_equal(text.at, "a\0b\0c", 6);
    mlp_strbuf_free(&text);
}

static void more_than_memory_is_remembered(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__ /* its malloc ends the program instead of returning NULL */
    const size_t sizes[] = {SIZE_MAX - 3};
#else
    const size_t sizes[] = {SIZE_MAX - 3, SIZE_MAX / 8}; /* overflow; more than there is */
#endif
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        mlp_strbuf text = {0};
        mlp_strbuf_print(&text, "begun");
        mlp_strbuf_add(&text, "", sizes[i]); /* fails before it reads */
        assert_true(text.failed);
        mlp_strbuf_print(&text, " and never ended");
        assert_true(text.failed);
        assert_string_equal(text.at, "begun");
        mlp_strbuf_free(&text);
    }
}

/* The final zero byte fits even when the text fills the allocation. */
static void room_is_for_one_more(void **state) {
    (void)state;
    for (size_t n = 0; n < 300; n++) {
        mlp_strbuf text = {0};
        mlp_strbuf_add(&text, "a", 1);
        while (text.n < n) {
            mlp_strbuf_add(&text, "b", 1);
            assert_true(text.n < text.capacity);
        }
        char more[300];
        memset(more, 'c', sizeof more);
        mlp_strbuf_add(&text, more, text.capacity - text.n);
        assert_true(text.n < text.capacity);
        assert_int_equal(strlen(text.at), text.n);
        mlp_strbuf_free(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_by_any_steps),   cmocka_unit_test(prints),
        cmocka_unit_test(keeps_zero_bytes),     cmocka_unit_test(more_than_memory_is_remembered),
        cmocka_unit_test(room_is_for_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_text.c - a string that grows, whose failing allocations tests/fault tests; UTF-8 as the table of well-formed
   sequences in RFC 3629 has it; what fits into a line and a message. */
#include "mlp/base/text.h"

#include <stdint.h>
#include <string.h>

#include "unit.h"

/* ---- strings ---- */

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

/* ---- UTF-8 ---- */

/* The rows of the table: first bytes, length, second bytes. Later bytes are 0x80 to 0xBF. */
static const struct {
    int from, to, length, least, most;
} rows[] = {{0x00, 0x7F, 1, 0x00, 0xFF}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
            {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
            {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F}};

static size_t expected_length(int first, int second) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (first >= rows[i].from && first <= rows[i].to)
            return second >= rows[i].least && second <= rows[i].most ? (size_t)rows[i].length : 0;
    return 0;
}

static void the_table_decides(void **state) {
    (void)state;
    for (int first = 0; first < 256; first++)
        for (int second = 0; second < 256; second++) {
            unsigned char s[] = {(unsigned char)first, (unsigned char)second, 0xBF, 0x80};
            const size_t length = expected_length(first, second);
            if (mlp_utf8_length(s, 4) != length) fail_msg("%02x %02x: %zu", first, second, mlp_utf8_length(s, 4));
            for (size_t i = 1; i < length; i++) { /* cut off, or another byte in its place */
                assert_int_equal(mlp_utf8_length(s, i), 0);
                const unsigned char right = s[i];
                s[i] = 0x7F;
                assert_int_equal(mlp_utf8_length(s, 4), 0);
                s[i] = 0xC0;
                assert_int_equal(mlp_utf8_length(s, 4), 0);
                s[i] = right;
            }
        }
}

static void every_character_is_written_as_one(void **state) {
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        unsigned char s[4];
        if (c == 0xD800) c = 0xE000; /* halves of surrogate pairs */
        const size_t length = (size_t)(mlp_utf8_put(s, c) - s);
        if (mlp_utf8_length(s, length) != length) fail_msg("U+%04x", c);
        uint32_t value = length == 1 ? s[0] : s[0] & (0xFFU >> (length + 1));
        for (size_t i = 1; i < length; i++) value = value << 6 | (s[i] & 0x3F);
        assert_int_equal(value, c);
    }
}

static void columns_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t most, bytes, columns;
    } cases[] = {{"abc", 2, 2, 2},          {"abc", 9, 3, 3},      {"a\u00e9b", 2, 3, 2},     {"\u6570\u5b57", 3, 3, 2},
                 {"\u6570\u5b57", 4, 6, 4}, {"e\u0301x", 1, 3, 1}, {"\u20ac\u20ac", 1, 3, 1}, {"\U0001F600!", 2, 4, 2},
                 {"\xff\xfe", 1, 1, 1},     {"", 5, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t columns = 77;
        assert_int_equal(mlp_utf8_fit(&columns, cases[i].text, cases[i].most), cases[i].bytes);
        assert_int_equal(columns, cases[i].columns);
    }
}

static void a_message_shows_whole_characters(void **state) {
    (void)state;
    char text[80] = "";
    for (size_t n = 0; n < 64; n++) text[n] = 'x';
    assert_int_equal(mlp_utf8_shown(text), 64);
    text[64] = 'x';
    assert_int_equal(mlp_utf8_shown(text), 64);
    memcpy(text + 62, "\u20ac", 3); /* three bytes, of which two would fit */
    assert_int_equal(mlp_utf8_shown(text), 62);
    assert_int_equal(mlp_utf8_shown("short"), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_by_any_steps),
        cmocka_unit_test(prints),
        cmocka_unit_test(keeps_zero_bytes),
        cmocka_unit_test(more_than_memory_is_remembered),
        cmocka_unit_test(room_is_for_one_more),
        cmocka_unit_test(the_table_decides),
        cmocka_unit_test(every_character_is_written_as_one),
        cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(a_message_shows_whole_characters),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

/* test_utf8.c - UTF-8 as the table of well-formed sequences in RFC 3629 has it; what fits into a line and a message. */
#include "mlp/base/utf8.h"

#include <string.h>

#include "unit.h"

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
        cmocka_unit_test(the_table_decides),
        cmocka_unit_test(every_character_is_written_as_one),
        cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(a_message_shows_whole_characters),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}

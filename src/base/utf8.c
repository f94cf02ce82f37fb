/* utf8.c - lengths and bytes of UTF-8 characters. */
#include "mlp/base/utf8.h"

#include <stdbool.h>
#include <string.h>

size_t mlp_utf8_length(const unsigned char *s, size_t n) {
    const size_t length = s[0] < 0x80   ? 1
                          : s[0] < 0xC2 ? 0 /* a continuation byte, or an ASCII character encoded in two bytes */
                          : s[0] < 0xE0 ? 2
                          : s[0] < 0xF0 ? 3
                          : s[0] < 0xF5 ? 4
                                        : 0;
    if (length > n) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
    const bool beyond = s[0] == 0xF4 && s[1] >= 0x90; /* the last character is U+10FFFF */
    return overlong || surrogate || beyond ? 0 : length;
}

unsigned char *mlp_utf8_put(unsigned char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (unsigned char)c;
        return to;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (unsigned char)(lead[more] | c >> 6 * more);
    for (int i = more - 1; i >= 0; i--) *to++ = (unsigned char)(0x80 | (c >> 6 * i & 0x3F));
    return to;
}

int mlp_utf8_shown(const char *text) {
    enum { MOST = 64 };
    size_t n = strlen(text);
    if (n > MOST)
        for (n = MOST; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;) n--;
    return (int)n;
}

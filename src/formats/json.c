/* json.c - reads JSON in place, and writes its texts. Trusts no byte of what it reads. */
#include "mlp/formats/json.h"

#include <string.h>

#define SAVE_AGAIN "copy or save it again"

mlp_status mlp_json_fail(const mlp_json *json, const char *what, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT, "%s: is a damaged safetensors file: byte %zu of its header: %s; " SAVE_AGAIN,
                    json->file, (size_t)(json->at - json->start), what);
}

static void skip_space(mlp_json *json) {
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r'))
        json->at++;
}

/* Skips blanks. If the next character is `c`, skips it too and returns true. */
static bool next(mlp_json *json, unsigned char c) {
    skip_space(json);
    if (json->at == json->end || *json->at != c) return false;
    json->at++;
    return true;
}

static bool read_hex4(mlp_json *json, uint32_t *c) {
    *c = 0;
    for (int i = 0; i < 4; i++, json->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = json->at < json->end && *json->at != '\0' ? strchr(digits, *json->at) : NULL;
        if (digit == NULL) return false;
        *c = *c << 4 | (uint32_t)((digit - digits) & 15);
    }
    return true;
}

/* Decodes what follows a backslash and appends it to *to. */
static mlp_status read_escape(mlp_json *json, unsigned char **to, mlp_error *err) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter = json->at < json->end && *json->at != '\0' ? strchr(letters, *json->at) : NULL;
    uint32_t c, low;
    if (letter != NULL) {
        *(*to)++ = (unsigned char)meant[letter - letters];
        json->at++;
        return MLP_OK;
    }
    if (json->at == json->end || *json->at++ != 'u' || !read_hex4(json, &c))
        return mlp_json_fail(json, "a wrong escape in a text", err);
    if (c >= 0xD800 && c < 0xE000) { /* half a surrogate pair: \uD800 to \uDBFF, then \uDC00 to \uDFFF */
        if (c >= 0xDC00 || json->end - json->at < 6 || *json->at++ != '\\' || *json->at++ != 'u' ||
            !read_hex4(json, &low) || low < 0xDC00 || low > 0xDFFF)
            return mlp_json_fail(json, "half a surrogate pair in a text", err);
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (c == 0) return mlp_json_fail(json, "a zero character in a text", err);
    *to = mlp_utf8_put(*to, c);
    return MLP_OK;
}

/* The decoded text is never longer than its JSON, so it overwrites the JSON. */
mlp_status mlp_json_text(mlp_json *json, const char **text, mlp_error *err) {
    if (!next(json, '"')) return mlp_json_fail(json, "expected a text in double quotes", err);
    unsigned char *to = json->at;
    *text = (const char *)to;
    while (json->at < json->end && *json->at != '"') {
        if (*json->at < ' ') return mlp_json_fail(json, "a control character in a text", err);
        if (*json->at == '\\') {
            json->at++;
            MLP_TRY(read_escape(json, &to, err));
            continue;
        }
        const size_t length = mlp_utf8_length(json->at, (size_t)(json->end - json->at));
        if (length == 0) return mlp_json_fail(json, "text that is not UTF-8", err);
        memmove(to, json->at, length);
        to += length;
        json->at += length;
    }
    if (json->at == json->end) return mlp_json_fail(json, "the header ends inside a text", err);
    json->at++;
    *to = '\0';
    return MLP_OK;
}

/* Reads a whole number: no sign, no leading zero, no fraction, no exponent. */
static mlp_status read_size(mlp_json *json, size_t *size, mlp_error *err) {
    skip_space(json);
    const unsigned char *first = json->at;
    *size = 0;
    for (; json->at < json->end && *json->at >= '0' && *json->at <= '9'; json->at++) {
        const size_t digit = *json->at - (size_t)'0';
        if (*size > (SIZE_MAX - digit) / 10) return mlp_json_fail(json, "a number beyond 64 bits", err);
        *size = *size * 10 + digit;
    }
    const bool fraction = json->at < json->end && strchr(".eE", *json->at) != NULL && *json->at != '\0';
    if (json->at == first || fraction || (*first == '0' && json->at - first > 1))
        return mlp_json_fail(json, "expected a whole number", err);
    return MLP_OK;
}

mlp_status mlp_json_sizes(mlp_json *json, size_t *sizes, size_t *n, size_t most, mlp_error *err) {
    *n = 0;
    if (!next(json, '[')) return mlp_json_fail(json, "expected [", err);
    if (next(json, ']')) return MLP_OK;
    do {
        if (*n == most) return mlp_json_fail(json, "too many numbers in a list", err);
        MLP_TRY(read_size(json, &sizes[(*n)++], err));
    } while (next(json, ','));
    return next(json, ']') ? MLP_OK : mlp_json_fail(json, "expected , or ]", err);
}

mlp_status mlp_json_object(mlp_json *json, mlp_json_member *member, void *context, mlp_error *err) {
    if (!next(json, '{')) return mlp_json_fail(json, "expected {", err);
    if (next(json, '}')) return MLP_OK;
    do {
        const char *key = "";
        MLP_TRY(mlp_json_text(json, &key, err));
        if (!next(json, ':')) return mlp_json_fail(json, "expected :", err);
        MLP_TRY(member(context, key, err));
    } while (next(json, ','));
    return next(json, '}') ? MLP_OK : mlp_json_fail(json, "expected , or }", err);
}

/* Whether at[0 .. n) is a number or one of JSON's three words. */
static bool is_atom(const char *at, size_t n) {
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < 3; i++)
        if (strlen(words[i]) == n && memcmp(words[i], at, n) == 0) return true;
    const size_t sign = n > 0 && *at == '-';
    if (n == sign || at[sign] < '0' || at[sign] > '9') return false;
    for (size_t i = sign; i < n; i++)
        if (strchr("0123456789.eE+-", at[i]) == NULL) return false;
    return true;
}

/* Skips a value. Not recursive, because a file may nest values to any depth. */
static mlp_status skip_value(mlp_json *json, mlp_error *err) {
    static const char atoms[] = "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t depth = 0;
    do {
        skip_space(json);
        const unsigned char *first = json->at;
        if (json->at == json->end) break;
        if (*first == '"') {
            const char *text;
            MLP_TRY(mlp_json_text(json, &text, err));
        } else if (strchr("[{]},:", *first) != NULL && *first != '\0') {
            if (depth == 0 && *first != '[' && *first != '{') return mlp_json_fail(json, "expected a value", err);
            depth += *first == '[' || *first == '{';
            depth -= *first == ']' || *first == '}';
            json->at++;
        } else {
            while (json->at < json->end && *json->at != '\0' && strchr(atoms, *json->at) != NULL) json->at++;
            if (!is_atom((const char *)first, (size_t)(json->at - first)))
                return mlp_json_fail(json, "expected a value", err);
        }
    } while (depth > 0);
    return json->at < json->end ? MLP_OK : mlp_json_fail(json, "the header ends in a value", err);
}

mlp_status mlp_json_value(mlp_json *json, const char **text, bool *is_text, mlp_error *err) {
    skip_space(json);
    unsigned char *first = json->at;
    *is_text = first < json->end && *first == '"';
    if (*is_text) return mlp_json_text(json, text, err);
    MLP_TRY(skip_value(json, err));
    if (*first == '{' || *first == '[') {
        *text = *first == '{' ? "{...}" : "[...]";
        return MLP_OK;
    }
    const size_t n = (size_t)(json->at - first);
    memmove(first - 1, first, n); /* overwrites the colon or a blank, to make space for the zero byte */
    first[n - 1] = '\0';
    *text = (const char *)first - 1;
    return MLP_OK;
}

bool mlp_json_ends(mlp_json *json) {
    skip_space(json);
    return json->at == json->end;
}

void mlp_json_put_text(mlp_strbuf *json, const char *text, size_t n, const char *special) {
    const unsigned char *at = (const unsigned char *)text, *end = at + n;
    mlp_strbuf_add(json, "\"", 1);
    for (size_t length; at < end; at += length == 0 ? 1 : length) {
        length = mlp_utf8_length(at, (size_t)(end - at));
        if (length == 0)
            mlp_strbuf_print(json, "\xef\xbf\xbd");
        else if (*at < ' ' || strchr(special, *at) != NULL)
            mlp_strbuf_print(json, "\\u%04x", *at);
        else
            mlp_strbuf_print(json, "%s%.*s", *at == '"' || *at == '\\' ? "\\" : "", (int)length, (const char *)at);
    }
    mlp_strbuf_add(json, "\"", 1);
}

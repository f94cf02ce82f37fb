/* safetensors.c - reads and writes that format. Trusts no byte of a file; knows arrays, not
   networks. The format: https://github.com/huggingface/safetensors, README and tensor.rs. */
#include "mlp/formats/safetensors.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/strbuf.h"
#include "mlp/formats/source.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "safetensors.c copies numbers as they are: a big-endian machine must swap them");

#define MOST_HEADER ((size_t)100 * 1000 * 1000) /* the reference reader's limit */
#define SAVE_AGAIN "copy or save it again"

/* ---- types ---- */

static const struct {
    const char *name;
    size_t bits;
} dtypes[MLP_N_DTYPES] = {
    [MLP_BOOL] = {"BOOL", 8},       [MLP_F4] = {"F4", 4},           [MLP_F6_E2M3] = {"F6_E2M3", 6},
    [MLP_F6_E3M2] = {"F6_E3M2", 6}, [MLP_U8] = {"U8", 8},           [MLP_I8] = {"I8", 8},
    [MLP_F8_E5M2] = {"F8_E5M2", 8}, [MLP_F8_E4M3] = {"F8_E4M3", 8}, [MLP_F8_E8M0] = {"F8_E8M0", 8},
    [MLP_I16] = {"I16", 16},        [MLP_U16] = {"U16", 16},        [MLP_F16] = {"F16", 16},
    [MLP_BF16] = {"BF16", 16},      [MLP_I32] = {"I32", 32},        [MLP_U32] = {"U32", 32},
    [MLP_F32] = {"F32", 32},        [MLP_C64] = {"C64", 64},        [MLP_F64] = {"F64", 64},
    [MLP_I64] = {"I64", 64},        [MLP_U64] = {"U64", 64},
};

const char *mlp_dtype_name(mlp_dtype dtype) {
    return dtypes[dtype].name;
}

/* Bytes of an array; SIZE_MAX where they cannot be counted or are no whole number. */
size_t mlp_tensor_bytes(const mlp_tensor *tensor) {
    size_t bits = dtypes[tensor->dtype].bits;
    for (size_t i = 0; i < tensor->n_dims; i++)
        if (tensor->dims[i] == 0)
            return 0; /* however large the others are */
    for (size_t i = 0; i < tensor->n_dims; i++) {
        if (bits > SIZE_MAX / tensor->dims[i])
            return SIZE_MAX;
        bits *= tensor->dims[i];
    }
    return bits % 8 == 0 ? bits / 8 : SIZE_MAX;
}

const char *mlp_tensor_shape(char text[MLP_TENSOR_SHAPE_SIZE], const mlp_tensor *tensor) {
    size_t at = (size_t)snprintf(text, MLP_TENSOR_SHAPE_SIZE, "[");
    for (size_t i = 0; i < tensor->n_dims; i++)
        at += (size_t)snprintf(text + at, MLP_TENSOR_SHAPE_SIZE - at, "%s%zu", i > 0 ? " x " : "",
                               tensor->dims[i]);
    snprintf(text + at, MLP_TENSOR_SHAPE_SIZE - at, "]");
    return text;
}

/* ---- UTF-8 ---- */

size_t mlp_utf8_length(const unsigned char *s, size_t n) {
    const size_t length = s[0] < 0x80   ? 1
                          : s[0] < 0xC2 ? 0 /* a continuation, or an ASCII character in two bytes */
                          : s[0] < 0xE0 ? 2
                          : s[0] < 0xF0 ? 3
                          : s[0] < 0xF5 ? 4
                                        : 0;
    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
    const bool beyond = s[0] == 0xF4 && s[1] >= 0x90; /* the last character, 10FFFF */
    return overlong || surrogate || beyond ? 0 : length;
}

/* Appends character `c` as UTF-8; returns its end. */
static unsigned char *utf8_put(unsigned char *to, uint32_t c) {
    if (c < 0x80) {
        *to++ = (unsigned char)c;
        return to;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (unsigned char)(lead[more] | c >> 6 * more);
    for (int i = more - 1; i >= 0; i--)
        *to++ = (unsigned char)(0x80 | (c >> 6 * i & 0x3F));
    return to;
}

int mlp_safetensors_shown(const char *text) {
    enum { MOST = 64 };
    size_t n = strlen(text);
    if (n > MOST)
        for (n = MOST; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
            n--;
    return (int)n;
}

/* ---- the header's JSON: the few forms that occur in it, decoded in place ---- */

/* A tensor's entry while its checks are going on. */
typedef struct entry {
    mlp_tensor tensor;
    size_t begin, end;
    bool has_dtype, has_shape, has_offsets;
} entry;

typedef struct parser {
    const char *file;                /* for messages */
    unsigned char *start, *at, *end; /* the header; start[-8 .. 0) is its length */
    entry *entries;
    size_t n, room;
    mlp_pair *pairs;
    size_t n_pairs, room_pairs;
    bool has_metadata;
} parser;

static mlp_status fail_here(const parser *p, const char *what, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is a damaged safetensors file: byte %zu of its header: %s; " SAVE_AGAIN,
                    p->file, (size_t)(p->at - p->start), what);
}

static void skip_space(parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

/* Whether the next character is `c`, which is then behind us. */
static bool next_is(parser *p, unsigned char c) {
    skip_space(p);
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool read_hex4(parser *p, uint32_t *c) {
    *c = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = p->at < p->end && *p->at != '\0' ? strchr(digits, *p->at) : NULL;
        if (digit == NULL)
            return false;
        *c = *c << 4 | (uint32_t)((digit - digits) & 15);
    }
    return true;
}

/* What follows a backslash, appended to *to. */
static mlp_status read_escape(parser *p, unsigned char **to, mlp_error *err) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter = p->at < p->end && *p->at != '\0' ? strchr(letters, *p->at) : NULL;
    uint32_t c, low;
    if (letter != NULL) {
        *(*to)++ = (unsigned char)meant[letter - letters];
        p->at++;
        return MLP_OK;
    }
    if (p->at == p->end || *p->at++ != 'u' || !read_hex4(p, &c))
        return fail_here(p, "a wrong escape in a text", err);
    if (c >= 0xD800 && c < 0xDC00) { /* the first half of a pair that is one character */
        if (p->end - p->at < 6 || *p->at++ != '\\' || *p->at++ != 'u' || !read_hex4(p, &low) ||
            low < 0xDC00 || low > 0xDFFF)
            return fail_here(p, "half a surrogate pair in a text", err);
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c < 0xE000) {
        return fail_here(p, "half a surrogate pair in a text", err);
    }
    if (c == 0)
        return fail_here(p, "a zero character in a text", err);
    *to = utf8_put(*to, c);
    return MLP_OK;
}

/* A string; its decoded form is no longer than its written one and takes its place. */
static mlp_status read_string(parser *p, const char **text, mlp_error *err) {
    if (!next_is(p, '"'))
        return fail_here(p, "expected a text in double quotes", err);
    unsigned char *to = p->at;
    *text = (const char *)to;
    while (p->at < p->end && *p->at != '"') {
        if (*p->at < ' ')
            return fail_here(p, "a control character in a text", err);
        if (*p->at == '\\') {
            p->at++;
            const mlp_status status = read_escape(p, &to, err);
            if (status != MLP_OK)
                return status;
            continue;
        }
        const size_t length = mlp_utf8_length(p->at, (size_t)(p->end - p->at));
        if (length == 0)
            return fail_here(p, "text that is not UTF-8", err);
        memmove(to, p->at, length);
        to += length;
        p->at += length;
    }
    if (p->at == p->end)
        return fail_here(p, "the header ends inside a text", err);
    p->at++;
    *to = '\0';
    return MLP_OK;
}

/* A whole number as JSON writes it: no sign, no leading zero, no fraction, no exponent. */
static mlp_status read_size(parser *p, size_t *size, mlp_error *err) {
    skip_space(p);
    const unsigned char *first = p->at;
    *size = 0;
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
        const size_t digit = *p->at - (size_t)'0';
        if (*size > (SIZE_MAX - digit) / 10)
            return fail_here(p, "a number beyond 64 bits", err);
        *size = *size * 10 + digit;
    }
    const bool fraction = p->at < p->end && strchr(".eE", *p->at) != NULL && *p->at != '\0';
    if (p->at == first || fraction || (*first == '0' && p->at - first > 1))
        return fail_here(p, "expected a whole number", err);
    return MLP_OK;
}

/* [a, b, c] into sizes[most]. */
static mlp_status read_sizes(parser *p, size_t *sizes, size_t *n, size_t most, mlp_error *err) {
    *n = 0;
    if (!next_is(p, '['))
        return fail_here(p, "expected [", err);
    if (next_is(p, ']'))
        return MLP_OK;
    do {
        if (*n == most)
            return fail_here(p, "too many numbers in a list", err);
        const mlp_status status = read_size(p, &sizes[(*n)++], err);
        if (status != MLP_OK)
            return status;
    } while (next_is(p, ','));
    return next_is(p, ']') ? MLP_OK : fail_here(p, "expected , or ]", err);
}

/* An object: `member` reads the value of each key. */
typedef mlp_status (*member_reader)(parser *p, const char *key, mlp_error *err);

static mlp_status read_object(parser *p, member_reader member, mlp_error *err) {
    if (!next_is(p, '{'))
        return fail_here(p, "expected {", err);
    if (next_is(p, '}'))
        return MLP_OK;
    do {
        const char *key = "";
        mlp_status status = read_string(p, &key, err);
        if (status == MLP_OK && !next_is(p, ':'))
            status = fail_here(p, "expected :", err);
        if (status == MLP_OK)
            status = member(p, key, err);
        if (status != MLP_OK)
            return status;
    } while (next_is(p, ','));
    return next_is(p, '}') ? MLP_OK : fail_here(p, "expected , or }", err);
}

/* Room for one more of `size` bytes in items[*room]: what is read costs a few bytes of header
   each, so the memory stays within a small multiple of the file. */
static void *one_more(void *items, size_t n, size_t *room, size_t size, mlp_error *err) {
    if (n < *room)
        return items;
    const size_t more = *room == 0 ? 16 : 2 * *room;
    void *moved = realloc(items, more * size);
    if (moved == NULL)
        mlp_fail_memory(err, "a safetensors header", more * size);
    else
        *room = more;
    return moved;
}

/* ---- what the header says ---- */

static mlp_status read_pair(parser *p, const char *key, mlp_error *err) {
    mlp_pair *pairs = one_more(p->pairs, p->n_pairs, &p->room_pairs, sizeof *pairs, err);
    if (pairs == NULL)
        return MLP_ERR_MEMORY;
    p->pairs = pairs;
    p->pairs[p->n_pairs] = (mlp_pair){.key = key};
    return read_string(p, &p->pairs[p->n_pairs++].value, err);
}

static mlp_status fail_tensor(const parser *p, const char *name, const char *what, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is a damaged safetensors file: tensor '%.*s' %s; " SAVE_AGAIN, p->file,
                    mlp_safetensors_shown(name), name, what);
}

static mlp_status read_dtype(parser *p, entry *e, mlp_error *err) {
    const char *name;
    const mlp_status status = read_string(p, &name, err);
    if (status != MLP_OK)
        return status;
    for (int i = 0; i < MLP_N_DTYPES; i++)
        if (strcmp(dtypes[i].name, name) == 0) {
            e->tensor.dtype = (mlp_dtype)i;
            return MLP_OK;
        }
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: tensor '%.*s' has the dtype '%.*s', which safetensors does not define; "
                    "save it as F32",
                    p->file, mlp_safetensors_shown(e->tensor.name), e->tensor.name,
                    mlp_safetensors_shown(name), name);
}

static mlp_status read_offsets(parser *p, entry *e, mlp_error *err) {
    size_t offsets[2], n;
    const mlp_status status = read_sizes(p, offsets, &n, 2, err);
    if (status != MLP_OK)
        return status;
    if (n != 2)
        return fail_here(p, "expected two offsets", err);
    e->begin = offsets[0];
    e->end = offsets[1];
    return MLP_OK;
}

/* dtype, shape or data_offsets of the last entry. */
static mlp_status read_part(parser *p, const char *key, mlp_error *err) {
    entry *e = &p->entries[p->n - 1];
    const char *name = e->tensor.name;
    bool *has = strcmp(key, "dtype") == 0          ? &e->has_dtype
                : strcmp(key, "shape") == 0        ? &e->has_shape
                : strcmp(key, "data_offsets") == 0 ? &e->has_offsets
                                                   : NULL;
    if (has == NULL)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a damaged safetensors file: tensor '%.*s' has the key '%.*s', "
                        "where dtype, shape and data_offsets were expected; " SAVE_AGAIN,
                        p->file, mlp_safetensors_shown(name), name, mlp_safetensors_shown(key),
                        key);
    if (*has)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a damaged safetensors file: tensor '%.*s' has the key '%s' "
                        "twice; " SAVE_AGAIN,
                        p->file, mlp_safetensors_shown(name), name, key);
    *has = true;
    if (has == &e->has_dtype)
        return read_dtype(p, e, err);
    if (has == &e->has_shape)
        return read_sizes(p, e->tensor.dims, &e->tensor.n_dims, MLP_TENSOR_DIMS, err);
    return read_offsets(p, e, err);
}

static mlp_status read_entry(parser *p, const char *key, mlp_error *err) {
    if (strcmp(key, "__metadata__") == 0) {
        if (p->has_metadata)
            return fail_here(p, "a second __metadata__", err);
        p->has_metadata = true;
        return read_object(p, read_pair, err);
    }
    entry *entries = one_more(p->entries, p->n, &p->room, sizeof *entries, err);
    if (entries == NULL)
        return MLP_ERR_MEMORY;
    p->entries = entries;
    p->entries[p->n++] = (entry){.tensor.name = key};
    const mlp_status status = read_object(p, read_part, err);
    const entry *e = &p->entries[p->n - 1];
    if (status == MLP_OK && !(e->has_dtype && e->has_shape && e->has_offsets))
        return fail_tensor(p, key, "lacks its dtype, shape or data_offsets", err);
    return status;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const entry *)a)->tensor.name, ((const entry *)b)->tensor.name);
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const mlp_pair *)a)->key, ((const mlp_pair *)b)->key);
}

static int by_offset(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end != y->end ? x->end < y->end ? -1 : 1 : by_name(a, b);
}

static mlp_status check_duplicates(parser *p, mlp_error *err) {
    if (p->n > 0)
        qsort(p->entries, p->n, sizeof *p->entries, by_name);
    for (size_t i = 1; i < p->n; i++)
        if (by_name(&p->entries[i - 1], &p->entries[i]) == 0)
            return fail_tensor(p, p->entries[i].tensor.name, "is there twice", err);
    if (p->n_pairs > 0)
        qsort(p->pairs, p->n_pairs, sizeof *p->pairs, by_key);
    for (size_t i = 1; i < p->n_pairs; i++)
        if (by_key(&p->pairs[i - 1], &p->pairs[i]) == 0)
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: is a damaged safetensors file: metadata key '%.*s' is there "
                            "twice; " SAVE_AGAIN,
                            p->file, mlp_safetensors_shown(p->pairs[i].key), p->pairs[i].key);
    return MLP_OK;
}

static mlp_status fail_offsets(const parser *p, const entry *e, mlp_error *err) {
    char shape[MLP_TENSOR_SHAPE_SIZE];
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is a damaged safetensors file: tensor '%.*s' has offsets from %zu to %zu, "
                    "which are not those of %s %s; " SAVE_AGAIN,
                    p->file, mlp_safetensors_shown(e->tensor.name), e->tensor.name, e->begin,
                    e->end, dtypes[e->tensor.dtype].name, mlp_tensor_shape(shape, &e->tensor));
}

/* The arrays must follow one another from the first byte of the data; *size is their sum. */
static mlp_status check_offsets(parser *p, size_t *size, mlp_error *err) {
    *size = 0;
    if (p->n > 0)
        qsort(p->entries, p->n, sizeof *p->entries, by_offset);
    for (size_t i = 0; i < p->n; i++) {
        const entry *e = &p->entries[i];
        const size_t bytes = mlp_tensor_bytes(&e->tensor);
        if (e->end < e->begin || e->end - e->begin != bytes || bytes == SIZE_MAX)
            return fail_offsets(p, e, err);
        if (e->begin < *size)
            return fail_tensor(p, e->tensor.name, "overlaps the data of another", err);
        if (e->begin > *size)
            return fail_tensor(p, e->tensor.name, "has a hole before its data", err);
        *size = e->end;
    }
    return MLP_OK;
}

/* ---- the file ---- */

/* Other things that bear a model's name, told from their first bytes, head[0 .. n). */
static mlp_status fail_not_safetensors(const mlp_source *source, const unsigned char *head,
                                       size_t n, mlp_error *err) {
    static const struct {
        const char *magic;
        size_t length;
        const char *what;
    } kinds[] = {{"PK\3\4", 4, "a zip archive, such as torch.save and numpy.savez write"},
                 {"\x80", 1, "probably a Python pickle"},
                 {"\x93NUMPY", 6, "a NumPy array (.npy)"},
                 {"\x89HDF", 4, "an HDF5 file, such as Keras writes"},
                 {"GGUF", 4, "a GGUF file"},
                 {"version ", 8, "a git-lfs pointer: run `git lfs pull`"},
                 {"<", 1, "probably a web page"}};
    if (n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: is an empty file, not safetensors; " SAVE_AGAIN,
                        source->name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].length && memcmp(head, kinds[i].magic, kinds[i].length) == 0)
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: is %s, not safetensors; save the tensors with "
                            "safetensors.torch.save_file or safetensors.numpy.save_file",
                            source->name, kinds[i].what);
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is no safetensors file: it does not begin with the size of a header that "
                    "begins with {; " SAVE_AGAIN,
                    source->name);
}

/* Reads `want` bytes into *bytes, which grows with what really comes where a file has not shown
   that it has as many; *got is smaller at the end. */
static mlp_status take(unsigned char **bytes, size_t *got, mlp_source *source, size_t want,
                       mlp_error *err) {
    enum { FIRST = 1 << 16 };
    size_t room = source->size > 0 || want < FIRST ? want : FIRST;
    for (*got = 0;;) {
        unsigned char *memory = realloc(*bytes, room > 0 ? room : 1);
        size_t n;
        if (memory == NULL)
            return mlp_fail_memory(err, source->name, room);
        *bytes = memory;
        const mlp_status status = mlp_source_read(source, memory + *got, room - *got, &n, err);
        *got += n;
        if (status != MLP_OK || *got < room || room == want)
            return status;
        room = room < want / 2 ? 2 * room : want;
    }
}

/* Reads the header's length and the header into st->text[*n]. */
static mlp_status read_header(mlp_safetensors *st, mlp_source *source, size_t *n, mlp_error *err) {
    const unsigned char *head;
    size_t got;
    uint64_t length = 0;
    mlp_status status = mlp_source_peek(source, &head, 9, &got, err); /* with the { */
    if (status != MLP_OK)
        return status;
    if (got >= 8)
        memcpy(&length, head, 8);
    if (got < 9 || head[8] != '{' || length < 2)
        return fail_not_safetensors(source, head, got, err);
    if (length > MOST_HEADER)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a damaged safetensors file: its header claims %llu bytes, and %zu "
                        "are the most; " SAVE_AGAIN,
                        source->name, (unsigned long long)length, MOST_HEADER);
    *n = (size_t)length;
    unsigned char prefix[8];
    size_t held = source->size - 8; /* of a regular file */
    status = mlp_source_read(source, prefix, 8, &got, err);
    if (status == MLP_OK && (source->size == 0 || held >= *n))
        status = take(&st->text, &held, source, *n, err);
    if (status == MLP_OK && held < *n)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is an incomplete safetensors file: its header claims %zu bytes, but "
                        "only %zu follow; " SAVE_AGAIN,
                        source->name, *n, held);
    return status;
}

static mlp_status fail_short(const mlp_source *source, size_t size, size_t held, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is an incomplete safetensors file: its tensors claim %zu bytes, but only "
                    "%zu follow the header; " SAVE_AGAIN,
                    source->name, size, held);
}

/* Reads the data behind the header of `n` bytes into st->data: exactly `size`. */
static mlp_status read_data(mlp_safetensors *st, mlp_source *source, size_t n, size_t size,
                            mlp_error *err) {
    const unsigned char *beyond;
    size_t held, more = 0;
    if (source->size > 0 && source->size - 8 - n < size) /* nothing is allocated for it */
        return fail_short(source, size, source->size - 8 - n, err);
    mlp_status status = take(&st->data, &held, source, size, err);
    if (status == MLP_OK && held < size)
        return fail_short(source, size, held, err);
    if (status == MLP_OK)
        status = mlp_source_peek(source, &beyond, 1, &more, err);
    if (status == MLP_OK && more > 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a damaged safetensors file: bytes follow the %zu of its "
                        "tensors; " SAVE_AGAIN,
                        source->name, size);
    return status;
}

static mlp_status parse_header(parser *p, mlp_error *err) {
    const mlp_status status = read_object(p, read_entry, err);
    if (status != MLP_OK)
        return status;
    skip_space(p);
    return p->at == p->end ? MLP_OK : fail_here(p, "text behind the last }", err);
}

/* Hands what the parser found to *st, whose data are read. */
static mlp_status keep(mlp_safetensors *st, parser *p, mlp_error *err) {
    st->tensors = malloc((p->n + 1) * sizeof *st->tensors);
    if (st->tensors == NULL)
        return mlp_fail_memory(err, p->file, p->n * sizeof *st->tensors);
    for (size_t i = 0; i < p->n; i++) {
        st->tensors[i] = p->entries[i].tensor;
        st->tensors[i].data = st->data + p->entries[i].begin;
    }
    st->n = p->n;
    st->pairs = p->pairs;
    st->n_pairs = p->n_pairs;
    p->pairs = NULL;
    return MLP_OK;
}

/* All of an open source; what the parser allocates is the caller's to free. */
static mlp_status read_source(mlp_safetensors *st, mlp_source *source, parser *p, mlp_error *err) {
    size_t n = 0, size = 0;
    if (source->gzip)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a gzip file, not safetensors; unpack it first (gunzip)",
                        source->name);
    mlp_status status = read_header(st, source, &n, err);
    if (status != MLP_OK)
        return status;
    *p = (parser){.file = source->name, .start = st->text, .at = st->text, .end = st->text + n};
    status = parse_header(p, err);
    if (status == MLP_OK)
        status = check_duplicates(p, err);
    if (status == MLP_OK)
        status = check_offsets(p, &size, err);
    if (status == MLP_OK)
        status = read_data(st, source, n, size, err);
    return status == MLP_OK ? keep(st, p, err) : status;
}

mlp_status mlp_safetensors_read(mlp_safetensors *st, const char *path, mlp_warnings *warnings,
                                mlp_error *err) {
    (void)warnings;
    mlp_source source = {0};
    parser p = {0};
    mlp_status status = mlp_source_open(&source, path, err);
    if (status == MLP_OK)
        status = read_source(st, &source, &p, err);
    free(p.entries);
    free(p.pairs);
    mlp_source_close(&source);
    if (status != MLP_OK)
        mlp_safetensors_free(st);
    return status;
}

const mlp_tensor *mlp_safetensors_find(const mlp_safetensors *st, const char *name) {
    for (size_t i = 0; i < st->n; i++)
        if (strcmp(st->tensors[i].name, name) == 0)
            return &st->tensors[i];
    return NULL;
}

const char *mlp_safetensors_metadata(const mlp_safetensors *st, const char *key) {
    for (size_t i = 0; i < st->n_pairs; i++)
        if (strcmp(st->pairs[i].key, key) == 0)
            return st->pairs[i].value;
    return NULL;
}

void mlp_safetensors_free(mlp_safetensors *st) {
    if (st == NULL)
        return;
    free(st->text);
    free(st->data);
    free(st->tensors);
    free(st->pairs);
    *st = (mlp_safetensors){0};
}

/* ---- writing ---- */

static void put_string(mlp_strbuf *out, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    size_t left = strlen(text);
    mlp_strbuf_print(out, "\"");
    while (left > 0) {
        const size_t length = mlp_utf8_length(s, left);
        if (length == 0)
            mlp_strbuf_print(out, "\xef\xbf\xbd"); /* U+FFFD, for what is no character */
        else if (*s < ' ')
            mlp_strbuf_print(out, "\\u%04x", *s);
        else
            mlp_strbuf_print(out, "%s%.*s", *s == '"' || *s == '\\' ? "\\" : "", (int)length,
                             (const char *)s);
        s += length == 0 ? 1 : length;
        left -= length == 0 ? 1 : length;
    }
    mlp_strbuf_print(out, "\"");
}

static int by_width(const void *a, const void *b) {
    const mlp_tensor *x = a, *y = b;
    const size_t x_bits = dtypes[x->dtype].bits, y_bits = dtypes[y->dtype].bits;
    return x_bits != y_bits ? x_bits > y_bits ? -1 : 1 : strcmp(x->name, y->name);
}

static void put_header(mlp_strbuf *out, const mlp_tensor *tensors, size_t n, const mlp_pair *pairs,
                       size_t n_pairs) {
    size_t begin = 0;
    mlp_strbuf_print(out, "{");
    for (size_t i = 0; i < n_pairs; i++) {
        mlp_strbuf_print(out, "%s", i == 0 ? "\"__metadata__\":{" : ",");
        put_string(out, pairs[i].key);
        mlp_strbuf_print(out, ":");
        put_string(out, pairs[i].value);
    }
    mlp_strbuf_print(out, "%s", n_pairs > 0 ? "}" : "");
    for (size_t i = 0; i < n; i++) {
        const mlp_tensor *t = &tensors[i];
        const size_t end = begin + mlp_tensor_bytes(t);
        mlp_strbuf_print(out, "%s", i > 0 || n_pairs > 0 ? "," : "");
        put_string(out, t->name);
        mlp_strbuf_print(out, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[t->dtype].name);
        for (size_t k = 0; k < t->n_dims; k++)
            mlp_strbuf_print(out, "%s%zu", k > 0 ? "," : "", t->dims[k]);
        mlp_strbuf_print(out, "],\"data_offsets\":[%zu,%zu]}", begin, end);
        begin = end;
    }
    mlp_strbuf_print(out, "}");
}

/* The header with its length before it and spaces behind it, into a text that is empty. */
static mlp_status make_header(mlp_strbuf *text, const mlp_tensor *tensors, size_t n,
                              const mlp_pair *pairs, size_t n_pairs, mlp_error *err) {
    enum { ALIGN = 64 };
    mlp_strbuf_add(text, "\0\0\0\0\0\0\0", 8);
    put_header(text, tensors, n, pairs, n_pairs);
    mlp_strbuf_print(text, "%*s", (int)((ALIGN - text->n % ALIGN) % ALIGN), "");
    if (text->failed)
        return mlp_fail_memory(err, "a safetensors header", text->n);
    const uint64_t length = text->n - 8;
    memcpy(text->at, &length, 8);
    return MLP_OK;
}

/* A copy of items[n], sorted; NULL without memory. */
static void *sorted(const void *items, size_t n, size_t size,
                    int (*compare)(const void *, const void *), mlp_error *err) {
    void *copy = malloc(n * size + 1);
    if (copy == NULL)
        mlp_fail_memory(err, "a safetensors header", n * size);
    else if (n > 0)
        qsort(memcpy(copy, items, n * size), n, size, compare);
    return copy;
}

mlp_status mlp_safetensors_write(mlp_file *file, const mlp_tensor *tensors, size_t n,
                                 const mlp_pair *pairs, size_t n_pairs, mlp_error *err) {
    mlp_tensor *arrays = sorted(tensors, n, sizeof *tensors, by_width, err);
    mlp_pair *texts = sorted(pairs, n_pairs, sizeof *pairs, by_key, err);
    mlp_strbuf header = {0};
    mlp_status status = MLP_ERR_MEMORY;
    if (arrays != NULL && texts != NULL)
        status = make_header(&header, arrays, n, texts, n_pairs, err);
    if (status == MLP_OK)
        status = mlp_file_write(file, header.at, header.n, err);
    for (size_t i = 0; i < n && status == MLP_OK; i++)
        status = mlp_file_write(file, arrays[i].data, mlp_tensor_bytes(&arrays[i]), err);
    mlp_strbuf_free(&header);
    free(texts);
    free(arrays);
    return status;
}

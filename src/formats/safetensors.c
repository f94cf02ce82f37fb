/* safetensors.c - reads and writes that format. Trusts no byte of a file; knows arrays, not networks. The format:
   https://github.com/huggingface/safetensors, README and tensor.rs. */
#include "mlp/formats/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/formats/file.h"
#include "mlp/formats/json.h"
#include "mlp/formats/sniff.h"
#include "mlp/formats/source.h"

#define MOST_HEADER ((size_t)100 * 1000 * 1000) /* the reference reader's limit */
#define SAVE_AGAIN "copy or save it again"

/* ---- reading the header ---- */

/* A tensor's entry while it is checked. */
typedef struct entry {
    mlp_tensor tensor;
    size_t begin, end;
    bool has_dtype, has_shape, has_offsets;
} entry;

typedef struct parser {
    mlp_json json;
    mlp_safetensors *st; /* gets the pairs; its memory, like `entries`, is enough for a header of this size */
    entry *entries;
    size_t n;
    bool has_metadata;
} parser;

static mlp_status read_pair(void *context, const char *key, mlp_error *err) {
    parser *p = context;
    const char *value;
    bool is_text;
    MLP_TRY(mlp_json_value(&p->json, &value, &is_text, err));
    if (is_text)
        p->st->pairs[p->st->n_pairs++] = (mlp_pair){key, value};
    else
        p->st->others[p->st->n_others++] = (mlp_pair){key, value};
    return MLP_OK;
}

/* Fails with "FILE: is KIND safetensors file: " followed by what is wrong. */
#define FAIL(file, err, kind, format, ...)                                                                             \
    mlp_fail(err, MLP_ERR_FORMAT, "%s: is " kind " safetensors file: " format "; " SAVE_AGAIN, file, __VA_ARGS__)
#define DAMAGED(p, err, ...) FAIL((p)->json.file, err, "a damaged", __VA_ARGS__)

static mlp_status fail_tensor(const parser *p, const char *name, const char *what, mlp_error *err) {
    return DAMAGED(p, err, "tensor '%.*s' %s", mlp_utf8_shown(name), name, what);
}

static mlp_status read_dtype(parser *p, entry *e, mlp_error *err) {
    const char *name;
    MLP_TRY(mlp_json_text(&p->json, &name, err));
    for (int i = 0; i < MLP_N_DTYPES; i++)
        if (strcmp(mlp_dtype_name((mlp_dtype)i), name) == 0) {
            e->tensor.dtype = (mlp_dtype)i;
            return MLP_OK;
        }
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: tensor '%.*s' has the dtype '%.*s', which safetensors does not define; save it as F32",
                    p->json.file, mlp_utf8_shown(e->tensor.name), e->tensor.name, mlp_utf8_shown(name), name);
}

/* Reads dtype, shape or data_offsets of the last entry. */
static mlp_status read_part(void *context, const char *key, mlp_error *err) {
    parser *p = context;
    entry *e = &p->entries[p->n - 1];
    const char *name = e->tensor.name;
    size_t offsets[2], n;
    bool *has = strcmp(key, "dtype") == 0          ? &e->has_dtype
                : strcmp(key, "shape") == 0        ? &e->has_shape
                : strcmp(key, "data_offsets") == 0 ? &e->has_offsets
                                                   : NULL;
    if (has == NULL)
        return DAMAGED(p, err, "tensor '%.*s' has the key '%.*s', where dtype, shape and data_offsets were expected",
                       mlp_utf8_shown(name), name, mlp_utf8_shown(key), key);
    if (*has) return DAMAGED(p, err, "tensor '%.*s' has the key '%s' twice", mlp_utf8_shown(name), name, key);
    *has = true;
    if (has == &e->has_dtype) return read_dtype(p, e, err);
    if (has == &e->has_shape) return mlp_json_sizes(&p->json, e->tensor.dims, &e->tensor.n_dims, MLP_TENSOR_DIMS, err);
    MLP_TRY(mlp_json_sizes(&p->json, offsets, &n, 2, err));
    if (n != 2) return mlp_json_fail(&p->json, "expected two offsets", err);
    e->begin = offsets[0];
    e->end = offsets[1];
    return MLP_OK;
}

static mlp_status read_entry(void *context, const char *key, mlp_error *err) {
    parser *p = context;
    if (strcmp(key, "__metadata__") == 0) {
        if (p->has_metadata) return mlp_json_fail(&p->json, "a second __metadata__", err);
        p->has_metadata = true;
        return mlp_json_object(&p->json, read_pair, p, err);
    }
    entry *e = &p->entries[p->n++];
    e->tensor.name = key;
    MLP_TRY(mlp_json_object(&p->json, read_part, p, err));
    return e->has_dtype && e->has_shape && e->has_offsets
               ? MLP_OK
               : fail_tensor(p, key, "lacks its dtype, shape or data_offsets", err);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const entry *)a)->tensor.name, ((const entry *)b)->tensor.name);
}

static int by_offset(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end != y->end ? x->end < y->end ? -1 : 1 : by_name(a, b);
}

/* Sorts entries and metadata by name; refuses duplicates. */
static mlp_status check_duplicates(parser *p, mlp_error *err) {
    const mlp_safetensors *st = p->st;
    const mlp_pair *twice = NULL;
    qsort(p->entries, p->n, sizeof *p->entries, by_name);
    qsort(st->pairs, st->n_pairs, sizeof *st->pairs, mlp_pair_by_key);
    qsort(st->others, st->n_others, sizeof *st->others, mlp_pair_by_key);
    for (size_t i = 1; i < p->n; i++)
        if (by_name(&p->entries[i - 1], &p->entries[i]) == 0)
            return fail_tensor(p, p->entries[i].tensor.name, "is there twice", err);
    for (size_t i = 1; i < st->n_pairs && twice == NULL; i++)
        if (mlp_pair_by_key(&st->pairs[i - 1], &st->pairs[i]) == 0) twice = &st->pairs[i];
    for (size_t i = 0; i < st->n_others && twice == NULL; i++)
        if ((i > 0 && mlp_pair_by_key(&st->others[i - 1], &st->others[i]) == 0) ||
            bsearch(&st->others[i], st->pairs, st->n_pairs, sizeof *st->pairs, mlp_pair_by_key) != NULL)
            twice = &st->others[i];
    return twice == NULL
               ? MLP_OK
               : DAMAGED(p, err, "metadata key '%.*s' is there twice", mlp_utf8_shown(twice->key), twice->key);
}

/* The arrays must follow one another from the first byte of the data; *size is their sum. */
static mlp_status check_offsets(parser *p, size_t *size, mlp_error *err) {
    char shape[MLP_SHAPE_SIZE];
    *size = 0;
    qsort(p->entries, p->n, sizeof *p->entries, by_offset);
    for (size_t i = 0; i < p->n; i++) {
        const entry *e = &p->entries[i];
        const size_t bytes = mlp_tensor_bytes(&e->tensor);
        if (e->end < e->begin || e->end - e->begin != bytes || bytes == SIZE_MAX)
            return DAMAGED(p, err, "tensor '%.*s' has offsets from %zu to %zu, which are not those of %s %s",
                           mlp_utf8_shown(e->tensor.name), e->tensor.name, e->begin, e->end,
                           mlp_dtype_name(e->tensor.dtype), mlp_shape_text(shape, e->tensor.dims, e->tensor.n_dims));
        if (e->begin < *size) return fail_tensor(p, e->tensor.name, "overlaps the data of another", err);
        if (e->begin > *size) return fail_tensor(p, e->tensor.name, "has a hole before its data", err);
        *size = e->end;
    }
    return MLP_OK;
}

/* ---- reading the file ---- */

static mlp_status fail_not_safetensors(mlp_source *source, mlp_error *err) {
    const unsigned char *head;
    size_t n;
    MLP_TRY(mlp_source_peek(source, &head, MLP_SNIFF_BYTES, &n, err));
    const mlp_sniffed found = mlp_sniff(head, n);
    if (found.group == MLP_SNIFF_UNKNOWN || (found.group == MLP_SNIFF_TEXT && n <= 8) ||
        strcmp(found.what, "a safetensors file") == 0) /* a safetensors file with an impossible size */
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: is no safetensors file: it does not begin with the size of a header that begins with {; " SAVE_AGAIN,
            source->name);
    return mlp_fail(err, MLP_ERR_FORMAT, "%s: is %s, not safetensors; %s", source->name, found.what,
                    found.convert != NULL ? found.convert
                    : found.unpack != NULL
                        ? found.unpack
                        : "name a file that --save, or safetensors.torch.save_file in Python, has written");
}

/* Reads `want` bytes of a file of which `before` bytes are read; *held is smaller if it ends early. If its size is
   known, nothing is allocated then. */
static mlp_status take(mlp_source *source, unsigned char **bytes, size_t before, size_t want, size_t *held,
                       mlp_error *err) {
    *held = source->size - before;
    return source->size > 0 && *held < want ? MLP_OK : mlp_source_take(source, bytes, want, held, err);
}

/* Reads the header's length and the header into st->text[*n]. */
static mlp_status read_header(mlp_safetensors *st, mlp_source *source, size_t *n, mlp_error *err) {
    const unsigned char *head;
    unsigned char prefix[8];
    size_t got, held;
    uint64_t length = 0;
    MLP_TRY(mlp_source_peek(source, &head, 9, &got, err)); /* including the { */
    if (got >= 8) memcpy(&length, head, 8);
    if (got < 9 || head[8] != '{' || length < 2) return fail_not_safetensors(source, err);
    if (length > MOST_HEADER)
        return FAIL(source->name, err, "a damaged", "its header claims %llu bytes, and %zu are the most",
                    (unsigned long long)length, MOST_HEADER);
    *n = (size_t)length;
    MLP_TRY(mlp_source_read(source, prefix, 8, &got, err));
    MLP_TRY(take(source, &st->text, 8, *n, &held, err));
    if (held < *n)
        return FAIL(source->name, err, "an incomplete", "its header claims %zu bytes, but only %zu follow", *n, held);
    return MLP_OK;
}

/* Reads the data after the header of `n` bytes into st->data: exactly `size` bytes. */
static mlp_status read_data(mlp_safetensors *st, mlp_source *source, size_t n, size_t size, mlp_error *err) {
    const unsigned char *beyond;
    size_t held, more = 0;
    MLP_TRY(take(source, &st->data, 8 + n, size, &held, err));
    if (held < size)
        return FAIL(source->name, err, "an incomplete", "its tensors claim %zu bytes, but only %zu follow the header",
                    size, held);
    MLP_TRY(mlp_source_peek(source, &beyond, 1, &more, err));
    if (more > 0) return FAIL(source->name, err, "a damaged", "bytes follow the %zu of its tensors", size);
    return MLP_OK;
}

/* Parses a header of n bytes; *size is the size of the data. Allocates as many entries and pairs as the header could
   have if all were of the smallest form, {"":{...},"":0}; unused pages take no memory. */
static mlp_status parse_header(parser *p, size_t n, size_t *size, mlp_error *err) {
    enum { LEAST_ENTRY = 32, LEAST_PAIR = 4 }; /* fewest bytes of each in the header, rounded down */
    const size_t most = n / LEAST_PAIR + 1;
    p->entries = calloc(n / LEAST_ENTRY + 1, sizeof *p->entries);
    p->st->pairs = calloc(most, sizeof *p->st->pairs);
    p->st->others = calloc(most, sizeof *p->st->others);
    if (p->entries == NULL || p->st->pairs == NULL || p->st->others == NULL)
        return mlp_fail_memory(err, "a safetensors header", most * sizeof *p->st->pairs);
    MLP_TRY(mlp_json_object(&p->json, read_entry, p, err));
    if (!mlp_json_ends(&p->json)) return mlp_json_fail(&p->json, "text behind the last }", err);
    MLP_TRY(check_duplicates(p, err));
    return check_offsets(p, size, err);
}

/* Reads a whole open source; the caller frees what the parser allocates. */
static mlp_status read_source(parser *p, mlp_source *source, mlp_error *err) {
    mlp_safetensors *st = p->st;
    size_t n = 0, size = 0;
    if (source->gzip)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: is a gzip file, not safetensors; unpack it first (gunzip)",
                        source->name);
    MLP_TRY(read_header(st, source, &n, err));
    p->json = (mlp_json){source->name, st->text, st->text, st->text + n};
    MLP_TRY(parse_header(p, n, &size, err));
    MLP_TRY(read_data(st, source, n, size, err));
    st->tensors = malloc((p->n + 1) * sizeof *st->tensors);
    if (st->tensors == NULL) return mlp_fail_memory(err, source->name, p->n * sizeof *st->tensors);
    for (size_t i = 0; i < p->n; i++) {
        st->tensors[i] = p->entries[i].tensor;
        st->tensors[i].data = st->data + p->entries[i].begin;
    }
    st->n = p->n;
    return MLP_OK;
}

mlp_status mlp_safetensors_read(mlp_safetensors *st, const char *path, mlp_error *err) {
    mlp_source source = {0};
    parser p = {.st = st};
    mlp_status status = mlp_source_open(&source, path, err);
    if (status == MLP_OK) status = read_source(&p, &source, err);
    free(p.entries);
    mlp_source_close(&source);
    if (status != MLP_OK) mlp_safetensors_free(st);
    return status;
}

const mlp_tensor *mlp_safetensors_find(const mlp_safetensors *st, const char *name) {
    for (size_t i = 0; i < st->n; i++)
        if (strcmp(st->tensors[i].name, name) == 0) return &st->tensors[i];
    return NULL;
}

const char *mlp_safetensors_metadata(const mlp_safetensors *st, const char *key) {
    for (size_t i = 0; i < st->n_pairs; i++)
        if (strcmp(st->pairs[i].key, key) == 0) return st->pairs[i].value;
    return NULL;
}

void mlp_safetensors_free(mlp_safetensors *st) {
    if (st == NULL) return;
    free(st->text);
    free(st->data);
    free(st->tensors);
    free(st->pairs);
    free(st->others);
    *st = (mlp_safetensors){0};
}

/* ---- writing ---- */

static int by_width(const void *a, const void *b) {
    const mlp_tensor *x = a, *y = b;
    const size_t x_bits = mlp_dtype_bits(x->dtype), y_bits = mlp_dtype_bits(y->dtype);
    return x_bits != y_bits ? x_bits > y_bits ? -1 : 1 : strcmp(x->name, y->name);
}

/* Writes the header's length, the header and the spaces after it to `out`, which is empty. */
static mlp_status put_header(mlp_strbuf *out, const mlp_tensor *tensors, size_t n, const mlp_pair *pairs,
                             size_t n_pairs, mlp_error *err) {
    enum { ALIGN = 64 };
    size_t begin = 0;
    mlp_strbuf_add(out, "\0\0\0\0\0\0\0", 8);
    mlp_strbuf_print(out, "{");
    for (size_t i = 0; i < n_pairs; i++) {
        mlp_strbuf_print(out, "%s", i == 0 ? "\"__metadata__\":{" : ",");
        mlp_json_put_text(out, pairs[i].key, strlen(pairs[i].key), "");
        mlp_strbuf_print(out, ":");
        mlp_json_put_text(out, pairs[i].value, strlen(pairs[i].value), "");
    }
    mlp_strbuf_print(out, "%s", n_pairs > 0 ? "}" : "");
    for (size_t i = 0; i < n; i++) {
        const mlp_tensor *t = &tensors[i];
        const size_t end = begin + mlp_tensor_bytes(t);
        mlp_strbuf_print(out, "%s", i > 0 || n_pairs > 0 ? "," : "");
        mlp_json_put_text(out, t->name, strlen(t->name), "");
        mlp_strbuf_print(out, ":{\"dtype\":\"%s\",\"shape\":[", mlp_dtype_name(t->dtype));
        for (size_t k = 0; k < t->n_dims; k++) mlp_strbuf_print(out, "%s%zu", k > 0 ? "," : "", t->dims[k]);
        mlp_strbuf_print(out, "],\"data_offsets\":[%zu,%zu]}", begin, end);
        begin = end;
    }
    mlp_strbuf_print(out, "}");
    mlp_strbuf_print(out, "%*s", (int)((ALIGN - out->n % ALIGN) % ALIGN), "");
    if (out->failed) return mlp_fail_memory(err, "a safetensors header", out->n);
    const uint64_t length = out->n - 8;
    memcpy(out->at, &length, 8);
    return MLP_OK;
}

/* A sorted copy of items[n]; NULL if memory runs out. */
static void *sorted(const void *items, size_t n, size_t size, int (*compare)(const void *, const void *),
                    mlp_error *err) {
    void *copy = malloc(n * size + 1);
    if (copy == NULL)
        mlp_fail_memory(err, "a safetensors header", n * size);
    else if (n > 0)
        qsort(memcpy(copy, items, n * size), n, size, compare);
    return copy;
}

mlp_status mlp_safetensors_write(const char *path, const mlp_tensor *tensors, size_t n, const mlp_pair *pairs,
                                 size_t n_pairs, mlp_error *err) {
    mlp_tensor *arrays = sorted(tensors, n, sizeof *tensors, by_width, err);
    mlp_pair *texts = sorted(pairs, n_pairs, sizeof *pairs, mlp_pair_by_key, err);
    mlp_strbuf header = {0};
    mlp_file file = {0};
    mlp_status status = MLP_ERR_MEMORY;
    if (arrays != NULL && texts != NULL) status = put_header(&header, arrays, n, texts, n_pairs, err);
    if (status == MLP_OK && (status = mlp_file_create(&file, path, err)) == MLP_OK) {
        mlp_file_write(&file, header.at, header.n);
        for (size_t i = 0; i < n; i++) mlp_file_write(&file, arrays[i].data, mlp_tensor_bytes(&arrays[i]));
        status = mlp_file_commit(&file, err);
    }
    mlp_strbuf_free(&header);
    free(texts);
    free(arrays);
    return status;
}

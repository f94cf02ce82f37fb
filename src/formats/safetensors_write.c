/* safetensors_write.c - writes that format. Knows arrays, not networks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/strbuf.h"
#include "mlp/base/utf8.h"
#include "mlp/formats/file.h"
#include "mlp/formats/safetensors.h"

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
            mlp_strbuf_print(out, "%s%.*s", *s == '"' || *s == '\\' ? "\\" : "", (int)length, (const char *)s);
        s += length == 0 ? 1 : length;
        left -= length == 0 ? 1 : length;
    }
    mlp_strbuf_print(out, "\"");
}

static int by_width(const void *a, const void *b) {
    const mlp_tensor *x = a, *y = b;
    const size_t x_bits = mlp_dtype_bits(x->dtype), y_bits = mlp_dtype_bits(y->dtype);
    return x_bits != y_bits ? x_bits > y_bits ? -1 : 1 : strcmp(x->name, y->name);
}

static void put_header(mlp_strbuf *out, const mlp_tensor *tensors, size_t n, const mlp_pair *pairs, size_t n_pairs) {
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
        mlp_strbuf_print(out, ":{\"dtype\":\"%s\",\"shape\":[", mlp_dtype_name(t->dtype));
        for (size_t k = 0; k < t->n_dims; k++) mlp_strbuf_print(out, "%s%zu", k > 0 ? "," : "", t->dims[k]);
        mlp_strbuf_print(out, "],\"data_offsets\":[%zu,%zu]}", begin, end);
        begin = end;
    }
    mlp_strbuf_print(out, "}");
}

/* The header with its length before it and spaces behind it, into a text that is empty. */
static mlp_status make_header(mlp_strbuf *text, const mlp_tensor *tensors, size_t n, const mlp_pair *pairs,
                              size_t n_pairs, mlp_error *err) {
    enum { ALIGN = 64 };
    mlp_strbuf_add(text, "\0\0\0\0\0\0\0", 8);
    put_header(text, tensors, n, pairs, n_pairs);
    mlp_strbuf_print(text, "%*s", (int)((ALIGN - text->n % ALIGN) % ALIGN), "");
    if (text->failed) return mlp_fail_memory(err, "a safetensors header", text->n);
    const uint64_t length = text->n - 8;
    memcpy(text->at, &length, 8);
    return MLP_OK;
}

/* A copy of items[n], sorted; NULL without memory. */
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
    if (arrays != NULL && texts != NULL) status = make_header(&header, arrays, n, texts, n_pairs, err);
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

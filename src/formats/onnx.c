/* onnx.c - writes a network as an ONNX graph. Knows the protobuf encoding and the handful of
   messages of onnx.proto that such a graph needs; the fields of a message are in the order of their numbers.

   The length of a message comes before the message: so the same code runs twice, the first time only to count bytes. */
#include "mlp/formats/onnx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/formats/file.h"

/* ---- protobuf ---- */

/* A network, and the file that it is written to. */
typedef struct writer {
    const mlp_tensor *tensors;
    const char *activation;
    const mlp_pair *pairs;
    size_t n_pairs;
    mlp_file file;
    bool counting;   /* true in the first pass, which writes nothing */
    size_t n;        /* bytes so far */
    size_t *lengths; /* lengths of the messages, in the order in which they begin */
    size_t begun;
} writer;

static void put(writer *w, const void *bytes, size_t n) {
    if (!w->counting) mlp_file_write(&w->file, bytes, n);
    w->n += n;
}

/* Seven bits a byte, the lowest first; every byte except the last has the eighth bit set. */
static void put_varint(writer *w, uint64_t value) {
    uint8_t bytes[10];
    size_t n = 0;
    for (; value > 127; value >>= 7) bytes[n++] = (uint8_t)(value | 128);
    bytes[n++] = (uint8_t)value;
    put(w, bytes, n);
}

static void put_int(writer *w, uint64_t field, int64_t value) {
    put_varint(w, field << 3);
    put_varint(w, (uint64_t)value);
}

static void put_bytes(writer *w, uint64_t field, const void *bytes, size_t n) {
    put_varint(w, field << 3 | 2);
    put_varint(w, n);
    put(w, bytes, n);
}

static void put_text(writer *w, uint64_t field, const char *text) { put_bytes(w, field, text, strlen(text)); }

/* Begins a message inside the current one. Pass the returned value to end_message. */
static size_t begin_message(writer *w, uint64_t field) {
    const size_t message = w->begun++;
    put_varint(w, field << 3 | 2);
    if (w->counting)
        w->lengths[message] = w->n; /* its beginning; end_message replaces it by the length */
    else
        put_varint(w, w->lengths[message]);
    return message;
}

static void end_message(writer *w, size_t message) {
    if (w->counting) {
        w->lengths[message] = w->n - w->lengths[message];
        put_varint(w, w->lengths[message]);
    }
}

/* Writes a text that may not be UTF-8, such as the name of a file: as every string must be UTF-8, other bytes become
   U+FFFD. */
static void put_utf8(writer *w, uint64_t field, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    const size_t message = begin_message(w, field);
    for (size_t left = strlen(text), n; left > 0; s += n, left -= n) {
        const size_t length = mlp_utf8_length(s, left);
        n = length > 0 ? length : 1;
        put(w, length > 0 ? (const void *)s : "\xef\xbf\xbd", length > 0 ? length : 3);
    }
    end_message(w, message);
}

/* ---- onnx.proto ---- */

enum { TYPE_FLOAT = 1, ATTRIBUTE_INT = 2 };

/* NodeProto, in the graph: one or three inputs, and an attribute unless its name is NULL. */
static void put_node(writer *w, const char *operator, const char * name, const char *const inputs[3],
                     const char *output, const char *attribute, int64_t value) {
    const size_t node = begin_message(w, 1);
    for (size_t i = 0; i < 3 && inputs[i] != NULL; i++) put_text(w, 1, inputs[i]);
    put_text(w, 2, output);
    put_text(w, 3, name);
    put_text(w, 4, operator);
    if (attribute != NULL) {
        const size_t message = begin_message(w, 5);
        put_text(w, 1, attribute);
        put_int(w, 3, value);
        put_int(w, 20, ATTRIBUTE_INT);
        end_message(w, message);
    }
    end_message(w, node);
}

/* TensorProto, an initializer of the graph. */
static void put_tensor(writer *w, const mlp_tensor *tensor) {
    const size_t message = begin_message(w, 5);
    for (size_t i = 0; i < tensor->n_dims; i++) put_int(w, 1, (int64_t)tensor->dims[i]);
    put_int(w, 2, TYPE_FLOAT);
    put_text(w, 8, tensor->name);
    put_bytes(w, 9, tensor->data, mlp_tensor_bytes(tensor));
    end_message(w, message);
}

/* ValueInfoProto, an input (field 11) or output (12) of the graph: float [batch x n]. */
static void put_value(writer *w, uint64_t field, const char *name, size_t n) {
    const size_t value = begin_message(w, field);
    put_text(w, 1, name);
    const size_t type = begin_message(w, 2), tensor = begin_message(w, 1);
    put_int(w, 1, TYPE_FLOAT);
    const size_t shape = begin_message(w, 2), batch = begin_message(w, 1);
    put_text(w, 2, "batch");
    end_message(w, batch);
    const size_t dim = begin_message(w, 1);
    put_int(w, 1, (int64_t)n);
    end_message(w, dim);
    end_message(w, shape);
    end_message(w, tensor);
    end_message(w, type);
    end_message(w, value);
}

/* GraphProto */
static void put_graph(writer *w) {
    const mlp_tensor *t = w->tensors;
    const size_t graph = begin_message(w, 7);
    put_node(w, "Gemm", "fc1", (const char *const[3]){"pixels", t[0].name, t[1].name}, "fc1", "transB", 1);
    put_node(w, w->activation, "activation", (const char *const[3]){"fc1"}, "hidden", NULL, 0);
    put_node(w, "Gemm", "fc2", (const char *const[3]){"hidden", t[2].name, t[3].name}, "logits", "transB", 1);
    put_node(w, "Softmax", "softmax", (const char *const[3]){"logits"}, "probabilities", "axis", -1);
    put_text(w, 2, "mlp");
    for (size_t i = 0; i < 4; i++) put_tensor(w, &t[i]);
    put_value(w, 11, "pixels", t[0].dims[1]);
    put_value(w, 12, "probabilities", t[2].dims[0]);
    put_value(w, 12, "logits", t[2].dims[0]);
    end_message(w, graph);
}

/* ModelProto */
static void put_model(writer *w) {
    w->n = w->begun = 0;
    put_int(w, 1, 8); /* ir_version, the first with operator set 17 */
    put_text(w, 2, "mlp-train");
    put_text(w, 3, MLP_VERSION);
    put_text(w, 6, "pixels: an image a row, its pixels row by row, times pixel_scale"); /* for people */
    put_graph(w);
    const size_t operators = begin_message(w, 8);
    put_text(w, 1, ""); /* the domain of ONNX itself */
    put_int(w, 2, 17);
    end_message(w, operators);
    for (size_t i = 0; i < w->n_pairs; i++) {
        const size_t pair = begin_message(w, 14);
        put_utf8(w, 1, w->pairs[i].key);
        put_utf8(w, 2, w->pairs[i].value);
        end_message(w, pair);
    }
}

mlp_status mlp_onnx_write(const char *path, const mlp_tensor tensors[4], const char *activation, const mlp_pair *pairs,
                          size_t n_pairs, mlp_error *err) {
    enum { REST = 64 }; /* more messages than there are without the pairs; a pair has up to three */
    writer w = {.tensors = tensors, .activation = activation, .pairs = pairs, .n_pairs = n_pairs, .counting = true};
    mlp_status status;
    w.lengths = mlp_alloc(REST + 3 * n_pairs, sizeof *w.lengths, "the ONNX graph", err);
    if (w.lengths == NULL) return MLP_ERR_MEMORY;
    put_model(&w);
    const size_t n = w.n;
    if (n > MLP_ONNX_MOST) {
        status = mlp_fail(err, MLP_ERR_USAGE,
                          "%s: %zu bytes of weights do not fit in an ONNX file; save them as safetensors", path, n);
    } else if ((status = mlp_file_create(&w.file, path, err)) == MLP_OK) {
        w.counting = false;
        put_model(&w);
        assert(w.n == n);
        status = mlp_file_commit(&w.file, err);
    }
    free(w.lengths);
    return status;
}

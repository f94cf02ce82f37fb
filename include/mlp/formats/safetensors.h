/* safetensors.h - the only reader and writer of that format: named arrays and a few texts in one
   file, as huggingface/safetensors defines it. Knows arrays, not networks.

       8 bytes    N, little-endian
       N bytes    JSON in UTF-8, perhaps with spaces behind it:
                  {"__metadata__": {"key": "value" ...},
                   "name": {"dtype": "F32", "shape": [50, 784], "data_offsets": [begin, end]} ...}
       the rest   the arrays, little-endian and row-major, one after the other without a hole */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* Writes `path` atomically. The data begin at a multiple of 64 bytes. As in the reference writer, the arrays with the
   widest elements come first, then the order is by name; pairs are sorted by key. So the order of the arguments does
   not change the file. Names and keys must differ; bytes that are not UTF-8 become U+FFFD. */
mlp_status mlp_safetensors_write(const char *path, const mlp_tensor *tensors, size_t n, const mlp_pair *pairs,
                                 size_t n_pairs, mlp_error *err);

/* A file in memory. Zero-initialise before reading; free whatever the result. */
typedef struct mlp_safetensors {
    mlp_tensor *tensors; /* [n] in the order of their data */
    size_t n;
    mlp_pair *pairs; /* [n_pairs] by key */
    size_t n_pairs;
    mlp_pair *others; /* [n_others] by key: metadata with a value that is not a text, although the format requires one:
                         the value is its JSON */
    size_t n_others;
    unsigned char *data; /* the data of all tensors, one after the other */
    unsigned char *text; /* the header, its texts decoded in place */
} mlp_safetensors;

/* Reads all of `path` ("-" is standard input) and checks all of it: sizes, JSON, UTF-8, duplicate
   keys, types, shapes, and that the arrays follow one another without overlap or hole up to the end of the file.
   Stricter than the format in three points: no unknown key in a tensor's entry, no zero character in a text, at most
   MLP_TENSOR_DIMS dimensions. Less strict in one: see `others`. */
mlp_status mlp_safetensors_read(mlp_safetensors *st, const char *path, mlp_error *err);

/* The tensor of that name; NULL if there is none. */
const mlp_tensor *mlp_safetensors_find(const mlp_safetensors *st, const char *name);

/* The text under that key of the metadata; NULL if there is none. */
const char *mlp_safetensors_metadata(const mlp_safetensors *st, const char *key);

void mlp_safetensors_free(mlp_safetensors *st); /* NULL-safe; leaves *st zeroed */

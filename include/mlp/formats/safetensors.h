/* safetensors.h - the only reader and writer of that format: named arrays and a few texts in one
   file, as huggingface/safetensors defines it. Knows arrays, not networks.

       8 bytes    N, little-endian
       N bytes    JSON in UTF-8, perhaps with spaces behind it:
                  {"__metadata__": {"key": "value" ...},
                   "name": {"dtype": "F32", "shape": [50, 784], "data_offsets": [begin, end]} ...}
       the rest   the arrays, little-endian and row-major, one after the other without a hole */
#ifndef MLP_SAFETENSORS_H
#define MLP_SAFETENSORS_H

#include <stddef.h>

#include "mlp/base/status.h"
#include "mlp/base/warnings.h"
#include "mlp/formats/file.h"

/* Every element type of the format; this program writes F32, U32 and U64. */
typedef enum mlp_dtype {
    MLP_BOOL,
    MLP_F4,
    MLP_F6_E2M3,
    MLP_F6_E3M2,
    MLP_U8,
    MLP_I8,
    MLP_F8_E5M2,
    MLP_F8_E4M3,
    MLP_F8_E8M0,
    MLP_I16,
    MLP_U16,
    MLP_F16,
    MLP_BF16,
    MLP_I32,
    MLP_U32,
    MLP_F32,
    MLP_C64,
    MLP_F64,
    MLP_I64,
    MLP_U64,
    MLP_N_DTYPES
} mlp_dtype;

const char *mlp_dtype_name(mlp_dtype dtype); /* "F32" */

enum { MLP_TENSOR_DIMS = 8 };

typedef struct mlp_tensor {
    const char *name;
    mlp_dtype dtype;
    size_t n_dims; /* 0: a single number */
    size_t dims[MLP_TENSOR_DIMS];
    const void *data; /* of a tensor that was read: perhaps not aligned, copy it with memcpy */
} mlp_tensor;

/* Bytes of data; of a tensor that was read, this many are there. SIZE_MAX where a shape has more
   than can be counted, or no whole number of them. */
size_t mlp_tensor_bytes(const mlp_tensor *tensor);

/* Writes the shape into `text` as a message shows it, "[50 x 784]"; returns it. */
enum { MLP_TENSOR_SHAPE_SIZE = 24 * MLP_TENSOR_DIMS };
const char *mlp_tensor_shape(char text[MLP_TENSOR_SHAPE_SIZE], const mlp_tensor *tensor);

/* Bytes of the UTF-8 character that begins s[0 .. n), n > 0; 0 where there is none (RFC 3629). */
size_t mlp_utf8_length(const unsigned char *s, size_t n);

/* An entry of __metadata__. */
typedef struct mlp_pair {
    const char *key, *value; /* UTF-8 */
} mlp_pair;

/* Writes a whole file: the data begin at a multiple of 64 bytes, the widest elements first and
   then by name, as the reference writer has it, and the pairs by key: the same content, in whatever
   order, makes the same bytes. Names and keys must differ; bytes that are not UTF-8 become U+FFFD.
 */
mlp_status mlp_safetensors_write(mlp_file *file, const mlp_tensor *tensors, size_t n,
                                 const mlp_pair *pairs, size_t n_pairs, mlp_error *err);

/* A file in memory. Zero-initialise before reading; free whatever the outcome. */
typedef struct mlp_safetensors {
    mlp_tensor *tensors; /* [n] in the order of their data */
    size_t n;
    mlp_pair *pairs; /* [n_pairs] by key */
    size_t n_pairs;
    unsigned char *data; /* of all tensors, one after the other */
    unsigned char *text; /* the header, its texts decoded in place */
} mlp_safetensors;

/* Reads all of `path` ("-" is standard input) and checks all of it: sizes, JSON, UTF-8, duplicate
   keys, types, shapes, and that the data neither overlap nor leave a hole nor end early or late.
   Stricter than the format in three points: no unknown key in a tensor's entry, no zero character
   in a text, at most MLP_TENSOR_DIMS dimensions. */
mlp_status mlp_safetensors_read(mlp_safetensors *st, const char *path, mlp_warnings *warnings,
                                mlp_error *err);

/* NULL when there is none of that name. */
const mlp_tensor *mlp_safetensors_find(const mlp_safetensors *st, const char *name);
const char *mlp_safetensors_metadata(const mlp_safetensors *st, const char *key);

/* How many bytes of a text from a file a message shows: whole characters, 64 bytes at most. */
int mlp_safetensors_shown(const char *text);

void mlp_safetensors_free(mlp_safetensors *st); /* NULL-safe; leaves *st zeroed */

#endif

/* tensor.h - a named array and a named text, as files of networks contain them. */
#pragma once

#include "mlp/base/text.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the formats copy numbers as they are: a big-endian machine must swap their bytes");

/* The element types that this program uses. The others of safetensors have no names here, and the numbers up to
   MLP_N_DTYPES. */
typedef enum mlp_dtype { MLP_U8, MLP_U32, MLP_U64, MLP_F16, MLP_BF16, MLP_F32, MLP_F64, MLP_N_DTYPES = 20 } mlp_dtype;

const char *mlp_dtype_name(mlp_dtype dtype); /* "F32" */

enum { MLP_TENSOR_DIMS = MLP_SHAPE_DIMS };

typedef struct mlp_tensor {
    const char *name;
    mlp_dtype dtype;
    size_t n_dims; /* 0: a single number */
    size_t dims[MLP_TENSOR_DIMS];
    const void *data; /* may be unaligned in a tensor that was read: copy it with memcpy */
} mlp_tensor;

size_t mlp_dtype_bits(mlp_dtype dtype); /* bits of one element */

/* Bytes of the data; SIZE_MAX if their number overflows or is not whole. */
size_t mlp_tensor_bytes(const mlp_tensor *tensor);

/* Element i of an F32, F16 or BF16 tensor: every value of those types is a float. */
float mlp_tensor_float(const mlp_tensor *tensor, size_t i);

/* A text under a key. */
typedef struct mlp_pair {
    const char *key, *value; /* UTF-8 */
} mlp_pair;

int mlp_pair_by_key(const void *a, const void *b); /* for qsort and bsearch */

/* idx.h - reads IDX, the format of the MNIST files: two zero bytes, a type byte, the number of dimensions, the
   dimensions as big-endian 32-bit numbers, then the elements row by row. Reads plain files and gzip (any number of
   members), recognized by content, not by name; also pipes and "-" (stdin). */
#pragma once

#include "mlp/formats/source.h"

typedef enum mlp_idx_type {
    MLP_IDX_U8 = 0x08,
    MLP_IDX_I8 = 0x09,
    MLP_IDX_I16 = 0x0B,
    MLP_IDX_I32 = 0x0C,
    MLP_IDX_F32 = 0x0D,
    MLP_IDX_F64 = 0x0E
} mlp_idx_type;

/* One array. Zero-initialise before reading; free with mlp_idx_free whatever the result. */
typedef struct mlp_idx {
    mlp_idx_type type;
    size_t n_dims;         /* 1 .. 3 */
    size_t dims[3];        /* unused ones are 1 */
    size_t n;              /* elements: the product of dims */
    const void *data;      /* [n] elements in the machine's own byte order; aligned for their type */
    unsigned char *memory; /* what mlp_idx_free frees: an allocation, or a mapping of the file */
    size_t mapped;         /* bytes of that mapping; 0 for an allocation */
} mlp_idx;

size_t mlp_idx_type_size(mlp_idx_type type); /* bytes of one element; 0: no such type */

const char *mlp_idx_type_name(mlp_idx_type type); /* NumPy's: "uint8", "float32" ... */

double mlp_idx_element(const mlp_idx *idx, size_t i); /* the exact value, for every type */

/* Reads the whole file. Plain files of bytes are mapped, not copied. Nothing is allocated beyond
   what the file can really hold. On failure `err` names the file, what it is and what to do. */
mlp_status mlp_idx_read(mlp_idx *idx, const char *path, mlp_error *err);

/* The same from a source of which nothing was read yet; mlp_source_peek is allowed before. */
mlp_status mlp_idx_read_source(mlp_idx *idx, mlp_source *source, mlp_error *err);

void mlp_idx_free(mlp_idx *idx); /* NULL-safe; leaves *idx zeroed */

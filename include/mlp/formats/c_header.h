/* c_header.h - the only writer of C: a two-layer network as a header that any C99 compiler takes, without a library. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* The most bytes in such a file, and in a parameter of it. */
#define MLP_C_MOST INT32_MAX
enum { MLP_C_PARAMETER = 17 };

typedef struct mlp_c_header {
    const mlp_tensor *tensors; /* [4] weight [out x in] and bias [out] of both layers, MLP_F32 */
    const char *activation;    /* its name */
    const char *formula;       /* of the float a, in C; may call mlp_exp */
    size_t rows, cols;         /* of an image; their product is the number of inputs */
    bool bytes;                /* pixels are bytes, worth byte / 255; else floats */
    double pixel_mean;         /* of the train images, in the unit of their files; NaN: not known */
    bool transposed;           /* the files of the images are, not the images that the network takes */
} mlp_c_header;

/* Writes `path` atomically. The same network gives the same bytes. Refuses weights that are not finite: C has no
   constants for them. */
mlp_status mlp_c_header_write(const char *path, const mlp_c_header *header, mlp_error *err);

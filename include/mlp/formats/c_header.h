/* c_header.h - writes a two-layer network as a C99 header that needs no library. The only writer of C. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* Largest size of such a file, and of one parameter in it, in bytes. */
#define MLP_C_MOST INT32_MAX
enum { MLP_C_PARAMETER = 17 };

typedef struct mlp_c_header {
    const mlp_tensor *tensors; /* [4] weight [out x in] and bias [out] of both layers, MLP_F32 */
    const char *activation;    /* name of the activation */
    const char *formula;       /* the activation of the float a, in C; may call mlp_exp */
    size_t rows, cols;         /* of an image; their product is the number of inputs */
    bool bytes;                /* pixels are bytes, and the value is byte / 255; else floats */
    double pixel_mean;         /* mean of the train images, in the unit of their files; NaN: not known */
    bool transposed;           /* the network takes the images of the files after transposition */
} mlp_c_header;

/* Writes `path` atomically. The same network gives the same bytes. Refuses weights that are not finite: C has no
   constants for them. */
mlp_status mlp_c_header_write(const char *path, const mlp_c_header *header, mlp_error *err);

/* c_header.h - writes a two-layer network as a C99 header that needs no library. The only writer of C. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* Largest size of such a file, and of one parameter in it, in bytes. */
#define MLP_C_MOST INT32_MAX
enum { MLP_C_PARAMETER = 17 };

/* Writes `path` atomically. The same network gives the same bytes. tensors: weight [out x in] and bias [out] of both
   layers, MLP_F32; `formula`: the activation of the float a, in C, which may call mlp_exp; pairs [n_pairs]: the
   metadata, which describe the images. Refuses weights that are not finite: C has no constants for them. */
mlp_status mlp_c_header_write(const char *path, const mlp_tensor tensors[4], const char *activation,
                              const char *formula, const mlp_pair *pairs, size_t n_pairs, mlp_error *err);

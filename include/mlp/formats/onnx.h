/* onnx.h - the only writer of ONNX: a two-layer network as a graph that ONNX Runtime, OpenCV and
   others run.

       pixels -> Gemm -> activation -> Gemm -> logits -> Softmax -> probabilities */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* The most bytes in such a file: protobuf's limit. */
#define MLP_ONNX_MOST INT32_MAX

typedef struct mlp_onnx {
    const mlp_tensor *tensors; /* [4] weight [out x in] and bias [out] of both layers, MLP_F32 */
    const char *activation;    /* the operator of that name, such as "Sigmoid" */
    const char *about;         /* what the model is and what its input must be, for a person */
    const mlp_pair *pairs;     /* [n_pairs] the same for a program: metadata_props */
    size_t n_pairs;
} mlp_onnx;

/* Writes `path` atomically: IR version 8 and operator set 17 (onnx.proto of ONNX 1.12): input
   "pixels" [batch x in], outputs "probabilities" and "logits" [batch x classes], any batch. The
   same network gives the same bytes. MLP_ERR_USAGE, and nothing written, beyond MLP_ONNX_MOST. */
mlp_status mlp_onnx_write(const char *path, const mlp_onnx *onnx, mlp_error *err);

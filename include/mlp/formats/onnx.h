/* onnx.h - the only writer of ONNX: a two-layer network as a graph that ONNX Runtime, OpenCV and
   others run.

       pixels -> Gemm -> activation -> Gemm -> logits -> Softmax -> probabilities */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* Largest size of such a file in bytes: the limit of protobuf. */
#define MLP_ONNX_MOST INT32_MAX

/* Writes `path` atomically: IR version 8 and operator set 17 (onnx.proto of ONNX 1.12): input
   "pixels" [batch x in], outputs "probabilities" and "logits" [batch x classes], any batch. The
   same network gives the same bytes. tensors: weight [out x in] and bias [out] of both layers, MLP_F32; `activation`:
   the name of the ONNX operator, such as "Sigmoid"; pairs [n_pairs]: metadata_props, for programs. If the file would be
   larger than MLP_ONNX_MOST, nothing is written and MLP_ERR_USAGE is returned. */
mlp_status mlp_onnx_write(const char *path, const mlp_tensor tensors[4], const char *activation, const mlp_pair *pairs,
                          size_t n_pairs, mlp_error *err);

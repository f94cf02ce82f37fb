/* npz.h - the only writer of NumPy's .npz: named arrays that numpy.load opens. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* The most bytes in such a file: its sizes and offsets have 32 bits. */
#define MLP_NPZ_MOST UINT32_MAX

/* Writes `path` atomically: `n` arrays of type MLP_F32 with one or two dimensions: a zip archive
   (PKWARE's APPNOTE) of uncompressed entries NAME.npy (version 1.0 of NumPy's format). The same
   arrays give the same bytes. MLP_ERR_USAGE, and nothing written, beyond MLP_NPZ_MOST. */
mlp_status mlp_npz_write(const char *path, const mlp_tensor *tensors, size_t n, mlp_error *err);

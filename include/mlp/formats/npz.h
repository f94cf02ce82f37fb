/* npz.h - the only writer of NumPy's .npz: named arrays that numpy.load opens. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/formats/tensor.h"

/* Largest size of such a file in bytes: its sizes and offsets have 32 bits. */
#define MLP_NPZ_MOST UINT32_MAX

/* Writes `n` arrays of type MLP_F32, with one or two dimensions, to `path`, atomically. The file is a zip archive
   (PKWARE's APPNOTE) of uncompressed entries NAME.npy (version 1.0 of NumPy's format). The same arrays give the same
   bytes. If the file would be larger than MLP_NPZ_MOST, nothing is written and MLP_ERR_USAGE is returned. */
mlp_status mlp_npz_write(const char *path, const mlp_tensor *tensors, size_t n, mlp_error *err);

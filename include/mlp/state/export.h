/* export.h - writes a network as a file for other programs; the suffix of the file's name selects the format. To add
   one: a row in export.c. */
#pragma once

#include "mlp/formats/tensor.h"
#include "mlp/net/network.h"

typedef struct mlp_export mlp_export;
const mlp_export *mlp_export_find(const char *path); /* by its suffix; NULL if no format has it */
const char *mlp_export_suffix(size_t i); /* the suffix of the i-th format, such as ".npz"; NULL after the last */

/* Checks that the network is not too large for the format: call it before hours of training, not after. */
mlp_status mlp_export_check(const char *path, const mlp_network *net, mlp_error *err);

/* Writes the file `path` atomically; its suffix must be known. The pairs are written in formats that have metadata. The
   same network and pairs make the same bytes. */
mlp_status mlp_export_write(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                            mlp_error *err);

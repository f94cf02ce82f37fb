/* export.h - a network as a file for other programs; the suffix of the file's name says which
   format. To add one: a row in export.c. */
#pragma once

#include "mlp/formats/tensor.h"
#include "mlp/net/network.h"

typedef struct mlp_export mlp_export;
const mlp_export *mlp_export_find(const char *path); /* by its suffix; NULL when there is none */
const char *mlp_export_suffix(size_t i);             /* the i-th, ".npz"; NULL after the last */

/* Whether a file of that format can hold the network: checked before hours of work, not after. */
mlp_status mlp_export_check(const char *path, const mlp_network *net, mlp_error *err);

/* Writes the file `path` atomically; its suffix must be known. Formats that have a place
   for texts take the pairs. The same network and pairs make the same bytes. */
mlp_status mlp_export_write(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                            mlp_error *err);

/* export.c - writes a network as a file for other programs, by the modules of the formats. */
#include "mlp/state/export.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/formats/c_header.h"
#include "mlp/formats/npz.h"
#include "mlp/formats/onnx.h"
#include "mlp/state/weights.h"

struct mlp_export {
    const char *suffix;
    size_t most, each; /* bytes: largest size of a file; size of a parameter in it */
    mlp_status (*write)(const char *path, const mlp_tensor *tensors, const mlp_network *net, const mlp_pair *pairs,
                        size_t n_pairs, mlp_error *err);
};

static mlp_status write_npz(const char *path, const mlp_tensor *tensors, const mlp_network *net, const mlp_pair *pairs,
                            size_t n_pairs, mlp_error *err) {
    (void)net, (void)pairs, (void)n_pairs;
    return mlp_npz_write(path, tensors, MLP_N_BLOCKS, err);
}

/* Sorts the pairs by key, as they are read from a safetensors file, and leaves out "format", which is only for readers
   of safetensors: so a run with --export and a later conversion write the same bytes. */
static mlp_status write_onnx(const char *path, const mlp_tensor *tensors, const mlp_network *net, const mlp_pair *pairs,
                             size_t n_pairs, mlp_error *err) {
    size_t n = 0;
    mlp_pair *sorted = mlp_alloc(n_pairs, sizeof *sorted, "the metadata", err);
    if (sorted == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < n_pairs; i++)
        if (strcmp(pairs[i].key, "format") != 0) sorted[n++] = pairs[i];
    qsort(sorted, n, sizeof *sorted, mlp_pair_by_key);
    const mlp_status status = mlp_onnx_write(path, tensors, net->activation->onnx, sorted, n, err);
    free(sorted);
    return status;
}

static mlp_status write_c(const char *path, const mlp_tensor *tensors, const mlp_network *net, const mlp_pair *pairs,
                          size_t n_pairs, mlp_error *err) {
    return mlp_c_header_write(path, tensors, net->activation->name, net->activation->c, pairs, n_pairs, err);
}

static const mlp_export formats[] = {
    {".npz", MLP_NPZ_MOST, sizeof(float), write_npz},
    {".onnx", MLP_ONNX_MOST, sizeof(float), write_onnx},
    {".h", MLP_C_MOST, MLP_C_PARAMETER, write_c},
};

enum { N_FORMATS = sizeof formats / sizeof *formats };

const mlp_export *mlp_export_find(const char *path) {
    for (size_t i = 0; i < N_FORMATS; i++)
        if (mlp_ends_with(path, formats[i].suffix)) return &formats[i];
    return NULL;
}

const char *mlp_export_suffix(size_t i) { return i < N_FORMATS ? formats[i].suffix : NULL; }

mlp_status mlp_export_check(const char *path, const mlp_network *net, mlp_error *err) {
    enum { REST = 1 << 20 }; /* more bytes than everything except the weights needs */
    const mlp_export *format = mlp_export_find(path);
    if (mlp_network_count(net) <= (format->most - REST) / format->each) return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "%s: %zu parameters do not fit in the %zu bytes of a %s file; keep the network as safetensors",
                    path, mlp_network_count(net), format->most, format->suffix);
}

mlp_status mlp_export_write(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                            mlp_error *err) {
    mlp_weights weights = {0};
    MLP_TRY(mlp_export_check(path, net, err));
    MLP_TRY(mlp_weights_create(&weights, net, err));
    const mlp_status status = mlp_export_find(path)->write(path, weights.tensors, net, pairs, n_pairs, err);
    mlp_weights_free(&weights);
    return status;
}

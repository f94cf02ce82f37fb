/* fuzz_idx.c - the IDX reader: from a file, from a stream of unknown size and, packed, as gzip of
   two members it must see the same; then as images of a dataset. */
#include <math.h>
#include <zlib.h>

#include "fuzz.h"
#include "mlp/data/dataset.h"
#include "mlp/formats/idx.h"

/* data[0 .. size) as one gzip member; returns its bytes. */
static size_t pack(uint8_t *to, size_t space, const uint8_t *data, size_t size) {
    z_stream z = {0};
    PROMISE(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = to;
    z.avail_out = (uInt)space;
    PROMISE(deflate(&z, Z_FINISH) == Z_STREAM_END);
    PROMISE(deflateEnd(&z) == Z_OK);
    return z.total_out;
}

static const char *packed(const uint8_t *data, size_t size) {
    const size_t space = size + size / 100 + 200, half = size / 3;
    uint8_t *bytes = malloc(space);
    PROMISE(bytes != NULL);
    size_t n = size % 2 == 0 ? pack(bytes, space, data, half) : 0;
    n += pack(bytes + n, space - n, data + (n > 0 ? half : 0), size - (n > 0 ? half : 0));
    const char *path = fuzz_path(1, bytes, n);
    free(bytes);
    return path;
}

static void read_as(const mlp_idx *idx, mlp_status status, const char *path) {
    mlp_idx other = {0};
    mlp_error err = {0};
    const mlp_status found = mlp_idx_read(&other, path, &err);
    promise_message(found, &err);
    PROMISE(found == status);
    if (found == MLP_OK) {
        const size_t bytes = idx->n * mlp_idx_type_size(idx->type);
        PROMISE(other.type == idx->type && other.n == idx->n && other.n_dims == idx->n_dims);
        PROMISE(memcmp(other.dims, idx->dims, sizeof idx->dims) == 0);
        PROMISE(bytes == 0 || memcmp(other.data, idx->data, bytes) == 0);
    }
    mlp_idx_free(&other);
    PROMISE(other.memory == NULL);
}

static void check_shape(const mlp_idx *idx, size_t size, bool gzip) {
    const size_t element = mlp_idx_type_size(idx->type);
    PROMISE(idx->n_dims >= 1 && idx->n_dims <= 3 && element > 0);
    PROMISE(idx->n == idx->dims[0] * idx->dims[1] * idx->dims[2]);
    PROMISE(gzip || 4 + 4 * idx->n_dims + idx->n * element == size);
}

static void read_images(const char *path) {
    mlp_source source = {0};
    mlp_dataset set = {0};
    mlp_error err = {0};
    mlp_status status = mlp_source_open(&source, path, &err);
    if (status == MLP_OK) status = mlp_dataset_read_images(&set, &source, &err);
    promise_message(status, &err);
    if (status == MLP_OK) {
        PROMISE(set.n > 0 && set.n_pixels > 0 && set.n_pixels == set.rows * set.cols);
        PROMISE((set.bytes == NULL) != (set.floats == NULL));
        for (size_t i = 0; set.floats != NULL && i < set.n * set.n_pixels; i++) PROMISE(isfinite(set.floats[i]));
        if (set.bytes != NULL) PROMISE(mlp_dataset_compress(&set, NULL, &err) == MLP_OK);
    }
    mlp_dataset_free(&set);
    mlp_source_close(&source);
}

/* The same file as images and as labels. */
static void read_both(const char *path) {
    mlp_dataset set = {0};
    mlp_error err = {0};
    const mlp_status status = mlp_dataset_open(&set, path, path, NULL, &err);
    promise_message(status, &err);
    for (size_t i = 0; status == MLP_OK && i < set.n; i++) PROMISE(set.labels[i] < set.n_classes);
    mlp_dataset_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const bool gzip = size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
    const char *path = fuzz_path(0, data, size);
    mlp_idx idx = {0};
    mlp_error err = {0};
    const mlp_status status = mlp_idx_read(&idx, path, &err);
    promise_message(status, &err);
    if (status == MLP_OK) check_shape(&idx, size, gzip);
    fuzz_stdin(data, size);
    read_as(&idx, status, "-");
    if (!gzip) read_as(&idx, status, packed(data, size));
    mlp_idx_free(&idx);
    read_images(path);
    read_both(path);
    return 0;
}

/* npz.c - writes NumPy's .npz, a zip archive of .npy files. Knows named arrays, not networks. */
#include "mlp/formats/npz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mlp/base/memory.h"
#include "mlp/formats/file.h"

enum {
    NAME_SIZE = 64,    /* space for NAME.npy */
    NPY_SIZE = 128,    /* the header of an .npy file, as long as NumPy makes it */
    LOCAL_SIZE = 30,   /* bytes before an entry's name */
    CENTRAL_SIZE = 46, /* bytes before its name in the zip directory */
    END_SIZE = 22
};

/* One .npy file of the archive. */
typedef struct entry {
    char name[NAME_SIZE];
    char npy[NPY_SIZE];
    const void *data;
    size_t data_size;
    uint32_t crc;  /* CRC-32 of header and data */
    size_t offset; /* in the archive */
} entry;

static void make_entry(entry *e, const mlp_tensor *tensor, size_t offset) {
    static const char magic[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, NPY_SIZE - 10, 0};
    char second[32] = "";
    assert(tensor->n_dims == 1 || tensor->n_dims == 2);
    assert(tensor->dtype == MLP_F32 && strlen(tensor->name) + sizeof ".npy" <= NAME_SIZE);
    snprintf(e->name, NAME_SIZE, "%s.npy", tensor->name);
    if (tensor->n_dims == 2) snprintf(second, sizeof second, " %zu", tensor->dims[1]);
    memcpy(e->npy, magic, sizeof magic);
    const int n = snprintf(e->npy + sizeof magic, NPY_SIZE - sizeof magic,
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu,%s), }", tensor->dims[0], second);
    memset(e->npy + sizeof magic + n, ' ', NPY_SIZE - sizeof magic - (size_t)n);
    e->npy[NPY_SIZE - 1] = '\n';
    e->data = tensor->data;
    e->data_size = mlp_tensor_bytes(tensor);
    e->offset = offset;
}

/* Writes `value` as n little-endian bytes; returns the position after them. */
static uint8_t *put(uint8_t *to, uint64_t value, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = (uint8_t)(value >> 8 * i);
    return to + n;
}

/* Writes the fields that both headers of an entry have. */
static uint8_t *put_common(uint8_t *to, const entry *e) {
    to = put(to, 20, 2);         /* version needed to read it: 2.0 */
    to = put(to, 0, 4);          /* no flags; stored, not compressed */
    to = put(to, 0, 2);          /* time: 00:00 */
    to = put(to, 1 << 5 | 1, 2); /* date: always 1 January 1980, for equal bytes */
    to = put(to, e->crc, 4);
    to = put(to, NPY_SIZE + e->data_size, 4);
    to = put(to, NPY_SIZE + e->data_size, 4);
    to = put(to, strlen(e->name), 2);
    return put(to, 0, 2); /* no extra fields */
}

static void write_entry(mlp_file *file, entry *e) {
    uint8_t header[LOCAL_SIZE];
    e->crc = (uint32_t)crc32_z(crc32_z(0, (const Bytef *)e->npy, NPY_SIZE), e->data, e->data_size);
    const uint8_t *end = put_common(put(header, 0x04034b50, 4), e);
    assert(end == header + LOCAL_SIZE);
    mlp_file_write(file, header, LOCAL_SIZE);
    mlp_file_write(file, e->name, strlen(e->name));
    mlp_file_write(file, e->npy, NPY_SIZE);
    mlp_file_write(file, e->data, e->data_size);
}

static void write_central(mlp_file *file, const entry *e) {
    uint8_t header[CENTRAL_SIZE], *to = put(header, 0x02014b50, 4);
    to = put(to, 3 << 8 | 20, 2); /* made by version 2.0 on Unix */
    to = put_common(to, e);
    to = put(to, 0, 6); /* no comment, first disk, binary */
    to = put(to, 0100644U << 16, 4);
    to = put(to, e->offset, 4);
    assert(to == header + CENTRAL_SIZE);
    mlp_file_write(file, header, CENTRAL_SIZE);
    mlp_file_write(file, e->name, strlen(e->name));
}

static void write_end(mlp_file *file, size_t n, size_t size, size_t offset) {
    uint8_t end[END_SIZE], *to = put(end, 0x06054b50, 4);
    to = put(to, 0, 4); /* this disk is number 0, and the directory is on it */
    to = put(to, n, 2);
    to = put(to, n, 2);
    to = put(to, size, 4);
    to = put(to, offset, 4);
    to = put(to, 0, 2); /* no comment */
    assert(to == end + END_SIZE);
    mlp_file_write(file, end, END_SIZE);
}

mlp_status mlp_npz_write(const char *path, const mlp_tensor *tensors, size_t n, mlp_error *err) {
    size_t offset = 0, directory = 0;
    mlp_file file = {0};
    mlp_status status;
    entry *entries = mlp_alloc(n, sizeof *entries, "the directory of the archive", err);
    if (entries == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        make_entry(&entries[i], &tensors[i], offset);
        offset += LOCAL_SIZE + strlen(entries[i].name) + NPY_SIZE + entries[i].data_size;
        directory += CENTRAL_SIZE + strlen(entries[i].name);
    }
    if (offset + directory + END_SIZE > MLP_NPZ_MOST || n > UINT16_MAX)
        status = mlp_fail(err, MLP_ERR_USAGE,
                          "%s: %zu arrays of %zu bytes do not fit in a .npz file; save them as safetensors", path, n,
                          offset);
    else if ((status = mlp_file_create(&file, path, err)) == MLP_OK) {
        for (size_t i = 0; i < n; i++) write_entry(&file, &entries[i]);
        for (size_t i = 0; i < n; i++) write_central(&file, &entries[i]);
        write_end(&file, n, directory, offset);
        status = mlp_file_commit(&file, err);
    }
    free(entries);
    return status;
}

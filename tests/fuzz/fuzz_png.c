/* fuzz_png.c - a PNG from a file and from a stream of unknown size is the same picture, or the same failure. */
#include <zlib.h>

#include "fuzz.h"
#include "mlp/formats/netpbm.h"
#include "mlp/formats/png.h"

static mlp_status read_one(size_t *sum, const char *path) {
    mlp_source source = {0};
    mlp_error err = {0};
    uint8_t *grey = NULL;
    size_t rows = 0, cols = 0;
    mlp_status status = mlp_source_open(&source, path, &err);
    if (status == MLP_OK) status = mlp_png_read(&grey, &rows, &cols, &source, &err);
    promise_message(status, &err);
    PROMISE((status == MLP_OK) == (grey != NULL));
    *sum = rows;
    if (status == MLP_OK) {
        PROMISE(rows > 0 && cols > 0 && cols <= MLP_NETPBM_MOST / rows);
        for (size_t i = 0; i < rows * cols; i++) *sum = *sum * 31 + grey[i];
    }
    free(grey);
    mlp_source_close(&source);
    return status;
}

static void read_both(const uint8_t *data, size_t size) {
    size_t sum, other;
    const mlp_status status = read_one(&sum, fuzz_path(0, data, size));
    fuzz_stdin(data, size);
    PROMISE(read_one(&other, "-") == status && (status != MLP_OK || sum == other));
}

static void put_be32(uint8_t *at, size_t value) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Makes the signature and the checksum of each chunk right: libpng reads no further than a wrong one. */
static void repair(uint8_t *data, size_t size) {
    if (size >= 8) memcpy(data, "\x89PNG\r\n\x1a\n", 8);
    for (size_t at = 8; at + 12 <= size;) {
        size_t n = 0;
        for (size_t i = 0; i < 4; i++) n = n << 8 | data[at + i];
        if (n > size - at - 12) return;
        put_be32(data + at + 8 + n, crc32(0, data + at + 4, (uInt)(n + 4)));
        at += 12 + n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *repaired = malloc(size + 1);
    read_both(data, size);
    mlp_png_begins(data, size);
    if (repaired == NULL) return 0;
    memcpy(repaired, data, size);
    repair(repaired, size);
    read_both(repaired, size);
    free(repaired);
    return 0;
}

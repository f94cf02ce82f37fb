/* fuzz_png.c - a PNG from a file and from a stream of unknown size is the same picture, or the same failure. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t sum, other;
    const mlp_status status = read_one(&sum, fuzz_path(0, data, size));
    fuzz_stdin(data, size);
    PROMISE(read_one(&other, "-") == status && (status != MLP_OK || sum == other));
    mlp_png_begins(data, size);
    return 0;
}

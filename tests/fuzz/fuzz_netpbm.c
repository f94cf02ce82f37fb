/* fuzz_netpbm.c - pictures: from a file and from a stream of unknown size they must be the same,
   and whatever they show must fit into a frame. */
#include <math.h>

#include "fuzz.h"
#include "mlp/data/normalize.h"
#include "mlp/formats/netpbm.h"

/* Pixels that are put into frames: what many more cost is no news. */
enum { MOST = 1 << 14 };

static void fit(const mlp_netpbm *picture) {
    static const size_t frames[][2] = {{28, 28}, {1, 1}, {5, 31}};
    const size_t n = picture->rows * picture->cols;
    if (n > MOST) return;
    for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
        const size_t rows = frames[f][0], cols = frames[f][1];
        uint8_t digit[28 * 28];
        mlp_found found = MLP_FOUND_DIGIT;
        mlp_shapes shapes;
        mlp_error err = {0};
        memset(digit, 0xaa, sizeof digit);
        PROMISE(mlp_normalize(digit, rows, cols, &found, &shapes, false, picture->pixels, picture->rows, picture->cols,
                              &err) == MLP_OK);
        for (size_t i = 0; i < rows * cols; i++) PROMISE(found == MLP_FOUND_DIGIT || digit[i] == 0);
        for (size_t i = rows * cols; i < sizeof digit; i++) PROMISE(digit[i] == 0xaa);
    }
}

/* Reads all pictures; returns how many, and what became of it. Of pictures that `sum` has seen, the
   sum must be the same. */
static mlp_status read_all(size_t *n, double *sum, const char *path, bool and_fit) {
    mlp_source source = {0};
    mlp_error err = {0};
    mlp_netpbm reader = {.source = &source};
    mlp_status status = mlp_source_open(&source, path, &err);
    bool more = true;
    for (*n = 0, *sum = 0; status == MLP_OK;) {
        status = mlp_netpbm_next(&reader, &more, &err);
        if (status != MLP_OK || !more) break;
        PROMISE(reader.n == ++*n);
        PROMISE(reader.rows > 0 && reader.cols > 0);
        PROMISE(reader.cols <= MLP_NETPBM_MOST / reader.rows);
        for (size_t i = 0; i < reader.rows * reader.cols; i++) {
            const float x = reader.pixels[i];
            PROMISE(x >= 0 && x <= 1);
            *sum += (double)x * (double)(1 + i % 7);
        }
        if (and_fit && *n <= 8) fit(&reader);
    }
    promise_message(status, &err);
    mlp_netpbm_free(&reader);
    mlp_source_close(&source);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t n, again;
    double sum, other;
    const mlp_status status = read_all(&n, &sum, fuzz_path(0, data, size), true);
    fuzz_stdin(data, size);
    PROMISE(read_all(&again, &other, "-", false) == status);
    PROMISE(n == again && sum == other);
    mlp_netpbm_begins(data, size);
    return 0;
}

/* png_write.c - writes a grey picture as PNG: a header, one chunk of compressed rows, an end. */
#include "mlp/formats/png_write.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mlp/base/memory.h"

static void put32(uint8_t to[4], size_t value) {
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Appends a chunk: length, type, data, CRC-32 of type and data. */
static void put_chunk(mlp_strbuf *png, const char *type, const uint8_t *data, size_t n) {
    uint8_t number[4];
    uLong crc = crc32(0, (const Bytef *)type, 4);
    if (n > 0) crc = crc32(crc, data, (uInt)n); /* with NULL, crc32 would start again */
    put32(number, n);
    mlp_strbuf_add(png, (const char *)number, 4);
    mlp_strbuf_add(png, type, 4);
    mlp_strbuf_add(png, (const char *)data, n);
    put32(number, crc);
    mlp_strbuf_add(png, (const char *)number, 4);
}

/* The rows as PNG compresses them: before each row the number of its filter, 0 for none. NULL if memory runs out. */
static uint8_t *filter(const uint8_t *pixels, size_t rows, size_t cols, mlp_error *err) {
    uint8_t *filtered = mlp_alloc(rows, cols + 1, "a picture", err);
    for (size_t row = 0; filtered != NULL && row < rows; row++)
        memcpy(filtered + row * (cols + 1) + 1, pixels + row * cols, cols);
    return filtered;
}

mlp_status mlp_png_write(mlp_strbuf *png, const uint8_t *pixels, size_t rows, size_t cols, mlp_error *err) {
    static const char signature[] = "\x89PNG\r\n\x1a\n";
    const size_t most = 0x7FFFFFFF;
    uint8_t header[13] = {[8] = 8 /* bits */};
    if (rows > most || cols > most || rows * (cols + 1) > most)
        return mlp_fail(err, MLP_ERR_USAGE, "a PNG of %zu x %zu pixels would be too large", rows, cols);
    uint8_t *filtered = filter(pixels, rows, cols, err);
    uLongf n = compressBound((uLong)(rows * (cols + 1)));
    uint8_t *packed = mlp_alloc_unset(n, 1, "a picture", err);
    if (filtered == NULL || packed == NULL ||
        compress2(packed, &n, filtered, (uLong)(rows * (cols + 1)), Z_BEST_COMPRESSION) != Z_OK) {
        MLP_FREE(filtered, packed);
        return mlp_fail_memory(err, "a picture", rows * cols);
    }
    put32(header, cols);
    put32(header + 4, rows);
    mlp_strbuf_add(png, signature, sizeof signature - 1);
    put_chunk(png, "IHDR", header, sizeof header);
    put_chunk(png, "IDAT", packed, n);
    put_chunk(png, "IEND", NULL, 0);
    MLP_FREE(filtered, packed);
    return png->failed ? mlp_fail_memory(err, "a picture", png->n) : MLP_OK;
}

/* png.c - reads a PNG picture as grey bytes, and writes one. libpng decodes; this module turns colours and transparency
   into grey. A written file has a header, one chunk of rows that zlib compressed, and an end. */
#include "mlp/formats/png.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "mlp/base/memory.h"

static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

bool mlp_png_begins(const unsigned char *bytes, size_t n) {
    return n > 1 && memcmp(bytes, signature, n < sizeof signature ? n : sizeof signature) == 0;
}

/* ---- reading ---- */

#ifdef MLP_LIBPNG

#include <png.h>

#include "mlp/formats/netpbm.h"

/* Largest size of a file in bytes: more than 2^26 pixels of 8 bytes need. */
#define MOST_BYTES ((size_t)1 << 30)

/* Luma of ITU-R BT.709, as `convert PICTURE pgm:-` computes it, mixed with white if the pixel is transparent. */
static uint8_t grey_of(const png_byte rgba[4]) {
    const double luma = 0.212656 * rgba[0] + 0.715158 * rgba[1] + 0.072186 * rgba[2], alpha = rgba[3] / 255.0;
    return (uint8_t)(alpha * luma + (1 - alpha) * 255 + 0.5);
}

static mlp_status fail(const mlp_source *source, const png_image *image, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT, "%s: is a damaged PNG picture (%s); copy it again, or write it again",
                    source->name, image->message);
}

/* Whether the file can have all pixels: deflate makes at most 1032 bytes of one. Byte 24 of a PNG is its number of bits
   for a colour of a pixel. Without this test, some 50 bytes could ask for 256 MiB of memory. */
static bool can_hold(const mlp_strbuf *file, const png_image *image) {
    const size_t bits = (unsigned char)file->at[24];
    return image->height * (1 + image->width * bits / 8) <= 1032 * file->n;
}

static mlp_status decode(uint8_t **grey, png_image *image, const mlp_strbuf *file, const mlp_source *source,
                         mlp_error *err) {
    const size_t n = (size_t)image->width * image->height;
    if (n > MLP_NETPBM_MOST)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: has %u x %u pixels, more than the %zu that are read; make it smaller",
                        source->name, image->height, image->width, MLP_NETPBM_MOST);
    if (!can_hold(file, image))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a damaged PNG picture: its %zu bytes cannot hold %u x %u pixels; copy it again",
                        source->name, file->n, image->height, image->width);
    image->format = PNG_FORMAT_RGBA;
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    png_byte *rgba = mlp_alloc_unset(n, 4, "a picture", err);
    if (rgba == NULL) return MLP_ERR_MEMORY;
    mlp_status status = png_image_finish_read(image, NULL, rgba, 0, NULL) ? MLP_OK : fail(source, image, err);
    if (status == MLP_OK && (*grey = mlp_alloc_unset(n, 1, "a picture", err)) == NULL) status = MLP_ERR_MEMORY;
    for (size_t i = 0; status == MLP_OK && i < n; i++) (*grey)[i] = grey_of(rgba + 4 * i);
    free(rgba);
    return status;
}

/* Reads the whole file. */
static mlp_status take(mlp_strbuf *file, mlp_source *source, mlp_error *err) {
    unsigned char chunk[1 << 13];
    size_t n = sizeof chunk;
    while (n == sizeof chunk) {
        MLP_TRY(mlp_source_read(source, chunk, sizeof chunk, &n, err));
        mlp_strbuf_add(file, (const char *)chunk, n);
        if (file->n > MOST_BYTES)
            return mlp_fail(err, MLP_ERR_FORMAT, "%s: is a PNG picture of more than %zu bytes; make it smaller",
                            source->name, MOST_BYTES);
    }
    return file->failed ? mlp_fail_memory(err, source->name, file->n) : MLP_OK;
}

mlp_status mlp_png_read(uint8_t **grey, size_t *rows, size_t *cols, mlp_source *source, mlp_error *err) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    mlp_strbuf file = {0};
    mlp_status status = take(&file, source, err);
    if (status == MLP_OK && !png_image_begin_read_from_memory(&image, file.at, file.n))
        status = fail(source, &image, err);
    if (status == MLP_OK) status = decode(grey, &image, &file, source, err);
    *rows = image.height;
    *cols = image.width;
    png_image_free(&image);
    mlp_strbuf_free(&file);
    return status;
}

#else

mlp_status mlp_png_read(uint8_t **grey, size_t *rows, size_t *cols, mlp_source *source, mlp_error *err) {
    (void)grey, (void)rows, (void)cols;
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is a PNG picture, and this program was built without libpng; install libpng with its headers "
                    "and build it again, or make it a PGM (convert PICTURE pgm:-)",
                    source->name);
}

#endif

/* ---- writing ---- */

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
    mlp_strbuf_add(png, (const char *)signature, sizeof signature);
    put_chunk(png, "IHDR", header, sizeof header);
    put_chunk(png, "IDAT", packed, n);
    put_chunk(png, "IEND", NULL, 0);
    MLP_FREE(filtered, packed);
    return png->failed ? mlp_fail_memory(err, "a picture", png->n) : MLP_OK;
}

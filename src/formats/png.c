/* png.c - reads a PNG picture as grey bytes. libpng decodes it; this module turns colours and transparency into
 grey. */
#include "mlp/formats/png.h"

#include <stdlib.h>
#include <string.h>

static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

bool mlp_png_begins(const unsigned char *bytes, size_t n) {
    return n > 1 && memcmp(bytes, signature, n < sizeof signature ? n : sizeof signature) == 0;
}

#ifdef MLP_LIBPNG

#include <png.h>

#include "mlp/base/memory.h"
#include "mlp/base/strbuf.h"
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

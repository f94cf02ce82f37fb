/* png.h - reads and writes PNG pictures (ISO/IEC 15948) of grey pixels. Reading needs libpng when the program is built;
   written pixels have 8 bits. */
#pragma once

#include "mlp/base/text.h"
#include "mlp/formats/source.h"

/* Whether data that begin with these bytes are PNG. */
bool mlp_png_begins(const unsigned char *bytes, size_t n);

/* Reads the picture from a source of which nothing was read yet. *grey [rows x cols], 0 black .. 255 white, is freed by
   the caller. The picture may be grey, RGB or with a palette, of 8 or 16 bits; transparent pixels are drawn on white.
   On failure `err` names the source and what to do. */
mlp_status mlp_png_read(uint8_t **grey, size_t *rows, size_t *cols, mlp_source *source, mlp_error *err);

/* Writes the PNG file of pixels [rows x cols], 0 black .. 255 white, to `png`, which is zero-initialised. The same
   pixels make the same bytes. Fails if memory runs out, or if rows, cols or the number of bytes exceed 2^31 - 1. */
mlp_status mlp_png_write(mlp_strbuf *png, const uint8_t *pixels, size_t rows, size_t cols, mlp_error *err);

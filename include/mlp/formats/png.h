/* png.h - reads a PNG picture (ISO/IEC 15948) as grey pixels. Needs libpng when the program is built. */
#pragma once

#include "mlp/formats/source.h"

/* Whether data that begin with these bytes are PNG. */
bool mlp_png_begins(const unsigned char *bytes, size_t n);

/* Reads the picture from a source of which nothing was read yet. *grey [rows x cols], 0 black .. 255 white, is freed by
   the caller. The picture may be grey, RGB or with a palette, of 8 or 16 bits; transparent pixels are drawn on white.
   On failure `err` names the source and what to do. */
mlp_status mlp_png_read(uint8_t **grey, size_t *rows, size_t *cols, mlp_source *source, mlp_error *err);

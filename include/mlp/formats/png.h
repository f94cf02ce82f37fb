/* png.h - a PNG picture (ISO/IEC 15948) as grey, through libpng, where that was there when the program was built. */
#ifndef MLP_PNG_H
#define MLP_PNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"
#include "mlp/formats/source.h"

/* Whether data that begin with these bytes are PNG. */
bool mlp_png_begins(const unsigned char *bytes, size_t n);

/* Reads the picture of a source of which no byte was taken yet: *grey [rows x cols], 0 black .. 255 white, which the
   caller frees. Grey, RGB, palette, 8 and 16 bits; what is transparent lies on white. On failure `err` names the
   source and what to do. */
mlp_status mlp_png_read(uint8_t **grey, size_t *rows, size_t *cols, mlp_source *source, mlp_error *err);

#endif

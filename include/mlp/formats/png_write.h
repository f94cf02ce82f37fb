/* png_write.h - writes a grey picture of 8 bits as PNG (ISO/IEC 15948), compressed by zlib. Knows pixels, not
 digits. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/base/strbuf.h"

/* Writes the PNG file of pixels [rows x cols], 0 black .. 255 white, to `png`, which is zero-initialised. The same
   pixels make the same bytes. Fails if memory runs out, or if rows, cols or the number of bytes exceed 2^31 - 1. */
mlp_status mlp_png_write(mlp_strbuf *png, const uint8_t *pixels, size_t rows, size_t cols, mlp_error *err);

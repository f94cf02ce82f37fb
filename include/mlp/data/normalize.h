/* normalize.h - size normalisation: puts a drawing of any size into the frame that MNIST's digits have. They were
   "size normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and centred in 28 x 28 "by
   computing the center of mass of the pixels" (LeCun, Cortes, Burges). */
#ifndef MLP_NORMALIZE_H
#define MLP_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"

/* digit [rows x cols] = the ink of `pixels` [height x width]; 0: none, 255: full. Pixels are on a scale of 0 to 1, or
   on a wider one. Ink is what is darker than the background, or else what is lighter; the border shows the
   background: its light may fall off to a side, and as far as it is noisy nothing is ink. What is inked is cut out,
   scaled by averaging areas to fit 20/28 of the frame, strengthened where that left it weak, and put where its centre
   of mass is nearest to the pixel (rows / 2, cols / 2), as MNIST has it: MNIST's own images stay as they are, or
   nearly so. *blank: there is no ink, and digit is 0. Fails for want of memory only. All sizes > 0; pixels finite. */
mlp_status mlp_normalize(uint8_t *digit, size_t rows, size_t cols, bool *blank, const float *pixels, size_t height,
                         size_t width, mlp_error *err);

#endif

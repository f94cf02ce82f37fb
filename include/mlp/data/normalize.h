/* normalize.h - size normalisation: puts a drawing of any size into the frame that MNIST's digits have. They were "size
   normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and centred in 28 x 28 "by computing the
   center of mass of the pixels" (LeCun, Cortes, Burges). */
#pragma once

#include "mlp/data/shapes.h"

/* What was found in a picture. */
typedef enum mlp_found {
    MLP_FOUND_DIGIT,
    MLP_FOUND_NOTHING, /* no ink stands out */
    MLP_FOUND_UNIFORM, /* all pixels are the same grey */
    MLP_FOUND_EXTREME, /* all pixels are black, or all white */
    MLP_FOUND_UNCLEAR  /* ink, but no digit could be separated from lines and from what is at the edge */
} mlp_found;

/* digits [rows x cols] = the digit of `pixels` [height x width]; 0: no ink, 255: full. Pixels are on a scale of 0 to 1,
   or on a wider one. Ink is either darker or lighter than the background, by more than the noise. The border shows the
   background, or the desk that a sheet of paper lies on; the light may change slowly from side to side. Frames, ruled
   lines, ink connected to the border and specks are removed. The rest is cut out, scaled by averaging areas to fit
   20/28 of the frame, strengthened if averaging made it weak, and put where its centre of mass is nearest to the pixel
   (rows / 2, cols / 2), as in MNIST: MNIST's own images change little or not at all. If *found is not a digit, `digits`
   is 0. `shapes` gets the number of separate shapes of similar size, and the box of the first. With `split`, and at
   least two shapes, digits [MLP_SHAPES_MOST x rows x cols] has each of them and `shapes` their boxes. Fails only if
   memory runs out. All sizes > 0; pixels finite. */
mlp_status mlp_normalize(uint8_t *digits, size_t rows, size_t cols, mlp_found *found, mlp_shapes *shapes, bool split,
                         const float *pixels, size_t height, size_t width, mlp_error *err);

/* drawing.h - computes how much ink every pixel of a picture has. Finds the paper first: the background of the picture,
   a sheet that lies on something else, or the inside of a frame. Does not know digits. */
#pragma once

#include "mlp/data/shapes.h"

/* Labels of the map. Numbers from MLP_PIECE on are labels of connected pieces of ink. */
enum { MLP_PAPER, MLP_INK, MLP_OUTSIDE, MLP_EDGE, MLP_PIECE };

typedef struct mlp_drawing {
    const float *pixels; /* [height x width], borrowed */
    size_t height, width;
    float *ink;       /* [height x width] 0: no ink; always 0 outside the paper */
    double strongest; /* the most ink of a pixel; if it is not above 0, no ink differs from the noise */
    mlp_map map;      /* MLP_INK where ink is not faint, MLP_OUTSIDE beyond the paper, MLP_PAPER */
    /* inside */
    double light[3]; /* background at row y, column x: light[0] + light[1] * y + light[2] * x */
    double sign;     /* sign of the ink's deviation from the background: 1 or -1 */
    double floor;    /* a smaller deviation is background */
} mlp_drawing;

/* Fails only if memory runs out. Zero-initialise; mlp_drawing_free whatever the result. */
mlp_status mlp_drawing_read(mlp_drawing *drawing, const float *pixels, size_t height, size_t width, mlp_error *err);
/* Labels ink and paper again, after changes to `ink`. */
void mlp_drawing_label(mlp_drawing *drawing);
/* Whether the pixel is at the edge of the paper. */
bool mlp_drawing_at_edge(const mlp_drawing *drawing, size_t place);
void mlp_drawing_free(mlp_drawing *drawing); /* NULL-safe; leaves *drawing zeroed */

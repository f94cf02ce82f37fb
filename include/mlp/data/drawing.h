/* drawing.h - how much ink every pixel of a picture has. Finds the paper: the background, a sheet that lies on
   something else, the inside of a frame. Knows no digits. */
#pragma once

#include "mlp/data/components.h"

/* Labels of the map. Those from MLP_PIECE on are free for connected pieces of ink. */
enum { MLP_PAPER, MLP_INK, MLP_OUTSIDE, MLP_EDGE, MLP_PIECE };

typedef struct mlp_drawing {
    const float *pixels; /* [height x width], borrowed */
    size_t height, width;
    float *ink;       /* [height x width] from 0, none; outside the paper 0 */
    double strongest; /* ink, of all pixels; not above 0: none stands out from the noise */
    mlp_map map;      /* MLP_INK where ink is not faint, MLP_OUTSIDE beyond the paper, MLP_PAPER */
    /* inside */
    double light[3]; /* background at row y, column x: light[0] + light[1] * y + light[2] * x */
    double sign;     /* of ink's deviation from the background: 1 or -1 */
    double floor;    /* deviation that is still background */
} mlp_drawing;

/* Fails only if memory is short. Zero-initialise; mlp_drawing_free whatever the result. */
mlp_status mlp_drawing_read(mlp_drawing *drawing, const float *pixels, size_t height, size_t width, mlp_error *err);
/* Labels ink and paper again, after changes to `ink`. */
void mlp_drawing_label(mlp_drawing *drawing);
/* Whether the pixel is at the edge of the paper. */
bool mlp_drawing_at_edge(const mlp_drawing *drawing, size_t place);
void mlp_drawing_free(mlp_drawing *drawing); /* NULL-safe; leaves *drawing zeroed */

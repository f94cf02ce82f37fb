/* pixels.h - the range and the mean of the pixels of a set of images. */
#pragma once

#include "mlp/formats/idx.h"

/* Pixel values as a network takes them: byte / 255 for bytes, else the number itself. */
typedef struct mlp_pixels {
    mlp_idx_type type; /* type of the pixels in the file */
    double min, max;   /* over all images */
    double mean, size; /* mean of the pixels, and of their absolute values, over up to 1000 images */
} mlp_pixels;

/* There must be at least one image and one pixel. One of `bytes` and `floats`, [n x n_pixels], is not NULL. */
mlp_pixels mlp_pixels_measure(mlp_idx_type type, const uint8_t *bytes, const float *floats, size_t n, size_t n_pixels);

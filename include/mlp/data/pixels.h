/* pixels.h - which values the pixels of some images have. */
#pragma once

#include "mlp/formats/idx.h"

/* The values are those that a network takes: a byte is worth byte / 255, a number what it is. */
typedef struct mlp_pixels {
    mlp_idx_type type; /* in the file */
    double min, max;   /* of all images */
    double mean, size; /* mean of the pixels and of their absolute values, of up to 1000 images */
} mlp_pixels;

/* The numbers of images and pixels are not 0. `bytes` or `floats`, [n x n_pixels], is not NULL. */
mlp_pixels mlp_pixels_measure(mlp_idx_type type, const uint8_t *bytes, const float *floats, size_t n, size_t n_pixels);

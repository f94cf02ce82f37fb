/* pixels.h - the range, the mean and the border of the pixels of a set of images. */
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

/* The range of 16- or 32-bit integers with the bytes of each in the other order. Sets no mean. */
mlp_pixels mlp_pixels_swap(mlp_idx_type type, const float *floats, size_t n);

/* The fractions of an image's border pixels that are in the brightest and in the darkest part of the range. */
typedef struct mlp_border {
    double bright, dark;
} mlp_border;

/* `part` is the size of these parts, as a fraction of the range. The image is `bytes` or `floats`; the other is NULL.
 */
mlp_border mlp_pixels_border(const mlp_pixels *pixels, double part, const uint8_t *bytes, const float *floats,
                             size_t rows, size_t cols);

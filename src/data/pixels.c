/* pixels.c - the range, the mean and the border of pixels. Checks nothing. */
#include "mlp/data/pixels.h"

#include <math.h>

/* Stops as soon as both ends of the range are found: in MNIST within the first images. */
static void find_byte_range(mlp_pixels *pixels, const uint8_t *bytes, size_t n) {
    enum { BLOCK = 4096 };
    uint8_t min = UINT8_MAX, max = 0;
    for (size_t first = 0; first < n && !(min == 0 && max == UINT8_MAX); first += BLOCK) {
        const size_t stop = n - first < BLOCK ? n : first + BLOCK;
        for (size_t i = first; i < stop; i++) {
            min = bytes[i] < min ? bytes[i] : min;
            max = bytes[i] > max ? bytes[i] : max;
        }
    }
    pixels->min = min / 255.0;
    pixels->max = max / 255.0;
}

static void find_float_range(mlp_pixels *pixels, const float *floats, size_t n) {
    enum { LANES = 8 }; /* eight minima at a time, so that the compiler uses vectors */
    float min[LANES], max[LANES];
    for (size_t i = 0; i < LANES; i++) min[i] = max[i] = floats[0];
    for (size_t first = 0; first < n / LANES * LANES; first += LANES)
        for (size_t i = 0; i < LANES; i++) {
            const float x = floats[first + i];
            min[i] = x < min[i] ? x : min[i];
            max[i] = x > max[i] ? x : max[i];
        }
    for (size_t i = n / LANES * LANES; i < n; i++) {
        min[0] = floats[i] < min[0] ? floats[i] : min[0];
        max[0] = floats[i] > max[0] ? floats[i] : max[0];
    }
    /* written without a loop: gcc 12 for aarch64 has an internal error with one */
    pixels->min = (double)fminf(fminf(fminf(min[0], min[1]), fminf(min[2], min[3])),
                                fminf(fminf(min[4], min[5]), fminf(min[6], min[7])));
    pixels->max = (double)fmaxf(fmaxf(fmaxf(max[0], max[1]), fmaxf(max[2], max[3])),
                                fmaxf(fmaxf(max[4], max[5]), fmaxf(max[6], max[7])));
}

mlp_pixels mlp_pixels_measure(mlp_idx_type type, const uint8_t *bytes, const float *floats, size_t n, size_t n_pixels) {
    mlp_pixels pixels = {.type = type};
    const size_t sampled = n < 1000 ? n : 1000, step = n / sampled | 1;
    double sum = 0, size = 0;
    if (bytes != NULL)
        find_byte_range(&pixels, bytes, n * n_pixels);
    else
        find_float_range(&pixels, floats, n * n_pixels);
    for (size_t s = 0; s < 1000 && s < n; s++) {
        const size_t first = s * step % n * n_pixels;
        for (size_t i = first; i < first + n_pixels; i++) {
            const double x = bytes != NULL ? bytes[i] / 255.0 : (double)floats[i];
            sum += x;
            size += fabs(x);
        }
    }
    pixels.mean = sum / (double)(sampled * n_pixels);
    pixels.size = size / (double)(sampled * n_pixels);
    return pixels;
}

/* The integer x of 16 or 32 bits with its bytes in the other order. */
static double swap_bytes(float x, mlp_idx_type type) {
    const uint32_t bits = (uint32_t)(int64_t)x;
    if (type == MLP_IDX_I16) return (int16_t)(uint16_t)((bits & 0xff) << 8 | (bits >> 8 & 0xff));
    return (int32_t)(bits << 24 | (bits & 0xff00) << 8 | (bits >> 8 & 0xff00) | bits >> 24);
}

mlp_pixels mlp_pixels_swap(mlp_idx_type type, const float *floats, size_t n) {
    mlp_pixels pixels = {.type = type, .min = swap_bytes(floats[0], type), .max = swap_bytes(floats[0], type)};
    for (size_t i = 1; i < n; i++) {
        const double x = swap_bytes(floats[i], type);
        pixels.min = fmin(pixels.min, x);
        pixels.max = fmax(pixels.max, x);
    }
    return pixels;
}

mlp_border mlp_pixels_border(const mlp_pixels *pixels, double part, const uint8_t *bytes, const float *floats,
                             size_t rows, size_t cols) {
    const double width = part * (pixels->max - pixels->min);
    size_t n = 0, bright = 0, dark = 0;
    for (size_t y = 0; y < rows; y++) {
        const size_t step = y > 0 && y + 1 < rows && cols > 1 ? cols - 1 : 1; /* both ends of a row in the middle */
        for (size_t x = 0; x < cols; x += step) {
            const size_t i = y * cols + x;
            const double value = bytes != NULL ? bytes[i] / 255.0 : (double)floats[i];
            bright += value >= pixels->max - width;
            dark += value <= pixels->min + width;
            n++;
        }
    }
    return (mlp_border){(double)bright / (double)n, (double)dark / (double)n};
}

/* augment.h - random distortions of the train images: rotation, scaling, shear, shift, and elastic distortion (Simard,
   Steinkraus and Platt 2003). Each time an image is drawn, it gets a new distortion. */
#pragma once

#include "mlp/base/rng.h"
#include "mlp/base/team.h"
#include "mlp/data/dataset.h"

/* Largest number of rows or columns of an image: positions are computed as floats. */
enum { MLP_AUGMENT_MAX_SIDE = 4096 };

/* Each quantity is drawn uniformly between minus and plus its setting. */
typedef struct mlp_augment_settings {
    double rotate; /* degrees */
    double scale;  /* fraction of the size; drawn separately for x and y */
    double shear;  /* columns per row, away from the centre */
    double shift;  /* pixels; drawn separately for x and y */
    double alpha;  /* factor of the smoothed noise; 0: no elastic distortion */
    double sigma;  /* pixels, > 0: standard deviation of the Gaussian that smooths the noise */
} mlp_augment_settings;

/* Whether these settings distort at all. */
bool mlp_augment_moves(const mlp_augment_settings *settings);

/* An affine map: pixel (x, y) of the new image comes from the centre + (xx u + xy v + x, yx u + yy v + y), where the
   centre is ((cols - 1)/2, (rows - 1)/2) and (u, v) = (x, y) minus the centre. */
typedef struct mlp_affine {
    double xx, xy, yx, yy, x, y;
} mlp_affine;

/* The buffers of one thread. A quad is four neighbouring pixels in one word. */
typedef struct mlp_augment_buffers {
    uint8_t *padded; /* [rows + 3 x cols + 3] the image with a border of zeros */
    uint32_t *quads; /* [rows + 2 x cols + 2] each pixel with its neighbours: right, below, below right */
    uint16_t *bits;  /* [2 x rows x cols] random bits of the noise */
    float *noise;    /* [rows + 2 radius x pitch] alpha * noise for x or y, surrounded by zeros */
    float *smoothed; /* [radius + rows x pitch] the noise smoothed along the columns */
    float *fields;   /* [2 x rows x pitch] displacements in pixels, for x and for y */
    int32_t *at;     /* [rows x cols] index of the quad that each new pixel comes from, */
    float *right;    /* [rows x cols] and its position in the quad, 0 .. 1 to the right */
    float *down;     /* [rows x cols] and 0 .. 1 down */
    uint32_t *found; /* [rows x cols] quads[at] */
} mlp_augment_buffers;

/* Zero-initialise; free with mlp_augment_free whatever the result. */
typedef struct mlp_augment {
    mlp_augment_settings settings;
    double strength; /* multiplies all settings except sigma; 1 after mlp_augment_create */
    uint64_t seed;
    size_t rows, cols;
    size_t radius;                /* radius of the Gaussian: 3 sigma, but at most the largest distance of two pixels */
    size_t pitch;                 /* floats from one row of noise to the next: cols + radius */
    size_t taps;                  /* length of `kernel`: 2 radius + 1, rounded up to a multiple of 4 */
    float *kernel;                /* [taps] the Gaussian; its sum was 1 before it was cut at the radius */
    mlp_augment_buffers *buffers; /* [threads] */
    size_t threads;
    mlp_dataset set; /* the images of the last mlp_augment_load */
    uint8_t *bytes, *labels;
    mlp_rows compressed; /* used if the original images are compressed */
} mlp_augment;

/* Allocates buffers to distort up to `most` images of `set` at a time. The pixels of `set` must be bytes; width and
   height of its images must be at most MLP_AUGMENT_MAX_SIDE. */
mlp_status mlp_augment_create(mlp_augment *augment, const mlp_augment_settings *settings, const mlp_dataset *set,
                              size_t most, uint64_t seed, mlp_team *team, mlp_error *err);
void mlp_augment_free(mlp_augment *augment); /* leaves *augment zeroed */

/* Sets augment->set to examples indices[0 .. n) of `set`, or 0 .. n-1 when indices is NULL,
   distorted: the first like image number `draw` of the run, the second like number draw + 1, and so on. */
void mlp_augment_load(mlp_augment *augment, const mlp_dataset *set, const uint32_t *indices, size_t n, uint64_t draw,
                      mlp_team *team);

/* ---- one image [rows x cols] ---- */

/* to = the distorted `from`. The distortion depends only on the seed, the strength and `draw`; `thread` selects the
   buffers. */
void mlp_augment_image(uint8_t *to, const mlp_augment *augment, const uint8_t *from, uint64_t draw, int thread);

/* Draws a rotation, scaling in x and y, shear, shift in x and y, in this order:
       (xx xy; yx yy) = (cos -sin; sin cos) (1 shear; 0 1) (1 + scale_x 0; 0 1 + scale_y) */
mlp_affine mlp_augment_affine(const mlp_augment_settings *settings, mlp_rng *rng);

/* Draws displacements, x before y, row by row. 16 bits per pixel, four pixels per random number, lowest bits first: k
   gives the noise k / 32767.5 - 1, uniform in -1 .. 1. It is multiplied by alpha and smoothed by the Gaussian along
   columns and rows; outside the image the noise is 0. There is no normalisation afterwards: with s(i) = sqrt of the
   sum of the squared kernel values that lie inside the image around row or column i, the displacement at (x, y) has
   mean 0 and standard deviation alpha s(x) s(y) / sqrt 3; in the middle alpha / (2 sqrt(3 pi) sigma): 1.02 pixels for
   alpha 25, sigma 4. */
void mlp_augment_field(const mlp_augment *augment, mlp_rng *rng, int thread);

/* to(x, y) = from at (the affine map of (x, y) + the displacement at (x, y)), by bilinear
   interpolation between four pixels, rounded to nearest. Pixels outside the image are 0. */
void mlp_augment_move(uint8_t *to, const mlp_augment *augment, const uint8_t *from, const mlp_affine *map, int thread);

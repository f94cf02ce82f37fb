/* augment.h - images distorted anew each time they are drawn: turned, scaled, sheared, shifted, and
   bent by an elastic field (Simard, Steinkraus and Platt 2003). Knows images of bytes, no network.
 */
#ifndef MLP_AUGMENT_H
#define MLP_AUGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/rng.h"
#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/data/dataset.h"

/* The longest side of an image: places in it are floats. */
enum { MLP_AUGMENT_SIDE = 4096 };

/* Strengths: what is drawn is uniform within +- its strength. */
typedef struct mlp_augment_settings {
    double rotate; /* degrees */
    double scale;  /* fraction of the size, of either axis its own */
    double shear;  /* columns that a row moves for each row it lies from the centre */
    double shift;  /* pixels, in either axis */
    double alpha;  /* what the smoothed noise is multiplied by; 0: no elastic field */
    double sigma;  /* pixels: the standard deviation of the Gaussian that smooths it; > 0 */
} mlp_augment_settings;

/* Whether any image changes. */
bool mlp_augment_moves(const mlp_augment_settings *settings);

/* Where pixel (x, y) of the new image comes from: with (u, v) its place seen from the centre
   ((cols - 1)/2, (rows - 1)/2), the centre + (xx u + xy v + x, yx u + yy v + y). */
typedef struct mlp_affine {
    double xx, xy, yx, yy, x, y;
} mlp_affine;

/* What a thread works in. */
typedef struct mlp_augment_room {
    uint8_t *padded; /* [rows + 3 x cols + 3] the image with a border of 0 */
    uint32_t *quads; /* [rows + 2 x cols + 2] a pixel, and those right of, below and beyond it */
    uint16_t *bits;  /* [2 x rows x cols] the noise as it is drawn */
    float *noise;    /* [rows + 2 radius x pitch] one axis's noise times alpha, 0 around it */
    float *smoothed; /* [radius + rows x pitch] the same smoothed along the columns */
    float *fields;   /* [2 x rows x pitch] pixels to move by, in x and in y */
    int32_t *at;     /* [rows x cols] the quad that a pixel comes from, */
    float *right;    /* [rows x cols] how far right in it */
    float *down;     /* [rows x cols] and how far down */
    uint32_t *found; /* [rows x cols] the quads themselves */
} mlp_augment_room;

/* Zero-initialise; free with mlp_augment_free whatever the outcome. */
typedef struct mlp_augment {
    mlp_augment_settings settings;
    double strength; /* what the settings are multiplied by, but for sigma; 1 unless set */
    uint64_t seed;
    size_t rows, cols;
    size_t radius;           /* of the Gaussian: 3 sigma, no more than can reach a pixel */
    size_t pitch;            /* floats from a row of noise to the next: cols + radius */
    size_t taps;             /* 2 radius + 1, rounded up to whole fours */
    float *kernel;           /* [taps] the Gaussian, its sum 1 with what the radius cuts off */
    mlp_augment_room *rooms; /* [threads] */
    size_t threads;
    /* the images made last, with their labels, and compressed where those they are made of are */
    mlp_dataset set;
    mlp_rows rows_memory;
    uint8_t *bytes, *labels;
} mlp_augment;

/* Room to distort up to `most` images of `set` at a time, which must hold bytes and have sides of
   at most MLP_AUGMENT_SIDE. */
mlp_status mlp_augment_create(mlp_augment *augment, const mlp_augment_settings *settings,
                              const mlp_dataset *set, size_t most, uint64_t seed, mlp_team *team,
                              mlp_error *err);
void mlp_augment_free(mlp_augment *augment); /* leaves *augment zeroed */

/* augment->set = examples indices[0 .. n) of `set`, or 0 .. n-1 when indices is NULL, each
   distorted as the one of number draw, draw + 1 … */
void mlp_augment_load(mlp_augment *augment, const mlp_dataset *set, const uint32_t *indices,
                      size_t n, uint64_t draw, mlp_team *team);

/* ---- one image [rows x cols] ---- */

/* to = from, distorted as the seed and `draw` alone decide; `thread` tells whose room to use. */
void mlp_augment_image(uint8_t *to, const mlp_augment *augment, const uint8_t *from, uint64_t draw,
                       int thread);

/* Draws rotation, scaling in x and in y, shear, shift in x and in y, in this order:
       (xx xy; yx yy) = (cos -sin; sin cos) (1 shear; 0 1) (1 + scale_x 0; 0 1 + scale_y) */
mlp_affine mlp_augment_affine(const mlp_augment_settings *settings, mlp_rng *rng);

/* Draws an elastic field, x before y, row by row, 16 bits a pixel, four from a random number,
   lowest first: of k the noise is k / 32767.5 - 1, uniform in +-1. Times alpha, and each axis
   smoothed by the Gaussian; beyond the image the noise is 0. Nothing is normalised: with s(i) the
   root of the sum of the kernel's squares as far as they lie in the image around row or column i,
   the field at (x, y) has mean 0 and standard deviation alpha s(x) s(y) / sqrt 3, in the middle
   alpha / (2 sqrt(3 pi) sigma): 1.02 pixels for alpha 25, sigma 4. */
void mlp_augment_field(const mlp_augment *augment, mlp_rng *rng, int thread);

/* to(x, y) = from at the affine map's place + the field there, between four pixels bilinear,
   rounded to nearest; outside the image is 0. */
void mlp_augment_move(uint8_t *to, const mlp_augment *augment, const uint8_t *from,
                      const mlp_affine *map, int thread);

#endif

/* images.h - images to be recognised, from one stream of IDX or netpbm, some at a time, in the size
   that a network takes. Knows no labels and no network. */
#ifndef MLP_IMAGES_H
#define MLP_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"
#include "mlp/base/warnings.h"
#include "mlp/data/dataset.h"
#include "mlp/formats/netpbm.h"
#include "mlp/formats/source.h"

enum { MLP_DIGITS_MOST = 256 }; /* at a time */

/* Zero-initialise before opening; mlp_images_free whatever the outcome. */
typedef struct mlp_images {
    mlp_dataset set; /* those at hand, rows x cols each, all labels 0; n is 0 at the end */
    bool blank[MLP_DIGITS_MOST]; /* which of them were fitted from nothing */
    /* inside */
    size_t rows, cols;
    bool fit;
    mlp_source source;
    mlp_netpbm pictures; /* of netpbm; */
    mlp_dataset images;  /* of IDX: all of them, */
    size_t taken;        /* of which so many were at hand */
    uint8_t *bytes;      /* [MLP_DIGITS_MOST x rows x cols] */
    uint8_t *labels;     /* [MLP_DIGITS_MOST] zeros */
    float *drawing;      /* an image of IDX to be fitted */
    mlp_error failure;   /* met behind digits that are at hand */
} mlp_images;

/* Opens `path` ("-" is standard input), IDX or netpbm by content, either of them plain or gzip. An
   IDX file is read here, pictures as they are asked for. With `fit`, images of any size are put
   into rows x cols by mlp_normalize; without, another size is refused. */
mlp_status mlp_images_open(mlp_images *digits, const char *path, size_t rows, size_t cols, bool fit,
                           mlp_warnings *warnings, mlp_error *err);

/* Brings the next digits to hand: as many as come without waiting, one at least, at most
   MLP_DIGITS_MOST. What is wrong with an image is told when those before it have been at hand. */
mlp_status mlp_images_next(mlp_images *digits, mlp_error *err);

void mlp_images_free(mlp_images *digits); /* NULL-safe; leaves *digits zeroed */

#endif

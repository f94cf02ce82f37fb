/* images.h - reads images to classify, without labels, from one IDX, PNG or netpbm stream, in groups, and in the size
   that a network takes. */
#pragma once

#include "mlp/data/dataset.h"
#include "mlp/data/normalize.h"
#include "mlp/formats/netpbm.h"
#include "mlp/formats/source.h"

enum { MLP_IMAGES_MOST = 256 }; /* images in a group */

/* Zero-initialise before mlp_images_open; mlp_images_free whatever the result. */
typedef struct mlp_images {
    mlp_dataset set;                  /* the current group, images of rows x cols, all labels 0; n is 0 at the end */
    mlp_found found[MLP_IMAGES_MOST]; /* with `fit`: what mlp_normalize found in each image */
    size_t index[MLP_IMAGES_MOST];    /* the number of its picture or image in the file, from 0 */
    size_t shapes[MLP_IMAGES_MOST];   /* with `fit`: how many separate shapes of similar size its picture has */
    mlp_box box[MLP_IMAGES_MOST];     /* with `fit`: where it was in its picture, if it is a digit */
    size_t bright, dim, dark; /* without `fit`: byte images with a bright border, with a dark border, and without
                                 a pixel of 0.1 or more, in all groups so far */

    bool split;     /* set it before mlp_images_open: with `fit`, an image for each separate shape of a picture */
    bool transpose; /* set it before mlp_images_open: exchange rows and columns of IDX images */

    /* private */
    size_t rows, cols; /* the size that the network takes */
    bool fit;
    mlp_source source;
    mlp_netpbm pictures; /* reader of netpbm; its source is NULL for IDX and PNG */
    mlp_dataset file;    /* IDX: all images of the file; PNG: one */
    uint8_t *png;        /* its pixels as bytes */
    size_t taken;        /* pictures or images of the file in this group and in those before */
    uint8_t *bytes;      /* [MLP_IMAGES_MOST x rows x cols] */
    uint8_t *labels;     /* [MLP_IMAGES_MOST] zeros */
    float *drawing;      /* [file.n_pixels] one image of `file`, to be fitted */
    mlp_error failure;   /* an error after the images of the group: the next call reports it */
} mlp_images;

/* Opens `path`, or standard input for "-". The format, IDX, PNG or netpbm, each plain or gzip, is detected from the
   contents. IDX is read completely, netpbm pictures one by one. With `fit`, images of any size are converted to rows
   x cols by mlp_normalize; without it, other sizes are errors. */
mlp_status mlp_images_open(mlp_images *images, const char *path, size_t rows, size_t cols, bool fit, mlp_error *err);

/* Reads the next group: up to MLP_IMAGES_MOST images. It waits for the first image, but not for further ones. An error
   is returned only after the images before it. */
mlp_status mlp_images_next(mlp_images *images, mlp_error *err);

void mlp_images_free(mlp_images *images); /* NULL-safe; leaves *images zeroed */

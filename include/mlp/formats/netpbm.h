/* netpbm.h - reads grey and bilevel pictures of the netpbm family, PGM (P2, P5) and PBM (P1, P4),
   one or more in one stream (man 5 pgm, man 5 pbm). Knows pictures, not digits. */
#pragma once

#include "mlp/formats/source.h"

/* Largest number of pixels of a picture: 8192 x 8192. */
#define MLP_NETPBM_MOST ((size_t)1 << 26)

/* Zero-initialise, set `source`; mlp_netpbm_free whatever the result. */
typedef struct mlp_netpbm {
    mlp_source *source; /* borrowed */
    size_t n;           /* pictures read so far, including the current one */
    char type;          /* of the current one: the digit of its magic number, P1, P2, P4 or P5 */
    size_t rows, cols, maxval;
    size_t held;     /* pixels read so far */
    float *pixels;   /* [rows x cols] 0 black .. 1 white: sample / maxval; in a PBM the bit 1 is black */
    size_t capacity; /* pixels allocated */
} mlp_netpbm;

/* Whether data that begin with these bytes are of the netpbm family. mlp_netpbm_next reads PGM and PBM; it refuses the
   other members with a message that names them. */
bool mlp_netpbm_begins(const unsigned char *bytes, size_t n);

/* Reads the next picture; *more is false if there is none. Memory grows with the bytes that really arrive. On failure
   `err` names the source, the picture (from 0), what was found and what to do. */
mlp_status mlp_netpbm_next(mlp_netpbm *reader, bool *more, mlp_error *err);

void mlp_netpbm_free(mlp_netpbm *reader); /* NULL-safe; leaves *reader zeroed */

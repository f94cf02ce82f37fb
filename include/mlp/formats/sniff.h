/* sniff.h - names the kind of a file that a reader did not expect: from its first bytes, never from its name. One table
   for all readers; to add a kind of file: a row in sniff.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MLP_SNIFF_BYTES = 512 }; /* the first bytes of a file that are enough */

typedef enum mlp_sniff_group {
    MLP_SNIFF_UNKNOWN,
    MLP_SNIFF_TEXT,     /* some text */
    MLP_SNIFF_DOWNLOAD, /* what a failed download or copy leaves: a web page, an empty file */
    MLP_SNIFF_PACKED,   /* compressed, an archive, a pointer to a file: the data are elsewhere */
    MLP_SNIFF_PICTURE,  /* PNG, JPEG, ... */
    MLP_SNIFF_ARRAYS,   /* numbers: IDX, .npy, pickle, ... */
    MLP_SNIFF_MODEL     /* networks: safetensors, ONNX, .pt, ... */
} mlp_sniff_group;

typedef struct mlp_sniffed {
    mlp_sniff_group group;
    char what[96];       /* "a PNG picture" */
    const char *unpack;  /* how to get at the data: "unpack it first (xz -d)"; NULL: no such way */
    const char *convert; /* how to make safetensors from it; NULL: no special way */
} mlp_sniffed;

/* The kind of a file that begins with the bytes head[0 .. n). */
mlp_sniffed mlp_sniff(const unsigned char *head, size_t n);

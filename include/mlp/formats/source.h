/* source.h - bytes from a file, a pipe or standard input, one after the other, decompressed if it is gzip. Knows no
   format but gzip: the readers of formats (idx, netpbm) take their bytes from here. */
#pragma once

#include "mlp/base/status.h"

/* Zero-initialise before opening; mlp_source_close whatever the result. */
typedef struct mlp_source {
    const char *name; /* for messages */
    size_t size;      /* bytes of a regular file; 0: unknown, the data end where they end */
    bool gzip;        /* by content, of any number of members */
    struct mlp_source_buffers *buffers;
} mlp_source;

/* Opens `path`, which is borrowed; "-" is standard input. */
mlp_status mlp_source_open(mlp_source *source, const char *path, mlp_error *err);
void mlp_source_close(mlp_source *source); /* NULL-safe; leaves *source zeroed */

/* Reads `want` bytes; *got is smaller only at the (verified) end of the data. */
mlp_status mlp_source_read(mlp_source *source, unsigned char *to, size_t want, size_t *got, mlp_error *err);

/* Reads `want` bytes into *bytes, reallocated, which the caller frees: the memory grows with the
   bytes that arrive where a file has not shown that it has as many. *got is smaller at the end. */
mlp_status mlp_source_take(mlp_source *source, unsigned char **bytes, size_t want, size_t *got, mlp_error *err);

/* Shows the next `want` bytes without taking them; *got is smaller only at the end. They stay
   where they are until the next call. */
enum { MLP_SOURCE_PEEK = 512 }; /* the most that `want` may be */
mlp_status mlp_source_peek(mlp_source *source, const unsigned char **bytes, size_t want, size_t *got, mlp_error *err);

/* Takes the next byte; -1 at the end. */
mlp_status mlp_source_byte(mlp_source *source, int *byte, mlp_error *err);

/* Whether the next call has bytes and need not wait for the file or the pipe. */
bool mlp_source_ready(const mlp_source *source);

/* All of a gzip file from its first byte, wherever reading stands: n bytes to be freed, or NULL where it is not a
   file of one member with that many, or memory is short, or libdeflate, more than twice as fast as zlib, is not
   there. Reading in order then continues, and reports what is wrong. */
void *mlp_source_inflate(mlp_source *source, size_t n);

/* Maps the whole file, from its first byte, instead of reading it: munmap gives *memory of
   source->size bytes back. For a regular file that is not gzip. */
mlp_status mlp_source_map(mlp_source *source, unsigned char **memory, mlp_error *err);

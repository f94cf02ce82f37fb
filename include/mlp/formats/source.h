/* source.h - reads bytes in order from a file, a pipe or standard input, and decompresses gzip. Knows no format except
   gzip: the readers of formats (idx, netpbm) get their bytes from here. */
#pragma once

#include "mlp/base/status.h"

/* Zero-initialise before opening; mlp_source_close whatever the result. */
typedef struct mlp_source {
    const char *name; /* for messages */
    size_t size;      /* bytes of a regular file; 0: unknown */
    bool gzip;        /* recognized by content; any number of members */
    struct mlp_source_buffers *buffers;
} mlp_source;

/* Opens `path`; "-" is standard input. The text must stay valid until the source is closed. */
mlp_status mlp_source_open(mlp_source *source, const char *path, mlp_error *err);
void mlp_source_close(mlp_source *source); /* NULL-safe; leaves *source zeroed */

/* Reads `want` bytes; *got is smaller only at the end of the data (of gzip: after its check sum was verified). */
mlp_status mlp_source_read(mlp_source *source, unsigned char *to, size_t want, size_t *got, mlp_error *err);

/* Reads `want` bytes into *bytes, which is reallocated here and freed by the caller. If the file is not known to have
   so many bytes, the memory grows with those that arrive. *got is smaller at the end of the data. */
mlp_status mlp_source_take(mlp_source *source, unsigned char **bytes, size_t want, size_t *got, mlp_error *err);

/* Shows the next `want` bytes without consuming them; *got is smaller only at the end of the data. The bytes are valid
   until the next call. */
enum { MLP_SOURCE_PEEK = 512 }; /* the most that `want` may be */
mlp_status mlp_source_peek(mlp_source *source, const unsigned char **bytes, size_t want, size_t *got, mlp_error *err);

/* Reads the next byte; -1 at the end. */
mlp_status mlp_source_byte(mlp_source *source, int *byte, mlp_error *err);

/* Whether bytes are available, so that the next call does not wait. */
bool mlp_source_ready(const mlp_source *source);

/* Decompresses a whole gzip file from its start, even if a part was already read, with libdeflate, which is more than
   twice as fast as zlib. Returns n bytes, which the caller frees. Returns NULL without libdeflate, if memory runs out,
   or if the file is not one gzip member of n bytes; the caller then continues to read in order, which reports what is
   wrong. */
void *mlp_source_inflate(mlp_source *source, size_t n);

/* Maps the whole file, from its first byte, instead of reading it: *memory has source->size bytes; release it with
   munmap. Only for a regular file that is not gzip. */
mlp_status mlp_source_map(mlp_source *source, unsigned char **memory, mlp_error *err);

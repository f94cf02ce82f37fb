/* files.h - for tests that read files: a directory of their own, and IDX and gzip bytes to put in
   it. The IDX writer here shares nothing with the reader under test. */
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "mlp/base/rng.h"
#include "unit.h"

/* Bytes in memory, growing at the end. */
typedef struct bytes {
    uint8_t *at;
    size_t n, capacity;
} bytes;

static inline void bytes_add(bytes *b, const void *more, size_t n) {
    if (b->capacity < b->n + n || b->at == NULL) {
        b->capacity = 2 * (b->n + n) + 1;
        b->at = realloc(b->at, b->capacity);
        assert_non_null(b->at);
    }
    if (n > 0) memcpy(b->at + b->n, more, n);
    b->n += n;
}

static inline void bytes_free(bytes *b) {
    free(b->at);
    *b = (bytes){0};
}

/* The header of an IDX file: 00 00, type, n_dims, the dimensions. */
static inline void idx_header(bytes *b, uint8_t type, uint8_t n_dims, const size_t *dims) {
    bytes_add(b, (const uint8_t[]){0, 0, type, n_dims}, 4);
    for (size_t i = 0; i < n_dims; i++)
        bytes_add(b,
                  (const uint8_t[]){(uint8_t)(dims[i] >> 24), (uint8_t)(dims[i] >> 16), (uint8_t)(dims[i] >> 8),
                                    (uint8_t)dims[i]},
                  4);
}

/* n bytes as one gzip member. */
static inline void gzip_add(bytes *b, const void *from, size_t n) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    const size_t capacity = deflateBound(&z, n);
    uint8_t *out = malloc(capacity);
    assert_non_null(out);
    z.next_in = (Bytef *)(uintptr_t)from;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)capacity;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    bytes_add(b, out, z.total_out);
    deflateEnd(&z);
    free(out);
}

/* The directory of this test program, and a path in it (good until the next call). */
static char test_dir[1024], test_path[2048];

static inline int make_test_dir(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(test_dir, sizeof test_dir, "%s/mlp-train-XXXXXX", tmp != NULL ? tmp : "/tmp");
    return mkdtemp(test_dir) == NULL ? -1 : 0;
}

static inline int remove_test_dir(void **state) {
    (void)state;
    return rmdir(test_dir); /* fails, as it should, when a test left a file behind */
}

static inline const char *in_test_dir(const char *name) {
    snprintf(test_path, sizeof test_path, "%s/%s", test_dir, name);
    return test_path;
}

static inline void write_bytes(int fd, const void *from, size_t n) {
    for (size_t done = 0; done < n;) {
        const ssize_t k = write(fd, (const uint8_t *)from + done, n - done);
        assert_true(k > 0);
        done += (size_t)k;
    }
}

static inline void write_file(const char *path, const void *from, size_t n) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    write_bytes(fd, from, n);
    assert_int_equal(close(fd), 0);
}

static inline bytes read_whole(const char *path) {
    bytes b = {0};
    uint8_t piece[4096];
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) != 0;) {
        assert_true(n > 0);
        bytes_add(&b, piece, (size_t)n);
    }
    close(fd);
    return b;
}

/* Every word of `words` (separated by |) must stand in the message, which must be one line. */
static inline void assert_words(const mlp_error *err, const char *words) {
    char copy[1024], *rest = copy;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word; (word = strtok_r(rest, "|", &rest)) != NULL;)
        if (strstr(err->message, word) == NULL) fail_msg("no \"%s\" in the message: %s", word, err->message);
    assert_null(strchr(err->message, '\n'));
}

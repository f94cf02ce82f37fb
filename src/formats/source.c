/* source.c - reads bytes from a file or a pipe and decompresses gzip. Knows no format except gzip; the only user of
   zlib and libdeflate for input. */
#include "mlp/formats/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#ifdef MLP_LIBDEFLATE
#include <libdeflate.h>
#endif

#define DOWNLOAD_AGAIN "download it again (" MLP_SCRIPTS "/fetch-mnist.sh)"

enum {
    CHUNK = 1 << 16,       /* bytes of input in the buffer */
    MOST_AT_ONCE = 1 << 30 /* bytes for one read(2) or inflate(): some systems cannot do more than INT_MAX */
};

typedef struct mlp_source_buffers {
    int fd;
    bool in_member; /* gzip: between a member's first byte and its check sum */
    z_stream z;     /* next_in and avail_in: the unused part of `in`, for plain files too */
    unsigned char in[CHUNK];
    size_t taken, held; /* out[taken .. held) is decompressed, but not yet read by the caller */
    unsigned char out[CHUNK];
} buffers;

/* Fails with the message of the system for a failed call. */
static mlp_status fail_io(const mlp_source *s, const char *what, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_IO, "%s: cannot be %s: %s; name a file that can be read", s->name, what,
                    strerror(errno));
}

/* Calls read(2), again if a signal interrupts it; *got is 0 only at the end (or if capacity is 0). */
static mlp_status read_some(mlp_source *s, void *to, size_t capacity, size_t *got, mlp_error *err) {
    ssize_t n;
    do n = read(s->buffers->fd, to, capacity < MOST_AT_ONCE ? capacity : MOST_AT_ONCE);
    while (n < 0 && errno == EINTR);
    *got = n < 0 ? 0 : (size_t)n;
    return n < 0 ? fail_io(s, "read", err) : MLP_OK;
}

/* Reads until `in` has at least `want` unused bytes; fewer only at the end of the file. */
static mlp_status fill(mlp_source *s, size_t want, mlp_error *err) {
    unsigned char *in = s->buffers->in;
    z_stream *z = &s->buffers->z;
    if (z->avail_in >= want) return MLP_OK;
    if (z->avail_in > 0) memmove(in, z->next_in, z->avail_in);
    z->next_in = in;
    while (z->avail_in < want) {
        size_t got;
        MLP_TRY(read_some(s, in + z->avail_in, CHUNK - z->avail_in, &got, err));
        if (got == 0) break;
        z->avail_in += (uInt)got;
    }
    return MLP_OK;
}

static bool at_gzip_magic(const z_stream *z) {
    return z->avail_in >= 2 && z->next_in[0] == 0x1f && z->next_in[1] == 0x8b;
}

/* Opens the descriptor; standard input as a copy, which can be closed like any file. */
static mlp_status open_file(mlp_source *s, const char *path, mlp_error *err) {
    const bool is_stdin = strcmp(path, "-") == 0;
    int fd;
    do fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    s->buffers->fd = fd;
    struct stat info;
    if (fd < 0 && errno == ENOENT && lstat(path, &info) == 0)
        return mlp_fail(err, MLP_ERR_IO,
                        "%s: is a symbolic link to a file that is missing; name that file, or run `git annex get` "
                        "where it belongs to git-annex; if it is MNIST, " DOWNLOAD_AGAIN,
                        s->name);
    if (fd < 0) return fail_io(s, "opened", err);
    if (fstat(fd, &info) != 0) return fail_io(s, "examined", err);
    if (S_ISDIR(info.st_mode)) return mlp_fail(err, MLP_ERR_IO, "%s: is a directory; name a file in it", s->name);
    /* The position of standard input may not be the start of its file; files in /proc have a size of 0. */
    if (S_ISREG(info.st_mode) && !is_stdin) s->size = (size_t)info.st_size;
    return MLP_OK;
}

mlp_status mlp_source_open(mlp_source *s, const char *path, mlp_error *err) {
    s->name = strcmp(path, "-") == 0 ? "standard input" : path;
    buffers *b = s->buffers = calloc(1, sizeof *b);
    if (b == NULL) return mlp_fail_memory(err, s->name, sizeof *b);
    mlp_status status = open_file(s, path, err);
    if (status == MLP_OK) status = fill(s, 2, err);
    if (status != MLP_OK || !at_gzip_magic(&b->z)) return status;
    if (inflateInit2(&b->z, 15 + 16) != Z_OK) /* 15: any window; 16: gzip, not zlib */
        return mlp_fail_memory(err, s->name, sizeof b->z);
    s->gzip = b->in_member = true;
    return MLP_OK;
}

void mlp_source_close(mlp_source *s) {
    if (s == NULL) return;
    if (s->gzip) inflateEnd(&s->buffers->z);
    if (s->buffers != NULL && s->buffers->fd >= 0) close(s->buffers->fd); /* nothing was written: nothing can be lost */
    free(s->buffers);
    *s = (mlp_source){0};
}

/* Reads a plain file straight into `to`, up to `capacity` bytes, until at least `least` of them are there; fewer only
   at the end. */
static mlp_status read_plain(mlp_source *s, unsigned char *to, size_t least, size_t capacity, size_t *got,
                             mlp_error *err) {
    z_stream *z = &s->buffers->z;
    const size_t held = z->avail_in < capacity ? z->avail_in : capacity;
    if (held > 0) memcpy(to, z->next_in, held);
    z->next_in += held;
    z->avail_in -= (uInt)held;
    for (*got = held; *got < least;) {
        size_t n;
        MLP_TRY(read_some(s, to + *got, capacity - *got, &n, err));
        if (n == 0) break;
        *got += n;
    }
    return MLP_OK;
}

/* The same for gzip. */
static mlp_status inflate_some(mlp_source *s, unsigned char *to, size_t least, size_t capacity, size_t *got,
                               mlp_error *err) {
    buffers *b = s->buffers;
    z_stream *z = &b->z;
    *got = 0;
    while (*got < least) {
        MLP_TRY(fill(s, 2, err));
        if (!b->in_member) { /* the last member is complete and verified: another member follows, or the end */
            if (z->avail_in == 0) break;
            if (!at_gzip_magic(z))
                return mlp_fail(err, MLP_ERR_FORMAT, "%s: other bytes follow its gzip data; " DOWNLOAD_AGAIN, s->name);
            inflateReset(z);
            b->in_member = true;
        }
        if (z->avail_in == 0)
            return mlp_fail(err, MLP_ERR_FORMAT, "%s: is incomplete: its gzip data end early; " DOWNLOAD_AGAIN,
                            s->name);
        const size_t now = capacity - *got < MOST_AT_ONCE ? capacity - *got : MOST_AT_ONCE;
        z->next_out = to + *got;
        z->avail_out = (uInt)now;
        const int code = inflate(z, Z_NO_FLUSH);
        *got += now - z->avail_out;
        b->in_member = code != Z_STREAM_END;
        if (code == Z_MEM_ERROR) return mlp_fail_memory(err, s->name, 1 << 15); /* zlib's window */
        if (code != Z_OK && code != Z_STREAM_END)
            return mlp_fail(err, MLP_ERR_FORMAT, "%s: is damaged gzip (%s); " DOWNLOAD_AGAIN, s->name,
                            z->msg != NULL ? z->msg : "no valid data");
    }
    return MLP_OK;
}

/* First copies bytes that were read for mlp_source_peek; the others come directly into `to`. */
mlp_status mlp_source_read(mlp_source *s, unsigned char *to, size_t want, size_t *got, mlp_error *err) {
    buffers *b = s->buffers;
    const size_t ahead = b->held - b->taken, first = ahead < want ? ahead : want, rest = want - first;
    if (first > 0) memcpy(to, b->out + b->taken, first);
    b->taken += first;
    const mlp_status status = (s->gzip ? inflate_some : read_plain)(s, to + first, rest, rest, got, err);
    *got += first;
    return status;
}

mlp_status mlp_source_take(mlp_source *s, unsigned char **bytes, size_t want, size_t *got, mlp_error *err) {
    enum { FIRST = 1 << 20 };
    size_t capacity = s->size > 0 || want < FIRST ? want : FIRST;
    for (*got = 0;;) {
        unsigned char *memory = realloc(*bytes, capacity > 0 ? capacity : 1);
        size_t n;
        if (memory == NULL) return mlp_fail_memory(err, s->name, capacity);
        *bytes = memory;
        MLP_TRY(mlp_source_read(s, memory + *got, capacity - *got, &n, err));
        *got += n;
        if (*got < capacity || capacity == want) return MLP_OK;
        capacity = capacity < want / 2 ? 2 * capacity : want;
    }
}

mlp_status mlp_source_peek(mlp_source *s, const unsigned char **bytes, size_t want, size_t *got, mlp_error *err) {
    buffers *b = s->buffers;
    mlp_status status = MLP_OK;
    assert(want <= MLP_SOURCE_PEEK);
    const size_t ahead = b->held - b->taken;
    if (ahead < want) {
        size_t more = 0;
        memmove(b->out, b->out + b->taken, ahead);
        b->taken = 0;
        b->held = ahead;
        status = (s->gzip ? inflate_some : read_plain)(s, b->out + ahead, want - ahead, CHUNK - ahead, &more, err);
        b->held += more;
    }
    *bytes = b->out + b->taken;
    *got = b->held - b->taken < want ? b->held - b->taken : want;
    return status;
}

mlp_status mlp_source_byte(mlp_source *s, int *byte, mlp_error *err) {
    const unsigned char *next;
    size_t got;
    const mlp_status status = mlp_source_peek(s, &next, 1, &got, err);
    *byte = -1;
    if (status != MLP_OK || got == 0) return status;
    *byte = *next;
    s->buffers->taken++;
    return MLP_OK;
}

bool mlp_source_ready(const mlp_source *s) {
    return s->buffers->z.avail_in > 0 || s->buffers->taken < s->buffers->held;
}

mlp_status mlp_source_map(mlp_source *s, unsigned char **memory, mlp_error *err) {
    void *at = mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, s->buffers->fd, 0);
    if (at == MAP_FAILED) return fail_io(s, "mapped", err);
    *memory = at;
    return MLP_OK;
}

#ifdef MLP_LIBDEFLATE
void *mlp_source_inflate(mlp_source *s, size_t n) {
    const size_t slack = 1 << 20; /* data that cannot be compressed grow, but by less */
    if (!s->gzip || s->size == 0 || s->size > n + n / 1000 + slack) return NULL;
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    unsigned char *in = malloc(s->size), *out = malloc(n);
    size_t held = 0, used = 0, got = 0;
    for (ssize_t more = 1; in != NULL && held < s->size && more > 0; held += more > 0 ? (size_t)more : 0)
        more = pread(s->buffers->fd, in + held, s->size - held, (off_t)held);
    const bool whole = inflater != NULL && in != NULL && out != NULL && held == s->size &&
                       libdeflate_gzip_decompress_ex(inflater, in, held, out, n, &used, &got) == LIBDEFLATE_SUCCESS &&
                       used == held && got == n;
    if (inflater != NULL) libdeflate_free_decompressor(inflater);
    free(in);
    if (!whole) free(out);
    return whole ? out : NULL;
}
#else
void *mlp_source_inflate(mlp_source *s, size_t n) {
    (void)s, (void)n;
    return NULL;
}
#endif

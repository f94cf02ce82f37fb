/* idx.c - reads IDX files, plain or gzip, and says what a file is that is not IDX.
   Knows bytes and dimensions, not images. */
#include "mlp/formats/idx.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#define DOWNLOAD_AGAIN "download it again (scripts/fetch-mnist.sh)"
#define WRITE_BIG_ENDIAN "IDX is big-endian: write it again with the bytes swapped"
#define GET_IDX "scripts/fetch-mnist.sh fetches MNIST as IDX files"

enum {
    HEAD = 512,              /* bytes looked at to tell what a file is that is not IDX */
    FIRST_ROOM = 1 << 20,    /* first allocation for data that come through a pipe */
    DEFLATE_EXPANSION = 1032 /* the most bytes one byte of deflate can become: 258 from 2 bits */
};

/* ---- what a file is that is not IDX ---- */

typedef struct kind {
    const char *magic;
    size_t length, at;
    const char *what, *remedy;
} kind;

static const kind kinds[] = {
    {"version https://git-lfs", 23, 0, "a git-lfs pointer", "run `git lfs pull`"},
    {"\x1f\x8b", 2, 0, "another gzip file", "unpack it once (gunzip)"},
    {"\xfd\x37zXZ\0", 6, 0, "an xz file", "unpack it first (xz -d)"},
    {"BZh", 3, 0, "a bzip2 file", "unpack it first (bzip2 -d)"},
    {"\x28\xb5\x2f\xfd", 4, 0, "a zstd file", "unpack it first (zstd -d)"},
    {"ustar", 5, 257, "a tar archive", "unpack it first (tar -xf)"},
    {"PK", 2, 0, "a zip archive or .npz", "unpack it (unzip) if it holds IDX files; " GET_IDX},
    {"\x93NUMPY", 6, 0, "a NumPy array (.npy)", GET_IDX},
    {"\x80", 1, 0, "probably a Python pickle", GET_IDX},
    {"PAR1", 4, 0, "a parquet table", GET_IDX},
    {"\x89PNG", 4, 0, "a PNG picture", GET_IDX},
    {"\xff\xd8\xff", 3, 0, "a JPEG picture", GET_IDX},
};

static bool is_web_page(const char *text) {
    static const char *const tags[] = {"<!doc", "<html", "<head", "<?xml"};
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
        text += 3;
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strncasecmp(text, tags[i], strlen(tags[i])) == 0)
            return true;
    return false;
}

static bool is_netpbm(const char *text) {
    return text[0] == 'P' && text[1] >= '1' && text[1] <= '6' &&
           strchr(" \t\r\n#", text[2]) != NULL;
}

static bool is_text(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((text[i] < ' ' || text[i] > '~') && (text[i] == '\0' || !strchr("\t\r\n", text[i])))
            return false;
    return true;
}

/* A link that was checked out or downloaded as if it were the file: one word with a slash. */
static bool is_path(const char *text, size_t n) {
    const size_t word = strcspn(text, " \t\r\n");
    return n < HEAD && memchr(text, '/', word) != NULL && word + strspn(text + word, "\r\n") == n;
}

static bool is_type(unsigned char code) {
    return mlp_idx_type_size((mlp_idx_type)code) != 0;
}

/* Names what begins with head[0 .. n); a zero byte follows. An unknown kind has no `what`. */
static kind recognise(const unsigned char *head, size_t n) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].at + kinds[i].length &&
            memcmp(head + kinds[i].at, kinds[i].magic, kinds[i].length) == 0)
            return kinds[i];
    const char *text = (const char *)head;
    if (n == 0)
        return (kind){.what = "an empty file", .remedy = DOWNLOAD_AGAIN};
    if (is_web_page(text))
        return (kind){.what = "a web page, perhaps a server's error", .remedy = DOWNLOAD_AGAIN};
    if (is_netpbm(text))
        return (kind){.what = "a netpbm picture", .remedy = GET_IDX};
    if (is_text(text, n) && strstr(text, "/annex/objects/") != NULL)
        return (kind){.what = "a git-annex pointer", .remedy = "run `git annex get`"};
    if (is_text(text, n) && is_path(text, n))
        return (kind){.what = "the text of a symbolic link", .remedy = DOWNLOAD_AGAIN};
    if (n >= 4 && head[3] == 0 && head[2] == 0 && head[0] >= 1 && head[0] <= 3 && is_type(head[1]))
        return (kind){.what = "little-endian data", .remedy = WRITE_BIG_ENDIAN};
    return (kind){0};
}

bool mlp_idx_knows(const unsigned char *head, size_t n) {
    unsigned char text[HEAD + 1] = {0};
    const size_t looked = n < HEAD ? n : HEAD;
    memcpy(text, head, looked);
    return (n > 1 && head[0] == 0 && head[1] == 0) || recognise(text, looked).what != NULL;
}

static mlp_status fail_header_short(const mlp_source *s, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is incomplete: it ends inside its IDX header; " DOWNLOAD_AGAIN, s->name);
}

/* Fails with the best name for the data that begin with head[0 .. n); a zero byte follows. */
static mlp_status fail_not_idx(const mlp_source *s, const unsigned char *head, size_t n,
                               mlp_error *err) {
    const char *wrapping = s->gzip ? "gzip around " : "";
    const kind k = recognise(head, n);
    if (k.what != NULL)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: is %s%s, not IDX; %s", s->name, wrapping, k.what,
                        k.remedy);
    if (is_text((const char *)head, n))
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: is %stext (\"%.24s\"), not IDX; " GET_IDX,
                        s->name, wrapping, (const char *)head);
    if (n < 4)
        return fail_header_short(s, err);
    return mlp_fail(
        err, MLP_ERR_FORMAT,
        "%s: is %sunknown data, not IDX: begins with %02x %02x %02x %02x, not with 00 00, "
        "a type and a number of dimensions; " GET_IDX,
        s->name, wrapping, head[0], head[1], head[2], head[3]);
}

/* ---- IDX itself ---- */

size_t mlp_idx_type_size(mlp_idx_type type) {
    switch (type) {
    case MLP_IDX_U8:
    case MLP_IDX_I8:
        return 1;
    case MLP_IDX_I16:
        return 2;
    case MLP_IDX_I32:
    case MLP_IDX_F32:
        return 4;
    case MLP_IDX_F64:
        return 8;
    }
    return 0;
}

const char *mlp_idx_shape(char text[MLP_IDX_SHAPE_SIZE], const mlp_idx *idx) {
    size_t at = 0;
    for (size_t i = 0; i < idx->n_dims; i++)
        at += (size_t)snprintf(text + at, MLP_IDX_SHAPE_SIZE - at, "%s%zu", i == 0 ? "[" : " x ",
                               idx->dims[i]);
    snprintf(text + at, MLP_IDX_SHAPE_SIZE - at, "]");
    return text;
}

/* The number whose `size` bytes stand at b, most significant first. */
static inline uint64_t big_endian(const unsigned char *b, size_t size) {
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | b[i];
    return number;
}

/* Bytes of an array with these dimensions; SIZE_MAX if they cannot be counted. */
static size_t array_bytes(size_t element, const size_t dims[3]) {
    size_t bytes = element;
    for (size_t i = 0; i < 3; i++) {
        if (dims[i] != 0 && bytes > SIZE_MAX / dims[i])
            return SIZE_MAX;
        bytes *= dims[i];
    }
    return bytes;
}

/* Reads type and dimensions into *idx; idx->n is the product of the dimensions, checked. */
static mlp_status read_header(mlp_idx *idx, mlp_source *s, mlp_error *err) {
    unsigned char head[HEAD + 1] = {0}, dims[4 * 3];
    size_t got, more;
    mlp_status status = mlp_source_read(s, head, 4, &got, err);
    if (status == MLP_OK && (got < 4 || head[0] != 0 || head[1] != 0)) {
        status = mlp_source_read(s, head + got, HEAD - got, &more, err);
        return status != MLP_OK ? status : fail_not_idx(s, head, got + more, err);
    }
    if (status != MLP_OK)
        return status;
    if (!is_type(head[2]))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: has the element type 0x%02X, which IDX does not define (08, 09, 0B, "
                        "0C, 0D and 0E are); " DOWNLOAD_AGAIN,
                        s->name, head[2]);
    if (head[3] < 1 || head[3] > 3)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: has %u dimensions, where 1 to 3 were expected; " DOWNLOAD_AGAIN,
                        s->name, (unsigned)head[3]);
    idx->type = (mlp_idx_type)head[2];
    idx->n_dims = head[3];
    status = mlp_source_read(s, dims, 4 * idx->n_dims, &got, err);
    if (status != MLP_OK)
        return status;
    if (got < 4 * idx->n_dims)
        return fail_header_short(s, err);
    for (size_t i = 0; i < 3; i++)
        idx->dims[i] = i < idx->n_dims ? (size_t)big_endian(dims + 4 * i, 4) : 1;
    return MLP_OK;
}

/* Whether the dimensions, read with their bytes in the other order, ask for exactly this much. */
static bool is_little_endian(const mlp_idx *idx, size_t bytes) {
    size_t swapped[3] = {1, 1, 1};
    for (size_t i = 0; i < idx->n_dims; i++) {
        const size_t d = idx->dims[i];
        swapped[i] = (d & 0xff) << 24 | (d & 0xff00) << 8 | (d >> 8 & 0xff00) | (d >> 24);
    }
    return array_bytes(mlp_idx_type_size(idx->type), swapped) == bytes;
}

/* Only `held` bytes follow the header. */
static mlp_status fail_short(const mlp_idx *idx, const mlp_source *s, size_t held, mlp_error *err) {
    char shape[MLP_IDX_SHAPE_SIZE];
    mlp_idx_shape(shape, idx);
    if (is_little_endian(idx, held))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: has little-endian dimensions, which read as %s; " WRITE_BIG_ENDIAN,
                        s->name, shape);
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: is incomplete: its header announces %s elements of size %zu, but only "
                    "%zu bytes follow; " DOWNLOAD_AGAIN,
                    s->name, shape, mlp_idx_type_size(idx->type), held);
}

static mlp_status fail_long(const mlp_idx *idx, const mlp_source *s, mlp_error *err) {
    char shape[MLP_IDX_SHAPE_SIZE];
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: has trailing bytes after the %s elements of size %zu that its header "
                    "announces; " DOWNLOAD_AGAIN,
                    s->name, mlp_idx_shape(shape, idx), mlp_idx_type_size(idx->type));
}

static mlp_status fail_huge(const mlp_idx *idx, const mlp_source *s, const char *limit,
                            mlp_error *err) {
    char shape[MLP_IDX_SHAPE_SIZE];
    return mlp_fail(err, MLP_ERR_FORMAT,
                    "%s: its header announces %s elements of size %zu, more than %s can hold; if "
                    "it was not written little-endian, " DOWNLOAD_AGAIN,
                    s->name, mlp_idx_shape(shape, idx), mlp_idx_type_size(idx->type), limit);
}

/* Its size is that of its data: a header can be held against it, and it can be mapped. */
static bool is_plain_file(const mlp_source *s) {
    return s->size > 0 && !s->gzip;
}

/* Refuses, before anything is allocated, a header that the size of the file contradicts. */
static mlp_status check_size(const mlp_idx *idx, const mlp_source *s, size_t bytes,
                             mlp_error *err) {
    const size_t header = 4 + 4 * idx->n_dims;
    const size_t held = s->size > header ? s->size - header : 0;
    if (is_plain_file(s) && bytes > held)
        return fail_short(idx, s, held, err);
    if (is_plain_file(s) && bytes < held)
        return fail_long(idx, s, err);
    if (s->gzip && s->size > 0 && bytes / DEFLATE_EXPANSION > s->size)
        return fail_huge(idx, s, "so small a gzip file", err);
    if (bytes > PTRDIFF_MAX)
        return fail_huge(idx, s, "any memory", err);
    return MLP_OK;
}

/* Maps the file instead of reading it: the pages come when they are needed, and are shared. A
   file that is cut while it is mapped ends the program (SIGBUS), as with every mapping. */
static mlp_status map(mlp_idx *idx, mlp_source *s, mlp_error *err) {
    const mlp_status status = mlp_source_map(s, &idx->memory, err);
    if (status != MLP_OK)
        return status;
    idx->mapped = s->size;
    idx->data = (const unsigned char *)idx->memory + 4 + 4 * idx->n_dims;
    return MLP_OK;
}

/* The elements of a gzip file, inflated at once; false: they are to be read in order. */
static bool inflate(mlp_idx *idx, mlp_source *s, size_t bytes) {
    const size_t header = 4 + 4 * idx->n_dims;
    unsigned char *memory = mlp_source_inflate(s, header + bytes);
    if (memory == NULL)
        return false;
    idx->memory = memory;
    idx->data = memory + header;
    return true;
}

/* Reads the elements. What a pipe's header promises is not believed: the memory grows with what
   really comes. */
static mlp_status load(mlp_idx *idx, mlp_source *s, size_t bytes, mlp_error *err) {
    size_t room = s->size > 0 || bytes < FIRST_ROOM ? bytes : FIRST_ROOM, held = 0;
    for (;;) {
        void *memory = realloc(idx->memory, room > 0 ? room : 1);
        if (memory == NULL)
            return mlp_fail_memory(err, s->name, room);
        idx->data = idx->memory = memory;
        size_t got;
        const mlp_status status =
            mlp_source_read(s, (unsigned char *)memory + held, room - held, &got, err);
        if (status != MLP_OK)
            return status;
        held += got;
        if (held < room)
            return fail_short(idx, s, held, err);
        if (held == bytes)
            return MLP_OK;
        room = room < bytes / 2 ? 2 * room : bytes;
    }
}

/* The data must end here. Looks a little further than one byte: damage that made gzip data
   longer is then told by the check sum. */
static mlp_status check_end(const mlp_idx *idx, mlp_source *s, mlp_error *err) {
    unsigned char beyond[HEAD];
    size_t got;
    const mlp_status status = mlp_source_read(s, beyond, sizeof beyond, &got, err);
    return status != MLP_OK || got == 0 ? status : fail_long(idx, s, err);
}

/* Turns n elements of `size` bytes at b from big-endian into the machine's order. */
static void to_native(unsigned char *b, size_t n, size_t size) {
    switch (size) {
    case 2:
        for (size_t i = 0; i < n; i++, b += 2) {
            const uint16_t x = (uint16_t)big_endian(b, 2);
            memcpy(b, &x, 2);
        }
        break;
    case 4:
        for (size_t i = 0; i < n; i++, b += 4) {
            const uint32_t x = (uint32_t)big_endian(b, 4);
            memcpy(b, &x, 4);
        }
        break;
    case 8:
        for (size_t i = 0; i < n; i++, b += 8) {
            const uint64_t x = big_endian(b, 8);
            memcpy(b, &x, 8);
        }
        break;
    }
}

static mlp_status read_array(mlp_idx *idx, mlp_source *s, mlp_error *err) {
    mlp_status status = read_header(idx, s, err);
    if (status != MLP_OK)
        return status;
    const size_t element = mlp_idx_type_size(idx->type);
    const size_t bytes = array_bytes(element, idx->dims);
    idx->n = bytes / element;
    if ((status = check_size(idx, s, bytes, err)) != MLP_OK)
        return status;
    if (element == 1 && is_plain_file(s))
        return map(idx, s, err);
    if (element == 1 && inflate(idx, s, bytes))
        return MLP_OK;
    if ((status = load(idx, s, bytes, err)) != MLP_OK)
        return status;
    if ((status = check_end(idx, s, err)) != MLP_OK)
        return status;
    to_native(idx->memory, idx->n, element);
    return MLP_OK;
}

mlp_status mlp_idx_read_source(mlp_idx *idx, mlp_source *source, mlp_error *err) {
    const mlp_status status = read_array(idx, source, err);
    if (status != MLP_OK)
        mlp_idx_free(idx);
    return status;
}

mlp_status mlp_idx_read(mlp_idx *idx, const char *path, mlp_error *err) {
    mlp_source source = {0};
    mlp_status status = mlp_source_open(&source, path, err);
    if (status == MLP_OK)
        status = mlp_idx_read_source(idx, &source, err);
    mlp_source_close(&source);
    return status;
}

void mlp_idx_free(mlp_idx *idx) {
    if (idx == NULL)
        return;
    if (idx->mapped > 0)
        munmap(idx->memory, idx->mapped);
    else
        free(idx->memory);
    *idx = (mlp_idx){0};
}

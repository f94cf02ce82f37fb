/* idx.c - reads IDX files, plain or gzip. Knows bytes and dimensions, not images. */
#include "mlp/formats/idx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mlp/formats/sniff.h"

#define DOWNLOAD_AGAIN "download it again (" MLP_SCRIPTS "/fetch-mnist.sh)"
#define WRITE_BIG_ENDIAN "IDX is big-endian: write it again with the bytes swapped"
#define GET_IDX                                                                                                        \
    MLP_SCRIPTS "/fetch-mnist.sh fetches MNIST as IDX files, " MLP_SCRIPTS "/make-idx.py makes them of .npz and CSV"

/* One byte of deflate can become at most so many bytes: 258 from 2 bits. */
enum { DEFLATE_EXPANSION = 1032 };

/* ---- files that are not IDX ---- */

/* Fails with "FILE: " followed by what is wrong. */
#define FAIL(s, err, format, ...) mlp_fail(err, MLP_ERR_FORMAT, "%s: " format, (s)->name, __VA_ARGS__)

static mlp_status fail_header_short(const mlp_source *s, mlp_error *err) {
    return FAIL(s, err, "is incomplete: it ends inside its IDX header; %s", DOWNLOAD_AGAIN);
}

/* Fails with a message that names the kind of data that begin with head[0 .. n). */
static mlp_status fail_not_idx(const mlp_source *s, const unsigned char *head, size_t n, mlp_error *err) {
    const char *around = s->gzip ? "gzip around " : "";
    const mlp_sniffed found = mlp_sniff(head, n);
    if (n >= 4 && head[3] == 0 && head[2] == 0 && head[0] >= 1 && head[0] <= 3 && mlp_idx_type_size(head[1]) != 0)
        return FAIL(s, err, "is %slittle-endian data; " WRITE_BIG_ENDIAN, around);
    if (n < 4 && found.group == MLP_SNIFF_UNKNOWN) return fail_header_short(s, err);
    return FAIL(s, err, "is %s%s, not IDX; %s", around, found.what,
                found.unpack != NULL                ? found.unpack
                : found.group == MLP_SNIFF_DOWNLOAD ? DOWNLOAD_AGAIN
                                                    : GET_IDX);
}

/* ---- IDX itself ---- */

static const struct {
    const char *name;
    size_t size;
} types[UINT8_MAX + 1] = {[MLP_IDX_U8] = {"uint8", 1},  [MLP_IDX_I8] = {"int8", 1},     [MLP_IDX_I16] = {"int16", 2},
                          [MLP_IDX_I32] = {"int32", 4}, [MLP_IDX_F32] = {"float32", 4}, [MLP_IDX_F64] = {"float64", 8}};

size_t mlp_idx_type_size(mlp_idx_type type) { return types[type].size; }

const char *mlp_idx_type_name(mlp_idx_type type) { return types[type].name; }

double mlp_idx_element(const mlp_idx *idx, size_t i) {
    switch (idx->type) {
    case MLP_IDX_U8: return ((const uint8_t *)idx->data)[i];
    case MLP_IDX_I8: return ((const int8_t *)idx->data)[i];
    case MLP_IDX_I16: return ((const int16_t *)idx->data)[i];
    case MLP_IDX_I32: return ((const int32_t *)idx->data)[i];
    case MLP_IDX_F32: return (double)((const float *)idx->data)[i];
    case MLP_IDX_F64: return ((const double *)idx->data)[i];
    }
    return 0; /* no such type */
}

/* The number of `size` bytes at b, most significant byte first. */
static inline uint64_t big_endian(const unsigned char *b, size_t size) {
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) number = number << 8 | b[i];
    return number;
}

/* Bytes of an array with these dimensions; SIZE_MAX if the product overflows. */
static size_t array_bytes(size_t element, const size_t dims[3]) {
    size_t bytes = element;
    for (size_t i = 0; i < 3; i++) {
        if (dims[i] != 0 && bytes > SIZE_MAX / dims[i]) return SIZE_MAX;
        bytes *= dims[i];
    }
    return bytes;
}

/* Fails because of four dimensions: images in colour, or a superfluous dimension of size 1. */
static mlp_status fail_four(mlp_source *s, mlp_error *err) {
    unsigned char bytes[4 * 4] = {0};
    size_t got, dims[4];
    MLP_TRY(mlp_source_read(s, bytes, sizeof bytes, &got, err));
    if (got < sizeof bytes) return fail_header_short(s, err);
    for (size_t i = 0; i < 4; i++) dims[i] = (size_t)big_endian(bytes + 4 * i, 4);
    const bool colour = dims[1] == 3 || dims[1] == 4 || dims[3] == 3 || dims[3] == 4;
    return FAIL(s, err, "has 4 dimensions, [%zu x %zu x %zu x %zu]%s, where 1 to 3 were expected; %s", dims[0], dims[1],
                dims[2], dims[3], colour ? ", as colour (RGB) images do" : "",
                dims[1] == 1 || dims[3] == 1
                    ? "leave out the dimension of 1 (NumPy: images.squeeze())"
                    : "write grey images [n x rows x columns]: the mean of the channels, for example");
}

/* Reads type and dimensions into *idx; idx->n is the product of the dimensions, checked. */
static mlp_status read_header(mlp_idx *idx, mlp_source *s, mlp_error *err) {
    unsigned char head[MLP_SNIFF_BYTES] = {0}, dims[4 * 3];
    size_t got, more;
    MLP_TRY(mlp_source_read(s, head, 4, &got, err));
    if (got < 4 || head[0] != 0 || head[1] != 0) {
        MLP_TRY(mlp_source_read(s, head + got, MLP_SNIFF_BYTES - got, &more, err));
        return fail_not_idx(s, head, got + more, err);
    }
    if (mlp_idx_type_size(head[2]) == 0)
        return FAIL(s, err,
                    "has the element type 0x%02X, which IDX does not define (08, 09, 0B, 0C, 0D and 0E "
                    "are); " DOWNLOAD_AGAIN,
                    head[2]);
    if (head[3] == 4) return fail_four(s, err);
    if (head[3] < 1 || head[3] > 3)
        return FAIL(s, err, "has %u dimensions, where 1 to 3 were expected; " DOWNLOAD_AGAIN, (unsigned)head[3]);
    idx->type = (mlp_idx_type)head[2];
    idx->n_dims = head[3];
    MLP_TRY(mlp_source_read(s, dims, 4 * idx->n_dims, &got, err));
    if (got < 4 * idx->n_dims) return fail_header_short(s, err);
    for (size_t i = 0; i < 3; i++) idx->dims[i] = i < idx->n_dims ? (size_t)big_endian(dims + 4 * i, 4) : 1;
    return MLP_OK;
}

/* Whether the dimensions, read in little-endian order, give exactly this number of bytes. */
static bool is_little_endian(const mlp_idx *idx, size_t bytes) {
    size_t swapped[3] = {1, 1, 1};
    for (size_t i = 0; i < idx->n_dims; i++) {
        const size_t d = idx->dims[i];
        swapped[i] = (d & 0xff) << 24 | (d & 0xff00) << 8 | (d >> 8 & 0xff00) | (d >> 24);
    }
    return array_bytes(mlp_idx_type_size(idx->type), swapped) == bytes;
}

/* Fails because only `held` bytes follow the header. */
static mlp_status fail_short(const mlp_idx *idx, const mlp_source *s, size_t held, mlp_error *err) {
    char shape[MLP_SHAPE_SIZE];
    mlp_shape_text(shape, idx->dims, idx->n_dims);
    if (is_little_endian(idx, held))
        return FAIL(s, err, "has little-endian dimensions, which read as %s; " WRITE_BIG_ENDIAN, shape);
    return FAIL(
        s, err,
        "is incomplete: its header announces %s elements of size %zu, but only %zu bytes follow; " DOWNLOAD_AGAIN,
        shape, mlp_idx_type_size(idx->type), held);
}

static mlp_status fail_long(const mlp_idx *idx, const mlp_source *s, mlp_error *err) {
    char shape[MLP_SHAPE_SIZE];
    return FAIL(s, err,
                "has trailing bytes after the %s elements of size %zu that its header announces; " DOWNLOAD_AGAIN,
                mlp_shape_text(shape, idx->dims, idx->n_dims), mlp_idx_type_size(idx->type));
}

/* Whether the size of the data is known: that of a regular file that is not gzip. */
static bool is_plain_file(const mlp_source *s) { return s->size > 0 && !s->gzip; }

/* Refuses a header that contradicts the size of the file, before anything is allocated. */
static mlp_status check_size(const mlp_idx *idx, const mlp_source *s, size_t bytes, mlp_error *err) {
    char shape[MLP_SHAPE_SIZE];
    const size_t header = 4 + 4 * idx->n_dims, held = s->size > header ? s->size - header : 0;
    const bool expands = s->gzip && s->size > 0 && bytes / DEFLATE_EXPANSION > s->size;
    if (is_plain_file(s) && bytes > held) return fail_short(idx, s, held, err);
    if (is_plain_file(s) && bytes < held) return fail_long(idx, s, err);
    if (!expands && bytes <= PTRDIFF_MAX) return MLP_OK;
    return FAIL(s, err,
                "its header announces %s elements of size %zu, more than %s can hold; if it was not written "
                "little-endian, " DOWNLOAD_AGAIN,
                mlp_shape_text(shape, idx->dims, idx->n_dims), mlp_idx_type_size(idx->type),
                expands ? "so small a gzip file" : "any memory");
}

/* Reads the elements in the fastest way. A plain file of bytes is mapped: its pages are loaded when they are needed,
   and shared with other processes. If another program truncates the file while it is mapped, SIGBUS ends the
   program. */
static mlp_status read_elements(mlp_idx *idx, mlp_source *s, size_t bytes, mlp_error *err) {
    const size_t header = 4 + 4 * idx->n_dims, element = mlp_idx_type_size(idx->type);
    unsigned char beyond[512];
    size_t got;
    if (element == 1 && is_plain_file(s)) {
        MLP_TRY(mlp_source_map(s, &idx->memory, err));
        idx->mapped = s->size;
        idx->data = idx->memory + header;
        return MLP_OK;
    }
    if (element == 1 && (idx->memory = mlp_source_inflate(s, header + bytes)) != NULL) {
        idx->data = idx->memory + header;
        return MLP_OK;
    }
    MLP_TRY(mlp_source_take(s, &idx->memory, bytes, &got, err));
    idx->data = idx->memory;
    if (got < bytes) return fail_short(idx, s, got, err);
    /* Read more than one byte: if damage made the gzip data longer, the check sum is read too and reports it. */
    MLP_TRY(mlp_source_read(s, beyond, sizeof beyond, &got, err));
    return got == 0 ? MLP_OK : fail_long(idx, s, err);
}

/* Reverses the bytes of n elements at b; fast if `size` is a constant for the compiler. */
static inline void reverse(unsigned char *b, size_t n, size_t size) {
    for (size_t i = 0; i < n; i++, b += size) {
        const uint64_t x = big_endian(b, size);
        memcpy(b, &x, size);
    }
}

/* Turns n elements of `size` bytes at b from big-endian into this machine's order. */
static void to_native(unsigned char *b, size_t n, size_t size) {
    if (size == 2)
        reverse(b, n, 2);
    else if (size == 4)
        reverse(b, n, 4);
    else if (size == 8)
        reverse(b, n, 8);
}

/* Whether the number is usual for pixels and labels: an integer of 0 to 255; a float that is 0 or has a size of 2^-30
   to 2^30. Compares the bits, because subnormal floats may count as 0 in arithmetic. */
static bool is_usual(uint64_t bits, mlp_idx_type type) {
    if (type == MLP_IDX_F32) return bits << 33 == 0 || ((bits >> 23 & 0xff) >= 97 && (bits >> 23 & 0xff) <= 157);
    if (type == MLP_IDX_F64) return bits << 1 == 0 || ((bits >> 52 & 0x7ff) >= 993 && (bits >> 52 & 0x7ff) <= 1053);
    return bits <= 255;
}

/* Whether the elements are little-endian, though IDX is big-endian: in little-endian order all of them are usual
   numbers, and in big-endian order at least MANY are not. Few elements prove nothing. In a good file the loop ends at
   the first element that is not 0. */
static mlp_status check_order(const mlp_idx *idx, const mlp_source *s, mlp_error *err) {
    enum { MANY = 5 };
    const unsigned char *b = idx->data;
    const size_t size = mlp_idx_type_size(idx->type);
    size_t n_odd = 0, odd = 0; /* how many are not usual in big-endian order; the first of them */
    char bytes[3 * 8 + 1] = "";
    for (size_t i = 0; i < idx->n; i++, b += size) {
        uint64_t little = 0;
        memcpy(&little, b, size); /* the machine's order is little-endian */
        if (!is_usual(little, idx->type)) return MLP_OK;
        if (!is_usual(big_endian(b, size), idx->type) && n_odd++ == 0) odd = i;
    }
    if (n_odd < MANY) return MLP_OK;
    for (size_t i = 0; i < size; i++) snprintf(bytes + 3 * i, 4, " %02x", idx->memory[odd * size + i]);
    return FAIL(s, err, "holds little-endian numbers: the bytes%s are %g in that order; " WRITE_BIG_ENDIAN, bytes,
                mlp_idx_element(idx, odd));
}

static mlp_status read_array(mlp_idx *idx, mlp_source *s, mlp_error *err) {
    MLP_TRY(read_header(idx, s, err));
    const size_t element = mlp_idx_type_size(idx->type);
    const size_t bytes = array_bytes(element, idx->dims);
    idx->n = bytes / element;
    MLP_TRY(check_size(idx, s, bytes, err));
    MLP_TRY(read_elements(idx, s, bytes, err));
    if (element > 2) /* not for 16 bits: multiples of 256 may be intended there */
        MLP_TRY(check_order(idx, s, err));
    to_native(idx->memory, idx->n, element);
    return MLP_OK;
}

mlp_status mlp_idx_read_source(mlp_idx *idx, mlp_source *source, mlp_error *err) {
    const mlp_status status = read_array(idx, source, err);
    if (status != MLP_OK) mlp_idx_free(idx);
    return status;
}

mlp_status mlp_idx_read(mlp_idx *idx, const char *path, mlp_error *err) {
    mlp_source source = {0};
    mlp_status status = mlp_source_open(&source, path, err);
    if (status == MLP_OK) status = mlp_idx_read_source(idx, &source, err);
    mlp_source_close(&source);
    return status;
}

void mlp_idx_free(mlp_idx *idx) {
    if (idx == NULL) return;
    if (idx->mapped > 0)
        munmap(idx->memory, idx->mapped);
    else
        free(idx->memory);
    *idx = (mlp_idx){0};
}

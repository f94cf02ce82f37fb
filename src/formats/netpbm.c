/* netpbm.c - reads PGM and PBM, plain and raw, picture after picture. Knows samples, not digits. */
#include "mlp/formats/netpbm.h"

#include <stdlib.h>
#include <string.h>

#define WRITE_AGAIN "write it again (convert PICTURE pgm:-)"
#define TO_GREY "make it grey (convert PICTURE pgm:-)"

enum {
    CHUNK = 1 << 14,          /* bytes of a raw raster read at a time */
    FIRST_CAPACITY = 1 << 14, /* first allocation, in pixels */
    MOST_MAXVAL = 65535,
    MOST_NUMBER = 1000000000 /* a larger number is read as this one */
};

/* A picture while it is read. */
typedef struct picture {
    mlp_netpbm *reader;
    char type; /* '1', '2', '4' or '5' */
    size_t maxval;
    size_t all, n; /* pixels by the header, pixels read */
} picture;

bool mlp_netpbm_begins(const unsigned char *bytes, size_t n) {
    return n >= 2 && bytes[0] == 'P' && bytes[1] != '\0' && strchr("1234567Ff", bytes[1]) != NULL;
}

/* ---- errors ---- */

/* Fails with "FILE: picture N " followed by what is wrong. */
#define FAIL(reader, err, format, ...)                                                                                 \
    mlp_fail(err, MLP_ERR_FORMAT, "%s: picture %zu " format, (reader)->source->name, (reader)->n, __VA_ARGS__)

/* Fails because the byte `c`, or the end (-1), was found instead of `expected`. */
static mlp_status fail_byte(const mlp_netpbm *reader, int c, const char *expected, mlp_error *err) {
    if (c < 0) return FAIL(reader, err, "is incomplete: it ends where %s was expected; " WRITE_AGAIN, expected);
    if (c > ' ' && c <= '~') return FAIL(reader, err, "has '%c' where %s was expected; " WRITE_AGAIN, c, expected);
    return FAIL(reader, err, "has the byte 0x%02X where %s was expected; " WRITE_AGAIN, (unsigned)c, expected);
}

/* ---- the parts of a header ---- */

static bool is_blank(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Reads the next byte where a comment is allowed. A comment, from # to the end of the line, is read as that line end,
   as netpbm and ImageMagick do. */
static mlp_status next_byte(mlp_netpbm *reader, int *c, mlp_error *err) {
    mlp_status status = mlp_source_byte(reader->source, c, err);
    if (status == MLP_OK && *c == '#') do
            status = mlp_source_byte(reader->source, c, err);
        while (status == MLP_OK && *c >= 0 && *c != '\n' && *c != '\r');
    return status;
}

static mlp_status next_unblank(mlp_netpbm *reader, int *c, mlp_error *err) {
    mlp_status status;
    do status = next_byte(reader, c, err);
    while (status == MLP_OK && is_blank(*c));
    return status;
}

/* Reads a decimal number and the byte after it: *after, -1 at the end. */
static mlp_status read_number(mlp_netpbm *reader, size_t *number, int *after, const char *what, mlp_error *err) {
    int c = -1;
    mlp_status status = next_unblank(reader, &c, err);
    if (status == MLP_OK && (c < '0' || c > '9')) return fail_byte(reader, c, what, err);
    for (*number = 0; status == MLP_OK && c >= '0' && c <= '9'; status = next_byte(reader, &c, err)) {
        *number = *number * 10 + (size_t)(c - '0');
        *number = *number < MOST_NUMBER ? *number : MOST_NUMBER;
    }
    *after = c;
    return status;
}

/* Reads a number of the header and the one blank after it. */
static mlp_status read_header_number(mlp_netpbm *reader, size_t *number, const char *what, mlp_error *err) {
    int after = -1;
    MLP_TRY(read_number(reader, number, &after, what, err));
    return is_blank(after) ? MLP_OK : fail_byte(reader, after, "a blank after a number of its header", err);
}

/* Reads the magic number after its P. */
static mlp_status read_type(picture *p, mlp_error *err) {
    int type = -1, c = -1;
    MLP_TRY(mlp_source_byte(p->reader->source, &type, err));
    if (type == '3' || type == '6')
        return FAIL(p->reader, err, "is in colour (PPM, P%c), where PGM or PBM was expected; " TO_GREY, type);
    if (type == '7') return FAIL(p->reader, err, "is a PAM (P7), where PGM or PBM was expected; %s", TO_GREY);
    if (type == 'F' || type == 'f')
        return FAIL(p->reader, err, "is a float map (PFM, P%c), where PGM or PBM was expected; " TO_GREY, type);
    if (type != '1' && type != '2' && type != '4' && type != '5')
        return fail_byte(p->reader, type, "the 1, 2, 4 or 5 of its magic number", err);
    MLP_TRY(next_byte(p->reader, &c, err));
    if (!is_blank(c)) return fail_byte(p->reader, c, "a blank after its magic number", err);
    p->type = (char)type;
    p->reader->plain = type == '1' || type == '2';
    return MLP_OK;
}

static bool is_bilevel(const picture *p) { return p->type == '1' || p->type == '4'; }

static mlp_status read_header(picture *p, mlp_error *err) {
    mlp_netpbm *reader = p->reader;
    size_t rows = 0, cols = 0;
    MLP_TRY(read_type(p, err));
    MLP_TRY(read_header_number(reader, &cols, "its width", err));
    MLP_TRY(read_header_number(reader, &rows, "its height", err));
    p->maxval = 1;
    if (!is_bilevel(p)) MLP_TRY(read_header_number(reader, &p->maxval, "its maxval", err));
    if (rows == 0 || cols == 0)
        return FAIL(reader, err, "is %zu x %zu pixels, where 1 and more were expected; " WRITE_AGAIN, cols, rows);
    if (cols > MLP_NETPBM_MOST / rows)
        return FAIL(reader, err,
                    "is %zu x %zu pixels, more than the %zu that are read; make it smaller (convert PICTURE -resize "
                    "1000x1000 pgm:-)",
                    cols, rows, MLP_NETPBM_MOST);
    if (p->maxval < 1 || p->maxval > MOST_MAXVAL)
        return FAIL(reader, err, "has the maxval %zu, outside 1..%d; " WRITE_AGAIN, p->maxval, MOST_MAXVAL);
    reader->rows = rows;
    reader->cols = cols;
    p->all = rows * cols;
    return MLP_OK;
}

/* ---- the pixels ---- */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Appends a pixel. Memory grows with the pixels that arrive: a header alone allocates none. */
static mlp_status add(picture *p, size_t sample, mlp_error *err) {
    mlp_netpbm *reader = p->reader;
    if (sample > p->maxval)
        return FAIL(reader, err, "has the sample %zu in row %zu, column %zu, above its maxval %zu; " WRITE_AGAIN,
                    sample, p->n / reader->cols, p->n % reader->cols, p->maxval);
    if (p->n == reader->capacity) {
        const size_t capacity = p->n == 0 ? FIRST_CAPACITY : 2 * p->n;
        float *pixels = realloc(reader->pixels, capacity * sizeof *pixels);
        if (pixels == NULL) return mlp_fail_memory(err, reader->source->name, capacity * sizeof *pixels);
        reader->pixels = pixels;
        reader->capacity = capacity;
    }
    const float white = (float)sample / (float)p->maxval;
    reader->pixels[p->n++] = is_bilevel(p) ? 1.0F - white : white;
    return MLP_OK;
}

/* P2: decimal numbers separated by blanks. P1: digits, with or without blanks between them. */
static mlp_status read_plain(picture *p, mlp_error *err) {
    while (p->n < p->all) {
        size_t sample = 0;
        int c = -1;
        if (p->type == '2') {
            MLP_TRY(read_number(p->reader, &sample, &c, "a sample", err));
            if (c >= 0 && !is_blank(c)) return fail_byte(p->reader, c, "a blank after a sample", err);
        } else {
            MLP_TRY(next_unblank(p->reader, &c, err));
            if (c != '0' && c != '1') return fail_byte(p->reader, c, "a 0 or 1", err);
            sample = (size_t)(c - '0');
        }
        MLP_TRY(add(p, sample, err));
    }
    return MLP_OK;
}

/* P5: a byte for each pixel; if maxval is above 255, two bytes, the higher one first. */
static mlp_status add_bytes(picture *p, const unsigned char *bytes, size_t n, mlp_error *err) {
    const size_t size = p->maxval > 255 ? 2 : 1;
    for (size_t i = 0; i + size <= n; i += size)
        MLP_TRY(add(p, size == 1 ? bytes[i] : (size_t)bytes[i] << 8 | bytes[i + 1], err));
    return MLP_OK;
}

/* P4: eight pixels in a byte, the highest bit first; each row begins with a new byte. */
static mlp_status add_bits(picture *p, const unsigned char *bytes, size_t n, mlp_error *err) {
    const size_t cols = p->reader->cols;
    for (size_t i = 0; i < n; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
        const size_t here = least(cols - p->n % cols, 8);
        for (size_t bit = 0; bit < here; bit++) MLP_TRY(add(p, bytes[i] >> (7 - bit) & 1, err));
    }
    return MLP_OK;
}

static mlp_status read_raw(picture *p, mlp_error *err) {
    unsigned char bytes[CHUNK];
    const bool bits = p->type == '4';
    size_t left = bits ? p->reader->rows * ((p->reader->cols + 7) / 8) : p->all * (p->maxval > 255 ? 2 : 1);
    while (left > 0) {
        const size_t want = least(left, CHUNK);
        size_t got;
        MLP_TRY(mlp_source_read(p->reader->source, bytes, want, &got, err));
        MLP_TRY((bits ? add_bits : add_bytes)(p, bytes, got, err));
        if (got < want)
            return FAIL(
                p->reader, err,
                "is incomplete: its header announces %zu x %zu pixels, but only %zu of these %zu follow; " WRITE_AGAIN,
                p->reader->cols, p->reader->rows, p->n, p->all);
        left -= got;
    }
    return MLP_OK;
}

static mlp_status read_picture(picture *p, mlp_error *err) {
    MLP_TRY(read_header(p, err));
    return p->reader->plain ? read_plain(p, err) : read_raw(p, err);
}

mlp_status mlp_netpbm_next(mlp_netpbm *reader, bool *more, mlp_error *err) {
    picture p = {.reader = reader};
    int c;
    mlp_status status;
    *more = false;
    do status = (reader->plain ? next_byte(reader, &c, err) : mlp_source_byte(reader->source, &c, err));
    while (status == MLP_OK && is_blank(c));
    if (status != MLP_OK || c < 0) return status;
    if (c != 'P' && reader->n > 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: other bytes (0x%02X first) follow picture %zu, where another picture or the end was "
                        "expected; cut them off, or " WRITE_AGAIN,
                        reader->source->name, (unsigned)c, reader->n - 1);
    if (c != 'P') return fail_byte(reader, c, "the P of its magic number", err);
    status = read_picture(&p, err);
    reader->n++;
    *more = status == MLP_OK;
    return status;
}

void mlp_netpbm_free(mlp_netpbm *reader) {
    if (reader == NULL) return;
    free(reader->pixels);
    *reader = (mlp_netpbm){0};
}

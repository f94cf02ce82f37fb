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
static mlp_status read_type(mlp_netpbm *reader, mlp_error *err) {
    int type = -1, c = -1;
    MLP_TRY(mlp_source_byte(reader->source, &type, err));
    if (type == '3' || type == '6')
        return FAIL(reader, err, "is in colour (PPM, P%c), where PGM or PBM was expected; " TO_GREY, type);
    if (type == '7') return FAIL(reader, err, "is a PAM (P7), where PGM or PBM was expected; %s", TO_GREY);
    if (type == 'F' || type == 'f')
        return FAIL(reader, err, "is a float map (PFM, P%c), where PGM or PBM was expected; " TO_GREY, type);
    if (type != '1' && type != '2' && type != '4' && type != '5')
        return fail_byte(reader, type, "the 1, 2, 4 or 5 of its magic number", err);
    MLP_TRY(next_byte(reader, &c, err));
    if (!is_blank(c)) return fail_byte(reader, c, "a blank after its magic number", err);
    reader->type = (char)type;
    return MLP_OK;
}

static bool is_bilevel(const mlp_netpbm *reader) { return reader->type == '1' || reader->type == '4'; }

/* Whether comments may follow the last picture; false before the first. */
static bool is_plain(const mlp_netpbm *reader) { return reader->type == '1' || reader->type == '2'; }

static mlp_status read_header(mlp_netpbm *reader, mlp_error *err) {
    MLP_TRY(read_type(reader, err));
    MLP_TRY(read_header_number(reader, &reader->cols, "its width", err));
    MLP_TRY(read_header_number(reader, &reader->rows, "its height", err));
    reader->maxval = 1;
    if (!is_bilevel(reader)) MLP_TRY(read_header_number(reader, &reader->maxval, "its maxval", err));
    if (reader->rows == 0 || reader->cols == 0)
        return FAIL(reader, err, "is %zu x %zu pixels, where 1 and more were expected; " WRITE_AGAIN, reader->cols,
                    reader->rows);
    if (reader->cols > MLP_NETPBM_MOST / reader->rows)
        return FAIL(reader, err,
                    "is %zu x %zu pixels, more than the %zu that are read; make it smaller (convert PICTURE -resize "
                    "1000x1000 pgm:-)",
                    reader->cols, reader->rows, MLP_NETPBM_MOST);
    if (reader->maxval < 1 || reader->maxval > MOST_MAXVAL)
        return FAIL(reader, err, "has the maxval %zu, outside 1..%d; " WRITE_AGAIN, reader->maxval, MOST_MAXVAL);
    reader->held = 0;
    return MLP_OK;
}

/* ---- the pixels ---- */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Appends a pixel. Memory grows with the pixels that arrive: a header alone allocates none. */
static mlp_status add(mlp_netpbm *reader, size_t sample, mlp_error *err) {
    if (sample > reader->maxval)
        return FAIL(reader, err, "has the sample %zu in row %zu, column %zu, above its maxval %zu; " WRITE_AGAIN,
                    sample, reader->held / reader->cols, reader->held % reader->cols, reader->maxval);
    if (reader->held == reader->capacity) {
        const size_t capacity = reader->held == 0 ? FIRST_CAPACITY : 2 * reader->held;
        float *pixels = realloc(reader->pixels, capacity * sizeof *pixels);
        if (pixels == NULL) return mlp_fail_memory(err, reader->source->name, capacity * sizeof *pixels);
        reader->pixels = pixels;
        reader->capacity = capacity;
    }
    const float white = (float)sample / (float)reader->maxval;
    reader->pixels[reader->held++] = is_bilevel(reader) ? 1.0F - white : white;
    return MLP_OK;
}

/* P2: decimal numbers separated by blanks. P1: digits, with or without blanks between them. */
static mlp_status read_plain(mlp_netpbm *reader, mlp_error *err) {
    while (reader->held < reader->rows * reader->cols) {
        size_t sample = 0;
        int c = -1;
        if (reader->type == '2') {
            MLP_TRY(read_number(reader, &sample, &c, "a sample", err));
            if (c >= 0 && !is_blank(c)) return fail_byte(reader, c, "a blank after a sample", err);
        } else {
            MLP_TRY(next_unblank(reader, &c, err));
            if (c != '0' && c != '1') return fail_byte(reader, c, "a 0 or 1", err);
            sample = (size_t)(c - '0');
        }
        MLP_TRY(add(reader, sample, err));
    }
    return MLP_OK;
}

/* P5: a byte for each pixel; if maxval is above 255, two bytes, the higher one first. */
static mlp_status add_bytes(mlp_netpbm *reader, const unsigned char *bytes, size_t n, mlp_error *err) {
    const size_t size = reader->maxval > 255 ? 2 : 1;
    for (size_t i = 0; i + size <= n; i += size)
        MLP_TRY(add(reader, size == 1 ? bytes[i] : (size_t)bytes[i] << 8 | bytes[i + 1], err));
    return MLP_OK;
}

/* P4: eight pixels in a byte, the highest bit first; each row begins with a new byte. */
static mlp_status add_bits(mlp_netpbm *reader, const unsigned char *bytes, size_t n, mlp_error *err) {
    const size_t cols = reader->cols;
    for (size_t i = 0; i < n; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
        const size_t here = least(cols - reader->held % cols, 8);
        for (size_t bit = 0; bit < here; bit++) MLP_TRY(add(reader, bytes[i] >> (7 - bit) & 1, err));
    }
    return MLP_OK;
}

static mlp_status read_raw(mlp_netpbm *reader, mlp_error *err) {
    unsigned char bytes[CHUNK];
    const bool bits = reader->type == '4';
    size_t left = reader->rows * (bits ? (reader->cols + 7) / 8 : reader->cols * (reader->maxval > 255 ? 2 : 1));
    while (left > 0) {
        const size_t want = least(left, CHUNK);
        size_t got;
        MLP_TRY(mlp_source_read(reader->source, bytes, want, &got, err));
        MLP_TRY((bits ? add_bits : add_bytes)(reader, bytes, got, err));
        if (got < want)
            return FAIL(
                reader, err,
                "is incomplete: its header announces %zu x %zu pixels, but only %zu of these %zu follow; " WRITE_AGAIN,
                reader->cols, reader->rows, reader->held, reader->rows * reader->cols);
        left -= got;
    }
    return MLP_OK;
}

mlp_status mlp_netpbm_next(mlp_netpbm *reader, bool *more, mlp_error *err) {
    int c;
    mlp_status status;
    *more = false;
    do status = is_plain(reader) ? next_byte(reader, &c, err) : mlp_source_byte(reader->source, &c, err);
    while (status == MLP_OK && is_blank(c));
    if (status != MLP_OK || c < 0) return status;
    if (c != 'P' && reader->n > 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: other bytes (0x%02X first) follow picture %zu, where another picture or the end was "
                        "expected; cut them off, or " WRITE_AGAIN,
                        reader->source->name, (unsigned)c, reader->n - 1);
    if (c != 'P') return fail_byte(reader, c, "the P of its magic number", err);
    status = read_header(reader, err);
    if (status == MLP_OK) status = is_plain(reader) ? read_plain(reader, err) : read_raw(reader, err);
    reader->n++;
    *more = status == MLP_OK;
    return status;
}

void mlp_netpbm_free(mlp_netpbm *reader) {
    if (reader == NULL) return;
    free(reader->pixels);
    *reader = (mlp_netpbm){0};
}

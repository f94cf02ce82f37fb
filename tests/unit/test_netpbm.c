/* test_netpbm.c - the PGM and PBM reader: hand-made bytes after man 5 pgm and man 5 pbm, and each
   kind of bad picture is named. */
#include "mlp/formats/netpbm.h"

#include <sys/wait.h>

#include "files.h"

#define BYTES(literal) literal, sizeof literal - 1

/* ---- good pictures ---- */

typedef struct good {
    const char *bytes;
    size_t n, rows, cols;
    double maxval;
    double samples[24]; /* of a PBM: 1 - bit */
} good;

static const good goods[] = {
    /* raw grey */
    {BYTES("P5\n3 2\n255\n\0\1\2\375\376\377"), 2, 3, 255, {0, 1, 2, 253, 254, 255}},
    {BYTES("P5 3 2 255 \0\1\2\375\376\377"), 2, 3, 255, {0, 1, 2, 253, 254, 255}},
    {BYTES("P5\n2 1\n255\n##"), 1, 2, 255, {35, 35}},  /* no comment in a raster */
    {BYTES("P5\n2 1\n255\n\n "), 1, 2, 255, {10, 32}}, /* one blank ends the header, not two */
    {BYTES("P5\n2 1\n7\n\0\7"), 1, 2, 7, {0, 7}},
    {BYTES("P5\n1 1\n1\n\1"), 1, 1, 1, {1}},
    {BYTES("P5\n0002 01\n0255\nab"), 1, 2, 255, {97, 98}},
    {BYTES("P5\t2\r1\v255\fab"), 1, 2, 255, {97, 98}},
    {BYTES("P5 \t\n\r2 \n\n 1 \t 255\nab"), 1, 2, 255, {97, 98}},
    /* raw grey, two bytes a sample, the higher one first */
    {BYTES("P5\n2 2\n65535\n\0\0\0\1\1\0\377\377"), 2, 2, 65535, {0, 1, 256, 65535}},
    {BYTES("P5\n3 1\n256\n\0\0\0\377\1\0"), 1, 3, 256, {0, 255, 256}},
    /* comments: up to the end of the line, wherever a blank may stand */
    {BYTES("P5\n# CREATOR: GIMP PNM Filter Version 1.1\n2 1\n255\nab"), 1, 2, 255, {97, 98}},
    {BYTES("P5# one\n# two\r2# 3\n1\n#\n#\n255\nab"), 1, 2, 255, {97, 98}},
    {BYTES("P5\n2 1 255#its line end ends the header\nab"), 1, 2, 255, {97, 98}},
    {BYTES("P5\n2 1 255\n#b"), 1, 2, 255, {35, 98}},
    /* plain grey */
    {BYTES("P2\n3 2\n15\n0 1 2\n13 14 15\n"), 2, 3, 15, {0, 1, 2, 13, 14, 15}},
    {BYTES("P2\n3 2\n15\n0 1 2 13 14 15"), 2, 3, 15, {0, 1, 2, 13, 14, 15}},
    {BYTES("P2 3 1 65535 0 # none\n 32768\r\n#\r\n65535"), 1, 3, 65535, {0, 32768, 65535}},
    {BYTES("P2 2 1 9 00000000000000000001 009\t"), 1, 2, 9, {1, 9}},
    /* plain bilevel: 1 is black */
    {BYTES("P1\n3 2\n1 0 1\n0 0 1\n"), 2, 3, 1, {0, 1, 0, 1, 1, 0}},
    {BYTES("P1\n3 2\n101001"), 2, 3, 1, {0, 1, 0, 1, 1, 0}},
    {BYTES("P1\n3 2\n10\n1# three\n 00\t1\n\n"), 2, 3, 1, {0, 1, 0, 1, 1, 0}},
    /* raw bilevel: the highest bit first, each row from a byte on, whatever fills its last one */
    {BYTES("P4\n3 2\n\277\077"), 2, 3, 1, {0, 1, 0, 1, 1, 0}},
    {BYTES("P4 8 1 \201"), 1, 8, 1, {0, 1, 1, 1, 1, 1, 1, 0}},
    {BYTES("P4\n9 2\n\177\200\200\177"), 2, 9, 1, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}},
    {BYTES("P4\n1 3\n\200\177\377"), 3, 1, 1, {0, 1, 0}},
};
enum { N_GOODS = sizeof goods / sizeof *goods };

static void assert_picture(const mlp_netpbm *reader, const good *g) {
    assert_int_equal(reader->rows, g->rows);
    assert_int_equal(reader->cols, g->cols);
    for (size_t i = 0; i < g->rows * g->cols; i++) assert_near(reader->pixels[i], g->samples[i] / g->maxval, 1e-7);
}

/* Reads pictures from `path` until there are no more; they must be goods[first .. first + n). */
static void assert_pictures(const char *path, size_t first, size_t n) {
    mlp_source source = {0};
    mlp_error err = {0};
    assert_ok(mlp_source_open(&source, path, &err), err);
    mlp_netpbm reader = {.source = &source};
    for (size_t i = first; i < first + n; i++) {
        bool more;
        assert_ok(mlp_netpbm_next(&reader, &more, &err), err);
        assert_true(more);
        assert_int_equal(reader.n, i - first + 1);
        assert_picture(&reader, &goods[i]);
    }
    bool more = true;
    assert_ok(mlp_netpbm_next(&reader, &more, &err), err);
    assert_false(more);
    assert_int_equal(reader.n, n);
    mlp_netpbm_free(&reader);
    assert_null(reader.pixels);
    mlp_netpbm_free(NULL);
    mlp_source_close(&source);
}

static void reads_one_picture(void **state) {
    (void)state;
    const char *path = in_test_dir("picture");
    for (size_t i = 0; i < N_GOODS; i++) {
        write_file(path, goods[i].bytes, goods[i].n);
        assert_pictures(path, i, 1);
    }
    unlink(path);
}

/* All of the above in one stream, with `between` between them, plain or gzip, by file or pipe. */
static void reads_many_pictures(void **state) {
    (void)state;
    static const char *const betweens[] = {"\n", "", " \n\n\t"};
    for (size_t b = 0; b < 3; b++) {
        bytes stream = {0}, packed = {0};
        for (size_t i = 0; i < N_GOODS; i++) {
            const bool ends_by_blank = strncmp(goods[i].bytes, "P2", 2) == 0;
            bytes_add(&stream, goods[i].bytes, goods[i].n);
            bytes_add(&stream, betweens[b], strlen(betweens[b]));
            if (ends_by_blank) /* or the next picture would be read as part of the number */
                bytes_add(&stream, "\n", 1);
        }
        gzip_add(&packed, stream.at, stream.n);
        const char *path = in_test_dir("pictures");
        write_file(path, stream.at, stream.n);
        assert_pictures(path, 0, N_GOODS);
        write_file(path, packed.at, packed.n);
        assert_pictures(path, 0, N_GOODS);
        bytes_free(&packed); /* before the fork: valgrind counts it in the child as well */
        unlink(path);
        assert_int_equal(mkfifo(path, 0600), 0);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            const int fd = open(path, O_WRONLY);
            for (size_t at = 0; at < stream.n && write(fd, stream.at + at, 1) == 1; at++) {
            }
            _exit(0);
        }
        assert_pictures(path, 0, N_GOODS);
        waitpid(child, NULL, 0);
        unlink(path);
        bytes_free(&stream);
    }
}

/* Pictures larger than any buffer, of random samples, in all four formats. */
static void reads_large_pictures(void **state) {
    (void)state;
    const size_t rows = 301, cols = 333;
    mlp_rng rng;
    mlp_rng_seed(&rng, 3, 0);
    const char *path = in_test_dir("large");
    for (int format = 0; format < 5; format++) {
        const size_t maxval = format == 0 ? 1000 : format == 1 ? 255 : format == 2 ? 65535 : 1;
        uint16_t *samples = malloc(rows * cols * sizeof *samples);
        assert_non_null(samples);
        bytes b = {0};
        char text[64];
        const char *headers[] = {"P2 %zu %zu 1000\n", "P5 %zu %zu 255\n", "P5 %zu %zu 65535\n", "P1 %zu %zu\n",
                                 "P4 %zu %zu\n"};
        bytes_add(&b, text, (size_t)snprintf(text, sizeof text, headers[format], cols, rows));
        unsigned packed = 0;
        for (size_t i = 0; i < rows * cols; i++) {
            const unsigned s = samples[i] = (uint16_t)mlp_rng_below(&rng, maxval + 1);
            const size_t col = i % cols;
            if (format == 0) bytes_add(&b, text, (size_t)snprintf(text, sizeof text, "%u ", s));
            if (format == 2) bytes_add(&b, &(uint8_t){(uint8_t)(s >> 8)}, 1);
            if (format == 1 || format == 2) bytes_add(&b, &(uint8_t){(uint8_t)s}, 1);
            if (format == 3) bytes_add(&b, s == 1 ? "1" : "0", 1);
            packed = packed | s << (7 - col % 8);
            if (format == 4 && (col % 8 == 7 || col == cols - 1)) {
                bytes_add(&b, &(uint8_t){(uint8_t)packed}, 1);
                packed = 0;
            }
        }
        write_file(path, b.at, b.n);
        mlp_source source = {0};
        mlp_error err = {0};
        bool more;
        assert_ok(mlp_source_open(&source, path, &err), err);
        mlp_netpbm reader = {.source = &source};
        assert_ok(mlp_netpbm_next(&reader, &more, &err), err);
        assert_int_equal(reader.rows * reader.cols, rows * cols);
        for (size_t i = 0; i < rows * cols; i++) {
            const double sample = maxval == 1 ? 1 - samples[i] : samples[i];
            assert_near(reader.pixels[i], sample / (double)maxval, 1e-7);
        }
        mlp_netpbm_free(&reader);
        mlp_source_close(&source);
        bytes_free(&b);
        free(samples);
    }
    unlink(path);
}

/* ---- bad pictures ---- */

/* Reads pictures until one fails; its message must hold the words. Returns how many were good. */
static size_t assert_refused(const char *from, size_t n, const char *words) {
    const char *path = in_test_dir("bad");
    write_file(path, from, n);
    mlp_source source = {0};
    mlp_error err = {0};
    assert_ok(mlp_source_open(&source, path, &err), err);
    mlp_netpbm reader = {.source = &source};
    bool more = true;
    size_t good_ones = 0;
    mlp_status status;
    while ((status = mlp_netpbm_next(&reader, &more, &err)) == MLP_OK && more) good_ones++;
    if (status == MLP_OK) fail_msg("not refused, for the words %s: %.*s", words, (int)n, from);
    assert_int_equal(status, MLP_ERR_FORMAT);
    assert_words(&err, "/bad: ");
    assert_words(&err, words);
    assert_words(&err, "convert PICTURE"); /* what to do */
    assert_true(reader.capacity <= 1 << 15);
    mlp_netpbm_free(&reader);
    mlp_source_close(&source);
    unlink(path);
    return good_ones;
}

typedef struct bad {
    const char *bytes;
    size_t n;
    const char *words;
} bad;

static const bad bads[] = {
    /* other members of the family, other things */
    {BYTES("P3\n1 1\n255\n1 2 3\n"), "picture 0 |in colour|PPM, P3"},
    {BYTES("P6\n1 1\n255\nabc"), "picture 0 |in colour|PPM, P6"},
    {BYTES("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\na"), "is a PAM (P7)"},
    {BYTES("Pf\n1 1\n-1.0\nabcd"), "float map|PFM, Pf"},
    {BYTES("PF\n1 1\n-1.0\nabcdabcdabcd"), "float map|PFM, PF"},
    {BYTES("P8\n1 1\n255\na"), "has '8' where the 1, 2, 4 or 5"},
    {BYTES("P0\n"), "has '0' where the 1, 2, 4 or 5"},
    {BYTES("PK\3\4"), "has 'K' where the 1, 2, 4 or 5"},
    {BYTES("P\0005"), "has the byte 0x00 where the 1, 2, 4 or 5"},
    {BYTES("x"), "has 'x' where the P of its magic number"},
    {BYTES("\xff\xd8"), "has the byte 0xFF where the P"},
    {BYTES("P528 28 255\n"), "has '2' where a blank after its magic number"},
    {BYTES("P5P5"), "has 'P' where a blank after its magic number"},
    /* headers that end */
    {BYTES("P"), "incomplete|ends where the 1, 2, 4 or 5"},
    {BYTES("P5"), "incomplete|ends where a blank after its magic number"},
    {BYTES("P5\n"), "incomplete|ends where its width"},
    {BYTES("P5\n# no more"), "incomplete|ends where its width"},
    {BYTES("P5\n28"), "incomplete|ends where a blank after a number"},
    {BYTES("P5\n28 "), "incomplete|ends where its height"},
    {BYTES("P5\n2 2\n"), "incomplete|ends where its maxval"},
    {BYTES("P5\n2 2\n255"), "incomplete|ends where a blank after a number"},
    {BYTES("P4\n2 2"), "incomplete|ends where a blank after a number"},
    /* headers that are wrong */
    {BYTES("P5\n-2 2\n255\nabcd"), "has '-' where its width"},
    {BYTES("P5\n+2 2\n255\nabcd"), "has '+' where its width"},
    {BYTES("P5\n2.5 2\n255\nabcd"), "has '.' where a blank after a number"},
    {BYTES("P5\n2x2\n255\nabcd"), "has 'x' where a blank after a number"},
    {BYTES("P5\n2 2,255\nabcd"), "has ',' where a blank after a number"},
    {BYTES("P5\n2 2\n255xabcd"), "has 'x' where a blank after a number"},
    {BYTES("P5\n2 two\n255\nabcd"), "has 't' where its height"},
    {BYTES("P5\n2 2\n0xFF\nabcd"), "has 'x' where a blank after a number"},
    {BYTES("P5\n2 2\n255"
           "\200bcd"),
     "has the byte 0x80 where a blank after a number"},
    {BYTES("P5\n0 2\n255\n"), "is 0 x 2 pixels"},
    {BYTES("P2\n2 0\n255\n"), "is 2 x 0 pixels"},
    {BYTES("P4\n0 0\n"), "is 0 x 0 pixels"},
    {BYTES("P5\n2 2\n0\nabcd"), "has the maxval 0, outside 1..65535"},
    {BYTES("P5\n2 2\n65536\nabcdabcd"), "has the maxval 65536, outside 1..65535"},
    {BYTES("P2\n1 1\n18446744073709551871\n1\n"), "has the maxval 1000000000, outside"},
    {BYTES("P5\n8193 8192\n255\na"), "is 8193 x 8192 pixels, more than the 67108864"},
    {BYTES("P5\n1 4294967297\n255\na"), "pixels, more than the 67108864"},
    {BYTES("P4\n18446744073709551617 1\na"), "pixels, more than the 67108864"},
    {BYTES("P1\n4294967296 4294967296\n1"), "pixels, more than the 67108864"},
    /* rasters that end */
    {BYTES("P5\n2 2\n255\nabc"), "incomplete|announces 2 x 2 pixels, but only 3 of these 4"},
    {BYTES("P5\n2 2\n255\n"), "incomplete|only 0 of these 4"},
    {BYTES("P5\n2 1\n65535\nabc"), "incomplete|announces 2 x 1 pixels, but only 1 of these 2"},
    {BYTES("P5\n8192 8192\n255\na"), "incomplete|only 1 of these 67108864"},
    {BYTES("P4\n9 2\nabc"), "incomplete|announces 9 x 2 pixels, but only 17 of these 18"},
    {BYTES("P4\n8192 8192\na"), "incomplete|only 8 of these 67108864"},
    {BYTES("P2\n2 2\n9\n1 2 3"), "incomplete|ends where a sample"},
    {BYTES("P2\n2 2\n9\n1 2 3 # 4"), "incomplete|ends where a sample"},
    {BYTES("P1\n2 2\n101"), "incomplete|ends where a 0 or 1"},
    {BYTES("P1\n8192 8192\n1"), "incomplete|ends where a 0 or 1"},
    /* rasters that are wrong */
    {BYTES("P5\n2 2\n99\nabcd"), "the sample 100 in row 1, column 1, above its maxval 99"},
    {BYTES("P5\n1 1\n256\n\1\1"), "the sample 257 in row 0, column 0, above its maxval 256"},
    {BYTES("P2\n2 1\n9\n9 10\n"), "the sample 10 in row 0, column 1, above its maxval 9"},
    {BYTES("P2\n1 1\n9\n18446744073709551617\n"), "above its maxval 9"},
    {BYTES("P2\n2 1\n9\n1 -1\n"), "has '-' where a sample"},
    {BYTES("P2\n2 1\n9\n1,2\n"), "has ',' where a blank after a sample"},
    {BYTES("P2\n2 1\n9\n1.5 2\n"), "has '.' where a blank after a sample"},
    {BYTES("P1\n2 1\n12\n"), "has '2' where a 0 or 1"},
    {BYTES("P1\n2 1\n1,0\n"), "has ',' where a 0 or 1"},
    {BYTES("P1\n2 1\n\1\0"), "has the byte 0x01 where a 0 or 1"},
    {BYTES("P2\n2 1\n9\n\1\2"), "has the byte 0x01 where a sample"},
};
enum { N_BADS = sizeof bads / sizeof *bads };

static void refuses_bad_pictures(void **state) {
    (void)state;
    for (size_t i = 0; i < N_BADS; i++) assert_int_equal(assert_refused(bads[i].bytes, bads[i].n, bads[i].words), 0);
}

/* The same behind a good picture: that one is read, and the message counts. */
static void counts_the_pictures(void **state) {
    (void)state;
    for (size_t i = 0; i < N_BADS; i++) {
        if (bads[i].bytes[0] != 'P') continue;
        bytes b = {0};
        bytes_add(&b, BYTES("P5\n2 1\n255\nab"));
        bytes_add(&b, bads[i].bytes, bads[i].n);
        assert_int_equal(assert_refused((const char *)b.at, b.n, "picture 1 "), 1);
        bytes_free(&b);
    }
}

static void refuses_bytes_after_the_last_picture(void **state) {
    (void)state;
    assert_int_equal(assert_refused(BYTES("P5\n2 1\n255\nabc"), "other bytes (0x63 first) follow picture 0"), 1);
    assert_int_equal(assert_refused(BYTES("P1\n2 1\n011"), "(0x31 first) follow picture 0"), 1);
    assert_int_equal(assert_refused(BYTES("P2\n2 1\n9\n1 2 3\n"), "(0x33 first) follow"), 1);
    assert_int_equal(assert_refused(BYTES("P4\n2 1\n\200\n\0"), "(0x00 first) follow"), 1);
    assert_int_equal(assert_refused(BYTES("P5\n1 1\n255\naP4 1 1 b# no comment here"), "(0x23 first) follow picture 1"),
                     2);
    /* a header that ends in two bytes, as Windows writes lines: the second one is taken as a pixel
     */
    assert_int_equal(assert_refused(BYTES("P5\r\n2 1\r\n255\r\nab"), "(0x62 first) follow"), 1);
}

/* After P1 and P2, where they may stand among the samples too. */
static void takes_comments_after_a_plain_picture(void **state) {
    (void)state;
    static const char *const streams[] = {"P2 1 1 9 5\n# made by hand\n", "P1 1 1 1\n#\n# and more",
                                          "P2 1 1 9 5 # a\n P2 1 1 9 5\n# b\n"};
    for (size_t i = 0; i < 3; i++) {
        mlp_source source = {0};
        mlp_netpbm reader = {.source = &source};
        mlp_error err = {0};
        bool more = true;
        write_file(in_test_dir("picture"), streams[i], strlen(streams[i]));
        assert_ok(mlp_source_open(&source, in_test_dir("picture"), &err), err);
        while (more) assert_ok(mlp_netpbm_next(&reader, &more, &err), err);
        assert_int_equal(reader.n, i < 2 ? 1 : 2);
        mlp_netpbm_free(&reader);
        mlp_source_close(&source);
        unlink(in_test_dir("picture"));
    }
}

/* Every beginning of a good picture that is not itself one. */
static void refuses_pictures_cut_anywhere(void **state) {
    (void)state;
    static const good *const whole[] = {&goods[0], &goods[9], &goods[12], &goods[24]};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        for (size_t n = 1; n < whole[i]->n; n++)
            assert_int_equal(assert_refused(whole[i]->bytes, n, "picture 0 is incomplete"), 0);
}

static void tells_netpbm_from_other_data(void **state) {
    (void)state;
    for (size_t i = 0; i < N_GOODS; i++)
        assert_true(mlp_netpbm_begins((const unsigned char *)goods[i].bytes, goods[i].n));
    for (const char *c = "1234567Ff"; *c != '\0'; c++)
        assert_true(mlp_netpbm_begins((const unsigned char[]){'P', (unsigned char)*c}, 2));
    static const char *const others[] = {"PK", "PA", "P8", "P", "", "p5", "\0\0"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(mlp_netpbm_begins((const unsigned char *)others[i], strlen(others[i])));
    assert_false(mlp_netpbm_begins((const unsigned char *)"P", 2)); /* P and a zero byte */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_one_picture),
        cmocka_unit_test(reads_many_pictures),
        cmocka_unit_test(reads_large_pictures),
        cmocka_unit_test(refuses_bad_pictures),
        cmocka_unit_test(counts_the_pictures),
        cmocka_unit_test(refuses_bytes_after_the_last_picture),
        cmocka_unit_test(takes_comments_after_a_plain_picture),
        cmocka_unit_test(refuses_pictures_cut_anywhere),
        cmocka_unit_test(tells_netpbm_from_other_data),
    };
    return cmocka_run_group_tests_name("netpbm", tests, make_test_dir, remove_test_dir);
}

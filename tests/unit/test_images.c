/* test_images.c - IDX and pictures give the same images; other input is refused with a message that
   names it. test_normalize.c tests the fitting of drawings. */
#include "mlp/data/images.h"

#include "files.h"
#include "mlp/data/normalize.h"

#define BYTES(literal) literal, sizeof literal - 1

enum { ROWS = 5, COLS = 4, N = 600 };

/* Pixel j of image i. */
static uint8_t pixel(size_t i, size_t j) { return (uint8_t)(i * 31 + j * 7 + i / 256); }

/* N images of rows x cols as IDX bytes, or as floats of a fifth of the byte. */
static bytes as_idx(bool floats, uint8_t n_dims, size_t rows, size_t cols) {
    bytes b = {0};
    idx_header(&b, floats ? 0x0D : 0x08, n_dims,
               n_dims == 3 ? (size_t[]){N, rows, cols} : (size_t[]){N, rows * cols, 0});
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < rows * cols; j++) {
            const float value = (float)pixel(i, j) / 5;
            uint32_t bits;
            memcpy(&bits, &value, 4);
            if (floats)
                bytes_add(&b,
                          (const uint8_t[]){(uint8_t)(bits >> 24), (uint8_t)(bits >> 16), (uint8_t)(bits >> 8),
                                            (uint8_t)bits},
                          4);
            else
                bytes_add(&b, &(uint8_t){pixel(i, j)}, 1);
        }
    return b;
}

/* The same as PGM, alternately with one and two bytes per sample. */
static bytes as_pgm(size_t rows, size_t cols) {
    bytes b = {0};
    for (size_t i = 0; i < N; i++) {
        char header[64];
        bytes_add(&b, header,
                  (size_t)snprintf(header, sizeof header, "P5\n%zu %zu\n%d\n", cols, rows, i % 2 == 0 ? 255 : 65535));
        for (size_t j = 0; j < rows * cols; j++) /* 257 * byte: 65535 is 255 */
            bytes_add(&b, (const uint8_t[]){pixel(i, j), pixel(i, j)}, i % 2 == 0 ? 1 : 2);
    }
    return b;
}

static const char *put(const bytes *b) {
    const char *path = in_test_dir("digits");
    write_file(path, b->at, b->n);
    return path;
}

/* Asserts that image i of the group is image number `image`, as bytes or as floats. */
static void assert_digit(const mlp_images *d, size_t i, size_t image) {
    for (size_t j = 0; j < ROWS * COLS; j++)
        if (d->set.bytes != NULL)
            assert_int_equal(d->set.bytes[i * ROWS * COLS + j], pixel(image, j));
        else
            assert_near(d->set.floats[i * ROWS * COLS + j], (float)pixel(image, j) / 5, 0);
    assert_int_equal(d->set.labels[i], 0);
    assert_int_equal(d->found[i], MLP_FOUND_DIGIT);
}

/* Expects all N images unchanged, then the end, also when asked again. */
static void assert_all(const bytes *b) {
    mlp_images d = {0};
    mlp_error err = {0};
    assert_ok(mlp_images_open(&d, put(b), ROWS, COLS, false, &err), err);
    size_t n = 0;
    do {
        assert_ok(mlp_images_next(&d, &err), err);
        assert_true(d.set.n <= MLP_IMAGES_MOST);
        assert_int_equal(d.set.n_pixels, ROWS * COLS);
        for (size_t i = 0; i < d.set.n; i++) assert_digit(&d, i, n + i);
        n += d.set.n;
    } while (d.set.n > 0);
    assert_int_equal(n, N);
    assert_ok(mlp_images_next(&d, &err), err);
    assert_int_equal(d.set.n, 0);
    mlp_images_free(&d);
    assert_null(d.bytes);
    mlp_images_free(&d);
    mlp_images_free(NULL);
    unlink(test_path);
}

static void gives_images_as_they_are(void **state) {
    (void)state;
    bytes forms[] = {as_idx(false, 3, ROWS, COLS), as_idx(true, 3, ROWS, COLS), as_idx(false, 2, ROWS, COLS),
                     as_pgm(ROWS, COLS), as_pgm(1, ROWS * COLS)};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_all(&forms[i]);
        bytes packed = {0};
        gzip_add(&packed, forms[i].at, forms[i].n);
        assert_all(&packed);
        bytes_free(&packed);
        bytes_free(&forms[i]);
    }
}

/* Rounded to the nearest of 256 levels, for every maxval. */
static void rounds_samples_to_bytes(void **state) {
    (void)state;
    const bytes b = {.at = (uint8_t *)"P2 4 1 7 0 3 4 7 P2 4 1 1000 500 501 997 998 P1 4 1 0110 ", .n = 57};
    mlp_images d = {0};
    mlp_error err = {0};
    assert_ok(mlp_images_open(&d, put(&b), 1, 4, false, &err), err);
    assert_ok(mlp_images_next(&d, &err), err);
    assert_int_equal(d.set.n, 3);
    const uint8_t expected[] = {0, 109, 146, 255, 128, 128, 254, 254, 255, 0, 0, 255};
    assert_memory_equal(d.set.bytes, expected, sizeof expected);
    mlp_images_free(&d);
    unlink(test_path);
}

/* Expects each image [height x width] as mlp_normalize converts it. */
static void assert_fitted(const bytes *b, size_t height, size_t width, bool floats) {
    mlp_images d = {0};
    mlp_error err = {0};
    assert_ok(mlp_images_open(&d, put(b), ROWS, COLS, true, &err), err);
    size_t n = 0;
    for (;;) {
        assert_ok(mlp_images_next(&d, &err), err);
        if (d.set.n == 0) break;
        for (size_t i = 0; i < d.set.n; i++, n++) {
            float drawing[200];
            uint8_t expected[ROWS * COLS];
            mlp_found found;
            mlp_shapes shapes;
            for (size_t j = 0; j < height * width; j++) drawing[j] = (float)pixel(n, j) / (floats ? 5.0F : 255.0F);
            assert_ok(mlp_normalize(expected, ROWS, COLS, &found, &shapes, false, drawing, height, width, &err), err);
            assert_memory_equal(d.set.bytes + i * ROWS * COLS, expected, sizeof expected);
            assert_int_equal(d.found[i], found);
        }
    }
    assert_int_equal(n, N);
    mlp_images_free(&d);
    unlink(test_path);
}

static void fits_images_of_any_size(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{11, 13}, {2, 3}, {ROWS, COLS}};
    for (size_t i = 0; i < 3; i++) {
        const size_t h = sizes[i][0], w = sizes[i][1];
        bytes idx = as_idx(false, 3, h, w), floats = as_idx(true, 3, h, w), pgm = as_pgm(h, w);
        assert_fitted(&idx, h, w, false);
        assert_fitted(&floats, h, w, true);
        assert_fitted(&pgm, h, w, false);
        bytes_free(&idx);
        bytes_free(&floats);
        bytes_free(&pgm);
    }
    bytes vectors = as_idx(false, 2, ROWS, COLS); /* of as many pixels as the network takes */
    assert_fitted(&vectors, ROWS, COLS, false);
    bytes_free(&vectors);
}

static void says_which_are_blank(void **state) {
    (void)state;
    const bytes b = {.at = (uint8_t *)"P2 3 3 9 0 0 0 0 9 0 0 0 0 P2 2 2 9 5 5 5 5 P1 3 3 000010000 ", .n = 61};
    mlp_images d = {0};
    mlp_error err = {0};
    assert_ok(mlp_images_open(&d, put(&b), 28, 28, true, &err), err);
    assert_ok(mlp_images_next(&d, &err), err);
    assert_int_equal(d.set.n, 3);
    assert_int_equal(d.found[0], MLP_FOUND_DIGIT);
    assert_int_equal(d.found[1], MLP_FOUND_UNIFORM);
    assert_int_equal(d.found[2], MLP_FOUND_DIGIT);
    mlp_images_free(&d);
    unlink(test_path);
}

/* A pipe that stays open: images that arrived are delivered without waiting for more. */
static void does_not_wait_for_more(void **state) {
    (void)state;
    int fds[2];
    alarm(30); /* fail instead of waiting forever */
    assert_int_equal(pipe(fds), 0);
    char path[64];
    snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
    mlp_images d = {0};
    mlp_error err = {0};
    write_bytes(fds[1], BYTES("P5\n2 1\n255\nabP5\n2 1\n255\ncd"));
    assert_ok(mlp_images_open(&d, path, 1, 2, false, &err), err);
    assert_ok(mlp_images_next(&d, &err), err);
    assert_int_equal(d.set.n, 2);
    assert_memory_equal(d.set.bytes, "abcd", 4);
    write_bytes(fds[1], BYTES("P5\n2 1\n255\nef"));
    assert_ok(mlp_images_next(&d, &err), err);
    assert_int_equal(d.set.n, 1);
    assert_memory_equal(d.set.bytes, "ef", 2);
    close(fds[1]);
    assert_ok(mlp_images_next(&d, &err), err);
    assert_int_equal(d.set.n, 0);
    mlp_images_free(&d);
    close(fds[0]);
    alarm(0);
}

/* ---- refusals ---- */

/* Opens bytes for a network of 28 x 28, or of vectors, and reads until the error, whose message
   must contain the words. Returns the number of images before it. */
static size_t refuses(const void *from, size_t n, size_t rows, size_t cols, bool fit, mlp_status expected,
                      const char *words) {
    const bytes b = {.at = (uint8_t *)(uintptr_t)from, .n = n};
    mlp_images d = {0};
    mlp_error err = {0};
    size_t came = 0;
    mlp_status status = mlp_images_open(&d, put(&b), rows, cols, fit, &err);
    while (status == MLP_OK && (status = mlp_images_next(&d, &err)) == MLP_OK && d.set.n > 0) came += d.set.n;
    if (status != expected) fail_msg("status %d, not %d, for the words %s", status, expected, words);
    assert_words(&err, words);
    assert_int_equal(d.set.n, 0);
    mlp_images_free(&d);
    unlink(test_path);
    return came;
}

static void refuses_other_sizes(void **state) {
    (void)state;
    const bytes idx = as_idx(false, 3, 2, 14), vectors = as_idx(false, 2, 2, 14);
    refuses(idx.at, idx.n, 28, 28, false, MLP_ERR_FORMAT, "/digits: |images of 2 x 14 pixels|takes 28 x 28|add --fit");
    refuses(idx.at, idx.n, 14, 2, false, MLP_ERR_FORMAT, "images of 2 x 14|takes 14 x 2|--fit");
    refuses(vectors.at, vectors.n, 28, 28, false, MLP_ERR_FORMAT,
            "vectors of 28 numbers|takes 28 x 28 pixels|[n x rows x columns]");
    refuses(vectors.at, vectors.n, 28, 28, true, MLP_ERR_FORMAT, "vectors of 28 numbers");
    refuses(idx.at, idx.n, 1, 28, true, MLP_ERR_USAGE, "--fit: |vectors of 28 numbers|leave out --fit");
    refuses(BYTES("P5 2 3 255 abcdef"), 28, 28, false, MLP_ERR_FORMAT,
            "/digits: |picture 0 is 3 x 2 pixels|takes 28 x 28|add --fit");
    assert_int_equal(refuses(BYTES("P1 2 1 01 P1 1 2 11 P1 2 2 0101"), 1, 2, false, MLP_ERR_FORMAT,
                             "picture 2 is 2 x 2 pixels|takes 1 x 2"),
                     2); /* two pixels in a column are also a vector of two */
    free(idx.at);
    free(vectors.at);
}

static void refuses_other_formats(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *words;
    } others[] = {
        {BYTES(""), "/digits: is empty|see why nothing was written"},
        {BYTES("\x89PNG\r\n\x1a\n"), "PNG picture"},
        {BYTES("\xff\xd8\xff\xe0"), "is a JPEG picture|convert"},
        {BYTES("GIF89a"), "is a GIF picture|convert"},
        {BYTES("BM\x36\0"), "is a BMP picture|convert"},
        {BYTES("II*\0\x08"), "is a TIFF picture|convert"},
        {BYTES("MM\0*\0"), "is a TIFF picture|convert"},
        {BYTES("RIFF\x10\0\0\0WEBPVP8 "), "is a WebP picture|convert"},
        {BYTES("\0\0\0\x18"
               "ftypheic"),
         "is a HEIC or AVIF picture|convert"},
        {BYTES("%PDF-1.7"), "is a PDF document|convert"},
        {BYTES("P6 1 1 255 abc"), "picture 0 is in colour|convert"},
        {BYTES("<!DOCTYPE html>"), "a web page|not IDX"},
        {BYTES("\x93NUMPY"), "a NumPy array"},
        {BYTES("hello\nworld"), "is text (\"hello\"), where|PGM, PBM or IDX|convert"},
        {BYTES("<svg width='28' height='28'/>"), "text (\"<svg width='28' height='\"), where|convert"},
        {BYTES("\xef\xbb\xbfP2 1 1 1 1"), "unknown data (begins with ef bb bf 50), where|convert"},
        {BYTES("x\2\2\3"), "unknown data (begins with 78 02 02 03), where|convert"},
        {BYTES("\x78\0\0\0\0\0\0\0{\"__metadata__"), "is a safetensors file, where"},
        {BYTES("\x80\x02}q"), "a Python pickle"},
        {BYTES("\0\0\x08\x01\0\0\0\2\1\2"), "[2], as labels do"},
        {BYTES("\0\0\x08\x03\0\0\0\0\0\0\0\1\0\0\0\1"), "[0 x 1 x 1], no images"},
        {BYTES("\0\0\x08\x03\0\0\0\1\0\0\0\2\0\0\0\2abc"), "incomplete|[1 x 2 x 2]|only 3 bytes"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        refuses(others[i].bytes, others[i].n, 28, 28, true, MLP_ERR_FORMAT, others[i].words);
        if (others[i].n == 0) continue;
        bytes packed = {0};
        gzip_add(&packed, others[i].bytes, others[i].n);
        mlp_images d = {0};
        mlp_error err = {0};
        mlp_status status = mlp_images_open(&d, put(&packed), 28, 28, true, &err);
        assert_int_equal(status == MLP_OK ? mlp_images_next(&d, &err) : status, MLP_ERR_FORMAT);
        mlp_images_free(&d);
        bytes_free(&packed);
        unlink(test_path);
    }
    mlp_images d = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_images_open(&d, in_test_dir("absent"), 28, 28, true, &err), MLP_ERR_IO);
    assert_words(&err, "/absent: cannot be opened");
    mlp_images_free(&d);
}

/* Images before the damage are delivered before the error. */
static void delivers_images_before_damage(void **state) {
    (void)state;
    bytes b = as_pgm(ROWS, COLS);
    b.n -= 3;
    assert_int_equal(
        refuses(b.at, b.n, ROWS, COLS, false, MLP_ERR_FORMAT, "picture 599 is incomplete|only 18 of these 20"), N - 1);
    assert_int_equal(refuses(b.at, b.n, ROWS, COLS, true, MLP_ERR_FORMAT, "picture 599 "), N - 1);
    bytes_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_images_as_they_are), cmocka_unit_test(rounds_samples_to_bytes),
        cmocka_unit_test(fits_images_of_any_size),  cmocka_unit_test(says_which_are_blank),
        cmocka_unit_test(does_not_wait_for_more),   cmocka_unit_test(refuses_other_sizes),
        cmocka_unit_test(refuses_other_formats),    cmocka_unit_test(delivers_images_before_damage),
    };
    return cmocka_run_group_tests_name("digits", tests, make_test_dir, remove_test_dir);
}

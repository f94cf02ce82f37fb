/* test_normalize.c - drawings of known shapes end where, and as large as, MNIST's authors would
   have put them: expectations are counted by hand from the shapes. */
#include "mlp/data/normalize.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/rng.h"
#include "unit.h"

enum { SIDE = 28 };

/* A drawing, white ink (1) on black (0) at first. */
typedef struct canvas {
    size_t h, w;
    float *at;
} canvas;

static canvas blank_canvas(size_t h, size_t w) {
    canvas c = {h, w, calloc(h * w, sizeof(float))};
    assert_non_null(c.at);
    return c;
}

static void rectangle(canvas c, size_t top, size_t left, size_t h, size_t w, float value) {
    for (size_t y = top; y < top + h; y++)
        for (size_t x = left; x < left + w; x++) c.at[y * c.w + x] = value;
}

/* v = a * v + b for all pixels. */
static void shade(canvas c, float a, float b) {
    for (size_t i = 0; i < c.h * c.w; i++) c.at[i] = a * c.at[i] + b;
}

static bool normalize_into(uint8_t *digit, size_t rows, size_t cols, canvas c) {
    mlp_error err = {0};
    mlp_found found = MLP_FOUND_DIGIT;
    mlp_shapes shapes;
    memset(digit, 77, rows * cols);
    assert_ok(mlp_normalize(digit, rows, cols, &found, &shapes, false, c.at, c.h, c.w, &err), err);
    return found != MLP_FOUND_DIGIT;
}

/* The digit must be `expected`, within `tolerance` in every pixel. */
static void assert_digit(const uint8_t *digit, const uint8_t *expected, int tolerance) {
    for (int i = 0; i < SIDE * SIDE; i++)
        if (abs(digit[i] - expected[i]) > tolerance)
            fail_msg("row %d, column %d is %d, expected %d within %d", i / SIDE, i % SIDE, digit[i], expected[i],
                     tolerance);
}

static void normalizes_to(canvas c, const uint8_t *expected, int tolerance) {
    uint8_t digit[SIDE * SIDE];
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    assert_digit(digit, expected, tolerance);
}

/* A rectangle of 255 in an empty frame. */
static void frame_with(uint8_t *frame, size_t top, size_t left, size_t h, size_t w) {
    memset(frame, 0, SIDE * SIDE);
    for (size_t y = top; y < top + h; y++) memset(frame + y * SIDE + left, 255, w);
}

/* A seven as MNIST has them: 20 pixels high, 13 wide, of many greys, its centre of mass nearest to
   pixel (14, 14). Bright enough throughout that no pixel of its edges is faint. */
static void seven(uint8_t *frame) {
    memset(frame, 0, SIDE * SIDE);
    for (size_t x = 0; x < 13; x++)
        for (size_t y = 0; y < 3; y++) frame[(8 + y) * SIDE + 7 + x] = (uint8_t)(150 + 7 * x + 10 * y);
    for (size_t y = 3; y < 20; y++)
        for (size_t x = 0; x < 3; x++) frame[(8 + y) * SIDE + 16 + x - y / 3] = (uint8_t)(255 - 3 * y - 20 * x);
}

/* `frame` enlarged `k` times, each pixel a square, in a canvas at (top, left). */
static canvas enlarged(const uint8_t *frame, size_t k, size_t h, size_t w, size_t top, size_t left) {
    canvas c = blank_canvas(h, w);
    for (size_t y = 0; y < SIDE * k; y++)
        for (size_t x = 0; x < SIDE * k; x++)
            c.at[(top + y) * w + left + x] = (float)frame[y / k * SIDE + x / k] / 255.0F;
    return c;
}

static void leaves_what_is_normalized(void **state) {
    (void)state;
    uint8_t frame[SIDE * SIDE];
    seven(frame);
    canvas c = enlarged(frame, 1, SIDE, SIDE, 0, 0);
    normalizes_to(c, frame, 0);
    shade(c, -1, 1); /* black on white */
    normalizes_to(c, frame, 0);
    shade(c, 255, 0); /* on another scale, of which 254 is then the most */
    normalizes_to(c, frame, 1);
    free(c.at);
}

static void undoes_size_place_and_inversion(void **state) {
    (void)state;
    uint8_t frame[SIDE * SIDE];
    seven(frame);
    static const size_t cases[][5] = {/* times, height, width, top, left */
                                      {1, 60, 40, 31, 5},  {1, 28, 200, 0, 172},  {2, 56, 56, 0, 0},
                                      {3, 100, 90, 16, 2}, {5, 150, 170, 10, 25}, {10, 300, 500, 1, 219}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t *k = cases[i];
        canvas c = enlarged(frame, k[0], k[1], k[2], k[3], k[4]);
        normalizes_to(c, frame, 0);
        shade(c, -1, 1);
        normalizes_to(c, frame, 0);
        free(c.at);
    }
}

/* Sizes that are no multiples of 20. */
static void averages_areas(void **state) {
    (void)state;
    uint8_t digit[SIDE * SIDE];
    /* 3 columns of 1, 0 and 1 over 20 rows of 30: columns of 2 pixels, the ink as much as was */
    canvas c = blank_canvas(60, 60);
    rectangle(c, 5, 5, 30, 3, 1);
    rectangle(c, 5, 6, 30, 1, 0);
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    for (size_t row = 0; row < SIDE; row++)
        for (size_t col = 0; col < SIDE; col++) {
            /* 3 columns become 2 of 1.5 each: 2/3 ink; under 9/10, so strengthened to full */
            const bool inked = row >= 5 && row < 25 && (col == 14 || col == 15);
            assert_int_equal(digit[row * SIDE + col], inked ? 255 : 0);
        }
    free(c.at);
    /* a step of a staircase: 30 rows to 20, 1.5 a row: whole, half, whole ... */
    c = blank_canvas(40, 40);
    rectangle(c, 5, 5, 30, 9, 1);
    rectangle(c, 6, 6, 1, 8, 0);
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    const size_t top = 4; /* the centre of mass is 9.8 rows below it */
    assert_int_equal(digit[(top - 1) * SIDE + 14], 0);
    assert_int_equal(digit[top * SIDE + 14], 170);       /* 1 of 1.5 rows */
    assert_int_equal(digit[(top + 1) * SIDE + 14], 170); /* the same */
    assert_int_equal(digit[(top + 2) * SIDE + 14], 255);
    assert_int_equal(digit[(top + 19) * SIDE + 14], 255);
    free(c.at);
}

static void keeps_the_aspect_ratio(void **state) {
    (void)state;
    static const size_t cases[][4] = {/* height, width, and what they become */
                                      {100, 100, 20, 20}, {1, 1, 20, 20}, {200, 10, 20, 1}, {40, 30, 20, 15},
                                      {30, 40, 15, 20},   {3, 5, 12, 20}, {1, 90, 1, 20},   {21, 20, 20, 19}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t *k = cases[i];
        canvas c = blank_canvas(k[0] + 70, k[1] + 60);
        uint8_t expected[SIDE * SIDE];
        rectangle(c, 17, 9, k[0], k[1], 1);
        /* the middle of n pixels is (n - 1) / 2 below the first: 14 is nearest to it when the first
           is round(14 - (n - 1) / 2), the half upwards */
        frame_with(expected, 14 - (k[2] - 1) / 2, 14 - (k[3] - 1) / 2, k[2], k[3]);
        normalizes_to(c, expected, 0);
        free(c.at);
    }
}

/* The sum of the ink and where its centre is. */
static double centre(double *row, double *col, const uint8_t *digit) {
    double sum = 0;
    *row = *col = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int y = i / SIDE, x = i % SIDE;
        sum += digit[i];
        *row += digit[i] * (double)y;
        *col += digit[i] * (double)x;
    }
    *row /= sum;
    *col /= sum;
    return sum;
}

static void centres_by_mass(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 5, 0);
    int moved = 0;
    for (int i = 0; i < 200; i++) { /* a large and a small block, far enough from being in line */
        canvas c = blank_canvas(160, 160);
        rectangle(c, 30, 30, 20 + (size_t)mlp_rng_below(&rng, 60), 20 + (size_t)mlp_rng_below(&rng, 60), 1);
        rectangle(c, 60 + (size_t)mlp_rng_below(&rng, 40), 60 + (size_t)mlp_rng_below(&rng, 40), 40, 30, 0.95F);
        uint8_t digit[SIDE * SIDE];
        assert_false(normalize_into(digit, SIDE, SIDE, c));
        double row, col;
        assert_true(centre(&row, &col, digit) > 0);
        assert_near(row, 14, 0.5);
        assert_near(col, 14, 0.5);
        moved += digit[4 * SIDE + 4] == 0 && digit[5 * SIDE + 5] == 0;
        free(c.at);
    }
    assert_true(moved > 0 && moved < 200); /* not all stand where their box alone would put them */
}

/* Ink so one-sided that its box would leave the frame, were its mass in the middle. */
static void keeps_all_ink_in_the_frame(void **state) {
    (void)state;
    canvas c = blank_canvas(60, 260);
    rectangle(c, 20, 20, 20, 20, 1);
    rectangle(c, 29, 40, 2, 180, 0.99F);
    uint8_t digit[SIDE * SIDE];
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    double row, col;
    const double sum = centre(&row, &col, digit);
    assert_near(row, 14, 0.5);
    assert_true(col < 13.4); /* the box begins at column 8, the last where all of it fits */
    assert_int_equal(digit[14 * SIDE + 7], 0);
    assert_int_equal(digit[14 * SIDE + 8], 255);
    assert_true(digit[14 * SIDE + 27] > 0 || digit[13 * SIDE + 27] > 0);
    assert_true(sum > 4 * 255);
    free(c.at);
    c = blank_canvas(60, 260); /* the other way round */
    rectangle(c, 10, 180, 40, 40, 1);
    rectangle(c, 29, 20, 2, 160, 0.99F);
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    assert_int_equal(digit[14 * SIDE + 19], 255);
    assert_int_equal(digit[14 * SIDE + 20], 0);
    assert_true(digit[14 * SIDE] > 0);
    free(c.at);
}

/* A normal deviate times `sigma` on every pixel. */
static void add_noise(canvas c, double sigma, uint64_t seed) {
    mlp_rng rng;
    mlp_rng_seed(&rng, seed, 0);
    for (size_t i = 0; i < c.h * c.w; i++) c.at[i] += (float)(sigma * mlp_rng_normal(&rng));
}

/* Light that falls off to a corner, by 2 * `by` in all. */
static void tilt(canvas c, double by) {
    for (size_t y = 0; y < c.h; y++)
        for (size_t x = 0; x < c.w; x++)
            c.at[y * c.w + x] -= (float)(by * ((double)y / (double)c.h + (double)x / (double)c.w));
}

static void removes_noise_and_uneven_light(void **state) {
    (void)state;
    uint8_t expected[SIDE * SIDE], part[SIDE * SIDE];
    frame_with(expected, 5, 7, 20, 15);
    frame_with(part, 15, 7, 10, 15); /* less ink there, or noise would decide between two rows */
    for (size_t j = 0; j < sizeof expected; j++) expected[j] = part[j] > 0 ? 204 : expected[j];
    frame_with(part, 8, 10, 14, 9); /* a hole */
    for (size_t j = 0; j < sizeof expected; j++) expected[j] = part[j] > 0 ? 0 : expected[j];
    /* times ink, plus paper, minus light that falls off, plus noise; how far off the edges may be
     */
    static const double cases[][5] = {{-0.6, 0.8, 0, 0.01, 20}, {-0.6, 0.8, 0.25, 0, 1},   {-0.6, 0.8, 0.2, 0.01, 20},
                                      {0.7, 0.1, 0, 0.02, 20},  {-0.2, 0.9, 0, 0.002, 20}, {-0.1, 0.3, 0.25, 0, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double *k = cases[i];
        canvas c = blank_canvas(300, 300);
        rectangle(c, 80, 90, 80, 120, 1);
        rectangle(c, 160, 90, 80, 120, 0.8F);
        rectangle(c, 104, 114, 112, 72, 0);
        shade(c, (float)k[0], (float)k[1]);
        tilt(c, k[2]);
        add_noise(c, k[3], i);
        normalizes_to(c, expected, (int)k[4]);
        free(c.at);
    }
}

/* Light that falls off, seen from a border of which a third is ink: the strokes run out of the
   picture at one side and along another. */
static void sees_light_beside_ink_at_the_border(void **state) {
    (void)state;
    uint8_t expected[SIDE * SIDE];
    canvas c = blank_canvas(200, 200);
    rectangle(c, 0, 40, 200, 20, 1);
    rectangle(c, 180, 60, 20, 140, 1);
    shade(c, -0.5F, 0.9F);
    tilt(c, 0.15);
    frame_with(expected, 1, 10, 20, 2);
    memset(expected + 19 * SIDE + 10, 255, 16);
    memset(expected + 20 * SIDE + 10, 255, 16);
    normalizes_to(c, expected, 2);
    free(c.at);
}

/* Rings of 4 % around the ink, as JPEG leaves them, do not make the box larger. */
static void cuts_faint_rings_off(void **state) {
    (void)state;
    canvas c = blank_canvas(120, 120);
    rectangle(c, 20, 20, 80, 80, 0.04F);
    rectangle(c, 40, 40, 40, 30, 1);
    uint8_t expected[SIDE * SIDE];
    frame_with(expected, 5, 7, 20, 15);
    normalizes_to(c, expected, 0);
    free(c.at);
    c = blank_canvas(120, 120); /* but grey ink counts */
    rectangle(c, 20, 50, 80, 20, 0.3F);
    rectangle(c, 40, 40, 40, 40, 1);
    uint8_t digit[SIDE * SIDE];
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    assert_int_equal(digit[5 * SIDE + 13], 77);
    assert_int_equal(digit[14 * SIDE + 14], 255);
    free(c.at);
}

static void strengthens_what_became_weak(void **state) {
    (void)state;
    uint8_t digit[SIDE * SIDE];
    /* the outline of a square of 200, one pixel thin: 1/10 of a pixel of the digit */
    canvas c = blank_canvas(300, 300);
    rectangle(c, 20, 20, 200, 200, 1);
    rectangle(c, 21, 21, 198, 198, 0);
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    assert_int_equal(digit[5 * SIDE + 5], 255); /* a corner, 19 of 100 */
    assert_near(digit[5 * SIDE + 14], 255 * 10.0 / 19, 0.5);
    assert_int_equal(digit[14 * SIDE + 14], 0);
    free(c.at);
    c = blank_canvas(40, 40); /* but not what is nearly full */
    rectangle(c, 10, 10, 20, 20, 0.92F);
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    assert_int_equal(digit[14 * SIDE + 14], 235);
    free(c.at);
}

/* Ink that touches the border on every side, but covers less than half of it. */
static void takes_ink_at_the_border(void **state) {
    (void)state;
    canvas c = blank_canvas(40, 40);
    rectangle(c, 0, 15, 40, 8, 1);
    rectangle(c, 15, 0, 8, 40, 1);
    uint8_t digit[SIDE * SIDE];
    assert_false(normalize_into(digit, SIDE, SIDE, c));
    double row, col;
    assert_near(centre(&row, &col, digit), 255 * (400 - 4 * 64), 255 * 20);
    assert_int_equal(digit[14 * SIDE + 14], 255);
    free(c.at);
    c = blank_canvas(80, 20); /* but what covers a whole side is no digit */
    rectangle(c, 0, 0, 8, 20, 1);
    rectangle(c, 72, 0, 8, 20, 1);
    assert_true(normalize_into(digit, SIDE, SIDE, c));
    free(c.at);
    c = blank_canvas(20, 80);
    rectangle(c, 0, 0, 4, 80, 1);
    assert_true(normalize_into(digit, SIDE, SIDE, c));
    free(c.at);
}

static void knows_blank_pictures(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {1, 7}, {2, 2}, {3, 3}, {28, 28}, {200, 300}};
    static const float levels[] = {0, 0.5F, 1, 255};
    uint8_t digit[SIDE * SIDE], nothing[SIDE * SIDE] = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
            canvas c = blank_canvas(sizes[i][0], sizes[i][1]);
            shade(c, 0, levels[l]);
            assert_true(normalize_into(digit, SIDE, SIDE, c));
            assert_digit(digit, nothing, 0);
            free(c.at);
        }
    canvas c = blank_canvas(200, 200);
    shade(c, 0, 0.8F);
    tilt(c, 0.3);
    assert_true(normalize_into(digit, SIDE, SIDE, c)); /* light that falls off is no ink */
    add_noise(c, 0.02, 1);
    assert_true(normalize_into(digit, SIDE, SIDE, c)); /* nor is noise */
    assert_digit(digit, nothing, 0);
    shade(c, 0, 1);
    rectangle(c, 80, 80, 9, 9, 0.985F);
    assert_true(normalize_into(digit, SIDE, SIDE, c)); /* nor a trace */
    free(c.at);
}

/* Other frames than MNIST's: 20/28 of each side, rounded, the middle pixel at half of each. */
static void fills_other_frames(void **state) {
    (void)state;
    static const size_t cases[][6] = {/* frame, then top, left, height and width of a square */
                                      {8, 8, 2, 2, 6, 6}, {56, 56, 9, 9, 40, 40}, {28, 14, 10, 3, 10, 10},
                                      {2, 2, 1, 1, 1, 1}, {1, 1, 0, 0, 1, 1},     {1, 28, 0, 14, 1, 1}};
    canvas c = blank_canvas(90, 80);
    rectangle(c, 20, 20, 40, 40, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t *k = cases[i], rows = k[0], cols = k[1];
        uint8_t *digit = malloc(rows * cols);
        assert_non_null(digit);
        assert_false(normalize_into(digit, rows, cols, c));
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < cols; x++) {
                const bool inked = y >= k[2] && y < k[2] + k[4] && x >= k[3] && x < k[3] + k[5];
                if (digit[y * cols + x] != (inked ? 255 : 0))
                    fail_msg("frame %zu x %zu: row %zu, column %zu is %d", rows, cols, y, x, digit[y * cols + x]);
            }
        free(digit);
    }
    free(c.at);
}

/* Very long and very large borders: only a part of them is looked at, from all four sides. */
static void takes_any_shape(void **state) {
    (void)state;
    uint8_t expected[SIDE * SIDE];
    canvas c = blank_canvas(3, 200000);
    rectangle(c, 1, 100000, 1, 2, 1);
    frame_with(expected, 10, 5, 10, 20);
    normalizes_to(c, expected, 0);
    free(c.at);
    c = blank_canvas(200000, 2);
    rectangle(c, 100000, 0, 2, 1, 1);
    frame_with(expected, 5, 10, 20, 10);
    normalizes_to(c, expected, 0);
    free(c.at);
    /* the light part of the left side is less than half of the border, but more than half of the
       pixels that come first in it */
    c = blank_canvas(60000, 40);
    rectangle(c, 0, 0, 33000, 1, 1);
    frame_with(expected, 5, 14, 20, 1);
    normalizes_to(c, expected, 0);
    free(c.at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_what_is_normalized),
        cmocka_unit_test(undoes_size_place_and_inversion),
        cmocka_unit_test(averages_areas),
        cmocka_unit_test(keeps_the_aspect_ratio),
        cmocka_unit_test(centres_by_mass),
        cmocka_unit_test(keeps_all_ink_in_the_frame),
        cmocka_unit_test(removes_noise_and_uneven_light),
        cmocka_unit_test(sees_light_beside_ink_at_the_border),
        cmocka_unit_test(cuts_faint_rings_off),
        cmocka_unit_test(strengthens_what_became_weak),
        cmocka_unit_test(takes_ink_at_the_border),
        cmocka_unit_test(knows_blank_pictures),
        cmocka_unit_test(fills_other_frames),
        cmocka_unit_test(takes_any_shape),
    };
    return cmocka_run_group_tests_name("normalize", tests, NULL, NULL);
}

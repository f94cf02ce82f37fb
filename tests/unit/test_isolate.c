/* test_isolate.c - the digit of hand-made pictures: which pixels keep their ink, and the box around them. */
#include "mlp/data/isolate.h"

#include <stdlib.h>

#include "unit.h"

enum { SIDE = 100 };

/* Where the digit of every picture is: a thick L. */
static const mlp_box digit = {30, 71, 40, 65};

typedef struct picture {
    float at[SIDE * SIDE]; /* 1: white paper */
} picture;

static void rectangle(picture *p, size_t top, size_t left, size_t height, size_t width, float value) {
    for (size_t y = top; y < top + height; y++)
        for (size_t x = left; x < left + width; x++) p->at[y * SIDE + x] = value;
}

static void draw_digit(picture *p) {
    rectangle(p, digit.top, digit.left, digit.bottom - digit.top, 8, 0.1F);
    rectangle(p, digit.bottom - 8, digit.left, 8, digit.right - digit.left, 0.1F);
}

static bool is_digit(size_t y, size_t x) {
    return y >= digit.top && y < digit.bottom && x >= digit.left && x < digit.right &&
           (x < digit.left + 8 || y >= digit.bottom - 8);
}

static picture *paper(float white) {
    picture *p = malloc(sizeof *p);
    assert_non_null(p);
    rectangle(p, 0, 0, SIDE, SIDE, white);
    return p;
}

static mlp_found isolate(mlp_box *box, mlp_drawing *d, const picture *p) {
    mlp_error err = {0};
    assert_ok(mlp_drawing_read(d, p->at, SIDE, SIDE, &err), err);
    mlp_shapes shapes;
    const mlp_found found = mlp_isolate(&shapes, d, false);
    *box = shapes.box[0];
    return found;
}

/* The picture shows the digit, and nothing else has ink; as it is, and light on dark. Frees it. */
static void shows_the_digit(picture *p) {
    for (int inverted = 0; inverted < 2; inverted++) {
        mlp_drawing d = {0};
        mlp_box box;
        assert_int_equal(isolate(&box, &d, p), MLP_FOUND_DIGIT);
        for (size_t i = 0; i < SIDE * SIDE; i++)
            if ((d.ink[i] > 0) != is_digit(i / SIDE, i % SIDE))
                fail_msg("row %zu, column %zu: ink %g", i / SIDE, i % SIDE, (double)d.ink[i]);
        assert_memory_equal(&box, &digit, sizeof box);
        mlp_drawing_free(&d);
        assert_null(d.ink);
        for (size_t i = 0; i < SIDE * SIDE; i++) p->at[i] = 1 - p->at[i];
    }
    free(p);
}

static void takes_paper_as_it_is(void **state) {
    (void)state;
    picture *p = paper(0.9F);
    draw_digit(p);
    shows_the_digit(p);
}

static void leaves_the_desk_out(void **state) {
    (void)state;
    picture *p = paper(0.3F);
    rectangle(p, 10, 15, 80, 77, 0.95F);
    draw_digit(p);
    shows_the_digit(p);
    p = paper(0.3F); /* the sheet reaches beyond the picture */
    rectangle(p, 0, 15, 80, 85, 0.95F);
    draw_digit(p);
    shows_the_digit(p);
}

static void leaves_a_frame_out(void **state) {
    (void)state;
    for (size_t inset = 0; inset < 10; inset += 3) {
        picture *p = paper(1);
        rectangle(p, inset, inset, SIDE - 2 * inset, SIDE - 2 * inset, 0.2F);
        rectangle(p, inset + 2, inset + 2, SIDE - 2 * inset - 4, SIDE - 2 * inset - 4, 1);
        draw_digit(p);
        shows_the_digit(p);
    }
}

/* The frame's upright lines are wider than the others, and the picture is wider than high. */
static void leaves_a_thick_frame_out(void **state) {
    (void)state;
    enum { H = 61, W = 105, INSET = 9, LYING = 5, UPRIGHT = 8 };
    static float at[H * W];
    static const mlp_box stroke = {20, 40, 35, 39}, frame = {INSET, H - INSET, INSET, W - INSET},
                         inside = {INSET + LYING, H - INSET - LYING, INSET + UPRIGHT, W - INSET - UPRIGHT};
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W; x++) {
            const mlp_box place = {y, y + 1, x, x + 1};
            const bool framed = mlp_box_contains(&frame, &place) && !mlp_box_contains(&inside, &place);
            at[y * W + x] = framed ? 0.2F : mlp_box_contains(&stroke, &place) ? 0.1F : 1;
        }
    mlp_drawing d = {0};
    mlp_shapes shapes;
    mlp_error err = {0};
    assert_ok(mlp_drawing_read(&d, at, H, W, &err), err);
    assert_int_equal(mlp_isolate(&shapes, &d, false), MLP_FOUND_DIGIT);
    assert_memory_equal(&shapes.box[0], &stroke, sizeof stroke);
    mlp_drawing_free(&d);
}

static void leaves_a_broken_frame_out(void **state) {
    (void)state;
    picture *p = paper(1);
    rectangle(p, 3, 3, SIDE - 6, SIDE - 6, 0.2F);
    rectangle(p, 5, 5, SIDE - 10, SIDE - 10, 1);
    rectangle(p, 0, 0, 15, 15, 1); /* a corner is missing */
    draw_digit(p);
    shows_the_digit(p);
}

static void leaves_scan_edges_out(void **state) {
    (void)state;
    picture *p = paper(1);
    rectangle(p, 0, 0, 5, SIDE, 0);
    rectangle(p, 0, SIDE - 6, SIDE, 6, 0);
    draw_digit(p);
    shows_the_digit(p);
    p = paper(1); /* a shadow along nine tenths of a side, with far more ink than the digit */
    rectangle(p, 10, SIDE - 30, SIDE - 10, 30, 0);
    draw_digit(p);
    shows_the_digit(p);
}

static void leaves_lines_out(void **state) {
    (void)state;
    picture *p = paper(1);
    for (size_t y = 10; y < SIDE; y += 15) rectangle(p, y, 0, 1, SIDE, 0.4F);
    draw_digit(p);
    shows_the_digit(p);
    p = paper(1); /* that end before the paper's edge */
    for (size_t y = 10; y < SIDE; y += 15) rectangle(p, y, 8, 1, SIDE - 20, 0.4F);
    draw_digit(p);
    shows_the_digit(p);
    p = paper(1);
    for (size_t x = 4; x < SIDE; x += 25) rectangle(p, 0, x, SIDE, 2, 0.4F);
    draw_digit(p);
    shows_the_digit(p);
}

static void leaves_specks_out(void **state) {
    (void)state;
    picture *p = paper(1);
    rectangle(p, 10, 80, 3, 3, 0);
    rectangle(p, 90, 5, 2, 2, 0);
    draw_digit(p);
    shows_the_digit(p);
}

/* One long straight stroke is the digit's, unless it crosses the paper. */
static void keeps_a_long_stroke(void **state) {
    (void)state;
    picture *p = paper(1);
    mlp_drawing d = {0};
    mlp_box box;
    rectangle(p, 10, 48, 80, 4, 0.1F);
    assert_int_equal(isolate(&box, &d, p), MLP_FOUND_DIGIT);
    assert_int_equal(box.bottom - box.top, 80);
    mlp_drawing_free(&d);
    free(p);
}

static void keeps_parts_of_broken_strokes(void **state) {
    (void)state;
    picture *p = paper(1);
    mlp_drawing d = {0};
    mlp_box box;
    draw_digit(p);
    rectangle(p, digit.top + 2, digit.right - 5, 3, 3, 0.1F); /* in the digit's box */
    assert_int_equal(isolate(&box, &d, p), MLP_FOUND_DIGIT);
    assert_true(d.ink[(digit.top + 3) * SIDE + digit.right - 4] > 0);
    assert_memory_equal(&box, &digit, sizeof box);
    mlp_drawing_free(&d);
    free(p);
}

static void says_what_shows_no_digit(void **state) {
    (void)state;
    picture *p = paper(1);
    mlp_drawing d = {0};
    mlp_box box;
    for (size_t y = 10; y < SIDE; y += 15) rectangle(p, y, 0, 1, SIDE, 0.4F);
    assert_int_equal(isolate(&box, &d, p), MLP_FOUND_UNCLEAR);
    mlp_drawing_free(&d);
    free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_paper_as_it_is),      cmocka_unit_test(leaves_the_desk_out),
        cmocka_unit_test(leaves_a_frame_out),        cmocka_unit_test(leaves_a_thick_frame_out),
        cmocka_unit_test(leaves_a_broken_frame_out), cmocka_unit_test(leaves_scan_edges_out),
        cmocka_unit_test(leaves_lines_out),          cmocka_unit_test(leaves_specks_out),
        cmocka_unit_test(keeps_a_long_stroke),       cmocka_unit_test(keeps_parts_of_broken_strokes),
        cmocka_unit_test(says_what_shows_no_digit),
    };
    return cmocka_run_group_tests_name("isolate", tests, NULL, NULL);
}

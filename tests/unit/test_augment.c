/* test_augment.c - distorted images against a separate implementation in double with the same
   random numbers, and against known pixels; the random distortions against their statistics. */
#include "mlp/data/augment.h"

#include <stdlib.h>
#include <string.h>

#include "synthetic.h"

static const mlp_augment_settings strong = {30, 0.2, 0.3, 2.5, 25, 4};

typedef struct shape {
    size_t rows, cols;
} shape;

static const shape shapes[] = {{28, 28}, {5, 7}, {2, 40}, {33, 3}, {64, 17}};

enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static void create(mlp_augment *augment, const mlp_augment_settings *settings, const mlp_dataset *set, size_t most,
                   mlp_team *team) {
    mlp_error err = {0};
    assert_ok(mlp_augment_create(augment, settings, set, most, 9, team, &err), err);
}

static double uniform(mlp_rng *rng, double strength) { return (mlp_rng_uniform(rng) * 2 - 1) * strength; }

/* ---- the implementation in double ---- */

/* field [rows x cols] = smoothed noise of one axis */
static void twin_field(double *field, const double *noise, shape s, double alpha, double sigma) {
    const int reach = (int)ceil(3 * sigma), rows = (int)s.rows, cols = (int)s.cols;
    double total = 0;
    for (int d = -reach; d <= reach; d++) total += exp(-d * d / (2 * sigma * sigma));
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < cols; x++) {
            double sum = 0;
            for (int v = -reach; v <= reach; v++)
                for (int u = -reach; u <= reach; u++)
                    if (y + v >= 0 && y + v < rows && x + u >= 0 && x + u < cols)
                        sum += exp(-(u * u + v * v) / (2 * sigma * sigma)) * noise[(y + v) * cols + x + u];
            field[y * cols + x] = alpha * sum / (total * total);
        }
}

static double pixel(const uint8_t *image, shape s, double y, double x) {
    return y < 0 || x < 0 || y >= (double)s.rows || x >= (double)s.cols ? 0 : image[(size_t)y * s.cols + (size_t)x];
}

static double bilinear(const uint8_t *image, shape s, double y, double x) {
    const double y0 = floor(y), x0 = floor(x), v = y - y0, u = x - x0;
    return (1 - v) * ((1 - u) * pixel(image, s, y0, x0) + u * pixel(image, s, y0, x0 + 1)) +
           v * ((1 - u) * pixel(image, s, y0 + 1, x0) + u * pixel(image, s, y0 + 1, x0 + 1));
}

/* out [rows x cols] = the pixels before rounding */
static void twin(double *out, const uint8_t *image, shape s, const mlp_augment_settings *settings, mlp_rng *rng) {
    const size_t n = s.rows * s.cols;
    const double turn = uniform(rng, settings->rotate) * acos(-1) / 180;
    const double scale_x = 1 + uniform(rng, settings->scale);
    const double scale_y = 1 + uniform(rng, settings->scale);
    const double shear = uniform(rng, settings->shear);
    const double shift_x = uniform(rng, settings->shift), shift_y = uniform(rng, settings->shift);
    double *noise = calloc(2 * n + 4, sizeof *noise), *fields = calloc(2 * n, sizeof *fields);
    assert_non_null(noise);
    assert_non_null(fields);
    for (size_t i = 0; i < 2 * n && settings->alpha > 0; i += 4) {
        const uint64_t bits = mlp_rng_next(rng);
        for (size_t k = 0; k < 4; k++) noise[i + k] = (double)(bits >> (16 * k) & 0xffff) / 32767.5 - 1;
    }
    for (size_t axis = 0; axis < 2; axis++)
        twin_field(fields + axis * n, noise + axis * n, s, settings->alpha, settings->sigma);
    for (size_t y = 0; y < s.rows; y++)
        for (size_t x = 0; x < s.cols; x++) {
            const size_t i = y * s.cols + x;
            const double u = scale_x * ((double)x - (double)(s.cols - 1) / 2);
            const double v = scale_y * ((double)y - (double)(s.rows - 1) / 2);
            const double from_x = cos(turn) * (u + shear * v) - sin(turn) * v;
            const double from_y = sin(turn) * (u + shear * v) + cos(turn) * v;
            out[i] = bilinear(image, s, from_y + (double)(s.rows - 1) / 2 + shift_y + fields[n + i],
                              from_x + (double)(s.cols - 1) / 2 + shift_x + fields[i]);
        }
    free(noise);
    free(fields);
}

static void images_are_those_of_the_twin(void **state) {
    (void)state;
    mlp_augment_settings variants[6] = {strong, strong, strong, strong, strong, strong};
    variants[1].alpha = 0;
    variants[2] = (mlp_augment_settings){.shift = 1.3, .sigma = 1};
    variants[3].sigma = 0.7; /* a small radius */
    variants[4].alpha = 300; /* far beyond the image */
    variants[5] = (mlp_augment_settings){.alpha = 34, .sigma = 5};
    for (size_t v = 0; v < 6; v++)
        for (size_t k = 0; k < N_SHAPES; k++) {
            const shape s = shapes[k];
            const size_t n = s.rows * s.cols;
            mlp_dataset set = synthetic(4, s.rows, s.cols, 3, 1);
            mlp_augment augment = {0};
            uint8_t *out = malloc(n);
            double *expected = malloc(n * sizeof *expected), ink = 0;
            assert_non_null(out);
            assert_non_null(expected);
            create(&augment, &variants[v], &set, 1, NULL);
            for (uint64_t i = 0; i < 4; i++) {
                mlp_rng rng;
                mlp_rng_seed(&rng, 9, i << 8 | MLP_STREAM_AUGMENT);
                twin(expected, set.bytes + i * n, s, &variants[v], &rng);
                mlp_augment_image(out, &augment, set.bytes + i * n, i, 0);
                for (size_t p = 0; p < n; p++) {
                    assert_near(out[p], expected[p], 0.52); /* 1/2, and rounding of positions */
                    ink += out[p];
                }
            }
            assert_true(ink > 0);
            mlp_augment_free(&augment);
            synthetic_free(&set);
            free(out);
            free(expected);
        }
}

/* ---- known pixels ---- */

static void nothing_moves_at_strength_0(void **state) {
    (void)state;
    const mlp_augment_settings none = {.sigma = 4};
    assert_false(mlp_augment_moves(&none));
    assert_true(mlp_augment_moves(&(mlp_augment_settings){.alpha = 1, .sigma = 4}));
    for (size_t k = 0; k < N_SHAPES; k++) {
        const size_t n = shapes[k].rows * shapes[k].cols;
        mlp_dataset set = synthetic(3, shapes[k].rows, shapes[k].cols, 3, 1);
        mlp_augment augment = {0};
        create(&augment, &none, &set, 3, NULL);
        mlp_augment_load(&augment, &set, NULL, 3, 5, NULL);
        assert_memory_equal(augment.bytes, set.bytes, 3 * n);
        mlp_augment_free(&augment);
        synthetic_free(&set);
    }
}

/* Where each map takes the pixel (x, y) of a 7 x 7 image from. */
static void whole_pixels_go_to_whole_pixels(void **state) {
    (void)state;
    static const struct {
        mlp_affine map;
        int xx, xy, x, yx, yy, y; /* relative to the corner, in whole pixels */
    } cases[] = {
        {{1, 0, 0, 1, 2, -1}, 1, 0, 2, 0, 1, -1},   /* shift */
        {{1, 0, 0, 1, -9, 0}, 1, 0, -9, 0, 1, 0},   /* out of the image */
        {{1, 0, 0, 1, 0, 1e9}, 1, 0, 0, 0, 1, 100}, /* very far out */
        {{0, -1, 1, 0, 0, 0}, 0, -1, 6, 1, 0, 0},   /* a quarter turn */
        {{0, 1, -1, 0, 0, 0}, 0, 1, 0, -1, 0, 6},   /* the other way */
        {{-1, 0, 0, -1, 0, 0}, -1, 0, 6, 0, -1, 6}, /* a half turn */
        {{2, 0, 0, 1, 0, 0}, 2, 0, -3, 0, 1, 0},    /* half as wide */
        {{1, 1, 0, 1, 0, 0}, 1, 1, -3, 0, 1, 0},    /* sheared */
    };
    const mlp_augment_settings none = {.sigma = 1};
    const shape s = {7, 7};
    mlp_dataset set = synthetic(1, 7, 7, 3, 4);
    mlp_augment augment = {0};
    create(&augment, &none, &set, 1, NULL);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        uint8_t out[49];
        mlp_augment_move(out, &augment, set.bytes, &cases[c].map, 0);
        for (int y = 0; y < 7; y++)
            for (int x = 0; x < 7; x++)
                assert_int_equal(out[y * 7 + x], pixel(set.bytes, s, cases[c].yx * x + cases[c].yy * y + cases[c].y,
                                                       cases[c].xx * x + cases[c].xy * y + cases[c].x));
    }
    mlp_augment_free(&augment);
    synthetic_free(&set);
}

static void half_a_pixel_is_the_mean_of_two(void **state) {
    (void)state;
    const uint8_t bytes[] = {0, 100, 200, 51, 255, 255}, labels[] = {0};
    const mlp_dataset set = {
        .n = 1, .rows = 2, .cols = 3, .n_pixels = 6, .n_classes = 1, .bytes = bytes, .labels = labels};
    const uint8_t expected[] = {50, 150, 100, 153, 255, 128}; /* 127.5 is rounded up */
    uint8_t out[6];
    mlp_augment augment = {0};
    create(&augment, &(mlp_augment_settings){.sigma = 1}, &set, 1, NULL);
    mlp_augment_move(out, &augment, bytes, &(mlp_affine){1, 0, 0, 1, 0.5, 0}, 0);
    assert_memory_equal(out, expected, sizeof out);
    mlp_augment_free(&augment);
}

/* ---- random distortions ---- */

/* Uniform in +-strength: nearly reaches both ends, mean 0, variance strength^2 / 3. */
static void strengths_are_those_of_uniform_numbers(void **state) {
    (void)state;
    const int n = 20000;
    const mlp_augment_settings s = {40, 0.2, 0.3, 1.5, 0, 1};
    double sum[5] = {0}, squares[5] = {0}, most[5] = {0}, cross = 0;
    const double strength[5] = {40 * acos(-1) / 180, 0.2, 0.2, 1.5, 1.5};
    mlp_rng rng;
    mlp_rng_seed(&rng, 1, 2);
    for (int i = 0; i < n; i++) {
        const mlp_affine m = mlp_augment_affine(&s, &rng);
        const double turn = atan2(m.yx, m.xx), scale_x = hypot(m.xx, m.yx) - 1;
        const double scale_y = (m.xx * m.yy - m.xy * m.yx) / (scale_x + 1) - 1; /* determinant */
        const double drawn[5] = {turn, scale_x, scale_y, m.x, m.y};
        for (int k = 0; k < 5; k++) {
            sum[k] += drawn[k];
            squares[k] += drawn[k] * drawn[k];
            most[k] = fmax(most[k], fabs(drawn[k]));
        }
        cross += scale_x * scale_y + m.x * m.y;
        const double shear = (m.xx * m.xy + m.yx * m.yy) / (scale_x + 1) / (scale_y + 1);
        assert_true(fabs(shear) <= 0.3 + 1e-9);
    }
    for (int k = 0; k < 5; k++) {
        assert_near(sum[k] / n / strength[k], 0, 0.02);
        assert_near(squares[k] / n / (strength[k] * strength[k]), 1.0 / 3, 0.01);
        assert_true(most[k] <= strength[k] * (1 + 1e-9) && most[k] > 0.99 * strength[k]);
    }
    assert_near(cross / n, 0, 0.03);
}

/* s(i)^2: sum of the squared kernel values that lie inside the image. */
static double kept(size_t i, size_t n, double sigma) {
    const int reach = (int)ceil(3 * sigma);
    double total = 0, squares = 0;
    for (int d = -reach; d <= reach; d++) {
        const double k = exp(-d * d / (2 * sigma * sigma));
        total += k;
        squares += (int)i + d >= 0 && (int)i + d < (int)n ? k * k : 0;
    }
    return squares / (total * total);
}

static void fields_have_the_deviation_of_the_formula(void **state) {
    (void)state;
    const int n = 4000;
    const size_t places[] = {0, 3, 14, 27};
    for (int v = 0; v < 2; v++) {
        const mlp_augment_settings s = {.alpha = v == 0 ? 25 : 34, .sigma = v == 0 ? 4 : 5};
        mlp_dataset set = synthetic(1, 28, 28, 3, 1);
        mlp_augment augment = {0};
        mlp_rng rng;
        double sum[4][2] = {{0}}, squares[4][2] = {{0}}, cross[4] = {0};
        create(&augment, &s, &set, 1, NULL);
        mlp_rng_seed(&rng, 3, 4);
        for (int i = 0; i < n; i++) {
            mlp_augment_field(&augment, &rng, 0);
            for (size_t p = 0; p < 4; p++) {
                const float *dx = augment.buffers[0].fields + places[p] * augment.pitch + 14;
                const double d[2] = {(double)*dx, (double)dx[28 * augment.pitch]};
                for (int axis = 0; axis < 2; axis++) {
                    sum[p][axis] += d[axis];
                    squares[p][axis] += d[axis] * d[axis];
                }
                cross[p] += d[0] * d[1];
            }
        }
        for (size_t p = 0; p < 4; p++) {
            const double variance = s.alpha * s.alpha / 3 * kept(places[p], 28, s.sigma) * kept(14, 28, s.sigma);
            for (int axis = 0; axis < 2; axis++) {
                assert_near(sum[p][axis] / n / sqrt(variance), 0, 0.06);
                assert_near(squares[p][axis] / n / variance, 1, 0.1);
            }
            assert_near(cross[p] / n / variance, 0, 0.06);
        }
        if (v == 0) /* the number in the header */
            assert_near(s.alpha / (2 * sqrt(3 * acos(-1)) * s.sigma), 1.02, 0.005);
        mlp_augment_free(&augment);
        synthetic_free(&set);
    }
}

/* ---- a batch ---- */

static void an_image_depends_on_seed_and_number_alone(void **state) {
    (void)state;
    enum { N = 37, N_IN = 12 * 12 };
    mlp_dataset set = synthetic(N, 12, 12, 3, 1);
    uint32_t indices[N];
    uint8_t whole[N * N_IN], labels[N];
    for (size_t i = 0; i < N; i++) indices[i] = (uint32_t)((i * 7) % N);
    for (int threads = 1; threads <= 3; threads++) {
        mlp_team *team = team_of(threads);
        mlp_augment augment = {0};
        create(&augment, &strong, &set, N, team);
        mlp_augment_load(&augment, &set, indices, N, 1000, team);
        if (threads == 1) {
            memcpy(whole, augment.bytes, sizeof whole);
            memcpy(labels, augment.labels, N);
        }
        assert_memory_equal(augment.bytes, whole, sizeof whole);
        for (size_t i = 0; i < N; i++) assert_int_equal(labels[i], set.labels[indices[i]]);
        for (size_t i = N; i-- > 0;) { /* one at a time, backwards */
            mlp_augment_load(&augment, &set, indices + i, 1, 1000 + i, team);
            assert_int_equal(augment.set.n, 1);
            assert_memory_equal(augment.bytes, whole + i * N_IN, N_IN);
        }
        mlp_augment_load(&augment, &set, indices, N, 1001, team); /* other draws, other images */
        for (size_t i = 0; i < N; i++) assert_memory_not_equal(augment.bytes + i * N_IN, whole + i * N_IN, N_IN);
        augment.seed++;
        mlp_augment_load(&augment, &set, indices, N, 1000, team);
        for (size_t i = 0; i < N; i++) assert_memory_not_equal(augment.bytes + i * N_IN, whole + i * N_IN, N_IN);
        mlp_augment_free(&augment);
        mlp_team_free(team);
    }
    synthetic_free(&set);
}

/* Strength scales the same random distortion; sigma does not change. */
static void a_weaker_draw_is_that_of_weaker_settings(void **state) {
    (void)state;
    const mlp_augment_settings weak = {15, 0.1, 0.15, 1.25, 12.5, 4}; /* half of strong */
    mlp_dataset set = synthetic(5, 12, 12, 3, 1);
    mlp_augment expected = {0}, weakened = {0};
    create(&expected, &weak, &set, 5, NULL);
    create(&weakened, &strong, &set, 5, NULL);
    assert_near(weakened.strength, 1, 0);
    weakened.strength = 0.5;
    mlp_augment_load(&expected, &set, NULL, 5, 70, NULL);
    mlp_augment_load(&weakened, &set, NULL, 5, 70, NULL);
    assert_memory_equal(weakened.bytes, expected.bytes, 5 * set.n_pixels);
    weakened.strength = 0;
    mlp_augment_load(&weakened, &set, NULL, 5, 70, NULL);
    assert_memory_equal(weakened.bytes, set.bytes, 5 * set.n_pixels);
    mlp_augment_free(&expected);
    mlp_augment_free(&weakened);
    synthetic_free(&set);
}

static void compressed_images_are_those_of_the_bytes(void **state) {
    (void)state;
    enum { N = 150, N_IN = 20 * 20 }; /* pieces of 64; tiles of 196 */
    mlp_error err = {0};
    mlp_team *team = team_of(2);
    mlp_dataset set = synthetic(N, 20, 20, 3, 1);
    memset((uint8_t *)set.bytes + N_IN, 0, N_IN); /* an empty image */
    assert_ok(mlp_dataset_compress(&set, team, &err), err);
    mlp_augment augment = {0};
    create(&augment, &strong, &set, N, team);
    for (size_t n = N; n > 0; n /= 3) {
        mlp_rows expected = {0};
        mlp_augment_load(&augment, &set, NULL, n, n, team);
        const mlp_rows *rows = augment.set.compressed;
        assert_ok(mlp_rows_create(&expected, augment.bytes, n, N_IN, NULL, &err), err);
        assert_int_equal(rows->n, n);
        assert_memory_equal(rows->values, expected.values, sizeof expected.values);
        assert_memory_equal(rows->starts, expected.starts, (n * rows->tiles + 1) * sizeof *rows->starts);
        assert_memory_equal(rows->entries, expected.entries, expected.starts[n * rows->tiles] * sizeof *rows->entries);
        mlp_rows_free(&expected);
    }
    mlp_augment_free(&augment);
    mlp_rows_free(&set.owned.compressed);
    synthetic_free(&set);
    mlp_team_free(team);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_those_of_the_twin),
        cmocka_unit_test(nothing_moves_at_strength_0),
        cmocka_unit_test(whole_pixels_go_to_whole_pixels),
        cmocka_unit_test(half_a_pixel_is_the_mean_of_two),
        cmocka_unit_test(strengths_are_those_of_uniform_numbers),
        cmocka_unit_test(fields_have_the_deviation_of_the_formula),
        cmocka_unit_test(an_image_depends_on_seed_and_number_alone),
        cmocka_unit_test(a_weaker_draw_is_that_of_weaker_settings),
        cmocka_unit_test(compressed_images_are_those_of_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

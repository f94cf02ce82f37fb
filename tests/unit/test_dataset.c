/* test_dataset.c - images with their labels: reading, refusing, limiting, splitting,
 * gathering. */
#include "mlp/data/dataset.h"

#include "files.h"

/* ---- files ---- */

/* Writes an IDX file of n bytes of elements (already big-endian) under `name`. */
static void write_idx(const char *name, mlp_idx_type type, uint8_t n_dims, const size_t *dims, const void *elements,
                      size_t n) {
    bytes b = {0};
    idx_header(&b, (uint8_t)type, n_dims, dims);
    bytes_add(&b, elements, n);
    write_file(in_test_dir(name), b.at, b.n);
    bytes_free(&b);
}

static mlp_status open_pair(mlp_dataset *set, mlp_error *err) {
    char images[2048], labels[2048];
    snprintf(images, sizeof images, "%s", in_test_dir("images"));
    snprintf(labels, sizeof labels, "%s", in_test_dir("labels"));
    *set = (mlp_dataset){0};
    *err = (mlp_error){0};
    const mlp_status status = mlp_dataset_open(set, images, labels, NULL, err);
    unlink(images);
    unlink(labels);
    return status;
}

static void assert_pair_refused(const char *words) {
    mlp_dataset set;
    mlp_error err;
    assert_int_equal(open_pair(&set, &err), MLP_ERR_FORMAT);
    assert_words(&err, words);
    mlp_dataset_free(&set);
}

#define DIMS(...)                                                                                                      \
    (const size_t[]) { __VA_ARGS__ }
#define BYTES(...)                                                                                                     \
    (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]) { __VA_ARGS__ }

static void assert_bytes_(const uint8_t *actual, const uint8_t *expected, size_t n) {
    assert_memory_equal(actual, expected, n);
}

#define assert_bytes(actual, ...) assert_bytes_(actual, BYTES(__VA_ARGS__))

/* Three images of 2 x 2 pixels, 0 1 2 3 | 4 … 11, for most tests. */
static void write_images(void) {
    write_idx("images", MLP_IDX_U8, 3, DIMS(3, 2, 2), BYTES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

static void write_labels(void) { write_idx("labels", MLP_IDX_U8, 1, DIMS(3), BYTES(0, 2, 1)); }

/* n images of one pixel; image i has the pixel i and the label i, both modulo 256. */
static void open_counted(mlp_dataset *set, size_t n) {
    uint8_t *counted = malloc(n);
    assert_non_null(counted);
    for (size_t i = 0; i < n; i++) counted[i] = (uint8_t)i;
    mlp_error err;
    write_idx("images", MLP_IDX_U8, 2, DIMS(n, 1), counted, n);
    write_idx("labels", MLP_IDX_U8, 1, DIMS(n), counted, n);
    assert_ok(open_pair(set, &err), err);
    free(counted);
}

/* ---- accepted files ---- */

static void keeps_bytes_in_place(void **state) {
    (void)state;
    mlp_dataset set;
    mlp_error err;
    write_images();
    write_labels();
    assert_ok(open_pair(&set, &err), err);
    assert_int_equal(set.n, 3);
    assert_int_equal(set.rows, 2);
    assert_int_equal(set.cols, 2);
    assert_int_equal(set.n_pixels, 4);
    assert_int_equal(set.n_classes, 3);
    assert_ptr_equal(set.bytes, set.owned.images.data);
    assert_ptr_equal(set.labels, set.owned.labels.data);
    assert_null(set.floats);
    assert_null(set.order);
    assert_int_equal(set.bytes[11], 11);
    assert_bytes(set.labels, 0, 2, 1);
    mlp_dataset_free(&set);
    assert_null(set.bytes);
    mlp_dataset_free(&set); /* freeing twice is allowed */
    mlp_dataset_free(NULL);
}

static void takes_images_of_any_type(void **state) {
    (void)state;
    static const struct {
        mlp_idx_type type;
        size_t n;
        uint8_t elements[16];
        float values[2];
    } cases[] = {
        {MLP_IDX_I8, 2, {0x80, 0x7f}, {-128, 127}},
        {MLP_IDX_I16, 4, {0xff, 0xfe, 0x01, 0x00}, {-2, 256}},
        {MLP_IDX_I32, 8, {0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff}, {65536, -1}},
        {MLP_IDX_F32, 8, {0x3f, 0, 0, 0, 0xc0, 0x20, 0, 0}, {0.5F, -2.5F}},
        {MLP_IDX_F64, 16, {0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x40}, {1.5F, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mlp_dataset set;
        mlp_error err;
        write_idx("images", cases[i].type, 2, DIMS(1, 2), cases[i].elements, cases[i].n);
        write_idx("labels", MLP_IDX_U8, 1, DIMS(1), BYTES(0));
        assert_ok(open_pair(&set, &err), err);
        assert_int_equal(set.rows, 1);
        assert_int_equal(set.cols, 2);
        assert_null(set.bytes);
        assert_memory_equal(set.floats, cases[i].values, 2 * sizeof(float));
        /* floats are used in place; of other types only the converted copy is kept */
        assert_true((set.owned.floats == NULL) == (cases[i].type == MLP_IDX_F32));
        assert_true((set.owned.images.memory == NULL) == (cases[i].type != MLP_IDX_F32));
        mlp_dataset_free(&set);
    }
}

static void takes_labels_of_any_integer_type(void **state) {
    (void)state;
    static const struct {
        mlp_idx_type type;
        uint8_t n_dims;
        size_t dims[2], n;
        uint8_t elements[24];
    } cases[] = {
        {MLP_IDX_I8, 1, {3, 1}, 3, {7, 0, 127}},
        {MLP_IDX_I16, 1, {3, 1}, 6, {0, 7, 0, 0, 0, 127}},
        {MLP_IDX_I32, 1, {3, 1}, 12, {0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 127}},
        {MLP_IDX_U8, 2, {3, 1}, 3, {7, 0, 127}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mlp_dataset set;
        mlp_error err;
        write_images();
        write_idx("labels", cases[i].type, cases[i].n_dims, cases[i].dims, cases[i].elements, cases[i].n);
        assert_ok(open_pair(&set, &err), err);
        assert_bytes(set.labels, 7, 0, 127);
        assert_int_equal(set.n_classes, 128);
        mlp_dataset_free(&set);
    }
    mlp_dataset set;
    mlp_error err;
    write_images();
    write_idx("labels", MLP_IDX_I16, 1, DIMS(3), BYTES(0, 255, 0, 0, 0, 9)); /* the largest label */
    assert_ok(open_pair(&set, &err), err);
    assert_int_equal(set.n_classes, MLP_MAX_CLASSES);
    assert_int_equal(set.labels[0], 255);
    mlp_dataset_free(&set);
}

static void takes_one_hot_labels(void **state) {
    (void)state;
    mlp_dataset set;
    mlp_error err;
    write_images();
    write_idx("labels", MLP_IDX_U8, 2, DIMS(3, 4), BYTES(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0));
    assert_ok(open_pair(&set, &err), err);
    assert_bytes(set.labels, 3, 0, 2);
    assert_int_equal(set.n_classes, 4);
    mlp_dataset_free(&set);
    write_images(); /* as to_categorical writes them; 0x3f80 0000 is 1 */
    write_idx("labels", MLP_IDX_F32, 2, DIMS(3, 2),
              BYTES(0, 0, 0, 0, 0x3f, 0x80, 0, 0, 0x3f, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0x80, 0, 0));
    assert_ok(open_pair(&set, &err), err);
    assert_bytes(set.labels, 1, 0, 1);
    mlp_dataset_free(&set);
}

/* QMNIST's further columns say who wrote the digit. */
static void takes_the_first_of_eight_columns(void **state) {
    (void)state;
    uint8_t elements[3 * 8 * 4] = {0};
    const uint8_t classes[3] = {7, 0, 9};
    for (size_t i = 0; i < 3; i++) {
        elements[i * 32 + 3] = classes[i];
        elements[i * 32 + 7] = 200;
        elements[i * 32 + 10] = (uint8_t)i;
    }
    mlp_dataset set = {0};
    mlp_warnings warnings = {0};
    mlp_error err = {0};
    char labels[2048];
    write_images();
    write_idx("labels", MLP_IDX_I32, 2, DIMS(3, 8), elements, sizeof elements);
    snprintf(labels, sizeof labels, "%s", in_test_dir("labels"));
    assert_ok(mlp_dataset_open(&set, in_test_dir("images"), labels, &warnings, &err), err);
    assert_bytes(set.labels, 7, 0, 9);
    assert_int_equal(warnings.n, 1);
    assert_non_null(strstr(warnings.text.at, "/labels: holds [3 x 8], as QMNIST does: column 0 is taken"));
    mlp_warnings_free(&warnings);
    mlp_dataset_free(&set);
}

static void refuses_other_columns(void **state) {
    (void)state;
    static const struct {
        uint8_t elements[6];
        const char *words;
    } cases[] = {
        {{7, 200, 0, 201, 127, 202}, "holds [3 x 2], but row 0 is not one-hot|[n]"},
        {{1, 0, 0, 0, 0, 1}, "row 1 is not one-hot"},
        {{1, 0, 0, 1, 1, 1}, "row 2 is not one-hot"},
        {{1, 0, 0, 2, 0, 1}, "row 1 is not one-hot"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_images();
        write_idx("labels", MLP_IDX_U8, 2, DIMS(3, 2), cases[i].elements, 6);
        assert_pair_refused(cases[i].words);
    }
    const uint8_t eight[24] = {1}; /* QMNIST has int32 */
    write_images();
    write_idx("labels", MLP_IDX_U8, 2, DIMS(3, 8), eight, sizeof eight);
    assert_pair_refused("holds [3 x 8], but row 1 is not one-hot");
}

/* ---- refused files ---- */

static void refuses_images_and_labels_swapped(void **state) {
    (void)state;
    write_idx("images", MLP_IDX_U8, 1, DIMS(3), BYTES(0, 2, 1));
    write_labels();
    assert_pair_refused("/images: holds [3], as labels do|[n x rows x columns]|swapped?");
    write_images();
    write_idx("labels", MLP_IDX_U8, 3, DIMS(1, 2, 2), BYTES(0, 1, 2, 3));
    assert_pair_refused("/labels: holds [1 x 2 x 2], as images do|labels [n]|swapped?");
}

static void refuses_counts_that_differ(void **state) {
    (void)state;
    write_images();
    write_idx("labels", MLP_IDX_U8, 1, DIMS(2), BYTES(0, 1));
    assert_pair_refused("/labels: holds 2 labels for the 3 images of|/images|same part");
    write_images();
    write_idx("labels", MLP_IDX_I16, 2, DIMS(4, 1), BYTES(0, 0, 0, 1, 0, 2, 0, 1));
    assert_pair_refused("/labels: holds 4 labels for the 3 images of");
    write_images();
    write_idx("labels", MLP_IDX_U8, 1, DIMS(0), NULL, 0);
    assert_pair_refused("/labels: holds 0 labels for the 3 images");
}

static void refuses_empty_files(void **state) {
    (void)state;
    write_idx("images", MLP_IDX_U8, 3, DIMS(0, 28, 28), NULL, 0);
    write_labels();
    assert_pair_refused("/images: holds [0 x 28 x 28], no images|at least one image");
    write_idx("images", MLP_IDX_U8, 3, DIMS(3, 0, 28), NULL, 0);
    write_labels();
    assert_pair_refused("/images: holds [3 x 0 x 28], no pixels");
    write_idx("images", MLP_IDX_F32, 2, DIMS(3, 0), NULL, 0);
    write_labels();
    assert_pair_refused("/images: holds [3 x 0], no pixels");
    write_images();
    write_idx("labels", MLP_IDX_I32, 2, DIMS(3, 0), NULL, 0);
    assert_pair_refused("/labels: holds [3 x 0], no labels");
}

static void refuses_labels_that_are_no_class(void **state) {
    (void)state;
    write_images();
    write_idx("labels", MLP_IDX_I8, 1, DIMS(3), BYTES(0, 1, 0xff));
    assert_pair_refused("/labels: label 2 is -1, outside 0..255|from 0");
    write_images();
    write_idx("labels", MLP_IDX_I16, 1, DIMS(3), BYTES(0, 0, 1, 1, 0, 0));
    assert_pair_refused("/labels: label 1 is 257, outside 0..255");
    write_images();
    write_idx("labels", MLP_IDX_I16, 1, DIMS(3), BYTES(0, 0, 1, 0, 2, 0));
    assert_pair_refused("/labels: label 1 is 256, outside 0..255|with the bytes swapped");
    write_images();
    write_idx("labels", MLP_IDX_I32, 1, DIMS(3), BYTES(0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    assert_pair_refused("/labels: label 0 is -2147483647");
    write_images();
    write_idx("labels", MLP_IDX_F32, 1, DIMS(3), BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    assert_pair_refused("/labels: holds floating-point numbers|unsigned bytes");
    write_images();
    write_idx("labels", MLP_IDX_F64, 1, DIMS(3),
              BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    assert_pair_refused("/labels: holds floating-point numbers");
}

static void refuses_pixels_that_are_not_finite(void **state) {
    (void)state;
    write_idx("images", MLP_IDX_F32, 2, DIMS(2, 2), BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xc0, 0, 0));
    write_idx("labels", MLP_IDX_U8, 1, DIMS(2), BYTES(0, 1));
    assert_pair_refused("/images: pixel 1 of image 1 is nan|finite");
    write_idx("images", MLP_IDX_F32, 2, DIMS(1, 2), BYTES(0xff, 0x80, 0, 0, 0, 0, 0, 0));
    write_idx("labels", MLP_IDX_U8, 1, DIMS(1), BYTES(0));
    assert_pair_refused("/images: pixel 0 of image 0 is -inf");
    /* 1e300 is finite as a double, but not as a float */
    write_idx("images", MLP_IDX_F64, 3, DIMS(1, 1, 1), BYTES(0x7e, 0x37, 0xe4, 0x3c, 0x88, 0x00, 0x75, 0x9c));
    write_idx("labels", MLP_IDX_U8, 1, DIMS(1), BYTES(0));
    assert_pair_refused("/images: pixel 0 of image 0 is 1e+300|float's range");
}

static void passes_on_the_errors_of_the_reader(void **state) {
    (void)state;
    write_file(in_test_dir("images"), "<html>", 6);
    write_labels();
    assert_pair_refused("/images: is a web page");
    write_images();
    write_file(in_test_dir("labels"), "", 0);
    assert_pair_refused("/labels: is an empty file");
}

/* ---- train and test set ---- */

static void matches_train_and_test(void **state) {
    (void)state;
    mlp_dataset train, same, other_shape, more_classes;
    mlp_error err;
    write_images();
    write_labels();
    assert_ok(open_pair(&train, &err), err);
    write_images();
    write_idx("labels", MLP_IDX_U8, 1, DIMS(3), BYTES(1, 1, 0));
    assert_ok(open_pair(&same, &err), err);
    write_idx("images", MLP_IDX_U8, 2, DIMS(1, 4), BYTES(0, 1, 2, 3));
    write_idx("labels", MLP_IDX_U8, 1, DIMS(1), BYTES(0));
    assert_ok(open_pair(&other_shape, &err), err);
    write_images();
    write_idx("labels", MLP_IDX_U8, 1, DIMS(3), BYTES(2, 3, 9));
    assert_ok(open_pair(&more_classes, &err), err);

    assert_ok(mlp_dataset_match(&train, &same, "images", "labels", &err), err);
    assert_int_equal(mlp_dataset_match(&train, &other_shape, "images", "labels", &err), MLP_ERR_FORMAT);
    assert_words(&err, "images: holds images of 1 x 4 pixels|2 x 2|same set");
    err = (mlp_error){0};
    assert_int_equal(mlp_dataset_match(&train, &more_classes, "images", "labels", &err), MLP_ERR_FORMAT);
    assert_words(&err, "labels: label 1 is 3, but those to train on end at 2|same set");
    mlp_dataset_free(&train);
    mlp_dataset_free(&same);
    mlp_dataset_free(&other_shape);
    mlp_dataset_free(&more_classes);
}

static void limits(void **state) {
    (void)state;
    mlp_dataset set;
    open_counted(&set, 10);
    mlp_dataset_limit(&set, 11);
    assert_int_equal(set.n, 10);
    mlp_dataset_limit(&set, 4);
    assert_int_equal(set.n, 4);
    assert_int_equal(set.n_classes, 10); /* of the whole file */
    mlp_dataset_free(&set);
}

static void splits_into_two_ordered_parts(void **state) {
    (void)state;
    static const struct {
        size_t n;
        double fraction;
        size_t part;
    } cases[] = {{200, 0.1, 20}, {200, 0.99, 198}, {200, 1e-9, 1}, {200, 1 - 1e-9, 199},
                 {2, 0.01, 1},   {2, 0.99, 1},     {3, 0.5, 2}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        mlp_dataset train, part = {0};
        mlp_error err = {0};
        mlp_rng rng;
        mlp_rng_seed(&rng, 1, MLP_STREAM_SPLIT);
        open_counted(&train, cases[c].n);
        assert_ok(mlp_dataset_split(&train, &part, cases[c].fraction, &rng, &err), err);
        assert_int_equal(part.n, cases[c].part);
        assert_int_equal(part.n + train.n, cases[c].n);
        size_t seen[200] = {0};
        for (size_t i = 0; i < part.n; i++) {
            seen[part.order[i]]++;
            assert_true(i == 0 || part.order[i - 1] < part.order[i]);
        }
        for (size_t i = 0; i < train.n; i++) {
            seen[train.order[i]]++;
            assert_true(i == 0 || train.order[i - 1] < train.order[i]);
        }
        for (size_t i = 0; i < cases[c].n; i++) assert_int_equal(seen[i], 1);
        assert_ptr_equal(part.bytes, train.bytes);
        mlp_dataset_free(&part);
        mlp_dataset_free(&train);
    }
}

static void splits_by_the_seed_and_evenly(void **state) {
    (void)state;
    size_t drawn[10] = {0};
    uint32_t first[3] = {0};
    for (uint64_t seed = 0; seed < 2001; seed++) {
        mlp_dataset train, part = {0};
        mlp_error err = {0};
        mlp_rng rng;
        mlp_rng_seed(&rng, seed % 2000, MLP_STREAM_SPLIT); /* the last repeats the first */
        open_counted(&train, 10);
        assert_ok(mlp_dataset_split(&train, &part, 0.3, &rng, &err), err);
        if (seed == 0) memcpy(first, part.order, sizeof first);
        if (seed == 2000) assert_memory_equal(first, part.order, sizeof first);
        for (size_t i = 0; i < part.n && seed < 2000; i++) drawn[part.order[i]]++;
        mlp_dataset_free(&part);
        mlp_dataset_free(&train);
    }
    for (size_t i = 0; i < 10; i++) assert_near(drawn[i], 600, 5 * sqrt(2000 * 0.3 * 0.7));
}

static void does_not_split_a_single_example(void **state) {
    (void)state;
    mlp_dataset train, part = {0};
    mlp_error err = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, 1, MLP_STREAM_SPLIT);
    open_counted(&train, 1);
    assert_int_equal(mlp_dataset_split(&train, &part, 0.5, &rng, &err), MLP_ERR_USAGE);
    assert_words(&err, "one example cannot be split");
    mlp_dataset_free(&train);
}

/* ---- batches ---- */

/* One image with all 256 byte values, and one pixel more: a vector loop has a remainder. */
static void gathers_every_byte_exactly(void **state) {
    (void)state;
    uint8_t pixels[257], label = 99;
    float x[257];
    mlp_dataset set;
    mlp_error err;
    for (size_t i = 0; i < 257; i++) pixels[i] = (uint8_t)i;
    pixels[256] = 255;
    write_idx("images", MLP_IDX_U8, 2, DIMS(1, 257), pixels, 257);
    write_idx("labels", MLP_IDX_U8, 1, DIMS(1), BYTES(3));
    assert_ok(open_pair(&set, &err), err);
    mlp_dataset_gather(x, 257, &label, &set, NULL, 0, 1);
    /* A quotient of doubles rounds to float as if it were exact: 53 >= 2 * 24 + 2 (Figueroa 1995).
     */
    for (size_t i = 0; i < 257; i++) assert_true(x[i] == (float)(pixels[i] / 255.0));
    assert_int_equal(label, 3);
    mlp_dataset_free(&set);
}

static void gathers_each_row_to_its_place(void **state) {
    (void)state;
    mlp_dataset set;
    mlp_error err;
    for (int floats = 0; floats < 2; floats++) {
        write_idx("images", floats ? MLP_IDX_I8 : MLP_IDX_U8, 3, DIMS(3, 2, 2),
                  BYTES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        write_labels();
        assert_ok(open_pair(&set, &err), err);
        const float unit = floats ? 1.0F : 255.0F; /* signed bytes are not scaled */
        float x[2 * 5];
        uint8_t labels[2];
        for (size_t i = 0; i < 10; i++) x[i] = -1;
        mlp_dataset_gather(x, 5, labels, &set, (const uint32_t[]){2, 0}, 0, 2);
        for (size_t i = 0; i < 4; i++) {
            assert_true(x[i] == (float)(8 + i) / unit);
            assert_true(x[5 + i] == (float)i / unit);
        }
        assert_true(x[4] == -1 && x[9] == -1); /* the gap between rows is not written */
        assert_bytes(labels, 1, 0);
        mlp_dataset_gather(x, 5, labels, &set, NULL, 1, 2);
        assert_true(x[0] == 4 / unit && x[5] == 8 / unit);
        assert_bytes(labels, 2, 1);
        mlp_dataset_free(&set);
    }
}

static void gathers_through_the_split(void **state) {
    (void)state;
    mlp_dataset train, part = {0};
    mlp_error err = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, 5, MLP_STREAM_SPLIT);
    open_counted(&train, 100);
    assert_ok(mlp_dataset_split(&train, &part, 0.25, &rng, &err), err);
    float x[25];
    uint8_t labels[25];
    mlp_dataset_gather(x, 1, labels, &part, NULL, 0, 25);
    for (size_t i = 0; i < 25; i++) {
        assert_int_equal(labels[i], part.order[i]);
        assert_true(x[i] == (float)part.order[i] / 255.0F);
    }
    mlp_dataset_gather(x, 1, labels, &train, (const uint32_t[]){74, 0}, 0, 2);
    assert_int_equal(labels[0], train.order[74]);
    assert_int_equal(labels[1], train.order[0]);
    mlp_dataset_free(&part);
    mlp_dataset_free(&train);
}

/* Of bytes and of 16-bit numbers, which become floats: 3 images of 2 x 3. */
static void transposes_every_image(void **state) {
    (void)state;
    enum { IMAGES = 3, ROWS = 2, COLS = 3, PIXELS = ROWS * COLS };
    for (int wide = 0; wide < 2; wide++) {
        uint8_t elements[2 * IMAGES * PIXELS];
        mlp_dataset set;
        mlp_error err;
        for (size_t i = 0; i < IMAGES * PIXELS; i++) elements[wide ? 2 * i + 1 : i] = (uint8_t)(i * 5);
        for (size_t i = 0; wide && i < IMAGES * PIXELS; i++) elements[2 * i] = 0;
        write_idx("images", wide ? MLP_IDX_I16 : MLP_IDX_U8, 3, DIMS(IMAGES, ROWS, COLS), elements,
                  (size_t)(wide ? 2 : 1) * IMAGES * PIXELS);
        write_labels();
        assert_ok(open_pair(&set, &err), err);
        assert_ok(mlp_dataset_transpose(&set, "images", &err), err);
        assert_int_equal(set.rows, COLS);
        assert_int_equal(set.cols, ROWS);
        assert_int_equal(set.bytes != NULL, !wide);
        for (size_t i = 0; i < IMAGES; i++)
            for (size_t row = 0; row < ROWS; row++)
                for (size_t col = 0; col < COLS; col++) {
                    const size_t to = i * PIXELS + col * ROWS + row, from = i * PIXELS + row * COLS + col;
                    const double pixel = wide ? (double)set.floats[to] : set.bytes[to];
                    assert_near(pixel, (double)from * 5, 0);
                }
        mlp_dataset_free(&set);
    }
    mlp_dataset set;
    mlp_error err;
    write_idx("images", MLP_IDX_U8, 2, DIMS(3, 4), BYTES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    write_labels();
    assert_ok(open_pair(&set, &err), err);
    assert_int_equal(mlp_dataset_transpose(&set, "images", &err), MLP_ERR_USAGE);
    assert_words(&err, "vectors of 4 numbers");
    mlp_dataset_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_bytes_in_place),
        cmocka_unit_test(takes_images_of_any_type),
        cmocka_unit_test(takes_labels_of_any_integer_type),
        cmocka_unit_test(takes_one_hot_labels),
        cmocka_unit_test(takes_the_first_of_eight_columns),
        cmocka_unit_test(refuses_other_columns),
        cmocka_unit_test(refuses_images_and_labels_swapped),
        cmocka_unit_test(refuses_counts_that_differ),
        cmocka_unit_test(refuses_empty_files),
        cmocka_unit_test(refuses_labels_that_are_no_class),
        cmocka_unit_test(refuses_pixels_that_are_not_finite),
        cmocka_unit_test(passes_on_the_errors_of_the_reader),
        cmocka_unit_test(matches_train_and_test),
        cmocka_unit_test(limits),
        cmocka_unit_test(splits_into_two_ordered_parts),
        cmocka_unit_test(splits_by_the_seed_and_evenly),
        cmocka_unit_test(does_not_split_a_single_example),
        cmocka_unit_test(gathers_every_byte_exactly),
        cmocka_unit_test(gathers_each_row_to_its_place),
        cmocka_unit_test(gathers_through_the_split),
        cmocka_unit_test(transposes_every_image),
    };
    return cmocka_run_group_tests_name("dataset", tests, make_test_dir, remove_test_dir);
}

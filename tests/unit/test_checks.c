/* test_checks.c - what is said about data and results, and about which nothing: one line, or none. */
#include "mlp/data/checks.h"

#include <string.h>

#include "unit.h"

enum { N = 400, N_PIXELS = 6 };

/* Images of bytes or of numbers, and labels 0 to 9 in turn. */
typedef struct sample {
    uint8_t bytes[N * N_PIXELS], labels[N];
    float floats[N * N_PIXELS];
    mlp_dataset set;
} sample;

/* Pixels are `lowest` + `step` * (0 ... 15); of bytes, if they are 0 to 255, else numbers. */
static void make(sample *s, mlp_idx_type type, double lowest, double step) {
    for (size_t i = 0; i < (size_t)N * N_PIXELS; i++) {
        const double x = lowest + step * (double)(i * i / 7 % 16);
        s->bytes[i] = (uint8_t)fmax(x, 0);
        s->floats[i] = (float)x;
    }
    for (size_t i = 0; i < N; i++) s->labels[i] = (uint8_t)(i % 10);
    s->set = (mlp_dataset){.n = N, .n_images = N, .rows = 2, .cols = 3, .n_pixels = N_PIXELS, .n_classes = 10};
    s->set.labels = s->labels;
    if (type == MLP_IDX_U8)
        s->set.bytes = s->bytes;
    else
        s->set.floats = s->floats;
}

static void measure(sample *s, mlp_idx_type type) {
    s->set.pixels = mlp_pixels_measure(type, s->set.bytes, s->set.floats, N, N_PIXELS);
}

static const mlp_dataset_paths paths = {"TRAIN", "TRAINLABELS", "TEST", "TESTLABELS"};

/* The warnings have one line with these words; no line where it is NULL. */
static void assert_line(mlp_warnings *w, const char *words) {
    if (words == NULL) {
        if (w->n != 0) fail_msg("unexpected: %s", w->text.at);
    } else if (w->n != 1 || strstr(w->text.at, words) == NULL) {
        fail_msg("no single line with '%s': %s", words, w->n == 0 ? "none" : w->text.at);
    }
    mlp_warnings_free(w);
}

static void looks_at_the_scale(void **state) {
    (void)state;
    static const struct {
        mlp_idx_type type;
        double lowest, step;
        const char *words;
    } cases[] = {
        {MLP_IDX_U8, 0, 17, NULL},
        {MLP_IDX_U8, 0, 9, NULL},
        {MLP_IDX_U8, 0, 1, "TRAIN: its largest pixel is 15, where white was expected to be 255"},
        {MLP_IDX_U8, 100, 1.5, "multiply the pixels by 2.0"},
        {MLP_IDX_U8, 200, 1, "bytes from 200 to 215, where 0 to 255 were expected"},
        {MLP_IDX_U8, 120, 9, NULL},
        {MLP_IDX_F32, 1000, 0.1, "subtract 1000, then divide by 1.5"},
        {MLP_IDX_F32, -1000, 0.1, "add 1000, then divide by 1.5"},
        {MLP_IDX_F32, 300, 1 / 15.0, "learns little; subtract 300\n"},
        {MLP_IDX_F32, -301, 1 / 15.0, "learns little; add 301\n"},
        {MLP_IDX_F32, 4, 1.00005 / 15, "subtract 4, then divide by 1.00005"}, /* as far as %g shows it */
        {MLP_IDX_I32, 0, 4369, "divide them by 65535, or"},
        {MLP_IDX_F32, 0, 1 / 15.0, NULL},
        {MLP_IDX_F64, -1, 2 / 15.0, NULL},
        {MLP_IDX_F32, -0.42, 3.25 / 15, NULL},
        {MLP_IDX_F32, 0, 17, "from 0 to 255, where a range like 0 to 1 was expected"},
        {MLP_IDX_I32, 0, 1, "divide them by 15"},
        {MLP_IDX_F32, -100, 13, "divide them by 100"},
        {MLP_IDX_I8, -128, 17, "signed bytes"},
        {MLP_IDX_I8, 0, 8, "divide them by 120"},
        {MLP_IDX_I16, 0, 256, "16-bit numbers from 0 to 3840, but with the bytes of each in the other order"},
        {MLP_IDX_I16, -32768, 4097, "in the other order they are from 128 to 3952"},
        {MLP_IDX_I32, 0, 16777216, "32-bit numbers from 0 to 2.51658e+08"},
        {MLP_IDX_I16, -2000, 300, "divide them by 2500"},
        {MLP_IDX_I16, 1, 256, "from 1 to 3841, where a range like"},
        {MLP_IDX_F32, 0, 0.001, "from 0 to 0.015"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sample train, test;
        mlp_warnings w = {0};
        mlp_error err = {0};
        make(&train, cases[i].type, cases[i].lowest, cases[i].step);
        test = train;
        test.set.labels = test.labels;
        test.set.bytes = train.set.bytes == NULL ? NULL : test.bytes;
        test.set.floats = train.set.floats == NULL ? NULL : test.floats;
        memmove(test.bytes, test.bytes + N_PIXELS, sizeof test.bytes - N_PIXELS); /* not the same images */
        memmove(test.floats, test.floats + N_PIXELS, sizeof test.floats - N_PIXELS * sizeof *test.floats);
        measure(&train, cases[i].type);
        measure(&test, cases[i].type);
        assert_ok(mlp_check_pixels(&train.set, &test.set, &paths, NULL, NULL, &w, &err), err);
        assert_line(&w, cases[i].words);
    }
}

static void refuses_what_is_no_picture(void **state) {
    (void)state;
    const double sizes[] = {0, 0.25, 1e-30, 1e30};
    for (size_t i = 0; i < 4; i++) {
        sample s;
        mlp_warnings w = {0};
        mlp_error err = {0};
        make(&s, MLP_IDX_F32, sizes[i], i < 2 ? 0 : sizes[i]);
        measure(&s, MLP_IDX_F32);
        assert_int_equal(mlp_check_pixels(NULL, &s.set, &paths, NULL, NULL, &w, &err), MLP_ERR_FORMAT);
        assert_non_null(
            strstr(err.message, i < 2 ? "TEST: every pixel of all 400 images" : "bytes in the wrong order"));
        assert_line(&w, NULL);
    }
}

/* A range now, a range then, and whether they are of another scale. */
static void compares_with_the_pixels_of_a_model(void **state) {
    (void)state;
    static const struct {
        mlp_pixels now, then;
        bool differs, inverted;
    } cases[] = {
        {{.min = 0, .max = 1, .mean = 0.1}, {.min = 0, .max = 1, .mean = 0.2}, false, false},
        {{.min = 0, .max = 0.6, .mean = 0.1}, {.min = 0, .max = 1, .mean = 0.2}, false, false},
        {{.min = 0, .max = 255, .mean = 30}, {.min = 0, .max = 1, .mean = 0.2}, true, true},
        {{.min = 0, .max = 0.004, .mean = 0}, {.min = 0, .max = 1, .mean = 0.2}, true, false},
        {{.min = -1, .max = 1, .mean = -0.2}, {.min = 0, .max = 1, .mean = 0.2}, true, false},
        {{.min = 0, .max = 1, .mean = 0.2}, {.min = -0.42, .max = 2.8, .mean = 0}, true, false},
        {{.min = 0, .max = 1, .mean = 0.9}, {.min = 0, .max = 1, .mean = 0.1}, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(mlp_check_differs(&cases[i].now, &cases[i].then), cases[i].differs);
        assert_int_equal(mlp_check_inverted(&cases[i].now, &cases[i].then), cases[i].inverted);
        mlp_warnings w = {0};
        mlp_check_model(&cases[i].now, "NOW", &cases[i].then, "MODEL", &w);
        assert_line(&w, cases[i].differs    ? "but MODEL was trained on pixels from"
                        : cases[i].inverted ? "seem to be inverted"
                                            : NULL);
    }
}

/* The mean and std that are advised map the ends of the one range to those of the other. */
static void advises_mean_and_std(void **state) {
    (void)state;
    const double mean = 0.1307, std = 0.3081;
    const mlp_pixels then = {.type = MLP_IDX_F32, .min = -mean / std, .max = (1 - mean) / std};
    const mlp_pixels pale = {.type = MLP_IDX_U8, .min = 0.94, .max = 1}, whole = {.type = MLP_IDX_U8, .max = 1};
    mlp_warnings narrow = {0};
    mlp_check_model(&pale, "NOW", &whole, "MODEL", &narrow);
    assert_line(&narrow, "--pixel-mean 0.94 --pixel-std 0.06");
    const mlp_pixels ranges[] = {{.type = MLP_IDX_U8, .max = 0.9}, {.type = MLP_IDX_F32, .max = 1}};
    for (size_t i = 0; i < 2; i++) {
        mlp_warnings w = {0};
        mlp_check_model(&ranges[i], "NOW", &then, "MODEL", &w);
        assert_line(&w, "--pixel-mean 0.1307 --pixel-std 0.3081");
    }
}

static void looks_at_the_labels(void **state) {
    (void)state;
    sample train, test;
    for (int which = 0; which < 10; which++) {
        mlp_warnings w = {0};
        mlp_error err = {0};
        const char *const words[] = {NULL,
                                     "TRAINLABELS: label 17 is 99, but no label is from 10 to 98",
                                     "TESTLABELS: label 4 (40 examples) does not occur in TRAINLABELS",
                                     "TESTLABELS: label 3 does not occur",
                                     "TESTLABELS: all 400 labels are 7",
                                     "as the characters '0' to '9' are",
                                     NULL,
                                     "the first 100 labels are of 1 of the file's 2 classes",
                                     "TRAINLABELS: label 8 is 8, but no label is 7, where",
                                     "TESTLABELS: label 4 (1 example) does not occur"};
        make(&train, MLP_IDX_U8, 0, 17);
        make(&test, MLP_IDX_U8, 0, 17);
        for (size_t i = 0; i < N; i++) {
            uint8_t *a = &train.labels[i], *b = &test.labels[i];
            if (which == 1 && i == 17) *a = 99;
            if (which == 2 && *a == 4) *a = 5;
            if (which == 3 && *b == 3) *b = 2;
            if (which == 4) *b = 7;
            if (which == 5) *a += '0', *b += '0';
            if (which == 6) *a += 1, *b += 1;
            if (which == 7) *a = i > 200, *b = i % 2;
            if (which == 8) *a = *b = *a == 7 ? 9 : *a;
            if (which == 9 && *a == 4) *a = 5, *b = i == 4 ? 4 : 5;
        }
        train.set.n_classes = which == 1 ? 100 : which == 5 ? '9' + 1 : which == 6 ? 11 : which == 7 ? 2 : 10;
        if (which == 7) train.set.n = 100;
        assert_ok(mlp_check_labels(&train.set, &test.set, &paths, &w, &err), err);
        assert_line(&w, words[which]);
    }
    mlp_error err = {0};
    mlp_warnings w = {0};
    memset(train.labels, 3, N);
    assert_int_equal(mlp_check_labels(&train.set, &test.set, &paths, &w, &err), MLP_ERR_FORMAT);
    assert_non_null(strstr(err.message, "TRAINLABELS: all 400 labels are 3"));
    assert_ok(mlp_check_labels(NULL, &test.set, &paths, &w, &err), err);
    assert_line(&w, NULL);
}

/* Losses of guessing: log 10 for ten equally frequent classes; 0.45 with the squared error. */
static void looks_at_the_outcome(void **state) {
    (void)state;
    static const struct {
        double first, last;
        bool squared;
        size_t only;
        const char *words;
    } cases[] = {
        {2.303, 0.3, false, SIZE_MAX, NULL},
        {2.303, 2.1, false, SIZE_MAX, NULL},
        {2.303, 2.1, false, 4, "predicts class 4 for all 400 test images"},
        {2.303, 2.302, false, 4,
         "2.302 is not well below that of guessing (2.303): the network has learned nothing; try a higher"},
        {2.4, 2.31, false, 4, "fell from 2.4 to 2.31, but is no better than that of guessing"},
        {2.303, 2.4, false, 4,
         "2.4 is no better than that of guessing (2.303): the network has learned nothing; try a lower"},
        {NAN, 2.4, false, 4, "try a lower"},
        {2.303, 40, false, SIZE_MAX, "rose from 2.303 to 40"},
        {0.05, 0.08, false, SIZE_MAX, NULL},
        {0.2, 0.6, false, SIZE_MAX, "rose from 0.2 to 0.6"},
        {0.45, 0.449, true, 4,
         "guessing (0.45): the network has learned nothing; try a higher --lr or more --iters, or --loss"},
        {0.45, 0.1, true, SIZE_MAX, NULL},
    };
    sample s;
    make(&s, MLP_IDX_U8, 0, 17);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mlp_warnings w = {0};
        const mlp_outcome o = {&s.set, &s.set,        cases[i].first,   cases[i].last, 0.9,
                               0.8,    cases[i].only, cases[i].squared, ", or SO"};
        mlp_check_outcome(&o, &w);
        assert_true(w.n == 0 || strstr(w.text.at, ", or SO") != NULL);
        assert_line(&w, cases[i].words);
    }
}

static void looks_at_an_evaluation(void **state) {
    (void)state;
    sample s;
    mlp_warnings w = {0};
    make(&s, MLP_IDX_U8, 0, 17);
    mlp_check_evaluation("M", &s.set, 0.5, SIZE_MAX, 10, false, &w);
    assert_line(&w, NULL);
    mlp_check_evaluation("M", &s.set, 2.6, SIZE_MAX, 10, false, &w);
    assert_line(&w, "M: its test loss 2.6 is not below that of guessing (2.303)");
    mlp_check_evaluation("M", &s.set, 0.6, SIZE_MAX, 10, true, &w);
    assert_line(&w, "guessing (0.45)");
    mlp_check_evaluation("M", &s.set, 2.6, 3, 10, false, &w);
    assert_line(&w, "M: predicts class 3 for all 400 test images");
    s.set.n = 10; /* proves nothing */
    mlp_check_evaluation("M", &s.set, 2.6, 3, 10, false, &w);
    assert_line(&w, NULL);
}

static void looks_at_predictions(void **state) {
    (void)state;
    static const struct {
        size_t n;
        double mean;
        bool odd;
    } cases[] = {{400, 0.84, true}, {400, 0.85, false}, {20, 0.75, true}, {20, 0.77, false}, {19, 0.1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mlp_warnings w = {0};
        mlp_check_predictions("M", cases[i].n, cases[i].mean, 0.9, &w);
        assert_line(&w, cases[i].odd ? "where at least 0.90 was expected, as for its test images" : NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_at_the_scale),
        cmocka_unit_test(refuses_what_is_no_picture),
        cmocka_unit_test(compares_with_the_pixels_of_a_model),
        cmocka_unit_test(advises_mean_and_std),
        cmocka_unit_test(looks_at_the_labels),
        cmocka_unit_test(looks_at_the_outcome),
        cmocka_unit_test(looks_at_an_evaluation),
        cmocka_unit_test(looks_at_predictions),
    };
    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}

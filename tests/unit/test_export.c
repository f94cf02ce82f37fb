/* test_export.c - which name means which format, and what is too large for it. What is in the files
   is for test_npz.c, test_onnx.c and tests/cli/interop.bats. */
#include "mlp/state/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

static void the_suffix_chooses(void **state) {
    (void)state;
    size_t n = 0;
    for (; mlp_export_suffix(n) != NULL; n++) {
        char path[32];
        snprintf(path, sizeof path, "some.where/a%s", mlp_export_suffix(n));
        assert_non_null(mlp_export_find(path));
        assert_null(mlp_export_find(mlp_export_suffix(n) + 1)); /* no point */
        strcat(path, "x");
        assert_null(mlp_export_find(path));
    }
    assert_int_equal(n, 3);
    assert_ptr_not_equal(mlp_export_find("a.npz"), mlp_export_find("a.onnx"));
    assert_null(mlp_export_find(""));
}

/* No network of that size is made: its blocks say how many parameters it would have. */
static void what_no_file_can_hold_is_told_early(void **state) {
    (void)state;
    static const struct {
        const char *path;
        size_t fits, too_many; /* rows of 2^14 parameters */
    } cases[] = {{"a.npz", 65000, 65536}, {"a.onnx", 32000, 32768}, {"a.h", 7700, 7710}};
    for (size_t i = 0; i < 3; i++) {
        mlp_error err = {0};
        mlp_network net = {.blocks = {{.rows = cases[i].fits, .cols = 1 << 14}}};
        assert_ok(mlp_export_check(cases[i].path, &net, &err), err);
        net.blocks[0].rows = cases[i].too_many;
        assert_int_equal(mlp_export_check(cases[i].path, &net, &err), MLP_ERR_USAGE);
        assert_words(&err, cases[i].path);
        assert_words(&err, "parameters do not fit");
    }
}

/* C has no constants for them: a file with them would not compile. */
static void numbers_that_are_not_finite_are_refused_in_c(void **state) {
    (void)state;
    static const char path[] = "/tmp/mlp-train-test-not-finite.h";
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int block = 0; block < MLP_N_BLOCKS; block++)
        for (size_t i = 0; i < 3; i++) {
            mlp_error err = {0};
            mlp_network net = {0};
            const mlp_shape shape = {.n_in = 4, .n_hidden = 3, .n_out = 2};
            assert_ok(
                mlp_network_create(&net, shape, mlp_activation_find("relu"), mlp_loss_find("cross-entropy"), &err),
                err);
            net.params[mlp_block_index(&net.blocks[block], 1)] = bad[i];
            assert_int_equal(mlp_export_write(path, &net, NULL, 0, &err), MLP_ERR_NUMERIC);
            assert_words(&err, "not finite");
            assert_int_not_equal(access(path, F_OK), 0);
            mlp_network_free(&net);
        }
}

/* 1F is no constant of C, 1.0F is. */
static void whole_numbers_have_a_point_in_c(void **state) {
    (void)state;
    static const char path[] = "/tmp/mlp-train-test-whole.h";
    mlp_error err = {0};
    mlp_network net = {0};
    const mlp_shape shape = {.n_in = 4, .n_hidden = 3, .n_out = 2};
    char text[20000] = "";
    assert_ok(mlp_network_create(&net, shape, mlp_activation_find("relu"), mlp_loss_find("cross-entropy"), &err), err);
    net.params[mlp_block_index(&net.blocks[MLP_W1], 0)] = -2;
    net.params[mlp_block_index(&net.blocks[MLP_W1], 1)] = 1e20F;
    net.params[mlp_block_index(&net.blocks[MLP_B2], 1)] = 0.5F;
    assert_ok(mlp_export_write(path, &net, NULL, 0, &err), err);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_not_equal(fread(text, 1, sizeof text - 1, file), 0);
    fclose(file);
    assert_non_null(strstr(text, " -2.0F,"));
    assert_non_null(strstr(text, " 1.00000002e+20F,"));
    assert_non_null(strstr(text, " 0.5F,"));
    unlink(path);
    mlp_network_free(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_suffix_chooses),
        cmocka_unit_test(numbers_that_are_not_finite_are_refused_in_c),
        cmocka_unit_test(whole_numbers_have_a_point_in_c),
        cmocka_unit_test(what_no_file_can_hold_is_told_early),
    };
    return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}

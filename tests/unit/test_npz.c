/* test_npz.c - two arrays against the archive written out by hand: the checksums in it are those of
   the .npy files that NumPy writes for the same arrays. */
#include "mlp/formats/npz.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

static const float row[] = {1, -2, 0.5F}, one[] = {3};
static const mlp_tensor arrays[] = {
    {.name = "fc.weight", .dtype = MLP_F32, .n_dims = 2, .dims = {1, 3}, .data = row},
    {.name = "b", .dtype = MLP_F32, .n_dims = 1, .dims = {1}, .data = one},
};

#define NPY "\x93NUMPY\x01\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': "
#define SPACES_56 "                                                        "
#define WEIGHT_SUM "\x26\x9b\x8e\xb4"
#define BIAS_SUM "\xb2\x8d\x17\x78"

static const char expected[] =
    /* 30 + 13 bytes before 128 + 12 = 140 = 0x8c */
    "PK\3\4\x14\0\0\0\0\0\0\0\x21\0" WEIGHT_SUM "\x8c\0\0\0\x8c\0\0\0\x0d\0\0\0fc.weight.npy" NPY "(1, 3), }" SPACES_56
    "  \n\0\0\x80\x3f\0\0\0\xc0\0\0\0\x3f"
    /* at 183 = 0xb7: 30 + 5 bytes before 128 + 4 = 132 = 0x84 */
    "PK\3\4\x14\0\0\0\0\0\0\0\x21\0" BIAS_SUM "\x84\0\0\0\x84\0\0\0\x05\0\0\0b.npy" NPY "(1,), }" SPACES_56
    "    \n\0\0\x40\x40"
    /* at 350 = 0x15e: 46 + 13 + 46 + 5 = 110 = 0x6e bytes of directory */
    "PK\1\2\x14\3\x14\0\0\0\0\0\0\0\x21\0" WEIGHT_SUM "\x8c\0\0\0\x8c\0\0\0\x0d\0\0\0\0\0\0\0\0\0"
    "\0\0\xa4\x81\0\0\0\0fc.weight.npy"
    "PK\1\2\x14\3\x14\0\0\0\0\0\0\0\x21\0" BIAS_SUM "\x84\0\0\0\x84\0\0\0\x05\0\0\0\0\0\0\0\0\0"
    "\0\0\xa4\x81\xb7\0\0\0b.npy"
    "PK\5\6\0\0\0\0\2\0\2\0\x6e\0\0\0\x5e\1\0\0\0\0";

static void bytes_are_those_of_the_format(void **state) {
    (void)state;
    mlp_error err = {0};
    assert_ok(mlp_npz_write(in_test_dir("arrays.npz"), arrays, 2, &err), err);
    bytes b = read_whole(in_test_dir("arrays.npz"));
    assert_int_equal(unlink(in_test_dir("arrays.npz")), 0);
    assert_int_equal(b.n, sizeof expected - 1);
    assert_memory_equal(b.at, expected, b.n);
    bytes_free(&b);
}

static void a_write_that_fails_is_reported(void **state) {
    (void)state;
    mlp_error err = {0};
    assert_int_equal(mlp_npz_write("/dev/full", arrays, 2, &err), MLP_ERR_IO);
    assert_words(&err, "/dev/full: cannot be written|free some space");
}

/* No byte of the arrays is looked at: they are not there. */
static void what_zip_cannot_hold_is_refused(void **state) {
    (void)state;
    mlp_error err = {0};
    const mlp_tensor large = {.name = "w", .dtype = MLP_F32, .n_dims = 2, .dims = {1 << 15, 1 << 15}};
    assert_int_equal(mlp_npz_write("large.npz", &large, 1, &err), MLP_ERR_USAGE);
    assert_words(&err, "large.npz|do not fit|safetensors");
    assert_int_equal(access("large.npz", F_OK), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_format),
        cmocka_unit_test(a_write_that_fails_is_reported),
        cmocka_unit_test(what_zip_cannot_hold_is_refused),
    };
    return cmocka_run_group_tests_name("npz", tests, make_test_dir, remove_test_dir);
}

/* test_npz.c - two arrays against the archive written out by hand: the checksums in it are those of
   the .npy files that NumPy writes for the same arrays. */
#include "mlp/formats/npz.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

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
    "PK\3\4\x14\0\0\0\0\0\0\0\x21\0" WEIGHT_SUM "\x8c\0\0\0\x8c\0\0\0\x0d\0\0\0fc.weight.npy" NPY
    "(1, 3), }" SPACES_56 "  \n\0\0\x80\x3f\0\0\0\xc0\0\0\0\x3f"
    /* at 183 = 0xb7: 30 + 5 bytes before 128 + 4 = 132 = 0x84 */
    "PK\3\4\x14\0\0\0\0\0\0\0\x21\0" BIAS_SUM "\x84\0\0\0\x84\0\0\0\x05\0\0\0b.npy" NPY
    "(1,), }" SPACES_56 "    \n\0\0\x40\x40"
    /* at 350 = 0x15e: 46 + 13 + 46 + 5 = 110 = 0x6e bytes of directory */
    "PK\1\2\x14\3\x14\0\0\0\0\0\0\0\x21\0" WEIGHT_SUM "\x8c\0\0\0\x8c\0\0\0\x0d\0\0\0\0\0\0\0\0\0"
    "\0\0\xa4\x81\0\0\0\0fc.weight.npy"
    "PK\1\2\x14\3\x14\0\0\0\0\0\0\0\x21\0" BIAS_SUM "\x84\0\0\0\x84\0\0\0\x05\0\0\0\0\0\0\0\0\0"
    "\0\0\xa4\x81\xb7\0\0\0b.npy"
    "PK\5\6\0\0\0\0\2\0\2\0\x6e\0\0\0\x5e\1\0\0\0\0";

static void bytes_are_those_of_the_format(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t n = 0;
    mlp_error err = {0};
    mlp_file file = {.name = "arrays.npz", .stream = open_memstream(&bytes, &n)};
    assert_non_null(file.stream);
    assert_ok(mlp_npz_write(&file, arrays, 2, &err), err);
    fclose(file.stream);
    assert_int_equal(n, sizeof expected - 1);
    assert_memory_equal(bytes, expected, n);
    free(bytes);
}

static void a_write_that_fails_is_told(void **state) {
    (void)state;
    for (size_t space = 0; space < sizeof expected - 1; space += 10) {
        static char memory[sizeof expected];
        mlp_error err = {0};
        mlp_file file = {.name = "arrays.npz", .stream = fmemopen(memory, space + 1, "w")};
        assert_non_null(file.stream);
        setvbuf(file.stream, NULL, _IONBF, 0);
        assert_int_equal(mlp_npz_write(&file, arrays, 2, &err), MLP_ERR_IO);
        assert_non_null(strstr(err.message, "arrays.npz"));
        fclose(file.stream);
    }
}

/* No byte of the arrays is looked at: they are not there. */
static void what_zip_cannot_hold_is_refused(void **state) {
    (void)state;
    mlp_error err = {0};
    mlp_file file = {.name = "large.npz"};
    const mlp_tensor large = {
        .name = "w", .dtype = MLP_F32, .n_dims = 2, .dims = {1 << 15, 1 << 15}};
    assert_int_equal(mlp_npz_write(&file, &large, 1, &err), MLP_ERR_USAGE);
    assert_non_null(strstr(err.message, "large.npz"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_format),
        cmocka_unit_test(a_write_that_fails_is_told),
        cmocka_unit_test(what_zip_cannot_hold_is_refused),
    };
    return cmocka_run_group_tests_name("npz", tests, NULL, NULL);
}

/* test_tensor.c - every F16 and BF16 number becomes the float of the same value; the sizes of all types. */
#include "mlp/formats/tensor.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* The value of a binary16 by its definition: (-1)^s 2^(e - 15) 1.f, or 2^-14 0.f where e is 0. */
static double value_of_f16(unsigned bits) {
    const int e = bits >> 10 & 31;
    const double f = (bits & 1023) / 1024.0, sign = bits >> 15 ? -1 : 1;
    if (e == 31) return f > 0 ? NAN : sign * INFINITY;
    return sign * (e == 0 ? ldexp(f, -14) : ldexp(1 + f, e - 15));
}

static void every_f16_is_exact(void **state) {
    (void)state;
    static uint16_t all[1 << 16];
    for (unsigned i = 0; i < 1 << 16; i++) all[i] = (uint16_t)i;
    const mlp_tensor t = {.dtype = MLP_F16, .n_dims = 1, .dims = {1 << 16}, .data = all};
    for (unsigned i = 0; i < 1 << 16; i++) {
        const double x = (double)mlp_tensor_float(&t, i), expected = value_of_f16(i);
        if (isnan(expected) ? !isnan(x) : x != expected || signbit(x) != signbit(expected))
            fail_msg("%04x is %.17g, expected %.17g", i, x, expected);
    }
}

static void bf16_is_the_upper_half_of_a_float(void **state) {
    (void)state;
    static const float floats[] = {0, 1, -2, 3.140625F, 1e-38F, 255};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        uint32_t bits;
        memcpy(&bits, &floats[i], 4);
        bits &= 0xffff0000;
        const uint16_t half = (uint16_t)(bits >> 16);
        float expected;
        memcpy(&expected, &bits, 4);
        const mlp_tensor t = {.dtype = MLP_BF16, .n_dims = 1, .dims = {1}, .data = &half};
        assert_true(mlp_tensor_float(&t, 0) == expected);
    }
}

static void f32_need_not_be_aligned(void **state) {
    (void)state;
    char data[2 * sizeof(float) + 1];
    const float x = 0.1F;
    memcpy(data + 1 + sizeof x, &x, sizeof x);
    const mlp_tensor t = {.dtype = MLP_F32, .n_dims = 1, .dims = {2}, .data = data + 1};
    assert_true(mlp_tensor_float(&t, 1) == x);
}

static void a_type_is_named_after_its_bits(void **state) {
    (void)state;
    for (int i = 0; i < MLP_N_DTYPES; i++) {
        const char *digits = strpbrk(mlp_dtype_name((mlp_dtype)i), "123456789");
        assert_int_equal(mlp_dtype_bits((mlp_dtype)i), digits == NULL ? 8 : strtoul(digits, NULL, 10)); /* BOOL: 8 */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_f16_is_exact),
        cmocka_unit_test(bf16_is_the_upper_half_of_a_float),
        cmocka_unit_test(f32_need_not_be_aligned),
        cmocka_unit_test(a_type_is_named_after_its_bits),
    };
    return cmocka_run_group_tests_name("tensor", tests, NULL, NULL);
}

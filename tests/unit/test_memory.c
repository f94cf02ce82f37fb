/* test_memory.c - sizes that overflow are refused; allocated memory is aligned and zero. */
#include "mlp/base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void products_that_wrap_are_refused(void **state) {
    (void)state;
    const size_t sizes[][2] = {{SIZE_MAX / 8 + 2, 8}, {SIZE_MAX, 1}, {SIZE_MAX / 2 + 1, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        mlp_error err = {0};
        assert_null(mlp_alloc(sizes[i][0], sizes[i][1], "images", &err));
        assert_int_equal(err.status, MLP_ERR_MEMORY);
        assert_non_null(strstr(err.message, "images"));
        assert_non_null(strstr(err.message, "more than any memory can hold"));
    }
}

static void memory_is_aligned_and_zero(void **state) {
    (void)state;
    for (size_t n = 0; n < 300; n++) {
        mlp_error err = {0};
        unsigned char *memory = mlp_alloc(n, 1, "bytes", &err);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (size_t i = 0; i < n; i++) assert_int_equal(memory[i], 0);
        free(memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_wrap_are_refused),
        cmocka_unit_test(memory_is_aligned_and_zero),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}

/* test_shapes.c - floods and growth on maps that are drawn as text. */
#include "mlp/data/shapes.h"

#include <string.h>

#include "mlp/base/rng.h"
#include "unit.h"

/* Map of `height` rows of equal length, one after the other; '#' is label 1. */
static mlp_map map_of(const char *rows, size_t height) {
    mlp_map map = {0};
    mlp_error err = {0};
    const size_t n = strlen(rows);
    assert_ok(mlp_map_create(&map, height, n / height, &err), err);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(map.at[i], 0);
        map.at[i] = rows[i] == '#';
    }
    return map;
}

static void assert_map(const mlp_map *map, const char *expected) {
    static const char letters[] = " #o";
    for (size_t i = 0; i < map->height * map->width; i++) assert_int_equal(letters[map->at[i]], expected[i]);
}

static void floods_one_component(void **state) {
    (void)state;
    mlp_map map = map_of("##   #"
                         "  #  #"
                         "#  # #"
                         "#    #",
                         4);
    const mlp_component c = mlp_map_flood(&map, 2 * 6 + 3, 1, 2);
    assert_map(&map, "oo   #" /* corners connect; the map's left and right side do not */
                     "  o  #"
                     "#  o #"
                     "#    #");
    assert_int_equal(c.area, 4);
    assert_int_equal(c.box.top, 0);
    assert_int_equal(c.box.bottom, 3);
    assert_int_equal(c.box.left, 0);
    assert_int_equal(c.box.right, 4);
    mlp_map_free(&map);
    assert_null(map.at);
    mlp_map_free(NULL);
}

static void floods_everything(void **state) {
    (void)state;
    enum { SIDE = 300 };
    mlp_map map = {0};
    mlp_error err = {0};
    assert_ok(mlp_map_create(&map, SIDE, SIDE + 1, &err), err);
    const mlp_component c = mlp_map_flood(&map, 12345, 0, 1);
    assert_int_equal(c.area, SIDE * (SIDE + 1));
    assert_int_equal(c.box.bottom, SIDE);
    assert_int_equal(c.box.right, SIDE + 1);
    mlp_map_free(&map);
}

static void grows_by_rows_and_columns(void **state) {
    (void)state;
    mlp_map map = map_of("       "
                         "   #   "
                         "       "
                         "       "
                         "      #",
                         5);
    mlp_map_grow(&map, 1, 1, false);
    assert_map(&map, "  ###  "
                     "  ###  "
                     "  ###  "
                     "     ##"
                     "     ##");
    mlp_map_free(&map);
    map = map_of("       "
                 "       "
                 "       "
                 "       "
                 "       ",
                 5);
    mlp_map_grow(&map, 1, 2, true); /* from the edge */
    assert_map(&map, "#######"
                     "#######"
                     "##   ##"
                     "#######"
                     "#######");
    mlp_map_grow(&map, 1, 0, true);
    assert_int_equal(map.at[2 * 7 + 2], 0);
    mlp_map_free(&map);
}

/* Random maps: the labels are spread from neighbour to neighbour until nothing changes. */
static void floods_like_a_plain_loop(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 1, 0);
    for (size_t k = 0; k < 400; k++) {
        const size_t h = 1 + k % 7, w = 1 + k % 11, n = h * w;
        char rows[78] = {0}, plain[78];
        for (size_t i = 0; i < n; i++) rows[i] = mlp_rng_below(&rng, 2) > 0 ? '#' : ' ';
        const size_t start = mlp_rng_below(&rng, n);
        rows[start] = '#';
        mlp_map map = map_of(rows, h);
        memcpy(plain, rows, n);
        plain[start] = 'o';
        for (size_t round = 0; round < n; round++)
            for (size_t a = 0; a < n; a++)
                for (size_t b = 0; b < n; b++) {
                    const size_t dy = a / w > b / w ? a / w - b / w : b / w - a / w;
                    const size_t dx = a % w > b % w ? a % w - b % w : b % w - a % w;
                    if (plain[a] == 'o' && plain[b] == '#' && dy < 2 && dx < 2) plain[b] = 'o';
                }
        const mlp_component c = mlp_map_flood(&map, start, 1, 2);
        assert_map(&map, plain);
        mlp_component e = {start, 0, {h, 0, w, 0}};
        for (size_t i = 0; i < n; i++) {
            if (plain[i] != 'o') continue;
            e.area++;
            e.box.top = i / w < e.box.top ? i / w : e.box.top;
            e.box.bottom = i / w + 1 > e.box.bottom ? i / w + 1 : e.box.bottom;
            e.box.left = i % w < e.box.left ? i % w : e.box.left;
            e.box.right = i % w + 1 > e.box.right ? i % w + 1 : e.box.right;
        }
        assert_memory_equal(&c, &e, sizeof c);
        mlp_map_free(&map);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floods_one_component),
        cmocka_unit_test(floods_everything),
        cmocka_unit_test(floods_like_a_plain_loop),
        cmocka_unit_test(grows_by_rows_and_columns),
    };
    return cmocka_run_group_tests_name("shapes", tests, NULL, NULL);
}

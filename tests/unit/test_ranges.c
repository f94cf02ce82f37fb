/* test_ranges.c - ranges cover each item exactly once, for sizes that divide n and others. */
#include "mlp/base/team.h"

#include <assert.h>
#include <string.h>

#include "unit.h"

enum { MOST = 40 };

typedef struct visits {
    unsigned char count[MOST]; /* of each item */
    size_t size;
} visits;

static void visit(void *context, size_t first, size_t n, int thread) {
    visits *v = context;
    (void)thread;
    assert(n > 0 && n <= v->size && first % v->size == 0);
    for (size_t i = first; i < first + n; i++) v->count[i]++;
}

static void cover_every_item_once(void **state) {
    (void)state;
    mlp_team *teams[] = {NULL, team_of(3)};
    for (size_t t = 0; t < 2; t++)
        for (size_t n = 0; n <= MOST; n++)
            for (size_t size = 1; size <= MOST + 1; size++) {
                visits v = {.size = size};
                mlp_ranges_run(teams[t], visit, &v, n, size);
                for (size_t i = 0; i < MOST; i++) assert_int_equal(v.count[i], i < n);
            }
    mlp_team_free(teams[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(cover_every_item_once)};
    return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}

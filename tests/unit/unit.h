/* unit.h - what every unit test needs: cmocka, and comparisons of doubles that show the numbers. */
#pragma once

/* cmocka.h needs these headers before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/net/blas.h"

/* |actual - expected| <= tolerance; NaN fails. */
#define assert_near(actual, expected, tolerance)                                                                       \
    do {                                                                                                               \
        const double a_ = (double)(actual), e_ = (double)(expected), t_ = (double)(tolerance);                         \
        if (!(fabs(a_ - e_) <= t_)) fail_msg("%s is %.17g, expected %.17g within %g", #actual, a_, e_, t_);            \
    } while (0)

/* A library call that must succeed; shows its message when it does not. */
#define assert_ok(call, error)                                                                                         \
    do {                                                                                                               \
        if ((call) != MLP_OK) fail_msg("%s: %s", #call, (error).message);                                              \
    } while (0)

/* A team that must come about; free it with mlp_team_free. */
static inline mlp_team *team_of(int threads) {
    mlp_team *team = NULL;
    mlp_error err = {0};
    assert_ok(mlp_team_create(&team, threads, &err), err);
    assert_int_equal(mlp_team_threads(team), threads);
    return team;
}

/* A BLAS that must open; free it with mlp_blas_close. */
static inline mlp_blas *open_blas(void) {
    mlp_blas *blas = NULL;
    mlp_error err = {0};
    assert_ok(mlp_blas_open(&blas, &err), err);
    return blas;
}

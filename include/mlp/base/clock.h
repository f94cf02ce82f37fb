/* clock.h - a clock for measuring durations. */
#pragma once

#include <time.h>

/* Seconds on the monotonic clock, which changes of the system time do not affect. */
static inline double mlp_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

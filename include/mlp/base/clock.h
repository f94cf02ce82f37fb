/* clock.h - what time it is, for durations alone. */
#ifndef MLP_CLOCK_H
#define MLP_CLOCK_H

#include <time.h>

/* Seconds on the monotonic clock, which nobody sets. */
static inline double mlp_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif

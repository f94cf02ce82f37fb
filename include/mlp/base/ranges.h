/* ranges.h - divides items 0 .. n-1 into ranges of equal size, one range per piece of a team's
   work. The size must not depend on the number of threads: then results do not depend on it. */
#ifndef MLP_RANGES_H
#define MLP_RANGES_H

#include <stddef.h>

#include "mlp/base/team.h"

/* Elements per range where an operation treats each element of an array alone. */
enum { MLP_ELEMENTS = 16384 };

/* The number of ranges of `size` items that cover n items. */
static inline size_t mlp_range_count(size_t n, size_t size) {
    return (n + size - 1) / size;
}

/* Sets *first to the first item of range `piece`; returns its length: `size`, or fewer in the last
   range. */
static inline size_t mlp_range(size_t *first, size_t piece, size_t n, size_t size) {
    *first = piece * size;
    return n - *first < size ? n - *first : size;
}

/* Processes items first .. first+n-1; `thread` as in mlp_task. */
typedef void (*mlp_range_task)(void *context, size_t first, size_t n, int thread);

/* Runs the task on each range of `size` of n items, shared among the team's threads. */
void mlp_ranges_run(mlp_team *team, mlp_range_task task, void *context, size_t n, size_t size);

#endif

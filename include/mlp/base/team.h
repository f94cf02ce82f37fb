/* team.h - worker threads that share the numbered pieces of a task. A thread claims its next piece when it is free: a
   preempted thread delays no other, and a thread without work soon sleeps. Results must not depend on which thread
   does a piece. A NULL team is the calling thread alone. */
#pragma once

#include "mlp/base/status.h"

/* The number of processors in the affinity mask of this process, or fewer if the CPU quota of its cgroup (a container)
   allows fewer; at least 1. */
int mlp_processors(void);

typedef struct mlp_team mlp_team;

/* Does one piece of a task. `thread`, 0 .. threads-1 (0: the caller), is the thread that does it: it selects scratch
   memory. */
typedef void (*mlp_task)(void *context, size_t piece, int thread);

/* Creates a team of `threads` >= 1, the caller included; fewer if the system cannot start so many (mlp_team_threads
   returns the number). Fails if memory runs out; *team is then NULL. */
mlp_status mlp_team_create(mlp_team **team, int threads, mlp_error *err);
void mlp_team_free(mlp_team *team); /* NULL-safe */

/* Keeps the first `threads` >= 1 threads of the team and ends the others. */
void mlp_team_shrink(mlp_team *team, int threads);

int mlp_team_threads(const mlp_team *team);

/* Does pieces 0 .. n-1 of the task and returns when all are done. Only the thread that created the team may call it,
   and not from inside a task. During the call denormal numbers count as 0, if the processor supports that. */
void mlp_team_run(mlp_team *team, mlp_task task, void *context, size_t n);

/* ---- ranges of items, as pieces of a size that does not depend on the number of threads ---- */

/* Elements per range, for operations that compute each element of an array independently. */
enum { MLP_ELEMENTS = 16384 };

/* The number of ranges of `size` items that cover n items. */
static inline size_t mlp_range_count(size_t n, size_t size) { return (n + size - 1) / size; }

/* Sets *first to the first item of range `piece`; returns its length: `size`, or fewer in the last range. */
static inline size_t mlp_range(size_t *first, size_t piece, size_t n, size_t size) {
    *first = piece * size;
    return n - *first < size ? n - *first : size;
}

/* Processes items first .. first+n-1; `thread` as in mlp_task. */
typedef void (*mlp_range_task)(void *context, size_t first, size_t n, int thread);

/* Divides n items into ranges of `size` items and runs the task on each range; the threads of the team share the
   ranges. */
void mlp_ranges_run(mlp_team *team, mlp_range_task task, void *context, size_t n, size_t size);

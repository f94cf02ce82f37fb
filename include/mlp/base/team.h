/* team.h - a team of threads that shares out numbered pieces of work. Pieces are claimed, not
   assigned: a thread that the system has put aside delays nobody, and a thread that finds nothing
   to do soon sleeps. Results must not depend on who does which piece. A NULL team is the caller
   alone. */
#ifndef MLP_TEAM_H
#define MLP_TEAM_H

#include <stddef.h>

#include "mlp/base/status.h"

typedef struct mlp_team mlp_team;

/* One piece of a task; `thread` (0 .. threads-1, 0 the caller's) tells whose scratch memory to
   use. */
typedef void (*mlp_task)(void *context, size_t piece, int thread);

/* A team of `threads` >= 1, the caller included, or of fewer where the system starts no more;
   mlp_team_threads tells. *team is NULL on failure, for want of memory. */
mlp_status mlp_team_create(mlp_team **team, int threads, mlp_error *err);
void mlp_team_free(mlp_team *team); /* NULL-safe */

/* Ends the threads from number `threads` >= 1 on. */
void mlp_team_shrink(mlp_team *team, int threads);

int mlp_team_threads(const mlp_team *team);

/* Does pieces 0 .. n-1 of the task and returns when all are done. Only the creating thread may
   call it, and a task may not. Where the processor can, denormal numbers are 0 meanwhile. */
void mlp_team_run(mlp_team *team, mlp_task task, void *context, size_t n);

/* Processors this process may use, at least 1: those of its affinity, or fewer where the CPU quota
   of a cgroup (a container) is worth fewer. */
int mlp_team_processors(void);

#endif

/* ranges.c - runs a task on ranges of items. */
#include "mlp/base/ranges.h"

typedef struct range_job {
    mlp_range_task task;
    void *context;
    size_t n, size;
} range_job;

static void run_range(void *context, size_t piece, int thread) {
    const range_job *job = context;
    size_t first;
    const size_t n = mlp_range(&first, piece, job->n, job->size);
    job->task(job->context, first, n, thread);
}

void mlp_ranges_run(mlp_team *team, mlp_range_task task, void *context, size_t n, size_t size) {
    range_job job = {task, context, n, size};
    mlp_team_run(team, run_range, &job, mlp_range_count(n, size));
}

/* average.c - exponential moving average of the parameters. */
#include "mlp/train/average.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"

mlp_status mlp_average_create(mlp_average *average, double decay, const float *params, size_t n, mlp_error *err) {
    if (decay <= 0) return MLP_OK;
    average->decay = decay;
    average->n = n;
    average->params = mlp_alloc_unset(n, sizeof *params, "the average of the weights", err);
    if (average->params == NULL) return MLP_ERR_MEMORY;
    memcpy(average->params, params, n * sizeof *params);
    return MLP_OK;
}

void mlp_average_free(mlp_average *average) {
    free(average->params);
    *average = (mlp_average){0};
}

typedef struct average_job {
    float *average;
    const float *params;
    float rate;
} average_job;

/* average += rate (params - average) */
MLP_CLONES static void move_towards(float *restrict average, const float *restrict params, size_t n, float rate) {
    for (size_t i = 0; i < n; i++) average[i] += rate * (params[i] - average[i]);
}

static void update_range(void *context, size_t first, size_t n, int thread) {
    const average_job *job = context;
    (void)thread;
    move_towards(job->average + first, job->params + first, n, job->rate);
}

void mlp_average_update(mlp_average *average, const float *params, size_t iteration, mlp_team *team) {
    if (average->params == NULL) return;
    if (iteration <= MLP_AVERAGE_EVERY) {
        memcpy(average->params, params, average->n * sizeof *params);
    } else if (iteration % MLP_AVERAGE_EVERY == 0) {
        const size_t t = iteration / MLP_AVERAGE_EVERY;
        const double decay = average->decay;
        average_job job = {average->params, params, (float)((1 - decay) / (1 - pow(decay, (double)t)))};
        mlp_ranges_run(team, update_range, &job, average->n, MLP_ELEMENTS);
    }
}

/* metrics.h - what a run measures: the metrics of a dataset and the event of an iteration. */
#pragma once

#include <math.h>

#include "mlp/base/status.h"

typedef struct mlp_metrics {
    double loss;       /* mean over the examples */
    double accuracy;   /* correct / n */
    double std_error;  /* standard error of the accuracy a: sqrt(a (1 - a) / n), binomial */
    size_t correct, n; /* n is 0 if nothing was measured */
} mlp_metrics;

/* The metrics that follow from a mean loss and a number of correct predictions; n > 0. */
static inline mlp_metrics mlp_metrics_of(double loss, size_t correct, size_t n) {
    const double a = (double)correct / (double)n;
    return (mlp_metrics){loss, a, sqrt(a * (1 - a) / (double)n), correct, n};
}

struct mlp_batch; /* defined in net/batch.h */

/* Reported once before the first update (iteration 0) and after each update. */
typedef struct mlp_event {
    size_t iteration;                    /* updates made */
    double epoch;                        /* iteration / batches per epoch */
    double loss;                         /* of the batch; NaN at iteration 0 */
    double lr;                           /* learning rate of the update; NaN at iteration 0 */
    mlp_metrics train, validation, test; /* n is 0 if it was not evaluated in this iteration */
    const struct mlp_batch *batch;       /* the batch of the update; NULL at iteration 0 */
    size_t examples;                     /* examples trained on since iteration 0; a repeated example counts again */
    double seconds;                      /* time that this process spent in updates, without evaluations */
} mlp_event;

/* Receives the events. A status other than MLP_OK ends the run; MLP_STOPPED is not an error. */
typedef mlp_status (*mlp_observer)(void *context, const mlp_event *event, mlp_error *err);

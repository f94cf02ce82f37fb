/* evaluate.h - how well a network does on a whole dataset. */
#ifndef MLP_EVALUATE_H
#define MLP_EVALUATE_H

#include <stddef.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/data/dataset.h"
#include "mlp/net/network.h"

typedef struct mlp_metrics {
    double loss;       /* mean over the examples */
    double accuracy;   /* correct / n */
    double std_error;  /* of the accuracy: sqrt(a (1 - a) / n), binomial */
    size_t correct, n; /* n 0: not measured */
} mlp_metrics;

/* Mean loss and number of correct predictions, and what follows from them; n > 0. */
mlp_metrics mlp_metrics_of(double loss, size_t correct, size_t n);

/* Room to evaluate datasets of up to `most` examples on a team. */
typedef struct mlp_evaluator {
    mlp_team *team; /* borrowed */
    size_t most;
    mlp_batch *batches;     /* [threads of the team] */
    double *chunk_losses;   /* [chunks] summed in order, so that threads do not matter */
    size_t *chunk_corrects; /* [chunks] */
} mlp_evaluator;

/* Zero-initialise before; free whatever the outcome, before the team. */
mlp_status mlp_evaluator_create(mlp_evaluator *evaluator, const mlp_network *net, size_t most,
                                mlp_team *team, mlp_error *err);
void mlp_evaluator_free(mlp_evaluator *evaluator);

/* All examples of `set` (no more than `most`), without dropout. */
mlp_metrics mlp_evaluate(mlp_evaluator *evaluator, const mlp_network *net, const mlp_dataset *set);

/* How often each label was taken for each class. */
typedef struct mlp_confusion {
    size_t n_classes;
    size_t *counts; /* [label x predicted] */
} mlp_confusion;

/* Counts over all examples of `set`, and measures them as mlp_evaluate does. The labels must be
   classes of the network. Zero-initialise before; free whatever the outcome. */
mlp_status mlp_confusion_create(mlp_confusion *confusion, mlp_metrics *metrics,
                                mlp_evaluator *evaluator, const mlp_network *net,
                                const mlp_dataset *set, mlp_error *err);
void mlp_confusion_free(mlp_confusion *confusion);

#endif

/* evaluate.h - loss, accuracy and confusion matrix of a network on a whole dataset. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/data/dataset.h"
#include "mlp/net/batch.h"
#include "mlp/net/network.h"
#include "mlp/train/metrics.h"

/* Buffers for evaluating datasets of up to `capacity` examples with a team. */
typedef struct mlp_evaluator {
    mlp_team *team; /* not owned */
    size_t capacity;
    size_t n_batches;       /* threads of the team at creation; later it may have fewer */
    mlp_batch *batches;     /* [n_batches] */
    double *chunk_losses;   /* [chunks] sums of losses, added in order: the result does not depend
                               on the number of threads */
    size_t *chunk_corrects; /* [chunks] numbers of correct predictions */
} mlp_evaluator;

/* Zero-initialise before; free whatever the result, before the team. */
mlp_status mlp_evaluator_create(mlp_evaluator *evaluator, const mlp_network *net, size_t capacity, mlp_team *team,
                                mlp_error *err);
void mlp_evaluator_free(mlp_evaluator *evaluator);

/* The metrics of `set`, which has 1 to `capacity` examples. Dropout does not apply. predicted [set->n], NULL if not
   needed: the class that is predicted for each example. */
mlp_metrics mlp_evaluate(mlp_evaluator *evaluator, const mlp_network *net, const mlp_dataset *set, uint8_t *predicted);

/* How many examples of each label were predicted as each class. */
typedef struct mlp_confusion {
    size_t n_classes;
    size_t *counts; /* [label x predicted class] */
} mlp_confusion;

/* Fills the matrix and the metrics for `set`, whose labels must be classes of the network.
   Zero-initialise before; free whatever the result. */
mlp_status mlp_confusion_create(mlp_confusion *confusion, mlp_metrics *metrics, mlp_evaluator *evaluator,
                                const mlp_network *net, const mlp_dataset *set, mlp_error *err);

/* The class that every example was predicted as; SIZE_MAX if more than one class was predicted. */
size_t mlp_confusion_only(const mlp_confusion *confusion);
void mlp_confusion_free(mlp_confusion *confusion);

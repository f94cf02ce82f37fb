/* predictions.h - what a network predicts for each example of a dataset, and how the outputs of its hidden units vary
   over the dataset. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/data/dataset.h"
#include "mlp/net/network.h"

/* An example and its key in a ranking. */
typedef struct mlp_ranked {
    float key;
    uint32_t example;
} mlp_ranked;

/* Zero-initialise; free whatever the result. */
typedef struct mlp_predictions {
    size_t n, n_hidden, n_wrong;
    const mlp_dataset *set; /* not owned */
    uint8_t *predicted;     /* [n] the most probable class */
    float *p_predicted;     /* [n] its probability */
    float *p_label;         /* [n] the probability of the label */
    mlp_ranked *ranked;     /* [n] first the n_wrong mistakes, the most confident first; then the right predictions,
                               the least confident first */
    double *z_mean, *z_std; /* [n_hidden] mean and standard deviation of the outputs of the hidden units */
} mlp_predictions;

/* Fills *predictions for `set`, whose labels must be classes of the network. */
mlp_status mlp_predictions_create(mlp_predictions *predictions, const mlp_network *net, const mlp_dataset *set,
                                  mlp_team *team, mlp_error *err);
void mlp_predictions_free(mlp_predictions *predictions); /* NULL-safe; leaves *predictions zeroed */

/* The label of example i. */
static inline uint8_t mlp_predictions_label(const mlp_predictions *predictions, size_t i) {
    return predictions->set->labels[mlp_dataset_image(predictions->set, i)];
}

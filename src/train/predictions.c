/* predictions.c - a forward pass over a dataset that keeps the prediction to each example. */
#include "mlp/train/predictions.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "mlp/base/memory.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

enum { BATCH = 200 };

/* Adds the batch's hidden outputs to the sums: z_mean has the sums of z, z_std those of z². */
static void add_hidden(mlp_predictions *a, const mlp_batch *batch) {
    for (size_t i = 0; i < batch->n; i++) {
        const float *z = batch->z + i * batch->stride_hidden;
        for (size_t j = 0; j < a->n_hidden; j++) {
            a->z_mean[j] += (double)z[j];
            a->z_std[j] += (double)z[j] * (double)z[j];
        }
    }
}

static void keep(mlp_predictions *a, size_t first, const mlp_batch *batch) {
    for (size_t i = 0; i < batch->n; i++) {
        const float *p = batch->p + i * batch->stride_out;
        assert(batch->labels[i] < batch->n_out);
        a->predicted[first + i] = batch->predicted[i];
        a->p_predicted[first + i] = p[batch->predicted[i]];
        a->p_label[first + i] = p[batch->labels[i]];
    }
}

/* Sorts by key, smaller keys first; equal keys in the order of the file. */
static int by_key(const void *a, const void *b) {
    const mlp_ranked *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->example > y->example) - (x->example < y->example);
}

/* Mistakes have keys below 0, right predictions above. */
static void rank(mlp_predictions *a) {
    for (size_t i = 0; i < a->n; i++) {
        const bool wrong = a->predicted[i] != mlp_predictions_label(a, i);
        a->ranked[i] = (mlp_ranked){wrong ? -a->p_predicted[i] : a->p_predicted[i], (uint32_t)i};
        a->n_wrong += wrong;
    }
    qsort(a->ranked, a->n, sizeof *a->ranked, by_key);
}

mlp_status mlp_predictions_create(mlp_predictions *a, const mlp_network *net, const mlp_dataset *set, mlp_team *team,
                                  mlp_error *err) {
    mlp_batch batch = {0};
    a->n = set->n;
    a->n_hidden = net->shape.n_hidden;
    a->set = set;
    MLP_NEW(a->predicted, set->n, 1, "the predictions", err);
    MLP_NEW(a->p_predicted, set->n, 1, "the predictions", err);
    MLP_NEW(a->p_label, set->n, 1, "the predictions", err);
    MLP_NEW(a->ranked, set->n, 1, "the predictions", err);
    MLP_NEW(a->z_mean, a->n_hidden, 1, "the hidden units", err);
    MLP_NEW(a->z_std, a->n_hidden, 1, "the hidden units", err);
    const mlp_status status = mlp_batch_create(&batch, net, set->n < BATCH ? set->n : BATCH, false, err);
    for (size_t first = 0; status == MLP_OK && first < set->n; first += BATCH) {
        const size_t n = set->n - first < BATCH ? set->n - first : BATCH;
        mlp_batch_load(&batch, set, NULL, first, n, NULL);
        mlp_network_forward(&batch, net, team);
        keep(a, first, &batch);
        add_hidden(a, &batch);
    }
    mlp_batch_free(&batch);
    for (size_t j = 0; j < a->n_hidden; j++) {
        a->z_mean[j] /= (double)set->n;
        a->z_std[j] = sqrt(fmax(a->z_std[j] / (double)set->n - a->z_mean[j] * a->z_mean[j], 0));
    }
    if (status == MLP_OK) rank(a);
    return status;
}

void mlp_predictions_free(mlp_predictions *a) {
    if (a == NULL) return;
    MLP_FREE(a->predicted, a->p_predicted, a->p_label, a->ranked, a->z_mean, a->z_std);
    *a = (mlp_predictions){0};
}

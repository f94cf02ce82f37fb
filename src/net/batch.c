/* batch.c - the buffers of a batch. */
#include "mlp/net/batch.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/team.h"
#include "mlp/net/linalg.h"

size_t mlp_network_panels(const mlp_network *net) { return net->blocks[MLP_W1].stride / MLP_PANEL; }

size_t mlp_batch_piece(size_t n) {
    enum { ROWS = 50, MOST_PIECES = 64 };
    const size_t fewest = mlp_range_count(n, MOST_PIECES);
    return fewest > ROWS ? fewest : ROWS;
}

/* Allocates the buffers that only a sparse first layer needs. */
static mlp_status create_sparse(mlp_batch *batch, const mlp_network *net, mlp_error *err) {
    enum { MOST_GROUPS = 16 };
    const size_t panels = mlp_network_panels(net);
    batch->group_panels = mlp_range_count(panels, MOST_GROUPS);
    batch->groups = mlp_range_count(panels, batch->group_panels);
    const size_t most = batch->capacity < MLP_BATCH_COLUMNS ? batch->capacity : MLP_BATCH_COLUMNS;
    const size_t blocks = mlp_range_count(most, MLP_SPARSE_BLOCK), n_in = net->shape.n_in;
    MLP_NEW(batch->rows, batch->capacity, mlp_range_count(n_in, MLP_SPARSE_TILE), "a batch", err);
    MLP_NEW(batch->columns, blocks, n_in, "a batch", err);
    MLP_NEW(batch->used, blocks, mlp_range_count(n_in, MLP_SPARSE_STRIPE), "a batch", err);
    MLP_NEW(batch->transposed, blocks * n_in, MLP_SPARSE_COLUMN, "a batch", err);
    MLP_NEW(batch->partial, batch->capacity * batch->groups, batch->stride_out, "a batch", err);
    return MLP_OK;
}

mlp_status mlp_batch_create(mlp_batch *batch, const mlp_network *net, size_t capacity, bool dropout, mlp_error *err) {
    const char *what = "a batch";
    if (capacity > MLP_LINALG_MAX)
        return mlp_fail(err, MLP_ERR_USAGE, "a batch of %zu examples is larger than BLAS can take", capacity);
    batch->capacity = capacity;
    batch->n_out = net->shape.n_out;
    batch->stride_in = mlp_stride(net->shape.n_in);
    batch->stride_hidden = net->blocks[MLP_W1].stride;
    batch->stride_out = mlp_stride(net->shape.n_out);
    if (net->shape.sparse) {
        MLP_TRY(create_sparse(batch, net, err));
    } else {
        MLP_NEW(batch->x, capacity, batch->stride_in, what, err);
        MLP_NEW(batch->dz, capacity, batch->stride_hidden, what, err);
    }
    MLP_NEW(batch->labels, capacity, 1, what, err);
    MLP_NEW(batch->z, capacity, batch->stride_hidden, what, err);
    batch->h = batch->z;
    if (dropout) {
        MLP_NEW(batch->mask, capacity, batch->stride_hidden, what, err);
        MLP_NEW(batch->h, capacity, batch->stride_hidden, what, err);
    }
    MLP_NEW(batch->p, capacity, batch->stride_out, what, err);
    MLP_NEW(batch->predicted, capacity, 1, what, err);
    MLP_NEW(batch->losses, capacity, 1, what, err);
    MLP_NEW(batch->dy, capacity, batch->stride_out, what, err);
    return MLP_OK;
}

void mlp_batch_free(mlp_batch *batch) {
    MLP_FREE(batch->x, batch->rows, batch->columns, batch->used, batch->transposed, batch->labels,
             batch->h != batch->z ? batch->h : NULL, batch->z, batch->mask, batch->partial, batch->p, batch->predicted,
             batch->losses, batch->dy, batch->dz);
    memset(batch, 0, sizeof *batch);
}

void mlp_batch_drop(mlp_batch *batch, const mlp_network *net, double p, mlp_rng *rng) {
    if (batch->mask == NULL) return;
    const float kept = (float)(1.0 / (1.0 - p));
    for (size_t i = 0; i < batch->n; i++)
        for (size_t j = 0; j < net->shape.n_hidden; j++)
            batch->mask[i * batch->stride_hidden + j] = mlp_rng_uniform(rng) < p ? 0.0F : kept;
}

double mlp_batch_loss(const mlp_batch *batch) {
    double sum = 0;
    for (size_t i = 0; i < batch->n; i++) sum += batch->losses[i];
    return sum / (double)batch->n;
}

size_t mlp_batch_correct(const mlp_batch *batch) {
    size_t correct = 0;
    for (size_t i = 0; i < batch->n; i++) correct += batch->predicted[i] == batch->labels[i];
    return correct;
}

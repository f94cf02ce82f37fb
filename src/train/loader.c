/* loader.c - copies examples of a dataset into a batch. */
#include "mlp/train/loader.h"

#include <assert.h>

typedef struct load_job {
    mlp_batch *batch;
    const mlp_dataset *set;
    const uint32_t *indices;
    size_t first;
} load_job;

/* Rows first .. first+n-1 of a batch for a dense first layer: pixels as floats. */
static void load_dense(void *context, size_t first, size_t n, int thread) {
    const load_job *job = context;
    mlp_batch *batch = job->batch;
    (void)thread;
    mlp_dataset_gather(batch->x + first * batch->stride_in, batch->stride_in, batch->labels + first, job->set,
                       job->indices == NULL ? NULL : job->indices + first, job->first + first, n);
}

/* A batch for a sparse first layer: pointers to the compressed rows. */
static void load_sparse(mlp_batch *batch, const load_job *job) {
    const mlp_dataset *set = job->set;
    batch->values = set->compressed->values;
    for (size_t i = 0; i < batch->n; i++) {
        const size_t example = job->indices == NULL ? job->first + i : job->indices[i];
        const size_t image = mlp_dataset_image(set, example);
        for (size_t t = 0; t < set->compressed->tiles; t++) {
            mlp_row *row = &batch->rows[t * batch->capacity + i];
            *row = mlp_rows_at(set->compressed, image, t);
            row->at = (uint32_t)i;
        }
        batch->labels[i] = set->labels[image];
    }
}

void mlp_batch_load(mlp_batch *batch, const mlp_dataset *set, const uint32_t *indices, size_t first, size_t n,
                    mlp_team *team) {
    assert(n <= batch->capacity);
    load_job job = {batch, set, indices, first};
    batch->n = n;
    if (batch->rows != NULL)
        load_sparse(batch, &job);
    else
        mlp_ranges_run(team, load_dense, &job, n, mlp_batch_piece(n));
}

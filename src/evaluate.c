/* evaluate.c - loss and accuracy over a dataset, in chunks that threads share out. */
#include "mlp/evaluate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_thread_num() 0
#endif

#include "mlp/memory.h"

/* Images in a chunk: whatever the number of threads, the same sums in the same order. */
enum { CHUNK = 200 };

mlp_status mlp_evaluator_create(mlp_evaluator *evaluator, const mlp_network *net, size_t most,
                                int threads, mlp_error *err) {
    const size_t chunks = most / CHUNK + 1;
    evaluator->most = most;
    evaluator->chunk_losses = mlp_alloc(chunks, sizeof(double), "evaluation sums", err);
    evaluator->chunk_corrects = mlp_alloc(chunks, sizeof(size_t), "evaluation sums", err);
    evaluator->batches = mlp_alloc((size_t)threads, sizeof(mlp_batch), "evaluation batches", err);
    if (!evaluator->chunk_losses || !evaluator->chunk_corrects || !evaluator->batches)
        return MLP_ERR_MEMORY;
    evaluator->threads = threads;
    for (int i = 0; i < threads; i++) {
        const size_t capacity = most < CHUNK ? most : CHUNK;
        const mlp_status status =
            mlp_batch_create(&evaluator->batches[i], net, capacity, false, err);
        if (status != MLP_OK)
            return status;
    }
    return MLP_OK;
}

void mlp_evaluator_free(mlp_evaluator *evaluator) {
    for (int i = 0; i < evaluator->threads; i++)
        mlp_batch_free(&evaluator->batches[i]);
    free(evaluator->batches);
    free(evaluator->chunk_losses);
    free(evaluator->chunk_corrects);
    memset(evaluator, 0, sizeof *evaluator);
}

mlp_metrics mlp_evaluate(mlp_evaluator *evaluator, const mlp_network *net, const mlp_dataset *set) {
    assert(set->n > 0 && set->n <= evaluator->most);
    const size_t chunks = (set->n - 1) / CHUNK + 1;
#pragma omp parallel for num_threads(evaluator->threads)                                           \
    schedule(dynamic) if (evaluator->threads > 1)
    for (size_t c = 0; c < chunks; c++) {
        mlp_batch *batch = &evaluator->batches[omp_get_thread_num()];
        const size_t first = c * CHUNK, left = set->n - first;
        mlp_batch_load(batch, set, NULL, first, left < CHUNK ? left : CHUNK, 1);
        mlp_network_forward(batch, net, 1);
        evaluator->chunk_losses[c] = mlp_batch_loss(batch) * (double)batch->n;
        evaluator->chunk_corrects[c] = mlp_batch_correct(batch);
    }
    mlp_metrics m = {.n = set->n};
    for (size_t c = 0; c < chunks; c++) {
        m.loss += evaluator->chunk_losses[c];
        m.correct += evaluator->chunk_corrects[c];
    }
    m.loss /= (double)m.n;
    m.accuracy = (double)m.correct / (double)m.n;
    m.std_error = sqrt(m.accuracy * (1 - m.accuracy) / (double)m.n);
    return m;
}

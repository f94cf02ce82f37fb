/* evaluate.c - evaluates a dataset in chunks, shared among threads. */
#include "mlp/train/evaluate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

/* Examples per chunk. */
enum { CHUNK = 200 };

mlp_status mlp_evaluator_create(mlp_evaluator *evaluator, const mlp_network *net, size_t capacity, mlp_team *team,
                                mlp_error *err) {
    const size_t chunks = mlp_range_count(capacity, CHUNK);
    const size_t batch_size = capacity < CHUNK ? capacity : CHUNK;
    evaluator->capacity = capacity;
    evaluator->team = team;
    evaluator->n_batches = (size_t)mlp_team_threads(team);
    MLP_NEW(evaluator->chunk_losses, chunks, 1, "evaluation sums", err);
    MLP_NEW(evaluator->chunk_corrects, chunks, 1, "evaluation sums", err);
    MLP_NEW(evaluator->batches, evaluator->n_batches, 1, "evaluation batches", err);
    for (size_t i = 0; i < evaluator->n_batches; i++)
        MLP_TRY(mlp_batch_create(&evaluator->batches[i], net, batch_size, false, err));
    return MLP_OK;
}

void mlp_evaluator_free(mlp_evaluator *evaluator) {
    for (size_t i = 0; evaluator->batches != NULL && i < evaluator->n_batches; i++)
        mlp_batch_free(&evaluator->batches[i]);
    MLP_FREE(evaluator->batches, evaluator->chunk_losses, evaluator->chunk_corrects);
    *evaluator = (mlp_evaluator){0};
}

typedef struct evaluate_job {
    mlp_evaluator *evaluator;
    const mlp_network *net;
    const mlp_dataset *set;
    uint8_t *predicted; /* [set->n] or NULL */
} evaluate_job;

static void evaluate_chunk(void *context, size_t first, size_t n, int thread) {
    const evaluate_job *job = context;
    mlp_batch *batch = &job->evaluator->batches[thread];
    mlp_batch_load(batch, job->set, NULL, first, n, NULL);
    mlp_network_forward(batch, job->net, NULL);
    job->evaluator->chunk_losses[first / CHUNK] = mlp_batch_loss(batch) * (double)n;
    job->evaluator->chunk_corrects[first / CHUNK] = mlp_batch_correct(batch);
    if (job->predicted != NULL) memcpy(job->predicted + first, batch->predicted, n);
}

mlp_metrics mlp_evaluate(mlp_evaluator *evaluator, const mlp_network *net, const mlp_dataset *set, uint8_t *predicted) {
    assert(set->n > 0 && set->n <= evaluator->capacity);
    evaluate_job job = {evaluator, net, set, predicted};
    mlp_ranges_run(evaluator->team, evaluate_chunk, &job, set->n, CHUNK);
    double loss = 0;
    size_t correct = 0;
    for (size_t c = 0; c < mlp_range_count(set->n, CHUNK); c++) {
        loss += evaluator->chunk_losses[c];
        correct += evaluator->chunk_corrects[c];
    }
    return mlp_metrics_of(loss / (double)set->n, correct, set->n);
}

mlp_status mlp_confusion_create(mlp_confusion *confusion, mlp_metrics *metrics, mlp_evaluator *evaluator,
                                const mlp_network *net, const mlp_dataset *set, mlp_error *err) {
    const size_t n = net->shape.n_out;
    confusion->n_classes = n;
    MLP_NEW(confusion->counts, n, n, "the confusion matrix", err);
    uint8_t *predicted = mlp_alloc(set->n, 1, "the predictions", err);
    if (predicted == NULL) return MLP_ERR_MEMORY;
    *metrics = mlp_evaluate(evaluator, net, set, predicted);
    for (size_t i = 0; i < set->n; i++) {
        const uint8_t label = set->labels[mlp_dataset_image(set, i)];
        assert(label < n);
        confusion->counts[label * n + predicted[i]]++;
    }
    free(predicted);
    return MLP_OK;
}

size_t mlp_confusion_only(const mlp_confusion *confusion) {
    const size_t n = confusion->n_classes;
    size_t only = SIZE_MAX;
    for (size_t i = 0; i < n * n; i++) {
        if (confusion->counts[i] == 0 || only == i % n) continue;
        if (only != SIZE_MAX) return SIZE_MAX;
        only = i % n;
    }
    return only;
}

void mlp_confusion_free(mlp_confusion *confusion) {
    if (confusion == NULL) return;
    free(confusion->counts);
    *confusion = (mlp_confusion){0};
}

/* evaluate.c - loss and accuracy over a dataset, in chunks that threads share out. */
#include "mlp/train/evaluate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

/* Images in a chunk: whatever the number of threads, the same sums in the same order. */
enum { CHUNK = 200 };

mlp_status mlp_evaluator_create(mlp_evaluator *evaluator, const mlp_network *net, size_t most,
                                mlp_team *team, mlp_error *err) {
    const size_t chunks = most / CHUNK + 1, threads = (size_t)mlp_team_threads(team);
    evaluator->most = most;
    evaluator->team = team;
    evaluator->chunk_losses = mlp_alloc(chunks, sizeof(double), "evaluation sums", err);
    evaluator->chunk_corrects = mlp_alloc(chunks, sizeof(size_t), "evaluation sums", err);
    evaluator->batches = mlp_alloc(threads, sizeof(mlp_batch), "evaluation batches", err);
    if (!evaluator->chunk_losses || !evaluator->chunk_corrects || !evaluator->batches)
        return MLP_ERR_MEMORY;
    for (size_t i = 0; i < threads; i++) {
        const mlp_status status =
            mlp_batch_create(&evaluator->batches[i], net, most < CHUNK ? most : CHUNK, false, err);
        if (status != MLP_OK)
            return status;
    }
    return MLP_OK;
}

void mlp_evaluator_free(mlp_evaluator *evaluator) {
    if (evaluator->batches != NULL)
        for (int i = 0; i < mlp_team_threads(evaluator->team); i++)
            mlp_batch_free(&evaluator->batches[i]);
    free(evaluator->batches);
    free(evaluator->chunk_losses);
    free(evaluator->chunk_corrects);
    memset(evaluator, 0, sizeof *evaluator);
}

typedef struct evaluate_job {
    mlp_evaluator *evaluator;
    const mlp_network *net;
    const mlp_dataset *set;
    uint8_t *predicted; /* [set->n] or NULL */
} evaluate_job;

static void evaluate_chunk(void *context, size_t chunk, int thread) {
    const evaluate_job *job = context;
    mlp_batch *batch = &job->evaluator->batches[thread];
    const size_t first = chunk * CHUNK, left = job->set->n - first;
    mlp_batch_load(batch, job->set, NULL, first, left < CHUNK ? left : CHUNK, NULL);
    mlp_network_forward(batch, job->net, NULL);
    job->evaluator->chunk_losses[chunk] = mlp_batch_loss(batch) * (double)batch->n;
    job->evaluator->chunk_corrects[chunk] = mlp_batch_correct(batch);
    if (job->predicted != NULL)
        memcpy(job->predicted + first, batch->predicted, batch->n);
}

mlp_metrics mlp_metrics_of(double loss, size_t correct, size_t n) {
    const double a = (double)correct / (double)n;
    return (mlp_metrics){loss, a, sqrt(a * (1 - a) / (double)n), correct, n};
}

static mlp_metrics evaluate(mlp_evaluator *evaluator, const mlp_network *net,
                            const mlp_dataset *set, uint8_t *predicted) {
    assert(set->n > 0 && set->n <= evaluator->most);
    const size_t chunks = (set->n - 1) / CHUNK + 1;
    evaluate_job job = {evaluator, net, set, predicted};
    mlp_team_run(evaluator->team, evaluate_chunk, &job, chunks);
    double loss = 0;
    size_t correct = 0;
    for (size_t c = 0; c < chunks; c++) {
        loss += evaluator->chunk_losses[c];
        correct += evaluator->chunk_corrects[c];
    }
    return mlp_metrics_of(loss / (double)set->n, correct, set->n);
}

mlp_metrics mlp_evaluate(mlp_evaluator *evaluator, const mlp_network *net, const mlp_dataset *set) {
    return evaluate(evaluator, net, set, NULL);
}

mlp_status mlp_confusion_create(mlp_confusion *confusion, mlp_metrics *metrics,
                                mlp_evaluator *evaluator, const mlp_network *net,
                                const mlp_dataset *set, mlp_error *err) {
    const size_t n = net->shape.n_out;
    uint8_t *predicted = mlp_alloc(set->n, 1, "the predictions", err);
    confusion->n_classes = n;
    confusion->counts = mlp_alloc(n * n, sizeof *confusion->counts, "the confusion matrix", err);
    if (predicted == NULL || confusion->counts == NULL) {
        free(predicted);
        return MLP_ERR_MEMORY;
    }
    *metrics = evaluate(evaluator, net, set, predicted);
    for (size_t i = 0; i < set->n; i++) {
        const uint8_t label = set->labels[mlp_dataset_image(set, i)];
        assert(label < n);
        confusion->counts[label * n + predicted[i]]++;
    }
    free(predicted);
    return MLP_OK;
}

void mlp_confusion_free(mlp_confusion *confusion) {
    if (confusion == NULL)
        return;
    free(confusion->counts);
    *confusion = (mlp_confusion){0};
}

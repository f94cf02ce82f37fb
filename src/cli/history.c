/* history.c - records the course of a run; the longer it is, the fewer of its evaluations are kept. */
#include "mlp/cli/history.h"

void mlp_history_warnings(mlp_history *h, const mlp_warnings *warnings) {
    mlp_strbuf_add(&h->warnings, warnings->text.at, warnings->text.n);
}

static void add_evaluation(mlp_history *h, const mlp_event *event) {
    h->last = *event;
    h->every = h->every == 0 ? 1 : h->every;
    if (h->seen++ % h->every != 0) return;
    if (h->n == MLP_HISTORY_MOST) { /* the number is even, so the new evaluation is one of those to keep */
        for (size_t i = 1; 2 * i < h->n; i++) h->evaluations[i] = h->evaluations[2 * i];
        h->n /= 2;
        h->every *= 2;
    }
    h->evaluations[h->n++] = *event;
}

static void add_loss(mlp_history *h, size_t iteration, double loss) {
    if (h->span == 0) {
        h->span = 1;
        h->first = iteration;
    }
    h->end = iteration;
    h->sum += loss;
    if (++h->in_span < h->span) return;
    h->means[h->n_means++] = h->sum / (double)h->span;
    h->sum = 0;
    h->in_span = 0;
    if (h->n_means < MLP_HISTORY_MOST) return;
    for (size_t i = 0; 2 * i < h->n_means; i++) h->means[i] = (h->means[2 * i] + h->means[2 * i + 1]) / 2;
    h->n_means /= 2;
    h->span *= 2;
}

void mlp_history_event(mlp_history *h, const mlp_event *event) {
    if (event->iteration > 0) add_loss(h, event->iteration, event->loss);
    if (event->train.n > 0) add_evaluation(h, event);
}

static void put_metrics(mlp_strbuf *json, const mlp_metrics *m) {
    if (m->n > 0)
        mlp_strbuf_print(json, ",%.6g,%.6g", m->loss, m->accuracy);
    else
        mlp_strbuf_print(json, ",null,null");
}

static void put_evaluation(mlp_strbuf *json, const mlp_event *e, bool first) {
    mlp_strbuf_print(json, "%s[%zu,%.6g", first ? "" : ",", e->iteration, e->epoch);
    put_metrics(json, &e->train);
    put_metrics(json, &e->test);
    put_metrics(json, &e->validation);
    mlp_strbuf_print(json, "]");
}

void mlp_history_put_evaluations(mlp_strbuf *json, const mlp_history *h) {
    mlp_strbuf_print(json, "[");
    for (size_t i = 0; i < h->n; i++) put_evaluation(json, &h->evaluations[i], i == 0);
    if (h->n > 0 && h->evaluations[h->n - 1].iteration != h->last.iteration) put_evaluation(json, &h->last, false);
    mlp_strbuf_print(json, "]");
}

void mlp_history_put_losses(mlp_strbuf *json, const mlp_history *h) {
    mlp_strbuf_print(json, "[");
    for (size_t i = 0; i < h->n_means; i++)
        mlp_strbuf_print(json, "%s[%zu,%.6g]", i > 0 ? "," : "", h->first + (i + 1) * h->span - 1, h->means[i]);
    if (h->in_span > 0)
        mlp_strbuf_print(json, "%s[%zu,%.6g]", h->n_means > 0 ? "," : "", h->end, h->sum / (double)h->in_span);
    mlp_strbuf_print(json, "]");
}

void mlp_history_free(mlp_history *h) {
    if (h != NULL) mlp_strbuf_free(&h->warnings);
}

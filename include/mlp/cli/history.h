/* history.h - the course of a run as a report shows it: evaluations, batch losses and warnings, in memory that does
   not grow with the iterations. */
#pragma once

#include "mlp/base/strbuf.h"
#include "mlp/base/warnings.h"
#include "mlp/train/metrics.h"

enum { MLP_HISTORY_MOST = 600 }; /* evaluations, and mean losses; even */

/* Zero-initialise; mlp_history_free at the end. */
typedef struct mlp_history {
    mlp_strbuf warnings; /* lines, each ended by '\n' */
    size_t n;            /* evaluations: of more than fit, every second one is dropped, again and again */
    size_t seen, every;  /* evaluations reported, and of how many one is kept; 0: one of one */
    mlp_event evaluations[MLP_HISTORY_MOST];
    mlp_event last; /* evaluation; train.n 0: none */
    size_t n_means, span, in_span;
    double sum;                     /* of the in_span losses of the mean that is not complete */
    double means[MLP_HISTORY_MOST]; /* of the batch losses of `span` iterations each; span 0: none */
    size_t first, end;              /* iterations with a loss: first, .. end */
} mlp_history;

void mlp_history_warnings(mlp_history *history, const mlp_warnings *warnings);
void mlp_history_event(mlp_history *history, const mlp_event *event);

/* Appends [[iteration, epoch, train loss, train accuracy, test ..., validation ...], ...] as JSON; a cell that was not
   measured is null. */
void mlp_history_put_evaluations(mlp_strbuf *json, const mlp_history *history);

/* Appends [[last iteration, mean batch loss], ...] as JSON. */
void mlp_history_put_losses(mlp_strbuf *json, const mlp_history *history);

void mlp_history_free(mlp_history *history); /* NULL-safe */

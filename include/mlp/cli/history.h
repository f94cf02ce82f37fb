/* history.h - records the course of a run for its report: evaluations, batch losses and warnings. Its memory does not
   grow with the number of iterations. */
#pragma once

#include "mlp/base/strbuf.h"
#include "mlp/train/metrics.h"

enum { MLP_HISTORY_MOST = 600 }; /* largest number of evaluations and of mean losses; must be even */

/* Zero-initialise; mlp_history_free at the end. */
typedef struct mlp_history {
    mlp_strbuf warnings; /* lines, each ended by '\n' */
    size_t n;            /* recorded evaluations; each time the array is full, every second one is dropped */
    size_t seen, every;  /* evaluations reported; one in `every` of them is recorded (0: all) */
    mlp_event evaluations[MLP_HISTORY_MOST];
    mlp_event last; /* the last evaluation; train.n 0: none */
    size_t n_means, span, in_span;
    double sum;                     /* sum of the in_span losses of the incomplete mean */
    double means[MLP_HISTORY_MOST]; /* each is the mean batch loss of `span` iterations; span 0: none */
    size_t first, end;              /* the losses are of iterations `first` to `end` */
} mlp_history;

void mlp_history_warnings(mlp_history *history, const mlp_warnings *warnings);
void mlp_history_event(mlp_history *history, const mlp_event *event);

/* Appends [[iteration, epoch, train loss, train accuracy, test ..., validation ...], ...] as JSON; a cell that was not
   measured is null. */
void mlp_history_put_evaluations(mlp_strbuf *json, const mlp_history *history);

/* Appends [[last iteration, mean batch loss], ...] as JSON. */
void mlp_history_put_losses(mlp_strbuf *json, const mlp_history *history);

void mlp_history_free(mlp_history *history); /* NULL-safe */

/* page.h - --report: one HTML file that shows what a network learned, and how. Its design is src/cli/page/page.html
   with page.css, page.js and network.js; the program adds the data, as JSON. */
#pragma once

#include "mlp/cli/run.h"

enum { MLP_HISTORY_MOST = 600 }; /* largest number of evaluations and of mean losses; must be even */

/* The course of a run. Its memory does not grow with the number of iterations. Zero-initialise; mlp_history_free at the
   end. */
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

void mlp_history_free(mlp_history *history); /* NULL-safe */

/* The page without data, made by the Makefile; ends with a zero byte. The data replace "@DATA@". */
extern const unsigned char mlp_page_template[];

/* Writes the page about the run's network to the file of --report. `test` was measured on this network. */
mlp_status mlp_page_write(mlp_run *run, const mlp_metrics *test, mlp_error *err);

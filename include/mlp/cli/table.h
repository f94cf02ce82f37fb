/* table.h - the table of evaluations: a header, then a row for each; and the progress line on stderr. No line is longer
   than 79 characters, whatever the values. */
#pragma once

#include <stdio.h>

#include "mlp/cli/options.h"
#include "mlp/train/metrics.h"

typedef struct mlp_table {
    FILE *out;
    bool begun;             /* the header is printed */
    size_t examples_before; /* examples trained on at the last row, for images/s */
    double seconds_before;
} mlp_table;

/* Prints the row of an event with an evaluation, and the header before the first row. With a validation set, its
   columns replace that of the batch loss. */
void mlp_table_row(mlp_table *table, const mlp_event *event);

/* ---- the progress line: it is redrawn in place and never wider than the terminal ---- */

typedef struct mlp_progress {
    bool wanted;
    int shown;      /* characters on the screen; 0: none */
    double started; /* seconds on the monotonic clock: when training began */
    double drawn;   /* time when the line was last drawn */
    double sum;     /* moving average of the batch loss: the average is sum / weight */
    double weight;
} mlp_progress;

/* Decides from the options and the terminal whether there is a progress line, and starts the clock for the remaining
   time. */
void mlp_progress_start(mlp_progress *progress, const mlp_options *options);

/* Adds the loss of an iteration. */
void mlp_progress_add(mlp_progress *progress, double loss);

/* Draws the line after `iteration` of `iterations`, if there is one and the last drawing was 0.1 s ago. This process
   began after iteration `first`. */
void mlp_progress_draw(mlp_progress *progress, size_t iteration, size_t iterations, size_t first);

/* Removes the line from the screen. */
void mlp_progress_clear(mlp_progress *progress);

/* progress.h - the progress line on stderr: one line that is drawn again and again, never wider than the terminal. */
#pragma once

#include "mlp/cli/options.h"

typedef struct mlp_progress {
    bool wanted;
    int shown;      /* characters on the screen; 0: none */
    double started; /* seconds on the monotonic clock: when training began */
    double drawn;   /* when the line was drawn */
    double sum;     /* moving average of the batch loss: the average is sum / weight */
    double weight;
} mlp_progress;

/* Whether these options and this terminal want one. The clock of the time to go starts. */
void mlp_progress_start(mlp_progress *progress, const mlp_options *options);

/* Adds the loss of an iteration. */
void mlp_progress_add(mlp_progress *progress, double loss);

/* Draws the line after `iteration` of `iterations`, if one is wanted and a tenth of a second has
   passed. This process began after iteration `first`. */
void mlp_progress_draw(mlp_progress *progress, size_t iteration, size_t iterations, size_t first);

/* Removes the line from the screen. */
void mlp_progress_clear(mlp_progress *progress);

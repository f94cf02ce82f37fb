/* progress.c - the progress line on stderr. */
#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include "mlp/cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mlp/base/clock.h"
#include "mlp/cli/table.h"

static bool is_wanted(const mlp_options *options) {
    if (options->quiet || strcmp(options->progress, "never") == 0) return false;
    if (strcmp(options->progress, "always") == 0) return true;
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

void mlp_progress_start(mlp_progress *progress, const mlp_options *options) {
    progress->wanted = is_wanted(options);
    progress->started = mlp_clock();
}

void mlp_progress_add(mlp_progress *progress, double loss) {
    const double beta = 0.98;
    progress->sum = beta * progress->sum + (1 - beta) * loss;
    progress->weight = beta * progress->weight + (1 - beta);
}

enum { MOST = 79 };

/* The largest number of characters in a line. Computed before each line, because the window may have a new size. The
   last column stays empty, because some terminals begin a new line after it. */
static int line_width(void) {
    struct winsize window;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_col > MOST) return MOST;
    return window.ws_col - 1;
}

void mlp_progress_draw(mlp_progress *progress, size_t iteration, size_t iterations, size_t first) {
    if (!progress->wanted) return;
    const double now = mlp_clock();
    if (now - progress->drawn < 0.1) return;
    const double each = (now - progress->started) / (double)(iteration - first);
    char text[160], loss[MLP_CELL_SIZE], seconds[MLP_CELL_SIZE];
    mlp_table_cell(loss, 8, 4, progress->sum / progress->weight);
    mlp_table_cell(seconds, 8, 0, ceil(each * (double)(iterations - iteration)));
    const int width = line_width();
    int length =
        snprintf(text, sizeof text, "iteration %zu of %zu, loss %s, %s s to go", iteration, iterations, loss, seconds);
    length = length < width ? length : width;
    const int before = progress->shown < width ? progress->shown : width;
    fprintf(stderr, "\r%.*s%*s", length, text, before > length ? before - length : 0, "");
    fflush(stderr);
    progress->shown = length;
    progress->drawn = now;
}

void mlp_progress_clear(mlp_progress *progress) {
    const int width = line_width();
    if (progress->shown > 0) fprintf(stderr, "\r%*s\r", progress->shown < width ? progress->shown : width, "");
    progress->shown = 0;
}

/* table.c - the table of evaluations, and the progress line on stderr. */
#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include "mlp/cli/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mlp/base/clock.h"

/* Writes `value` with `decimals` decimals. If that is longer than `width` characters, it uses fewer decimals or the
   form "1.2e+30". "-" for NaN. width: 5 to 31. */
enum { CELL_SIZE = 32 };
static const char *write_cell(char text[CELL_SIZE], int width, int decimals, double value) {
    int length = snprintf(text, CELL_SIZE, isnan(value) ? "-" : "%.*f", decimals, value);
    while (length > width && decimals > 0) length = snprintf(text, CELL_SIZE, "%.*f", --decimals, value);
    for (int digits = width; length > width && digits > 0; digits--)
        length = snprintf(text, CELL_SIZE, "%.*g", digits, value);
    return text;
}

typedef struct column {
    const char *title;
    int width, decimals;
    double value; /* NaN: none */
    bool hidden;
} column;

void mlp_table_row(mlp_table *table, const mlp_event *event) {
    const double seconds = event->seconds - table->seconds_before;
    const double images = (double)(event->examples - table->examples_before);
    const bool validation = event->validation.n > 0;
    const column columns[] = {
        {"epoch", 5, 2, event->epoch, false},
        {"iter", 7, 0, (double)event->iteration, false},
        {"batch loss", 10, 5, event->loss, validation},
        {"train loss", 10, 5, event->train.loss, false},
        {"train acc", 9, 4, event->train.accuracy, false},
        {"val loss", 8, 5, event->validation.loss, !validation},
        {"val acc", 7, 4, event->validation.accuracy, !validation},
        {"test loss", 9, 5, event->test.loss, false},
        {"test acc", 8, 4, event->test.accuracy, false},
        {"images/s", 8, 0, seconds > 0 ? images / seconds : NAN, false},
    };
    for (int header = table->begun ? 0 : 1; header >= 0; header--) {
        for (const column *c = columns; c < columns + sizeof columns / sizeof *columns; c++) {
            char text[CELL_SIZE];
            if (c->hidden) continue;
            fprintf(table->out, "%s%*s", c == columns ? "" : " ", c->width,
                    header ? c->title : write_cell(text, c->width, c->decimals, c->value));
        }
        fputc('\n', table->out);
    }
    table->begun = true;
    table->examples_before = event->examples;
    table->seconds_before = event->seconds;
}

/* ---- the progress line ---- */

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
    char text[160], loss[CELL_SIZE], seconds[CELL_SIZE];
    write_cell(loss, 8, 4, progress->sum / progress->weight);
    write_cell(seconds, 8, 0, ceil(each * (double)(iterations - iteration)));
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

/* table.c - the table of evaluations. */
#include "mlp/cli/table.h"

#include <math.h>

const char *mlp_table_cell(char text[MLP_CELL_SIZE], int width, int decimals, double value) {
    int length = snprintf(text, MLP_CELL_SIZE, isnan(value) ? "-" : "%.*f", decimals, value);
    while (length > width && decimals > 0) length = snprintf(text, MLP_CELL_SIZE, "%.*f", --decimals, value);
    for (int digits = width; length > width && digits > 0; digits--)
        length = snprintf(text, MLP_CELL_SIZE, "%.*g", digits, value);
    return text;
}

typedef struct column {
    const char *title;
    int width, decimals;
    double value; /* NaN: none */
} column;

enum { N_COLUMNS = 10, BATCH_LOSS = 2, VALIDATION_LOSS = 5, VALIDATION_ACCURACY };

void mlp_table_row(mlp_table *table, const mlp_event *event) {
    const double seconds = event->seconds - table->seconds_before;
    const double images = (double)(event->examples - table->examples_before);
    const column columns[N_COLUMNS] = {
        {"epoch", 5, 2, event->epoch},
        {"iter", 7, 0, (double)event->iteration},
        [BATCH_LOSS] = {"batch loss", 10, 5, event->loss},
        {"train loss", 10, 5, event->train.loss},
        {"train acc", 9, 4, event->train.accuracy},
        [VALIDATION_LOSS] = {"val loss", 8, 5, event->validation.loss},
        [VALIDATION_ACCURACY] = {"val acc", 7, 4, event->validation.accuracy},
        {"test loss", 9, 5, event->test.loss},
        {"test acc", 8, 4, event->test.accuracy},
        {"images/s", 8, 0, seconds > 0 ? images / seconds : NAN},
    };
    const bool validation = event->validation.n > 0;
    for (int header = table->begun ? 0 : 1; header >= 0; header--) {
        for (int i = 0; i < N_COLUMNS; i++) {
            const column *c = &columns[i];
            char text[MLP_CELL_SIZE];
            const bool of_validation = i == VALIDATION_LOSS || i == VALIDATION_ACCURACY;
            if (validation ? i == BATCH_LOSS : of_validation) continue;
            fprintf(table->out, "%s%*s", i == 0 ? "" : " ", c->width,
                    header ? c->title : mlp_table_cell(text, c->width, c->decimals, c->value));
        }
        fputc('\n', table->out);
    }
    table->begun = true;
    table->examples_before = event->examples;
    table->seconds_before = event->seconds;
}

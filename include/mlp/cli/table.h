/* table.h - the table of evaluations: a header, then a row for each. No line is longer than 79
   characters, whatever the values. */
#pragma once

#include <stdio.h>

#include "mlp/train/trainer.h"

typedef struct mlp_table {
    FILE *out;
    bool begun;             /* the header is printed */
    size_t examples_before; /* examples trained on at the last row, for images/s */
    double seconds_before;
} mlp_table;

/* Prints the row of an event with an evaluation, and the header before the first row. With a validation set, its
   columns replace that of the batch loss. */
void mlp_table_row(mlp_table *table, const mlp_event *event);

/* Writes `value` with `decimals` decimals. If that is longer than `width` characters, it uses fewer decimals or the
   form "1.2e+30". "-" for NaN. width: 5 to 31. */
enum { MLP_CELL_SIZE = 32 };
const char *mlp_table_cell(char text[MLP_CELL_SIZE], int width, int decimals, double value);

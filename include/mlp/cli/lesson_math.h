/* lesson_math.h - the lessons that need no data. Each prints its table and adds the rows of its CSV. */
#pragma once

#include <stdio.h>

#include "mlp/base/strbuf.h"
#include "mlp/cli/run.h"

/* What a lesson reads and writes. */
typedef struct mlp_lesson {
    mlp_run *run;   /* its options; the data, if the lesson opens them */
    FILE *out;      /* the table: stdout, or stderr if the CSV goes to stdout */
    mlp_strbuf csv; /* the CSV, with its header; complete when the lesson returns */
    mlp_error *err; /* set by a lesson that fails */
} mlp_lesson;

void mlp_lesson_loss(mlp_lesson *lesson);
void mlp_lesson_activation(mlp_lesson *lesson);
void mlp_lesson_derivative(mlp_lesson *lesson);
void mlp_lesson_gradient(mlp_lesson *lesson);
void mlp_lesson_descent(mlp_lesson *lesson);
void mlp_lesson_simple_net(mlp_lesson *lesson);

/* isolate.h - which ink of a drawing is the digit: not ruled lines, not what comes in from the edge, not specks. */
#pragma once

#include "mlp/data/drawing.h"
#include "mlp/data/normalize.h"

/* Rows [top, bottom) and columns [left, right). */
typedef struct mlp_box {
    size_t top, bottom, left, right;
} mlp_box;

/* Takes all ink but the digit's off the drawing, and finds the box around the digit's. */
mlp_found mlp_isolate(mlp_box *box, mlp_drawing *drawing);

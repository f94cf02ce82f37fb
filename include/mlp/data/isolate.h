/* isolate.h - separates the digit of a drawing from other ink: ruled lines, ink that comes in from the edge, specks. */
#pragma once

#include "mlp/data/drawing.h"
#include "mlp/data/normalize.h"

/* Rows [top, bottom) and columns [left, right). */
typedef struct mlp_box {
    size_t top, bottom, left, right;
} mlp_box;

/* Removes all ink except the digit's from the drawing, and finds the box around the digit. */
mlp_found mlp_isolate(mlp_box *box, mlp_drawing *drawing);

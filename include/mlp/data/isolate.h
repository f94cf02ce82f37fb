/* isolate.h - separates the digit of a drawing from other ink: ruled lines, ink that comes in from the edge, specks. */
#pragma once

#include "mlp/data/drawing.h"
#include "mlp/data/normalize.h"

/* Removes all ink except the digit's from the drawing. shapes->box[0] is then the box around it, and shapes->n says how
   many separate shapes of similar size are in it. With `split` and two shapes or more, the ink of all shapes
   stays, shapes->box has the box of each, and the map has the label MLP_PIECE + i at piece i. */
mlp_found mlp_isolate(mlp_shapes *shapes, mlp_drawing *drawing, bool split);

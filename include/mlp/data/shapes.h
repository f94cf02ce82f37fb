/* shapes.h - which pieces of ink belong together, and which are digits of their own. */
#pragma once

#include "mlp/data/components.h"

enum { MLP_SHAPES_MOST = 100 };

/* Separate shapes of similar size, line by line, each line from left to right. */
typedef struct mlp_shapes {
    size_t n;
    mlp_box box[MLP_SHAPES_MOST];
    uint8_t of[MLP_SHAPES_MOST]; /* of piece i: the index of its shape, or MLP_NO_SHAPE */
} mlp_shapes;

enum { MLP_NO_SHAPE = MLP_SHAPES_MOST };

/* A piece of ink that is so many times smaller than the largest makes no shape of its own: a speck, or a part of a
   broken stroke. */
enum { MLP_LARGE_PIECE = 8 };

/* Groups n <= MLP_SHAPES_MOST pieces. */
void mlp_shapes_find(mlp_shapes *shapes, const mlp_component *pieces, size_t n);

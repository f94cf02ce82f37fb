/* shapes.h - finds connected components in a map of small labels, and which of them, pieces of ink, belong together and
   which are digits of their own. Knows no pictures. */
#pragma once

#include "mlp/base/status.h"

/* A map of labels, all 0 at first. */
typedef struct mlp_map {
    uint8_t *at; /* [height x width] */
    size_t height, width;
    size_t *stack; /* [height x width] places that the flood fill must still visit */
} mlp_map;

/* Rows [top, bottom) and columns [left, right). */
typedef struct mlp_box {
    size_t top, bottom, left, right;
} mlp_box;

/* Enlarges `box` so that it has the other one in it. */
void mlp_box_add(mlp_box *box, const mlp_box *other);
bool mlp_box_contains(const mlp_box *box, const mlp_box *other);

typedef struct mlp_component {
    size_t start; /* a place in the component: row * width + column */
    size_t area;
    mlp_box box;
} mlp_component;

mlp_status mlp_map_create(mlp_map *map, size_t height, size_t width, mlp_error *err);
void mlp_map_free(mlp_map *map); /* NULL-safe; leaves *map zeroed */

/* Relabels a component: `start` and all places of label `from` that are connected to it by sides or corners get the
   label `to`. `start` must have the label `from`; `to` must be another label. Time is proportional to the component's
   area. */
mlp_component mlp_map_flood(mlp_map *map, size_t start, uint8_t from, uint8_t to);

/* Sets the label `to` in every place that has a place labelled `to` within `radius` rows and columns; with `edge`, also
   in places within `radius` of the map's edge. */
void mlp_map_grow(mlp_map *map, uint8_t to, size_t radius, bool edge);

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

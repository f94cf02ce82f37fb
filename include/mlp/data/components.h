/* components.h - connected components of a map of small labels. Knows no pictures and no digits. */
#pragma once

#include "mlp/base/status.h"

/* A map of labels, all 0 at first. */
typedef struct mlp_map {
    uint8_t *at; /* [height x width] */
    size_t height, width;
    size_t *stack; /* [height x width] places that a flood has still to visit */
} mlp_map;

typedef struct mlp_component {
    size_t start; /* one of its places: row * width + column */
    size_t area;
    size_t top, bottom, left, right; /* rows [top, bottom), columns [left, right) */
} mlp_component;

mlp_status mlp_map_create(mlp_map *map, size_t height, size_t width, mlp_error *err);
void mlp_map_free(mlp_map *map); /* NULL-safe; leaves *map zeroed */

/* Relabels the component of label `from` that holds `start`: all places of that label that are connected to it by sides
   or corners. The label there is `from`, and `to` is another one. Time is proportional to the component's area. */
mlp_component mlp_map_flood(mlp_map *map, size_t start, uint8_t from, uint8_t to);

/* Gives the label `to` to every place of another label that has a place labelled `to` within `radius` rows and columns;
   with `edge`, also to those so near to the map's edge. */
void mlp_map_grow(mlp_map *map, uint8_t to, size_t radius, bool edge);

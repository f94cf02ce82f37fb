/* components.c - flood fill and growth of labels, in time proportional to the map. */
#include "mlp/data/components.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

mlp_status mlp_map_create(mlp_map *map, size_t height, size_t width, mlp_error *err) {
    map->height = height;
    map->width = width;
    map->at = mlp_alloc(height, width, "a picture's map", err);
    if (map->at == NULL) return MLP_ERR_MEMORY;
    map->stack = mlp_alloc_unset(height * width, sizeof *map->stack, "a picture's map", err);
    return map->stack == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

void mlp_map_free(mlp_map *map) {
    if (map == NULL) return;
    free(map->at);
    free(map->stack);
    memset(map, 0, sizeof *map);
}

mlp_component mlp_map_flood(mlp_map *map, size_t start, uint8_t from, uint8_t to) {
    const size_t w = map->width;
    mlp_component c = {start, 0, map->height, 0, w, 0};
    size_t n = 0;
    map->at[start] = to; /* labelled when it is put on the stack: each place is there once */
    map->stack[n++] = start;
    while (n > 0) {
        const size_t i = map->stack[--n], y = i / w, x = i % w;
        c.area++;
        c.top = y < c.top ? y : c.top;
        c.bottom = y + 1 > c.bottom ? y + 1 : c.bottom;
        c.left = x < c.left ? x : c.left;
        c.right = x + 1 > c.right ? x + 1 : c.right;
        for (size_t v = y > 0 ? y - 1 : 0; v <= y + 1 && v < map->height; v++)
            for (size_t u = x > 0 ? x - 1 : 0; u <= x + 1 && u < w; u++)
                if (map->at[v * w + u] == from) {
                    map->at[v * w + u] = to;
                    map->stack[n++] = v * w + u;
                }
    }
    return c;
}

/* One line of n places, each `step` after the other, in both directions. */
static void grow_line(uint8_t *at, size_t n, size_t step, uint8_t to, size_t radius, bool edge) {
    for (int back = 0; back < 2; back++) {
        size_t since = edge ? 1 : radius + 1; /* places since the last one labelled `to` */
        for (size_t k = 0; k < n; k++) {
            uint8_t *place = &at[(back ? n - 1 - k : k) * step];
            if (*place == to) {
                since = 1;
            } else if (since <= radius) {
                /* marked apart at first: what grew must not grow on */
                *place = (uint8_t)(to | 0x80);
                since++;
            }
        }
    }
    for (size_t k = 0; k < n; k++) at[k * step] &= 0x7f;
}

void mlp_map_grow(mlp_map *map, uint8_t to, size_t radius, bool edge) {
    for (size_t y = 0; y < map->height; y++) grow_line(map->at + y * map->width, map->width, 1, to, radius, edge);
    for (size_t x = 0; x < map->width; x++) grow_line(map->at + x, map->height, map->width, to, radius, edge);
}

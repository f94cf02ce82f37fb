/* components.c - flood fill and growth of labels, in time proportional to the map. */
#include "mlp/data/components.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

mlp_status mlp_map_create(mlp_map *map, size_t height, size_t width, mlp_error *err) {
    map->height = height;
    map->width = width;
    MLP_NEW(map->at, height, width, "a picture's map", err);
    map->stack = mlp_alloc_unset(height * width, sizeof *map->stack, "a picture's map", err);
    return map->stack == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

void mlp_map_free(mlp_map *map) {
    if (map == NULL) return;
    free(map->at);
    free(map->stack);
    memset(map, 0, sizeof *map);
}

void mlp_box_add(mlp_box *b, const mlp_box *other) {
    b->top = other->top < b->top ? other->top : b->top;
    b->bottom = other->bottom > b->bottom ? other->bottom : b->bottom;
    b->left = other->left < b->left ? other->left : b->left;
    b->right = other->right > b->right ? other->right : b->right;
}

bool mlp_box_contains(const mlp_box *b, const mlp_box *other) {
    return other->top >= b->top && other->bottom <= b->bottom && other->left >= b->left && other->right <= b->right;
}

/* Puts the first place of each run of `label` in columns [left, right) of a row on the stack. Two rows of w places have
   at most w pairs of runs that touch, and a pair puts at most one place on the stack: so the stack is large enough. */
static size_t push_runs(mlp_map *map, size_t n, size_t row, size_t left, size_t right, uint8_t label) {
    const uint8_t *at = map->at + row * map->width;
    for (size_t x = left; x < right; x++)
        if (at[x] == label && (x == left || at[x - 1] != label)) map->stack[n++] = row * map->width + x;
    return n;
}

/* Processes the runs on the stack until it is empty. A run is a sequence of neighbouring places in a row. */
mlp_component mlp_map_flood(mlp_map *map, size_t start, uint8_t from, uint8_t to) {
    const size_t w = map->width;
    mlp_component c = {start, 0, {map->height, 0, w, 0}};
    size_t n = 0;
    map->stack[n++] = start;
    while (n > 0) {
        const size_t i = map->stack[--n], y = i / w;
        uint8_t *at = map->at + y * w;
        size_t left = i % w, right = left;
        if (at[left] != from) continue; /* its run was put there by another one too */
        while (left > 0 && at[left - 1] == from) left--;
        while (right < w && at[right] == from) right++;
        memset(at + left, to, right - left);
        c.area += right - left;
        mlp_box_add(&c.box, &(mlp_box){y, y + 1, left, right});
        left -= left > 0;
        right += right < w;
        if (y > 0) n = push_runs(map, n, y - 1, left, right, from);
        if (y + 1 < map->height) n = push_runs(map, n, y + 1, left, right, from);
    }
    return c;
}

/* Grows the label `to` along a line of n places, `step` apart, in both directions. */
static void grow_line(uint8_t *at, size_t n, size_t step, uint8_t to, size_t radius, bool edge) {
    for (int back = 0; back < 2; back++) {
        size_t since = edge ? 1 : radius + 1; /* places since the last one labelled `to` */
        for (size_t k = 0; k < n; k++) {
            uint8_t *place = &at[(back ? n - 1 - k : k) * step];
            if (*place == to) {
                since = 1;
            } else if (since <= radius) {
                /* the high bit marks a new place: growth must not start from it */
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

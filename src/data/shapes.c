/* shapes.c - flood fill and growth of labels, in time proportional to the map, and groups of components by where they
   lie: strokes of one digit are near to each other, above one another. */
#include "mlp/data/shapes.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"

/* ---- components ---- */

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

/* ---- pieces that belong together ---- */

/* The length that [a, b) and [c, d) have in common; if negative, minus the gap between them. */
static double shared(size_t a, size_t b, size_t c, size_t d) {
    return (double)(b < d ? b : d) - (double)(a > c ? a : c);
}

static double least(size_t a, size_t b) { return (double)(a < b ? a : b); }

/* Whether two boxes are of strokes of one digit: one lies above the other with a small gap, like the bar and the bow of
   a 5, or one is low and lies close beside the other. */
static bool belong(const mlp_box *a, const mlp_box *b) {
    const size_t heights[2] = {a->bottom - a->top, b->bottom - b->top};
    const double low = least(heights[0], heights[1]), high = (double)heights[0] + (double)heights[1] - low;
    const double narrow = least(a->right - a->left, b->right - b->left);
    const double across = shared(a->left, a->right, b->left, b->right);
    const double down = shared(a->top, a->bottom, b->top, b->bottom);
    const double gap = 3 * low < 2 * high ? 0.25 : 0.1;
    const bool is_low = 2 * low < high;
    if (across >= (is_low ? 0.3 : 0.5) * narrow && -down <= gap * high) return true;
    return is_low && down >= 0.5 * low && -across <= 0.1 * high;
}

/* Gives every piece the number of its group, which is the index of one of its pieces. */
static void group(uint8_t *group_of, mlp_box *boxes, size_t n) {
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < i; k++) {
                if (group_of[i] != i || group_of[k] != k || !belong(&boxes[i], &boxes[k])) continue;
                mlp_box_add(&boxes[k], &boxes[i]);
                for (size_t j = 0; j < n; j++) group_of[j] = group_of[j] == i ? (uint8_t)k : group_of[j];
                changed = true;
            }
    }
}

/* ---- the order of reading ---- */

/* Whether two boxes are in one line: they have at least half of the smaller height in common. */
static bool in_line(const mlp_box *a, const mlp_box *b) {
    return shared(a->top, a->bottom, b->top, b->bottom) >= 0.5 * least(a->bottom - a->top, b->bottom - b->top);
}

/* order [n] = the boxes line by line, each line from left to right. First sorts all boxes from left to right. Each box
   then joins the line of the nearest box to its left that is in_line with it, so a line may slope. */
static void read_order(uint8_t *order, const mlp_box *boxes, size_t n) {
    size_t line[MLP_SHAPES_MOST] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        for (; k > 0 && boxes[order[k - 1]].left > boxes[i].left; k--) order[k] = order[k - 1];
        order[k] = (uint8_t)i;
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        while (k > 0 && !in_line(&boxes[order[i]], &boxes[order[k - 1]])) k--;
        line[order[i]] = k == 0 ? order[i] : line[order[k - 1]]; /* a line is the index of its first box */
    }
    for (size_t i = 1; i < n; i++) {
        const uint8_t box = order[i];
        size_t k = i;
        for (; k > 0 && line[order[k - 1]] != line[box] && boxes[line[order[k - 1]]].top > boxes[line[box]].top; k--)
            order[k] = order[k - 1];
        order[k] = box;
    }
}

void mlp_shapes_find(mlp_shapes *shapes, const mlp_component *pieces, size_t n) {
    mlp_box boxes[MLP_SHAPES_MOST], found[MLP_SHAPES_MOST] = {{0}};
    uint8_t group_of[MLP_SHAPES_MOST], order[MLP_SHAPES_MOST];
    size_t largest = 0, tallest = 0;
    memset(shapes, 0, sizeof *shapes);
    for (size_t i = 0; i < n; i++) largest = pieces[i].area > largest ? pieces[i].area : largest;
    for (size_t i = 0; i < n; i++) {
        boxes[i] = pieces[i].box;
        group_of[i] = MLP_LARGE_PIECE * pieces[i].area >= largest ? (uint8_t)i : MLP_NO_SHAPE;
    }
    group(group_of, boxes, n);
    for (size_t i = 0; i < n; i++)
        if (group_of[i] == i && boxes[i].bottom - boxes[i].top > tallest) tallest = boxes[i].bottom - boxes[i].top;
    for (size_t i = 0; i < n; i++)
        if (group_of[i] == i && 3 * (boxes[i].bottom - boxes[i].top) >= tallest) found[shapes->n++] = boxes[i];
    read_order(order, found, shapes->n);
    for (size_t k = 0; k < shapes->n; k++) shapes->box[k] = found[order[k]];
    for (size_t i = 0; i < n; i++) {
        const bool large = group_of[i] != MLP_NO_SHAPE;
        shapes->of[i] = MLP_NO_SHAPE;
        for (size_t k = 0; k < shapes->n; k++) {
            const mlp_box *own = large ? &boxes[group_of[i]] : &shapes->box[k];
            if (memcmp(own, &shapes->box[k], sizeof *own) != 0 || !mlp_box_contains(own, &pieces[i].box)) continue;
            shapes->of[i] = (uint8_t)k;
            break;
        }
    }
}

/* shapes.c - groups pieces of ink by where they lie: strokes of one digit are near to each other, above one another. */
#include "mlp/data/shapes.h"

#include <string.h>

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

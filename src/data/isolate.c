/* isolate.c - distinguishes ruled lines, scan edges and specks from the digit by their position and shape. */
#include "mlp/data/isolate.h"

#include <math.h>
#include <string.h>

#include "mlp/base/fastmath.h"

/* A line has ink in at least the fraction CROSSING of its places. The rows next to it belong to it if at least the
   fraction BESIDE has ink. */
#define CROSSING 0.9
#define BESIDE 0.6

/* Lines of a frame, and ruled lines that end before the edge of the paper, have at least this fraction of the paper's
   length. */
#define LONG 0.7

/* ---- ruled lines ---- */

/* A drawing, read along its rows or along its columns. */
typedef struct view {
    mlp_drawing *drawing;
    size_t n, step;      /* places along a line, and the distance of two places in memory */
    size_t lines, pitch; /* lines, and the distance of two lines in memory */
    size_t begin, end;   /* paper along a line is in [begin, end) */
    size_t samples;      /* number of places that are sampled along a line */
} view;

/* A straight line from one side of the paper to the other. */
typedef struct ruling {
    long at, drift; /* its row in the middle, and how many rows lower it ends than it begins */
} ruling;

static long row_at(const view *v, ruling r, size_t i) {
    return r.at + lround((double)r.drift * ((double)i / (double)v->n - 0.5));
}

/* The label at place `i` along the ruling, `off` rows below it. */
static uint8_t label_at(const view *v, ruling r, size_t i, long off) {
    const long row = row_at(v, r, i) + off;
    if (row < 0 || row >= (long)v->lines) return MLP_OUTSIDE;
    return v->drawing->map.at[(size_t)row * v->pitch + i * v->step];
}

/* Whether there is ink near the middle of the row. Most rows have none: this test rejects them quickly. */
static bool has_ink_in_the_middle(const view *v, long row) {
    const size_t middle = v->begin + (v->end - v->begin) / 2;
    for (size_t i = middle > 2 ? middle - 2 : 0; i < middle + 3 && i < v->n; i++)
        if (label_at(v, (ruling){row, 0}, i, 0) == MLP_INK) return true;
    return false;
}

static size_t sampled_place(const view *v, size_t k) {
    const size_t last = v->samples > 1 ? v->samples - 1 : 1;
    return v->begin + k * (v->end - 1 - v->begin) / last;
}

/* Largest number of sampled places without ink on a ruling: see inked_part. */
static double most_paper(const view *v, double least, double reach) {
    return (1 - least + (reach > 0 ? 1 - reach : 0)) * (double)v->samples;
}

/* The fraction of the ruling's places on paper that have ink. Returns 0 if less than half of the ruling is on paper, or
   if the fraction is below `least`. With `reach` > 0 only the places between the first and the last ink count for
   `least`, and they must be at least the fraction `reach` of the places on paper. */
static double inked_part(const view *v, ruling r, long off, double least, double reach) {
    const double most_missing = most_paper(v, least, reach);
    size_t on_paper = 0, inked = 0, before = 0, extent = 0;
    for (size_t k = 0; k < v->samples; k++) {
        const size_t i = sampled_place(v, k);
        const uint8_t label = label_at(v, r, i, off);
        if (label == MLP_OUTSIDE) continue;
        if (label == MLP_INK) {
            before = inked == 0 ? on_paper : before;
            inked++;
            extent = on_paper + 1 - before;
        }
        on_paper++;
        if ((double)(on_paper - inked) > most_missing) return 0;
    }
    if (2 * on_paper < v->samples || (double)extent < reach * (double)on_paper) return 0;
    const bool enough = (double)inked >= least * (double)(reach > 0 ? extent : on_paper);
    return enough ? (double)inked / (double)on_paper : 0;
}

/* Replaces the ink of rows [from, to] around the ruling by an interpolation of the ink above and below: strokes that
   cross the ruling stay. */
static void erase(const view *v, ruling r, long from, long to) {
    float *ink = v->drawing->ink;
    for (size_t i = v->begin; i < v->end; i++) {
        const long row = row_at(v, r, i), above = row + from - 1, below = row + to + 1;
        const float a = above < 0 ? 0 : ink[(size_t)above * v->pitch + i * v->step];
        const float b = below >= (long)v->lines ? 0 : ink[(size_t)below * v->pitch + i * v->step];
        for (long y = above + 1; y < below; y++) {
            if (y < 0 || y >= (long)v->lines) continue;
            float *at = &ink[(size_t)y * v->pitch + i * v->step];
            const float between = a + (b - a) * (float)(y - above) / (float)(below - above);
            *at = fminf(*at, between);
        }
    }
}

/* The largest number of rows by which a line may fall or rise. */
static long most_drift_of(const view *v) { return 1 + (long)((v->n < v->lines ? v->n : v->lines) / 25); }

/* Finds a line whose middle is near `row`: its ruling, and the rows [from, to] around it that the line
 covers. */
static bool find_line(const view *v, double reach, long row, ruling *line, long *from, long *to) {
    const long most_drift = most_drift_of(v), thickest = 1 + (long)(v->lines / 16);
    double most = 0;
    *from = *to = 0;
    if (!has_ink_in_the_middle(v, row)) return false;
    for (long k = 0; k <= 2 * most_drift; k++) { /* 0, 1, -1, 2, -2 ...: if two are equal, the straighter one */
        const ruling r = {row, k % 2 == 1 ? k / 2 + 1 : -(k / 2)};
        const double part = inked_part(v, r, 0, CROSSING, reach);
        if (part > most) {
            most = part;
            *line = r;
        }
    }
    if (most == 0) return false;
    while (*to <= thickest && inked_part(v, *line, *to + 1, BESIDE, 0) > 0) ++*to;
    while (-*from <= thickest && inked_part(v, *line, *from - 1, BESIDE, 0) > 0) --*from;
    return *to - *from < thickest && row + *from > 0 && row + *to < (long)v->lines - 1;
}

MLP_CLONES static void add(uint8_t *restrict sums, const uint8_t *restrict terms, size_t n) {
    for (size_t i = 0; i < n; i++) sums[i] = (uint8_t)(sums[i] + terms[i]);
}

MLP_CLONES static uint8_t least_of(const uint8_t *values, size_t n) {
    uint8_t least = UINT8_MAX;
    for (size_t i = 0; i < n; i++) least = values[i] < least ? values[i] : least;
    return least;
}

/* Adds up the places without ink of the rulings of all rows; ends early if all have more than `most`. `paper` is
   [samples x lines], 1 for such a place. */
static void count_paper(uint8_t *sums, const uint8_t *paper, size_t samples, const view *v, long drift, double most) {
    enum { STEP = 8 };
    memset(sums, 0, v->lines);
    for (size_t first = 0; first < STEP && (double)least_of(sums, v->lines) <= most; first++)
        for (size_t k = first; k < samples; k += STEP) {
            const long down = row_at(v, (ruling){0, drift}, sampled_place(v, k));
            const size_t above = down < 0 ? (size_t)-down : 0, below = down > 0 ? (size_t)down : 0;
            if (above + below < v->lines) add(sums + above, paper + k * v->lines + below, v->lines - above - below);
        }
}

/* Marks the rows in which find_line, which is slow, may find a line. Even in a picture of noise they are few. The marks
   are in the memory of the map's stack. */
static const uint8_t *find_possible(const view *v, double reach) {
    const size_t samples = v->samples < UINT8_MAX ? v->samples : UINT8_MAX;
    const double most = most_paper(v, CROSSING, reach);
    uint8_t *possible = (uint8_t *)v->drawing->map.stack, *sums = possible + v->lines, *paper = sums + v->lines;
    for (size_t k = 0; k < samples; k++)
        for (size_t row = 0; row < v->lines; row++) {
            const uint8_t label = v->drawing->map.at[row * v->pitch + sampled_place(v, k) * v->step];
            paper[k * v->lines + row] = label != MLP_INK && label != MLP_OUTSIDE;
        }
    memset(possible, false, v->lines);
    for (long drift = -most_drift_of(v); drift <= most_drift_of(v); drift++) {
        count_paper(sums, paper, samples, v, drift, most);
        for (size_t row = 0; row < v->lines; row++) possible[row] |= (double)sums[row] <= most;
    }
    return possible;
}

/* Returns the number of lines that reach over the fraction `reach` of the paper; with `erasing`, erases them. */
static size_t find_lines(const view *v, double reach, bool erasing) {
    const uint8_t *possible = find_possible(v, reach);
    size_t n = 0;
    for (long row = 0; row < (long)v->lines; row++) {
        ruling line;
        long from, to;
        if (!possible[row] || !find_line(v, reach, row, &line, &from, &to)) continue;
        if (erasing) erase(v, line, from, to);
        row += to;
        n++;
    }
    return n;
}

static view view_of(mlp_drawing *d, bool columns) {
    enum { SAMPLES = 256 };
    const size_t n = columns ? d->height : d->width, lines = columns ? d->width : d->height;
    view v = {d, n, columns ? d->width : 1, lines, columns ? 1 : d->width, n, 0, 0};
    for (size_t i = 0; i < d->height * d->width; i++)
        if (d->map.at[i] != MLP_OUTSIDE) {
            const size_t at = columns ? i / d->width : i % d->width;
            v.begin = at < v.begin ? at : v.begin;
            v.end = at + 1 > v.end ? at + 1 : v.end;
        }
    v.samples = v.end - v.begin < SAMPLES ? v.end - v.begin : SAMPLES;
    return v;
}

/* ---- pieces ---- */

/* Connected pieces of ink. A piece with less than a hundredth of all ink is ignored. With `split`, where each digit is
   a small part of the ink, the limit is a thousandth, and only the largest PIECES_MOST pieces are kept. */
enum { PIECES_MOST = MLP_SHAPES_MOST, SPECK = MLP_PIECE + PIECES_MOST };

typedef struct pieces {
    size_t n, area;                   /* pieces; area of all ink inside the edge */
    mlp_component piece[PIECES_MOST]; /* labelled MLP_PIECE + index */
    size_t edge_area;                 /* area of ink that is connected to the edge, without strips along it */
    mlp_component edge;               /* the largest piece that is connected to the edge */
    bool strip;
} pieces;

static bool touches_all_sides(const mlp_drawing *d, const mlp_box *b) {
    return b->top == 0 && b->left == 0 && b->bottom == d->height && b->right == d->width;
}

/* Whether a piece that touches the border is the edge of a scan, a shadow or a desk, not a stroke: it covers nearly all
   of one or more sides. */
static bool is_strip(const mlp_drawing *d, const mlp_component *c, uint8_t label) {
    const size_t h = d->height, w = d->width;
    const uint8_t *at = d->map.at;
    size_t sides[4] = {0};
    for (size_t x = c->box.left; x < c->box.right; x++) {
        sides[0] += at[x] == label;
        sides[1] += at[(h - 1) * w + x] == label;
    }
    for (size_t y = c->box.top; y < c->box.bottom; y++) {
        sides[2] += at[y * w] == label;
        sides[3] += at[y * w + w - 1] == label;
    }
    size_t covered = 0;
    for (int i = 0; i < 4; i++) covered += 10 * sides[i] >= 9 * (i < 2 ? w : h);
    return covered > (touches_all_sides(d, &c->box) ? 1 : 0);
}

/* Separates the pieces at the edge from the others. With `split` and without a sheet or a frame they stay: they may be
   digits that were cut out tightly. */
static void find_edge(pieces *p, mlp_drawing *d, bool split) {
    const size_t n = d->height * d->width;
    const bool stay = split && memchr(d->map.at, MLP_OUTSIDE, n) == NULL;
    for (size_t i = 0; i < n; i++) {
        if (d->map.at[i] != MLP_INK || !mlp_drawing_at_edge(d, i)) continue;
        const mlp_component c = mlp_map_flood(&d->map, i, MLP_INK, MLP_PIECE);
        if (is_strip(d, &c, MLP_PIECE)) {
            p->strip = true;
        } else if (stay) {
            mlp_map_flood(&d->map, i, MLP_PIECE, SPECK);
            continue;
        } else {
            p->edge_area += c.area;
            p->edge = c.area > p->edge.area ? c : p->edge;
        }
        mlp_map_flood(&d->map, i, MLP_PIECE, MLP_EDGE);
    }
    for (size_t i = 0; i < n; i++) d->map.at[i] = d->map.at[i] == SPECK ? MLP_INK : d->map.at[i];
}

/* Adds the piece, which has the next label. If there are too many pieces, it replaces the smallest if it is larger. */
static void keep_piece(pieces *p, mlp_drawing *d, const mlp_component *c) {
    size_t smallest = 0;
    if (p->n < PIECES_MOST) {
        p->piece[p->n++] = *c;
        return;
    }
    for (size_t i = 1; i < p->n; i++) smallest = p->piece[i].area < p->piece[smallest].area ? i : smallest;
    if (p->piece[smallest].area >= c->area) return;
    const uint8_t label = (uint8_t)(MLP_PIECE + smallest);
    mlp_map_flood(&d->map, p->piece[smallest].start, label, SPECK);
    mlp_map_flood(&d->map, c->start, SPECK, label);
    p->piece[smallest] = *c;
}

static void find_pieces(pieces *p, mlp_drawing *d, bool split) {
    const size_t n = d->height * d->width;
    memset(p, 0, sizeof *p);
    find_edge(p, d, split);
    for (size_t i = 0; i < n; i++) p->area += d->map.at[i] == MLP_INK;
    for (size_t i = 0; i < n; i++) {
        if (d->map.at[i] != MLP_INK) continue;
        const uint8_t label = (uint8_t)(MLP_PIECE + p->n); /* SPECK if there are too many */
        const mlp_component c = mlp_map_flood(&d->map, i, MLP_INK, label);
        if ((split ? 1000 : 100) * c.area >= p->area)
            keep_piece(p, d, &c);
        else if (label != SPECK)
            mlp_map_flood(&d->map, i, label, SPECK);
    }
}

/* ---- the digit ---- */

/* Whether the picture was cropped to the digit's box: the strokes then reach all sides. */
static bool is_cut_tightly(const pieces *p, const mlp_drawing *d) {
    return touches_all_sides(d, &p->edge.box) && 10 * p->edge.area >= 9 * (p->area + p->edge_area);
}

/* A single line must cross the whole paper; two or more, like those of a frame, may end before the edge. */
static void erase_lines(mlp_drawing *d, const view *v, bool cut_tightly) {
    const double reach = !cut_tightly && find_lines(v, LONG, false) > 1 ? LONG : 1;
    if (find_lines(v, reach, true) > 0) mlp_drawing_label(d);
}

static void erase_rulings(mlp_drawing *d, bool cut_tightly) {
    const view rows = view_of(d, false), columns = view_of(d, true);
    if (cut_tightly && find_lines(&rows, 1, false) <= 1 && find_lines(&columns, 1, false) <= 1)
        return; /* these lines are strokes of the digit */
    erase_lines(d, &rows, cut_tightly);
    erase_lines(d, &columns, cut_tightly);
}

/* Keeps the large pieces, and small pieces inside their box: they are parts of broken strokes. */
static void keep_pieces(bool keep[256], mlp_box *box, const pieces *p) {
    size_t largest = 0;
    for (size_t i = 0; i < p->n; i++) largest = p->piece[i].area > largest ? p->piece[i].area : largest;
    for (size_t i = 0; i < p->n; i++)
        if (MLP_LARGE_PIECE * p->piece[i].area >= largest) {
            keep[MLP_PIECE + i] = true;
            mlp_box_add(box, &p->piece[i].box);
        }
    for (size_t i = 0; i < p->n; i++) keep[MLP_PIECE + i] |= mlp_box_contains(box, &p->piece[i].box);
}

/* Removes the ink of pixels with a label that is not kept; faint ink on paper (MLP_PAPER) stays. */
static void keep_only(mlp_drawing *d, const bool keep[256]) {
    d->strongest = 0;
    for (size_t i = 0; i < d->height * d->width; i++) {
        if (d->map.at[i] != MLP_PAPER && !keep[d->map.at[i]]) d->ink[i] = 0;
        d->strongest = fmax(d->strongest, d->ink[i]);
    }
}

/* Keeps the ink of all shapes, if there are several. */
static bool keep_shapes(mlp_shapes *shapes, mlp_drawing *d) {
    bool keep[256] = {false};
    pieces p;
    find_pieces(&p, d, true);
    mlp_shapes_find(shapes, p.piece, p.n);
    for (size_t i = 0; i < p.n; i++) keep[MLP_PIECE + i] = shapes->of[i] != MLP_NO_SHAPE;
    if (shapes->n > 1)
        keep_only(d, keep);
    else
        mlp_drawing_label(d);
    return shapes->n > 1;
}

mlp_found mlp_isolate(mlp_shapes *shapes, mlp_drawing *d, bool split) {
    bool keep[256] = {false};
    pieces p;
    find_pieces(&p, d, false);
    const bool cut_tightly = is_cut_tightly(&p, d);
    mlp_drawing_label(d);
    erase_rulings(d, cut_tightly);
    if (split && keep_shapes(shapes, d)) return MLP_FOUND_DIGIT;
    find_pieces(&p, d, false);
    const bool inside = p.n > 0 && 5 * p.area >= p.edge_area;
    mlp_shapes_find(shapes, p.piece, inside ? p.n : 0);
    mlp_box *box = &shapes->box[0];
    *box = (mlp_box){d->height, 0, d->width, 0};
    if (inside) {
        keep_pieces(keep, box, &p);
    } else if (p.edge_area > 0) {
        keep[MLP_EDGE] = true;
        mlp_box_add(box, &p.edge.box);
    } else {
        return MLP_FOUND_UNCLEAR;
    }
    keep_only(d, keep);
    return MLP_FOUND_DIGIT;
}

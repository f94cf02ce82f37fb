/* propagation.c - forward and backward pass. Work is divided by rows of the result, into pieces
   that depend on the shapes alone: every number of threads gives the same bits. */
#include "mlp/net/propagation.h"

#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"
#include "mlp/data/label.h"
#include "mlp/net/linalg.h"

/* Examples that a sparse first layer multiplies at a time: their rows stay in the cache while all panels use them. */
enum { BLOCK = MLP_SPARSE_BLOCK };

typedef struct pass {
    mlp_batch *batch;
    const mlp_network *net;
    float *grads;   /* [net->arena] */
    float *updated; /* parameters whose W1 changes by scale * dW1; NULL: dW1 goes to grads */
    float scale;
    size_t first; /* the first of the examples whose columns are in the batch */
} pass;

/* Examples first .. first+n-1 and hidden units unit .. unit+units-1. */
typedef struct tile {
    size_t first, n, unit, units;
} tile;

/* Hidden units of some panels; the last panel may have fewer than MLP_PANEL. */
static size_t units_of_panels(const mlp_network *net, size_t panel, size_t panels) {
    const size_t left = net->shape.n_hidden - panel * MLP_PANEL, most = panels * MLP_PANEL;
    return left < most ? left : most;
}

mlp_team *mlp_network_team(const mlp_network *net, size_t n, mlp_team *team) {
    enum { PRIVATE_CACHE = 1 << 20 }; /* bytes of parameters that certainly fit a core's cache */
    const bool cached = net->arena * sizeof(float) < PRIVATE_CACHE;
    const size_t fewest = net->shape.sparse ? 1000 : cached ? 4000 : 0;
    return n * net->shape.n_hidden < fewest ? NULL : team;
}

/* ---- forward ---- */

/* out = a * b, elementwise [rows x n]; out may be a. */
MLP_CLONES static void multiply(float *out, size_t out_stride, const float *a, size_t a_stride, const float *restrict b,
                                size_t b_stride, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, out += out_stride, a += a_stride, b += b_stride)
        for (size_t j = 0; j < n; j++) out[j] = a[j] * b[j];
}

/* out [n] = sum of `parts` arrays of n floats, the first at a, each `distance` floats after the one before it. */
MLP_CLONES static void sum_parts(float *restrict out, const float *restrict a, size_t distance, size_t parts,
                                 size_t n) {
    for (size_t k = 0; k < n; k++) out[k] = a[k];
    for (size_t p = 1; p < parts; p++)
        for (size_t k = 0; k < n; k++) out[k] += a[p * distance + k];
}

/* Z = f(A + b1), H = Z * mask   [n x units]. The units may include padding: whole vectors are
   faster. */
static void activate(const mlp_batch *batch, const mlp_network *net, tile t) {
    const size_t stride = batch->stride_hidden, at = t.first * stride + t.unit;
    const float *b1 = net->params + net->blocks[MLP_B1].offset + t.unit;
    float *z = batch->z + at;
    net->activation->forward(z, stride, b1, t.n, t.units);
    if (batch->h != batch->z) multiply(batch->h + at, stride, z, stride, batch->mask + at, stride, t.n, t.units);
}

/* A = X W1 for n examples and one or two panels of W1. */
static void multiply_rows(float *a, const mlp_batch *batch, const mlp_network *net, size_t first, size_t n,
                          size_t panel, size_t panels) {
    const mlp_block *w1 = &net->blocks[MLP_W1];
    const size_t n_in = net->shape.n_in, floats = n_in * MLP_PANEL; /* in a panel */
    const float *start = net->params + w1->offset + panel * floats;
    const bool others = n_in >= MLP_SPARSE_TILE && panel + 2 * panels <= mlp_network_panels(net);
    for (size_t t = 0, tiles = mlp_range_count(n_in, MLP_SPARSE_TILE); t < tiles; t++) {
        mlp_panels w = {.w = start + t * MLP_SPARSE_TILE * MLP_PANEL, .second = panels > 1 ? floats : 0};
        if ((t + 2) * MLP_SPARSE_TILE <= n_in)
            w.next = start + (t + 1) * MLP_SPARSE_TILE * MLP_PANEL;
        else if (t + 1 == tiles && others)
            w.next = start + panels * floats;
        mlp_sparse_multiply(a, batch->stride_hidden, batch->rows + t * batch->capacity + first, batch->values, n, w, 1,
                            t > 0);
    }
}

/* Sparse first layer: for a block of examples and a group of panels, A = X W1, Z, H, and the part
   of the logits Y = H W2 that comes from the group's units. */
static void forward_group(const pass *job, size_t piece) {
    const mlp_batch *batch = job->batch;
    const mlp_network *net = job->net;
    const mlp_block *w2 = &net->blocks[MLP_W2];
    const size_t group = piece % batch->groups;
    size_t first, panel;
    const size_t n = mlp_range(&first, piece / batch->groups, batch->n, BLOCK);
    const size_t panels_of_group = mlp_range(&panel, group, mlp_network_panels(net), batch->group_panels);
    const size_t end = panel + panels_of_group;
    float *partial = batch->partial + (group * batch->capacity + first) * batch->stride_out;
    for (size_t p = panel; p < end; p += 2) {
        const size_t panels = end - p < 2 ? 1 : 2, unit = p * MLP_PANEL, stride = batch->stride_hidden;
        multiply_rows(batch->z + unit, batch, net, first, n, p, panels);
        activate(batch, net, (tile){first, n, unit, panels * MLP_PANEL});
        mlp_matmul(net->blas, partial, batch->stride_out, batch->h + first * stride + unit, stride,
                   net->params + w2->offset + unit * w2->stride, w2->stride, n, net->shape.n_out,
                   units_of_panels(net, p, panels), p == panel ? 0 : 1);
    }
}

/* Examples whose columns are in the batch. */
static size_t transposed_examples(const pass *job) {
    const size_t left = job->batch->n - job->first;
    return left < MLP_BATCH_COLUMNS ? left : MLP_BATCH_COLUMNS;
}

static size_t transpose_pieces(const pass *job) {
    return mlp_range_count(transposed_examples(job), BLOCK) * mlp_range_count(job->net->shape.n_in, MLP_SPARSE_STRIPE);
}

/* The columns of a block of examples and a stripe of pixels. */
static void transpose(const pass *job, size_t piece) {
    const mlp_batch *batch = job->batch;
    const size_t n_in = job->net->shape.n_in, stripes = mlp_range_count(n_in, MLP_SPARSE_STRIPE);
    size_t first, pixel;
    const size_t n = mlp_range(&first, piece / stripes, transposed_examples(job), BLOCK);
    const size_t pixels = mlp_range(&pixel, piece % stripes, n_in, MLP_SPARSE_STRIPE);
    const size_t column = piece / stripes * n_in + pixel;
    const mlp_row *rows = batch->rows + pixel / MLP_SPARSE_TILE * batch->capacity + job->first + first;
    batch->used[piece] = mlp_rows_transpose(batch->columns + column, batch->transposed + column * MLP_SPARSE_COLUMN,
                                            pixels, rows, batch->capacity, n);
}

static void transpose_piece(void *context, size_t piece, int thread) {
    (void)thread;
    transpose(context, piece);
}

/* Whether the forward pass computes the columns, and the backward pass finds them. */
static bool forward_transposes(const mlp_batch *batch) { return batch->training && batch->n <= MLP_BATCH_COLUMNS; }

/* While training: half of the columns first, half of them last. One thread takes pieces from the front, one from the
   end; so each has half of the columns, and as many groups. */
static void forward_piece(void *context, size_t piece, int thread) {
    const pass *job = context;
    const size_t columns = forward_transposes(job->batch) ? transpose_pieces(job) : 0;
    const size_t groups = mlp_range_count(job->batch->n, BLOCK) * job->batch->groups;
    (void)thread;
    if (piece < columns / 2)
        transpose(job, piece);
    else if (piece < columns / 2 + groups)
        forward_group(job, piece - columns / 2);
    else
        transpose(job, piece - groups);
}

/* Dense first layer: A, Z, H and the logits Y of n examples. */
static void forward_dense(const mlp_batch *batch, const mlp_network *net, size_t first, size_t n) {
    const mlp_shape shape = net->shape;
    const mlp_block *w1 = &net->blocks[MLP_W1], *w2 = &net->blocks[MLP_W2];
    /* A = X W1   [n x n_hidden] = [n x n_in] [n_in x n_hidden] */
    mlp_matmul(net->blas, batch->z + first * batch->stride_hidden, batch->stride_hidden,
               batch->x + first * batch->stride_in, batch->stride_in, net->params + w1->offset, w1->stride, n,
               shape.n_hidden, shape.n_in, 0);
    activate(batch, net, (tile){first, n, 0, mlp_stride(shape.n_hidden)});
    /* Y = H W2   [n x n_out] = [n x n_hidden] [n_hidden x n_out] */
    mlp_matmul(net->blas, batch->p + first * batch->stride_out, batch->stride_out,
               batch->h + first * batch->stride_hidden, batch->stride_hidden, net->params + w2->offset, w2->stride, n,
               shape.n_out, shape.n_hidden, 0);
}

/* P = softmax(Y + b2), predictions and losses; while training also dY. */
static void classify(mlp_batch *batch, const mlp_network *net, size_t first, size_t n) {
    const size_t n_out = net->shape.n_out;
    const uint8_t *labels = batch->labels + first;
    float *p = batch->p + first * batch->stride_out, *dy = batch->dy + first * batch->stride_out;
    double *losses = batch->losses + first; /* until value() below: sum_k t_k log p_k */
    mlp_classify(p, batch->stride_out, batch->predicted + first, losses, net->params + net->blocks[MLP_B2].offset,
                 labels, batch->smoothing, n, n_out);
    for (size_t i = 0; i < n; i++, p += batch->stride_out, dy += batch->stride_out) {
        double probabilities[MLP_MAX_CLASSES];
        for (size_t k = 0; k < n_out; k++) probabilities[k] = p[k];
        losses[i] = net->loss->value(probabilities, n_out, labels[i], batch->smoothing, losses[i]);
        if (batch->training)
            net->loss->gradient(dy, p, n_out, labels[i], (float)batch->smoothing, 1.0F / (float)batch->n);
    }
}

static void forward_examples(void *context, size_t first, size_t n, int thread) {
    const pass *job = context;
    mlp_batch *batch = job->batch;
    const size_t at = first * batch->stride_out;
    (void)thread;
    if (job->net->shape.sparse)
        sum_parts(batch->p + at, batch->partial + at, batch->capacity * batch->stride_out, batch->groups,
                  n * batch->stride_out);
    else
        forward_dense(batch, job->net, first, n);
    classify(batch, job->net, first, n);
}

void mlp_network_forward(mlp_batch *batch, const mlp_network *net, mlp_team *team) {
    pass job = {.batch = batch, .net = net};
    if (net->shape.sparse) /* all groups of a block before the next block: see BLOCK */
        mlp_team_run(team, forward_piece, &job,
                     mlp_range_count(batch->n, BLOCK) * batch->groups +
                         (forward_transposes(batch) ? transpose_pieces(&job) : 0));
    mlp_ranges_run(team, forward_examples, &job, batch->n, mlp_batch_piece(batch->n));
}

/* ---- backward ---- */

/* sum [n] += the sum of all rows of a [rows x n] */
MLP_CLONES static void add_rows(float *restrict sum, const float *restrict a, size_t stride, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++) sum[j] += a[i * stride + j];
}

/* dA = dY W2^T * mask * f'(A)   [n x units] */
static void backward_units(float *da, size_t stride, const pass *job, tile t) {
    const mlp_batch *batch = job->batch;
    const mlp_block *w2 = &job->net->blocks[MLP_W2];
    const size_t at = t.first * batch->stride_hidden + t.unit;
    const size_t padded = mlp_stride(t.units); /* whole vectors are faster */
    mlp_matmul_nt(job->net->blas, da, stride, batch->dy + t.first * batch->stride_out, batch->stride_out,
                  job->net->params + w2->offset + t.unit * w2->stride, w2->stride, t.n, t.units, job->net->shape.n_out,
                  0);
    if (batch->mask != NULL) multiply(da, stride, da, stride, batch->mask + at, batch->stride_hidden, t.n, padded);
    job->net->activation->backward(da, stride, batch->z + at, batch->stride_hidden, t.n, padded);
}

/* dW2 = H^T dY (rows of the tile's units), db1 = sum dA; the tile with unit 0 also computes db2 = sum dY. The first
   examples overwrite the gradients, later ones add to them. */
static void small_gradients(const pass *job, const float *da, size_t stride, tile t) {
    const mlp_batch *batch = job->batch;
    const mlp_block *blocks = job->net->blocks, *w2 = &blocks[MLP_W2];
    const size_t n_out = job->net->shape.n_out;
    const float *dy = batch->dy + t.first * batch->stride_out;
    float *db1 = job->grads + blocks[MLP_B1].offset + t.unit;
    float *db2 = job->grads + blocks[MLP_B2].offset;
    if (t.first == 0) memset(db1, 0, t.units * sizeof *db1);
    if (t.first == 0 && t.unit == 0) memset(db2, 0, batch->stride_out * sizeof *db2);
    mlp_matmul_tn(job->net->blas, job->grads + w2->offset + t.unit * w2->stride, w2->stride,
                  batch->h + t.first * batch->stride_hidden + t.unit, batch->stride_hidden, dy, batch->stride_out,
                  t.units, n_out, t.n, t.first == 0 ? 0 : 1);
    add_rows(db1, da, stride, t.n, t.units);
    if (t.unit == 0) add_rows(db2, dy, batch->stride_out, t.n, n_out);
}

/* dW1 = X^T dA of a panel, or W1 += scale X^T dA, for the block of examples that begins with `first`. */
static void multiply_columns(float *w, const pass *job, size_t first, const float *da) {
    const mlp_batch *batch = job->batch;
    const size_t n_in = job->net->shape.n_in, stripes = mlp_range_count(n_in, MLP_SPARSE_STRIPE);
    const size_t block = (first - job->first) / BLOCK;
    const bool add = job->updated != NULL || first > 0;
    for (size_t s = 0; s < stripes; s++) {
        size_t pixel;
        const size_t pixels = mlp_range(&pixel, s, n_in, MLP_SPARSE_STRIPE);
        mlp_sparse_multiply(w + pixel * MLP_PANEL, MLP_PANEL, batch->columns + block * n_in + pixel, batch->values,
                            add ? batch->used[block * stripes + s] : pixels, (mlp_panels){.w = da}, job->scale, add);
    }
}

/* Sparse first layer: computes all gradients of a panel, one block after the other of the examples whose columns are in
   the batch; for W1 either dW1 = X^T dA or W1 += scale dW1. */
static void backward_panel(void *context, size_t panel, int thread) {
    const pass *job = context;
    const mlp_block *w1 = &job->net->blocks[MLP_W1];
    _Alignas(64) float da[BLOCK * MLP_PANEL];
    float *w = (job->updated != NULL ? job->updated : job->grads) + w1->offset + panel * w1->rows * MLP_PANEL;
    (void)thread;
    const size_t end = job->first + transposed_examples(job);
    for (size_t first = job->first; first < end; first += BLOCK) {
        const size_t n = end - first < BLOCK ? end - first : BLOCK;
        const tile t = {first, n, panel * MLP_PANEL, units_of_panels(job->net, panel, 1)};
        if (t.units < MLP_PANEL) memset(da, 0, n * MLP_PANEL * sizeof *da); /* the padding of W1 must stay 0 */
        backward_units(da, MLP_PANEL, job, t);
        multiply_columns(w, job, first, da);
        small_gradients(job, da, MLP_PANEL, t);
    }
}

/* Dense first layer, step 1: dA of n examples. */
static void backward_examples(void *context, size_t first, size_t n, int thread) {
    const pass *job = context;
    const size_t stride = job->batch->stride_hidden;
    (void)thread;
    backward_units(job->batch->dz + first * stride, stride, job, (tile){first, n, 0, job->net->shape.n_hidden});
}

/* Inputs (rows of dW1) in one piece of work. */
static size_t input_piece(size_t n_in) {
    enum { ROWS = 112, MOST_PIECES = 64 };
    const size_t fewest = mlp_range_count(n_in, MOST_PIECES);
    return fewest > ROWS ? fewest : ROWS;
}

/* Step 2: dW1 = X^T dA   [n_in x n_hidden] = [n x n_in]^T [n x n_hidden], some rows per piece; the
   last piece computes the other gradients. */
static void backward_dense(void *context, size_t piece, int thread) {
    const pass *job = context;
    const mlp_batch *batch = job->batch;
    const mlp_shape shape = job->net->shape;
    const mlp_block *w1 = &job->net->blocks[MLP_W1];
    const size_t size = input_piece(shape.n_in);
    (void)thread;
    if (piece == mlp_range_count(shape.n_in, size)) {
        small_gradients(job, batch->dz, batch->stride_hidden, (tile){0, batch->n, 0, shape.n_hidden});
        return;
    }
    size_t i;
    const size_t n = mlp_range(&i, piece, shape.n_in, size);
    mlp_matmul_tn(job->net->blas, job->grads + w1->offset + i * w1->stride, w1->stride, batch->x + i, batch->stride_in,
                  batch->dz, batch->stride_hidden, n, shape.n_hidden, batch->n, 0);
}

static void backward(pass *job, mlp_team *team) {
    mlp_batch *batch = job->batch;
    const mlp_network *net = job->net;
    if (!batch->training)
        for (size_t i = 0; i < batch->n; i++)
            net->loss->gradient(batch->dy + i * batch->stride_out, batch->p + i * batch->stride_out, net->shape.n_out,
                                batch->labels[i], (float)batch->smoothing, 1.0F / (float)batch->n);
    if (net->shape.sparse) {
        for (; job->first < batch->n; job->first += MLP_BATCH_COLUMNS) {
            if (!forward_transposes(batch)) mlp_team_run(team, transpose_piece, job, transpose_pieces(job));
            mlp_team_run(team, backward_panel, job, mlp_network_panels(net));
        }
        return;
    }
    const size_t pieces = mlp_range_count(net->shape.n_in, input_piece(net->shape.n_in));
    mlp_ranges_run(team, backward_examples, job, batch->n, mlp_batch_piece(batch->n));
    mlp_team_run(team, backward_dense, job, pieces + 1);
}

void mlp_network_backward(float *grads, mlp_batch *batch, const mlp_network *net, mlp_team *team) {
    pass job = {.batch = batch, .net = net, .grads = grads, .scale = 1};
    backward(&job, team);
}

size_t mlp_network_backward_update(float *grads, mlp_batch *batch, mlp_network *net, double rate, mlp_team *team) {
    if (!net->shape.sparse) {
        mlp_network_backward(grads, batch, net, team);
        return 0;
    }
    pass job = {.batch = batch, .net = net, .grads = grads, .updated = net->params, .scale = (float)-rate};
    backward(&job, team);
    return net->blocks[MLP_B1].offset;
}

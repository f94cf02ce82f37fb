/* network.c - the two-layer network, forward and back. Work is cut into pieces by output rows,
   in a way that depends on the shapes alone: every number of threads gives the same bits. */
#include "mlp/net/network.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"
#include "mlp/base/names.h"
#include "mlp/net/linalg.h"

/* ---- shape and parameters ---- */

/* Whole cache lines; whole panels where the network is sparse. */
static size_t hidden_stride(mlp_shape shape) {
    return shape.sparse ? (shape.n_hidden + MLP_PANEL - 1) / MLP_PANEL * MLP_PANEL
                        : mlp_stride(shape.n_hidden);
}

mlp_status mlp_network_create(mlp_network *net, mlp_shape shape, const mlp_activation *activation,
                              const mlp_loss *loss, mlp_error *err) {
    const size_t most = MLP_LINALG_MAX - MLP_PANEL;
    if (shape.n_in > most || shape.n_hidden > most || shape.n_out > MLP_MAX_CLASSES)
        return mlp_fail(err, MLP_ERR_USAGE, "a network of %zu-%zu-%zu is larger than BLAS can take",
                        shape.n_in, shape.n_hidden, shape.n_out);
    const size_t hidden = hidden_stride(shape), out = mlp_stride(shape.n_out);
    const size_t panel = shape.sparse ? MLP_PANEL : hidden;
    const mlp_block blocks[MLP_N_BLOCKS] = {
        {"W1", shape.n_in, shape.n_hidden, hidden, panel, 0},
        {"b1", 1, shape.n_hidden, hidden, hidden, 0},
        {"W2", shape.n_hidden, shape.n_out, out, out, 0},
        {"b2", 1, shape.n_out, out, out, 0},
    };
    net->shape = shape;
    net->activation = activation;
    net->loss = loss;
    net->arena = 0;
    for (int i = 0; i < MLP_N_BLOCKS; i++) { /* < 2^31 each way: the products fit 64 bits */
        net->blocks[i] = blocks[i];
        net->blocks[i].offset = net->arena;
        net->arena += blocks[i].rows * blocks[i].stride;
    }
    assert(net->blocks[MLP_B2].offset + out == net->arena);
    net->params = mlp_alloc(net->arena, sizeof *net->params, "the network's parameters", err);
    return net->params == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

void mlp_network_free(mlp_network *net) {
    free(net->params);
    memset(net, 0, sizeof *net);
}

size_t mlp_network_count(const mlp_network *net) {
    size_t count = 0;
    for (int i = 0; i < MLP_N_BLOCKS; i++)
        count += net->blocks[i].rows * net->blocks[i].cols;
    return count;
}

/* ---- initial weights ---- */

struct mlp_init {
    const char *name;
    /* one weight of a layer with n_in inputs and n_out outputs */
    double (*draw)(mlp_rng *rng, double std, size_t n_in, size_t n_out);
};

static double draw_normal(mlp_rng *rng, double std, size_t n_in, size_t n_out) {
    (void)n_in, (void)n_out;
    return std * mlp_rng_normal(rng);
}

/* Uniform in +-sqrt(6 / (n_in + n_out)): Glorot and Bengio 2010, Keras's default. */
static double draw_glorot(mlp_rng *rng, double std, size_t n_in, size_t n_out) {
    (void)std;
    return (2 * mlp_rng_uniform(rng) - 1) * sqrt(6.0 / (double)(n_in + n_out));
}

/* Normal with standard deviation sqrt(2 / n_in): He et al. 2015. */
static double draw_he(mlp_rng *rng, double std, size_t n_in, size_t n_out) {
    (void)std, (void)n_out;
    return mlp_rng_normal(rng) * sqrt(2.0 / (double)n_in);
}

static const mlp_init inits[] = {{"normal", draw_normal}, {"glorot", draw_glorot}, {"he", draw_he}};

const mlp_init *mlp_init_find(const char *name) {
    return MLP_FIND(inits, name);
}

const char *mlp_init_name(size_t i) {
    return MLP_NAME(inits, i);
}

void mlp_network_init(mlp_network *net, const mlp_init *init, double std, mlp_rng *rng) {
    memset(net->params, 0, net->arena * sizeof *net->params);
    for (int i = MLP_W1; i <= MLP_W2; i += MLP_W2 - MLP_W1) {
        const mlp_block *w = &net->blocks[i];
        for (size_t k = 0; k < w->rows * w->cols; k++)
            net->params[mlp_block_index(w, k)] = (float)init->draw(rng, std, w->rows, w->cols);
    }
}

/* ---- the batch ---- */

/* Panels of W1 where the network is sparse. */
static size_t panels_of(const mlp_network *net) {
    return net->blocks[MLP_W1].stride / MLP_PANEL;
}

/* What the panels say of the logits is added up in at most this many slots, each the sum over as
   many panels: whatever the number of threads, the same sums in the same order. */
enum { MOST_SLOTS = 16 };

static size_t panels_a_slot(const mlp_network *net) {
    return (panels_of(net) + MOST_SLOTS - 1) / MOST_SLOTS;
}

static size_t slots(const mlp_network *net) {
    return (panels_of(net) + panels_a_slot(net) - 1) / panels_a_slot(net);
}

mlp_status mlp_batch_create(mlp_batch *batch, const mlp_network *net, size_t capacity, bool dropout,
                            mlp_error *err) {
    const mlp_shape shape = net->shape;
    if (capacity > MLP_LINALG_MAX)
        return mlp_fail(err, MLP_ERR_USAGE, "a batch of %zu examples is larger than BLAS can take",
                        capacity);
    batch->capacity = capacity;
    batch->n_out = shape.n_out;
    batch->stride_in = mlp_stride(shape.n_in);
    batch->stride_hidden = hidden_stride(shape);
    batch->stride_out = mlp_stride(shape.n_out);
    const char *what = "a batch";
    if (!shape.sparse)
        batch->x = mlp_alloc(capacity, batch->stride_in * sizeof(float), what, err);
    else
        batch->rows = mlp_alloc(capacity, sizeof *batch->rows, what, err);
    batch->labels = mlp_alloc(capacity, 1, what, err);
    batch->z = mlp_alloc(capacity, batch->stride_hidden * sizeof(float), what, err);
    batch->h = batch->z;
    if (dropout) {
        batch->mask = mlp_alloc(capacity, batch->stride_hidden * sizeof(float), what, err);
        batch->h = mlp_alloc(capacity, batch->stride_hidden * sizeof(float), what, err);
    }
    if (shape.sparse)
        batch->partial =
            mlp_alloc(capacity * slots(net), batch->stride_out * sizeof(float), what, err);
    batch->p = mlp_alloc(capacity, batch->stride_out * sizeof(float), what, err);
    batch->predicted = mlp_alloc(capacity, 1, what, err);
    batch->losses = mlp_alloc(capacity, sizeof(double), what, err);
    batch->dy = mlp_alloc(capacity, batch->stride_out * sizeof(float), what, err);
    if (!shape.sparse)
        batch->dz = mlp_alloc(capacity, batch->stride_hidden * sizeof(float), what, err);
    const bool complete = (shape.sparse ? batch->rows && batch->partial : batch->x && batch->dz) &&
                          batch->labels && batch->z && batch->h && batch->p && batch->predicted &&
                          batch->losses && batch->dy && (batch->mask || !dropout);
    return complete ? MLP_OK : MLP_ERR_MEMORY;
}

void mlp_batch_free(mlp_batch *batch) {
    free(batch->x);
    free(batch->rows);
    free(batch->labels);
    if (batch->h != batch->z)
        free(batch->h);
    free(batch->z);
    free(batch->mask);
    free(batch->partial);
    free(batch->p);
    free(batch->predicted);
    free(batch->losses);
    free(batch->dy);
    free(batch->dz);
    memset(batch, 0, sizeof *batch);
}

/* Pieces of at most this many rows, but no more than MOST_PIECES of them. */
enum { FORWARD_ROWS = 50, PANEL_ROWS = 128, BACKWARD_ROWS = 112, MOST_PIECES = 64 };

/* Bytes of parameters that are sure to stay in a processor's own cache, with their gradient. */
enum { CACHED = 1 << 20 };

static size_t piece_rows(size_t rows, size_t wanted) {
    const size_t fewest = (rows + MOST_PIECES - 1) / MOST_PIECES;
    return fewest > wanted ? fewest : wanted;
}

/* What the tasks of one batch need. */
typedef struct batch_job {
    mlp_batch *batch;
    const mlp_network *net;
    const mlp_dataset *set;
    const uint32_t *indices;
    size_t first;
    float *grads;
    float *moving; /* parameters whose W1 moves by scale * dW1; NULL: grads takes dW1 */
    float scale;
    size_t panels_together;
} batch_job;

/* Runs `task` over `rows` rows cut into pieces of `size`. */
static void run_pieces(mlp_team *team, mlp_task task, batch_job *job, size_t rows, size_t size) {
    mlp_team_run(team, task, job, (rows + size - 1) / size);
}

/* Units of a panel; the last may have fewer. */
static size_t units_of_panel(const mlp_network *net, size_t panel) {
    const size_t left = net->shape.n_hidden - panel * MLP_PANEL;
    return left < MLP_PANEL ? left : MLP_PANEL;
}

mlp_team *mlp_network_team(const mlp_network *net, size_t n, mlp_team *team) {
    const bool cached = net->arena * sizeof(float) < CACHED;
    const size_t least = net->shape.sparse ? 1000 : cached ? 4000 : 0;
    return n * net->shape.n_hidden < least ? NULL : team;
}

/* The rows of a piece: from *first on, returns how many. */
static size_t rows_of_piece(size_t *first, size_t piece, size_t rows, size_t size) {
    *first = piece * size;
    return rows - *first < size ? rows - *first : size;
}

static size_t image_of(const batch_job *job, size_t i) {
    return mlp_dataset_image(job->set, job->indices == NULL ? job->first + i : job->indices[i]);
}

static void load_piece(void *context, size_t piece, int thread) {
    const batch_job *job = context;
    mlp_batch *batch = job->batch;
    size_t first;
    const size_t n = rows_of_piece(&first, piece, batch->n, piece_rows(batch->n, FORWARD_ROWS));
    (void)thread;
    if (batch->x != NULL) {
        mlp_dataset_gather(
            batch->x + first * batch->stride_in, batch->stride_in, batch->labels + first, job->set,
            job->indices == NULL ? NULL : job->indices + first, job->first + first, n);
        return;
    }
    for (size_t i = first; i < first + n; i++) {
        const size_t image = image_of(job, i);
        batch->rows[i] = mlp_rows_at(job->set->sparse, image);
        batch->labels[i] = job->set->labels[image];
    }
}

void mlp_batch_load(mlp_batch *batch, const mlp_dataset *set, const uint32_t *indices, size_t first,
                    size_t n, mlp_team *team) {
    assert(n <= batch->capacity);
    batch->n = n;
    batch_job job = {.batch = batch, .set = set, .indices = indices, .first = first};
    if (batch->rows != NULL)
        batch->values = set->sparse->values;
    run_pieces(batch->rows != NULL ? NULL : team, load_piece, &job, n, piece_rows(n, FORWARD_ROWS));
}

void mlp_batch_drop(mlp_batch *batch, const mlp_network *net, double p, mlp_rng *rng) {
    if (batch->mask == NULL)
        return;
    const float kept = (float)(1.0 / (1.0 - p));
    for (size_t i = 0; i < batch->n; i++)
        for (size_t j = 0; j < net->shape.n_hidden; j++)
            batch->mask[i * batch->stride_hidden + j] = mlp_rng_uniform(rng) < p ? 0.0F : kept;
}

double mlp_batch_loss(const mlp_batch *batch) {
    double sum = 0;
    for (size_t i = 0; i < batch->n; i++)
        sum += batch->losses[i];
    return sum / (double)batch->n;
}

size_t mlp_batch_correct(const mlp_batch *batch) {
    size_t correct = 0;
    for (size_t i = 0; i < batch->n; i++)
        correct += batch->predicted[i] == batch->labels[i];
    return correct;
}

/* ---- forward ---- */

/* out = a * b, elementwise; out may be a. */
MLP_CLONES static void multiply(float *out, size_t out_stride, const float *a, size_t a_stride,
                                const float *restrict b, size_t b_stride, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, out += out_stride, a += a_stride, b += b_stride)
        for (size_t j = 0; j < n; j++)
            out[j] = a[j] * b[j];
}

/* out [n] = the sum of `parts` rows that lie `apart` floats from each other */
MLP_CLONES static void sum_parts(float *restrict out, const float *restrict a, size_t apart,
                                 size_t parts, size_t n) {
    for (size_t k = 0; k < n; k++)
        out[k] = a[k];
    for (size_t p = 1; p < parts; p++)
        for (size_t k = 0; k < n; k++)
            out[k] += a[p * apart + k];
}

/* Z = f(A + b1) and H = Z * mask of n examples, of the units that begin at z and h; over the
   padding too: whole vectors are quicker. */
static void activate(const mlp_batch *batch, const mlp_network *net, size_t first, size_t n,
                     size_t unit, size_t units) {
    const size_t at = first * batch->stride_hidden + unit, stride = batch->stride_hidden;
    net->activation->forward(batch->z + at, stride, net->params + net->blocks[MLP_B1].offset + unit,
                             n, units);
    if (batch->h != batch->z)
        multiply(batch->h + at, stride, batch->z + at, stride, batch->mask + at, stride, n, units);
}

/* Where the network is sparse: A = X W1, Z, H and the part of the logits Y that H gives, for a
   block of examples and the panels of a slot. All slots of a block come before the next block,
   whose rows would push the block's from the cache. */
static void forward_slot(void *context, size_t piece, int thread) {
    const batch_job *job = context;
    const mlp_batch *batch = job->batch;
    const mlp_network *net = job->net;
    const mlp_block *w1 = &net->blocks[MLP_W1], *w2 = &net->blocks[MLP_W2];
    const size_t slot = piece % slots(net), together = panels_a_slot(net);
    size_t first, panel;
    const size_t n = rows_of_piece(&first, piece / slots(net), batch->n, PANEL_ROWS);
    const size_t panels = rows_of_piece(&panel, slot, panels_of(net), together);
    float *partial = batch->partial + (slot * batch->capacity + first) * batch->stride_out;
    (void)thread;
    for (size_t p = panel; p < panel + panels; p++) {
        const size_t unit = p * MLP_PANEL;
        mlp_sparse_multiply(batch->z + first * batch->stride_hidden + unit, batch->stride_hidden,
                            batch->rows + first, batch->values, n,
                            net->params + w1->offset + p * w1->rows * MLP_PANEL);
        activate(batch, net, first, n, unit, MLP_PANEL);
        mlp_matmul(partial, batch->stride_out, batch->h + first * batch->stride_hidden + unit,
                   batch->stride_hidden, net->params + w2->offset + unit * w2->stride, w2->stride,
                   n, net->shape.n_out, units_of_panel(net, p), p == panel ? 0 : 1);
    }
}

/* Where it is dense: the same of a piece of the examples, the logits as a whole. */
static void forward_dense(const mlp_batch *batch, const mlp_network *net, size_t first, size_t n) {
    const mlp_shape shape = net->shape;
    const mlp_block *w1 = &net->blocks[MLP_W1], *w2 = &net->blocks[MLP_W2];
    /* A = X W1   [n x n_hidden] = [n x n_in] [n_in x n_hidden] */
    mlp_matmul(batch->z + first * batch->stride_hidden, batch->stride_hidden,
               batch->x + first * batch->stride_in, batch->stride_in, net->params + w1->offset,
               w1->stride, n, shape.n_hidden, shape.n_in, 0);
    activate(batch, net, first, n, 0, mlp_stride(shape.n_hidden));
    /* Y = H W2   [n x n_out] = [n x n_hidden] [n_hidden x n_out] */
    mlp_matmul(batch->p + first * batch->stride_out, batch->stride_out,
               batch->h + first * batch->stride_hidden, batch->stride_hidden,
               net->params + w2->offset, w2->stride, n, shape.n_out, shape.n_hidden, 0);
}

/* P = softmax(Y + b2), predictions and losses, in training dY too. */
static void classify(mlp_batch *batch, const mlp_network *net, size_t first, size_t n) {
    const size_t n_out = net->shape.n_out;
    const uint8_t *labels = batch->labels + first;
    float *p = batch->p + first * batch->stride_out, *dy = batch->dy + first * batch->stride_out;
    double *losses = batch->losses + first; /* sum of t log p, to begin with */
    mlp_classify(p, batch->stride_out, batch->predicted + first, losses,
                 net->params + net->blocks[MLP_B2].offset, labels, batch->smoothing, n, n_out);
    for (size_t i = 0; i < n; i++, p += batch->stride_out, dy += batch->stride_out) {
        double probabilities[MLP_MAX_CLASSES];
        for (size_t k = 0; k < n_out; k++)
            probabilities[k] = p[k];
        losses[i] = net->loss->value(probabilities, n_out, labels[i], batch->smoothing, losses[i]);
        if (batch->training)
            net->loss->gradient(dy, p, n_out, labels[i], (float)batch->smoothing,
                                1.0F / (float)batch->n);
    }
}

static void forward_piece(void *context, size_t piece, int thread) {
    const batch_job *job = context;
    mlp_batch *batch = job->batch;
    size_t first;
    const size_t n = rows_of_piece(&first, piece, batch->n, piece_rows(batch->n, FORWARD_ROWS));
    (void)thread;
    if (!job->net->shape.sparse)
        forward_dense(batch, job->net, first, n);
    else
        sum_parts(batch->p + first * batch->stride_out, batch->partial + first * batch->stride_out,
                  batch->capacity * batch->stride_out, slots(job->net), n * batch->stride_out);
    classify(batch, job->net, first, n);
}

void mlp_network_forward(mlp_batch *batch, const mlp_network *net, mlp_team *team) {
    batch_job job = {.batch = batch, .net = net};
    if (net->shape.sparse) {
        const size_t blocks = (batch->n + PANEL_ROWS - 1) / PANEL_ROWS;
        mlp_team_run(team, forward_slot, &job, blocks * slots(net));
    }
    run_pieces(team, forward_piece, &job, batch->n, piece_rows(batch->n, FORWARD_ROWS));
}

/* ---- backward ---- */

/* sum[j] += sum over rows of a   [n] += [rows x n] summed */
MLP_CLONES static void add_rows(float *restrict sum, const float *restrict a, size_t stride,
                                size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            sum[j] += a[i * stride + j];
}

static void zero_block(float *grads, const mlp_block *block) {
    memset(grads + block->offset, 0, block->rows * block->stride * sizeof *grads);
}

/* dA = dY W2^T * mask * f'(Z)   [n x units] for n examples and some units, into da. */
static void backward_units(float *da, size_t stride, const mlp_batch *batch, const mlp_network *net,
                           size_t first, size_t n, size_t unit, size_t units) {
    const mlp_block *w2 = &net->blocks[MLP_W2];
    const size_t at = first * batch->stride_hidden + unit;
    const size_t lanes = mlp_stride(units); /* over the padding too: whole vectors are quicker */
    mlp_matmul_nt(da, stride, batch->dy + first * batch->stride_out, batch->stride_out,
                  net->params + w2->offset + unit * w2->stride, w2->stride, n, units,
                  net->shape.n_out, 0);
    if (batch->mask != NULL)
        multiply(da, stride, da, stride, batch->mask + at, batch->stride_hidden, n, lanes);
    net->activation->backward(da, stride, batch->z + at, batch->stride_hidden, n, lanes);
}

/* The small gradients that n examples give some units: dW2 = H^T dY in their rows, db1 = sum dA;
   db2 = sum dY goes with the first unit. beta 0: the first examples, nothing to add to. */
static void small_gradients(float *grads, const float *da, size_t stride, const mlp_batch *batch,
                            const mlp_network *net, size_t first, size_t n, size_t unit,
                            size_t units, float beta) {
    const mlp_block *w2 = &net->blocks[MLP_W2], *b1 = &net->blocks[MLP_B1];
    const float *dy = batch->dy + first * batch->stride_out;
    mlp_matmul_tn(grads + w2->offset + unit * w2->stride, w2->stride,
                  batch->h + first * batch->stride_hidden + unit, batch->stride_hidden, dy,
                  batch->stride_out, units, net->shape.n_out, n, beta);
    if (beta == 0.0F)
        memset(grads + b1->offset + unit, 0, units * sizeof *grads);
    add_rows(grads + b1->offset + unit, da, stride, n, units);
    if (unit == 0 && beta == 0.0F)
        zero_block(grads, &net->blocks[MLP_B2]);
    if (unit == 0)
        add_rows(grads + net->blocks[MLP_B2].offset, dy, batch->stride_out, n, net->shape.n_out);
}

/* Where the network is sparse: all gradients of some panels and their units, block of examples by
   block; of W1 the gradient dW1 = X^T dA or the step W1 -= rate dW1. */
static void backward_panels(void *context, size_t piece, int thread) {
    const batch_job *job = context;
    const mlp_batch *batch = job->batch;
    const mlp_block *w1 = &job->net->blocks[MLP_W1];
    const size_t floats = w1->rows * MLP_PANEL;
    _Alignas(64) float da[PANEL_ROWS * MLP_PANEL];
    (void)thread;
    size_t panel;
    const size_t panels = rows_of_piece(&panel, piece, panels_of(job->net), job->panels_together);
    float *w = (job->moving != NULL ? job->moving : job->grads) + w1->offset;
    if (job->moving == NULL)
        memset(w + panel * floats, 0, panels * floats * sizeof *w);
    for (size_t first = 0; first < batch->n; first += PANEL_ROWS)
        for (size_t p = panel; p < panel + panels; p++) {
            const size_t n = batch->n - first < PANEL_ROWS ? batch->n - first : PANEL_ROWS;
            const size_t unit = p * MLP_PANEL, units = units_of_panel(job->net, p);
            if (units < MLP_PANEL)
                memset(da, 0, n * MLP_PANEL * sizeof *da); /* the padding of W1 stays 0 */
            backward_units(da, MLP_PANEL, batch, job->net, first, n, unit, units);
            mlp_sparse_add_tn(w + p * floats, job->scale, batch->rows + first, batch->values, da,
                              MLP_PANEL, n);
            small_gradients(job->grads, da, MLP_PANEL, batch, job->net, first, n, unit, units,
                            first == 0 ? 0 : 1);
        }
}

/* Where it is dense, first dA of a piece of the examples … */
static void backward_examples(void *context, size_t piece, int thread) {
    const batch_job *job = context;
    const mlp_batch *batch = job->batch;
    size_t first;
    const size_t n = rows_of_piece(&first, piece, batch->n, piece_rows(batch->n, FORWARD_ROWS));
    (void)thread;
    backward_units(batch->dz + first * batch->stride_hidden, batch->stride_hidden, batch, job->net,
                   first, n, 0, job->net->shape.n_hidden);
}

/* … then dW1 = X^T dA   [n_in x n_hidden] = [n x n_in]^T [n x n_hidden], a piece of its rows; the
   last piece: the small gradients. */
static void backward_dense(void *context, size_t piece, int thread) {
    const batch_job *job = context;
    const mlp_batch *batch = job->batch;
    const mlp_shape shape = job->net->shape;
    const mlp_block *w1 = &job->net->blocks[MLP_W1];
    const size_t rows = piece_rows(shape.n_in, BACKWARD_ROWS);
    (void)thread;
    if (piece * rows >= shape.n_in) {
        small_gradients(job->grads, batch->dz, batch->stride_hidden, batch, job->net, 0, batch->n,
                        0, shape.n_hidden, 0);
        return;
    }
    size_t i;
    const size_t n = rows_of_piece(&i, piece, shape.n_in, rows);
    mlp_matmul_tn(job->grads + w1->offset + i * w1->stride, w1->stride, batch->x + i,
                  batch->stride_in, batch->dz, batch->stride_hidden, n, shape.n_hidden, batch->n,
                  0);
}

static void backward(batch_job *job, mlp_team *team) {
    mlp_batch *batch = job->batch;
    const mlp_network *net = job->net;
    if (!batch->training)
        for (size_t i = 0; i < batch->n; i++)
            net->loss->gradient(batch->dy + i * batch->stride_out, batch->p + i * batch->stride_out,
                                net->shape.n_out, batch->labels[i], (float)batch->smoothing,
                                1.0F / (float)batch->n);
    if (net->shape.sparse) {
        /* two at a time read the rows once; for two threads that would be one too few pieces */
        job->panels_together = mlp_team_threads(team) == 1 ? 2 : 1;
        run_pieces(team, backward_panels, job, panels_of(net), job->panels_together);
    } else {
        const size_t rows = piece_rows(net->shape.n_in, BACKWARD_ROWS);
        run_pieces(team, backward_examples, job, batch->n, piece_rows(batch->n, FORWARD_ROWS));
        run_pieces(team, backward_dense, job, net->shape.n_in + rows, rows);
    }
}

void mlp_network_backward(float *grads, mlp_batch *batch, const mlp_network *net, mlp_team *team) {
    batch_job job = {.batch = batch, .net = net, .grads = grads, .scale = 1};
    backward(&job, team);
}

size_t mlp_network_backward_moving(float *grads, mlp_batch *batch, mlp_network *net, double rate,
                                   mlp_team *team) {
    if (!net->shape.sparse) {
        mlp_network_backward(grads, batch, net, team);
        return 0;
    }
    batch_job job = {
        .batch = batch, .net = net, .grads = grads, .moving = net->params, .scale = (float)-rate};
    backward(&job, team);
    return net->blocks[MLP_B1].offset;
}

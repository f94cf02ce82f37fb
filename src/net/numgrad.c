/* numgrad.c - gradients by central differences. */
#include "mlp/net/numgrad.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"
#include "mlp/net/propagation.h"

static const double step = MLP_NUMGRAD_STEP;

/* ---- functions of n variables ---- */

double mlp_forward_difference(mlp_function f, void *context, double *x, size_t n, size_t i, double h) {
    const double xi = x[i];
    const double here = f(x, n, context);
    x[i] = xi + h;
    const double plus = f(x, n, context);
    x[i] = xi;
    return (plus - here) / h;
}

double mlp_central_difference(mlp_function f, void *context, double *x, size_t n, size_t i, double h) {
    const double xi = x[i];
    x[i] = xi + h;
    const double plus = f(x, n, context);
    x[i] = xi - h;
    const double minus = f(x, n, context);
    x[i] = xi;
    return (plus - minus) / (2 * h);
}

void mlp_gradient(double *grad, mlp_function f, void *context, double *x, size_t n) {
    for (size_t i = 0; i < n; i++) grad[i] = mlp_central_difference(f, context, x, n, i, step);
}

void mlp_gradient_descent(double *x, double *grad, mlp_function f, void *context, size_t n, double lr, size_t steps) {
    for (size_t s = 0; s < steps; s++) {
        mlp_gradient(grad, f, context, x, n);
        for (size_t i = 0; i < n; i++) {
            const volatile double move = lr * grad[i]; /* not fused (FMA): the same digits with every compiler flag */
            x[i] -= move;
        }
    }
}

/* ---- one softmax layer ---- */

void mlp_layer_scores(double *y, const double *w, const mlp_layer *layer) {
    for (size_t k = 0; k < layer->n_out; k++) y[k] = layer->bias == NULL ? 0 : layer->bias[k];
    for (size_t j = 0; j < layer->n_in; j++)
        for (size_t k = 0; k < layer->n_out; k++) y[k] += layer->x[j] * w[j * layer->stride + k];
}

double mlp_layer_loss(const double *w, size_t n, void *layer) {
    (void)n;
    const mlp_layer *l = layer;
    double p[MLP_MAX_CLASSES];
    mlp_layer_scores(p, w, l);
    const double log_p = mlp_softmax_double(p, l->n_out, l->label, l->smoothing);
    return l->loss->value(p, l->n_out, l->label, l->smoothing, log_p);
}

/* ---- the network: buffers ---- */

enum { LANES = 8 }; /* doubles in the widest vector register; rows are padded to it */

mlp_status mlp_numgrad_create(mlp_numgrad *ng, const mlp_network *net, size_t capacity, mlp_error *err) {
    const mlp_shape shape = net->shape;
    const char *what = "the numerical gradient";
    ng->capacity = capacity;
    ng->stride_hidden = (shape.n_hidden + LANES - 1) / LANES * LANES;
    ng->stride_out = (shape.n_out + LANES - 1) / LANES * LANES;
    MLP_NEW(ng->pixels, capacity, shape.n_in, what, err);
    MLP_NEW(ng->shades, capacity, shape.n_in, what, err);
    MLP_NEW(ng->n_shades, capacity, 1, what, err);
    MLP_NEW(ng->n_pixels, capacity, 1, what, err);
    MLP_NEW(ng->params, net->arena, 1, what, err);
    MLP_NEW(ng->a, capacity, ng->stride_hidden, what, err);
    MLP_NEW(ng->h, capacity, ng->stride_hidden, what, err);
    MLP_NEW(ng->y, capacity, ng->stride_out, what, err);
    MLP_NEW(ng->p, capacity, ng->stride_out, what, err);
    MLP_NEW(ng->log_p, capacity, 1, what, err);
    MLP_NEW(ng->unit_vectors, shape.n_out, ng->stride_out, what, err);
    MLP_NEW(ng->dw1, shape.n_hidden, shape.n_in, what, err);
    MLP_NEW(ng->of_shade, shape.n_hidden, shape.n_in, what, err);
    MLP_NEW(ng->kinked, shape.n_hidden, 1, what, err);
    MLP_NEW(ng->grads, net->arena, 1, what, err);
    for (size_t k = 0; k < shape.n_out; k++) ng->unit_vectors[k * ng->stride_out + k] = 1;
    return MLP_OK;
}

void mlp_numgrad_free(mlp_numgrad *ng) {
    MLP_FREE(ng->pixels, ng->n_pixels, ng->shades, ng->n_shades, ng->params, ng->a, ng->h, ng->y, ng->p, ng->log_p,
             ng->unit_vectors, ng->dw1, ng->of_shade, ng->kinked, ng->grads);
    memset(ng, 0, sizeof *ng);
}

/* ---- the network ---- */

/* Lists the nonzero pixels of image i and their different values. Most images have few different
   values: a linear search is fast enough. */
static void read_pixels(mlp_numgrad *ng, size_t i) {
    const size_t n_in = ng->net->shape.n_in;
    const float *x = ng->batch->x + i * ng->batch->stride_in;
    mlp_pixel *pixels = ng->pixels + i * n_in;
    float *shades = ng->shades + i * n_in;
    size_t n_pixels = 0, n_shades = 0;
    for (size_t p = 0; p < n_in; p++) {
        if (x[p] == 0.0F) continue;
        size_t s = 0;
        while (s < n_shades && shades[s] != x[p]) s++;
        if (s == n_shades) shades[n_shades++] = x[p];
        pixels[n_pixels++] = (mlp_pixel){(uint32_t)p, (uint32_t)s};
    }
    ng->n_pixels[i] = n_pixels;
    ng->n_shades[i] = n_shades;
}

static double mask_of(const mlp_numgrad *ng, size_t i, size_t j) {
    const mlp_batch *batch = ng->batch;
    return batch->mask == NULL ? 1 : (double)batch->mask[i * batch->stride_hidden + j];
}

/* a = x W1 + b1;  h = f(a) * mask       [n_hidden] for image i */
static void hidden_layer(mlp_numgrad *ng, size_t i) {
    const mlp_network *net = ng->net;
    const mlp_block *w1 = &net->blocks[MLP_W1];
    const double *b1 = ng->params + net->blocks[MLP_B1].offset;
    const mlp_pixel *pixels = ng->pixels + i * net->shape.n_in;
    const float *shades = ng->shades + i * net->shape.n_in;
    double *a = ng->a + i * ng->stride_hidden, *h = ng->h + i * ng->stride_hidden;
    for (size_t j = 0; j < net->shape.n_hidden; j++) a[j] = b1[j];
    for (size_t e = 0; e < ng->n_pixels[i]; e++) {
        const double x = (double)shades[pixels[e].shade];
        const double *row = ng->params + w1->offset + pixels[e].index * w1->stride;
        for (size_t j = 0; j < net->shape.n_hidden; j++) a[j] += x * row[j];
    }
    for (size_t j = 0; j < net->shape.n_hidden; j++) h[j] = net->activation->value(a[j]) * mask_of(ng, i, j);
}

/* Computes a, h, y, p and log_p of image i. */
static void forward_image(void *context, size_t i, int thread) {
    mlp_numgrad *ng = context;
    const mlp_block *w2 = &ng->net->blocks[MLP_W2];
    const mlp_layer layer = {.x = ng->h + i * ng->stride_hidden,
                             .bias = ng->params + ng->net->blocks[MLP_B2].offset,
                             .n_in = w2->rows,
                             .n_out = w2->cols,
                             .stride = w2->stride};
    double *y = ng->y + i * ng->stride_out, *p = ng->p + i * ng->stride_out;
    (void)thread;
    read_pixels(ng, i);
    hidden_layer(ng, i);
    mlp_layer_scores(y, ng->params + w2->offset, &layer);
    memcpy(p, y, layer.n_out * sizeof *p);
    ng->log_p[i] = mlp_softmax_double(p, layer.n_out, ng->batch->labels[i], ng->batch->smoothing);
}

/* For |d| <= NEAR the first five terms of the series of exp(d) suffice: the error is below NEAR^5 / 120 = 8e-18. */
#define NEAR (1.0 / 1024)

/* q = softmax(log p + t * direction), for |t * direction[k]| <= NEAR. Returns the logarithm of the
   normalising sum. n is a multiple of LANES; where p is 0 (padding), q is 0. */
MLP_CLONES static double softmax_near(double *restrict q, const double *restrict p, const double *restrict direction,
                                      double t, size_t n) {
    double sums[LANES] = {0};
    for (size_t k = 0; k < n; k += LANES)
        for (size_t u = 0; u < LANES; u++) {
            const double d = t * direction[k + u];
            const double e = 1 + d * (1 + d * (1.0 / 2 + d * (1.0 / 6 + d * (1.0 / 24))));
            q[k + u] = p[k + u] * e;
            sums[u] += q[k + u];
        }
    const double sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    const double scale = 1 / sum;
    for (size_t k = 0; k < n; k++) q[k] *= scale;
    return log(sum);
}

/* The direction in which a parameter changes the logits. */
typedef struct direction {
    const double *d; /* [n_out], padded with 0 to stride_out */
    double largest;  /* |d[k]| */
    double mean;     /* of the d[k] */
} direction;

/* The loss of image i for logits y + t d. */
static double moved_loss(const mlp_numgrad *ng, size_t i, direction dir, double t) {
    const size_t n = ng->net->shape.n_out, label = ng->batch->labels[i], row = i * ng->stride_out;
    const double smoothing = ng->batch->smoothing;
    double q[MLP_MAX_CLASSES], log_p;
    if (fabs(t) * dir.largest <= NEAR) {
        const double log_sum = softmax_near(q, ng->p + row, dir.d, t, ng->stride_out);
        const double along = (1 - smoothing) * dir.d[label] + smoothing * dir.mean;
        log_p = ng->log_p[i] + t * along - log_sum;
    } else {
        for (size_t k = 0; k < n; k++) q[k] = ng->y[row + k] + t * dir.d[k];
        log_p = mlp_softmax_double(q, n, label, smoothing);
    }
    return ng->net->loss->value(q, n, label, smoothing, log_p);
}

/* Loss of image i at t = plus, minus its loss at t = minus. They are equal for a dropped unit or an inactive ReLU. */
static double moved_difference(const mlp_numgrad *ng, size_t i, direction dir, double plus, double minus) {
    if (plus == minus) return 0;
    return moved_loss(ng, i, dir, plus) - moved_loss(ng, i, dir, minus);
}

/* The same for input a + da and input a - da of hidden unit j: the logits change along row j of W2. */
static double input_difference(const mlp_numgrad *ng, size_t i, size_t j, direction dir, double da) {
    const double a = ng->a[i * ng->stride_hidden + j], h = ng->h[i * ng->stride_hidden + j];
    const mlp_activation *f = ng->net->activation;
    const double mask = mask_of(ng, i, j);
    const double plus = f->value(a + da) * mask - h, minus = f->value(a - da) * mask - h;
    return moved_difference(ng, i, dir, plus, minus);
}

static direction row_of_w2(const mlp_numgrad *ng, size_t j) {
    const mlp_block *w2 = &ng->net->blocks[MLP_W2];
    direction dir = {ng->params + w2->offset + j * w2->stride, 0, 0};
    for (size_t k = 0; k < w2->cols; k++) {
        dir.largest = fmax(dir.largest, fabs(dir.d[k]));
        dir.mean += dir.d[k] / (double)w2->cols;
    }
    return dir;
}

/* The gradient of column j of W1 and of b1[j]. */
static void gradient_of_inputs(mlp_numgrad *ng, size_t j) {
    const mlp_block *w1 = &ng->net->blocks[MLP_W1], *b1 = &ng->net->blocks[MLP_B1];
    const direction dir = row_of_w2(ng, j);
    double *column = ng->dw1 + j * w1->rows, *of_shade = ng->of_shade + j * w1->rows, bias = 0;
    memset(column, 0, w1->rows * sizeof *column);
    for (size_t i = 0; i < ng->batch->n; i++) {
        const mlp_pixel *pixels = ng->pixels + i * w1->rows;
        const float *shades = ng->shades + i * w1->rows;
        for (size_t s = 0; s < ng->n_shades[i]; s++)
            of_shade[s] = input_difference(ng, i, j, dir, step * (double)shades[s]);
        for (size_t e = 0; e < ng->n_pixels[i]; e++) column[pixels[e].index] += of_shade[pixels[e].shade];
        bias += input_difference(ng, i, j, dir, step);
    }
    const double scale = 1 / (2 * step * (double)ng->batch->n);
    for (size_t p = 0; p < w1->rows; p++) ng->out[w1->offset + p * w1->stride + j] = column[p] * scale;
    ng->out[b1->offset + j] = bias * scale;
}

/* The gradient of row j of W2: element k of the row changes logit k by step * h. j == n_hidden is the gradient of b2,
   which is the row of a unit with output 1. */
static void gradient_of_outputs(mlp_numgrad *ng, size_t j) {
    const size_t n_hidden = ng->net->shape.n_hidden;
    const mlp_block *block = &ng->net->blocks[j < n_hidden ? MLP_W2 : MLP_B2];
    double *row = ng->out + block->offset + (j < n_hidden ? j : 0) * block->stride;
    for (size_t k = 0; k < block->cols; k++) {
        const direction one_logit = {ng->unit_vectors + k * ng->stride_out, 1, 1.0 / (double)block->cols};
        double sum = 0;
        for (size_t i = 0; i < ng->batch->n; i++) {
            const double t = step * (j < n_hidden ? ng->h[i * ng->stride_hidden + j] : 1.0);
            sum += moved_difference(ng, i, one_logit, t, -t);
        }
        row[k] = sum / (2 * step * (double)ng->batch->n);
    }
}

/* The gradients of all parameters of hidden unit j; if j == n_hidden, the gradient of b2. */
static void gradient_of_unit(void *context, size_t j, int thread) {
    mlp_numgrad *ng = context;
    (void)thread;
    if (j < ng->net->shape.n_hidden) gradient_of_inputs(ng, j);
    gradient_of_outputs(ng, j);
}

void mlp_numgrad_compute(double *grads, mlp_numgrad *ng, const mlp_batch *batch, const mlp_network *net,
                         mlp_team *team) {
    assert(batch->n <= ng->capacity);
    ng->batch = batch;
    ng->net = net;
    ng->out = grads;
    for (size_t i = 0; i < net->arena; i++) ng->params[i] = net->params[i];
    memset(grads, 0, net->arena * sizeof *grads); /* for the padding */
    mlp_team_run(team, forward_image, ng, batch->n);
    mlp_team_run(team, gradient_of_unit, ng, net->shape.n_hidden + 1);
}

void mlp_numgrad_network(float *grads, mlp_numgrad *ng, const mlp_batch *batch, const mlp_network *net,
                         mlp_team *team) {
    mlp_numgrad_compute(ng->grads, ng, batch, net, team);
    for (size_t i = 0; i < net->arena; i++) grads[i] = (float)ng->grads[i];
}

/* ---- comparison with backpropagation ---- */

/* Whether the activation has a kink within the steps from a, in any image: for smooth activations
   |f''| <= 1, so that the second difference is at most da^2. */
static bool is_kinked(const mlp_numgrad *ng, size_t j) {
    const mlp_activation *f = ng->net->activation;
    for (size_t i = 0; i < ng->batch->n; i++) {
        const float *shades = ng->shades + i * ng->net->shape.n_in;
        const double a = ng->a[i * ng->stride_hidden + j];
        double largest = 1; /* step / h: 1 for b1, the pixel value for W1 */
        for (size_t s = 0; s < ng->n_shades[i]; s++)
            if (fabs((double)shades[s]) > largest) /* not fmax: gcc 12 for aarch64 crashes */
                largest = fabs((double)shades[s]);
        const double da = step * largest;
        const double bend = f->value(a + da) - 2 * f->value(a) + f->value(a - da);
        if (fabs(bend) > da * da) return true;
    }
    return false;
}

static double relative_error(double a, double b, double floor) {
    if (a == b) return 0;
    const double error = fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), floor);
    return isnan(error) ? INFINITY : error;
}

/* Whether parameter i of a block belongs to an excluded hidden unit. */
static bool is_excluded(const mlp_numgrad *ng, int b, size_t i) {
    return (b == MLP_W1 || b == MLP_B1) && ng->kinked[i % ng->net->blocks[b].cols];
}

static void check_block(mlp_gradient_error *error, const float *grads, const mlp_numgrad *ng, int b) {
    const mlp_block *block = &ng->net->blocks[b];
    const size_t count = block->rows * block->cols;
    double largest = 0;
    *error = (mlp_gradient_error){.name = block->name};
    for (size_t i = 0; i < count; i++) {
        if (is_excluded(ng, b, i)) continue;
        const double numerical = ng->grads[mlp_block_index(block, i)];
        largest = fmax(largest, fabs(numerical));
        error->compared++;
        error->nonzero += numerical != 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_excluded(ng, b, i)) continue;
        const size_t at = mlp_block_index(block, i);
        error->backprop = fmax(error->backprop, relative_error((double)grads[at], ng->grads[at], largest / 100));
    }
}

void mlp_check_gradient(mlp_gradient_check *check, float *grads, mlp_numgrad *ng, mlp_batch *batch,
                        const mlp_network *net, mlp_team *team) {
    mlp_network_forward(batch, net, team);
    mlp_network_backward(grads, batch, net, team);
    mlp_numgrad_compute(ng->grads, ng, batch, net, team);
    check->kinked = 0;
    for (size_t j = 0; j < net->shape.n_hidden; j++) check->kinked += ng->kinked[j] = is_kinked(ng, j);
    for (int b = 0; b < MLP_N_BLOCKS; b++) check_block(&check->blocks[b], grads, ng, b);
}

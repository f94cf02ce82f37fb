/* optimizer.c - SGD, momentum, Adam and AdamW with the arithmetic of PyTorch. */
#include "mlp/train/optimizer.h"

#include <math.h>
#include <stdlib.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"
#include "mlp/base/names.h"

/* w -= lr (g + wd w) */
MLP_CLONES static void step_sgd(const mlp_update *u, size_t first, size_t n) {
    float *restrict w = u->params + first;
    const float *restrict g = u->grads + first;
    const float rate = (float)u->lr, decay = (float)u->opt->settings.weight_decay;
    for (size_t i = 0; i < n; i++) w[i] -= rate * (g[i] + decay * w[i]);
}

/* v = mu v + (g + wd w);  w -= lr v      (Sutskever et al. 2013, in PyTorch's form) */
MLP_CLONES static void step_momentum(const mlp_update *u, size_t first, size_t n) {
    float *restrict w = u->params + first;
    float *restrict v = u->opt->states[0] + first;
    const float *restrict g = u->grads + first;
    const float rate = (float)u->lr, decay = (float)u->opt->settings.weight_decay;
    const float mu = (float)u->opt->settings.momentum;
    for (size_t i = 0; i < n; i++) {
        v[i] = mu * v[i] + (g[i] + decay * w[i]);
        w[i] -= rate * v[i];
    }
}

/* m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
   w -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps)      (Kingma and Ba 2015)
   g is replaced by g + l2 w, and w by w (1 - shrink); t counts the updates from 1. */
MLP_CLONES static void adam(const mlp_update *u, double l2, double shrink, size_t first, size_t n) {
    const mlp_optimizer_settings *s = &u->opt->settings;
    const double t = (double)u->opt->steps;
    const float rate = (float)(u->lr / (1 - pow(s->beta1, t)));
    const float root = (float)sqrt(1 - pow(s->beta2, t));
    const float b1 = (float)s->beta1, c1 = (float)(1 - s->beta1);
    const float b2 = (float)s->beta2, c2 = (float)(1 - s->beta2);
    const float eps = (float)s->epsilon, decay = (float)l2, keep = (float)(1 - shrink);
    float *restrict w = u->params + first;
    float *restrict m = u->opt->states[0] + first;
    float *restrict v = u->opt->states[1] + first;
    const float *restrict g = u->grads + first;
    for (size_t i = 0; i < n; i++) {
        const float gradient = g[i] + decay * w[i];
        m[i] = b1 * m[i] + c1 * gradient;
        v[i] = b2 * v[i] + c2 * gradient * gradient;
        w[i] = w[i] * keep - rate * m[i] / (sqrtf(v[i]) / root + eps);
    }
}

static void step_adam(const mlp_update *u, size_t first, size_t n) {
    adam(u, u->opt->settings.weight_decay, 0, first, n);
}

/* Weight decay applied to the weights, not to the gradient (Loshchilov and Hutter 2019). */
static void step_adamw(const mlp_update *u, size_t first, size_t n) {
    adam(u, 0, u->lr * u->opt->settings.weight_decay, first, n);
}

static const mlp_optimizer_kind kinds[] = {
    {"sgd", 0, true, step_sgd},
    {"momentum", 1, false, step_momentum},
    {"adam", 2, false, step_adam},
    {"adamw", 2, false, step_adamw},
};

MLP_NAMED_TABLE(mlp_optimizer, mlp_optimizer_kind, kinds)

mlp_status mlp_optimizer_create(mlp_optimizer *opt, const mlp_optimizer_settings *settings, size_t n, mlp_error *err) {
    opt->settings = *settings;
    opt->n = n;
    for (size_t i = 0; i < settings->kind->n_states; i++)
        MLP_NEW(opt->states[i], n, 1, "the state of the optimizer", err);
    return MLP_OK;
}

void mlp_optimizer_free(mlp_optimizer *opt) {
    free(opt->states[0]);
    free(opt->states[1]);
    *opt = (mlp_optimizer){0};
}

static void step_range(void *context, size_t first, size_t n, int thread) {
    const mlp_update *u = context;
    (void)thread;
    u->opt->settings.kind->step(u, u->first + first, n);
}

void mlp_optimizer_step(mlp_optimizer *opt, size_t first, float *params, const float *grads, double lr,
                        mlp_team *team) {
    mlp_update update = {opt, first, params, grads, lr};
    opt->steps++;
    mlp_ranges_run(team, step_range, &update, opt->n - first, MLP_ELEMENTS);
}

bool mlp_optimizer_is_plain(const mlp_optimizer *opt) {
    return opt->settings.kind->plain && opt->settings.weight_decay <= 0;
}

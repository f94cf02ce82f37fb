/* optimizer.c - SGD, momentum, Adam and AdamW with the arithmetic of PyTorch. */
#include "mlp/train/optimizer.h"

#include <math.h>
#include <stdlib.h>

#include "mlp/base/fastmath.h"
#include "mlp/base/memory.h"
#include "mlp/base/names.h"
#include "mlp/base/ranges.h"

/* w -= lr (g + wd w) */
MLP_CLONES static void step_sgd(mlp_optimizer *opt, float *params, const float *grads, double lr,
                                size_t first, size_t n) {
    float *restrict w = params + first;
    const float *restrict g = grads + first;
    const float rate = (float)lr, decay = (float)opt->settings.weight_decay;
    for (size_t i = 0; i < n; i++)
        w[i] -= rate * (g[i] + decay * w[i]);
}

/* v = mu v + (g + wd w);  w -= lr v      (Sutskever et al. 2013, in PyTorch's form) */
MLP_CLONES static void step_momentum(mlp_optimizer *opt, float *params, const float *grads,
                                     double lr, size_t first, size_t n) {
    float *restrict w = params + first;
    float *restrict v = opt->states[0] + first;
    const float *restrict g = grads + first;
    const float rate = (float)lr, decay = (float)opt->settings.weight_decay;
    const float mu = (float)opt->settings.momentum;
    for (size_t i = 0; i < n; i++) {
        v[i] = mu * v[i] + (g[i] + decay * w[i]);
        w[i] -= rate * v[i];
    }
}

/* m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
   w -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps)      (Kingma and Ba 2015)
   with g + l2 w in place of g, and w (1 - shrink) in place of w; t counts the updates from 1. */
MLP_CLONES static void adam(mlp_optimizer *opt, float *params, const float *grads, double lr,
                            double l2, double shrink, size_t first, size_t n) {
    const mlp_optimizer_settings *s = &opt->settings;
    const double t = (double)opt->steps;
    const float rate = (float)(lr / (1 - pow(s->beta1, t)));
    const float root = (float)sqrt(1 - pow(s->beta2, t));
    const float b1 = (float)s->beta1, c1 = (float)(1 - s->beta1);
    const float b2 = (float)s->beta2, c2 = (float)(1 - s->beta2);
    const float eps = (float)s->epsilon, decay = (float)l2, keep = (float)(1 - shrink);
    float *restrict w = params + first;
    float *restrict m = opt->states[0] + first;
    float *restrict v = opt->states[1] + first;
    const float *restrict g = grads + first;
    for (size_t i = 0; i < n; i++) {
        const float gradient = g[i] + decay * w[i];
        m[i] = b1 * m[i] + c1 * gradient;
        v[i] = b2 * v[i] + c2 * gradient * gradient;
        w[i] = w[i] * keep - rate * m[i] / (sqrtf(v[i]) / root + eps);
    }
}

static void step_adam(mlp_optimizer *opt, float *params, const float *grads, double lr,
                      size_t first, size_t n) {
    adam(opt, params, grads, lr, opt->settings.weight_decay, 0, first, n);
}

/* Weight decay applied to the weights, not to the gradient (Loshchilov and Hutter 2019). */
static void step_adamw(mlp_optimizer *opt, float *params, const float *grads, double lr,
                       size_t first, size_t n) {
    adam(opt, params, grads, lr, 0, lr * opt->settings.weight_decay, first, n);
}

static const mlp_optimizer_kind kinds[] = {
    {"sgd", 0, true, step_sgd},
    {"momentum", 1, false, step_momentum},
    {"adam", 2, false, step_adam},
    {"adamw", 2, false, step_adamw},
};

const mlp_optimizer_kind *mlp_optimizer_find(const char *name) {
    return MLP_FIND(kinds, name);
}

const char *mlp_optimizer_name(size_t i) {
    return MLP_NAME(kinds, i);
}

mlp_status mlp_optimizer_create(mlp_optimizer *opt, const mlp_optimizer_settings *settings,
                                size_t n, mlp_error *err) {
    opt->settings = *settings;
    opt->n = n;
    for (size_t i = 0; i < settings->kind->n_states; i++) {
        opt->states[i] = mlp_alloc(n, sizeof(float), "the state of the optimizer", err);
        if (opt->states[i] == NULL)
            return MLP_ERR_MEMORY;
    }
    return MLP_OK;
}

void mlp_optimizer_free(mlp_optimizer *opt) {
    free(opt->states[0]);
    free(opt->states[1]);
    *opt = (mlp_optimizer){0};
}

typedef struct step_job {
    mlp_optimizer *opt;
    float *params;
    const float *grads;
    double lr;
    size_t first;
} step_job;

static void step_range(void *context, size_t first, size_t n, int thread) {
    const step_job *job = context;
    (void)thread;
    job->opt->settings.kind->step(job->opt, job->params, job->grads, job->lr, job->first + first,
                                  n);
}

void mlp_optimizer_step(mlp_optimizer *opt, float *params, const float *grads, double lr,
                        mlp_team *team) {
    mlp_optimizer_step_from(opt, 0, params, grads, lr, team);
}

bool mlp_optimizer_is_plain(const mlp_optimizer *opt) {
    return opt->settings.kind->plain && opt->settings.weight_decay <= 0;
}

void mlp_optimizer_step_from(mlp_optimizer *opt, size_t first, float *params, const float *grads,
                             double lr, mlp_team *team) {
    step_job job = {opt, params, grads, lr, first};
    opt->steps++;
    mlp_ranges_run(team, step_range, &job, opt->n - first, MLP_ELEMENTS);
}

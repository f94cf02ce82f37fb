/* optimizer.h - turns a gradient into a step: one pass over flat arenas, whatever they hold. To
   add an optimizer: a row in optimizer.c. */
#ifndef MLP_OPTIMIZER_H
#define MLP_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"

typedef struct mlp_optimizer mlp_optimizer;

typedef struct mlp_optimizer_kind {
    const char *name;
    size_t n_states; /* arrays of state beside the parameters: 0, 1 or 2 */
    bool plain;      /* without weight decay a step is w -= lr * g and nothing else */
    /* params, grads and the states are [n], from `first` on; see mlp_optimizer_step */
    void (*step)(mlp_optimizer *opt, float *params, const float *grads, double lr, size_t first,
                 size_t n);
} mlp_optimizer_kind;

typedef struct mlp_optimizer_settings {
    const mlp_optimizer_kind *kind;
    double momentum;     /* momentum */
    double beta1, beta2; /* adam, adamw */
    double epsilon;      /* adam, adamw */
    double weight_decay; /* decoupled in adamw, added to the gradient as L2 in the others */
} mlp_optimizer_settings;

struct mlp_optimizer {
    mlp_optimizer_settings settings;
    size_t n;         /* length of the arenas */
    size_t steps;     /* taken so far */
    float *states[2]; /* [n] each; NULL where the kind has none */
};

const mlp_optimizer_kind *mlp_optimizer_find(const char *name); /* NULL: none of that name */
const char *mlp_optimizer_name(size_t i); /* the i-th name; NULL after the last */

/* For arenas of n floats. Zero-initialise before; free whatever the outcome. */
mlp_status mlp_optimizer_create(mlp_optimizer *opt, const mlp_optimizer_settings *settings,
                                size_t n, mlp_error *err);
void mlp_optimizer_free(mlp_optimizer *opt);

/* params [n] -= step for the gradient grads [n] at learning rate lr. An element whose parameter
   and gradient are always 0 (padding) stays 0. */
void mlp_optimizer_step(mlp_optimizer *opt, float *params, const float *grads, double lr,
                        mlp_team *team);

/* Whether a step is w -= lr * g and nothing else, so that any part of it may be made elsewhere. */
bool mlp_optimizer_is_plain(const mlp_optimizer *opt);

/* The same for the elements from `first` on. */
void mlp_optimizer_step_from(mlp_optimizer *opt, size_t first, float *params, const float *grads,
                             double lr, mlp_team *team);

#endif

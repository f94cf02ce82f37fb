/* optimizer.h - updates the parameters from the gradient. An optimizer sees flat arrays and does
   not know what they contain. To add one: write a step function and a row of the table in optimizer.c. */
#pragma once

#include "mlp/base/team.h"

struct mlp_optimizer;

/* One update of params from grads; elements before `first` are not changed. */
typedef struct mlp_update {
    struct mlp_optimizer *opt;
    size_t first;
    float *params;      /* [opt->n] */
    const float *grads; /* [opt->n] */
    double lr;          /* learning rate */
} mlp_update;

typedef struct mlp_optimizer_kind {
    const char *name;
    size_t n_states; /* arrays of state per parameter: 0, 1 or 2 */
    bool plain;      /* without weight decay a step is exactly w -= lr * g */
    /* Updates elements first .. first+n-1 of the arrays; see mlp_optimizer_step. */
    void (*step)(const mlp_update *update, size_t first, size_t n);
} mlp_optimizer_kind;

typedef struct mlp_optimizer_settings {
    const mlp_optimizer_kind *kind;
    double momentum;     /* momentum */
    double beta1, beta2; /* adam, adamw */
    double epsilon;      /* adam, adamw */
    double weight_decay; /* decoupled in adamw; added to the gradient (L2) in the others */
} mlp_optimizer_settings;

typedef struct mlp_optimizer {
    mlp_optimizer_settings settings;
    size_t n;         /* parameters, padding included */
    size_t steps;     /* updates made so far */
    float *states[2]; /* [n] each; NULL if the kind has fewer */
} mlp_optimizer;

const mlp_optimizer_kind *mlp_optimizer_find(const char *name); /* NULL: unknown name */
const char *mlp_optimizer_name(size_t i);                       /* NULL after the last */

/* For n parameters. Zero-initialise before; free whatever the result. */
mlp_status mlp_optimizer_create(mlp_optimizer *opt, const mlp_optimizer_settings *settings, size_t n, mlp_error *err);
void mlp_optimizer_free(mlp_optimizer *opt);

/* One update of params [n] with the gradient grads [n] at learning rate lr, except for the elements before `first`,
   which the backward pass has already updated. Elements whose parameter and gradient are 0, as in padding, stay 0. */
void mlp_optimizer_step(mlp_optimizer *opt, size_t first, float *params, const float *grads, double lr, mlp_team *team);

/* Whether an update is exactly w -= lr * g: then the backward pass may do it. */
bool mlp_optimizer_is_plain(const mlp_optimizer *opt);

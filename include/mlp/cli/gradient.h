/* gradient.h - --check-gradient: backpropagation compared with central differences. */
#ifndef MLP_GRADIENT_H
#define MLP_GRADIENT_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Prints a row for each parameter block; fails where the two gradients differ by more than 1e-4,
   and where a block has nothing to compare. */
void mlp_gradient_mode(mlp_run *run, mlp_error *err);

#endif

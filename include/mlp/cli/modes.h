/* modes.h - what the program can do, a function each: from a run's options to its output. They
   leave the outcome in `err` and free nothing of the run. */
#ifndef MLP_MODES_H
#define MLP_MODES_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* The mode that the options ask for. */
void mlp_mode(mlp_run *run, mlp_error *err);

#endif

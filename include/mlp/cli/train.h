/* train.h - the training run: the program without another mode. */
#ifndef MLP_TRAIN_H
#define MLP_TRAIN_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Trains, reports, and writes what the options ask for. */
void mlp_train(mlp_run *run, mlp_error *err);

#endif

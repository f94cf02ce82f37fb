/* samples.h - --samples: the first train images as training would meet them, in one picture. */
#ifndef MLP_SAMPLES_H
#define MLP_SAMPLES_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Writes the first 100 train images (or as many as there are), distorted as the first ones that a
   run with this seed draws, to a PGM file, ten a row. */
void mlp_samples(mlp_run *run, mlp_error *err);

#endif

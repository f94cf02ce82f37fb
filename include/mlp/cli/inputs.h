/* inputs.h - the files that a run reads: data and the model of --load. */
#ifndef MLP_INPUTS_H
#define MLP_INPUTS_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Reads the model of --load, if there is one. Its network becomes that of the options; an option
   that contradicts it is refused. */
mlp_status mlp_inputs_open_model(mlp_run *run, mlp_error *err);

/* Finds the data files: run->paths. Refuses two inputs that are the same stream. */
mlp_status mlp_inputs_find(mlp_run *run, mlp_error *err);

/* Opens run->train and run->test, with --eval the test set alone. They must belong together and to the model. */
mlp_status mlp_inputs_open_data(mlp_run *run, mlp_error *err);

#endif

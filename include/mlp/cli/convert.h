/* convert.h - --load with --export: a model to another format, without training. */
#ifndef MLP_CONVERT_H
#define MLP_CONVERT_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

mlp_status mlp_convert(mlp_run *run, mlp_error *err);

#endif

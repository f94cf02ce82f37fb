/* convert.c - --load with --export: writes a model in another format, without training. */
#include "mlp/cli/modes.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/report.h"

static mlp_status convert(mlp_run *run, mlp_error *err) {
    MLP_TRY(mlp_run_open_model(run, err));
    MLP_TRY(mlp_outputs_check(run, err));
    MLP_TRY(mlp_run_build(run, false, err));
    return mlp_outputs_export(run, run->options.export, err);
}

void mlp_convert(mlp_run *run, mlp_error *err) {
    if (convert(run, err) == MLP_OK) mlp_report_written(run, run->options.export);
}

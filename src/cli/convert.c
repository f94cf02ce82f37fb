/* convert.c - --load with --export: a model to another format, without training. */
#include "mlp/cli/convert.h"

#include <stdio.h>

#include "mlp/cli/outputs.h"

mlp_status mlp_convert(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    const mlp_model *model = &run->model;
    MLP_TRY(mlp_run_open_model(run, err));
    MLP_TRY(mlp_outputs_check(run, err));
    const mlp_shape shape = {model->n_in, model->n_hidden, model->n_out, false};
    MLP_TRY(mlp_network_create(&run->net, shape, mlp_activation_find(o->activation), mlp_loss_find(o->loss), err));
    mlp_model_copy(&run->net, model);
    MLP_TRY(mlp_outputs_export(run, o->export, err));
    if (!o->quiet) fprintf(stderr, "written   %s\n", o->export);
    return MLP_OK;
}

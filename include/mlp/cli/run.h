/* run.h - what every mode of the program begins with: from options to open data sets and a network.
   Prints nothing. */
#ifndef MLP_RUN_H
#define MLP_RUN_H

#include <stdbool.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/base/warnings.h"
#include "mlp/cli/options.h"
#include "mlp/cli/report.h"
#include "mlp/data/dataset.h"
#include "mlp/data/find.h"
#include "mlp/net/network.h"
#include "mlp/state/checkpoint.h"
#include "mlp/state/model.h"
#include "mlp/train/trainer.h"

/* What --resume names. */
typedef struct mlp_resumed {
    mlp_safetensors file;   /* the texts of the options lie in its memory */
    mlp_options then;       /* the options that the run had */
    mlp_report_start start; /* where the report goes on */
} mlp_resumed;

/* One run of the program. Zero-initialise but for what main sets; mlp_run_free whatever the
   outcome. */
typedef struct mlp_run {
    mlp_options options;
    double started; /* mlp_clock when the program began */
    int stopped_by; /* the signal that ended the training early; 0: none */
    mlp_dataset_paths paths;
    mlp_model model; /* that --load names; with --resume only first_layer and n_out, of the run */
    mlp_dataset train, validation, test; /* with --eval the test set alone */
    mlp_network net;
    mlp_train_settings settings;
    mlp_team *team;
    mlp_trainer trainer;
    mlp_report report;
    mlp_warnings warnings;     /* not yet printed */
    mlp_metadata metadata;     /* of the model that the run leaves */
    mlp_checkpoint checkpoint; /* with --checkpoint and --resume */
    mlp_resumed resumed;       /* with --resume */
} mlp_run;

/* Whether the first weights are those of --load: a resumed run has its own. */
bool mlp_run_loads(const mlp_run *run);

/* Starts the team and reads the model to load, if any, whose values take the place of options that
   are not given. */
mlp_status mlp_run_open_model(mlp_run *run, mlp_error *err);

/* The same; then finds the data, checks that the files to write can be written and are none of
   those to read; opens the data sets, limits, compresses and splits them. */
mlp_status mlp_run_open(mlp_run *run, mlp_error *err);

/* Makes the network with its first weights, and the trainer's settings. After mlp_run_open. */
mlp_status mlp_run_build(mlp_run *run, mlp_error *err);

void mlp_run_free(mlp_run *run);

#endif

/* run.h - from options to open datasets and a network: how every mode begins. Prints nothing. */
#ifndef MLP_RUN_H
#define MLP_RUN_H

#include <stdbool.h>

#include "mlp/base/status.h"
#include "mlp/base/team.h"
#include "mlp/base/warnings.h"
#include "mlp/cli/history.h"
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
    mlp_report_start start; /* what was printed before */
} mlp_resumed;

/* One run of the program. Zero-initialise; mlp_run_free whatever the result. */
typedef struct mlp_run {
    mlp_options options;
    double started; /* mlp_clock when the program began */
    int stopped_by; /* the signal that ended the training early; 0: none */
    mlp_dataset_paths paths;
    mlp_model model;                     /* of --load; with --resume only its first_layer and n_out are set */
    mlp_dataset train, validation, test; /* with --eval only the test set */
    mlp_network net;
    mlp_train_settings settings;
    mlp_team *team;
    mlp_trainer trainer;
    double first_loss; /* train loss before the first update; NaN: not measured by this process */
    mlp_report report;
    mlp_history *history;      /* with --report: what it shows of the run's course; else NULL */
    mlp_warnings warnings;     /* not yet printed */
    mlp_metadata metadata;     /* of the model to write */
    mlp_checkpoint checkpoint; /* with --checkpoint and --resume */
    mlp_resumed resumed;       /* with --resume */
} mlp_run;

/* Whether the first weights are those of --load: a resumed run has its own. */
bool mlp_run_loads(const mlp_run *run);

/* Starts the team and reads the model of --load, if there is one. */
mlp_status mlp_run_open_model(mlp_run *run, mlp_error *err);

/* The same; then finds the data, checks the output files, opens, limits, compresses and splits the datasets. */
mlp_status mlp_run_open(mlp_run *run, mlp_error *err);

/* Creates the network with its first weights, and the trainer's settings. After mlp_run_open. */
mlp_status mlp_run_build(mlp_run *run, mlp_error *err);

void mlp_run_free(mlp_run *run);

#endif

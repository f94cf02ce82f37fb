/* run.h - what every mode of the program begins with: from options to open data sets and a network.
   Prints nothing. */
#ifndef MLP_RUN_H
#define MLP_RUN_H

#include <signal.h>

#include "mlp/dataset.h"
#include "mlp/network.h"
#include "mlp/options.h"
#include "mlp/report.h"
#include "mlp/status.h"
#include "mlp/team.h"
#include "mlp/trainer.h"

/* One run of the program. Zero-initialise but for what main sets; mlp_run_free whatever the
   outcome. */
typedef struct mlp_run {
    mlp_options options;
    double started;                           /* mlp_clock when the program began */
    const volatile sig_atomic_t *interrupted; /* not 0 once the user wants it to end */
    mlp_dataset_paths paths;
    mlp_dataset train, validation, test;
    mlp_network net;
    mlp_train_settings settings;
    mlp_team *team;
    mlp_trainer trainer;
    mlp_report report;
} mlp_run;

/* Starts the team, finds and opens the data sets, limits, compresses and splits them. */
mlp_status mlp_run_open(mlp_run *run, mlp_error *err);

/* Makes the network with its first weights, and the trainer's settings. After mlp_run_open. */
mlp_status mlp_run_build(mlp_run *run, mlp_error *err);

void mlp_run_free(mlp_run *run);

#endif

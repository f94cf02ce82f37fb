/* run.h - what every mode of the program begins with: from options to open data sets and a network.
   Prints nothing. */
#ifndef MLP_RUN_H
#define MLP_RUN_H

#include <signal.h>
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
    mlp_safetensors file;
    char *words;            /* that its options point into */
    mlp_options then;       /* the options that the run had */
    mlp_report_start start; /* where the report goes on */
} mlp_resumed;

/* One run of the program. Zero-initialise but for what main sets; mlp_run_free whatever the
   outcome. */
typedef struct mlp_run {
    mlp_options options;
    double started;            /* mlp_clock when the program began */
    void (*catch_stops)(void); /* from this call on a signal is a wish to end the run: */
    const volatile sig_atomic_t *interrupted; /* its number; 0: none */
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

/* The metadata of the network as training left it; of a loaded one without updates, its own. They
   last as long as the run. */
mlp_status mlp_run_describe(mlp_run *run, const mlp_pair **pairs, size_t *n, mlp_error *err);

/* Writes the network as training left it, as safetensors or as the suffix of `path` says. */
mlp_status mlp_run_save(mlp_run *run, const char *path, mlp_error *err);
mlp_status mlp_run_export(mlp_run *run, const char *path, mlp_error *err);

/* Instead of all that: the model to load, as it is, to the file that --export names. */
mlp_status mlp_run_convert(mlp_run *run, mlp_error *err);

void mlp_run_free(mlp_run *run);

#endif

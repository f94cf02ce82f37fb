/* run.h - from options to open datasets and a network: how every mode begins. Prints nothing. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/base/warnings.h"
#include "mlp/cli/history.h"
#include "mlp/cli/options.h"
#include "mlp/data/class_names.h"
#include "mlp/data/dataset.h"
#include "mlp/data/find.h"
#include "mlp/net/network.h"
#include "mlp/state/model.h"

/* What the modes share. Zero-initialise; mlp_run_free whatever the result. */
typedef struct mlp_run {
    mlp_options options;
    double started; /* mlp_clock when the program began */
    mlp_team *team;
    mlp_warnings warnings; /* not yet printed */
    bool odd_pixels;       /* one of them is about the pixels: it explains a bad result */
    mlp_dataset_paths paths;
    mlp_model model;                     /* of --load; with --resume only its first_layer and n_out are set */
    mlp_class_names names;               /* of --class-names, or of the model */
    mlp_dataset train, validation, test; /* with --eval only the test set */
    mlp_network net;
    mlp_history *history; /* with --report: what it shows of the run's course; else NULL */
    size_t made, planned; /* iterations of training */
    mlp_event result;     /* of training: the metrics of the network */
    int stopped_by;       /* the signal that ended the training early; 0: none */
} mlp_run;

/* Whether the first weights are those of --load: a resumed run has its own. */
bool mlp_run_loads(const mlp_run *run);

/* Starts the team and reads the model of --load, if there is one: its network becomes that of the
   options, and an option that contradicts it is refused. */
mlp_status mlp_run_open_model(mlp_run *run, mlp_error *err);

/* The same; then finds the data, checks the output files, opens, limits, compresses and splits the
   datasets. They must belong together and to the model. Two inputs must not be the same stream. */
mlp_status mlp_run_open(mlp_run *run, mlp_error *err);

/* Whether the first layer is to skip zeros: as --first-layer says, or as the model was trained, or,
   with `set`, as its density suggests. `bytes`: the pixels are stored as bytes. */
mlp_status mlp_run_choose_layer(bool *sparse, const mlp_run *run, const mlp_dataset *set, bool bytes, mlp_error *err);

/* Creates the network with its first weights, or with those of --load. */
mlp_status mlp_run_build(mlp_run *run, bool sparse, mlp_error *err);

void mlp_run_free(mlp_run *run);

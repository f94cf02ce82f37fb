/* run.h - opens model, data and network as the options ask: the beginning of every mode. Prints nothing. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/cli/options.h"
#include "mlp/data/class_names.h"
#include "mlp/data/dataset.h"
#include "mlp/data/find.h"
#include "mlp/net/network.h"
#include "mlp/state/model.h"

/* The data that the modes share. Zero-initialise; mlp_run_free whatever the result. */
typedef struct mlp_run {
    mlp_options options;
    double started; /* mlp_clock when the program began */
    mlp_team *team;
    mlp_warnings warnings; /* warnings that are not printed yet */
    bool odd_pixels;       /* there is a warning about the pixels, which explains a bad result */
    mlp_dataset_paths paths;
    mlp_model model;                     /* the model of --load; with --resume only its first_layer and n_out are set */
    mlp_class_names names;               /* names of the classes: of --class-names, or of the model */
    mlp_dataset train, validation, test; /* with --eval only the test set */
    mlp_network net;
    struct mlp_history *history; /* with --report: the course of the run; else NULL */
    size_t made;                 /* iterations of training */
    mlp_event result;            /* the last event of training: the metrics of the network */
    int stopped_by;              /* the signal that ended the training early; 0: none */
} mlp_run;

/* Whether training starts from the weights of --load; a resumed run starts from its checkpoint. */
bool mlp_run_loads(const mlp_run *run);

/* Starts the team and reads the model of --load, if there is one. Options of the network are set to the model's values;
   an option that contradicts the model is refused. */
mlp_status mlp_run_open_model(mlp_run *run, mlp_error *err);

/* The same; then finds the data, checks the output files, opens, limits, compresses and splits the
   datasets. Checks that the datasets fit together and fit the model, and that two inputs are not the same stream. */
mlp_status mlp_run_open(mlp_run *run, mlp_error *err);

/* Decides whether the first layer skips zeros: by --first-layer, else as in the model's training, else (with `set`) by
   the density of the set. `bytes`: the pixels are stored as bytes. */
mlp_status mlp_run_choose_layer(bool *sparse, const mlp_run *run, const mlp_dataset *set, bool bytes, mlp_error *err);

/* Creates the network with its first weights, or with those of --load. */
mlp_status mlp_run_build(mlp_run *run, bool sparse, mlp_error *err);

void mlp_run_free(mlp_run *run);

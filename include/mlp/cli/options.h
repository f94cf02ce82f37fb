/* options.h - the options of the program, read from the command line. The only module with getopt.
 */
#ifndef MLP_OPTIONS_H
#define MLP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"

/* A value of eval_every and checkpoint_every: as many iterations as an epoch has. */
#define MLP_EVERY_EPOCH SIZE_MAX

/* Rows of the table of options. */
enum { MLP_N_ROWS = 71 };

/* What the command line said, defaults filled in; texts belong to argv or to the program. */
typedef struct mlp_options {
    /* data */
    const char *data;                                                    /* directory */
    const char *train_images, *train_labels, *test_images, *test_labels; /* NULL: from data */
    size_t train_limit, test_limit;                                      /* 0: all */
    double validation; /* fraction of the train set */
    /* network */
    size_t hidden;
    const char *activation, *loss, *init, *first_layer;
    double init_std;
    /* training */
    size_t iters, epochs; /* epochs 0: iters counts */
    size_t batch_size, eval_every, warmup, early_stop, threads, seed;
    double lr, momentum, beta1, beta2, epsilon, weight_decay, dropout;
    double average, label_smoothing;
    const char *sampling, *optimizer, *lr_schedule, *gradient, *log_loss;
    /* distortion */
    const char *augment;
    double rotate, scale, shear, shift, elastic_alpha, elastic_sigma, fade;
    const char *samples;   /* NULL: none */
    size_t check_gradient; /* examples; 0: train instead */
    /* run */
    const char *checkpoint, *resume; /* NULL: none */
    size_t checkpoint_every;
    /* model */
    const char *save, *load, *export, *confusion, *predict; /* NULL: none */
    bool eval, fit;
    /* output */
    const char *csv; /* NULL: none, "-": stdout */
    size_t trace;
    bool quiet, verbose, help, version;
    const char *progress;
    const char *preset;
    bool given[MLP_N_ROWS]; /* see mlp_options_given */
} mlp_options;

/* Fills in the defaults, then reads argv; data also from the environment's MLP_TRAIN_DATA. Fails
   with MLP_ERR_USAGE and one line that names the option, the value and what is legal. */
mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err);

/* Whether the command line sets the option `name` (without "--"), other than by a preset. */
bool mlp_options_given(const mlp_options *options, const char *name);

#endif

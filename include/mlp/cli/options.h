/* options.h - the options of the program, read from the command line. */
#ifndef MLP_OPTIONS_H
#define MLP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mlp/base/status.h"

/* A value of eval_every and checkpoint_every: as many iterations as an epoch has. */
#define MLP_EVERY_EPOCH SIZE_MAX

enum { MLP_N_OPTIONS = 66 };

/* Where the value of an option came from. */
typedef enum mlp_origin { MLP_FROM_DEFAULT, MLP_FROM_PRESET, MLP_FROM_CHECKPOINT, MLP_FROM_COMMAND_LINE } mlp_origin;

/* The value of every option. Texts belong to argv, to the program or to the checkpoint. */
typedef struct mlp_options {
    /* data */
    const char *data;                                                    /* directory */
    const char *train_images, *train_labels, *test_images, *test_labels; /* NULL: from data */
    size_t train_limit, test_limit;                                      /* 0: all */
    double validation;                                                   /* fraction of the train set */
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
    const char *save, *load, *export, *confusion, *report, *predict; /* NULL: none */
    bool eval, fit;
    /* output */
    const char *csv;    /* NULL: none, "-": stdout */
    const char *lesson; /* NULL: none */
    size_t trace;
    bool quiet, verbose, version;
    const char *help; /* NULL: none; "": the first screen; else its topic */
    const char *progress;
    const char *preset;
    unsigned char origin[MLP_N_OPTIONS]; /* mlp_origin of each */
    bool repeated[MLP_N_OPTIONS];        /* on the command line more than once */
} mlp_options;

/* Sets *options to the defaults, then to what argv says; data also from the environment variable
   MLP_TRAIN_DATA. What argv says wins over a preset, in any order. Fails with MLP_ERR_USAGE and one
   line that names the option, its value and what is legal. */
mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err);

/* Whether the command line sets the option `name` (without "--") itself, not by a preset. */
bool mlp_options_given(const mlp_options *options, const char *name);

/* The options that the preset of that name sets, on one line; NULL if there is no such preset. */
const char *mlp_options_preset(const char *name);

#endif

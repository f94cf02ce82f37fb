/* options.h - the options of the program: read, checked, explained, printed, stored. The modules options*.c share this
   header and options_table.h. */
#pragma once

#include <stdio.h>

#include "mlp/base/status.h"
#include "mlp/base/strbuf.h"

/* A value of eval_every and checkpoint_every: as many iterations as an epoch has. */
#define MLP_EVERY_EPOCH SIZE_MAX

enum { MLP_N_OPTIONS = 73 };

/* Where the value of an option came from. */
typedef enum mlp_origin { MLP_FROM_DEFAULT, MLP_FROM_PRESET, MLP_FROM_CHECKPOINT, MLP_FROM_COMMAND_LINE } mlp_origin;

/* The value of every option. Texts belong to argv, to the program or to the checkpoint. */
typedef struct mlp_options {
    /* data */
    const char *data;                                                    /* directory */
    const char *train_images, *train_labels, *test_images, *test_labels; /* NULL: from data */
    size_t train_limit, test_limit;                                      /* 0: all */
    double validation;                                                   /* fraction of the train set */
    const char *transpose;                                               /* "yes", "no"; NULL: as the model, or no */
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
    const char *save, *load, *export, *confusion, *report, *weights, *mistakes, *predict; /* NULL: none */
    char **more; /* [n_more] files after that of --predict; part of argv */
    size_t n_more;
    double pixel_mean, pixel_std;
    const char *class_names; /* a file or a list; NULL: as the model, or none */
    double min_probability;
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

/* ---- options.c: the command line ---- */

/* Sets *options to the defaults, then to what argv says; data also from the environment variable MLP_TRAIN_DATA. What
   argv says wins over a preset, in any order. Fails with MLP_ERR_USAGE and one line that names the option, its value
   and what is legal. */
mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err);

/* Whether the command line sets the option `name` (without "--") itself, not by a preset. */
bool mlp_options_given(const mlp_options *options, const char *name);

/* The options that the preset of that name sets, on one line; NULL if there is no such preset. */
const char *mlp_options_preset(const char *name);

/* ---- options_rules.c: which options have an effect in a run ---- */

typedef enum mlp_mode_kind {
    MLP_MODE_TRAIN,
    MLP_MODE_RESUME,
    MLP_MODE_EVAL,
    MLP_MODE_PREDICT,
    MLP_MODE_CHECK_GRADIENT,
    MLP_MODE_SAMPLES,
    MLP_MODE_CONVERT,
    MLP_MODE_LESSON,
    MLP_N_MODES
} mlp_mode_kind;

/* The mode that these options ask for. */
mlp_mode_kind mlp_options_mode(const mlp_options *options);

/* Fails with MLP_ERR_USAGE if an option of the command line has no effect, or contradicts another. With --resume
   before the checkpoint is read, set `resuming`: only what does not depend on the values of other options is checked.
 */
mlp_status mlp_options_check(const mlp_options *options, bool resuming, mlp_error *err);

/* ---- options_help.c: printing them ---- */

/* Whether there is help on this topic: "" (the first screen), "all", a group, an option. */
bool mlp_options_help_has(const char *topic);

void mlp_options_help(FILE *out, const char *topic);

/* The options that have an effect and are not at their defaults, " --name value" each; how many there were. */
size_t mlp_options_print(FILE *out, const mlp_options *options);

/* A line for each option that the command line has more than once: the last one counts. */
void mlp_options_print_repeated(FILE *out, const mlp_options *options);

/* ---- options_stored.c: options in models and checkpoints ---- */

/* Everything that the weights at the end of a run depend on, except the data: "--name value ...". */
void mlp_options_recipe(mlp_strbuf *text, const mlp_options *options);

/* The options as a checkpoint holds them, "--name=value" with a zero byte after each, in *words (free it) and *n: all
   that the weights depend on, also where it is a default, and the files and numbers that were given. */
mlp_status mlp_options_store(char **words, size_t *n, const mlp_options *options, mlp_error *err);

/* Sets *options, which name a checkpoint in `resume`, to those of its run, words[n], except for options of the command
   line; fails by name for an option that would change the run. *then: the options of the run. The words must last as
   long as both. */
mlp_status mlp_options_resume(mlp_options *options, mlp_options *then, const char *words, size_t n, mlp_error *err);

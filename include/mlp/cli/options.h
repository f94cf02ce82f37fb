/* options.h - reads, checks, explains, prints and stores the options of the program. The modules options*.c share this
   header and options_table.h. */
#pragma once

#include <stdio.h>

#include "mlp/base/status.h"
#include "mlp/base/text.h"

/* A value of eval_every and checkpoint_every: once in each epoch. */
#define MLP_EVERY_EPOCH SIZE_MAX

enum { MLP_N_OPTIONS = 75 };

/* The source of an option's value. */
typedef enum mlp_origin { MLP_FROM_DEFAULT, MLP_FROM_PRESET, MLP_FROM_CHECKPOINT, MLP_FROM_COMMAND_LINE } mlp_origin;

/* The value of every option. Texts are in argv, in the program or in the checkpoint. */
typedef struct mlp_options {
    /* data */
    const char *data;                                                    /* directory */
    const char *train_images, *train_labels, *test_images, *test_labels; /* NULL: found in the directory `data` */
    size_t train_limit, test_limit;                                      /* 0: all */
    double validation;                                                   /* fraction of the train set */
    const char *transpose;                                               /* "yes", "no"; NULL: as in the model, or no */
    /* network */
    size_t hidden;
    const char *activation, *loss, *init, *first_layer;
    double init_std;
    /* training */
    size_t iters, epochs; /* epochs 0: iters is used */
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
    const char *save, *load, *export, *confusion, *report, *weights, *mistakes, *predict, *fitted; /* NULL: none */
    char **more; /* [n_more] files after that of --predict; part of argv */
    size_t n_more;
    double pixel_mean, pixel_std;
    const char *class_names; /* a file or a list; NULL: as the model, or none */
    double min_probability;
    bool eval, fit, split;
    /* output */
    const char *csv;    /* NULL: none, "-": stdout */
    const char *lesson; /* NULL: none */
    size_t trace;
    bool quiet, verbose, version;
    const char *help; /* NULL: none; "": the first screen; else its topic */
    const char *progress;
    const char *preset;
    unsigned char origin[MLP_N_OPTIONS]; /* mlp_origin of each */
    bool repeated[MLP_N_OPTIONS];        /* more than once on the command line */
} mlp_options;

/* ---- options.c: the command line ---- */

/* Sets *options to the defaults (`data` to the environment variable MLP_TRAIN_DATA, if it is set), then to the values
   in argv. An option in argv wins over a preset, in any order. Fails with MLP_ERR_USAGE and one line that names the
   option, its value and the legal values. */
mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err);

/* Whether the option `name` (without "--") is on the command line itself, not only in a preset. */
bool mlp_options_given(const mlp_options *options, const char *name);

/* The options of the preset `name`, on one line; NULL if there is no such preset. */
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

/* The mode that these options select. */
mlp_mode_kind mlp_options_mode(const mlp_options *options);

/* Fails with MLP_ERR_USAGE if an option of the command line has no effect, or contradicts another. Set `resuming` if
 the checkpoint of --resume is not read yet: then only rules that do not depend on the values of other options are
 checked.
 */
mlp_status mlp_options_check(const mlp_options *options, bool resuming, mlp_error *err);

/* ---- options_help.c: prints options ---- */

/* Whether there is help on this topic: "" (the first screen), "all", a group, an option, a shell. */
bool mlp_options_help_has(const char *topic);

void mlp_options_help(FILE *out, const char *topic);

/* Prints the options that have an effect and a value other than the default, each as " --name value"; returns their
   number. */
size_t mlp_options_print(FILE *out, const mlp_options *options);

/* Prints a line for each option that the command line has more than once: the last value is used. */
void mlp_options_print_repeated(FILE *out, const mlp_options *options);

/* ---- options_stored.c: options in models and checkpoints ---- */

/* Writes the options that the trained weights depend on, except those of the data: "--name value ...". */
void mlp_options_recipe(mlp_strbuf *text, const mlp_options *options);

/* Sets *words (to be freed) and *n bytes to the options for a checkpoint, each as "--name=value" and a zero byte: every
   option that the weights depend on, even if it has its default value, and the other files and numbers that the user
   set. */
mlp_status mlp_options_store(char **words, size_t *n, const mlp_options *options, mlp_error *err);

/* *options has the checkpoint's name in `resume`. Sets *options to those of the checkpoint's run, words[n], except for
   options of the command line; refuses an option that would change the run, by its name. *then: the options of that
   run. The words must stay valid as long as both. */
mlp_status mlp_options_resume(mlp_options *options, mlp_options *then, const char *words, size_t n, mlp_error *err);

/* options.h - the command line: one table says each option's name, range, default and help, so
   that parsing, messages and --help cannot drift apart. The only room with getopt. */
#ifndef MLP_OPTIONS_H
#define MLP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mlp/base/status.h"
#include "mlp/base/strbuf.h"
#include "mlp/data/dataset.h"
#include "mlp/net/network.h"
#include "mlp/train/trainer.h"

/* A value of eval_every and checkpoint_every: as many iterations as an epoch has. */
#define MLP_EVERY_EPOCH SIZE_MAX

/* At least as many as there are options. */
enum { MLP_MOST_OPTIONS = 128 };

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
    bool given[MLP_MOST_OPTIONS]; /* see mlp_options_given */
} mlp_options;

/* Fills in the defaults, then reads argv; data also from the environment's MLP_TRAIN_DATA. Fails
   with MLP_ERR_USAGE and one line that names the option, the value and what is legal. */
mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err);

/* Whether the command line sets the option `name` (without "--"), other than by a preset. */
bool mlp_options_given(const mlp_options *options, const char *name);

/* Whether they say no more than --load and --export: a conversion, that trains nothing. */
bool mlp_options_convert(const mlp_options *options);

/* The options grouped, with the defaults that mlp_options_parse fills in. */
void mlp_options_help(FILE *out);

/* The options that are not at their defaults, " --name value" each; how many there were. */
size_t mlp_options_print(FILE *out, const mlp_options *options);

/* Whatever the weights that a run ends with depend on, but the data: "--name value ...". */
void mlp_options_recipe(mlp_strbuf *text, const mlp_options *options);

/* The options as a checkpoint holds them, "--name=value" with a zero byte behind each, in *words
   (free it) and *n: all that the weights depend on, also where it is a default, and the files and
   numbers that were given. */
mlp_status mlp_options_words(char **words, size_t *n, const mlp_options *options, mlp_error *err);

/* Makes *options, which name a checkpoint in `resume`, those of its run, but for what they have
   themselves from the command line; refuses by name what would alter the run. *then: those of the
   run, as the words[n] of the checkpoint tell them. The words must last as long as both. */
mlp_status mlp_options_resume(mlp_options *options, mlp_options *then, const char *words, size_t n,
                              mlp_error *err);

/* What the preset of that name fills in, as options on one line; NULL when there is none. */
const char *mlp_options_preset(const char *name);

/* The trainer's settings for these options and `n` training examples. */
mlp_train_settings mlp_options_settings(const mlp_options *options, size_t n);

#endif

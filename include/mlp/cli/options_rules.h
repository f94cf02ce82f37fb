/* options_rules.h - the mode of a run, and which options have an effect in it. */
#ifndef MLP_OPTIONS_RULES_H
#define MLP_OPTIONS_RULES_H

#include <stdbool.h>

#include "mlp/base/status.h"
#include "mlp/cli/options.h"

typedef enum mlp_mode_kind {
    MLP_MODE_TRAIN,
    MLP_MODE_RESUME,
    MLP_MODE_EVAL,
    MLP_MODE_PREDICT,
    MLP_MODE_CHECK_GRADIENT,
    MLP_MODE_SAMPLES,
    MLP_MODE_CONVERT,
    MLP_N_MODES
} mlp_mode_kind;

/* The mode that these options ask for. */
mlp_mode_kind mlp_options_mode(const mlp_options *options);

/* "training", "--eval" ... */
const char *mlp_mode_name(mlp_mode_kind mode);

/* Whether option number i of the table has an effect in that mode with the other options. */
bool mlp_option_acts(const mlp_options *options, size_t i, mlp_mode_kind mode);

/* Fails with MLP_ERR_USAGE if an option of the command line has no effect, or contradicts another.
   With
   --resume before the checkpoint is read, set `resuming`: only what needs no other option's value
   is checked. */
mlp_status mlp_options_check(const mlp_options *options, bool resuming, mlp_error *err);

/* "--optimizer adam or adamw": the first condition of `list` at or after *at as text, and *at moved
   behind it; false if there is none. Leaves out "iters" and conditions of one mode. */
bool mlp_condition_text(char *text, size_t size, const char **at);

#endif

/* options_rules.h - the mode of a run, and which options have an effect in it. */
#ifndef MLP_OPTIONS_RULES_H
#define MLP_OPTIONS_RULES_H

#include <stdbool.h>

#include "mlp/cli/options_table.h"

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

/* "training", "--eval" ... */
const char *mlp_mode_name(mlp_mode_kind mode);

/* Whether an option has an effect in that mode with the other options. */
bool mlp_option_acts(const mlp_options *options, const mlp_option *s, mlp_mode_kind mode);

/* Fails with MLP_ERR_USAGE if an option of the command line has no effect, or contradicts another. With --resume
   before the checkpoint is read, set `resuming`: only what does not depend on the values of other options is checked.
 */
mlp_status mlp_options_check(const mlp_options *options, bool resuming, mlp_error *err);

/* A condition as text: "--optimizer adam or adamw". */
void mlp_condition_text(char *text, size_t size, const mlp_condition *c);

#endif

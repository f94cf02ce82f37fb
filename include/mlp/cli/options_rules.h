/* options_rules.h - which options act in which mode, and what they need or exclude. */
#ifndef MLP_OPTIONS_RULES_H
#define MLP_OPTIONS_RULES_H

#include <stdbool.h>

#include "mlp/base/status.h"
#include "mlp/cli/options.h"

/* Whether they say no more than --load and --export: a conversion, that trains nothing. */
bool mlp_options_convert(const mlp_options *options);

/* Fails with MLP_ERR_USAGE where the mode has no use for an option that is given. */
mlp_status mlp_options_check_modes(const mlp_options *options, mlp_error *err);

/* The same, and what no single option can tell. */
mlp_status mlp_options_check(const mlp_options *options, mlp_error *err);

#endif

/* options_help.h - prints options. */
#ifndef MLP_OPTIONS_HELP_H
#define MLP_OPTIONS_HELP_H

#include <stddef.h>
#include <stdio.h>

#include "mlp/cli/options.h"

/* The options grouped, with the defaults that mlp_options_parse fills in. */
void mlp_options_help(FILE *out);

/* The options that are not at their defaults, " --name value" each; how many there were. */
size_t mlp_options_print(FILE *out, const mlp_options *options);

#endif

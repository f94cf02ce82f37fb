/* options_help.h - prints options: --help, and those of a run. */
#ifndef MLP_OPTIONS_HELP_H
#define MLP_OPTIONS_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mlp/cli/options.h"

/* Whether there is help on this topic: "" (the first screen), "all", a group, an option. */
bool mlp_options_help_has(const char *topic);

void mlp_options_help(FILE *out, const char *topic);

/* The options that have an effect and are not at their defaults, " --name value" each; how many there were. */
size_t mlp_options_print(FILE *out, const mlp_options *options);

/* A line for each option that the command line has more than once: the last one counts. */
void mlp_options_print_repeated(FILE *out, const mlp_options *options);

#endif

/* options_complete.h - prints the scripts by which a shell completes options and their values. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* Whether there are completions for this shell: bash, zsh or fish. */
bool mlp_options_complete_has(const char *shell);

/* Prints the completions for one of these shells, as a file to install or to source. */
void mlp_options_complete(FILE *out, const char *shell);

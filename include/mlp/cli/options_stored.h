/* options_stored.h - options as models and checkpoints hold them. */
#ifndef MLP_OPTIONS_STORED_H
#define MLP_OPTIONS_STORED_H

#include <stddef.h>

#include "mlp/base/status.h"
#include "mlp/base/strbuf.h"
#include "mlp/cli/options.h"

/* Whatever the weights that a run ends with depend on, but the data: "--name value ...". */
void mlp_options_recipe(mlp_strbuf *text, const mlp_options *options);

/* The options as a checkpoint holds them, "--name=value" with a zero byte after each, in *words (free it) and *n: all
   that the weights depend on, also where it is a default, and the files and numbers that were given. */
mlp_status mlp_options_store(char **words, size_t *n, const mlp_options *options, mlp_error *err);

/* Sets *options, which name a checkpoint in `resume`, to those of its run, words[n], except for
   options of the command line; fails by name for an option that would change the run. *then: the
   options of the run. The words must last as long as both. */
mlp_status mlp_options_resume(mlp_options *options, mlp_options *then, const char *words, size_t n, mlp_error *err);

#endif

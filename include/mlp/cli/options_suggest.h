/* options_suggest.h - advice about words that the command line does not know. */
#ifndef MLP_OPTIONS_SUGGEST_H
#define MLP_OPTIONS_SUGGEST_H

#include "mlp/base/status.h"
#include "mlp/cli/options_table.h"

/* Fails with MLP_ERR_USAGE: `word` begins with "-" but is no option; names the nearest. */
mlp_status mlp_options_unknown(const char *word, mlp_error *err);

/* Fails with MLP_ERR_USAGE: `word` stands where an option should; says which option it may want. */
mlp_status mlp_options_stray(const char *word, mlp_error *err);

/* Fails with MLP_ERR_USAGE: the option cannot take `value`; names what it takes, and the nearest. */
mlp_status mlp_option_bad_value(const mlp_option *s, const char *value, mlp_error *err);

/* The option whose name is nearest to `text`, NULL if none is near. */
const mlp_option *mlp_option_nearest(const char *text);

#endif

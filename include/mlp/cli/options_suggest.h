/* options_suggest.h - advice about an option that there is not. */
#ifndef MLP_OPTIONS_SUGGEST_H
#define MLP_OPTIONS_SUGGEST_H

#include "mlp/base/status.h"

/* Fails with MLP_ERR_USAGE: `word` is no option; names the nearest. */
mlp_status mlp_options_unknown(const char *word, mlp_error *err);

#endif

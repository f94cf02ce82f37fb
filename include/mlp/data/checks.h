/* checks.h - data and results that can be processed but are probably not what the user meant. What nobody can want is
   refused; the rest is a warning, which says what was found, what was expected and what to do. */
#ifndef MLP_CHECKS_H
#define MLP_CHECKS_H

#include <stdbool.h>

#include "mlp/base/status.h"
#include "mlp/base/warnings.h"
#include "mlp/data/dataset.h"
#include "mlp/data/find.h"

/* Pixels and labels of the files, of the part that is in use, and of train and test set compared. Before a split.
   `train` may be NULL: the test set is then checked alone. */
mlp_status mlp_check_data(const mlp_dataset *train, const mlp_dataset *test, const mlp_dataset_paths *paths,
                          mlp_warnings *warnings, mlp_error *err);

/* Whether pixels `now` have another scale, or another place of 0, than `then`; with few pixels they may have less of
   the range. */
bool mlp_check_differs(const mlp_pixels *now, const mlp_pixels *then);

/* Whether one of them is dark on light and the other light on dark. */
bool mlp_check_inverted(const mlp_pixels *now, const mlp_pixels *then);

#endif

/* options_table.h - the table of options: the one source of parsing, rules, messages and --help.
   For the options_*.c modules alone. */
#ifndef MLP_OPTIONS_TABLE_H
#define MLP_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "mlp/base/status.h"
#include "mlp/cli/options.h"

/* A RECIPE is a group too: the weights that a run ends with depend on its numbers and names. */
typedef enum mlp_option_kind { GROUP, RECIPE, COUNT, REAL, NAME, TEXT, FLAG } mlp_option_kind;

typedef struct mlp_option {
    mlp_option_kind kind;
    const char *name;             /* of the option without "--"; of a group, its title */
    size_t offset;                /* of its field in mlp_options */
    double min, max;              /* COUNT, REAL; both included */
    const char *(*names)(size_t); /* NAME */
    const char *arg;              /* what --help calls the argument */
    const char *help;
} mlp_option;

#define MLP_AT(field) offsetof(mlp_options, field)

extern const mlp_option mlp_option_table[MLP_N_ROWS];

/* A preset fills in these options, "--name value ...". */
typedef struct mlp_preset {
    const char *name, *options;
} mlp_preset;

/* The i-th preset, NULL after the last. */
const mlp_preset *mlp_preset_at(size_t i);

/* What the preset of that name fills in, as options on one line; NULL when there is none. */
const char *mlp_options_preset(const char *name);

mlp_options mlp_options_defaults(void);

/* The option of that name without "--", NULL where there is none. */
const mlp_option *mlp_option_find(const char *name, size_t length);

bool mlp_option_is_group(const mlp_option *s);

/* Whether the weights that a run ends with depend on it. */
bool mlp_option_decides(const mlp_option *s);

/* "a|b|c" */
void mlp_option_names(char *text, size_t size, const char *(*names)(size_t));

/* The value of an option as text, or NULL where there is none to show. */
const char *mlp_option_text(char *text, size_t size, const mlp_options *o, const mlp_option *s);

/* Sets an option and what follows from it. `given`: by the command line itself. */
mlp_status mlp_option_set(mlp_options *options, const mlp_option *s, const char *value, bool given,
                          mlp_error *err);

#endif

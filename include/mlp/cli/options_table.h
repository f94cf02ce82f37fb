/* options_table.h - the table of options. The parser, the rules, messages, --help and tests read it. Only for
   options*.c and their tests. */
#pragma once

#include "mlp/cli/options.h"

typedef enum mlp_option_kind { COUNT, REAL, NAME, TEXT, FLAG } mlp_option_kind;

/* Groups of --help, in this order. In the groups up to DISTORTION, options with a number or a name decide the result of
   a run. */
typedef enum mlp_option_group {
    DATA,
    NETWORK,
    TRAINING,
    DISTORTION,
    RUN,
    MODEL,
    OUTPUT,
    MLP_N_GROUPS
} mlp_option_group;

/* True if the option has one of the values; without values, if it is set and is neither 0 nor "none". */
typedef struct mlp_condition {
    const char *option, *values; /* values: "a|b", NULL */
    unsigned modes;              /* modes in which the condition is required; 0: all */
} mlp_condition;

typedef struct mlp_option {
    mlp_option_group group;
    mlp_option_kind kind;
    const char *name;                    /* without "--" */
    size_t offset;                       /* offset of its field in mlp_options */
    unsigned modes;                      /* modes in which it has an effect, as bits 1 << mlp_mode_kind */
    double min, max;                     /* range of COUNT and REAL, ends included */
    const char *(*names)(size_t);        /* NAME */
    const char *arg;                     /* name of the argument in --help; NULL: N, X or FILE */
    const char *alone;                   /* the value if the argument is left out; NULL: it is required */
    mlp_condition needs[4], excludes[2]; /* the option of the last entry of each list is NULL */
    bool common;                         /* shown on the first screen of --help */
    bool once;                           /* a second use is refused; false: the last value is used */
    const char *help;
} mlp_option;

extern const mlp_option mlp_option_table[MLP_N_OPTIONS];

/* The title of a group. */
const char *mlp_option_group_name(size_t group);

/* The name of the i-th preset, NULL after the last. */
const char *mlp_preset_name(size_t i);

mlp_options mlp_options_defaults(void);

/* The default learning rate of an optimizer. */
double mlp_default_lr(const char *optimizer);

/* The option whose name (without "--") is the first `length` characters, NULL if there is none. */
const mlp_option *mlp_option_find(const char *name, size_t length);

/* Whether `option` is the one with this field in mlp_options. */
#define MLP_IS(option, field) ((option)->offset == offsetof(mlp_options, field))

/* Whether the trained weights depend on the option. */
bool mlp_option_decides(const mlp_option *s);

/* The name of the argument in --help, "" if there is no argument. */
const char *mlp_option_arg(const mlp_option *s);

/* Writes the names as "a|b|c". */
void mlp_option_names(char *text, size_t size, const char *(*names)(size_t));

/* The value of an option as text; NULL if it is not set. */
const char *mlp_option_text(char *text, size_t size, const mlp_options *o, const mlp_option *s);

/* The source of an option's value. */
mlp_origin mlp_option_origin(const mlp_options *o, const mlp_option *s);

/* Reads the value of an option and records its source. */
mlp_status mlp_option_set(mlp_options *options, const mlp_option *s, const char *value, mlp_origin origin,
                          mlp_error *err);

/* ---- options_rules.c ---- */

/* "training", "--eval" ... */
const char *mlp_mode_name(mlp_mode_kind mode);

/* Whether an option has an effect in that mode with the other options. */
bool mlp_option_acts(const mlp_options *options, const mlp_option *s, mlp_mode_kind mode);

/* Writes a condition as text: "--optimizer adam or adamw". */
void mlp_condition_text(char *text, size_t size, const mlp_condition *c);

/* ---- options_suggest.c: each fails with MLP_ERR_USAGE and names the nearest word ---- */

/* `word` begins with "-" but is no option. */
mlp_status mlp_options_unknown(const char *word, mlp_error *err);

/* `word` was found where an option was expected. */
mlp_status mlp_options_stray(const char *word, mlp_error *err);

/* The option cannot take `value`. */
mlp_status mlp_option_bad_value(const mlp_option *s, const char *value, mlp_error *err);

/* The option whose name is nearest to `text`, NULL if none is near. */
const mlp_option *mlp_option_nearest(const char *text);

/* class_names.h - the names of the classes of a dataset. */
#pragma once

#include "mlp/base/status.h"
#include "mlp/base/text.h"
#include "mlp/data/label.h"

/* Zero-initialise; mlp_class_names_free whatever the result of a call. Names are UTF-8 without control characters; they
   are not empty, and no two are equal. */
typedef struct mlp_class_names {
    size_t n; /* 0: the classes have no names, only numbers */
    const char *at[MLP_MAX_CLASSES];
    char *text; /* memory of the names */
} mlp_class_names;

/* Names of `n_classes` classes, from the value of --class-names: "a,b,c", where \, is a comma in a name, and \\ a
   backslash; or, without a comma, a file with a name on each line. */
mlp_status mlp_class_names_read(mlp_class_names *names, const char *value, size_t n_classes, mlp_error *err);

/* The same from text with a name on each line; `source` names the text's origin in messages. */
mlp_status mlp_class_names_parse(mlp_class_names *names, const char *lines, size_t n_classes, const char *source,
                                 mlp_error *err);

/* Adds the names to `text` in the form that mlp_class_names_read or _parse reads. */
void mlp_class_names_put_list(mlp_strbuf *text, const mlp_class_names *names);
void mlp_class_names_put_lines(mlp_strbuf *text, const mlp_class_names *names);

/* The name of class k, or its number, written to `number`. */
enum { MLP_CLASS_NUMBER_SIZE = 24 };
const char *mlp_class_name(char number[MLP_CLASS_NUMBER_SIZE], const mlp_class_names *names, size_t k);

void mlp_class_names_free(mlp_class_names *names); /* NULL-safe; leaves *names zeroed: none */

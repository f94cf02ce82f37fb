/* json.h - reads JSON from memory, as far as headers of safetensors files need it: objects, texts,
   lists of sizes, and other values unread. Texts are decoded in place: nothing is allocated. */
#pragma once

#include "mlp/base/status.h"

typedef struct mlp_json {
    const char *file; /* for messages */
    unsigned char *start, *at, *end;
} mlp_json;

/* Fails with `what`, found at the current byte. */
mlp_status mlp_json_fail(const mlp_json *json, const char *what, mlp_error *err);

/* Skips blanks and, if the next character is `c`, that too; returns whether it is. */
bool mlp_json_next(mlp_json *json, unsigned char c);

/* A text in double quotes: *text lies in the JSON, decoded, and ends with a zero byte. */
mlp_status mlp_json_text(mlp_json *json, const char **text, mlp_error *err);

/* A list of at most `most` whole numbers. */
mlp_status mlp_json_sizes(mlp_json *json, size_t *sizes, size_t *n, size_t most, mlp_error *err);

/* Any value behind a colon: *text is a text decoded, another value as it is written, "{...}" for an
   object and "[...]" for a list. */
mlp_status mlp_json_value(mlp_json *json, const char **text, bool *is_text, mlp_error *err);

/* An object; `member` must read the value of each key. */
typedef mlp_status mlp_json_member(void *context, const char *key, mlp_error *err);
mlp_status mlp_json_object(mlp_json *json, mlp_json_member *member, void *context, mlp_error *err);

bool mlp_json_ends(mlp_json *json); /* whether nothing but blanks follows */

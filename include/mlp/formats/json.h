/* json.h - writes texts of JSON, and reads JSON from memory, only as much of it as the headers of safetensors files
   need: objects, texts and lists of sizes. Other values are copied as text. Texts are decoded in place: nothing is
   allocated. */
#pragma once

#include "mlp/base/status.h"

typedef struct mlp_json {
    const char *file; /* for messages */
    unsigned char *start, *at, *end;
} mlp_json;

/* Fails with the message `what`, and the position of the current byte. */
mlp_status mlp_json_fail(const mlp_json *json, const char *what, mlp_error *err);

/* Reads a text in double quotes. *text points to the decoded text, inside the JSON; it ends with a zero byte. */
mlp_status mlp_json_text(mlp_json *json, const char **text, mlp_error *err);

/* Reads a list of at most `most` whole numbers. */
mlp_status mlp_json_sizes(mlp_json *json, size_t *sizes, size_t *n, size_t most, mlp_error *err);

/* Reads any value after a colon. *text is the decoded text, or the number or word as it is written; for every object it
   is "{...}" and for every list "[...]". */
mlp_status mlp_json_value(mlp_json *json, const char **text, bool *is_text, mlp_error *err);

/* Called for each key of an object; it must read the value. */
typedef mlp_status mlp_json_member(void *context, const char *key, mlp_error *err);
mlp_status mlp_json_object(mlp_json *json, mlp_json_member *member, void *context, mlp_error *err);

bool mlp_json_ends(mlp_json *json); /* whether nothing but blanks follows */

/* Writes text[n] in double quotes, with the characters of `special` escaped. Bytes that are not UTF-8 become U+FFFD. */
void mlp_json_put_text(mlp_strbuf *json, const char *text, size_t n, const char *special);

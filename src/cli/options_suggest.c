/* options_suggest.c - what to say of an option that there is not: the nearest that there is. */
#include "mlp/cli/options_suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mlp/cli/options_table.h"

/* ---- unknown options: the nearest known one ---- */

/* Letters to insert, delete or replace to make `b` of `a` (Levenshtein), for short names. */
static size_t distance(const char *a, const char *b) {
    enum { MOST = 31 };
    size_t row[MOST + 1];
    const size_t length = strlen(b);
    if (length > MOST)
        return SIZE_MAX;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[length];
}

/* The options whose names start with `text`, as "--a, --b", into list[size]; returns how many. */
static int begun_by(char *list, size_t size, const char *text) {
    int n = 0;
    size_t used = 0;
    for (size_t i = 0; i < MLP_N_ROWS; i++)
        if (!mlp_option_is_group(&mlp_option_table[i]) &&
            strncmp(mlp_option_table[i].name, text, strlen(text)) == 0 && used < size)
            used += (size_t)snprintf(list + used, size - used, "%s--%s", n++ > 0 ? ", " : "",
                                     mlp_option_table[i].name);
    return n;
}

mlp_status mlp_options_unknown(const char *word, mlp_error *err) {
    const char *name = word + strspn(word, "-");
    char text[32], list[512];
    const mlp_option *nearest = NULL;
    size_t least = 3; /* as far as this is no typing slip, nor is another word as short */
    snprintf(text, sizeof text, "%.*s", (int)strcspn(name, "="), name);
    if (strncmp(word, "--", 2) == 0 && *text != '\0' && begun_by(list, sizeof list, text) > 1)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: is the beginning of %s; write it out", word, list);
    least = strlen(text) < least ? strlen(text) : least;
    for (size_t i = 0; i < MLP_N_ROWS; i++)
        if (!mlp_option_is_group(&mlp_option_table[i]) &&
            distance(text, mlp_option_table[i].name) < least) {
            nearest = &mlp_option_table[i];
            least = distance(text, nearest->name);
        }
    if (nearest != NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option; did you mean --%s? (see --help)",
                        word, nearest->name);
    return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option; see --help", word);
}

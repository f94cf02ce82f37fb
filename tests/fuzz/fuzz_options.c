/* fuzz_options.c - the command line: words, each ended by a zero byte. What is refused is refused
   in one line; what is accepted, and then printed, is accepted again and means the same. */
#include <getopt.h>
#include <stdbool.h>

#include "fuzz.h"
#include "mlp/cli/options.h"
#include "mlp/cli/settings.h"

enum { MOST_WORDS = 256 }; /* a recipe with every option of a run has some seventy */

/* As at the start of a program: getopt remembers words of the last call, which are gone, and the + that began it. */
static void forget(void) {
    static char name[] = "mlp-train";
    char *argv[] = {name, NULL};
    optind = 0;
    getopt(1, argv, "+");
    optind = 1;
}

static mlp_status parse(mlp_options *options, char *words, size_t size, mlp_error *err) {
    static char name[] = "mlp-train";
    char *argv[MOST_WORDS + 2] = {name};
    int argc = 1;
    for (size_t at = 0; at < size && argc <= MOST_WORDS; at += strlen(words + at) + 1) argv[argc++] = words + at;
    forget();
    return mlp_options_parse(options, argc, argv, err);
}

/* The recipe: options that a run's result depends on, names and numbers. */
static char *recipe_of(const mlp_options *options, size_t *n) {
    mlp_strbuf text = {0};
    mlp_options_recipe(&text, options);
    PROMISE(text.at != NULL && !text.failed);
    *n = text.n;
    return text.at;
}

static void check_recipe(const mlp_options *options) {
    size_t n, again_n;
    char *recipe = recipe_of(options, &n), *words = strdup(recipe);
    mlp_options again;
    mlp_error err = {0};
    PROMISE(words != NULL);
    for (char *c = words; *c != '\0'; c++) *c = *c == ' ' ? '\0' : *c;
    PROMISE(parse(&again, words, n, &err) == MLP_OK);
    char *other = recipe_of(&again, &again_n);
    PROMISE(strcmp(recipe, other) == 0);
    free(recipe);
    free(words);
    free(other);
}

/* Resumes the run of these words with a command line that says nothing else. */
static mlp_status resume(mlp_options *options, const char *words, size_t n, mlp_error *err) {
    mlp_options then;
    PROMISE(parse(options, NULL, 0, err) == MLP_OK);
    options->resume = "checkpoint";
    const mlp_status status = mlp_options_resume(options, &then, words, n, err);
    promise_message(status, err);
    PROMISE(status == MLP_OK || status == MLP_ERR_FORMAT);
    return status;
}

/* The run comes back from what its checkpoint says. */
static void check_words(const mlp_options *options) {
    char *words;
    size_t n, recipe_n;
    mlp_options again;
    mlp_error err = {0};
    PROMISE(mlp_options_store(&words, &n, options, &err) == MLP_OK);
    PROMISE(resume(&again, words, n, &err) == MLP_OK);
    char *recipe = recipe_of(options, &recipe_n), *other = recipe_of(&again, &recipe_n);
    PROMISE(strcmp(recipe, other) == 0);
    free(recipe);
    free(other);
    free(words);
}

static void use(const mlp_options *options) {
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    PROMISE(out != NULL);
    mlp_options_print(out, options);
    PROMISE(fclose(out) == 0);
    free(text);
    const mlp_train_settings settings = mlp_settings(options, 60000);
    PROMISE(settings.batch_size > 0 && settings.schedule != NULL && settings.optimizer.kind != NULL);
    if (mlp_options_mode(options) != MLP_MODE_TRAIN) return;
    if (options->load == NULL) /* the name of a model may hold blanks */
        check_recipe(options);
    check_words(options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *words = malloc(size + 1);
    mlp_options options;
    mlp_error err = {0};
    PROMISE(words != NULL);
    memcpy(words, data, size);
    words[size] = '\0';
    unsetenv("MLP_TRAIN_DATA");
    const mlp_status status = parse(&options, words, size, &err);
    promise_message(status, &err);
    PROMISE(status == MLP_OK || status == MLP_ERR_USAGE);
    if (status == MLP_OK && options.help == NULL && !options.version) use(&options);
    mlp_error damaged = {0}; /* the same bytes as the options of a checkpoint */
    resume(&options, words, size + 1, &damaged);
    free(words);
    return 0;
}

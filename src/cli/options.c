/* options.c - the command line. Knows names, ranges and defaults; does nothing with them. */
#include "mlp/cli/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/team.h"
#include "mlp/state/export.h"

static mlp_options defaults(void) {
    const char *data = getenv("MLP_TRAIN_DATA");
    const int processors = mlp_team_processors();
    return (mlp_options){
        .data = data != NULL && *data != '\0' ? data : "data/mnist",
        .hidden = 50,
        .activation = "sigmoid",
        .loss = "cross-entropy",
        .init = "normal",
        .init_std = 0.01,
        .first_layer = "auto",
        .iters = 10000,
        .batch_size = 100,
        .eval_every = MLP_EVERY_EPOCH,
        .checkpoint_every = MLP_EVERY_EPOCH,
        .threads = processors < 1   ? 1
                   : processors > 4 ? 4
                                    : (size_t)processors,
        .seed = 1,
        .lr = 0.1,
        .momentum = 0.9,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-7,
        .sampling = "replacement",
        .optimizer = "sgd",
        .lr_schedule = "constant",
        .gradient = "backprop",
        .augment = "none",
        .rotate = 5,
        .scale = 0.05,
        .shear = 0.05,
        .shift = 0.7,
        .elastic_alpha = 25,
        .elastic_sigma = 4,
        .log_loss = "before",
        .progress = "auto",
    };
}

/* ---- names that an option can take: the i-th, NULL after the last ---- */

static const char *nth(const char *const *names, size_t n, size_t i) {
    return i < n ? names[i] : NULL;
}

#define NAME_LIST(function, ...)                                                                   \
    static const char *function(size_t i) {                                                        \
        static const char *const names[] = {__VA_ARGS__};                                          \
        return nth(names, sizeof names / sizeof *names, i);                                        \
    }

NAME_LIST(sampling_name, "replacement", "shuffle")
NAME_LIST(first_layer_name, "auto", "dense", "sparse")
NAME_LIST(augment_name, "none", "shift", "affine", "elastic")
NAME_LIST(gradient_name, "backprop", "numerical")
NAME_LIST(log_loss_name, "before", "after")
NAME_LIST(progress_name, "auto", "always", "never")
NAME_LIST(preset_name, "chapter", "keras", "step-by-step", "best", "best-plain")

typedef struct preset {
    const char *name, *options;
} preset;

static const preset presets[] = {
    {"chapter",
     "--hidden 50 --activation sigmoid --loss cross-entropy --init normal --init-std 0.01 "
     "--sampling replacement --batch-size 100 --optimizer sgd --lr 0.1 --iters 10000"},
    {"keras", "--hidden 50 --activation sigmoid --loss cross-entropy --init glorot "
              "--sampling shuffle --batch-size 32 --optimizer adam --lr 0.001 --epochs 10"},
    {"step-by-step", "--hidden 50 --init normal --init-std 0.1 --train-limit 5 --sampling shuffle "
                     "--batch-size 5 --lr 0.1 --iters 5 --trace 5"},
    {"best", "--hidden 2048 --activation sigmoid --loss cross-entropy --init glorot "
             "--sampling shuffle --batch-size 256 --optimizer adam --lr 0.003 "
             "--lr-schedule cosine --warmup 235 --epochs 100 --average 0.99 --eval-every 2350 "
             "--augment elastic --rotate 8 --scale 0.1 --shear 0.1 --shift 0.7 "
             "--elastic-alpha 25 --elastic-sigma 4 --fade 0.2"},
    {"best-plain", "--hidden 2048 --activation relu --loss cross-entropy --init he "
                   "--sampling shuffle --batch-size 256 --optimizer adam --beta2 0.99 --lr 0.002 "
                   "--lr-schedule cosine --warmup 235 --epochs 20 --average 0.99 --dropout 0.5 "
                   "--label-smoothing 0.1"},
};

/* ---- the table ---- */

/* A RECIPE is a group too: the weights that a run ends with depend on its numbers and names. */
typedef enum kind { GROUP, RECIPE, COUNT, REAL, NAME, TEXT, FLAG } kind;

typedef struct spec {
    kind kind;
    const char *name;             /* of the option without "--"; of a group, its title */
    size_t offset;                /* of its field in mlp_options */
    double min, max;              /* COUNT, REAL; both included */
    const char *(*names)(size_t); /* NAME */
    const char *arg;              /* what --help calls the argument */
    const char *help;
} spec;

#define AT(field) offsetof(mlp_options, field)

static const spec specs[] = {
    {RECIPE, "Data", 0, 0, 0, NULL, NULL, NULL},
    {TEXT, "data", AT(data), 0, 0, NULL, "DIR",
     "directory of the four IDX files, plain or gzip; $MLP_TRAIN_DATA if set"},
    {TEXT, "train-images", AT(train_images), 0, 0, NULL, "FILE", "instead of the one in --data"},
    {TEXT, "train-labels", AT(train_labels), 0, 0, NULL, "FILE", "likewise"},
    {TEXT, "test-images", AT(test_images), 0, 0, NULL, "FILE", "likewise"},
    {TEXT, "test-labels", AT(test_labels), 0, 0, NULL, "FILE", "likewise"},
    {COUNT, "train-limit", AT(train_limit), 1, UINT32_MAX, NULL, "N", "use the first N examples"},
    {COUNT, "test-limit", AT(test_limit), 1, UINT32_MAX, NULL, "N", "likewise"},
    {REAL, "validation", AT(validation), 0, 0.9, NULL, "X",
     "fraction of the train set kept aside, drawn by the seed"},

    {RECIPE, "Network", 0, 0, 0, NULL, NULL, NULL},
    {COUNT, "hidden", AT(hidden), 1, MLP_MAX_HIDDEN, NULL, "N", "hidden units"},
    {NAME, "activation", AT(activation), 0, 0, mlp_activation_name, NULL, "of the hidden units"},
    {NAME, "loss", AT(loss), 0, 0, mlp_loss_name, NULL, "of the softmax outputs; batch mean"},
    {NAME, "init", AT(init), 0, 0, mlp_init_name, NULL, "initial weights; biases start at 0"},
    {REAL, "init-std", AT(init_std), 0, 1000, NULL, "X", "standard deviation for --init normal"},

    {NAME, "first-layer", AT(first_layer), 0, 0, first_layer_name, NULL,
     "products through BLAS, or skipping pixels that are zero"},

    {RECIPE, "Training", 0, 0, 0, NULL, NULL, NULL},
    {COUNT, "iters", AT(iters), 0, 1e12, NULL, "N", "iterations (weight updates)"},
    {COUNT, "epochs", AT(epochs), 1, 1e9, NULL, "N",
     "instead of --iters: train size / batch size iterations each"},
    {COUNT, "batch-size", AT(batch_size), 1, 1e6, NULL, "N", "examples in an update"},
    {NAME, "sampling", AT(sampling), 0, 0, sampling_name, NULL,
     "drawn with replacement, or each once an epoch"},
    {NAME, "optimizer", AT(optimizer), 0, 0, mlp_optimizer_name, NULL, "how a gradient is used"},
    {REAL, "lr", AT(lr), 0, 1e38, NULL, "X", "learning rate"},
    {NAME, "lr-schedule", AT(lr_schedule), 0, 0, mlp_schedule_name, NULL,
     "step: a tenth after 1/2, a hundredth after 3/4 of the run"},
    {COUNT, "warmup", AT(warmup), 0, 1e12, NULL, "N", "iterations in which the rate rises to --lr"},
    {REAL, "momentum", AT(momentum), 0, 1, NULL, "X", "for --optimizer momentum"},
    {REAL, "beta1", AT(beta1), 0, 0.999999, NULL, "X", "for adam and adamw"},
    {REAL, "beta2", AT(beta2), 0, 0.999999999, NULL, "X", "for adam and adamw"},
    {REAL, "epsilon", AT(epsilon), 1e-30, 1, NULL, "X", "for adam and adamw"},
    {REAL, "weight-decay", AT(weight_decay), 0, 1000, NULL, "X",
     "decoupled for adamw, L2 for the others"},
    {REAL, "dropout", AT(dropout), 0, 0.99, NULL, "P", "probability that a hidden unit is dropped"},
    {REAL, "average", AT(average), 0, 0.999999, NULL, "X",
     "evaluate and save a moving average of the weights; its decay in 10 iterations"},
    {REAL, "label-smoothing", AT(label_smoothing), 0, 0.9, NULL, "X",
     "part of the label's target that all classes share, in training alone"},
    {COUNT, "early-stop", AT(early_stop), 1, 1e9, NULL, "N",
     "end after N evaluations without a better validation loss, keep the best weights"},
    {NAME, "gradient", AT(gradient), 0, 0, gradient_name, NULL,
     "numerical: central differences in double precision"},
    {NAME, "log-loss", AT(log_loss), 0, 0, log_loss_name, NULL,
     "batch loss before or after its update"},
    {COUNT, "eval-every", AT(eval_every), 0, 1e12, NULL, "N",
     "iterations between evaluations; 0: only at the end"},
    {COUNT, "seed", AT(seed), 0, 9007199254740992.0, NULL, "N",
     "same seed, same binary, same machine: the same bytes"},

    {RECIPE, "Distortion", 0, 0, 0, NULL, NULL, NULL},
    {NAME, "augment", AT(augment), 0, 0, augment_name, NULL,
     "distort train images each time they are drawn; affine shifts too, elastic does all"},
    {REAL, "rotate", AT(rotate), 0, 180, NULL, "X", "degrees; these are uniform in +-X"},
    {REAL, "scale", AT(scale), 0, 0.9, NULL, "X", "fraction of the size, of either axis its own"},
    {REAL, "shear", AT(shear), 0, 2, NULL, "X", "pixels that a row moves for each from the centre"},
    {REAL, "shift", AT(shift), 0, 1000, NULL, "X", "pixels, in either axis"},
    {REAL, "elastic-alpha", AT(elastic_alpha), 0, 10000, NULL, "X",
     "noise of +-X pixels, smoothed by a Gaussian"},
    {REAL, "elastic-sigma", AT(elastic_sigma), 0.1, 100, NULL, "X",
     "standard deviation of that Gaussian, pixels"},
    {REAL, "fade", AT(fade), 0, 1, NULL, "X",
     "last part of the run, in which all of this weakens to nothing"},

    {GROUP, "Run", 0, 0, 0, NULL, NULL, NULL},
    {NAME, "preset", AT(preset), 0, 0, preset_name, NULL,
     "fills in options; those after it override"},
    {COUNT, "threads", AT(threads), 1, 1024, NULL, "N", "without effect on the results"},
    {TEXT, "checkpoint", AT(checkpoint), 0, 0, NULL, "FILE",
     "all that the run needs to go on, whole at every moment"},
    {COUNT, "checkpoint-every", AT(checkpoint_every), 0, 1e12, NULL, "N",
     "iterations between checkpoints; 0: only at the end"},
    {TEXT, "resume", AT(resume), 0, 0, NULL, "FILE",
     "go on from a checkpoint, with its options; none is taken that would alter the run"},

    {GROUP, "Model", 0, 0, 0, NULL, NULL, NULL},
    {TEXT, "save", AT(save), 0, 0, NULL, "FILE",
     "the trained network as safetensors; an older file stays until the new one is whole"},
    {TEXT, "load", AT(load), 0, 0, NULL, "FILE",
     "start from this model; its network and loss are the defaults"},
    {TEXT, "export", AT(export), 0, 0, NULL, "FILE",
     "as .npz or .onnx, for other programs; with --load alone a conversion"},
    {FLAG, "eval", AT(eval), 0, 0, NULL, NULL, "judge the model on the test images, do not train"},
    {TEXT, "confusion", AT(confusion), 0, 0, NULL, "FILE",
     "CSV of how often each class of the test images was taken for each"},
    {TEXT, "predict", AT(predict), 0, 0, NULL, "FILE",
     "CSV of what each image (IDX, PGM, PBM) is taken for; - is standard input"},
    {FLAG, "fit", AT(fit), 0, 0, NULL, NULL,
     "put drawings of any size, dark or light, into MNIST's frame"},

    {GROUP, "Output", 0, 0, 0, NULL, NULL, NULL},
    {TEXT, "csv", AT(csv), 0, 0, NULL, "FILE", "a row an iteration; - is standard output"},
    {TEXT, "samples", AT(samples), 0, 0, NULL, "FILE",
     "PGM of the first 100 train images, distorted, instead of training"},
    {COUNT, "trace", AT(trace), 1, 1e6, NULL, "N",
     "print probabilities, targets and loss of the first N iterations"},
    {COUNT, "check-gradient", AT(check_gradient), 1, 1000, NULL, "[N]",
     "compare both gradients on N examples (10) instead of training"},
    {FLAG, "quiet", AT(quiet), 0, 0, NULL, NULL, "only the final line"},
    {FLAG, "verbose", AT(verbose), 0, 0, NULL, NULL,
     "also files, options filled in, times, memory"},
    {NAME, "progress", AT(progress), 0, 0, progress_name, NULL,
     "progress line on standard error; auto: on a terminal"},
    {FLAG, "help", AT(help), 0, 0, NULL, NULL, "print this and exit"},
    {FLAG, "version", AT(version), 0, 0, NULL, NULL, "print the version and the BLAS, and exit"},
};

enum { N_SPECS = sizeof specs / sizeof *specs };
_Static_assert((int)N_SPECS <= (int)MLP_MOST_OPTIONS, "mlp_options.given has a place for each");

static bool is_group(const spec *s) {
    return s->kind == GROUP || s->kind == RECIPE;
}

/* Whether the weights that a run ends with depend on it. */
static bool decides(const spec *s) {
    if (s->kind != COUNT && s->kind != REAL && s->kind != NAME)
        return false;
    while (!is_group(s))
        s--;
    return s->kind == RECIPE;
}

/* ---- values ---- */

/* "a|b|c" */
static void join_names(char *text, size_t size, const char *(*names)(size_t)) {
    size_t used = 0;
    *text = '\0';
    for (size_t i = 0; names(i) != NULL && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "|" : "", names(i));
}

static bool is_name(const char *(*names)(size_t), const char *value) {
    for (size_t i = 0; names(i) != NULL; i++)
        if (strcmp(names(i), value) == 0)
            return true;
    return false;
}

/* Decimal digits only: no sign, no space, no exponent. */
static bool read_count(size_t *count, bool *overflow, const char *text) {
    char *end;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    *overflow = errno == ERANGE || value > SIZE_MAX;
    *count = (size_t)value;
    return *text >= '0' && *text <= '9' && *end == '\0';
}

/* A decimal number: strtod without its hexadecimal, infinite, NaN and blank-led forms. */
static bool read_real(double *real, const char *text) {
    char *end;
    if (strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    *real = strtod(text, &end);
    return end != text && *end == '\0';
}

static mlp_status set(mlp_options *options, const spec *s, const char *value, mlp_error *err) {
    void *field = (char *)options + s->offset;
    char names[256];
    size_t count = 0;
    double real = 0;
    bool overflow = false;
    switch (s->kind) {
    case COUNT:
        if (!read_count(&count, &overflow, value)) {
            if (*value == '-' && read_real(&real, value))
                break;
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: '%s' is not a whole number; give one in %.16g..%.16g", s->name,
                            value, s->min, s->max);
        }
        if (overflow || count < (size_t)s->min || count > (size_t)s->max)
            break;
        *(size_t *)field = count;
        return MLP_OK;
    case REAL:
        if (!read_real(&real, value))
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: '%s' is not a number; give one in %.16g..%.16g", s->name, value,
                            s->min, s->max);
        if (!(real >= s->min && real <= s->max))
            break;
        *(double *)field = real;
        return MLP_OK;
    case NAME:
        join_names(names, sizeof names, s->names);
        if (!is_name(s->names, value))
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: '%s' is none of %s", s->name, value, names);
        *(const char **)field = value;
        return MLP_OK;
    case TEXT:
        if (*value == '\0')
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: an empty name; give a %s", s->name,
                            strcmp(s->arg, "DIR") == 0 ? "directory" : "file");
        *(const char **)field = value;
        return MLP_OK;
    case FLAG:
        *(bool *)field = true;
        return MLP_OK;
    case GROUP:
    case RECIPE:
        break;
    }
    return mlp_fail(err, MLP_ERR_USAGE, "--%s: %s is outside %.16g..%.16g", s->name, value, s->min,
                    s->max);
}

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
    for (size_t i = 0; i < N_SPECS; i++)
        if (!is_group(&specs[i]) && strncmp(specs[i].name, text, strlen(text)) == 0 && used < size)
            used += (size_t)snprintf(list + used, size - used, "%s--%s", n++ > 0 ? ", " : "",
                                     specs[i].name);
    return n;
}

static mlp_status unknown(const char *word, mlp_error *err) {
    const char *name = word + strspn(word, "-");
    char text[32], list[512];
    const spec *nearest = NULL;
    size_t least = 3; /* as far as this is no typing slip, nor is another word as short */
    snprintf(text, sizeof text, "%.*s", (int)strcspn(name, "="), name);
    if (strncmp(word, "--", 2) == 0 && *text != '\0' && begun_by(list, sizeof list, text) > 1)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: is the beginning of %s; write it out", word, list);
    least = strlen(text) < least ? strlen(text) : least;
    for (size_t i = 0; i < N_SPECS; i++)
        if (!is_group(&specs[i]) && distance(text, specs[i].name) < least) {
            nearest = &specs[i];
            least = distance(text, nearest->name);
        }
    if (nearest != NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option; did you mean --%s? (see --help)",
                        word, nearest->name);
    return mlp_fail(err, MLP_ERR_USAGE, "%s: no such option; see --help", word);
}

/* ---- the command line ---- */

static const spec *find_spec(const char *name, size_t length) {
    for (size_t i = 0; i < N_SPECS; i++)
        if (!is_group(&specs[i]) && strlen(specs[i].name) == length &&
            memcmp(specs[i].name, name, length) == 0)
            return &specs[i];
    return NULL;
}

bool mlp_options_given(const mlp_options *options, const char *name) {
    const spec *s = find_spec(name, strlen(name));
    assert(s != NULL);
    return options->given[s - specs];
}

const char *mlp_options_preset(const char *name) {
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, name) == 0)
            return presets[i].options;
    return NULL;
}

/* One option and what follows from it: of --iters and --epochs the later one counts. */
static mlp_status set_one(mlp_options *options, const spec *s, const char *value, bool given,
                          mlp_error *err) {
    const mlp_status status = set(options, s, value, err);
    if (status == MLP_OK && s->offset == AT(iters))
        options->epochs = 0;
    options->given[s - specs] = given;
    return status;
}

/* Sets what a preset's line says: "--name value" pairs. A value that is a name must outlive the
   line's copy of it: the list's own string is taken. */
static mlp_status set_preset(mlp_options *options, const char *line, mlp_error *err) {
    mlp_status status = MLP_OK;
    char name[32], value[32];
    int used;
    for (; status == MLP_OK && sscanf(line, " --%31s %31s%n", name, value, &used) == 2;
         line += used) {
        const spec *s = find_spec(name, strlen(name));
        const char *text = value;
        assert(s != NULL);
        for (size_t i = 0; s->kind == NAME && s->names(i) != NULL; i++)
            if (strcmp(s->names(i), value) == 0)
                text = s->names(i);
        status = set_one(options, s, text, false, err);
    }
    return status;
}

static mlp_status apply(mlp_options *options, const spec *s, const char *value, mlp_error *err) {
    const mlp_status status = set_one(options, s, value, true, err);
    return status == MLP_OK && s->offset == AT(preset)
               ? set_preset(options, mlp_options_preset(value), err)
               : status;
}

bool mlp_options_convert(const mlp_options *o) {
    return o->load != NULL && o->export != NULL && o->resume == NULL &&
           !mlp_options_given(o, "iters") &&
           !mlp_options_given(o, "epochs"); /* the other modes write none */
}

/* In a mode that does not train, an option that it does not heed would promise something. `heeded`
   ends with NULL. */
static mlp_status check_heeded(const mlp_options *o, const char *mode, const char *const *heeded,
                               mlp_error *err) {
    for (const spec *s = specs; s < specs + N_SPECS; s++) {
        const char *const *name = heeded;
        while (*name != NULL && strcmp(*name, s->name) != 0)
            name++;
        if (!is_group(s) && *name == NULL && o->given[s - specs])
            return mlp_fail(err, MLP_ERR_USAGE, "--%s: has no effect on %s; leave it out", s->name,
                            mode);
    }
    return MLP_OK;
}

static mlp_status check_predict(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {"predict",    "fit",     "load",  "hidden",
                                         "activation", "loss",    "quiet", "first-layer",
                                         "threads",    "verbose", NULL};
    if (o->fit && o->predict == NULL)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--fit: is for images to recognise; add --predict FILE");
    if (o->predict == NULL)
        return MLP_OK;
    if (o->load == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--predict: asks a model; add --load FILE");
    if (strcmp(o->predict, "-") == 0 && strcmp(o->load, "-") == 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--predict and --load: standard input cannot be both; name a file");
    return check_heeded(o, "--predict", heeded, err);
}

static mlp_status check_eval(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {"eval",        "load",       "data",        "test-images",
                                         "test-labels", "test-limit", "confusion",   "hidden",
                                         "activation",  "loss",       "first-layer", "threads",
                                         "quiet",       "verbose",    NULL};
    if (!o->eval)
        return MLP_OK;
    if (o->load == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--eval: judges a model; add --load FILE");
    return check_heeded(o, "--eval", heeded, err);
}

static mlp_status check_gradient_check(const mlp_options *o, mlp_error *err) {
    if (o->check_gradient > 0 && o->csv != NULL)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--csv: the gradient check writes none; leave out --csv");
    if (o->check_gradient > 0 && (o->checkpoint != NULL || o->resume != NULL))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: the gradient check does not train; leave it out",
                        o->checkpoint != NULL ? "checkpoint" : "resume");
    if (o->check_gradient > 0 && (o->save != NULL || o->export != NULL || o->confusion != NULL))
        return mlp_fail(err, MLP_ERR_USAGE, "--%s: the gradient check writes none; leave it out",
                        o->save != NULL     ? "save"
                        : o->export != NULL ? "export"
                                            : "confusion");
    return MLP_OK;
}

static mlp_status check_samples(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {
        "samples",     "data",        "train-images", "train-labels",  "test-images",
        "test-labels", "train-limit", "seed",         "augment",       "rotate",
        "scale",       "shear",       "shift",        "elastic-alpha", "elastic-sigma",
        "preset",      "threads",     "quiet",        "verbose",       NULL};
    return o->samples == NULL ? MLP_OK : check_heeded(o, "--samples", heeded, err);
}

static mlp_status check_export(const mlp_options *o, mlp_error *err) {
    static const char *const heeded[] = {"load",  "export",  "activation", "hidden",
                                         "quiet", "verbose", NULL};
    char suffixes[64];
    if (o->export == NULL)
        return MLP_OK;
    join_names(suffixes, sizeof suffixes, mlp_export_suffix);
    if (mlp_export_find(o->export) == NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "--export: the name %s ends in none of %s", o->export,
                        suffixes);
    if (!mlp_options_convert(o))
        return MLP_OK;
    return check_heeded(o, "--load with --export, which train nothing without --iters", heeded,
                        err);
}

/* What is not to train has no use for what training takes. */
static mlp_status check_modes(const mlp_options *o, mlp_error *err) {
    mlp_status status = check_predict(o, err);
    if (status == MLP_OK)
        status = check_eval(o, err);
    if (status == MLP_OK)
        status = check_samples(o, err);
    if (status == MLP_OK)
        status = check_gradient_check(o, err);
    return status == MLP_OK ? check_export(o, err) : status;
}

/* What no single option can tell. */
static mlp_status check_together(const mlp_options *o, mlp_error *err) {
    if (o->early_stop > 0 && o->validation <= 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--early-stop: watches a validation part; add --validation 0.1");
    if (o->early_stop > 0 && o->eval_every == 0)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--early-stop: needs evaluations; leave out --eval-every 0");
    if (strcmp(o->first_layer, "sparse") == 0 &&
        (strcmp(o->gradient, "numerical") == 0 || o->check_gradient > 0))
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--first-layer: the numerical gradient works on the dense one; leave out "
                        "--first-layer sparse");
    if (o->quiet && o->verbose)
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--quiet and --verbose: contradict each other; give one");
    const char *const files[] = {o->save, o->confusion, o->checkpoint, o->samples};
    static const char *const file_options[] = {"save", "confusion", "checkpoint", "samples"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] != NULL && strcmp(files[i], "-") == 0)
            return mlp_fail(err, MLP_ERR_USAGE,
                            "--%s: standard output carries the table; name a file",
                            file_options[i]);
    if (o->checkpoint == NULL && mlp_options_given(o, "checkpoint-every"))
        return mlp_fail(err, MLP_ERR_USAGE,
                        "--checkpoint-every: there is none to write; add --checkpoint FILE");
    return check_modes(o, err);
}

mlp_status mlp_options_parse(mlp_options *options, int argc, char **argv, mlp_error *err) {
    struct option table[N_SPECS + 1] = {{0}};
    const spec *by_row[N_SPECS] = {0};
    int rows = 0;
    for (size_t i = 0; i < N_SPECS; i++)
        if (!is_group(&specs[i])) {
            const bool optional = specs[i].offset == AT(check_gradient);
            by_row[rows] = &specs[i];
            table[rows].name = specs[i].name;
            table[rows].has_arg = specs[i].kind == FLAG ? no_argument
                                  : optional            ? optional_argument
                                                        : required_argument;
            table[rows].val =
                256 + rows; /* distinct, so that getopt sees ambiguity; `row` tells which */
            rows++;
        }
    *options = defaults();
    opterr = 0;
    for (;;) {
        int row = -1;
        const int word = optind;
        const int c = getopt_long(argc, argv, "+:", table, &row); /* + ends at a stray word */
        if (c == -1)
            break;
        if (c == ':')
            return mlp_fail(err, MLP_ERR_USAGE, "%s: needs a value; see --help", argv[word]);
        if (c == '?' || row < 0) {
            const spec *flag = find_spec(argv[word] + strspn(argv[word], "-"),
                                         strcspn(argv[word] + strspn(argv[word], "-"), "="));
            if (flag != NULL && flag->kind == FLAG)
                return mlp_fail(err, MLP_ERR_USAGE,
                                "%s: takes no value; leave out = and what follows", argv[word]);
            return unknown(argv[word], err);
        }
        const char *value = optarg;
        if (table[row].has_arg == optional_argument && value == NULL) {
            const bool given = optind < argc && argv[optind][0] >= '0' && argv[optind][0] <= '9';
            value = given ? argv[optind++] : "10";
        }
        const mlp_status status = apply(options, by_row[row], value, err);
        if (status != MLP_OK)
            return status;
    }
    if (optind < argc)
        return mlp_fail(err, MLP_ERR_USAGE, "%s: not an option; see --help", argv[optind]);
    if (options->help || options->version) /* what else is there does not matter */
        return MLP_OK;
    /* what is laid over the options of a checkpoint is checked together with those */
    return options->resume != NULL ? check_modes(options, err) : check_together(options, err);
}

/* ---- help ---- */

/* The value of an option as text, or NULL where there is none to show. */
static const char *value_text(char *text, size_t size, const mlp_options *o, const spec *s) {
    const void *field = (const char *)o + s->offset;
    const char *string;
    switch (s->kind) {
    case COUNT:
        if (*(const size_t *)field == MLP_EVERY_EPOCH)
            return "one epoch";
        if (*(const size_t *)field == 0 && s->min > 0) /* not given: no limit, no trace ... */
            return NULL;
        snprintf(text, size, "%zu", *(const size_t *)field);
        return text;
    case REAL:
        for (int digits = 6; digits <= 17; digits++) { /* as many as it takes */
            snprintf(text, size, "%.*g", digits, *(const double *)field);
            if (strtod(text, NULL) == *(const double *)field)
                break;
        }
        return text;
    case NAME:
    case TEXT:
        memcpy(&string, field, sizeof string);
        return string;
    case FLAG:
        return *(const bool *)field ? "" : NULL;
    case GROUP:
    case RECIPE:
        break;
    }
    return NULL;
}

/* The value as it can be read again; NULL where the option is better left out. */
static const char *stored_text(char *text, size_t size, const mlp_options *o, const spec *s) {
    const bool one_epoch =
        s->kind == COUNT && *(const size_t *)((const char *)o + s->offset) == MLP_EVERY_EPOCH;
    return one_epoch ? NULL : value_text(text, size, o, s);
}

/* As a shell takes it for one word. */
static void print_word(FILE *out, const char *word) {
    const bool plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "%+,-./:=@_") == strlen(word);
    if (plain) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

size_t mlp_options_print(FILE *out, const mlp_options *options) {
    const mlp_options usual = defaults();
    size_t n = 0;
    for (size_t i = 0; i < N_SPECS; i++) {
        char text[32], usual_text[32];
        const char *value = value_text(text, sizeof text, options, &specs[i]);
        const char *other = value_text(usual_text, sizeof usual_text, &usual, &specs[i]);
        if (is_group(&specs[i]) || specs[i].offset == AT(preset) || value == NULL ||
            (other != NULL && strcmp(value, other) == 0))
            continue;
        fprintf(out, " --%s", specs[i].name);
        if (specs[i].kind != FLAG) {
            fputc(' ', out);
            print_word(out, value);
        }
        n++;
    }
    return n;
}

void mlp_options_recipe(mlp_strbuf *text, const mlp_options *o) {
    size_t n = 0;
    for (const spec *s = specs; s < specs + N_SPECS; s++) {
        char number[32];
        const char *value = stored_text(number, sizeof number, o, s);
        if (!decides(s) || value == NULL || (s->offset == AT(iters) && o->epochs > 0))
            continue;
        mlp_strbuf_print(text, "%s--%s %s", n++ > 0 ? " " : "", s->name, value);
    }
    if (o->load != NULL)
        mlp_strbuf_print(text, " --load %s", o->load);
}

void mlp_options_help(FILE *out) {
    const mlp_options o = defaults();
    fputs("mlp-train - trains a two-layer neural network on MNIST and tells how it went\n\n"
          "  mlp-train --hidden 50 --lr 0.1 --iters 10000          the chapter's experiment\n"
          "  mlp-train --data data/digits --iters 2000 --lr 0.5    without a download\n"
          "  mlp-train --csv curve.csv                             the curves, for any plotter\n"
          "  mlp-train --checkpoint run.ckpt                       goes on after a kill -9 with\n"
          "  mlp-train --resume run.ckpt\n",
          out);
    for (size_t i = 0; i < N_SPECS; i++) {
        const spec *s = &specs[i];
        if (is_group(s)) {
            fprintf(out, "\n%s\n", s->name);
            continue;
        }
        char left[320], names[256];
        if (s->names != NULL)
            join_names(names, sizeof names, s->names);
        snprintf(left, sizeof left, "--%s %s", s->name,
                 s->names != NULL ? names
                 : s->arg != NULL ? s->arg
                                  : "");
        if (strlen(left) <= 26)
            fprintf(out, "  %-26s %s", left, s->help);
        else
            fprintf(out, "  %s\n  %-26s %s", left, "", s->help);
        char text[32];
        const char *value = value_text(text, sizeof text, &o, s);
        if (value != NULL)
            fprintf(out, " [%s]", value);
        fputc('\n', out);
    }
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        fprintf(out, "%s  %-14s%s\n", i == 0 ? "\nPresets\n" : "", presets[i].name,
                presets[i].options);
    fputs("\nThe table goes to standard output, all talk to standard error; with --csv - standard\n"
          "output carries the CSV alone. Exit: 0 done, 1 failed, 2 wrong usage, 130 or 143 "
          "stopped.\n",
          out);
}

/* ---- for the checkpoint ---- */

/* Whether the checkpoint has it: what decides, and of the rest the files and numbers that were
   given. How a process talks is its own affair. */
static bool is_stored(const mlp_options *o, const spec *s) {
    if (s->offset == AT(resume) || s->offset == AT(check_gradient))
        return false;
    const bool lasting = s->kind == COUNT || s->kind == TEXT;
    return decides(s) || s->offset == AT(data) || (lasting && o->given[s - specs]);
}

mlp_status mlp_options_words(char **words, size_t *n, const mlp_options *o, mlp_error *err) {
    mlp_strbuf text = {0};
    for (const spec *s = specs; s < specs + N_SPECS; s++) {
        char number[32];
        const char *value = is_group(s) ? NULL : stored_text(number, sizeof number, o, s);
        if (value != NULL && is_stored(o, s))
            mlp_strbuf_print(&text, "--%s=%s%c", s->name, value, 0);
    }
    *words = text.at;
    *n = text.n;
    return text.failed ? mlp_fail_memory(err, "the options", text.n) : MLP_OK;
}

/* The options of a checkpoint: exact names, each with its value. */
static mlp_status read_words(mlp_options *o, const char *words, size_t n, mlp_error *err) {
    const mlp_options usual = defaults();
    *o = usual;
    for (const char *word = words; word < words + n; word += strlen(word) + 1) {
        const char *equals = strchr(word, '=');
        const spec *s = strncmp(word, "--", 2) == 0 && equals != NULL
                            ? find_spec(word + 2, (size_t)(equals - word) - 2)
                            : NULL;
        if (s == NULL)
            return mlp_fail(err, MLP_ERR_FORMAT, "'%.64s' is no option", word);
        if (o->given[s - specs])
            return mlp_fail(err, MLP_ERR_FORMAT, "--%s is there twice", s->name);
        const mlp_status status = set_one(o, s, equals + 1, true, err);
        if (status != MLP_OK)
            return status;
        if (!is_stored(o, s))
            return mlp_fail(err, MLP_ERR_FORMAT, "--%s is of no run", s->name);
    }
    for (const spec *s = specs; s < specs + N_SPECS; s++) {
        char text[32];
        if (decides(s) && !o->given[s - specs] && stored_text(text, sizeof text, &usual, s) != NULL)
            return mlp_fail(err, MLP_ERR_FORMAT, "--%s is missing", s->name);
    }
    return check_together(o, err);
}

static bool is_length(const spec *s) {
    return s->offset == AT(iters) || s->offset == AT(epochs);
}

/* Whether the command line sets it, itself or by its preset. */
static bool is_laid_over(const mlp_options *o, const spec *s) {
    char name[40];
    snprintf(name, sizeof name, "--%s ", s->name);
    const char *preset_line = o->preset == NULL ? "" : mlp_options_preset(o->preset);
    return o->given[s - specs] || strstr(preset_line, name) != NULL;
}

static mlp_status check_same(const mlp_options *now, const mlp_options *then, const spec *s,
                             mlp_error *err) {
    char text[32], then_text[32];
    const char *value = value_text(text, sizeof text, now, s);
    const char *then_value = value_text(then_text, sizeof then_text, then, s);
    if (then_value != NULL && value != NULL && strcmp(value, then_value) == 0)
        return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--%s: %s would alter the run of %s, which has %s; leave it out, or start a "
                    "new run without --resume",
                    s->name, value == NULL ? "none" : value, now->resume,
                    then_value == NULL ? "none" : then_value);
}

static void copy_field(mlp_options *to, const mlp_options *from, const spec *s) {
    static const size_t sizes[] = {[COUNT] = sizeof(size_t),
                                   [REAL] = sizeof(double),
                                   [NAME] = sizeof(char *),
                                   [TEXT] = sizeof(char *),
                                   [FLAG] = sizeof(bool)};
    memcpy((char *)to + s->offset, (const char *)from + s->offset, sizes[s->kind]);
}

mlp_status mlp_options_resume(mlp_options *options, mlp_options *then, const char *words, size_t n,
                              mlp_error *err) {
    const mlp_options now = *options;
    mlp_error wrong = {0};
    if (read_words(then, words, n, &wrong) != MLP_OK)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is a damaged checkpoint: its options: %s; use an older copy of it, or "
                        "start again without --resume",
                        now.resume, wrong.message);
    *options = *then;
    if (mlp_options_given(&now, "data")) /* all four files anew */
        options->train_images = options->train_labels = options->test_images =
            options->test_labels = NULL;
    for (const spec *s = specs; s < specs + N_SPECS; s++) {
        if (is_group(s) || !is_laid_over(&now, s))
            continue;
        if ((decides(s) && !is_length(s)) || s->offset == AT(load)) {
            const mlp_status status = check_same(&now, then, s, err);
            if (status != MLP_OK)
                return status;
        }
        copy_field(options, &now, s);
        options->given[s - specs] = true;
        if (is_length(s)) {
            options->iters = now.iters;
            options->epochs = now.epochs;
        }
    }
    return check_together(options, err);
}

/* ---- for the trainer ---- */

static mlp_augment_settings augment_settings(const mlp_options *o) {
    const bool elastic = strcmp(o->augment, "elastic") == 0;
    const bool affine = elastic || strcmp(o->augment, "affine") == 0;
    const bool shift = affine || strcmp(o->augment, "shift") == 0;
    return (mlp_augment_settings){.rotate = affine ? o->rotate : 0,
                                  .scale = affine ? o->scale : 0,
                                  .shear = affine ? o->shear : 0,
                                  .shift = shift ? o->shift : 0,
                                  .alpha = elastic ? o->elastic_alpha : 0,
                                  .sigma = o->elastic_sigma};
}

mlp_train_settings mlp_options_settings(const mlp_options *o, size_t n) {
    const size_t epoch = (n - 1) / o->batch_size + 1;
    return (mlp_train_settings){
        .iterations = o->epochs > 0 ? o->epochs * epoch : o->iters,
        .batch_size = o->batch_size,
        .eval_every = o->eval_every == MLP_EVERY_EPOCH ? epoch : o->eval_every,
        .lr = o->lr,
        .schedule = mlp_schedule_find(o->lr_schedule),
        .warmup = o->warmup,
        .sampling =
            strcmp(o->sampling, "shuffle") == 0 ? MLP_SAMPLING_SHUFFLE : MLP_SAMPLING_REPLACEMENT,
        .optimizer = {.kind = mlp_optimizer_find(o->optimizer),
                      .momentum = o->momentum,
                      .beta1 = o->beta1,
                      .beta2 = o->beta2,
                      .epsilon = o->epsilon,
                      .weight_decay = o->weight_decay},
        .augment = augment_settings(o),
        .dropout = o->dropout,
        .average = o->average,
        .fade = o->fade,
        .label_smoothing = o->label_smoothing,
        .early_stop = o->early_stop,
        .loss_after = strcmp(o->log_loss, "after") == 0,
        .numerical = strcmp(o->gradient, "numerical") == 0,
        .seed = o->seed,
    };
}

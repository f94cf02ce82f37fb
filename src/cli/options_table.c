/* options_table.c - every option of the command line, the defaults and the presets. */
#include "mlp/cli/options_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/team.h"
#include "mlp/net/network.h"
#include "mlp/train/optimizer.h"
#include "mlp/train/schedule.h"

mlp_options mlp_options_defaults(void) {
    const char *data = getenv("MLP_TRAIN_DATA");
    const int processors = mlp_processors();
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
        .pixel_std = 1,
    };
}

double mlp_default_lr(const char *optimizer) { return strncmp(optimizer, "adam", 4) == 0 ? 0.001 : 0.1; }

/* ---- lists of names: the i-th, NULL after the last ---- */

static const char *nth(const char *const *names, size_t n, size_t i) { return i < n ? names[i] : NULL; }

#define NAME_LIST(function, ...)                                                                                       \
    static const char *function(size_t i) {                                                                            \
        static const char *const names[] = {__VA_ARGS__};                                                              \
        return nth(names, sizeof names / sizeof *names, i);                                                            \
    }

NAME_LIST(transpose_name, "yes", "no")
NAME_LIST(sampling_name, "replacement", "shuffle")
NAME_LIST(first_layer_name, "auto", "dense", "sparse")
NAME_LIST(augment_name, "none", "shift", "affine", "elastic")
NAME_LIST(gradient_name, "backprop", "numerical")
NAME_LIST(log_loss_name, "before", "after")
NAME_LIST(progress_name, "auto", "always", "never")
NAME_LIST(lesson_name, "list", "loss", "activation", "derivative", "gradient", "descent", "simple-net", "step-by-step")

/* ---- presets ---- */

static const struct {
    const char *name, *options;
} presets[] = {
    {"chapter", "--hidden 50 --activation sigmoid --loss cross-entropy --init normal --init-std 0.01 "
                "--sampling replacement --batch-size 100 --optimizer sgd --lr 0.1 --iters 10000"},
    {"keras", "--hidden 50 --activation sigmoid --loss cross-entropy --init glorot "
              "--sampling shuffle --batch-size 32 --optimizer adam --lr 0.001 --epochs 10"},
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

const char *mlp_preset_name(size_t i) { return i < sizeof presets / sizeof *presets ? presets[i].name : NULL; }

const char *mlp_options_preset(const char *name) {
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, name) == 0) return presets[i].options;
    return NULL;
}

/* ---- the table ---- */

enum {
    TRAIN = 1 << MLP_MODE_TRAIN | 1 << MLP_MODE_RESUME,
    EVAL = 1 << MLP_MODE_EVAL,
    PREDICT = 1 << MLP_MODE_PREDICT,
    CHECK = 1 << MLP_MODE_CHECK_GRADIENT,
    SAMPLES = 1 << MLP_MODE_SAMPLES,
    CONVERT = 1 << MLP_MODE_CONVERT,
    LESSON = 1 << MLP_MODE_LESSON,
    TRAIN_SET = TRAIN | CHECK | SAMPLES, /* the modes that read the train set */
    LOADS = 1 << MLP_MODE_TRAIN | CHECK | EVAL | PREDICT | CONVERT,
    EVERY_MODE = (1 << MLP_N_MODES) - 1
};

#define AT(field) offsetof(mlp_options, field)

/* ---- conditions of several options ---- */

/* clang-format off */
#define ITERS {"iters", NULL, TRAIN} /* at least one iteration */
#define ADAM {"optimizer", "adam|adamw", 0}
#define AFFINE {"augment", "affine|elastic", 0}
#define ELASTIC {"augment", "elastic", 0}
#define ANY_AUGMENT {"augment", "shift|affine|elastic", 0}
#define LOADED {"load", NULL, 0}
#define STEPS {"lesson", "step-by-step", LESSON} /* the lesson that reads data */
#define DESCENT {"lesson", "descent|step-by-step", LESSON}
/* clang-format on */

const mlp_option mlp_option_table[MLP_N_OPTIONS] = {
    {DATA, TEXT, "data", AT(data), TRAIN_SET | EVAL | LESSON, .arg = "DIR", .needs = {STEPS}, .common = true,
     .help = "directory of the four IDX files, plain or gzip"},
    {DATA, TEXT, "train-images", AT(train_images), TRAIN_SET | LESSON, .needs = {STEPS},
     .help = "train images, instead of the file in --data"},
    {DATA, TEXT, "train-labels", AT(train_labels), TRAIN_SET | LESSON, .needs = {STEPS},
     .help = "train labels, instead of the file in --data"},
    {DATA, TEXT, "test-images", AT(test_images), TRAIN_SET | EVAL | LESSON, .needs = {STEPS},
     .help = "test images, instead of the file in --data"},
    {DATA, TEXT, "test-labels", AT(test_labels), TRAIN_SET | EVAL | LESSON, .needs = {STEPS},
     .help = "test labels, instead of the file in --data"},
    {DATA, COUNT, "train-limit", AT(train_limit), TRAIN_SET, 1, UINT32_MAX,
     .help = "use only the first N train images"},
    {DATA, COUNT, "test-limit", AT(test_limit), TRAIN | EVAL, 1, UINT32_MAX,
     .help = "use only the first N test images"},
    {DATA, NAME, "transpose", AT(transpose), TRAIN_SET | EVAL | PREDICT, .names = transpose_name, .arg = "[yes|no]",
     .alone = "yes", .help = "exchange rows and columns of IDX images, for EMNIST's files; the model records it"},
    {DATA, REAL, "validation", AT(validation), TRAIN, 0, 0.9,
     .help = "fraction of the train set used only for evaluation; --seed chooses the images"},
    {NETWORK, COUNT, "hidden", AT(hidden), TRAIN | CHECK | EVAL | PREDICT | CONVERT, 1, MLP_MAX_HIDDEN, .common = true,
     .help = "units of the hidden layer"},
    {NETWORK, NAME, "activation", AT(activation), TRAIN | CHECK | EVAL | PREDICT | CONVERT,
     .names = mlp_activation_name, .help = "activation function of the hidden units"},
    {NETWORK, NAME, "loss", AT(loss), TRAIN | CHECK | EVAL, .names = mlp_loss_name,
     .help = "loss of the softmax outputs, mean over the batch"},
    {NETWORK, NAME, "init", AT(init), TRAIN | CHECK, .names = mlp_init_name, .excludes = {LOADED},
     .help = "initial weights; biases start at 0"},
    {NETWORK, REAL, "init-std", AT(init_std), TRAIN | CHECK, 0, 1000, .needs = {{"init", "normal", 0}},
     .excludes = {LOADED}, .help = "standard deviation of the initial weights"},
    {NETWORK, NAME, "first-layer", AT(first_layer), TRAIN | EVAL | PREDICT, .names = first_layer_name,
     .excludes = {{"gradient", "numerical", 0}},
     .help = "compute the first layer from all pixels, by BLAS (dense), or only from pixels that are not 0 (sparse)"},
    {TRAINING, COUNT, "iters", AT(iters), TRAIN | LESSON, 0, 1e12, .needs = {DESCENT},
     .excludes = {{"epochs", NULL, 0}}, .common = true, .help = "iterations (weight updates)"},
    {TRAINING, COUNT, "epochs", AT(epochs), TRAIN, 1, 1e9, .common = true,
     .help = "passes over the train set, instead of --iters"},
    {TRAINING, COUNT, "batch-size", AT(batch_size), TRAIN, 1, 1e6, .needs = {ITERS}, .common = true,
     .help = "images in a batch"},
    {TRAINING, NAME, "sampling", AT(sampling), TRAIN, .names = sampling_name, .needs = {ITERS},
     .help = "draw images with replacement, or each image once in an epoch"},
    {TRAINING, NAME, "optimizer", AT(optimizer), TRAIN, .names = mlp_optimizer_name, .needs = {ITERS}, .common = true,
     .help = "rule that updates the weights"},
    {TRAINING, REAL, "lr", AT(lr), TRAIN | LESSON, 0, 1e38, .needs = {ITERS, DESCENT}, .common = true,
     .help = "learning rate; 0.001 for adam, adamw"},
    {TRAINING, NAME, "lr-schedule", AT(lr_schedule), TRAIN, .names = mlp_schedule_name, .needs = {ITERS},
     .help = "step: 1/10 of --lr after 1/2 of the run, 1/100 after 3/4; cosine: falls to 0"},
    {TRAINING, COUNT, "warmup", AT(warmup), TRAIN, 0, 1e12, .needs = {ITERS},
     .help = "iterations in which the learning rate rises to --lr"},
    {TRAINING, REAL, "momentum", AT(momentum), TRAIN, 0, 1, .needs = {ITERS, {"optimizer", "momentum", 0}},
     .help = "momentum coefficient"},
    {TRAINING, REAL, "beta1", AT(beta1), TRAIN, 0, 0.999999, .needs = {ITERS, ADAM},
     .help = "decay of the mean of the gradients"},
    {TRAINING, REAL, "beta2", AT(beta2), TRAIN, 0, 0.999999999, .needs = {ITERS, ADAM},
     .help = "decay of the mean of the squared gradients"},
    {TRAINING, REAL, "epsilon", AT(epsilon), TRAIN, 1e-30, 1, .needs = {ITERS, ADAM},
     .help = "added to the square root of the mean of the squared gradients"},
    {TRAINING, REAL, "weight-decay", AT(weight_decay), TRAIN, 0, 1000, .needs = {ITERS},
     .help = "decoupled with adamw, L2 penalty with the others"},
    {TRAINING, REAL, "dropout", AT(dropout), TRAIN, 0, 0.99, .arg = "P", .needs = {ITERS},
     .help = "probability of leaving out a hidden unit"},
    {TRAINING, REAL, "average", AT(average), TRAIN, 0, 0.999999, .needs = {ITERS},
     .help = "evaluate and save a moving average of the weights; X is its decay in 10 iterations"},
    {TRAINING, REAL, "label-smoothing", AT(label_smoothing), TRAIN | CHECK, 0, 0.9, .needs = {ITERS},
     .help = "fraction of the label's target that is distributed among all classes, in training only"},
    {TRAINING, COUNT, "early-stop", AT(early_stop), TRAIN, 1, 1e9,
     .needs = {ITERS, {"validation", NULL, 0}, {"eval-every", NULL, 0}},
     .help = "stop after N evaluations without a lower validation loss; keep the best weights"},
    {TRAINING, NAME, "gradient", AT(gradient), TRAIN, .names = gradient_name, .needs = {ITERS},
     .help = "numerical: central differences in double precision, slow"},
    {TRAINING, NAME, "log-loss", AT(log_loss), TRAIN, .names = log_loss_name, .needs = {ITERS},
     .help = "report the batch loss before or after its update"},
    {TRAINING, COUNT, "eval-every", AT(eval_every), TRAIN, 0, 1e12, .needs = {ITERS},
     .help = "iterations between evaluations; 0: only at the end"},
    {TRAINING, COUNT, "seed", AT(seed), TRAIN_SET | LESSON, 0, 9007199254740992.0,
     .needs = {{"augment", "shift|affine|elastic", SAMPLES}, {"lesson", "simple-net|step-by-step", LESSON}},
     .excludes = {{"load", NULL, CHECK}}, .common = true, .help = "random seed; same seed, same results"},
    {DISTORTION, NAME, "augment", AT(augment), TRAIN | SAMPLES, .names = augment_name, .needs = {ITERS},
     .help = "distort train images before each use: shift; affine: also rotate, scale and shear; elastic: also bend"},
    {DISTORTION, REAL, "rotate", AT(rotate), TRAIN | SAMPLES, 0, 180, .needs = {ITERS, AFFINE},
     .help = "rotate by up to X degrees in both directions"},
    {DISTORTION, REAL, "scale", AT(scale), TRAIN | SAMPLES, 0, 0.9, .needs = {ITERS, AFFINE},
     .help = "scale each axis by up to this fraction"},
    {DISTORTION, REAL, "shear", AT(shear), TRAIN | SAMPLES, 0, 2, .needs = {ITERS, AFFINE},
     .help = "shear: a row moves by up to X pixels for each row between it and the centre"},
    {DISTORTION, REAL, "shift", AT(shift), TRAIN | SAMPLES, 0, 1000, .needs = {ITERS, ANY_AUGMENT},
     .help = "shift by up to X pixels along each axis"},
    {DISTORTION, REAL, "elastic-alpha", AT(elastic_alpha), TRAIN | SAMPLES, 0, 10000, .needs = {ITERS, ELASTIC},
     .help = "size of the random displacements in pixels"},
    {DISTORTION, REAL, "elastic-sigma", AT(elastic_sigma), TRAIN | SAMPLES, 0.1, 100,
     .needs = {ITERS, ELASTIC, {"elastic-alpha", NULL, 0}},
     .help = "standard deviation in pixels of the Gaussian that smooths the displacements"},
    {DISTORTION, REAL, "fade", AT(fade), TRAIN, 0, 1, .needs = {ITERS, ANY_AUGMENT},
     .help = "fraction of the run, at its end, in which the distortions decrease to none"},
    {RUN, NAME, "preset", AT(preset), TRAIN_SET, .names = mlp_preset_name, .common = true,
     .help = "set several options at once; options you type win"},
    {RUN, COUNT, "threads", AT(threads), TRAIN | CHECK | SAMPLES | EVAL | PREDICT, 1, 1024,
     .help = "worker threads; results do not depend on the number"},
    {RUN, TEXT, "checkpoint", AT(checkpoint), TRAIN, .common = true,
     .help = "write resumable checkpoints here, atomically"},
    {RUN, COUNT, "checkpoint-every", AT(checkpoint_every), TRAIN, 0, 1e12, .needs = {ITERS, {"checkpoint", NULL, 0}},
     .help = "iterations between checkpoints; 0: only at the end"},
    {RUN, TEXT, "resume", AT(resume), 1 << MLP_MODE_RESUME,
     .help = "continue the run of this checkpoint with its options; options that would change its results are refused. "
             "auto: use the file of --checkpoint if it exists, else start a new run"},
    {MODEL, TEXT, "save", AT(save), TRAIN, .common = true, .help = "write the trained network, as safetensors"},
    {MODEL, TEXT, "load", AT(load), TRAIN | CHECK | EVAL | PREDICT | CONVERT, .common = true,
     .help = "start from the network in this file"},
    {MODEL, REAL, "pixel-mean", AT(pixel_mean), LOADS, -1e6, 1e6, .needs = {LOADED},
     .help = "the loaded network was trained on (pixel - X) / --pixel-std"},
    {MODEL, REAL, "pixel-std", AT(pixel_std), LOADS, 1e-6, 1e6, .needs = {LOADED},
     .help = "see --pixel-mean; PyTorch's MNIST example has 0.1307 and 0.3081"},
    {MODEL, TEXT, "class-names", AT(class_names), TRAIN | EVAL | PREDICT, .arg = "FILE|A,B,...",
     .help = "names of the classes: a file with one on each line, or a list; models keep them"},
    {MODEL, TEXT, "export", AT(export), TRAIN | CONVERT,
     .help = "write the network for other programs: .npz, .onnx or .h (C); with --load and without --iters or --epochs "
             "this only converts"},
    {MODEL, FLAG, "eval", AT(eval), EVAL, .needs = {LOADED}, .common = true,
     .help = "evaluate the loaded network on the test set"},
    {MODEL, TEXT, "confusion", AT(confusion), TRAIN | EVAL,
     .help = "write the confusion matrix of the test set, as CSV"},
    {MODEL, TEXT, "report", AT(report), TRAIN | EVAL,
     .help = "write one HTML page that shows what the network learned, with a canvas to draw on"},
    {MODEL, TEXT, "weights", AT(weights), TRAIN | EVAL,
     .help = "draw the weights of each hidden unit as a picture, all in one PNG or PGM"},
    {MODEL, TEXT, "mistakes", AT(mistakes), TRAIN | EVAL,
     .help = "write the most confident mistakes on the test set as one PNG or PGM, or list all in a .csv"},
    {MODEL, TEXT, "predict", AT(predict), PREDICT, .arg = "FILE...", .needs = {LOADED}, .common = true, .once = true,
     .help = "classify the images of files and directories (IDX, PNG, PGM, PBM; -: stdin)"},
    {MODEL, FLAG, "fit", AT(fit), PREDICT,
     .help = "scale and centre drawings of any size like MNIST's digits, before --predict"},
    {MODEL, TEXT, "fitted", AT(fitted), PREDICT, .needs = {{"fit", NULL, 0}},
     .help = "write the images as --fit makes them, as one IDX file"},
    {MODEL, FLAG, "split", AT(split), PREDICT, .needs = {{"fit", NULL, 0}},
     .help = "predict each of several separate digits in a picture: a row and a box for each"},
    {MODEL, REAL, "min-probability", AT(min_probability), PREDICT, 0, 1,
     .help = "leave the label empty if its probability is below X"},
    {OUTPUT, TEXT, "csv", AT(csv), TRAIN | LESSON, .excludes = {{"lesson", "list", 0}}, .common = true,
     .help = "write the learning curve, or the data of a lesson (-: stdout)"},
    {OUTPUT, TEXT, "samples", AT(samples), SAMPLES,
     .help = "write the first 100 train images, distorted, to this PNG or PGM; do not train"},
    {OUTPUT, COUNT, "trace", AT(trace), TRAIN, 1, 1e6, .needs = {ITERS},
     .help = "print probabilities, targets and loss in the first N iterations"},
    {OUTPUT, COUNT, "check-gradient", AT(check_gradient), CHECK, 1, 1000, .arg = "[N]", .alone = "10",
     .help = "compare backpropagation with numerical gradients on N images (10); do not train"},
    {OUTPUT, NAME, "lesson", AT(lesson), LESSON, .names = lesson_name, .arg = "[NAME]", .alone = "list", .common = true,
     .help = "print the numbers of one part of the textbook chapter; alone: list the lessons"},
    {OUTPUT, FLAG, "quiet", AT(quiet), TRAIN | EVAL | PREDICT | SAMPLES | CONVERT, .excludes = {{"verbose", NULL, 0}},
     .help = "print only the final line"},
    {OUTPUT, FLAG, "verbose", AT(verbose), TRAIN | EVAL | PREDICT,
     .help = "also print files, times, memory; with --predict the images"},
    {OUTPUT, NAME, "progress", AT(progress), TRAIN, .names = progress_name, .needs = {ITERS},
     .excludes = {{"quiet", NULL, 0}}, .help = "progress line on stderr; auto: if that is a terminal"},
    {OUTPUT, TEXT, "help", AT(help), EVERY_MODE, .arg = "[TOPIC]", .alone = "",
     .help = "print help on a group or an option, or on all; exit"},
    {OUTPUT, FLAG, "version", AT(version), EVERY_MODE, .help = "print the version and the BLAS; exit"},
};

const char *mlp_option_group_name(size_t group) {
    static const char *const names[] = {"Data", "Network", "Training", "Distortion", "Run", "Model", "Output"};
    return names[group];
}

/* ---- reading it ---- */

bool mlp_option_decides(const mlp_option *s) {
    return s->group <= DISTORTION && (s->kind == COUNT || s->kind == REAL || s->kind == NAME);
}

const mlp_option *mlp_option_find(const char *name, size_t length) {
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (strlen(mlp_option_table[i].name) == length && memcmp(mlp_option_table[i].name, name, length) == 0)
            return &mlp_option_table[i];
    return NULL;
}

const char *mlp_option_arg(const mlp_option *s) {
    static const char *const usual[] = {[COUNT] = "N", [REAL] = "X", [TEXT] = "FILE"};
    return s->arg != NULL ? s->arg : s->kind == NAME || s->kind == FLAG ? "" : usual[s->kind];
}

mlp_origin mlp_option_origin(const mlp_options *o, const mlp_option *s) {
    return (mlp_origin)o->origin[s - mlp_option_table];
}

void mlp_option_names(char *text, size_t size, const char *(*names)(size_t)) {
    size_t used = 0;
    *text = '\0';
    for (size_t i = 0; names(i) != NULL && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "|" : "", names(i));
}

const char *mlp_option_text(char *text, size_t size, const mlp_options *o, const mlp_option *s) {
    const void *field = (const char *)o + s->offset;
    switch (s->kind) {
    case COUNT:
        if (*(const size_t *)field == MLP_EVERY_EPOCH) return "one epoch";
        if (*(const size_t *)field == 0 && s->min > 0) /* not set: no limit, no trace ... */
            return NULL;
        snprintf(text, size, "%zu", *(const size_t *)field);
        return text;
    case REAL:
        for (int digits = 6; digits <= 17; digits++) { /* as few digits as give the same number */
            snprintf(text, size, "%.*g", digits, *(const double *)field);
            if (strtod(text, NULL) == *(const double *)field) break;
        }
        return text;
    case NAME:
    case TEXT: return *(const char *const *)field;
    case FLAG: return *(const bool *)field ? "" : NULL;
    }
    return NULL;
}

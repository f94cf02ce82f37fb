/* options_table.c - every option of the command line, the defaults and the presets. */
#include "mlp/cli/options_table.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/team.h"
#include "mlp/cli/options_rules.h"
#include "mlp/net/network.h"
#include "mlp/train/optimizer.h"
#include "mlp/train/schedule.h"

mlp_options mlp_options_defaults(void) {
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

double mlp_default_lr(const char *optimizer) {
    return strncmp(optimizer, "adam", 4) == 0 ? 0.001 : 0.1;
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

static const mlp_preset presets[] = {
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

enum {
    RESUME = 1 << MLP_MODE_RESUME,
    TRAIN_MODES = 1 << MLP_MODE_TRAIN | RESUME,
    EVAL = 1 << MLP_MODE_EVAL,
    PREDICT = 1 << MLP_MODE_PREDICT,
    CHECK = 1 << MLP_MODE_CHECK_GRADIENT,
    SAMPLES = 1 << MLP_MODE_SAMPLES,
    CONVERT = 1 << MLP_MODE_CONVERT,
    EVERY_MODE = (1 << MLP_N_MODES) - 1
};

const mlp_option mlp_option_table[MLP_N_OPTIONS] = {
    {DATA, TEXT, "data", MLP_AT(data), .arg = "DIR", .modes = TRAIN_MODES | CHECK | SAMPLES | EVAL,
     .common = true, .help = "directory of the four IDX files, plain or gzip"},
    {DATA, TEXT, "train-images", MLP_AT(train_images), .arg = "FILE",
     .modes = TRAIN_MODES | CHECK | SAMPLES, .help = "train images, instead of the file in --data"},
    {DATA, TEXT, "train-labels", MLP_AT(train_labels), .arg = "FILE",
     .modes = TRAIN_MODES | CHECK | SAMPLES, .help = "train labels, instead of the file in --data"},
    {DATA, TEXT, "test-images", MLP_AT(test_images), .arg = "FILE",
     .modes = TRAIN_MODES | CHECK | SAMPLES | EVAL,
     .help = "test images, instead of the file in --data"},
    {DATA, TEXT, "test-labels", MLP_AT(test_labels), .arg = "FILE",
     .modes = TRAIN_MODES | CHECK | SAMPLES | EVAL,
     .help = "test labels, instead of the file in --data"},
    {DATA, COUNT, "train-limit", MLP_AT(train_limit), .min = 1, .max = UINT32_MAX, .arg = "N",
     .modes = TRAIN_MODES | CHECK | SAMPLES, .help = "use only the first N train images"},
    {DATA, COUNT, "test-limit", MLP_AT(test_limit), .min = 1, .max = UINT32_MAX, .arg = "N",
     .modes = TRAIN_MODES | EVAL, .help = "use only the first N test images"},
    {DATA, REAL, "validation", MLP_AT(validation), .max = 0.9, .arg = "X", .modes = TRAIN_MODES,
     .help = "fraction of the train set to hold out, drawn by --seed"},
    {NETWORK, COUNT, "hidden", MLP_AT(hidden), .min = 1, .max = MLP_MAX_HIDDEN, .arg = "N",
     .modes = TRAIN_MODES | CHECK | EVAL | PREDICT | CONVERT, .common = true,
     .help = "units of the hidden layer"},
    {NETWORK, NAME, "activation", MLP_AT(activation), .names = mlp_activation_name,
     .modes = TRAIN_MODES | CHECK | EVAL | PREDICT | CONVERT,
     .help = "activation function of the hidden units"},
    {NETWORK, NAME, "loss", MLP_AT(loss), .names = mlp_loss_name,
     .modes = TRAIN_MODES | CHECK | EVAL,
     .help = "loss of the softmax outputs, mean over the batch"},
    {NETWORK, NAME, "init", MLP_AT(init), .names = mlp_init_name, .modes = TRAIN_MODES | CHECK,
     .excludes = "load", .help = "initial weights; biases start at 0"},
    {NETWORK, REAL, "init-std", MLP_AT(init_std), .max = 1000, .arg = "X",
     .modes = TRAIN_MODES | CHECK, .needs = "init=normal", .excludes = "load",
     .help = "standard deviation of the initial weights"},
    {NETWORK, NAME, "first-layer", MLP_AT(first_layer), .names = first_layer_name,
     .modes = TRAIN_MODES | EVAL | PREDICT, .excludes = "gradient=numerical",
     .help = "how the first layer is computed: by BLAS, or without the pixels that are 0"},
    {TRAINING, COUNT, "iters", MLP_AT(iters), .max = 1e12, .arg = "N", .modes = TRAIN_MODES,
     .excludes = "epochs", .common = true, .help = "iterations (weight updates)"},
    {TRAINING, COUNT, "epochs", MLP_AT(epochs), .min = 1, .max = 1e9, .arg = "N",
     .modes = TRAIN_MODES, .excludes = "iters", .common = true,
     .help = "passes over the train set, instead of --iters"},
    {TRAINING, COUNT, "batch-size", MLP_AT(batch_size), .min = 1, .max = 1e6, .arg = "N",
     .modes = TRAIN_MODES, .needs = "iters", .common = true, .help = "images in an update"},
    {TRAINING, NAME, "sampling", MLP_AT(sampling), .names = sampling_name, .modes = TRAIN_MODES,
     .needs = "iters", .help = "draw images with replacement, or each one once an epoch"},
    {TRAINING, NAME, "optimizer", MLP_AT(optimizer), .names = mlp_optimizer_name,
     .modes = TRAIN_MODES, .needs = "iters", .common = true,
     .help = "rule that updates the weights"},
    {TRAINING, REAL, "lr", MLP_AT(lr), .max = 1e38, .arg = "X", .modes = TRAIN_MODES,
     .needs = "iters", .common = true, .help = "learning rate; 0.001 for adam, adamw"},
    {TRAINING, NAME, "lr-schedule", MLP_AT(lr_schedule), .names = mlp_schedule_name,
     .modes = TRAIN_MODES, .needs = "iters",
     .help = "step: 1/10 of --lr after 1/2 of the run, 1/100 after 3/4; cosine: falls to 0"},
    {TRAINING, COUNT, "warmup", MLP_AT(warmup), .max = 1e12, .arg = "N", .modes = TRAIN_MODES,
     .needs = "iters", .help = "iterations in which the learning rate rises to --lr"},
    {TRAINING, REAL, "momentum", MLP_AT(momentum), .max = 1, .arg = "X", .modes = TRAIN_MODES,
     .needs = "iters optimizer=momentum", .help = "momentum coefficient"},
    {TRAINING, REAL, "beta1", MLP_AT(beta1), .max = 0.999999, .arg = "X", .modes = TRAIN_MODES,
     .needs = "iters optimizer=adam|adamw", .help = "decay of the mean of the gradients"},
    {TRAINING, REAL, "beta2", MLP_AT(beta2), .max = 0.999999999, .arg = "X", .modes = TRAIN_MODES,
     .needs = "iters optimizer=adam|adamw", .help = "decay of the mean of their squares"},
    {TRAINING, REAL, "epsilon", MLP_AT(epsilon), .min = 1e-30, .max = 1, .arg = "X",
     .modes = TRAIN_MODES, .needs = "iters optimizer=adam|adamw",
     .help = "added to the square root of that mean"},
    {TRAINING, REAL, "weight-decay", MLP_AT(weight_decay), .max = 1000, .arg = "X",
     .modes = TRAIN_MODES, .needs = "iters",
     .help = "decoupled with adamw, L2 penalty with the others"},
    {TRAINING, REAL, "dropout", MLP_AT(dropout), .max = 0.99, .arg = "P", .modes = TRAIN_MODES,
     .needs = "iters", .help = "probability of leaving out a hidden unit"},
    {TRAINING, REAL, "average", MLP_AT(average), .max = 0.999999, .arg = "X", .modes = TRAIN_MODES,
     .needs = "iters",
     .help = "evaluate and save a moving average of the weights; X is its decay in 10 iterations"},
    {TRAINING, REAL, "label-smoothing", MLP_AT(label_smoothing), .max = 0.9, .arg = "X",
     .modes = TRAIN_MODES | CHECK, .needs = "iters",
     .help = "part of the label's target that is shared by all classes, in training only"},
    {TRAINING, COUNT, "early-stop", MLP_AT(early_stop), .min = 1, .max = 1e9, .arg = "N",
     .modes = TRAIN_MODES, .needs = "iters validation eval-every",
     .help = "stop after N evaluations without a lower validation loss; keep the best weights"},
    {TRAINING, NAME, "gradient", MLP_AT(gradient), .names = gradient_name, .modes = TRAIN_MODES,
     .needs = "iters", .help = "numerical: central differences in double precision, slow"},
    {TRAINING, NAME, "log-loss", MLP_AT(log_loss), .names = log_loss_name, .modes = TRAIN_MODES,
     .needs = "iters", .help = "report the batch loss before or after its update"},
    {TRAINING, COUNT, "eval-every", MLP_AT(eval_every), .max = 1e12, .arg = "N",
     .modes = TRAIN_MODES, .needs = "iters",
     .help = "iterations between evaluations; 0: only at the end"},
    {TRAINING, COUNT, "seed", MLP_AT(seed), .max = 9007199254740992.0, .arg = "N",
     .modes = TRAIN_MODES | CHECK | SAMPLES, .needs = "samples:augment=shift|affine|elastic",
     .excludes = "check-gradient:load", .common = true,
     .help = "of all random numbers; same seed, same results"},
    {DISTORTION, NAME, "augment", MLP_AT(augment), .names = augment_name,
     .modes = TRAIN_MODES | SAMPLES, .needs = "iters",
     .help = "distort train images anew each time they are drawn: shift; affine: also rotate, "
             "scale and shear; elastic: also bend"},
    {DISTORTION, REAL, "rotate", MLP_AT(rotate), .max = 180, .arg = "X",
     .modes = TRAIN_MODES | SAMPLES, .needs = "iters augment=affine|elastic",
     .help = "rotate by up to X degrees either way"},
    {DISTORTION, REAL, "scale", MLP_AT(scale), .max = 0.9, .arg = "X",
     .modes = TRAIN_MODES | SAMPLES, .needs = "iters augment=affine|elastic",
     .help = "scale each axis by up to this fraction"},
    {DISTORTION, REAL, "shear", MLP_AT(shear), .max = 2, .arg = "X", .modes = TRAIN_MODES | SAMPLES,
     .needs = "iters augment=affine|elastic",
     .help = "shear: pixels that a row moves per row from the centre"},
    {DISTORTION, REAL, "shift", MLP_AT(shift), .max = 1000, .arg = "X",
     .modes = TRAIN_MODES | SAMPLES, .needs = "iters augment=shift|affine|elastic",
     .help = "shift by up to X pixels along each axis"},
    {DISTORTION, REAL, "elastic-alpha", MLP_AT(elastic_alpha), .max = 10000, .arg = "X",
     .modes = TRAIN_MODES | SAMPLES, .needs = "iters augment=elastic",
     .help = "size of the random displacements, pixels"},
    {DISTORTION, REAL, "elastic-sigma", MLP_AT(elastic_sigma), .min = 0.1, .max = 100, .arg = "X",
     .modes = TRAIN_MODES | SAMPLES, .needs = "iters augment=elastic elastic-alpha",
     .help = "standard deviation of the Gaussian that smooths them, pixels"},
    {DISTORTION, REAL, "fade", MLP_AT(fade), .max = 1, .arg = "X", .modes = TRAIN_MODES,
     .needs = "iters augment=shift|affine|elastic",
     .help = "last part of the run, in which the distortions shrink to nothing"},
    {RUN, NAME, "preset", MLP_AT(preset), .names = preset_name,
     .modes = TRAIN_MODES | CHECK | SAMPLES, .common = true,
     .help = "set several options at once; typed options win"},
    {RUN, COUNT, "threads", MLP_AT(threads), .min = 1, .max = 1024, .arg = "N",
     .modes = TRAIN_MODES | CHECK | SAMPLES | EVAL | PREDICT,
     .help = "worker threads; results do not depend on the number"},
    {RUN, TEXT, "checkpoint", MLP_AT(checkpoint), .arg = "FILE", .modes = TRAIN_MODES,
     .common = true, .help = "write resumable checkpoints here, atomically"},
    {RUN, COUNT, "checkpoint-every", MLP_AT(checkpoint_every), .max = 1e12, .arg = "N",
     .modes = TRAIN_MODES, .needs = "iters checkpoint",
     .help = "iterations between checkpoints; 0: only at the end"},
    {RUN, TEXT, "resume", MLP_AT(resume), .arg = "FILE", .modes = RESUME,
     .help = "continue the run of this checkpoint with its options; options that would change its "
             "results are refused"},
    {MODEL, TEXT, "save", MLP_AT(save), .arg = "FILE", .modes = TRAIN_MODES, .common = true,
     .help = "write the trained network, as safetensors"},
    {MODEL, TEXT, "load", MLP_AT(load), .arg = "FILE",
     .modes = TRAIN_MODES | CHECK | EVAL | PREDICT | CONVERT, .common = true,
     .help = "start from the network in this file"},
    {MODEL, TEXT, "export", MLP_AT(export), .arg = "FILE", .modes = TRAIN_MODES | CONVERT,
     .help = "write the network for other programs, as .npz or .onnx; with --load and without "
             "--iters or --epochs this only converts"},
    {MODEL, FLAG, "eval", MLP_AT(eval), .modes = EVAL, .needs = "load", .common = true,
     .help = "evaluate the loaded network on the test set"},
    {MODEL, TEXT, "confusion", MLP_AT(confusion), .arg = "FILE", .modes = TRAIN_MODES | EVAL,
     .help = "write the confusion matrix of the test set, as CSV"},
    {MODEL, TEXT, "predict", MLP_AT(predict), .arg = "FILE", .modes = PREDICT, .needs = "load",
     .common = true, .once = true, .help = "classify the images of FILE (IDX, PGM, PBM; -: stdin)"},
    {MODEL, FLAG, "fit", MLP_AT(fit), .modes = PREDICT,
     .help = "center and scale drawings of any size into MNIST's frame first"},
    {OUTPUT, TEXT, "csv", MLP_AT(csv), .arg = "FILE", .modes = TRAIN_MODES, .common = true,
     .help = "write the learning curve, a row an iteration (-: stdout)"},
    {OUTPUT, TEXT, "samples", MLP_AT(samples), .arg = "FILE", .modes = SAMPLES,
     .help = "write the first 100 train images, distorted, to this PGM; do not train"},
    {OUTPUT, COUNT, "trace", MLP_AT(trace), .min = 1, .max = 1e6, .arg = "N", .modes = TRAIN_MODES,
     .needs = "iters", .help = "print probabilities, targets and loss in the first N iterations"},
    {OUTPUT, COUNT, "check-gradient", MLP_AT(check_gradient), .min = 1, .max = 1000, .arg = "[N]",
     .alone = "10", .modes = CHECK,
     .help = "compare backpropagation with numerical gradients on N images (10); do not train"},
    {OUTPUT, FLAG, "quiet", MLP_AT(quiet),
     .modes = TRAIN_MODES | EVAL | PREDICT | SAMPLES | CONVERT, .excludes = "verbose",
     .help = "print only the final line"},
    {OUTPUT, FLAG, "verbose", MLP_AT(verbose), .modes = TRAIN_MODES | EVAL | PREDICT,
     .excludes = "quiet", .help = "also print files, times, memory; with --predict the images"},
    {OUTPUT, NAME, "progress", MLP_AT(progress), .names = progress_name, .modes = TRAIN_MODES,
     .needs = "iters", .excludes = "quiet",
     .help = "progress line on stderr; auto: if that is a terminal"},
    {OUTPUT, TEXT, "help", MLP_AT(help), .arg = "[TOPIC]", .alone = "", .modes = EVERY_MODE,
     .help = "print help on a group or an option, or on all; exit"},
    {OUTPUT, FLAG, "version", MLP_AT(version), .modes = EVERY_MODE,
     .help = "print the version and the BLAS; exit"},
};

const char *mlp_option_group_name(size_t group) {
    static const char *const names[] = {"Data", "Network", "Training", "Distortion",
                                        "Run",  "Model",   "Output"};
    return names[group];
}

/* ---- reading it ---- */

bool mlp_option_decides(const mlp_option *s) {
    return s->group <= DISTORTION && (s->kind == COUNT || s->kind == REAL || s->kind == NAME);
}

const mlp_option *mlp_option_find(const char *name, size_t length) {
    for (size_t i = 0; i < MLP_N_OPTIONS; i++)
        if (strlen(mlp_option_table[i].name) == length &&
            memcmp(mlp_option_table[i].name, name, length) == 0)
            return &mlp_option_table[i];
    return NULL;
}

const mlp_preset *mlp_preset_at(size_t i) {
    return i < sizeof presets / sizeof *presets ? &presets[i] : NULL;
}

const char *mlp_options_preset(const char *name) {
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, name) == 0)
            return presets[i].options;
    return NULL;
}

void mlp_option_names(char *text, size_t size, const char *(*names)(size_t)) {
    size_t used = 0;
    *text = '\0';
    for (size_t i = 0; names(i) != NULL && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "|" : "", names(i));
}

const char *mlp_option_text(char *text, size_t size, const mlp_options *o, const mlp_option *s) {
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
    }
    return NULL;
}

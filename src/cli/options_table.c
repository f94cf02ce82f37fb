/* options_table.c - every option of the command line: name, range, default and help. */
#include "mlp/cli/options_table.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/team.h"
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

const mlp_option mlp_option_table[MLP_N_ROWS] = {
    {RECIPE, "Data", 0, 0, 0, NULL, NULL, NULL},
    {TEXT, "data", MLP_AT(data), 0, 0, NULL, "DIR",
     "directory of the four IDX files, plain or gzip; $MLP_TRAIN_DATA if set"},
    {TEXT, "train-images", MLP_AT(train_images), 0, 0, NULL, "FILE",
     "instead of the one in --data"},
    {TEXT, "train-labels", MLP_AT(train_labels), 0, 0, NULL, "FILE", "likewise"},
    {TEXT, "test-images", MLP_AT(test_images), 0, 0, NULL, "FILE", "likewise"},
    {TEXT, "test-labels", MLP_AT(test_labels), 0, 0, NULL, "FILE", "likewise"},
    {COUNT, "train-limit", MLP_AT(train_limit), 1, UINT32_MAX, NULL, "N",
     "use the first N examples"},
    {COUNT, "test-limit", MLP_AT(test_limit), 1, UINT32_MAX, NULL, "N", "likewise"},
    {REAL, "validation", MLP_AT(validation), 0, 0.9, NULL, "X",
     "fraction of the train set kept aside, drawn by the seed"},

    {RECIPE, "Network", 0, 0, 0, NULL, NULL, NULL},
    {COUNT, "hidden", MLP_AT(hidden), 1, MLP_MAX_HIDDEN, NULL, "N", "hidden units"},
    {NAME, "activation", MLP_AT(activation), 0, 0, mlp_activation_name, NULL,
     "of the hidden units"},
    {NAME, "loss", MLP_AT(loss), 0, 0, mlp_loss_name, NULL, "of the softmax outputs; batch mean"},
    {NAME, "init", MLP_AT(init), 0, 0, mlp_init_name, NULL, "initial weights; biases start at 0"},
    {REAL, "init-std", MLP_AT(init_std), 0, 1000, NULL, "X",
     "standard deviation for --init normal"},

    {NAME, "first-layer", MLP_AT(first_layer), 0, 0, first_layer_name, NULL,
     "products through BLAS, or skipping pixels that are zero"},

    {RECIPE, "Training", 0, 0, 0, NULL, NULL, NULL},
    {COUNT, "iters", MLP_AT(iters), 0, 1e12, NULL, "N", "iterations (weight updates)"},
    {COUNT, "epochs", MLP_AT(epochs), 1, 1e9, NULL, "N",
     "instead of --iters: train size / batch size iterations each"},
    {COUNT, "batch-size", MLP_AT(batch_size), 1, 1e6, NULL, "N", "examples in an update"},
    {NAME, "sampling", MLP_AT(sampling), 0, 0, sampling_name, NULL,
     "drawn with replacement, or each once an epoch"},
    {NAME, "optimizer", MLP_AT(optimizer), 0, 0, mlp_optimizer_name, NULL,
     "how a gradient is used"},
    {REAL, "lr", MLP_AT(lr), 0, 1e38, NULL, "X", "learning rate"},
    {NAME, "lr-schedule", MLP_AT(lr_schedule), 0, 0, mlp_schedule_name, NULL,
     "step: a tenth after 1/2, a hundredth after 3/4 of the run"},
    {COUNT, "warmup", MLP_AT(warmup), 0, 1e12, NULL, "N",
     "iterations in which the rate rises to --lr"},
    {REAL, "momentum", MLP_AT(momentum), 0, 1, NULL, "X", "for --optimizer momentum"},
    {REAL, "beta1", MLP_AT(beta1), 0, 0.999999, NULL, "X", "for adam and adamw"},
    {REAL, "beta2", MLP_AT(beta2), 0, 0.999999999, NULL, "X", "for adam and adamw"},
    {REAL, "epsilon", MLP_AT(epsilon), 1e-30, 1, NULL, "X", "for adam and adamw"},
    {REAL, "weight-decay", MLP_AT(weight_decay), 0, 1000, NULL, "X",
     "decoupled for adamw, L2 for the others"},
    {REAL, "dropout", MLP_AT(dropout), 0, 0.99, NULL, "P",
     "probability that a hidden unit is dropped"},
    {REAL, "average", MLP_AT(average), 0, 0.999999, NULL, "X",
     "evaluate and save a moving average of the weights; its decay in 10 iterations"},
    {REAL, "label-smoothing", MLP_AT(label_smoothing), 0, 0.9, NULL, "X",
     "part of the label's target that all classes share, in training alone"},
    {COUNT, "early-stop", MLP_AT(early_stop), 1, 1e9, NULL, "N",
     "end after N evaluations without a better validation loss, keep the best weights"},
    {NAME, "gradient", MLP_AT(gradient), 0, 0, gradient_name, NULL,
     "numerical: central differences in double precision"},
    {NAME, "log-loss", MLP_AT(log_loss), 0, 0, log_loss_name, NULL,
     "batch loss before or after its update"},
    {COUNT, "eval-every", MLP_AT(eval_every), 0, 1e12, NULL, "N",
     "iterations between evaluations; 0: only at the end"},
    {COUNT, "seed", MLP_AT(seed), 0, 9007199254740992.0, NULL, "N",
     "same seed, same binary, same machine: the same bytes"},

    {RECIPE, "Distortion", 0, 0, 0, NULL, NULL, NULL},
    {NAME, "augment", MLP_AT(augment), 0, 0, augment_name, NULL,
     "distort train images each time they are drawn; affine shifts too, elastic does all"},
    {REAL, "rotate", MLP_AT(rotate), 0, 180, NULL, "X", "degrees; these are uniform in +-X"},
    {REAL, "scale", MLP_AT(scale), 0, 0.9, NULL, "X",
     "fraction of the size, of either axis its own"},
    {REAL, "shear", MLP_AT(shear), 0, 2, NULL, "X",
     "pixels that a row moves for each from the centre"},
    {REAL, "shift", MLP_AT(shift), 0, 1000, NULL, "X", "pixels, in either axis"},
    {REAL, "elastic-alpha", MLP_AT(elastic_alpha), 0, 10000, NULL, "X",
     "noise of +-X pixels, smoothed by a Gaussian"},
    {REAL, "elastic-sigma", MLP_AT(elastic_sigma), 0.1, 100, NULL, "X",
     "standard deviation of that Gaussian, pixels"},
    {REAL, "fade", MLP_AT(fade), 0, 1, NULL, "X",
     "last part of the run, in which all of this weakens to nothing"},

    {GROUP, "Run", 0, 0, 0, NULL, NULL, NULL},
    {NAME, "preset", MLP_AT(preset), 0, 0, preset_name, NULL,
     "fills in options; those after it override"},
    {COUNT, "threads", MLP_AT(threads), 1, 1024, NULL, "N", "without effect on the results"},
    {TEXT, "checkpoint", MLP_AT(checkpoint), 0, 0, NULL, "FILE",
     "all that the run needs to go on, whole at every moment"},
    {COUNT, "checkpoint-every", MLP_AT(checkpoint_every), 0, 1e12, NULL, "N",
     "iterations between checkpoints; 0: only at the end"},
    {TEXT, "resume", MLP_AT(resume), 0, 0, NULL, "FILE",
     "go on from a checkpoint, with its options; none is taken that would alter the run"},

    {GROUP, "Model", 0, 0, 0, NULL, NULL, NULL},
    {TEXT, "save", MLP_AT(save), 0, 0, NULL, "FILE",
     "the trained network as safetensors; an older file stays until the new one is whole"},
    {TEXT, "load", MLP_AT(load), 0, 0, NULL, "FILE",
     "start from this model; its network and loss are the defaults"},
    {TEXT, "export", MLP_AT(export), 0, 0, NULL, "FILE",
     "as .npz or .onnx, for other programs; with --load alone a conversion"},
    {FLAG, "eval", MLP_AT(eval), 0, 0, NULL, NULL,
     "judge the model on the test images, do not train"},
    {TEXT, "confusion", MLP_AT(confusion), 0, 0, NULL, "FILE",
     "CSV of how often each class of the test images was taken for each"},
    {TEXT, "predict", MLP_AT(predict), 0, 0, NULL, "FILE",
     "CSV of what each image (IDX, PGM, PBM) is taken for; - is standard input"},
    {FLAG, "fit", MLP_AT(fit), 0, 0, NULL, NULL,
     "put drawings of any size, dark or light, into MNIST's frame"},

    {GROUP, "Output", 0, 0, 0, NULL, NULL, NULL},
    {TEXT, "csv", MLP_AT(csv), 0, 0, NULL, "FILE", "a row an iteration; - is standard output"},
    {TEXT, "samples", MLP_AT(samples), 0, 0, NULL, "FILE",
     "PGM of the first 100 train images, distorted, instead of training"},
    {COUNT, "trace", MLP_AT(trace), 1, 1e6, NULL, "N",
     "print probabilities, targets and loss of the first N iterations"},
    {COUNT, "check-gradient", MLP_AT(check_gradient), 1, 1000, NULL, "[N]",
     "compare both gradients on N examples (10) instead of training"},
    {FLAG, "quiet", MLP_AT(quiet), 0, 0, NULL, NULL, "only the final line"},
    {FLAG, "verbose", MLP_AT(verbose), 0, 0, NULL, NULL,
     "also files, options filled in, times, memory"},
    {NAME, "progress", MLP_AT(progress), 0, 0, progress_name, NULL,
     "progress line on standard error; auto: on a terminal"},
    {FLAG, "help", MLP_AT(help), 0, 0, NULL, NULL, "print this and exit"},
    {FLAG, "version", MLP_AT(version), 0, 0, NULL, NULL,
     "print the version and the BLAS, and exit"},
};

bool mlp_option_is_group(const mlp_option *s) {
    return s->kind == GROUP || s->kind == RECIPE;
}

bool mlp_option_decides(const mlp_option *s) {
    if (s->kind != COUNT && s->kind != REAL && s->kind != NAME)
        return false;
    while (!mlp_option_is_group(s))
        s--;
    return s->kind == RECIPE;
}

const mlp_option *mlp_option_find(const char *name, size_t length) {
    for (size_t i = 0; i < MLP_N_ROWS; i++)
        if (!mlp_option_is_group(&mlp_option_table[i]) &&
            strlen(mlp_option_table[i].name) == length &&
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
    case GROUP:
    case RECIPE:
        break;
    }
    return NULL;
}

/* checks.h - finds data and results that are probably not what the user meant. Data that no user can mean are refused;
   the others get a warning, which says what was found, what was expected and what to do. */
#pragma once

#include "mlp/data/dataset.h"
#include "mlp/data/find.h"

/* Checks the pixels of the files, and compares those of train and test set. `train` may be NULL: then only the test set
   is checked. `then` are the pixels that `model` was trained on; NULL: not known. A usual scale is expected if both are
   NULL. */
mlp_status mlp_check_pixels(const mlp_dataset *train, const mlp_dataset *test, const mlp_dataset_paths *paths,
                            const mlp_pixels *then, const char *model, mlp_warnings *warnings, mlp_error *err);

/* Warns if the pixels do not have a usual scale. */
void mlp_check_scale(const mlp_dataset *set, const char *path, mlp_warnings *warnings);

/* Checks the labels of the files and of the part in use, and compares those of train and test set. To be called before
   a split. */
mlp_status mlp_check_labels(const mlp_dataset *train, const mlp_dataset *test, const mlp_dataset_paths *paths,
                            mlp_warnings *warnings, mlp_error *err);

/* Whether the pixels `now` have another scale or another zero point than `then`. They may use a smaller part of the
   range, as a few images do. */
bool mlp_check_differs(const mlp_pixels *now, const mlp_pixels *then);

/* Whether one of them is dark on light and the other light on dark. */
bool mlp_check_inverted(const mlp_pixels *now, const mlp_pixels *then);

/* Warns if the pixels `now` of `path` are not like those that `model` was trained on. */
void mlp_check_model(const mlp_pixels *now, const char *path, const mlp_pixels *then, const char *model,
                     mlp_warnings *warnings);

/* Warns that the images of `path` are transposed because those of `model` were. */
void mlp_check_transposed(const char *path, const char *model, mlp_warnings *warnings);

/* The result of a run, with accuracies and losses of train and test set. */
typedef struct mlp_outcome {
    const mlp_dataset *train, *test;
    double first_loss, loss; /* train loss before the first update (NaN: not known) and at the end */
    double train_accuracy, test_accuracy;
    size_t only;        /* the class that all test images are predicted as; SIZE_MAX: several classes */
    bool squared;       /* the loss is squared-error */
    const char *advice; /* an option of the run that may be the cause: ", or ..."; "": none */
} mlp_outcome;

/* At most one warning about the result of a training: a network that has learned nothing, one class for everything, a
   loss that rose, a test set of other data. The advice depends on the case. */
void mlp_check_outcome(const mlp_outcome *outcome, mlp_warnings *warnings);

/* The same for an evaluation of the model `name` with `classes` outputs. */
void mlp_check_evaluation(const char *name, const mlp_dataset *test, double loss, size_t only, size_t classes,
                          bool squared, mlp_warnings *warnings);

/* The same for predictions, without labels: `mean` is that of the n probabilities of the predicted classes. On images
   like its test images the model has a mean of `expected` or more. */
void mlp_check_predictions(const char *name, size_t n, double mean, double expected, mlp_warnings *warnings);

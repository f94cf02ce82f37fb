/* predict.c - --predict: writes a CSV row for each image. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/text.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/outputs.h"
#include "mlp/cli/report.h"
#include "mlp/data/check_texts.h"
#include "mlp/data/checks.h"
#include "mlp/data/find.h"
#include "mlp/data/images.h"
#include "mlp/formats/file.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"

enum { IDX_HEADER = 16 }; /* bytes, for three dimensions */

typedef struct predictor {
    mlp_run *run;
    mlp_files files;
    size_t file;                         /* index of the current file */
    size_t n_failed;                     /* files that could not be read completely */
    const char *name;                    /* name of the file in messages: "standard input" for - */
    size_t n_images, n_inverted, n_dark; /* images of all files; those with an inverted border; dark pictures */
    size_t n_digits, n_same; /* images that are not blank; images with nearly the same probability as the first */
    double first, sum;       /* probabilities of the predicted class: of the first image, the sum of all images */
    bool has_pictures;       /* a picture was compared with the model's pixels; all pictures are from 0 to 1, so once is
                                enough */
    bool odd_pixels;         /* there was a warning about the pixels of this file */
    bool begun;              /* the header is printed */
    mlp_images images;
    size_t n;           /* images of the file in earlier groups */
    size_t n_batches;   /* the threads of the team at creation */
    mlp_batch *batches; /* [n_batches] batches of one example: a row does not depend on its neighbours */
    float *p;           /* [MLP_IMAGES_MOST x n_out] probabilities */
    uint8_t predicted[MLP_IMAGES_MOST];
    mlp_strbuf fitted; /* the file of --fitted: the images of all files */
    mlp_strbuf row;    /* the row of the CSV that is being made */
} predictor;

static bool has_many(const predictor *r) { return r->files.n > 1 || r->run->options.n_more > 0; }

static void free_network(predictor *r) {
    for (size_t i = 0; r->batches != NULL && i < r->n_batches; i++) mlp_batch_free(&r->batches[i]);
    MLP_FREE(r->batches, r->p);
    r->batches = NULL;
    r->p = NULL;
    mlp_network_free(&r->run->net);
}

/* Creates the network with the first layer (dense or sparse) that suits the pixels of the group. If the network of the
   file before has this first layer, it is kept. */
static mlp_status build(predictor *r, mlp_error *err) {
    mlp_run *run = r->run;
    bool sparse;
    MLP_TRY(mlp_run_choose_layer(&sparse, run, NULL, r->images.set.bytes != NULL, err));
    if (r->batches != NULL && run->net.shape.sparse == sparse) return MLP_OK;
    free_network(r);
    MLP_TRY(mlp_run_build(run, sparse, err));
    MLP_NEW(r->p, MLP_IMAGES_MOST, run->net.shape.n_out, "probabilities", err);
    r->n_batches = (size_t)mlp_team_threads(run->team);
    MLP_NEW(r->batches, r->n_batches, 1, "batches", err);
    for (size_t i = 0; i < r->n_batches; i++) MLP_TRY(mlp_batch_create(&r->batches[i], &run->net, 1, false, err));
    return mlp_blas_fit(run->net.blas, run->team, err);
}

static void predict_one(void *context, size_t i, int thread) {
    predictor *r = context;
    mlp_batch *batch = &r->batches[thread];
    const size_t n_out = r->run->net.shape.n_out;
    mlp_batch_load(batch, &r->images.set, NULL, i, 1, NULL);
    mlp_network_forward(batch, &r->run->net, NULL);
    memcpy(r->p + i * n_out, batch->p, n_out * sizeof *r->p);
    r->predicted[i] = batch->predicted[0];
}

/* ---- output ---- */

/* Prints the row in r->row. */
static mlp_status end_row(predictor *r, mlp_error *err) {
    mlp_strbuf_add(&r->row, "\n", 1);
    if (r->row.failed) return mlp_fail_memory(err, "a row of the CSV", r->row.n);
    fwrite(r->row.at, 1, r->row.n, stdout); /* mlp_report_flush reports a failure */
    r->row.n = 0;
    return MLP_OK;
}

/* Prints the header. The columns of probabilities are p0, p1 ..., or p_NAME if the classes have names. */
static mlp_status print_header(predictor *r, mlp_error *err) {
    const mlp_class_names *names = &r->run->names;
    mlp_strbuf name = {0};
    if (r->begun) return MLP_OK;
    r->begun = true;
    mlp_strbuf_print(&r->row, "%sindex%s,label", has_many(r) ? "file," : "",
                     r->run->options.split ? ",x,y,width,height" : "");
    for (size_t k = 0; k < r->run->net.shape.n_out; k++) {
        char number[MLP_CLASS_NUMBER_SIZE];
        name.n = 0;
        mlp_strbuf_print(&name, names->n > 0 ? "p_%s" : "p%s", mlp_class_name(number, names, k));
        mlp_strbuf_add(&r->row, ",", 1);
        if (!name.failed) mlp_strbuf_cell(&r->row, name.at);
        r->row.failed |= name.failed;
    }
    mlp_strbuf_free(&name);
    return end_row(r, err);
}

/* Prints the image as characters, two for each pixel, because characters are twice as high as wide. */
static void show(const mlp_dataset *set, size_t i) {
    static const char ramp[] = " .:-=+*#%@";
    for (size_t row = 0; row < set->rows; row++) {
        size_t spaces = 0; /* not yet printed: spaces at the end of a line are left out */
        for (size_t col = 0; col < set->cols; col++) {
            const size_t at = i * set->n_pixels + row * set->cols + col;
            const double ink = set->bytes != NULL ? set->bytes[at] / 255.0 : fmin(fmax((double)set->floats[at], 0), 1);
            const char c = ramp[(size_t)lrint(ink * (sizeof ramp - 2))];
            if (c == ' ') {
                spaces += 2;
                continue;
            }
            fprintf(stderr, "%*s%c%c", (int)spaces, "", c, c);
            spaces = 0;
        }
        fputc('\n', stderr);
    }
}

/* Prints a message if something is wrong with image i of the group. */
static void warn(const predictor *r, size_t i) {
    static const char *const texts[] = {
        [MLP_FOUND_NOTHING] = "no ink stands out from the background",
        [MLP_FOUND_UNIFORM] = "all its pixels are the same",
        [MLP_FOUND_EXTREME] = ("all its pixels are black, or all white; if it was transparent, convert it by: "
                               "convert PICTURE -background white -alpha remove pgm:-"),
        [MLP_FOUND_UNCLEAR] =
            "no digit can be distinguished from the lines and edges; cut it out with some empty paper around it",
    };
    const mlp_options *o = &r->run->options;
    const char *name = r->images.source.name, *text = texts[r->images.found[i]];
    const size_t *index = r->images.index + i, shapes = r->images.shapes[i];
    mlp_warnings *warnings = &r->run->warnings;
    if (i > 0 && index[0] == index[-1]) return; /* one warning for all shapes of a picture */
    if (text != NULL)
        mlp_warn(warnings, "%s: image %zu: its row stays empty: %s", name, *index, text);
    else if (o->split && shapes == MLP_SHAPES_MOST)
        mlp_warn(warnings, "%s: image %zu: only its %d largest shapes are predicted; if it has more, cut it into parts",
                 name, *index, MLP_SHAPES_MOST);
    else if (o->fit && !o->split && shapes > 1)
        mlp_warn(warnings,
                 "%s: image %zu has %zu separate shapes of similar size, which are predicted as one digit; add --split "
                 "to predict each",
                 name, *index, shapes);
    mlp_report_warnings(warnings);
}

/* Counts predictions with nearly one probability. Clear images have probabilities near 1. */
static void count_same(predictor *r, double most) {
    if (r->n_digits++ == 0) r->first = most;
    r->n_same += fabs(most - r->first) < 0.005 && most < 0.9;
    r->sum += most;
}

/* Whether the model was trained on dark on light. */
static bool is_bright(const mlp_model *model) {
    const mlp_pixels *p = &model->pixels;
    return model->has_pixels && p->mean > (p->min + p->max) / 2;
}

/* Warns of n images that are dark, or inverted. */
static void warn_of_some(const predictor *r, size_t n, bool dark) {
    const mlp_model *model = &r->run->model;
    const char *name = has_many(r) ? "--predict" : r->name;
    mlp_warnings *warnings = &r->run->warnings;
    char have[80] = "has";
    if (r->n_images > 1) snprintf(have, sizeof have, "%zu of %zu images %s", n, r->n_images, n == 1 ? "has" : "have");
    if (dark)
        mlp_warn(warnings, MLP_PICTURES_DARK, name, have);
    else if (is_bright(model))
        mlp_warn(warnings, MLP_PICTURES_LIGHT_ON_DARK, name, have, model->name);
    else
        mlp_warn(warnings, MLP_PICTURES_DARK_ON_LIGHT, name, have);
}

/* Warns of pictures that are dark, or black on white if the model was trained on white on black; else of a network
   whose output hardly depends on the pixels, or is less sure than on its test images. A few images prove nothing. */
static void warn_of_all(const predictor *r) {
    enum { MANY = 20 };
    const mlp_model *model = &r->run->model;
    if (r->n_dark > 0)
        warn_of_some(r, r->n_dark, true);
    else if (4 * r->n_inverted > r->n_images)
        warn_of_some(r, r->n_inverted, false);
    else if (r->n_same >= MANY && r->n_same == r->n_digits)
        mlp_warn(&r->run->warnings, MLP_MODEL_CONSTANT, model->name, r->first, r->n_digits);
    else if (r->n_digits > 0)
        mlp_check_predictions(model->name, r->n_digits, r->sum / (double)r->n_digits, model->sure, &r->run->warnings);
}

/* With --verbose: prints the image that the network receives, and its prediction. */
static void explain(const predictor *r, size_t i, const char *class, double p) {
    const bool many = has_many(r);
    mlp_report_message("%s%simage %zu is predicted as %s, probability %.4f%s", many ? r->files.names[r->file] : "",
                       many ? ": " : "", r->images.index[i], class, p,
                       p < r->run->options.min_probability ? ", below --min-probability: its label is empty" : "");
    show(&r->images.set, i);
}

/* Prints the row of one image on stdout, and messages about it on stderr. */
static mlp_status print_one(predictor *r, size_t i, mlp_error *err) {
    const mlp_options *o = &r->run->options;
    const size_t n_out = r->run->net.shape.n_out;
    const float *p = r->p + i * n_out;
    const double most = (double)p[r->predicted[i]];
    const mlp_box *b = &r->images.box[i];
    const bool blank = r->images.found[i] != MLP_FOUND_DIGIT;
    char number[MLP_CLASS_NUMBER_SIZE];
    const char *class = mlp_class_name(number, &r->run->names, r->predicted[i]);
    if (!isfinite(most))
        return mlp_fail(err, MLP_ERR_NUMERIC,
                        "%s: gives no probabilities for image %zu: the weights are too large to compute with; train it "
                        "again with a lower learning rate",
                        r->run->model.name, r->images.index[i]);
    warn(r, i);
    if (o->verbose && !blank) explain(r, i, class, most);
    if (!blank && !r->odd_pixels) count_same(r, most);
    if (has_many(r)) {
        mlp_strbuf_cell(&r->row, r->files.names[r->file]);
        mlp_strbuf_add(&r->row, ",", 1);
    }
    mlp_strbuf_print(&r->row, "%zu,", r->images.index[i]);
    if (o->split && blank) mlp_strbuf_print(&r->row, ",,,,");
    if (o->split && !blank)
        mlp_strbuf_print(&r->row, "%zu,%zu,%zu,%zu,", b->left, b->top, b->right - b->left, b->bottom - b->top);
    if (!blank && most >= o->min_probability) mlp_strbuf_cell(&r->row, class);
    for (size_t k = 0; k < n_out; k++)
        if (blank)
            mlp_strbuf_add(&r->row, ",", 1);
        else
            mlp_strbuf_print(&r->row, ",%.9g", (double)p[k]);
    return end_row(r, err);
}

/* ---- the run ---- */

/* Predicts and prints one group of images. */
static mlp_status predict_some(predictor *r, mlp_error *err) {
    mlp_dataset *set = &r->images.set;
    MLP_TRY(build(r, err));
    MLP_TRY(print_header(r, err));
    mlp_status status = r->run->net.shape.sparse ? mlp_dataset_compress(set, r->run->team, err) : MLP_OK;
    if (status == MLP_OK) mlp_team_run(r->run->team, predict_one, r, set->n);
    mlp_rows_free(&set->owned.compressed);
    for (size_t i = 0; i < set->n && status == MLP_OK; i++) status = print_one(r, i, err);
    r->n += set->n;
    if (r->run->options.fitted != NULL && r->fitted.n == 0)
        mlp_strbuf_add(&r->fitted, (const char[IDX_HEADER]){0, 0, MLP_IDX_U8, 3}, IDX_HEADER);
    if (r->run->options.fitted != NULL) mlp_strbuf_add(&r->fitted, (const char *)set->bytes, set->n * set->n_pixels);
    const mlp_status flushed = mlp_report_flush(stdout, err);
    if (flushed == MLP_STOPPED && r->run->options.fitted != NULL) return status; /* the file is still needed */
    return status == MLP_OK ? flushed : status;
}

/* Warns if the images are not like those of the model. Pixels of pictures, and of images after --fit, are from 0 to
 1. */
static mlp_status check_model(predictor *r, const char *name, mlp_error *err) {
    mlp_run *run = r->run;
    const mlp_model *model = &run->model;
    const bool pictures = r->images.file.n_images == 0, typed = mlp_options_given(&run->options, "transpose");
    const bool reversed = run->options.fit && is_bright(model);
    const mlp_pixels whole = {.type = MLP_IDX_U8, .max = 1, .mean = model->pixels.mean};
    mlp_pixels now = pictures || run->options.fit ? whole : r->images.file.pixels;
    if (r->images.file.bytes != NULL) now.mean = model->pixels.mean; /* inverted bytes have bright borders */
    if (pictures && typed)
        return mlp_fail(err, MLP_ERR_USAGE, "--transpose: %s holds pictures, which are upright; leave it out", name);
    if (!run->options.fit) MLP_TRY(mlp_model_check_pixels(model, &r->images.file, name, err));
    if (model->has_pixels && !(pictures && r->has_pictures))
        mlp_check_model(&now, name, &model->pixels, model->name, &run->warnings);
    else if (!model->has_pixels && !pictures && !run->options.fit && !mlp_model_is_scaled(model))
        mlp_check_scale(&r->images.file, name, &run->warnings);
    if (reversed && !r->begun) mlp_warn(&run->warnings, MLP_MODEL_DARK_ON_LIGHT, model->name);
    r->has_pictures = r->has_pictures || pictures;
    r->odd_pixels = run->warnings.n > 0 || reversed;
    if (model->transposed && !pictures && !typed) mlp_check_transposed(name, model->name, &run->warnings);
    mlp_report_warnings(&run->warnings);
    return MLP_OK;
}

/* Predicts the images of a file. An error of the file is returned in `bad`: the program continues with the next
   file. */
static mlp_status predict_file(predictor *r, const char *name, mlp_error *bad, mlp_error *err) {
    const mlp_model *model = &r->run->model;
    r->n = 0;
    r->images.split = r->run->options.split;
    r->images.transpose = r->run->options.transpose != NULL && strcmp(r->run->options.transpose, "yes") == 0;
    if (mlp_images_open(&r->images, name, model->rows, model->cols, r->run->options.fit, bad) == MLP_OK)
        check_model(r, r->images.source.name, bad);
    while (bad->status == MLP_OK && mlp_images_next(&r->images, bad) == MLP_OK && r->images.set.n > 0)
        MLP_TRY(predict_some(r, err));
    r->n_images += r->n;
    if (!r->odd_pixels) r->n_inverted += is_bright(model) ? r->images.dim : r->images.bright;
    if (!r->odd_pixels && r->images.file.n_images == 0) r->n_dark += r->images.dark;
    r->name = r->images.source.name;
    mlp_images_free(&r->images);
    return MLP_OK;
}

/* Prints the error of a file, and continues. The error ends the run if there is only one file, or if every other file
   would have the same error. */
static mlp_status report_bad(predictor *r, const mlp_error *bad, mlp_error *err) {
    if (bad->status == MLP_OK) return MLP_OK;
    if (!has_many(r) || bad->status == MLP_ERR_USAGE || bad->status == MLP_ERR_MEMORY)
        return mlp_fail(err, bad->status, "%s", bad->message);
    r->n_failed++;
    fprintf(stderr, "mlp-train: %s\n", bad->message);
    return MLP_OK;
}

static mlp_status add_files(predictor *r, mlp_error *err) {
    const mlp_options *o = &r->run->options;
    for (size_t i = 0; i <= o->n_more; i++) {
        mlp_error bad = {0};
        mlp_files_add(&r->files, i == 0 ? o->predict : o->more[i - 1], &bad);
        MLP_TRY(report_bad(r, &bad, err));
    }
    return MLP_OK;
}

/* ---- --fitted ---- */

static mlp_status check_fitted(const predictor *r, mlp_error *err) {
    const char *path = r->run->options.fitted;
    for (size_t i = 0; path != NULL && i < r->files.n; i++)
        if (mlp_file_same(path, r->files.names[i]))
            return mlp_fail(err, MLP_ERR_USAGE, "--fitted: %s is a file of --predict; name another", path);
    return mlp_outputs_check(r->run, err);
}

/* r->fitted begins with space for the header. */
static mlp_status write_fitted(predictor *r, mlp_error *err) {
    const mlp_model *model = &r->run->model;
    const size_t dims[] = {(r->fitted.n - IDX_HEADER) / (model->rows * model->cols), model->rows, model->cols};
    for (size_t i = 0; i < 12 && !r->fitted.failed; i++)
        r->fitted.at[4 + i] = (char)(dims[i / 4] >> (24 - 8 * (i % 4)));
    MLP_TRY(mlp_file_put(r->run->options.fitted, &r->fitted, err));
    mlp_report_written(r->run, r->run->options.fitted);
    return MLP_OK;
}

/* ---- all files ---- */

static mlp_status predict_all(predictor *r, mlp_error *err) {
    mlp_run *run = r->run;
    MLP_TRY(mlp_run_open_model(run, err));
    MLP_TRY(add_files(r, err));
    MLP_TRY(check_fitted(r, err));
    mlp_report_warnings(&run->warnings);
    for (r->file = 0; r->file < r->files.n; r->file++) {
        mlp_error bad = {0};
        MLP_TRY(predict_file(r, r->files.names[r->file], &bad, err));
        MLP_TRY(report_bad(r, &bad, err));
    }
    warn_of_all(r);
    mlp_report_warnings(&run->warnings);
    if (r->fitted.n > 0 || r->fitted.failed) MLP_TRY(write_fitted(r, err));
    if (r->n_failed == 0) return MLP_OK;
    return mlp_fail(err, MLP_ERR_FORMAT, "--predict: %zu of the files could not be read: see the lines above",
                    r->n_failed);
}

void mlp_predict(mlp_run *run, mlp_error *err) {
    predictor *r = mlp_alloc(1, sizeof *r, "the prediction", err);
    if (r == NULL) return;
    r->run = run;
    predict_all(r, err);
    free_network(r);
    mlp_images_free(&r->images);
    mlp_files_free(&r->files);
    mlp_strbuf_free(&r->fitted);
    mlp_strbuf_free(&r->row);
    free(r);
}

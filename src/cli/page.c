/* page.c - records the course of a run, and writes the report: its data, as JSON, inside the page of page/page.html.
   The longer a run is, the fewer of its evaluations are kept. */
#include "mlp/cli/page.h"

#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/cli/settings.h"
#include "mlp/formats/file.h"
#include "mlp/formats/json.h"
#include "mlp/formats/png.h"
#include "mlp/state/weights.h"
#include "mlp/train/predictions.h"

enum {
    MOST_SHOWN = 1000, /* pictures of mistakes */
    MOST_IN_CELL =
        24, /* pictures of mistakes with the same label and prediction; for right predictions at most half as many */
    MOST_RIGHT = 240,
    ALWAYS_SHOWN = 50, /* the most confident mistakes are always shown */
    ACROSS = 32        /* pictures in a row of the PNG */
};

/* ---- the course of a run ---- */

void mlp_history_warnings(mlp_history *h, const mlp_warnings *warnings) {
    mlp_strbuf_add(&h->warnings, warnings->text.at, warnings->text.n);
    h->warnings.failed |= warnings->text.failed;
}

static void add_evaluation(mlp_history *h, const mlp_event *event) {
    h->last = *event;
    h->every = h->every == 0 ? 1 : h->every;
    if (h->seen++ % h->every != 0) return;
    if (h->n == MLP_HISTORY_MOST) { /* the number is even, so the new evaluation is one of those to keep */
        for (size_t i = 1; 2 * i < h->n; i++) h->evaluations[i] = h->evaluations[2 * i];
        h->n /= 2;
        h->every *= 2;
    }
    h->evaluations[h->n++] = *event;
}

static void add_loss(mlp_history *h, size_t iteration, double loss) {
    if (h->span == 0) {
        h->span = 1;
        h->first = iteration;
    }
    h->end = iteration;
    h->sum += loss;
    if (++h->in_span < h->span) return;
    h->means[h->n_means++] = h->sum / (double)h->span;
    h->sum = 0;
    h->in_span = 0;
    if (h->n_means < MLP_HISTORY_MOST) return;
    for (size_t i = 0; 2 * i < h->n_means; i++) h->means[i] = (h->means[2 * i] + h->means[2 * i + 1]) / 2;
    h->n_means /= 2;
    h->span *= 2;
}

void mlp_history_event(mlp_history *h, const mlp_event *event) {
    if (event->iteration > 0) add_loss(h, event->iteration, event->loss);
    if (event->train.n > 0) add_evaluation(h, event);
}

void mlp_history_free(mlp_history *h) {
    if (h != NULL) mlp_strbuf_free(&h->warnings);
}

/* ---- JSON ---- */

/* "<" is escaped, so that the text cannot end the script element. */
static void put_text(mlp_strbuf *json, const char *text, size_t n) { mlp_json_put_text(json, text, n, "<"); }

static void put_base64(mlp_strbuf *json, const void *memory, size_t n) {
    const unsigned char *bytes = memory;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    mlp_strbuf_add(json, "\"", 1);
    for (size_t i = 0; i < n; i += 3) {
        const unsigned group = (unsigned)bytes[i] << 16 | (i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0) |
                               (i + 2 < n ? (unsigned)bytes[i + 2] : 0);
        const char four[4] = {digits[group >> 18], digits[group >> 12 & 63], digits[i + 1 < n ? group >> 6 & 63 : 64],
                              digits[i + 2 < n ? group & 63 : 64]};
        mlp_strbuf_add(json, four, 4);
    }
    mlp_strbuf_add(json, "\"", 1);
}

/* Writes lines as a list of texts. */
static void put_lines(mlp_strbuf *json, const mlp_strbuf *lines) {
    json->failed |= lines->failed;
    mlp_strbuf_add(json, "[", 1);
    for (size_t i = 0; i < lines->n;) {
        const size_t n = strcspn(lines->at + i, "\n");
        if (i > 0) mlp_strbuf_add(json, ",", 1);
        put_text(json, lines->at + i, n);
        i += n + 1;
    }
    mlp_strbuf_add(json, "]", 1);
}

/* ---- the settings ---- */

static void put_setting(mlp_strbuf *json, const char *name, const char *value) {
    if (value == NULL || json->failed) return;
    mlp_strbuf_add(json, json->at[json->n - 1] == '[' ? "[" : ",[", json->at[json->n - 1] == '[' ? 1 : 2);
    put_text(json, name, strlen(name));
    mlp_strbuf_add(json, ",", 1);
    put_text(json, value, strlen(value));
    mlp_strbuf_add(json, "]", 1);
}

/* The same, and frees the text. */
static void put_built(mlp_strbuf *json, const char *name, mlp_strbuf *text) {
    json->failed |= text->failed;
    put_setting(json, name, text->at);
    mlp_strbuf_free(text);
}

static void put_data(mlp_strbuf *json, const char *name, const mlp_dataset *set, const char *path) {
    mlp_strbuf text = {0};
    if (set->n == 0) return;
    mlp_strbuf_print(&text, "%zu of %zu x %zu pixels", set->n, set->rows, set->cols);
    if (path != NULL) mlp_strbuf_print(&text, ", %s", path);
    put_built(json, name, &text);
}

static void put_settings(mlp_strbuf *json, const mlp_run *run) {
    const mlp_options *o = &run->options;
    const mlp_shape *shape = &run->net.shape;
    mlp_strbuf text = {0};
    mlp_strbuf_print(json, "[");
    put_setting(json, "program", "mlp-train " MLP_VERSION);
    put_setting(json, "model", mlp_run_loads(run) ? run->model.name : NULL);
    mlp_strbuf_print(&text, "%zu-%zu-%zu, %s, softmax, %s: %zu parameters", shape->n_in, shape->n_hidden, shape->n_out,
                     o->activation, o->loss, mlp_network_count(&run->net));
    put_built(json, "network", &text);
    put_data(json, "train images", &run->train, run->paths.train_images);
    put_data(json, "validation images", &run->validation, NULL);
    put_data(json, "test images", &run->test, run->paths.test_images);
    if (!o->eval) {
        mlp_options_recipe(&text, o);
        put_built(json, "options", &text);
        const size_t planned = mlp_settings(o, run->train.n).iterations;
        mlp_strbuf_print(&text, "%zu of %zu made%s", run->made, planned,
                         run->stopped_by != 0  ? "; stopped by a signal"
                         : run->made < planned ? "; stopped early"
                                               : "");
        put_built(json, "iterations", &text);
        put_setting(json, "preset", o->preset);
    }
    for (size_t i = 0; o->eval && i < run->model.file.n_pairs; i++)
        put_setting(json, run->model.file.pairs[i].key, run->model.file.pairs[i].value);
    put_setting(json, "BLAS", run->net.blas->name);
    mlp_strbuf_print(json, "]");
}

/* ---- curves ---- */

static void put_cells(mlp_strbuf *json, const mlp_metrics *m) {
    if (m->n > 0)
        mlp_strbuf_print(json, ",%.6g,%.6g", m->loss, m->accuracy);
    else
        mlp_strbuf_print(json, ",null,null");
}

static void put_evaluation(mlp_strbuf *json, const mlp_event *e, bool first) {
    mlp_strbuf_print(json, "%s[%zu,%.6g", first ? "" : ",", e->iteration, e->epoch);
    put_cells(json, &e->train);
    put_cells(json, &e->test);
    put_cells(json, &e->validation);
    mlp_strbuf_print(json, "]");
}

/* Writes [[iteration, epoch, train loss, train accuracy, test ..., validation ...], ...]; a cell that was not measured
   is null. */
static void put_evaluations(mlp_strbuf *json, const mlp_history *h) {
    mlp_strbuf_print(json, "[");
    for (size_t i = 0; i < h->n; i++) put_evaluation(json, &h->evaluations[i], i == 0);
    if (h->n > 0 && h->evaluations[h->n - 1].iteration != h->last.iteration) put_evaluation(json, &h->last, false);
    mlp_strbuf_print(json, "]");
}

/* Writes [[last iteration, mean batch loss], ...]. */
static void put_losses(mlp_strbuf *json, const mlp_history *h) {
    mlp_strbuf_print(json, "[");
    for (size_t i = 0; i < h->n_means; i++)
        mlp_strbuf_print(json, "%s[%zu,%.6g]", i > 0 ? "," : "", h->first + (i + 1) * h->span - 1, h->means[i]);
    if (h->in_span > 0)
        mlp_strbuf_print(json, "%s[%zu,%.6g]", h->n_means > 0 ? "," : "", h->end, h->sum / (double)h->in_span);
    mlp_strbuf_print(json, "]");
}

/* ---- the predictions ---- */

static void put_metrics(mlp_strbuf *json, const char *name, const mlp_metrics *m) {
    if (m->n > 0) mlp_strbuf_print(json, ",\"%s\":[%.9g,%zu,%zu]", name, m->loss, m->correct, m->n);
}

/* Writes the counts [label x predicted class]. */
static mlp_status put_confusion(mlp_strbuf *json, const mlp_predictions *a, size_t n_classes, mlp_error *err) {
    size_t *counts = mlp_alloc(n_classes, n_classes * sizeof *counts, "the confusion matrix", err);
    if (counts == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < a->n; i++) counts[mlp_predictions_label(a, i) * n_classes + a->predicted[i]]++;
    mlp_strbuf_print(json, ",\"confusion\":");
    for (size_t i = 0; i < n_classes * n_classes; i++) mlp_strbuf_print(json, "%c%zu", i == 0 ? '[' : ',', counts[i]);
    mlp_strbuf_print(json, "]");
    free(counts);
    return MLP_OK;
}

/* Chooses the examples whose pictures the page has: examples [MOST_SHOWN + MOST_RIGHT + 256]; returns their number. */
static size_t choose_shown(uint32_t *examples, uint8_t *in_cell, const mlp_predictions *a, size_t n_classes) {
    const size_t share = MOST_RIGHT / n_classes, right = share < 1 ? 1 : share;
    const size_t most_right = right < MOST_IN_CELL / 2 ? right : MOST_IN_CELL / 2;
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const uint32_t example = a->ranked[i].example;
        uint8_t *cell = &in_cell[mlp_predictions_label(a, example) * n_classes + a->predicted[example]];
        const bool wrong = i < a->n_wrong;
        if (*cell >= (wrong ? MOST_IN_CELL : most_right) && i >= ALWAYS_SHOWN) continue;
        if (wrong && n >= MOST_SHOWN) continue;
        *cell = (uint8_t)(*cell + 1);
        examples[n++] = example;
    }
    return n;
}

/* Writes the pictures of the examples, side by side, as one PNG. */
static mlp_status put_pictures(mlp_strbuf *json, const mlp_dataset *set, const uint32_t *examples, size_t n,
                               mlp_error *err) {
    const size_t height = (n + ACROSS - 1) / ACROSS * set->rows, width = ACROSS * set->cols;
    mlp_strbuf png = {0};
    uint8_t *sheet = mlp_alloc(height, width, "the pictures", err);
    if (sheet == NULL) return MLP_ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < set->n_pixels; k++)
            sheet[(i / ACROSS * set->rows + k / set->cols) * width + i % ACROSS * set->cols + k % set->cols] =
                mlp_dataset_grey(set, mlp_dataset_image(set, examples[i]) * set->n_pixels + k);
    const mlp_status status = mlp_png_write(&png, sheet, height, width, err);
    mlp_strbuf_print(json, ",\"across\":%d,\"pictures\":", ACROSS);
    put_base64(json, png.at, png.n);
    mlp_strbuf_free(&png);
    free(sheet);
    return status;
}

/* Writes [image number, label, predicted class, its probability, the label's probability], ... and the pictures. */
static mlp_status put_shown(mlp_strbuf *json, const mlp_predictions *a, size_t n_classes, mlp_error *err) {
    uint32_t *examples = mlp_alloc(MOST_SHOWN + MOST_RIGHT + 256, sizeof *examples, "the pictures", err);
    uint8_t *in_cell = mlp_alloc(n_classes, n_classes, "the pictures", err);
    mlp_status status = examples == NULL || in_cell == NULL ? MLP_ERR_MEMORY : MLP_OK;
    const size_t n = status == MLP_OK ? choose_shown(examples, in_cell, a, n_classes) : 0;
    mlp_strbuf_print(json, ",\"shown\":[");
    for (size_t i = 0; i < n; i++) {
        const uint32_t e = examples[i];
        mlp_strbuf_print(json, "%s[%zu,%u,%u,%.4f,%.4f]", i > 0 ? "," : "", mlp_dataset_image(a->set, e),
                         mlp_predictions_label(a, e), a->predicted[e], (double)a->p_predicted[e],
                         (double)a->p_label[e]);
    }
    mlp_strbuf_print(json, "]");
    if (status == MLP_OK && a->set->rows > 1) status = put_pictures(json, a->set, examples, n, err);
    MLP_FREE(examples, in_cell);
    return status;
}

/* ---- the network ---- */

static void put_numbers(mlp_strbuf *json, const char *name, const double *numbers, size_t n) {
    mlp_strbuf_print(json, ",\"%s\":", name);
    for (size_t i = 0; i < n; i++) mlp_strbuf_print(json, "%c%.5g", i == 0 ? '[' : ',', numbers[i]);
    mlp_strbuf_print(json, "]");
}

/* Writes the four arrays of weights.h, one after the other, as little-endian floats. */
static mlp_status put_weights(mlp_strbuf *json, const mlp_network *net, mlp_error *err) {
    mlp_weights weights = {0};
    MLP_TRY(mlp_weights_create(&weights, net, err));
    mlp_strbuf_print(json, ",\"weights\":");
    put_base64(json, weights.memory, mlp_network_count(net) * sizeof *weights.memory);
    mlp_weights_free(&weights);
    return MLP_OK;
}

static void put_names(mlp_strbuf *json, const mlp_class_names *names, size_t n_classes) {
    char number[MLP_CLASS_NUMBER_SIZE];
    mlp_strbuf_print(json, ",\"names\":");
    for (size_t k = 0; k < n_classes; k++) {
        const char *name = mlp_class_name(number, names, k);
        mlp_strbuf_add(json, k == 0 ? "[" : ",", 1);
        put_text(json, name, strlen(name));
    }
    mlp_strbuf_print(json, "]");
}

/* ---- the page ---- */

static mlp_status put_all(mlp_strbuf *json, mlp_run *run, const mlp_metrics *test, const mlp_predictions *a,
                          mlp_error *err) {
    const mlp_shape *shape = &run->net.shape;
    const mlp_event *result = &run->result;
    mlp_strbuf_print(json, "{\"rows\":%zu,\"columns\":%zu,\"hidden\":%zu,\"classes\":%zu,\"activation\":\"%s\"",
                     run->test.rows, run->test.cols, shape->n_hidden, shape->n_out, run->net.activation->name);
    put_names(json, &run->names, shape->n_out);
    mlp_strbuf_print(json, ",\"settings\":");
    put_settings(json, run);
    put_metrics(json, "train", &result->train);
    put_metrics(json, "validation", &result->validation);
    put_metrics(json, "test", test);
    if (run->history != NULL) {
        mlp_strbuf_print(json, ",\"warnings\":");
        put_lines(json, &run->history->warnings);
        mlp_strbuf_print(json, ",\"evaluations\":");
        put_evaluations(json, run->history);
        mlp_strbuf_print(json, ",\"losses\":");
        put_losses(json, run->history);
    }
    MLP_TRY(put_confusion(json, a, shape->n_out, err));
    MLP_TRY(put_shown(json, a, shape->n_out, err));
    put_numbers(json, "means", a->z_mean, a->n_hidden);
    put_numbers(json, "deviations", a->z_std, a->n_hidden);
    MLP_TRY(put_weights(json, &run->net, err));
    mlp_strbuf_print(json, "}");
    return MLP_OK;
}

mlp_status mlp_page_write(mlp_run *run, const mlp_metrics *test, mlp_error *err) {
    static const char mark[] = "@DATA@"; /* in its place the template gets the data */
    const char *template = (const char *)mlp_page_template, *data = strstr(template, mark);
    const char *rest = data + sizeof mark - 1;
    mlp_predictions predictions = {0};
    mlp_strbuf page = {0};
    mlp_strbuf_add(&page, template, (size_t)(data - template));
    mlp_status status = mlp_predictions_create(&predictions, &run->net, &run->test, run->team, err);
    if (status == MLP_OK) status = put_all(&page, run, test, &predictions, err);
    mlp_strbuf_add(&page, rest, strlen(rest));
    if (status == MLP_OK) status = mlp_file_put(run->options.report, &page, err);
    mlp_strbuf_free(&page);
    mlp_predictions_free(&predictions);
    return status;
}

/* model.c - writes and reads a network, with its metadata. */
#include "mlp/state/model.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char form[] =
    "fc1.weight [hidden x inputs], fc1.bias [hidden], fc2.weight [classes x hidden] and fc2.bias [classes]";

bool mlp_model_is_scaled(const mlp_model *model) { return model->pixel_mean != 0 || model->pixel_std != 1; }

void mlp_model_set_scale(mlp_model *model, double mean, double std) {
    mlp_pixels *p = &model->pixels;
    model->pixel_mean = mean;
    model->pixel_std = std;
    p->min = p->min * std + mean;
    p->max = p->max * std + mean;
    p->mean = p->mean * std + mean;
}

/* ((x - mean) / std) W1 + b1 = x (W1 / std) + (b1 - mean / std * the sums of W1's columns) */
static void fold_scale(mlp_network *net, double mean, double std) {
    const mlp_block *w1 = &net->blocks[MLP_W1];
    for (size_t j = 0; j < w1->cols; j++) {
        float *bias = &net->params[mlp_block_index(&net->blocks[MLP_B1], j)];
        double sum = 0;
        for (size_t i = 0; i < w1->rows; i++) {
            float *weight = &net->params[mlp_block_index(w1, i * w1->cols + j)];
            sum += (double)*weight;
            *weight = (float)((double)*weight / std);
        }
        *bias = (float)((double)*bias - mean / std * sum);
    }
}

void mlp_model_copy(mlp_network *net, const mlp_model *model) {
    assert(net->shape.n_in == model->n_in && net->shape.n_hidden == model->n_hidden &&
           net->shape.n_out == model->n_out);
    mlp_weights_set(net->params, model->tensors, net);
    if (mlp_model_is_scaled(model)) fold_scale(net, model->pixel_mean, model->pixel_std);
}

/* ---- metadata ---- */

/* Appends key and value to the text, each with a zero byte. */
#define PUT(m, key, format, value) (mlp_strbuf_print(&(m)->text, "%s%c" format "%c", key, '\0', value, '\0'), (m)->n++)

static const char scale_of_bytes[] = "1/255", scale_of_numbers[] = "1";

static void put_all(mlp_metadata *m, const mlp_network *net, const mlp_about *about) {
    PUT(m, "format", "%s", "pt"); /* other programs look for this: the arrays are for PyTorch */
    PUT(m, "program", "%s", "mlp-train " MLP_VERSION);
    PUT(m, "activation", "%s", net->activation->name);
    PUT(m, "loss", "%s", net->loss->name);
    PUT(m, "image_rows", "%llu", (unsigned long long)about->rows);
    PUT(m, "image_columns", "%llu", (unsigned long long)about->cols);
    PUT(m, "pixel_scale", "%s", about->bytes ? scale_of_bytes : scale_of_numbers);
    if (about->pixels != NULL) {
        PUT(m, "pixel_type", "%s", mlp_idx_type_name(about->pixels->type));
        PUT(m, "pixel_min", "%.9g", about->pixels->min);
        PUT(m, "pixel_max", "%.9g", about->pixels->max);
        PUT(m, "pixel_mean", "%.9g", about->pixels->mean);
    }
    if (about->transposed) PUT(m, "transposed", "%s", "yes");
    PUT(m, "classes", "%llu", (unsigned long long)net->shape.n_out);
    if (about->names != NULL && about->names->n > 0) {
        mlp_strbuf_print(&m->text, "%s%c", MLP_CLASS_NAMES_KEY, '\0');
        mlp_class_names_put_lines(&m->text, about->names);
        mlp_strbuf_add(&m->text, "", 1);
        m->n++;
    }
    PUT(m, "first_layer", "%s", net->shape.sparse ? "sparse" : "dense");
    if (about->options != NULL) {
        PUT(m, "options", "%s", about->options);
        PUT(m, "seed", "%llu", (unsigned long long)about->seed);
        PUT(m, "iterations", "%llu", (unsigned long long)about->iterations);
    }
    if (about->test.n > 0) { /* with as many digits as in the CSV */
        PUT(m, "train_loss", "%.9g", about->train.loss);
        PUT(m, "train_accuracy", "%.9g", about->train.accuracy);
        PUT(m, "test_loss", "%.9g", about->test.loss);
        PUT(m, "test_accuracy", "%.9g", about->test.accuracy);
        PUT(m, "test_images", "%llu", (unsigned long long)about->test.n);
    }
    assert(m->n <= MLP_METADATA_MOST);
}

mlp_status mlp_metadata_create(mlp_metadata *metadata, const mlp_network *net, const mlp_about *about, mlp_error *err) {
    put_all(metadata, net, about);
    if (metadata->text.failed) return mlp_fail_memory(err, "the metadata", metadata->text.n);
    const char *at = metadata->text.at;
    for (size_t i = 0; i < metadata->n; i++) {
        metadata->pairs[i].key = at;
        at += strlen(at) + 1;
        metadata->pairs[i].value = at;
        at += strlen(at) + 1;
    }
    return MLP_OK;
}

void mlp_metadata_free(mlp_metadata *metadata) {
    if (metadata == NULL) return;
    mlp_strbuf_free(&metadata->text);
    *metadata = (mlp_metadata){0};
}

mlp_status mlp_model_write(const char *path, const mlp_network *net, const mlp_pair *pairs, size_t n_pairs,
                           mlp_error *err) {
    mlp_weights weights = {0};
    MLP_TRY(mlp_weights_create(&weights, net, err));
    const mlp_status status = mlp_safetensors_write(path, weights.tensors, MLP_N_BLOCKS, pairs, n_pairs, err);
    mlp_weights_free(&weights);
    return status;
}

/* ---- reading: the arrays ---- */

/* Fails with "FILE: " followed by what is wrong. */
#define FAIL(model, err, format, ...) mlp_fail(err, MLP_ERR_FORMAT, "%s: " format, (model)->name, __VA_ARGS__)

static mlp_status fail_tensor(const mlp_model *model, const mlp_tensor *t, const char *advice, mlp_error *err) {
    char shape[MLP_SHAPE_SIZE];
    return FAIL(model, err, "holds the tensor '%.*s' %s, where %s were expected; %s", mlp_utf8_shown(t->name), t->name,
                mlp_shape_text(shape, t->dims, t->n_dims), form, advice);
}

/* Finds the four arrays; refuses any other array. */
static mlp_status find_arrays(mlp_model *model, mlp_error *err) {
    const mlp_safetensors *st = &model->file;
    for (size_t i = 0; i < st->n; i++) {
        int b = 0;
        while (b < MLP_N_BLOCKS && strcmp(st->tensors[i].name, mlp_weights_name(b)) != 0) b++;
        if (b == MLP_N_BLOCKS)
            return fail_tensor(model, &st->tensors[i], "name the layers of a network of two nn.Linear fc1 and fc2",
                               err);
        model->tensors[b] = st->tensors[i];
    }
    for (int b = 0; b < MLP_N_BLOCKS; b++)
        if (model->tensors[b].name == NULL)
            return FAIL(model, err, "lacks the tensor %s, where %s were expected; save the whole network, biases too",
                        mlp_weights_name(b), form);
    return MLP_OK;
}

/* Checks the type and the number of dimensions. */
static mlp_status check_array(const mlp_model *model, int b, mlp_error *err) {
    const mlp_tensor *t = &model->tensors[b];
    const size_t n_dims = b == MLP_W1 || b == MLP_W2 ? 2 : 1;
    if (t->dtype != MLP_F32 && t->dtype != MLP_F16 && t->dtype != MLP_BF16)
        return FAIL(model, err,
                    "the tensor %s is %s, where F32, F16 or BF16 was expected; save it as float32 (model.float())",
                    t->name, mlp_dtype_name(t->dtype));
    if (t->n_dims != n_dims || t->dims[0] == 0 || (n_dims == 2 && t->dims[1] == 0))
        return fail_tensor(model, t, "save a network of two layers", err);
    return MLP_OK;
}

static mlp_status fail_shapes(const mlp_model *model, int b, int with, mlp_error *err) {
    char shape[MLP_SHAPE_SIZE], other[MLP_SHAPE_SIZE];
    const mlp_tensor *t = model->tensors;
    return FAIL(model, err,
                "the tensor %s %s does not go with %s %s: %s were expected; weights are [outputs x inputs], as "
                "nn.Linear has them",
                t[b].name, mlp_shape_text(shape, t[b].dims, t[b].n_dims), t[with].name,
                mlp_shape_text(other, t[with].dims, t[with].n_dims), form);
}

static mlp_status check_shapes(mlp_model *model, mlp_error *err) {
    const mlp_tensor *t = model->tensors;
    for (int b = 0; b < MLP_N_BLOCKS; b++) MLP_TRY(check_array(model, b, err));
    model->n_in = t[MLP_W1].dims[1];
    model->n_hidden = t[MLP_W1].dims[0];
    model->n_out = t[MLP_W2].dims[0];
    if (t[MLP_B1].dims[0] != model->n_hidden) return fail_shapes(model, MLP_B1, MLP_W1, err);
    if (t[MLP_W2].dims[1] != model->n_hidden) return fail_shapes(model, MLP_W2, MLP_W1, err);
    if (t[MLP_B2].dims[0] != model->n_out) return fail_shapes(model, MLP_B2, MLP_W2, err);
    if (model->n_out > MLP_MAX_CLASSES)
        return FAIL(model, err, "has %zu classes in fc2.weight, and %d are the most here; load a smaller network",
                    model->n_out, MLP_MAX_CLASSES);
    if (model->n_hidden > MLP_MAX_HIDDEN) /* a checkpoint of its training could not be resumed */
        return FAIL(model, err, "has %zu hidden units in fc1.weight, and %d are the most here; load a smaller network",
                    model->n_hidden, MLP_MAX_HIDDEN);
    return MLP_OK;
}

static mlp_status check_finite(const mlp_model *model, mlp_error *err) {
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_tensor *t = &model->tensors[b];
        const size_t n = t->dims[0] * (t->n_dims == 2 ? t->dims[1] : 1);
        for (size_t i = 0; i < n; i++) {
            const float x = mlp_tensor_float(t, i);
            if (!isfinite(x))
                return FAIL(model, err,
                            "number %zu of the tensor %s is %g, where finite numbers were expected; train it "
                            "again with a lower learning rate",
                            i, t->name, (double)x);
        }
    }
    return MLP_OK;
}

static void warn_of_halves(const mlp_model *model, mlp_warnings *warnings) {
    const mlp_tensor *t = model->tensors;
    while (t < model->tensors + MLP_N_BLOCKS && t->dtype == MLP_F32) t++;
    if (t < model->tensors + MLP_N_BLOCKS)
        mlp_warn(warnings, "%s: %s is %s and was converted to F32 without a change of value", model->name, t->name,
                 mlp_dtype_name(t->dtype));
}

/* ---- reading: the metadata ---- */

static mlp_status fail_metadata(const mlp_model *model, const char *key, const char *expected, mlp_error *err) {
    const char *value = mlp_safetensors_metadata(&model->file, key);
    return FAIL(model, err, "says %s '%.*s' in its metadata, where %s was expected; correct or remove that entry", key,
                mlp_utf8_shown(value), value, expected);
}

/* The number under `key`: 0 if the key is missing, SIZE_MAX if the text is not a number. */
static size_t count_under(const mlp_model *model, const char *key) {
    const char *text = mlp_safetensors_metadata(&model->file, key);
    size_t count = 0;
    if (text == NULL) return 0;
    if (*text < '1' || *text > '9' || strlen(text) > 18) return SIZE_MAX;
    for (; *text >= '0' && *text <= '9'; text++) count = count * 10 + (size_t)(*text - '0');
    return *text == '\0' ? count : SIZE_MAX;
}

/* Sets rows and columns of an image from the metadata; without them a square if possible. */
static mlp_status read_image(mlp_model *model, mlp_error *err) {
    char expected[64];
    const size_t rows = count_under(model, "image_rows");
    const size_t cols = count_under(model, "image_columns");
    const size_t side = (size_t)(sqrt((double)model->n_in) + 0.5);
    const bool square = side * side == model->n_in;
    snprintf(expected, sizeof expected, "a part of the %zu inputs", model->n_in);
    if (rows > model->n_in || (rows > 0 && model->n_in % rows != 0))
        return fail_metadata(model, "image_rows", expected, err);
    model->rows = rows > 0 ? rows : cols > 0 && cols <= model->n_in ? model->n_in / cols : square ? side : 1;
    model->cols = model->n_in / model->rows;
    if (cols == 0 || cols == model->cols) return MLP_OK;
    snprintf(expected, sizeof expected, "%zu for %zu inputs in %zu rows", model->cols, model->n_in, model->rows);
    return fail_metadata(model, "image_columns", expected, err);
}

/* Reads the number under `key`, which must be finite. */
static mlp_status read_number(double *number, const mlp_model *model, const char *key, mlp_error *err) {
    const char *text = mlp_safetensors_metadata(&model->file, key);
    char *end = NULL;
    if (text == NULL)
        return FAIL(model, err,
                    "has no %s in its metadata, where pixel_min, pixel_max and pixel_mean were expected "
                    "together; remove the others too",
                    key);
    *number = strtod(text, &end);
    return *text != '\0' && *end == '\0' && isfinite(*number) ? MLP_OK
                                                              : fail_metadata(model, key, "a finite number", err);
}

/* Reads the pixels that it was trained on, if this program wrote the file: other programs may use these keys for
   something else. */
static mlp_status read_pixels(mlp_model *model, mlp_error *err) {
    const mlp_safetensors *st = &model->file;
    const char *transposed = mlp_safetensors_metadata(st, "transposed");
    model->pixel_std = 1;
    if (!mlp_model_is_ours(st)) return MLP_OK;
    if (transposed != NULL && strcmp(transposed, "yes") != 0) return fail_metadata(model, "transposed", "yes", err);
    model->transposed = transposed != NULL;
    model->class_names = mlp_safetensors_metadata(st, MLP_CLASS_NAMES_KEY);
    if (mlp_safetensors_metadata(st, "pixel_min") == NULL && mlp_safetensors_metadata(st, "pixel_max") == NULL)
        return MLP_OK;
    MLP_TRY(read_number(&model->pixels.min, model, "pixel_min", err));
    MLP_TRY(read_number(&model->pixels.max, model, "pixel_max", err));
    MLP_TRY(read_number(&model->pixels.mean, model, "pixel_mean", err));
    if (!(model->pixels.min < model->pixels.max))
        return fail_metadata(model, "pixel_max", "a number above pixel_min", err);
    model->has_pixels = true;
    model->pixels.type = model->bytes ? MLP_IDX_U8 : MLP_IDX_F32;
    return MLP_OK;
}

/* The probability of a prediction is at least p, that of the label. The mean of p is at least exp(-L) for the
   cross-entropy L, which is the mean of -log p. The squared error L is at least the mean of (1 - p)^2 / 2: the mean of
   p is then at least 1 - sqrt(2 L). */
static double read_sure(const mlp_model *model) {
    const char *text = mlp_safetensors_metadata(&model->file, "test_loss");
    if (text == NULL || model->loss == NULL || !mlp_model_is_ours(&model->file)) return 0;
    const double loss = strtod(text, NULL);
    if (!(loss > 0)) return 0;
    return strcmp(model->loss->name, "squared-error") == 0 ? 1 - sqrt(2 * loss) : exp(-loss);
}

static mlp_status read_names(mlp_model *model, mlp_error *err) {
    const mlp_safetensors *st = &model->file;
    const char *activation = mlp_safetensors_metadata(st, "activation");
    const char *loss = mlp_safetensors_metadata(st, "loss");
    const char *scale = mlp_safetensors_metadata(st, "pixel_scale");
    const char *layer = mlp_safetensors_metadata(st, "first_layer");
    char expected[64];
    const size_t classes = count_under(model, "classes");
    snprintf(expected, sizeof expected, "%zu, as in fc2.weight,", model->n_out);
    if (classes != 0 && classes != model->n_out) return fail_metadata(model, "classes", expected, err);
    model->activation = activation != NULL ? mlp_activation_find(activation) : NULL;
    if (activation != NULL && model->activation == NULL)
        return fail_metadata(model, "activation", "one that --help names", err);
    model->loss = loss != NULL ? mlp_loss_find(loss) : NULL;
    if (loss != NULL && model->loss == NULL && mlp_model_is_ours(st)) /* elsewhere it may be a number */
        return fail_metadata(model, "loss", "one that --help names", err);
    if (scale != NULL && strcmp(scale, scale_of_bytes) != 0 && strcmp(scale, scale_of_numbers) != 0)
        return fail_metadata(model, "pixel_scale", "1/255 or 1", err);
    model->bytes = scale == NULL || strcmp(scale, scale_of_bytes) == 0;
    if (layer != NULL && strcmp(layer, "dense") != 0 && strcmp(layer, "sparse") != 0)
        return fail_metadata(model, "first_layer", "dense or sparse", err);
    model->first_layer = layer;
    return MLP_OK;
}

/* Whether this program uses an entry of the metadata. In the files of other programs "loss" may be a number. */
static bool is_read(const char *key, bool ours) {
    static const char *const keys[] = {"activation",  "image_rows", "image_columns",    "pixel_scale", "classes",
                                       "first_layer", "loss",       "checkpoint",       "pixel_min",   "pixel_max",
                                       "pixel_mean",  "transposed", MLP_CLASS_NAMES_KEY};
    enum { FOR_ALL = 6, N = sizeof keys / sizeof *keys };
    for (size_t i = 0; i < (ours ? N : FOR_ALL); i++)
        if (strcmp(key, keys[i]) == 0) return true;
    return false;
}

mlp_status mlp_model_check_metadata(const mlp_safetensors *file, const char *name, mlp_warnings *warnings,
                                    mlp_error *err) {
    for (size_t i = 0; i < file->n_others; i++) {
        const char *key = file->others[i].key, *json = file->others[i].value;
        if (is_read(key, mlp_model_is_ours(file)))
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: says %s %.*s in its metadata, where a text in double quotes was expected; correct or "
                            "remove that entry",
                            name, key, mlp_utf8_shown(json), json);
        mlp_warn(warnings,
                 "%s: the entry '%.*s' of its metadata is %.*s, where safetensors requires a text; it is ignored", name,
                 mlp_utf8_shown(key), key, mlp_utf8_shown(json), json);
    }
    return MLP_OK;
}

static mlp_status read_model(mlp_model *model, const char *path, mlp_warnings *warnings, mlp_error *err) {
    MLP_TRY(mlp_safetensors_read(&model->file, path, err));
    if (mlp_model_is_ours(&model->file) && mlp_safetensors_metadata(&model->file, "checkpoint") != NULL)
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: is a checkpoint, not a model; continue its run with --resume, which leaves a model with --save",
            model->name);
    MLP_TRY(find_arrays(model, err));
    MLP_TRY(check_shapes(model, err));
    MLP_TRY(check_finite(model, err));
    MLP_TRY(mlp_model_check_metadata(&model->file, model->name, warnings, err));
    MLP_TRY(read_image(model, err));
    MLP_TRY(read_names(model, err));
    MLP_TRY(read_pixels(model, err));
    model->sure = read_sure(model);
    warn_of_halves(model, warnings);
    return MLP_OK;
}

mlp_status mlp_model_read(mlp_model *model, const char *path, mlp_warnings *warnings, mlp_error *err) {
    model->name = strcmp(path, "-") == 0 ? "standard input" : path;
    const mlp_status status = read_model(model, path, warnings, err);
    if (status != MLP_OK) mlp_model_free(model);
    return status;
}

mlp_status mlp_model_check_pixels(const mlp_model *model, const mlp_dataset *images, const char *path, mlp_error *err) {
    const float slack = 0.001F; /* the numbers may be rounded */
    const char *scale = mlp_safetensors_metadata(&model->file, "pixel_scale");
    if (images->floats == NULL || scale == NULL || !model->bytes || mlp_model_is_scaled(model)) return MLP_OK;
    for (size_t i = 0; i < images->n * images->n_pixels; i++)
        if (images->floats[i] < -slack || images->floats[i] > 1 + slack)
            return mlp_fail(err, MLP_ERR_FORMAT,
                            "%s: has a pixel of %g, but %s was trained on pixels from 0 to 1; divide them by %.6g, or "
                            "write them as bytes",
                            path, (double)images->floats[i], model->name,
                            fmax(-images->pixels.min, images->pixels.max));
    return MLP_OK;
}

bool mlp_model_is_ours(const mlp_safetensors *file) {
    const char *program = mlp_safetensors_metadata(file, "program");
    return program != NULL && strncmp(program, "mlp-train ", 10) == 0;
}

void mlp_model_free(mlp_model *model) {
    if (model == NULL) return;
    mlp_safetensors_free(&model->file);
    *model = (mlp_model){0};
}

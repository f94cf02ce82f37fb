/* c_header.c - writes a network as C: arrays and a function that uses them. Knows named arrays, no training. */
#include "mlp/formats/c_header.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/text.h"
#include "mlp/formats/file.h"

/* A network, and what its metadata say about the images. */
typedef struct network {
    const mlp_tensor *tensors;
    const char *activation, *formula;
    size_t rows, cols; /* of an image; one row if they are not known */
    bool bytes;        /* pixels are bytes, and the value is byte / 255; else floats */
    double pixel_mean; /* mean of the train images, in the unit of their files; NaN: not known */
    bool transposed;   /* the network takes the images of the files after transposition */
} network;

/* The value of the pair with this key, "" if there is none. */
static const char *value_of(const char *key, const mlp_pair *pairs, size_t n_pairs) {
    for (size_t i = 0; i < n_pairs; i++)
        if (strcmp(pairs[i].key, key) == 0) return pairs[i].value;
    return "";
}

static void read_pairs(network *h, const mlp_pair *pairs, size_t n_pairs) {
    const size_t rows = strtoul(value_of("image_rows", pairs, n_pairs), NULL, 10), n_in = h->tensors[0].dims[1];
    const char *mean = value_of("pixel_mean", pairs, n_pairs);
    h->rows = rows > 0 && n_in % rows == 0 ? rows : 1;
    h->cols = n_in / h->rows;
    h->bytes = strcmp(value_of("pixel_scale", pairs, n_pairs), "1") != 0;
    h->pixel_mean = *mean == '\0' ? NAN : strtod(mean, NULL) * (h->bytes ? 255 : 1);
    h->transposed = strcmp(value_of("transposed", pairs, n_pairs), "yes") == 0;
}

/* ---- the texts ---- */

static void put_comment(mlp_strbuf *c, const network *h, const char *type) {
    const size_t n_in = h->tensors[0].dims[1], n_hidden = h->tensors[0].dims[0], n_out = h->tensors[2].dims[0];
    mlp_strbuf_print(
        c,
        "/* A network of %zu inputs, %zu hidden units (%s) and %zu classes, written by mlp-train.\n\n"
        "       #include \"this_file.h\"\n\n"
        "       float logits[%zu];\n"
        "       int predicted = mlp_predict(pixels, logits);\n\n"
        "   It is C99 and needs no library. Its names begin with mlp_ and are static: include it in one source "
        "file,\n   and another network in another one. The constants take %zu bytes.\n\n",
        n_in, n_hidden, h->activation, n_out, n_out, 4 * (n_hidden * (n_in + 1) + n_out * (n_hidden + 1)));
    mlp_strbuf_print(
        c,
        "   pixels: %zu of type %s, an image of %zu rows of %zu, row by row from the top, each from the left.\n"
        "   %s.\n   Give it images like the train images",
        n_in, type, h->rows, h->cols,
        h->bytes ? "The function divides them by 255, as the training did"
                 : "The function takes them as they are, as the training did");
    if (isfinite(h->pixel_mean)) mlp_strbuf_print(c, ", whose mean pixel is %.4g", h->pixel_mean);
    mlp_strbuf_print(
        c, ":\n   MNIST has light ink, background 0, and the digit in the middle.\n"
           "   Subtract no mean and divide by no standard deviation: where the training did, the weights here "
           "contain both.\n");
    if (h->transposed)
        mlp_strbuf_print(
            c, "   The files of the train images had rows and columns exchanged: exchange them in such images, "
               "the network\n   takes upright ones.\n");
    mlp_strbuf_print(
        c, "   logits: softmax makes the probabilities of them; the largest one is that of the predicted class. */\n");
}

/* The series of exp(x / 2^n) needs only eight terms; its result is then squared n times. */
static const char exp_function[] = "/* e to the x, as exactly as a float allows where sigmoid and tanh need it. */\n"
                                   "static float mlp_exp(float x) {\n"
                                   "    float sum = 1, term = 1;\n"
                                   "    int n = 0;\n"
                                   "    if (x > 80) x = 80;\n"
                                   "    if (x < -80) x = -80;\n"
                                   "    while (x > 0.5F || x < -0.5F) {\n"
                                   "        x *= 0.5F;\n"
                                   "        n++;\n"
                                   "    }\n"
                                   "    for (int i = 1; i <= 8; i++) {\n"
                                   "        term *= x / (float)i;\n"
                                   "        sum += term;\n"
                                   "    }\n"
                                   "    while (n-- > 0) sum *= sum;\n"
                                   "    return sum;\n"
                                   "}\n\n";

static void put_function(mlp_strbuf *c, const network *h, const char *type) {
    const size_t n_in = h->tensors[0].dims[1], n_hidden = h->tensors[0].dims[0], n_out = h->tensors[2].dims[0];
    if (strstr(h->formula, "mlp_exp") != NULL) mlp_strbuf_print(c, "%s", exp_function);
    mlp_strbuf_print(c,
                     "/* The class of the image, 0 to %zu: that of the largest logit. */\n"
                     "static int mlp_predict(const %s pixels[%zu], float logits[%zu]) {\n"
                     "    int best = 0;\n"
                     "    for (int k = 0; k < %zu; k++) logits[k] = mlp_b2[k];\n"
                     "    for (int j = 0; j < %zu; j++) {\n"
                     "        float sum = 0;\n"
                     "        for (int i = 0; i < %zu; i++) sum += mlp_w1[j][i] * %spixels[i];\n"
                     "        const float a = sum%s + mlp_b1[j];\n"
                     "        const float hidden = %s;\n"
                     "        for (int k = 0; k < %zu; k++) logits[k] += mlp_w2[k][j] * hidden;\n"
                     "    }\n"
                     "    for (int k = 1; k < %zu; k++)\n"
                     "        if (logits[k] > logits[best]) best = k;\n"
                     "    return best;\n"
                     "}\n\n#endif\n",
                     n_out - 1, type, n_in, n_out, n_out, n_hidden, n_in, h->bytes ? "(float)" : "",
                     h->bytes ? " / 255" : "", h->formula, n_out, n_out);
}

/* ---- the numbers ---- */

/* Nine digits are enough to read the same float again. */
static void put_number(mlp_strbuf *c, float number, bool first_of_line) {
    char text[32];
    snprintf(text, sizeof text, "%.9g", (double)number);
    const char *point = strpbrk(text, ".e") == NULL ? ".0" : ""; /* 1F is not a C constant, 1.0F is */
    mlp_strbuf_print(c, "%s%s%sF,", first_of_line ? "\n        " : " ", text, point);
}

/* Writes the text that was printed since the last call to the file. */
static void flush(mlp_file *file, mlp_strbuf *c) {
    if (!c->failed) mlp_file_write(file, c->at, c->n);
    c->n = 0;
}

/* Writes the array row by row, because the text of a large network needs much memory. */
static void write_array(mlp_file *file, mlp_strbuf *c, const mlp_tensor *t, const char *name) {
    enum { IN_LINE = 6 };
    const bool matrix = t->n_dims == 2;
    const size_t rows = matrix ? t->dims[0] : 1, cols = t->dims[t->n_dims - 1];
    mlp_strbuf_print(c, "/* %s */\nstatic const float %s", t->name, name);
    for (size_t i = 0; i < t->n_dims; i++) mlp_strbuf_print(c, "[%zu]", t->dims[i]);
    mlp_strbuf_print(c, " = {");
    for (size_t row = 0; row < rows; row++) {
        if (matrix) mlp_strbuf_print(c, "\n    {");
        for (size_t i = 0; i < cols; i++) put_number(c, mlp_tensor_float(t, row * cols + i), i % IN_LINE == 0);
        if (matrix) mlp_strbuf_print(c, "\n    },");
        flush(file, c);
    }
    mlp_strbuf_print(c, "\n};\n\n");
}

static bool is_finite(const mlp_tensor *t) {
    const size_t n = mlp_tensor_bytes(t) / sizeof(float);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(mlp_tensor_float(t, i))) return false;
    return true;
}

mlp_status mlp_c_header_write(const char *path, const mlp_tensor tensors[4], const char *activation,
                              const char *formula, const mlp_pair *pairs, size_t n_pairs, mlp_error *err) {
    static const char *const names[] = {"mlp_w1", "mlp_b1", "mlp_w2", "mlp_b2"};
    network h = {.tensors = tensors, .activation = activation, .formula = formula};
    read_pairs(&h, pairs, n_pairs);
    const char *type = h.bytes ? "unsigned char" : "float";
    mlp_file file = {0};
    mlp_strbuf c = {0};
    for (size_t i = 0; i < 4; i++)
        if (!is_finite(&tensors[i]))
            return mlp_fail(err, MLP_ERR_NUMERIC, "%s: %s has numbers that are not finite: C has no constants for them",
                            path, tensors[i].name);
    MLP_TRY(mlp_file_create(&file, path, err));
    put_comment(&c, &h, type);
    mlp_strbuf_print(&c, "#ifndef MLP_NETWORK_H\n#define MLP_NETWORK_H\n\n");
    for (size_t i = 0; i < 4; i++) write_array(&file, &c, &tensors[i], names[i]);
    put_function(&c, &h, type);
    flush(&file, &c);
    const mlp_status status = c.failed ? mlp_fail_memory(err, "the C header", c.n) : mlp_file_commit(&file, err);
    mlp_file_discard(&file);
    mlp_strbuf_free(&c);
    return status;
}

/* images.c - IDX or netpbm in, images of the size that a network takes out. */
#include "mlp/data/images.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/data/normalize.h"

#define EXPECTED "where PGM, PBM or IDX was expected; make it a PGM (convert PICTURE pgm:-)"

/* ---- what the data are ---- */

typedef struct kind {
    const char *magic;
    size_t length, at;
    const char *what;
} kind;

static const kind kinds[] = {
    {"\x89PNG", 4, 0, "a PNG picture"}, {"\xff\xd8\xff", 3, 0, "a JPEG picture"},
    {"GIF8", 4, 0, "a GIF picture"},    {"BM", 2, 0, "a BMP picture"},
    {"II*\0", 4, 0, "a TIFF picture"},  {"MM\0*", 4, 0, "a TIFF picture"},
    {"WEBP", 4, 8, "a WebP picture"},   {"ftyp", 4, 4, "a HEIC or AVIF picture"},
    {"%PDF", 4, 0, "a PDF document"},   {"{\"", 2, 8, "a safetensors file"},
};

/* How many letters, at most a few, a message can show of what begins with head[0 .. n). */
static int letters_at(const unsigned char *head, size_t n) {
    enum { MOST = 24 };
    int letters = 0;
    while (letters < MOST && (size_t)letters < n && head[letters] >= ' ' && head[letters] <= '~')
        letters++;
    return letters;
}

/* Refuses by name what people have in place of netpbm; IDX's reader names the rest. */
static mlp_status check_kind(const mlp_source *source, const unsigned char *head, size_t n,
                             mlp_error *err) {
    if (n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: is empty, where an image was expected; see why nothing was written",
                        source->name);
    for (const kind *k = kinds; k < kinds + sizeof kinds / sizeof *kinds; k++)
        if (n >= k->at + k->length && memcmp(head + k->at, k->magic, k->length) == 0)
            return mlp_fail(err, MLP_ERR_FORMAT, "%s: is %s, " EXPECTED, source->name, k->what);
    if (mlp_idx_knows(head, n))
        return MLP_OK;
    const int letters = letters_at(head, n);
    if (letters > 3)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: begins with \"%.*s\", " EXPECTED, source->name,
                        letters, (const char *)head);
    return mlp_fail(err, MLP_ERR_FORMAT, "%s: begins with the byte 0x%02X, " EXPECTED, source->name,
                    head[0]);
}

/* ---- sizes ---- */

/* Vectors are images whose shape the file does not tell. */
static bool is_vector(size_t rows, size_t cols) {
    return rows == 1 && cols > 1;
}

/* An image of this size cannot be used as it is. */
static bool is_other_size(const mlp_images *d, size_t rows, size_t cols) {
    if (is_vector(rows, cols) || is_vector(d->rows, d->cols))
        return rows * cols != d->rows * d->cols;
    return rows != d->rows || cols != d->cols;
}

static mlp_status check_frame(const mlp_images *d, mlp_error *err) {
    if (!d->fit || !is_vector(d->rows, d->cols))
        return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--fit: the model takes vectors of %zu numbers, not pictures; leave out --fit, "
                    "or train it on images [n x rows x columns]",
                    d->cols);
}

static mlp_status check_images(const mlp_images *d, mlp_error *err) {
    const mlp_dataset *images = &d->images;
    if (!is_other_size(d, images->rows, images->cols))
        return MLP_OK;
    if (is_vector(images->rows, images->cols))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds vectors of %zu numbers, but the model takes %zu x %zu pixels; "
                        "write the images as [n x rows x columns]",
                        d->source.name, images->cols, d->rows, d->cols);
    if (!d->fit)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds images of %zu x %zu pixels, but the model takes %zu x %zu; add "
                        "--fit",
                        d->source.name, images->rows, images->cols, d->rows, d->cols);
    return MLP_OK;
}

/* ---- digits ---- */

mlp_status mlp_images_open(mlp_images *d, const char *path, size_t rows, size_t cols, bool fit,
                           mlp_warnings *warnings, mlp_error *err) {
    const unsigned char *head;
    size_t n;
    d->rows = rows;
    d->cols = cols;
    d->fit = fit;
    d->labels = mlp_alloc(MLP_DIGITS_MOST, 1, "the digits", err);
    d->bytes = mlp_alloc_unset(MLP_DIGITS_MOST, rows * cols, "the digits", err);
    if (d->labels == NULL || d->bytes == NULL)
        return MLP_ERR_MEMORY;
    d->set = (mlp_dataset){.rows = rows, .cols = cols, .n_in = rows * cols, .labels = d->labels};
    mlp_status status = check_frame(d, err);
    if (status == MLP_OK)
        status = mlp_source_open(&d->source, path, err);
    if (status == MLP_OK) /* of a picture that somebody just drew no more may have come */
        status = mlp_source_peek(&d->source, &head, 2, &n, err);
    if (status == MLP_OK && mlp_netpbm_begins(head, n)) {
        d->pictures.source = &d->source;
        return MLP_OK;
    }
    if (status == MLP_OK)
        status = mlp_source_peek(&d->source, &head, MLP_SOURCE_PEEK, &n, err);
    if (status == MLP_OK)
        status = check_kind(&d->source, head, n, err);
    if (status == MLP_OK)
        status = mlp_dataset_read_images(&d->images, &d->source, warnings, err);
    return status == MLP_OK ? check_images(d, err) : status;
}

/* Fits pixels [height x width] and appends them to the digits at hand. */
static mlp_status append_fitted(mlp_images *d, const float *pixels, size_t height, size_t width,
                                mlp_error *err) {
    const size_t i = d->set.n;
    const mlp_status status = mlp_normalize(d->bytes + i * d->set.n_in, d->rows, d->cols,
                                            &d->blank[i], pixels, height, width, err);
    d->set.n += status == MLP_OK;
    return status;
}

static mlp_status append_picture(mlp_images *d, mlp_error *err) {
    const mlp_netpbm *p = &d->pictures;
    if (d->fit)
        return append_fitted(d, p->pixels, p->rows, p->cols, err);
    if (is_other_size(d, p->rows, p->cols))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: picture %zu is %zu x %zu pixels (rows x columns), but the model takes "
                        "%zu x %zu; add --fit",
                        d->source.name, p->n - 1, p->rows, p->cols, d->rows, d->cols);
    uint8_t *digit = d->bytes + d->set.n * d->set.n_in;
    for (size_t i = 0; i < d->set.n_in; i++) /* as bytes, which all images are to the network */
        digit[i] = (uint8_t)lrintf(255.0F * p->pixels[i]);
    d->set.n++;
    return MLP_OK;
}

static mlp_status next_pictures(mlp_images *d, mlp_error *err) {
    d->set.n = 0;
    d->set.bytes = d->bytes;
    while (d->set.n < MLP_DIGITS_MOST && (d->set.n == 0 || mlp_source_ready(&d->source))) {
        bool more;
        mlp_status status = mlp_netpbm_next(&d->pictures, &more, err);
        if (status == MLP_OK && more)
            status = append_picture(d, err);
        if (status != MLP_OK)
            return status;
        if (!more)
            break;
    }
    return MLP_OK;
}

/* Image `i` of IDX as floats: where they lie, or a copy in d->drawing. */
static const float *image_values(mlp_images *d, size_t i, mlp_error *err) {
    const mlp_dataset *images = &d->images;
    if (images->values != NULL)
        return images->values + i * images->n_in;
    if (d->drawing == NULL)
        d->drawing = mlp_alloc_unset(images->n_in, sizeof *d->drawing, "an image to fit", err);
    for (size_t j = 0; d->drawing != NULL && j < images->n_in; j++)
        d->drawing[j] = (float)images->bytes[i * images->n_in + j] / 255.0F;
    return d->drawing;
}

static mlp_status fit_images(mlp_images *d, size_t n, mlp_error *err) {
    /* a vector of as many pixels as the frame has is taken to have its shape */
    const bool vector = is_vector(d->images.rows, d->images.cols);
    const size_t height = vector ? d->rows : d->images.rows;
    const size_t width = vector ? d->cols : d->images.cols;
    d->set.n = 0;
    d->set.bytes = d->bytes;
    for (size_t i = 0; i < n; i++) {
        const float *values = image_values(d, d->taken + i, err);
        const mlp_status status =
            values == NULL ? MLP_ERR_MEMORY : append_fitted(d, values, height, width, err);
        if (status != MLP_OK)
            return status;
    }
    return MLP_OK;
}

static mlp_status next_images(mlp_images *d, mlp_error *err) {
    const mlp_dataset *images = &d->images;
    const size_t left = images->n - d->taken, n = left < MLP_DIGITS_MOST ? left : MLP_DIGITS_MOST;
    const size_t first = d->taken * images->n_in;
    mlp_status status = MLP_OK;
    if (d->fit) {
        status = fit_images(d, n, err);
    } else {
        d->set.n = n;
        d->set.bytes = images->bytes == NULL ? NULL : images->bytes + first;
        d->set.values = images->values == NULL ? NULL : images->values + first;
    }
    d->taken += n;
    return status;
}

mlp_status mlp_images_next(mlp_images *d, mlp_error *err) {
    if (d->failure.status == MLP_OK && d->pictures.source != NULL)
        next_pictures(d, &d->failure);
    else if (d->failure.status == MLP_OK)
        next_images(d, &d->failure);
    else
        d->set.n = 0;
    if (d->failure.status != MLP_OK && d->set.n == 0)
        return mlp_fail(err, d->failure.status, "%s", d->failure.message);
    return MLP_OK;
}

void mlp_images_free(mlp_images *d) {
    if (d == NULL)
        return;
    mlp_netpbm_free(&d->pictures);
    mlp_dataset_free(&d->images);
    mlp_source_close(&d->source);
    free(d->bytes);
    free(d->labels);
    free(d->drawing);
    memset(d, 0, sizeof *d);
}

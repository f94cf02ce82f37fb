/* images.c - reads images from IDX, PNG or netpbm and converts them to the size that a network takes. */
#include "mlp/data/images.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/formats/png.h"
#include "mlp/formats/sniff.h"

#define MAKE_PGM "make it a PGM (convert PICTURE pgm:-)"
#define MAKE_IDX MLP_SCRIPTS "/make-idx.py makes IDX files of .npz and CSV"
#define EXPECTED "where PNG, PGM, PBM or IDX was expected; "

/* ---- the format ---- */

/* Accepts IDX (netpbm and PNG are recognized before), and failed downloads, about which the IDX reader has the best
   messages. */
static mlp_status check_format(const mlp_source *source, const unsigned char *head, size_t n, mlp_error *err) {
    const mlp_sniffed found = mlp_sniff(head, n);
    if (n == 0)
        return mlp_fail(err, MLP_ERR_FORMAT, "%s: is empty, where an image was expected; see why nothing was written",
                        source->name);
    const bool idx = n > 1 && head[0] == 0 && head[1] == 0;
    if (found.group == MLP_SNIFF_DOWNLOAD || (idx && found.group != MLP_SNIFF_PICTURE)) return MLP_OK;
    return mlp_fail(err, MLP_ERR_FORMAT, "%s: is %s, " EXPECTED "%s", source->name, found.what,
                    found.unpack != NULL              ? found.unpack
                    : found.group == MLP_SNIFF_ARRAYS ? MAKE_IDX
                                                      : MAKE_PGM);
}

/* ---- sizes ---- */

/* A vector is an image whose rows and columns are not known. */
static bool is_vector(size_t rows, size_t cols) { return rows == 1 && cols > 1; }

/* Whether an image of this size must be fitted. */
static bool is_other_size(const mlp_images *images, size_t rows, size_t cols) {
    if (is_vector(rows, cols) || is_vector(images->rows, images->cols))
        return rows * cols != images->rows * images->cols;
    return rows != images->rows || cols != images->cols;
}

static mlp_status check_frame(const mlp_images *images, mlp_error *err) {
    if (!images->fit || !is_vector(images->rows, images->cols)) return MLP_OK;
    return mlp_fail(err, MLP_ERR_USAGE,
                    "--fit: the model takes vectors of %zu numbers, not pictures; leave out --fit, or train it on "
                    "images [n x rows x columns]",
                    images->cols);
}

static mlp_status check_images(const mlp_images *images, mlp_error *err) {
    const mlp_dataset *file = &images->file;
    if (!is_other_size(images, file->rows, file->cols)) return MLP_OK;
    if (is_vector(file->rows, file->cols))
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds vectors of %zu numbers, but the model takes %zu x %zu pixels; write the images as "
                        "[n x rows x columns]",
                        images->source.name, file->cols, images->rows, images->cols);
    if (!images->fit)
        return mlp_fail(err, MLP_ERR_FORMAT,
                        "%s: holds images of %zu x %zu pixels, but the model takes %zu x %zu; add --fit",
                        images->source.name, file->rows, file->cols, images->rows, images->cols);
    return MLP_OK;
}

/* ---- opening ---- */

/* Opens a PNG as a file of one image of bytes. */
static mlp_status open_png(mlp_images *images, mlp_error *err) {
    mlp_dataset *file = &images->file;
    MLP_TRY(mlp_png_read(&images->png, &file->rows, &file->cols, &images->source, err));
    file->n = 1;
    file->n_pixels = file->rows * file->cols;
    file->bytes = images->png;
    return check_images(images, err);
}

mlp_status mlp_images_open(mlp_images *images, const char *path, size_t rows, size_t cols, bool fit, mlp_error *err) {
    const unsigned char *head;
    size_t n;
    images->rows = rows;
    images->cols = cols;
    images->fit = fit;
    MLP_NEW(images->labels, MLP_IMAGES_MOST, 1, "the images", err);
    MLP_NEW(images->bytes, MLP_IMAGES_MOST, rows * cols, "the images", err);
    images->set = (mlp_dataset){.rows = rows, .cols = cols, .n_pixels = rows * cols, .labels = images->labels};
    MLP_TRY(check_frame(images, err));
    MLP_TRY(mlp_source_open(&images->source, path, err));
    /* Two bytes suffice for netpbm. Waiting for more would block on a pipe that sends no more. */
    MLP_TRY(mlp_source_peek(&images->source, &head, 2, &n, err));
    if (mlp_netpbm_begins(head, n)) {
        images->pictures.source = &images->source;
        return MLP_OK;
    }
    MLP_TRY(mlp_source_peek(&images->source, &head, MLP_SOURCE_PEEK, &n, err));
    if (mlp_png_begins(head, n)) return open_png(images, err);
    MLP_TRY(check_format(&images->source, head, n, err));
    MLP_TRY(mlp_dataset_read_images(&images->file, &images->source, err));
    if (images->transpose) MLP_TRY(mlp_dataset_transpose(&images->file, images->source.name, err));
    return check_images(images, err);
}

/* ---- the next group ---- */

/* How many pictures the group still has space for: each may have many shapes. */
static size_t space(const mlp_images *images) {
    const size_t left = MLP_IMAGES_MOST - images->set.n;
    return images->split ? left / MLP_SHAPES_MOST : left;
}

/* Fits pixels [height x width] and appends the image to the group; with `split` the images. */
static mlp_status append_fitted(mlp_images *images, const float *pixels, size_t height, size_t width, mlp_error *err) {
    mlp_dataset *set = &images->set;
    mlp_shapes shapes;
    mlp_found found;
    MLP_TRY(mlp_normalize(images->bytes + set->n * set->n_pixels, images->rows, images->cols, &found, &shapes,
                          images->split, pixels, height, width, err));
    const size_t n = images->split && shapes.n > 1 ? shapes.n : 1;
    for (size_t k = 0; k < n; k++, set->n++) {
        images->found[set->n] = found;
        images->index[set->n] = images->taken;
        images->shapes[set->n] = shapes.n;
        images->box[set->n] = shapes.box[k];
    }
    images->taken++;
    return MLP_OK;
}

static mlp_status append_picture(mlp_images *images, mlp_error *err) {
    const mlp_netpbm *p = &images->pictures;
    if (images->fit) return append_fitted(images, p->pixels, p->rows, p->cols, err);
    if (is_other_size(images, p->rows, p->cols))
        return mlp_fail(
            err, MLP_ERR_FORMAT,
            "%s: picture %zu is %zu x %zu pixels (rows x columns), but the model takes %zu x %zu; add --fit",
            images->source.name, p->n - 1, p->rows, p->cols, images->rows, images->cols);
    uint8_t *bytes = images->bytes + images->set.n * images->set.n_pixels;
    for (size_t i = 0; i < images->set.n_pixels; i++) /* the network was trained on bytes */
        bytes[i] = (uint8_t)lrintf(255.0F * p->pixels[i]);
    images->index[images->set.n++] = images->taken++;
    return MLP_OK;
}

static mlp_status next_pictures(mlp_images *images, mlp_error *err) {
    while (space(images) > 0 && (images->set.n == 0 || mlp_source_ready(&images->source))) {
        bool more;
        MLP_TRY(mlp_netpbm_next(&images->pictures, &more, err));
        if (!more) break;
        MLP_TRY(append_picture(images, err));
    }
    return MLP_OK;
}

/* Image i of the file as floats: a pointer into the file's floats, or to the converted copy in images->drawing. NULL if
   memory runs out. */
static const float *image_values(mlp_images *images, size_t i, mlp_error *err) {
    const mlp_dataset *file = &images->file;
    if (file->floats != NULL) return file->floats + i * file->n_pixels;
    if (images->drawing == NULL)
        images->drawing = mlp_alloc_unset(file->n_pixels, sizeof *images->drawing, "an image to fit", err);
    for (size_t j = 0; images->drawing != NULL && j < file->n_pixels; j++)
        images->drawing[j] = (float)file->bytes[i * file->n_pixels + j] / 255.0F;
    return images->drawing;
}

static mlp_status fit_images(mlp_images *images, mlp_error *err) {
    /* a vector with as many pixels as the network takes is assumed to have the network's rows and columns */
    const bool vector = is_vector(images->file.rows, images->file.cols);
    const size_t height = vector ? images->rows : images->file.rows;
    const size_t width = vector ? images->cols : images->file.cols;
    while (images->taken < images->file.n && space(images) > 0) {
        const float *values = image_values(images, images->taken, err);
        if (values == NULL) return MLP_ERR_MEMORY;
        MLP_TRY(append_fitted(images, values, height, width, err));
    }
    return MLP_OK;
}

static mlp_status next_images(mlp_images *images, mlp_error *err) {
    const mlp_dataset *file = &images->file;
    const size_t left = file->n - images->taken, first = images->taken * file->n_pixels;
    if (images->fit) return fit_images(images, err);
    images->set.n = left < MLP_IMAGES_MOST ? left : MLP_IMAGES_MOST;
    images->set.bytes = file->bytes == NULL ? NULL : file->bytes + first;
    images->set.floats = file->floats == NULL ? NULL : file->floats + first;
    for (size_t i = 0; i < images->set.n; i++) images->index[i] = images->taken++;
    return MLP_OK;
}

static bool is_dark(const uint8_t *image, size_t n) {
    while (n > 0 && image[n - 1] < 26) n--;
    return n == 0;
}

static void count_borders(mlp_images *images) {
    const mlp_dataset *set = &images->set;
    const mlp_pixels range = {.max = 1};
    if (images->fit || set->bytes == NULL || images->rows < 8 || images->cols < 8) return;
    for (size_t i = 0; i < set->n; i++) {
        const uint8_t *image = set->bytes + i * set->n_pixels;
        images->bright += mlp_pixels_border(&range, 0.5, image, NULL, images->rows, images->cols).bright > 0.5;
        images->dim += mlp_pixels_border(&range, 0.25, image, NULL, images->rows, images->cols).dark >= 0.9;
        images->dark += is_dark(image, set->n_pixels);
    }
}

mlp_status mlp_images_next(mlp_images *images, mlp_error *err) {
    images->set.n = 0;
    images->set.bytes = images->bytes;
    if (images->failure.status == MLP_OK)
        (images->pictures.source != NULL ? next_pictures : next_images)(images, &images->failure);
    if (images->failure.status != MLP_OK && images->set.n == 0)
        return mlp_fail(err, images->failure.status, "%s", images->failure.message);
    count_borders(images);
    return MLP_OK;
}

void mlp_images_free(mlp_images *images) {
    if (images == NULL) return;
    mlp_netpbm_free(&images->pictures);
    mlp_dataset_free(&images->file);
    mlp_source_close(&images->source);
    MLP_FREE(images->bytes, images->labels, images->drawing, images->png);
    memset(images, 0, sizeof *images);
}

/* sheet.c - --samples: a contact sheet of distorted digits. */
#include <string.h>

#include "mlp/base/strbuf.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/report.h"
#include "mlp/cli/settings.h"
#include "mlp/data/augment.h"
#include "mlp/formats/file.h"
#include "mlp/formats/png_write.h"

/* Images in a row of the sheet, and its largest number of rows. */
enum { SIDE = 10 };

/* The pixels: image beside image, black where there is none. */
static void put_pixels(mlp_strbuf *pixels, const mlp_dataset *images, size_t rows) {
    static const uint8_t black[MLP_AUGMENT_MAX_SIDE];
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < SIDE; x++) {
            const size_t i = y / images->rows * SIDE + x;
            const size_t row = i * images->rows + y % images->rows;
            const uint8_t *from = i < images->n ? images->bytes + row * images->cols : black;
            mlp_strbuf_add(pixels, (const char *)from, images->cols);
        }
}

/* A name that ends in .png makes it PNG, another one PGM. */
static mlp_status write_sheet(const char *path, const mlp_dataset *images, mlp_error *err) {
    const size_t rows = (images->n + SIDE - 1) / SIDE * images->rows, cols = SIDE * images->cols, length = strlen(path);
    mlp_strbuf pixels = {0}, bytes = {0};
    mlp_file file = {0};
    put_pixels(&pixels, images, rows);
    mlp_status status = pixels.failed ? mlp_fail_memory(err, "the contact sheet", rows * cols) : MLP_OK;
    if (status == MLP_OK && length > 4 && strcmp(path + length - 4, ".png") == 0) {
        status = mlp_png_write(&bytes, (const uint8_t *)pixels.at, rows, cols, err);
    } else {
        mlp_strbuf_print(&bytes, "P5\n%zu %zu\n255\n", cols, rows);
        mlp_strbuf_add(&bytes, pixels.at, pixels.n);
        if (bytes.failed && status == MLP_OK) status = mlp_fail_memory(err, "the contact sheet", rows * cols);
    }
    if (status == MLP_OK) status = mlp_file_create(&file, path, err);
    if (status == MLP_OK) {
        mlp_file_write(&file, bytes.at, bytes.n);
        status = mlp_file_commit(&file, err);
    }
    mlp_strbuf_free(&bytes);
    mlp_strbuf_free(&pixels);
    return status;
}

void mlp_sheet(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_augment augment = {0};
    if (mlp_run_open(run, err) != MLP_OK) return;
    const size_t most = (size_t)SIDE * SIDE, n = run->train.n < most ? run->train.n : most;
    const mlp_augment_settings settings = mlp_settings(o, run->train.n).augment;
    if (mlp_augment_create(&augment, &settings, &run->train, n, o->seed, run->team, err) == MLP_OK) {
        mlp_augment_load(&augment, &run->train, NULL, n, 0, run->team);
        if (write_sheet(o->samples, &augment.set, err) == MLP_OK) mlp_report_written(run, o->samples);
    }
    mlp_augment_free(&augment);
}

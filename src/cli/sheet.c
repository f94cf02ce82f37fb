/* sheet.c - --samples: a contact sheet of distorted digits. */
#include "mlp/cli/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/cli/settings.h"
#include "mlp/data/augment.h"
#include "mlp/formats/file.h"

/* Images in a row of the sheet, and its largest number of rows. */
enum { SIDE = 10 };

/* sheet [rows x cols] = the images, one beside the other. */
static void lay_out(uint8_t *sheet, size_t cols, const mlp_dataset *images) {
    for (size_t i = 0; i < images->n; i++)
        for (size_t y = 0; y < images->rows; y++)
            memcpy(sheet + (i / SIDE * images->rows + y) * cols + i % SIDE * images->cols,
                   images->bytes + (i * images->rows + y) * images->cols, images->cols);
}

static mlp_status write_sheet(const char *path, const mlp_dataset *images, mlp_error *err) {
    const size_t rows = (images->n + SIDE - 1) / SIDE * images->rows, cols = SIDE * images->cols;
    mlp_file file = {0};
    char header[64];
    uint8_t *sheet = mlp_alloc(rows, cols, "the contact sheet", err);
    if (sheet == NULL) return MLP_ERR_MEMORY;
    lay_out(sheet, cols, images);
    const int length = snprintf(header, sizeof header, "P5\n%zu %zu\n255\n", cols, rows);
    mlp_status status = mlp_file_create(&file, path, err);
    if (status == MLP_OK) {
        mlp_file_write(&file, header, (size_t)length);
        mlp_file_write(&file, sheet, rows * cols);
        status = mlp_file_commit(&file, err);
    }
    free(sheet);
    return status;
}

void mlp_sheet(mlp_run *run, mlp_error *err) {
    const mlp_options *o = &run->options;
    mlp_augment augment = {0};
    if (mlp_run_open(run, err) != MLP_OK) return;
    const size_t most = (size_t)SIDE * SIDE, n = run->train.n < most ? run->train.n : most;
    const mlp_augment_settings settings = mlp_settings(o, run->train.n).augment;
    mlp_status status = mlp_augment_create(&augment, &settings, &run->train, n, o->seed, run->team, err);
    if (status == MLP_OK) {
        mlp_augment_load(&augment, &run->train, NULL, n, 0, run->team);
        status = write_sheet(o->samples, &augment.set, err);
    }
    if (status == MLP_OK && !o->quiet) fprintf(stderr, "written   %s\n", o->samples);
    mlp_augment_free(&augment);
}

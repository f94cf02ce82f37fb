/* sheet.c - --samples: a contact sheet of distorted digits. */
#include <stdio.h>

#include "mlp/cli/modes.h"
#include "mlp/cli/report.h"
#include "mlp/cli/settings.h"
#include "mlp/data/augment.h"
#include "mlp/formats/file.h"

/* Images in a row of the sheet, and its largest number of rows. */
enum { SIDE = 10 };

/* The PGM file: image beside image, black where there is none. */
static mlp_status write_sheet(const char *path, const mlp_dataset *images, mlp_error *err) {
    static const uint8_t black[MLP_AUGMENT_MAX_SIDE];
    const size_t rows = (images->n + SIDE - 1) / SIDE * images->rows;
    mlp_file file = {0};
    char header[64];
    MLP_TRY(mlp_file_create(&file, path, err));
    mlp_file_write(&file, header,
                   (size_t)snprintf(header, sizeof header, "P5\n%zu %zu\n255\n", SIDE * images->cols, rows));
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < SIDE; x++) {
            const size_t i = y / images->rows * SIDE + x;
            const size_t row = i * images->rows + y % images->rows;
            mlp_file_write(&file, i < images->n ? images->bytes + row * images->cols : black, images->cols);
        }
    return mlp_file_commit(&file, err);
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

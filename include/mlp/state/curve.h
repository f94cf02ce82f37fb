/* curve.h - writes the curve of a run, the CSV file: a header, then one row for each iteration; the file always ends
   with a complete row. Knows events, not the trainer. */
#pragma once

#include "mlp/train/metrics.h"

/* Length and check sum of a CSV: enough to recognize its file later. */
typedef struct mlp_curve_mark {
    uint64_t bytes; /* bytes written, including the header; 0: the run has no CSV */
    uint32_t crc;   /* CRC-32 of these bytes */
} mlp_curve_mark;

/* Zero-initialise; mlp_curve_close whatever the result. */
typedef struct mlp_curve {
    const char *path; /* for messages */
    bool open;        /* false: the run has no CSV, and the calls below do nothing */
    bool regular;     /* a file that can be truncated, not a pipe */
    int fd;
    char *rows; /* complete rows not yet written */
    size_t used;
    double flushed; /* time of the last write, by mlp_clock */
    mlp_curve_mark mark;
} mlp_curve;

/* Creates or empties the file `path` and writes the header; "-" is standard output. This function and the next refuse a
   file that another program is writing. */
mlp_status mlp_curve_create(mlp_curve *csv, const char *path, mlp_error *err);

/* Opens the CSV of a run that is resumed at `mark`. The file must begin with the bytes written up to the mark; later
   rows are removed. Any other file is refused and not changed. A missing or empty file is created, with the header, if
   `named` says that the command line asks for it; else it is an error. Standard output and pipes get only the new
   rows. */
mlp_status mlp_curve_resume(mlp_curve *csv, const char *path, const mlp_curve_mark *mark, bool named, mlp_error *err);

/* Adds the event's row. Rows are written to the file when the buffer is full, 0.2 s after the last write, and after an
   evaluation. Returns MLP_STOPPED if the reader of standard output has closed it. */
mlp_status mlp_curve_row(mlp_curve *csv, const mlp_event *event, mlp_error *err);

/* Writes all rows to the disk: csv->mark is then valid. */
mlp_status mlp_curve_sync(mlp_curve *csv, mlp_error *err);

/* Writes the remaining rows and closes the file; the first failure is in err. */
mlp_status mlp_curve_close(mlp_curve *csv, mlp_error *err);

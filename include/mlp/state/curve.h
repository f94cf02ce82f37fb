/* curve.h - the curve of a run as a file: a header, then a row an iteration, always whole rows.
   Knows events, not what made them. */
#pragma once

#include "mlp/train/metrics.h"

/* How far a CSV has come: enough to know its file again. */
typedef struct mlp_curve_mark {
    uint64_t bytes; /* written, with the header; 0: the run has no CSV */
    uint32_t crc;   /* CRC-32 of those */
} mlp_curve_mark;

/* Zero-initialise; mlp_curve_close whatever the result. */
typedef struct mlp_curve {
    const char *path; /* for messages */
    bool open;        /* there is one; else the calls below do nothing */
    bool regular;     /* a file that can be cut, not a pipe */
    int fd;
    char *rows; /* complete rows not yet written */
    size_t used;
    double flushed; /* when, on the monotonic clock, in seconds */
    mlp_curve_mark mark;
} mlp_curve;

/* Empties or makes the file `path` and writes the header; "-" is standard output. A file that
   another program is writing is refused, here and below. */
mlp_status mlp_curve_create(mlp_curve *csv, const char *path, mlp_error *err);

/* Opens the CSV of a run that is resumed at `mark`. The file must begin with what was written until
   then; rows after that are removed. Another file is refused and left unchanged. A missing or empty
   file is created, with the header, if `named` says that the command line asks for it; else it is
   an error. Standard output and pipes get only the new rows. */
mlp_status mlp_curve_resume(mlp_curve *csv, const char *path, const mlp_curve_mark *mark, bool named, mlp_error *err);

/* Adds the event's row. Rows are written when there are many, when the last were written 0.2 s ago,
   and after an evaluation. MLP_STOPPED where standard output has lost its reader. */
mlp_status mlp_curve_row(mlp_curve *csv, const mlp_event *event, mlp_error *err);

/* Puts all rows on the disk: from now on csv->mark holds. */
mlp_status mlp_curve_sync(mlp_curve *csv, mlp_error *err);

/* Writes what is left and closes; the first failure is in err. */
mlp_status mlp_curve_close(mlp_curve *csv, mlp_error *err);

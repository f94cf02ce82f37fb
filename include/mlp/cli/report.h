/* report.h - the output of a training run: messages, table, progress line and CSV. */
#pragma once

#include <stdio.h>

#include "mlp/cli/train.h"

/* Opens the CSV, to append if the run is resumed. mlp_report_close whatever the result. */
mlp_status mlp_report_open(mlp_training *training, mlp_error *err);

/* Prints the start block on stderr: options, data, network, training, machine. */
void mlp_report_settings(const mlp_training *training);

/* With --verbose, prints the team's threads and the BLAS on stderr. */
void mlp_report_machine(const mlp_run *run);

/* Prints the warnings on stderr, one line each, also with --quiet, and empties the list. */
void mlp_report_warnings(mlp_warnings *warnings);

/* Prints on stderr that the run to resume was complete, and what can be done. */
void mlp_report_complete(const mlp_training *training);

/* Writes the CSV row of an event, and a table row or the progress line. MLP_STOPPED if the reader has closed the
   pipe. */
mlp_status mlp_report_event(mlp_training *training, const mlp_event *event, mlp_error *err);

/* Prints targets, probabilities and loss of each example of a batch. */
void mlp_report_trace(FILE *out, const mlp_batch *batch, size_t iteration, double loss);

/* Prints on stderr that this file was written. */
void mlp_report_written(const mlp_run *run, const char *path);

/* Prints on stderr which signal ended the run, and which checkpoint resumes it. */
void mlp_report_stopped(const mlp_training *training);

/* Prints the last line, about run->result. */
mlp_status mlp_report_result(const mlp_training *training, mlp_error *err);

/* Prints a line on stderr; control characters, as file names may have, become '?'. */
void mlp_report_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line of the start block on stderr, broken into lines of at most 79 characters; words are not broken. */
void mlp_report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Flushes `stream` (stdout or stderr); MLP_STOPPED if the reader has closed the pipe. */
mlp_status mlp_report_flush(FILE *stream, mlp_error *err);

/* Writes the last rows of the CSV and closes it. */
mlp_status mlp_report_close(mlp_training *training, mlp_error *err);

/* outputs.h - checks the files that a run will write, before the training, and writes them after it. */
#pragma once

#include "mlp/cli/run.h"
#include "mlp/train/evaluate.h"

/* Before any work: refuses an output file that is also an input or another output, and files that cannot be written. */
mlp_status mlp_outputs_check(const mlp_run *run, mlp_error *err);

/* Writes a network or a checkpoint to `path`. */
typedef mlp_status (*mlp_output_writer)(void *context, const char *path, mlp_error *err);

/* Writes the `what` ("network" or "checkpoint") to `path`. If that fails, or if the run has failed (err is set) and
   `path` is an older file, writes to another name in the same directory, else in $TMPDIR or /tmp; the message in err
   says where it is. */
mlp_status mlp_outputs_write(void *context, mlp_output_writer write, const char *what, const char *path,
                             mlp_error *err);

/* Writers of the network of an mlp_run: as safetensors; in the format of the suffix of `path`. */
mlp_status mlp_outputs_save(void *run, const char *path, mlp_error *err);
mlp_status mlp_outputs_export(void *run, const char *path, mlp_error *err);

/* The file of --confusion: a header "label,0,1,...", then a row for each label, with a column for each predicted class;
   the names of the classes, if they have names. */
mlp_status mlp_outputs_confusion(const char *path, const mlp_confusion *confusion, const mlp_class_names *names,
                                 mlp_error *err);

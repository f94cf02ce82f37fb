/* outputs.h - the files that a run writes: checked before the training, written after it. */
#ifndef MLP_OUTPUTS_H
#define MLP_OUTPUTS_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Refuses, before any work, output files that are also read or written otherwise, and files that cannot be written. */
mlp_status mlp_outputs_check(const mlp_run *run, mlp_error *err);

/* Writes the network of the run, or its checkpoint, to `path`. */
typedef mlp_status (*mlp_output_writer)(mlp_run *run, const char *path, mlp_error *err);

/* Writes the `what` ("network" or "checkpoint") to `path`. If that fails, or if the run has failed
   (err is set) and an older file is at `path`, then to another name in the same directory, else in
   $TMPDIR or /tmp; the message in err says where it is. */
mlp_status mlp_outputs_write(mlp_run *run, const char *what, const char *path, mlp_output_writer write, mlp_error *err);

/* Writers of the network as training left it: as safetensors, and as the suffix of `path` says. */
mlp_status mlp_outputs_save(mlp_run *run, const char *path, mlp_error *err);
mlp_status mlp_outputs_export(mlp_run *run, const char *path, mlp_error *err);

#endif

/* resume.h - decides when checkpoints are written, and resumes a run. Prints nothing. */
#pragma once

#include "mlp/cli/train.h"

/* With --resume, before everything else: reads the checkpoint. The options become those of its run,
   except for those that the command line sets. */
mlp_status mlp_resume_open(mlp_training *training, mlp_error *err);

/* With --checkpoint or --resume, after the trainer is created: allocates the checkpoint; with
   --resume restores the state of the trainer. */
mlp_status mlp_resume_prepare(mlp_training *training, mlp_error *err);

/* After each iteration: writes a checkpoint if one is due or the run `ends` here. The rows of the CSV are written to
   the disk first. */
mlp_status mlp_resume_write(mlp_training *training, bool ends, mlp_error *err);

/* resume.h - the checkpoints of a run of the program: when they are written, and how a run goes on
   from one. Prints nothing. */
#ifndef MLP_RESUME_H
#define MLP_RESUME_H

#include <stdbool.h>

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* With --resume, before anything else of the run: reads the checkpoint; the options become those of
   its run, but for what the command line has itself. */
mlp_status mlp_resume_open(mlp_run *run, mlp_error *err);

/* With --checkpoint or --resume, after the trainer is made: gets ready to write; brings the trainer
   of a resumed run to where the run was. */
mlp_status mlp_resume_prepare(mlp_run *run, mlp_error *err);

/* After each iteration: writes a checkpoint where one is due, or the run ends here; the rows of the
   CSV are on the disk before it. */
mlp_status mlp_resume_write(mlp_run *run, bool ends, mlp_error *err);

#endif

/* train.h - the data of a training run, shared by train.c and resume.c, and what resume.c does with them: it decides
   when checkpoints are written, and resumes a run. It prints nothing. */
#pragma once

#include "mlp/cli/run.h"
#include "mlp/cli/table.h"
#include "mlp/state/checkpoint.h"
#include "mlp/state/curve.h"
#include "mlp/train/trainer.h"

typedef struct mlp_training {
    mlp_run *run;
    mlp_train_settings settings;
    mlp_trainer trainer;
    mlp_table table; /* on stdout, or on stderr if the CSV goes to stdout */
    mlp_progress progress;
    mlp_curve csv;
    double first_loss;         /* train loss before the first update; NaN: not measured by this process */
    mlp_checkpoint checkpoint; /* with --checkpoint or --resume */
    mlp_safetensors resumed;   /* the file of --resume; texts of the options point into its memory */
    mlp_options then;          /* with --resume: the options that the run had before */
    size_t start;              /* iterations that were made before it was resumed */
} mlp_training;

/* With --resume, before everything else: reads the checkpoint. The options become those of its run,
   except for those that the command line sets. */
mlp_status mlp_resume_open(mlp_training *training, mlp_error *err);

/* With --checkpoint or --resume, after the trainer is created: allocates the checkpoint; with
   --resume restores the state of the trainer. */
mlp_status mlp_resume_prepare(mlp_training *training, mlp_error *err);

/* After each iteration: writes a checkpoint if one is due or the run `ends` here. The rows of the CSV are written to
   the disk first. */
mlp_status mlp_resume_write(mlp_training *training, bool ends, mlp_error *err);

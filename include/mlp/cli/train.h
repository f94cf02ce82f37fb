/* train.h - the data of a training run, shared by train.c and resume.c, and what resume.c does with them: it decides
   when checkpoints are written, and resumes a run. It prints nothing. */
#pragma once

#include "mlp/cli/report.h"
#include "mlp/cli/run.h"
#include "mlp/state/checkpoint.h"
#include "mlp/train/trainer.h"

typedef struct mlp_training {
    mlp_run *run;
    mlp_train_settings settings;
    mlp_trainer trainer;
    mlp_report report;
    double first_loss;         /* train loss before the first update; NaN: not measured by this process */
    mlp_checkpoint checkpoint; /* with --checkpoint or --resume */
    mlp_safetensors resumed;   /* the file of --resume; texts of the options point into its memory */
    mlp_options then;          /* with --resume: the options that the run had before */
    mlp_report_start start;    /* with --resume: its output before */
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

/* train.h - the data of a training run, shared by train.c and resume.c. */
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

/* train.h - a training run, as train.c and resume.c share it. */
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
    mlp_safetensors resumed;   /* the file of --resume: texts of the options lie in its memory */
    mlp_options then;          /* the options that the resumed run had */
    mlp_report_start start;    /* what it has reported */
} mlp_training;

/* predict.h - what a trained network takes images for: --predict. */
#ifndef MLP_PREDICT_H
#define MLP_PREDICT_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Prints a line of CSV for each image of the file that --predict names: its index, the class that
   the model of --load takes it for, and the probability of each class. Every image by itself: what
   stands beside it, and the number of threads, are without effect. */
void mlp_predict(mlp_run *run, mlp_error *err);

#endif

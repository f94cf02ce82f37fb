/* predict.h - --predict: the classes of images by a trained network. */
#ifndef MLP_PREDICT_H
#define MLP_PREDICT_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Prints a CSV row for each image of the file of --predict: its index, the most probable class, the probability of
   each class. A row depends neither on the other images nor on the number of threads. */
void mlp_predict(mlp_run *run, mlp_error *err);

#endif

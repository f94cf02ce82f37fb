/* modes.h - the modes of the program, one file each. Each opens the files that it needs, prints its result, and sets
   err to the first failure. */
#pragma once

#include "mlp/cli/run.h"

/* Trains a network, or with --resume continues from a checkpoint; prints the results and writes the files of the
   options. */
void mlp_train(mlp_run *run, mlp_error *err);

/* --eval: prints loss, precision, recall and the confusion matrix of the model of --load. */
void mlp_eval(mlp_run *run, mlp_error *err);

/* --predict: prints a CSV row for each image: its index, the most probable class, the probability
   of each class. A row depends neither on the other images nor on the number of threads. */
void mlp_predict(mlp_run *run, mlp_error *err);

/* --check-gradient: prints a row for each parameter block. Fails if backpropagation and central differences differ by
   more than 1e-4, or if a block has nothing to compare. */
void mlp_gradient_mode(mlp_run *run, mlp_error *err);

/* --samples: writes the first 100 train images (or as many as there are) to a PNG or PGM file, ten in a row. They have
   the distortions of the first images that a run with this seed draws. */
void mlp_sheet(mlp_run *run, mlp_error *err);

/* For the modes that have a network: writes the files of --weights and --mistakes, if they are asked for, each whether
 * or not the other one fails. */
mlp_status mlp_sheet_results(mlp_run *run, mlp_error *err);

/* --load with --export: writes the model in another format, without training. */
void mlp_convert(mlp_run *run, mlp_error *err);

/* --lesson NAME: prints the numbers of one part of the textbook chapter, beside those that the text prints. */
void mlp_lesson_mode(mlp_run *run, mlp_error *err);

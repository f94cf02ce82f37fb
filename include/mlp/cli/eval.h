/* eval.h - what a trained network is worth, class by class: the tables of --eval and the CSV of
   --confusion. */
#ifndef MLP_EVAL_H
#define MLP_EVAL_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"
#include "mlp/train/evaluate.h"

/* --eval: no training. Judges the model that --load names on the test images; precision, recall
   and the confusion matrix go to standard output, its CSV to the file that --confusion names. */
void mlp_eval(mlp_run *run, mlp_error *err);

/* Writes the CSV: a header "label,0,1,...", then a row a label, columns by what was predicted. */
mlp_status mlp_confusion_write(const char *path, const mlp_confusion *confusion, mlp_error *err);

#endif

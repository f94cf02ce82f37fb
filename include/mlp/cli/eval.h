/* eval.h - --eval: measures a model on the test images, class by class; and the CSV of --confusion. */
#ifndef MLP_EVAL_H
#define MLP_EVAL_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"
#include "mlp/train/evaluate.h"

/* Prints precision, recall and the confusion matrix of the model of --load; writes the matrix to
   the file of --confusion. */
void mlp_eval(mlp_run *run, mlp_error *err);

/* Writes the CSV: a header "label,0,1,...", then a row a label, columns by what was predicted. */
mlp_status mlp_confusion_write(const char *path, const mlp_confusion *confusion, mlp_error *err);

#endif

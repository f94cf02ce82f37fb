/* sheet.h - --samples: a contact sheet of distorted digits. */
#ifndef MLP_SHEET_H
#define MLP_SHEET_H

#include "mlp/base/status.h"
#include "mlp/cli/run.h"

/* Writes the first 100 train images (or as many as there are), distorted as the first ones that a
   run with this seed draws, to a PGM file, ten a row. */
void mlp_sheet(mlp_run *run, mlp_error *err);

#endif

/* sheet.h - contact sheets (PNG, PGM) and lists (CSV) of what a network learned: --weights, --mistakes. */
#pragma once

#include "mlp/cli/run.h"

/* Writes the files of --weights and --mistakes, if they are asked for, each whether or not the other one fails. */
mlp_status mlp_sheet_results(mlp_run *run, mlp_error *err);

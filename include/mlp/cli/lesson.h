/* lesson.h - --lesson NAME: the numbers of one part of the textbook chapter, printed beside those that the text prints.
 */
#ifndef MLP_LESSON_H
#define MLP_LESSON_H

#include "mlp/cli/run.h"

void mlp_lesson_mode(mlp_run *run, mlp_error *err);

#endif

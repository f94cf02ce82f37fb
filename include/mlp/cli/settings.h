/* settings.h - computes the settings of the trainer from the options. */
#pragma once

#include "mlp/cli/options.h"
#include "mlp/train/trainer.h"

/* The trainer's settings for these options and `n` training examples. */
mlp_train_settings mlp_settings(const mlp_options *options, size_t n);

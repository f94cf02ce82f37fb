/* average.h - exponential moving average of the parameters (Polyak averaging). Averaged parameters
   often give a higher test accuracy than the last ones. */
#pragma once

#include "mlp/base/team.h"

/* The average is updated only once in so many iterations, to save time. */
enum { MLP_AVERAGE_EVERY = 10 };

typedef struct mlp_average {
    double decay;  /* in [0, 1); 0: there is no average, and all functions do nothing */
    size_t n;      /* parameters */
    float *params; /* [n] the average; NULL without one */
} mlp_average;

/* Starts the average at params [n]. Zero-initialise before; free whatever the result. */
mlp_status mlp_average_create(mlp_average *average, double decay, const float *params, size_t n, mlp_error *err);
void mlp_average_free(mlp_average *average);

/* To be called after each iteration, counted from 1. Up to iteration MLP_AVERAGE_EVERY the average equals the
   parameters. Then, in step t = iteration / MLP_AVERAGE_EVERY,
       average += (1 - decay) / (1 - decay^t) (params - average)
   With the denominator it is the weighted mean of all parameters seen so far, with weights proportional to powers of
   the decay; without it the first parameters would dominate (bias correction: Kingma and Ba 2015, section 3). */
void mlp_average_update(mlp_average *average, const float *params, size_t iteration, mlp_team *team);

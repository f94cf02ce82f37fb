/* schedule.h - the learning rate of an iteration, and how much images are distorted in it. To add a
   schedule of rates: a row in schedule.c. */
#ifndef MLP_SCHEDULE_H
#define MLP_SCHEDULE_H

#include <stddef.h>

typedef struct mlp_schedule {
    const char *name;
    double (*factor)(double done); /* of the learning rate, when `done` in [0, 1) of the run is */
} mlp_schedule;

const mlp_schedule *mlp_schedule_find(const char *name); /* NULL when there is none of that name */
const char *mlp_schedule_name(size_t i);                 /* the i-th name; NULL after the last */

/* The rate of iteration 1 <= i <= total: i/warmup of lr while i <= warmup, then lr times the
   schedule's factor over the iterations that remain. */
double mlp_schedule_rate(const mlp_schedule *schedule, double lr, size_t i, size_t total,
                         size_t warmup);

/* What the strengths of the distortions are multiplied by in iteration 1 <= i <= total: 1, but over
   the last part `fade` of the run it falls, iteration by iteration, to 0 in the last. What is
   learnt last looks like what is tested. */
double mlp_schedule_strength(double fade, size_t i, size_t total);

#endif

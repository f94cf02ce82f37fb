/* schedule.h - how the learning rate and the strength of distortions change during a run. To add a learning-rate
   schedule: write a function and a row of the table in schedule.c. */
#pragma once

#include <stddef.h>

typedef struct mlp_schedule {
    const char *name;
    /* The factor of the learning rate after a fraction `done` in [0, 1) of the run. */
    double (*factor)(double done);
} mlp_schedule;

const mlp_schedule *mlp_schedule_find(const char *name); /* NULL: unknown name */
const char *mlp_schedule_name(size_t i);                 /* NULL after the last */

/* The learning rate of iteration i, 1 <= i <= total. In the first `warmup` iterations it rises linearly, lr * i /
   warmup; then it is lr times the schedule's factor for the remaining iterations. */
double mlp_schedule_rate(const mlp_schedule *schedule, double lr, size_t i, size_t total, size_t warmup);

/* The strength of distortions in iteration i, 1 <= i <= total: 1, except that it falls linearly to
   0 over the last fraction `fade` of the run, so that training ends on undistorted images. */
double mlp_schedule_strength(double fade, size_t i, size_t total);

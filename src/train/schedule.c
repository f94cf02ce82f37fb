/* schedule.c - learning-rate schedules and the fading of distortions. */
#include "mlp/train/schedule.h"

#include <math.h>

#include "mlp/base/names.h"

static double constant(double done) {
    (void)done;
    return 1;
}

/* 1 in the first half of the run, 0.1 until three quarters, then 0.01. */
static double step(double done) { return done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01; }

/* Half a period of a cosine, from 1 to 0 (Loshchilov and Hutter 2017, without restarts). */
static double cosine(double done) { return 0.5 * (1 + cos(3.141592653589793 * done)); }

static const mlp_schedule schedules[] = {{"constant", constant}, {"step", step}, {"cosine", cosine}};

MLP_NAMED_TABLE(mlp_schedule, mlp_schedule, schedules)

double mlp_schedule_rate(const mlp_schedule *schedule, double lr, size_t i, size_t total, size_t warmup) {
    if (i <= warmup) return lr * (double)i / (double)warmup;
    return lr * schedule->factor((double)(i - 1 - warmup) / (double)(total - warmup));
}

double mlp_schedule_strength(double fade, size_t i, size_t total) {
    const double left = (double)(total - i), faded = fade * (double)total; /* iterations */
    return left < faded ? left / faded : 1;
}

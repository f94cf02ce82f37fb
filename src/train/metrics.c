/* metrics.c - accuracy and its standard error. */
#include "mlp/train/metrics.h"

#include <math.h>

mlp_metrics mlp_metrics_of(double loss, size_t correct, size_t n) {
    const double accuracy = (double)correct / (double)n;
    return (mlp_metrics){
        .loss = loss,
        .accuracy = accuracy,
        .std_error = sqrt(accuracy * (1 - accuracy) / (double)n),
        .correct = correct,
        .n = n,
    };
}

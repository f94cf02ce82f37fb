/* gradient.c - --check-gradient: backpropagation compared with central differences. */
#include <stdio.h>
#include <stdlib.h>

#include "mlp/base/memory.h"
#include "mlp/cli/modes.h"
#include "mlp/cli/report.h"
#include "mlp/net/numgrad.h"
#include "mlp/train/loader.h"

static void print_table(const mlp_gradient_check *check, size_t n) {
    printf("block   parameters   not zero   largest relative error on %zu examples\n", n);
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_gradient_error *e = &check->blocks[b];
        if (e->compared > 0)
            printf("%-5s %12zu %10zu   %.2e\n", e->name, e->compared, e->nonzero, e->backprop);
        else
            printf("%-5s %12zu %10s   -\n", e->name, e->compared, "-");
    }
    if (check->kinked > 0) printf("%zu hidden units left out: a ReLU's corner lies within a step\n", check->kinked);
}

static mlp_status check_blocks(const mlp_gradient_check *check, mlp_error *err) {
    const double limit = 1e-4;
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_gradient_error *e = &check->blocks[b];
        if (e->compared == 0)
            return mlp_fail(err, MLP_ERR_NUMERIC,
                            "nothing of %s was compared: the ReLU of every hidden unit has its corner within a step of "
                            "some example; use fewer examples (--check-gradient 10), or a larger --init-std",
                            e->name);
        if (e->nonzero == 0)
            return mlp_fail(err, MLP_ERR_NUMERIC, "the gradient of %s is 0 throughout: nothing to compare", e->name);
        if (!(e->backprop <= limit))
            return mlp_fail(
                err, MLP_ERR_NUMERIC,
                "the gradients of %s differ by %.2e, more than %g: backpropagation is wrong or float32 too coarse here",
                e->name, e->backprop, limit);
    }
    return MLP_OK;
}

/* Memory for the comparison. */
typedef struct comparison {
    mlp_numgrad numerical;
    mlp_batch batch;
    float *grads; /* [arena] gradient by backpropagation */
} comparison;

static mlp_status compare(mlp_run *run, comparison *c, mlp_error *err) {
    mlp_gradient_check check;
    MLP_TRY(mlp_run_open(run, err));
    MLP_TRY(mlp_run_build(run, run->test.compressed != NULL, err));
    const size_t wanted = run->options.check_gradient;
    const size_t n = wanted < run->train.n ? wanted : run->train.n;
    MLP_TRY(mlp_batch_create(&c->batch, &run->net, n, false, err));
    MLP_TRY(mlp_numgrad_create(&c->numerical, &run->net, n, err));
    MLP_TRY(mlp_blas_fit(run->net.blas, run->team, err));
    MLP_NEW(c->grads, run->net.arena, 1, "the gradient", err);
    c->batch.smoothing = run->options.label_smoothing;
    mlp_batch_load(&c->batch, &run->train, NULL, 0, n, NULL);
    mlp_check_gradient(&check, c->grads, &c->numerical, &c->batch, &run->net, run->team);
    print_table(&check, n);
    mlp_report_flush(stdout, err);
    return check_blocks(&check, err);
}

void mlp_gradient_mode(mlp_run *run, mlp_error *err) {
    comparison c = {0};
    compare(run, &c, err);
    free(c.grads);
    mlp_numgrad_free(&c.numerical);
    mlp_batch_free(&c.batch);
}

/* test_average.c - the average of the weights: its definition, and what it is used for. */
#include "training.h"

/* The weights of a run after each iteration. */
typedef struct history {
    const mlp_network *net;
    float *weights; /* [iterations + 1 x arena] */
    double test_loss[64];
} history;

static mlp_status remember(void *context, const mlp_event *event, mlp_error *err) {
    history *h = context;
    (void)err;
    h->test_loss[event->iteration] = event->test.loss;
    memcpy(h->weights + event->iteration * h->net->arena, h->net->params, h->net->arena * sizeof(float));
    return MLP_OK;
}

enum { AVERAGED = 47 };

/* The result of `averaged` must be the weighted mean by its definition: the weights after iteration
   10 t have the weight decay^(T - t). */
static void check_average(const run *averaged, const history *h, size_t last, double decay) {
    const size_t arena = averaged->net.arena;
    for (size_t p = 0; p < arena; p++) {
        double sum = 0, shares = 0;
        for (size_t i = 10; i <= last; i += 10) {
            sum = decay * sum + (double)h->weights[i * arena + p];
            shares = decay * shares + 1;
        }
        const double expected = shares > 0 ? sum / shares : (double)h->weights[last * arena + p];
        assert_near(averaged->net.params[p], expected, 1e-6 * (1 + fabs(expected)));
    }
}

/* Training does not use the average, evaluations do. */
static void the_average_is_a_weighted_mean(void **state) {
    (void)state;
    static const size_t lasts[] = {0, 1, 9, 10, 11, 20, AVERAGED};
    for (size_t l = 0; l < sizeof lasts / sizeof *lasts; l++) {
        run plain = {0}, averaged = {.team = team_of(2)};
        mlp_train_settings settings = defaults();
        settings.iterations = lasts[l];
        settings.eval_every = 1;
        prepare(&plain, &settings, false);
        settings.average = 0.7;
        prepare(&averaged, &settings, false);
        const size_t bytes = (AVERAGED + 1) * plain.net.arena * sizeof(float);
        history h = {.net = &plain.net, .weights = calloc(1, bytes)};
        history g = {.net = &averaged.net, .weights = calloc(1, bytes)};
        assert_non_null(h.weights);
        assert_non_null(g.weights);
        assert_ok(mlp_trainer_run(&plain.trainer, remember, &h, &plain.err), plain.err);
        assert_ok(mlp_trainer_run(&averaged.trainer, remember, &g, &averaged.err), averaged.err);
        assert_memory_equal(h.weights, g.weights, bytes);
        for (size_t i = 0; i <= lasts[l]; i++) assert_true((h.test_loss[i] == g.test_loss[i]) == (i <= 10));
        check_average(&averaged, &h, lasts[l], 0.7);
        const mlp_metrics left = mlp_evaluate(&averaged.trainer.evaluator, &averaged.net, &averaged.test, NULL);
        assert_near(left.loss, averaged.trainer.result.test.loss, 0);
        free(h.weights);
        free(g.weights);
        end(&plain);
        end(&averaged);
    }
}

static void without_a_decay_there_is_no_average(void **state) {
    (void)state;
    const float params[] = {1, 2, 3};
    mlp_error err = {0};
    mlp_average average = {0};
    assert_ok(mlp_average_create(&average, 0, params, 3, &err), err);
    mlp_average_update(&average, params, 10, NULL);
    assert_null(average.params);
    mlp_average_free(&average);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_average_is_a_weighted_mean),
        cmocka_unit_test(without_a_decay_there_is_no_average),
    };
    return cmocka_run_group_tests_name("average", tests, NULL, NULL);
}

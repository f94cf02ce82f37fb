/* test_trainer.c - the loop: what it tells its observer, when it ends, and that it learns the same
   on every number of threads. */
#include "mlp/trainer.h"

#include <string.h>

#include "mlp/linalg.h"
#include "synthetic.h"

enum { N_TRAIN = 230, N_TEST = 90, MOST_EVENTS = 512 };

/* A run and all that was observed of it. */
typedef struct run {
    mlp_team *team;
    mlp_network net;
    mlp_dataset train, validation, test;
    mlp_trainer trainer;
    mlp_error err;
    mlp_event events[MOST_EVENTS];
    size_t n_events, stop_at;
    float *best;            /* [arena] params at the least validation loss that was seen */
    double best_validation; /* that loss */
} run;

static mlp_train_settings defaults(void) {
    return (mlp_train_settings){
        .iterations = 60,
        .batch_size = 50,
        .eval_every = 10,
        .lr = 0.5,
        .schedule = mlp_schedule_find("constant"),
        .sampling = MLP_SAMPLING_REPLACEMENT,
        .optimizer = {.kind = mlp_optimizer_find("sgd"),
                      .momentum = 0.9,
                      .beta1 = 0.9,
                      .beta2 = 0.999,
                      .epsilon = 1e-8},
        .seed = 1,
    };
}

static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    (void)err;
    run *r = context;
    assert_true(r->n_events < MOST_EVENTS);
    r->events[r->n_events++] = *event;
    const mlp_metrics *v = &event->validation;
    if (v->n > 0 && (r->n_events == 1 || v->loss < r->best_validation)) {
        r->best_validation = v->loss;
        memcpy(r->best, r->net.params, r->net.arena * sizeof(float));
    }
    return r->stop_at > 0 && event->iteration == r->stop_at ? MLP_STOPPED : MLP_OK;
}

/* Makes data and a network, trains, and returns what the trainer said. */
static mlp_status train(run *r, const mlp_train_settings *settings) {
    mlp_rng rng;
    mlp_rng_seed(&rng, settings->seed, MLP_STREAM_INIT);
    r->train = synthetic(N_TRAIN, 6, 6, 4, 11);
    r->validation = synthetic(70, 6, 6, 4, 12);
    r->test = synthetic(N_TEST, 6, 6, 4, 13);
    for (size_t i = 0; i < r->validation.n; i += 5) /* wrong labels punish too much confidence */
        ((uint8_t *)r->validation.labels)[i] = (uint8_t)((r->validation.labels[i] + 1) % 4);
    assert_ok(mlp_network_create(&r->net, (mlp_shape){36, 20, 4, false},
                                 mlp_activation_find("sigmoid"), mlp_loss_find("cross-entropy"),
                                 &r->err),
              r->err);
    mlp_network_init(&r->net, mlp_init_find("normal"), 0.1, &rng);
    r->best = calloc(r->net.arena, sizeof(float));
    assert_non_null(r->best);
    assert_ok(mlp_trainer_create(&r->trainer, settings, &r->net, &r->train,
                                 settings->early_stop > 0 ? &r->validation : NULL, &r->test,
                                 r->team, &r->err),
              r->err);
    return mlp_trainer_run(&r->trainer, observe, r, &r->err);
}

static void end(run *r) {
    mlp_trainer_free(&r->trainer);
    mlp_team_free(r->team);
    mlp_network_free(&r->net);
    synthetic_free(&r->train);
    synthetic_free(&r->validation);
    synthetic_free(&r->test);
    free(r->best);
}

static void observer_is_told_every_iteration(void **state) {
    (void)state;
    run r = {0};
    const mlp_train_settings settings = defaults();
    assert_ok(train(&r, &settings), r.err);
    assert_int_equal(r.n_events, settings.iterations + 1);
    for (size_t i = 0; i < r.n_events; i++) {
        const mlp_event *e = &r.events[i];
        const bool due = i % 10 == 0;
        assert_int_equal(e->iteration, i);
        assert_near(e->epoch, (double)i / 5, 0); /* 230 examples: 5 batches of 50 */
        assert_int_equal(e->examples, 50 * i);
        assert_int_equal(e->train.n, due ? N_TRAIN : 0);
        assert_int_equal(e->test.n, due ? N_TEST : 0);
        assert_int_equal(e->validation.n, 0);
        assert_true(i == 0 ? isnan(e->loss) && isnan(e->lr) && e->batch == NULL
                           : e->loss > 0 && e->lr == 0.5 && e->batch->n == 50);
        assert_true(i == 0 || e->seconds >= r.events[i - 1].seconds);
    }
    /* four classes guessed, then learnt */
    assert_near(r.events[0].train.loss, log(4), 0.1);
    assert_near(r.events[1].loss, log(4), 0.15);
    assert_true(r.events[60].train.accuracy > 0.95 && r.events[60].test.accuracy > 0.9);
    assert_int_equal(r.trainer.result.iteration, 60);
    assert_near(r.trainer.result.test.loss, r.events[60].test.loss, 0);
    end(&r);
}

static void evaluates_at_the_end_alone_when_told(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.eval_every = 0;
    settings.iterations = 7;
    assert_ok(train(&r, &settings), r.err);
    for (size_t i = 0; i <= 7; i++)
        assert_int_equal(r.events[i].test.n, i == 7 ? N_TEST : 0);
    end(&r);

    r = (run){0};
    settings.eval_every = 5; /* and after the last update, though 7 is no multiple of 5 */
    assert_ok(train(&r, &settings), r.err);
    for (size_t i = 0; i <= 7; i++)
        assert_int_equal(r.events[i].test.n, i == 0 || i == 5 || i == 7 ? N_TEST : 0);
    end(&r);
}

/* Every path that could depend on threads or on the order of work: a whole run, to the last bit. */
static void same_seed_same_bits_on_any_threads(void **state) {
    (void)state;
    mlp_train_settings variants[3] = {defaults(), defaults(), defaults()};
    variants[1].sampling = MLP_SAMPLING_SHUFFLE;
    variants[1].optimizer.kind = mlp_optimizer_find("adam");
    variants[1].lr = 0.01;
    variants[1].batch_size = 120; /* three pieces, and a short last batch */
    variants[2].optimizer.kind = mlp_optimizer_find("momentum");
    variants[2].lr = 0.1;
    variants[2].dropout = 0.3;
    variants[2].batch_size = 201;
    for (size_t v = 0; v < 3; v++) {
        variants[v].iterations = 15;
        run one = {0};
        assert_ok(train(&one, &variants[v]), one.err);
        for (int threads = 1; threads <= 4; threads *= 2) {
            run r = {0};
            r.team = team_of(threads);
            assert_ok(train(&r, &variants[v]), r.err);
            assert_memory_equal(r.net.params, one.net.params, one.net.arena * sizeof(float));
            for (size_t i = 0; i < one.n_events; i++) {
                assert_memory_equal(&r.events[i].loss, &one.events[i].loss, sizeof(double));
                assert_memory_equal(&r.events[i].test.loss, &one.events[i].test.loss,
                                    sizeof(double));
            }
            end(&r);
        }
        mlp_train_settings other = variants[v];
        run r = {0};
        other.seed = 2;
        assert_ok(train(&r, &other), r.err);
        assert_memory_not_equal(r.net.params, one.net.params, one.net.arena * sizeof(float));
        end(&r);
        end(&one);
    }
}

static void dropout_leaves_the_sampling_alone(void **state) {
    (void)state;
    run with = {0}, without = {0};
    mlp_train_settings settings = defaults();
    assert_ok(train(&without, &settings), without.err);
    settings.dropout = 0.5;
    assert_ok(train(&with, &settings), with.err);
    assert_memory_equal(with.trainer.sampler.indices, without.trainer.sampler.indices,
                        50 * sizeof(uint32_t));
    assert_near(with.events[0].test.loss, without.events[0].test.loss, 0); /* off in evaluation */
    assert_true(with.events[1].loss != without.events[1].loss);
    end(&with);
    end(&without);
}

/* The loss after an update is another one than before it; the weights do not care. */
static void loss_after_the_update_is_lower(void **state) {
    (void)state;
    run before = {0}, after = {0};
    mlp_train_settings settings = defaults();
    assert_ok(train(&before, &settings), before.err);
    settings.loss_after = true;
    assert_ok(train(&after, &settings), after.err);
    assert_memory_equal(before.net.params, after.net.params, before.net.arena * sizeof(float));
    for (size_t i = 1; i < before.n_events; i++)
        assert_true(after.events[i].loss < before.events[i].loss); /* of the very same batch */
    end(&before);
    end(&after);
}

static void shuffled_epochs_count_short_batches(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.sampling = MLP_SAMPLING_SHUFFLE;
    assert_ok(train(&r, &settings), r.err);
    for (size_t i = 0; i < r.n_events; i++)
        assert_int_equal(r.events[i].examples, i / 5 * N_TRAIN + i % 5 * 50);
    end(&r);
}

static void schedule_is_followed(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.schedule = mlp_schedule_find("step");
    settings.warmup = 4;
    settings.iterations = 12;
    assert_ok(train(&r, &settings), r.err);
    static const double expected[] = {0.125, 0.25, 0.375, 0.5,  0.5,   0.5,
                                      0.5,   0.5,  0.05,  0.05, 0.005, 0.005};
    for (size_t i = 0; i < 12; i++)
        assert_near(r.events[i + 1].lr, expected[i], 1e-16);
    end(&r);
}

/* The validation loss falls, then rises: the run ends early, with the weights of the least. */
static void early_stopping_returns_the_best_weights(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.early_stop = 3;
    settings.iterations = 400;
    settings.lr = 1;
    assert_ok(train(&r, &settings), r.err);
    const mlp_event *last = &r.events[r.n_events - 1];
    const size_t best = r.trainer.result.iteration;
    assert_true(last->iteration < settings.iterations);
    assert_int_equal(last->iteration, best + 3 * 10);
    assert_true(best > 0);
    for (size_t i = 0; i < r.n_events; i++)
        if (r.events[i].validation.n > 0)
            assert_true(r.events[i].validation.loss >= r.trainer.result.validation.loss);
    assert_near(r.trainer.result.validation.loss, r.best_validation, 0);
    assert_memory_equal(r.net.params, r.best, r.net.arena * sizeof(float));
    const mlp_metrics again = mlp_evaluate(&r.trainer.evaluator, &r.net, &r.validation);
    assert_near(again.loss, r.best_validation, 0);
    assert_true(last->validation.loss > again.loss);
    end(&r);
}

static void divergence_is_reported_with_its_iteration(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.lr = 1e38;
    assert_int_equal(train(&r, &settings), MLP_ERR_DIVERGED);
    assert_int_equal(r.err.status, MLP_ERR_DIVERGED);
    char iteration[64]; /* the observer heard of all iterations before the one that failed */
    snprintf(iteration, sizeof iteration, "at iteration %zu;", r.n_events);
    assert_non_null(strstr(r.err.message, iteration));
    assert_non_null(strstr(r.err.message, "learning rate"));
    assert_true(r.n_events >= 1 && r.n_events < settings.iterations);
    end(&r);
}

static void observer_can_stop_the_run(void **state) {
    (void)state;
    run r = {.stop_at = 13};
    const mlp_train_settings settings = defaults();
    assert_int_equal(train(&r, &settings), MLP_STOPPED);
    assert_int_equal(r.n_events, 14);
    assert_int_equal(r.err.status, MLP_OK); /* a wish, not a failure */
    assert_int_equal(r.trainer.result.iteration, 10);
    end(&r);
}

int main(void) {
    mlp_linalg_setup();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observer_is_told_every_iteration),
        cmocka_unit_test(evaluates_at_the_end_alone_when_told),
        cmocka_unit_test(same_seed_same_bits_on_any_threads),
        cmocka_unit_test(dropout_leaves_the_sampling_alone),
        cmocka_unit_test(loss_after_the_update_is_lower),
        cmocka_unit_test(shuffled_epochs_count_short_batches),
        cmocka_unit_test(schedule_is_followed),
        cmocka_unit_test(early_stopping_returns_the_best_weights),
        cmocka_unit_test(divergence_is_reported_with_its_iteration),
        cmocka_unit_test(observer_can_stop_the_run),
    };
    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}

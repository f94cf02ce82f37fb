/* test_trainer.c - the training loop: its events, its end, and equal results on every number of
   threads. */
#include "mlp/train/trainer.h"

#include <string.h>

#include "mlp/data/find.h"
#include "training.h"

static void observer_gets_every_iteration(void **state) {
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
    /* guessing among four classes, then learned */
    assert_near(r.events[0].train.loss, log(4), 0.1);
    assert_near(r.events[1].loss, log(4), 0.15);
    assert_true(r.events[60].train.accuracy > 0.95 && r.events[60].test.accuracy > 0.9);
    assert_int_equal(r.trainer.result.iteration, 60);
    assert_near(r.trainer.result.test.loss, r.events[60].test.loss, 0);
    end(&r);
}

static void evaluates_only_at_the_end_on_request(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.eval_every = 0;
    settings.iterations = 7;
    assert_ok(train(&r, &settings), r.err);
    for (size_t i = 0; i <= 7; i++) assert_int_equal(r.events[i].test.n, i == 7 ? N_TEST : 0);
    end(&r);

    r = (run){0};
    settings.eval_every = 5; /* and after the last update, although 7 is not a multiple of 5 */
    assert_ok(train(&r, &settings), r.err);
    for (size_t i = 0; i <= 7; i++) assert_int_equal(r.events[i].test.n, i == 0 || i == 5 || i == 7 ? N_TEST : 0);
    end(&r);
}

/* Whole runs through all code that could depend on threads, to the last bit. */
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
        for (int threads = 1; threads <= 8; threads *= 2) {
            run r = {0};
            r.team = team_of(threads);
            assert_ok(train(&r, &variants[v]), r.err);
            assert_memory_equal(r.net.params, one.net.params, one.net.arena * sizeof(float));
            for (size_t i = 0; i < one.n_events; i++) {
                assert_memory_equal(&r.events[i].loss, &one.events[i].loss, sizeof(double));
                assert_memory_equal(&r.events[i].test.loss, &one.events[i].test.loss, sizeof(double));
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

/* The first of these directories that has MNIST. */
static bool find_mnist(mlp_dataset_paths *paths) {
    const char *const directories[] = {getenv("MNIST_DIR"), "../shared/mnist", "data/mnist"};
    for (size_t i = 0; i < 3; i++) {
        mlp_error err = {0};
        if (directories[i] != NULL && mlp_dataset_find(paths, directories[i], false, &err) == MLP_OK) return true;
        mlp_dataset_paths_free(paths);
    }
    return false;
}

/* A short run of the chapter's network on MNIST. */
static void train_mnist(run *r, bool sparse, int threads) {
    const mlp_shape shape = {r->train.n_pixels, 50, 10, sparse};
    mlp_train_settings settings = defaults();
    mlp_rng rng;
    settings.batch_size = 1000;
    settings.iterations = 40;
    settings.eval_every = 0;
    settings.lr = 1;
    r->team = team_of(threads);
    r->n_events = 0;
    assert_ok(
        mlp_network_create(&r->net, shape, mlp_activation_find("sigmoid"), mlp_loss_find("cross-entropy"), &r->err),
        r->err);
    mlp_rng_seed(&rng, 1, MLP_STREAM_INIT);
    mlp_network_init(&r->net, mlp_init_find("normal"), 0.01, &rng);
    r->trainer = (mlp_trainer){0};
    assert_ok(mlp_trainer_create(&r->trainer, &settings, &r->net, &r->train, NULL, &r->test, r->team, &r->err), r->err);
    assert_ok(mlp_trainer_run(&r->trainer, observe, r, &r->err), r->err);
    mlp_trainer_free(&r->trainer);
    mlp_team_free(r->team);
}

static void mnist_gives_the_same_bits_on_any_threads(void **state) {
    (void)state;
    mlp_dataset_paths paths = {0};
    mlp_warnings warnings = {0};
    if (!find_mnist(&paths)) skip(); /* scripts/fetch-mnist.sh gets it */
    for (int sparse = 0; sparse <= 1; sparse++) {
        run r = {0};
        mlp_network one = {0};
        mlp_metrics result = {0};
        assert_ok(mlp_dataset_open(&r.train, paths.train_images, paths.train_labels, &warnings, &r.err), r.err);
        assert_ok(mlp_dataset_open(&r.test, paths.test_images, paths.test_labels, &warnings, &r.err), r.err);
        if (sparse) assert_ok(mlp_dataset_compress(&r.train, NULL, &r.err), r.err);
        if (sparse) assert_ok(mlp_dataset_compress(&r.test, NULL, &r.err), r.err);
        for (int threads = 1; threads <= 8; threads *= 2) {
            train_mnist(&r, sparse, threads);
            const mlp_metrics *test = &r.events[r.n_events - 1].test;
            if (threads == 1) {
                one = r.net;
                result = *test;
                assert_true(result.accuracy > 0.6);
                continue;
            }
            assert_memory_equal(r.net.params, one.params, one.arena * sizeof(float));
            assert_memory_equal(test, &result, sizeof result);
            mlp_network_free(&r.net);
        }
        mlp_network_free(&one);
        mlp_dataset_free(&r.train);
        mlp_dataset_free(&r.test);
    }
    mlp_dataset_paths_free(&paths);
    mlp_warnings_free(&warnings);
}

static void dropout_leaves_the_sampling_alone(void **state) {
    (void)state;
    run with = {0}, without = {0};
    mlp_train_settings settings = defaults();
    assert_ok(train(&without, &settings), without.err);
    settings.dropout = 0.5;
    assert_ok(train(&with, &settings), with.err);
    assert_memory_equal(with.trainer.sampler.indices, without.trainer.sampler.indices, 50 * sizeof(uint32_t));
    assert_near(with.events[0].test.loss, without.events[0].test.loss, 0); /* off in evaluation */
    assert_true(with.events[1].loss != without.events[1].loss);
    end(&with);
    end(&without);
}

/* Reporting the loss after the update does not change the weights. */
static void loss_after_the_update_is_lower(void **state) {
    (void)state;
    run before = {0}, after = {0};
    mlp_train_settings settings = defaults();
    assert_ok(train(&before, &settings), before.err);
    settings.loss_after = true;
    assert_ok(train(&after, &settings), after.err);
    assert_memory_equal(before.net.params, after.net.params, before.net.arena * sizeof(float));
    for (size_t i = 1; i < before.n_events; i++)
        assert_true(after.events[i].loss < before.events[i].loss); /* of the same batch */
    end(&before);
    end(&after);
}

static void shuffled_epochs_count_short_batches(void **state) {
    (void)state;
    run r = {0};
    mlp_train_settings settings = defaults();
    settings.sampling = MLP_SAMPLING_SHUFFLE;
    assert_ok(train(&r, &settings), r.err);
    for (size_t i = 0; i < r.n_events; i++) assert_int_equal(r.events[i].examples, i / 5 * N_TRAIN + i % 5 * 50);
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
    static const double expected[] = {0.125, 0.25, 0.375, 0.5, 0.5, 0.5, 0.5, 0.5, 0.05, 0.05, 0.005, 0.005};
    for (size_t i = 0; i < 12; i++) assert_near(r.events[i + 1].lr, expected[i], 1e-16);
    end(&r);
}

/* The validation loss falls, then rises: the run ends early with the weights of the lowest. */
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
        if (r.events[i].validation.n > 0) assert_true(r.events[i].validation.loss >= r.trainer.result.validation.loss);
    assert_near(r.trainer.result.validation.loss, r.best_validation, 0);
    assert_memory_equal(r.net.params, r.best, r.net.arena * sizeof(float));
    const mlp_metrics again = mlp_evaluate(&r.trainer.evaluator, &r.net, &r.validation, NULL);
    assert_near(again.loss, r.best_validation, 0);
    assert_true(last->validation.loss > again.loss);
    end(&r);
}

/* With lr 0 each evaluation equals the first: equal is not better, or the run would never stop. */
static void early_stopping_ends_a_run_that_does_not_improve(void **state) {
    (void)state;
    for (size_t patience = 1; patience <= 3; patience++) {
        run r = {0};
        mlp_train_settings settings = defaults();
        settings.early_stop = patience;
        settings.iterations = 400;
        settings.lr = 0;
        assert_ok(train(&r, &settings), r.err);
        assert_int_equal(r.trainer.iteration, 10 * patience);
        assert_int_equal(r.trainer.result.iteration, 0);
        end(&r);
    }
}

static void divergence_is_reported_with_its_iteration(void **state) {
    (void)state;
    for (int nan = 0; nan < 2; nan++) {
        run r = {0};
        mlp_train_settings settings = defaults();
        settings.lr = nan ? 1e40 : 1e38; /* beyond the range of float: infinite weights */
        assert_int_equal(train(&r, &settings), MLP_ERR_NUMERIC);
        assert_int_equal(r.err.status, MLP_ERR_NUMERIC);
        char iteration[64]; /* all iterations before the failed one were reported */
        snprintf(iteration, sizeof iteration, "at iteration %zu;", r.n_events);
        assert_non_null(strstr(r.err.message, iteration));
        assert_non_null(strstr(r.err.message, nan ? "is not a number" : "is infinite"));
        assert_non_null(strstr(r.err.message, "learning rate"));
        assert_true(r.n_events >= 1 && r.n_events < settings.iterations);
        end(&r);
    }
}

static void observer_can_stop_the_run(void **state) {
    (void)state;
    run r = {.stop_at = 13};
    const mlp_train_settings settings = defaults();
    assert_int_equal(train(&r, &settings), MLP_STOPPED);
    assert_int_equal(r.n_events, 14);
    assert_int_equal(r.err.status, MLP_OK);           /* a request, not an error */
    assert_int_equal(r.trainer.result.iteration, 13); /* of the parameters that are left */
    end(&r);
}

/* ---- interrupted and continued ---- */

static void assert_same_metrics(const mlp_metrics *a, const mlp_metrics *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->correct, b->correct);
    assert_memory_equal(&a->loss, &b->loss, sizeof(double));
}

/* All of an event except the time. */
static void assert_same_event(const mlp_event *a, const mlp_event *b) {
    assert_int_equal(a->iteration, b->iteration);
    assert_int_equal(a->examples, b->examples);
    assert_memory_equal(&a->epoch, &b->epoch, sizeof(double));
    assert_memory_equal(&a->loss, &b->loss, sizeof(double));
    assert_memory_equal(&a->lr, &b->lr, sizeof(double));
    assert_same_metrics(&a->train, &b->train);
    assert_same_metrics(&a->validation, &b->validation);
    assert_same_metrics(&a->test, &b->test);
}

/* Stops a run after event `cut` of `whole` and lets another trainer continue. */
static void assert_goes_on(const run *whole, const mlp_train_settings *settings, bool sparse, size_t cut) {
    run rest = {.n_events = cut + 1}; /* its events get the same indices as in `whole` */
    run first = {.stop_at = cut, .heir = &rest};
    prepare(&first, settings, sparse);
    prepare(&rest, settings, sparse);
    assert_int_equal(mlp_trainer_run(&first.trainer, observe, &first, &first.err), MLP_STOPPED);
    assert_int_equal(first.n_events, cut + 1);
    rest.best_validation = -1; /* not used here */
    assert_ok(mlp_trainer_run(&rest.trainer, observe, &rest, &rest.err), rest.err);
    assert_int_equal(rest.n_events, whole->n_events);
    for (size_t i = cut + 1; i < rest.n_events; i++) assert_same_event(&rest.events[i], &whole->events[i]);
    assert_same_event(&rest.trainer.result, &whole->trainer.result);
    assert_memory_equal(rest.net.params, whole->net.params, whole->net.arena * sizeof(float));
    end(&first);
    end(&rest);
}

static void an_interrupted_run_continues_to_the_same_bits(void **state) {
    (void)state;
    enum { N_VARIANTS = 10 };
    mlp_train_settings variants[N_VARIANTS];
    for (size_t v = 0; v < N_VARIANTS; v++) {
        variants[v] = defaults();
        variants[v].iterations = 13; /* two epochs and a half */
        variants[v].eval_every = 4;
    }
    variants[1].optimizer.kind = mlp_optimizer_find("momentum");
    variants[1].dropout = 0.3;
    variants[1].schedule = mlp_schedule_find("cosine");
    variants[1].warmup = 5;
    variants[2].optimizer.kind = mlp_optimizer_find("adam");
    variants[2].sampling = MLP_SAMPLING_SHUFFLE;
    variants[2].schedule = mlp_schedule_find("step");
    variants[2].eval_every = 0;
    variants[3].optimizer.kind = mlp_optimizer_find("adamw");
    variants[3].optimizer.weight_decay = 0.01;
    variants[3].sampling = MLP_SAMPLING_SHUFFLE;
    variants[3].dropout = 0.5;
    variants[4].early_stop = 3; /* stops early */
    variants[4].iterations = 400;
    variants[4].lr = 4;
    variants[4].sampling = MLP_SAMPLING_SHUFFLE;
    variants[5].early_stop = 1000; /* makes all iterations, keeps the best weights */
    variants[5].lr = 12;
    variants[5].iterations = 11;
    variants[5].eval_every = 1;
    variants[6].numerical = true;
    variants[6].loss_after = true;
    variants[7].augment = (mlp_augment_settings){10, 0.1, 0.1, 1, 20, 2};
    variants[7].sampling = MLP_SAMPLING_SHUFFLE;
    variants[7].fade = 0.7;
    variants[8].average = 0.6;
    variants[8].iterations = 33;
    variants[8].optimizer.kind = mlp_optimizer_find("adam");
    variants[8].label_smoothing = 0.1;
    variants[9] = variants[5];
    variants[9].average = 0.9;
    variants[9].augment = variants[7].augment;
    for (size_t v = 0; v < N_VARIANTS; v++)
        for (int sparse = 0; sparse <= !variants[v].numerical; sparse++) {
            run whole = {0};
            prepare(&whole, &variants[v], sparse);
            assert_ok(mlp_trainer_run(&whole.trainer, observe, &whole, &whole.err), whole.err);
            assert_true(v != 4 || (whole.n_events > 8 && whole.n_events < 200));
            assert_true(v != 5 || whole.trainer.result.iteration < variants[5].iterations);
            for (size_t cut = 0; cut < whole.n_events; cut++) /* after the last event too */
                assert_goes_on(&whole, &variants[v], sparse, cut);
            end(&whole);
        }
}

/* The i-th image drawn in a run gets distortion number i, whichever image it is. */
static void each_draw_has_its_own_distortion(void **state) {
    (void)state;
    mlp_train_settings settings = defaults();
    run r = {.team = team_of(2)};
    settings.augment = (mlp_augment_settings){10, 0.1, 0.1, 1, 20, 2};
    settings.iterations = 3;
    assert_ok(train(&r, &settings), r.err);
    const mlp_augment *augment = &r.trainer.augment;
    assert_int_equal(augment->set.n, settings.batch_size);
    for (size_t i = 0; i < settings.batch_size; i++) {
        uint8_t expected[36];
        const size_t image = r.trainer.sampler.indices[i];
        mlp_augment_image(expected, augment, r.train.bytes + image * 36, 2 * settings.batch_size + i, 0);
        assert_memory_equal(augment->bytes + i * 36, expected, 36);
    }
    end(&r);
}

/* In the last iteration the images are not distorted. */
static void distortions_fade(void **state) {
    (void)state;
    mlp_train_settings settings = defaults();
    settings.augment = (mlp_augment_settings){10, 0.1, 0.1, 1, 20, 2};
    settings.iterations = 3;
    settings.fade = 0.1; /* of the third iteration alone */
    run whole = {0}, fading = {0}, half = {0};
    assert_ok(train(&fading, &settings), fading.err);
    for (size_t i = 0; i < settings.batch_size; i++) {
        const size_t image = fading.trainer.sampler.indices[i];
        assert_memory_equal(fading.trainer.augment.bytes + i * 36, fading.train.bytes + image * 36, 36);
    }
    settings.fade = 0;
    assert_ok(train(&whole, &settings), whole.err);
    settings.fade = 0.6; /* 1, 1 / 1.8, 0 */
    assert_ok(train(&half, &settings), half.err);
    for (size_t i = 1; i <= 3; i++) {
        assert_true((whole.events[i].loss == fading.events[i].loss) == (i < 3));
        assert_true((whole.events[i].loss == half.events[i].loss) == (i < 2));
    }
    end(&whole);
    end(&fading);
    end(&half);
}

/* With constant weights, evaluations equal those of a plain run, batch losses do not. */
static void assert_evaluations_stay(mlp_train_settings changed) {
    mlp_train_settings settings = defaults();
    settings.sampling = changed.sampling = MLP_SAMPLING_SHUFFLE;
    settings.lr = changed.lr = 0;
    run plain = {0}, other = {0};
    assert_ok(train(&plain, &settings), plain.err);
    assert_ok(train(&other, &changed), other.err);
    assert_int_equal(plain.n_events, other.n_events);
    for (size_t i = 0; i < plain.n_events; i++) {
        const mlp_event *a = &plain.events[i], *b = &other.events[i];
        assert_memory_equal(&a->train.loss, &b->train.loss, sizeof(double));
        assert_memory_equal(&a->test.loss, &b->test.loss, sizeof(double));
        assert_true(i == 0 || a->loss != b->loss);
    }
    end(&plain);
    end(&other);
}

static void evaluations_see_no_distortion(void **state) {
    (void)state;
    mlp_train_settings settings = defaults();
    settings.augment = (mlp_augment_settings){.rotate = 40, .shift = 2, .sigma = 1};
    assert_evaluations_stay(settings);
}

static void evaluations_see_no_smoothing(void **state) {
    (void)state;
    mlp_train_settings settings = defaults();
    settings.label_smoothing = 0.3;
    assert_evaluations_stay(settings);
}

static void a_longer_run_begins_where_a_shorter_one_ended(void **state) {
    (void)state;
    run whole = {0}, rest = {.n_events = 11}, first = {.stop_at = 10, .heir = &rest};
    mlp_train_settings settings = defaults();
    settings.iterations = 20;
    prepare(&whole, &settings, false);
    prepare(&rest, &settings, false);
    settings.iterations = 10;
    prepare(&first, &settings, false);
    assert_ok(mlp_trainer_run(&whole.trainer, observe, &whole, &whole.err), whole.err);
    assert_int_equal(mlp_trainer_run(&first.trainer, observe, &first, &first.err), MLP_STOPPED);
    assert_true(mlp_trainer_done(&first.trainer) && !mlp_trainer_done(&rest.trainer));
    assert_ok(mlp_trainer_run(&rest.trainer, observe, &rest, &rest.err), rest.err);
    assert_int_equal(rest.n_events, 21);
    assert_same_event(&rest.events[20], &whole.events[20]);
    assert_memory_equal(rest.net.params, whole.net.params, whole.net.arena * sizeof(float));
    end(&first);
    end(&rest);
    end(&whole);
}

/* A stopped run with early stopping ends with the weights of its result. */
static void a_stopped_run_has_the_weights_of_its_result(void **state) {
    (void)state;
    run r = {.stop_at = 12};
    mlp_train_settings settings = defaults();
    settings.early_stop = 1000;
    settings.lr = 12;
    settings.eval_every = 1;
    assert_int_equal(train(&r, &settings), MLP_STOPPED);
    assert_true(r.trainer.result.iteration < 12);
    assert_memory_equal(r.net.params, r.best, r.net.arena * sizeof(float));
    end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observer_gets_every_iteration),
        cmocka_unit_test(evaluates_only_at_the_end_on_request),
        cmocka_unit_test(same_seed_same_bits_on_any_threads),
        cmocka_unit_test(mnist_gives_the_same_bits_on_any_threads),
        cmocka_unit_test(dropout_leaves_the_sampling_alone),
        cmocka_unit_test(loss_after_the_update_is_lower),
        cmocka_unit_test(shuffled_epochs_count_short_batches),
        cmocka_unit_test(schedule_is_followed),
        cmocka_unit_test(early_stopping_returns_the_best_weights),
        cmocka_unit_test(early_stopping_ends_a_run_that_does_not_improve),
        cmocka_unit_test(divergence_is_reported_with_its_iteration),
        cmocka_unit_test(observer_can_stop_the_run),
        cmocka_unit_test(an_interrupted_run_continues_to_the_same_bits),
        cmocka_unit_test(each_draw_has_its_own_distortion),
        cmocka_unit_test(distortions_fade),
        cmocka_unit_test(evaluations_see_no_distortion),
        cmocka_unit_test(evaluations_see_no_smoothing),
        cmocka_unit_test(a_longer_run_begins_where_a_shorter_one_ended),
        cmocka_unit_test(a_stopped_run_has_the_weights_of_its_result),
    };
    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}

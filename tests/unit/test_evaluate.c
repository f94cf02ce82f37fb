/* test_evaluate.c - evaluation of a dataset against its examples one by one. */
#include "mlp/train/evaluate.h"

#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"
#include "synthetic.h"

static mlp_network random_network(const char *loss) {
    mlp_network net = {0};
    mlp_error err = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, 1, MLP_STREAM_INIT);
    assert_ok(
        mlp_network_create(&net, (mlp_shape){30, 20, 5, false}, mlp_activation_find("tanh"), mlp_loss_find(loss), &err),
        err);
    mlp_network_init(&net, mlp_init_find("normal"), 0.3, &rng);
    return net;
}

static mlp_metrics evaluate(const mlp_network *net, const mlp_dataset *set, int threads) {
    mlp_evaluator evaluator = {0};
    mlp_error err = {0};
    mlp_team *team = team_of(threads);
    assert_ok(mlp_evaluator_create(&evaluator, net, set->n, team, &err), err);
    const mlp_metrics m = mlp_evaluate(&evaluator, net, set, NULL);
    mlp_evaluator_free(&evaluator);
    mlp_team_free(team);
    assert_null(evaluator.batches);
    return m;
}

static void equals_one_by_one(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 199, 200, 201, 1001};
    for (size_t l = 0; mlp_loss_name(l) != NULL; l++) {
        mlp_network net = random_network(mlp_loss_name(l));
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            mlp_dataset set = synthetic(sizes[k], 5, 6, 5, 2);
            mlp_batch one = {0};
            mlp_error err = {0};
            assert_ok(mlp_batch_create(&one, &net, 1, false, &err), err);
            double loss = 0;
            size_t correct = 0;
            for (size_t i = 0; i < set.n; i++) {
                mlp_batch_load(&one, &set, NULL, i, 1, NULL);
                mlp_network_forward(&one, &net, NULL);
                loss += one.losses[0];
                correct += one.predicted[0] == set.labels[i];
            }
            const double n = (double)set.n, a = (double)correct / n;
            const mlp_metrics m = evaluate(&net, &set, 1);
            assert_int_equal(m.n, set.n);
            assert_int_equal(m.correct, correct);
            assert_near(m.loss, loss / n, 1e-6 * loss / n);
            assert_near(m.accuracy, a, 0);
            assert_near(m.std_error, sqrt(a * (1 - a) / n), 1e-15);
            assert_true(loss > 0 && (set.n < 100 || (correct > 0 && correct < set.n)));
            mlp_batch_free(&one);
            synthetic_free(&set);
        }
        mlp_network_free(&net);
    }
}

static void threads_change_no_bit(void **state) {
    (void)state;
    mlp_network net = random_network("cross-entropy");
    mlp_dataset set = synthetic(30001, 5, 6, 5, 2);
    const mlp_metrics expected = evaluate(&net, &set, 1);
    for (int threads = 2; threads <= 5; threads++) {
        const mlp_metrics m = evaluate(&net, &set, threads);
        assert_memory_equal(&m.loss, &expected.loss, sizeof m.loss);
        assert_int_equal(m.correct, expected.correct);
    }
    synthetic_free(&set);
    mlp_network_free(&net);
}

/* One evaluator for sets of different sizes, in any order. */
static void one_evaluator_serves_several_sets(void **state) {
    (void)state;
    mlp_network net = random_network("cross-entropy");
    mlp_dataset large = synthetic(801, 5, 6, 5, 2), small = synthetic(33, 5, 6, 5, 3);
    mlp_evaluator evaluator = {0};
    mlp_error err = {0};
    assert_ok(mlp_evaluator_create(&evaluator, &net, large.n, NULL, &err), err);
    for (int i = 0; i < 2; i++) {
        const mlp_metrics l = mlp_evaluate(&evaluator, &net, &large, NULL);
        const mlp_metrics s = mlp_evaluate(&evaluator, &net, &small, NULL);
        assert_near(l.loss, evaluate(&net, &large, 1).loss, 0);
        assert_near(s.loss, evaluate(&net, &small, 1).loss, 0);
        assert_true(l.loss != s.loss);
    }
    mlp_evaluator_free(&evaluator);
    synthetic_free(&large);
    synthetic_free(&small);
    mlp_network_free(&net);
}

/* On a part of a split set, with three threads. */
static void counts_what_was_taken_for_what(void **state) {
    (void)state;
    mlp_network net = random_network("cross-entropy");
    mlp_dataset set = synthetic(1001, 5, 6, 5, 2), part = {0};
    mlp_evaluator evaluator = {0};
    mlp_confusion confusion = {0};
    mlp_metrics metrics = {0};
    mlp_batch one = {0};
    mlp_error err = {0};
    mlp_rng rng;
    size_t counts[25] = {0}, correct = 0;
    mlp_rng_seed(&rng, 1, MLP_STREAM_SPLIT);
    assert_ok(mlp_dataset_split(&set, &part, 0.7, &rng, &err), err);
    assert_ok(mlp_batch_create(&one, &net, 1, false, &err), err);
    for (size_t i = 0; i < part.n; i++) {
        mlp_batch_load(&one, &part, NULL, i, 1, NULL);
        mlp_network_forward(&one, &net, NULL);
        counts[part.labels[mlp_dataset_image(&part, i)] * 5 + one.predicted[0]]++;
        correct += one.predicted[0] == one.labels[0];
    }
    mlp_team *team = team_of(3);
    assert_ok(mlp_evaluator_create(&evaluator, &net, part.n, team, &err), err);
    assert_ok(mlp_confusion_create(&confusion, &metrics, &evaluator, &net, &part, &err), err);
    assert_int_equal(confusion.n_classes, 5);
    assert_memory_equal(confusion.counts, counts, sizeof counts);
    const mlp_metrics expected = mlp_evaluate(&evaluator, &net, &part, NULL);
    assert_near(metrics.loss, expected.loss, 0);
    assert_int_equal(metrics.correct, correct);
    assert_true(counts[1] != counts[5]); /* rows are not columns */
    mlp_confusion_free(&confusion);
    mlp_confusion_free(NULL);
    mlp_evaluator_free(&evaluator);
    mlp_team_free(team);
    mlp_batch_free(&one);
    mlp_dataset_free(&part);
    free(set.owned.order);
    synthetic_free(&set);
    mlp_network_free(&net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_one_by_one),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(one_evaluator_serves_several_sets),
        cmocka_unit_test(counts_what_was_taken_for_what),
    };
    return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}

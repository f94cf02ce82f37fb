/* test_checkpoint.c - a run cut anywhere goes to a file and on from it to the same bits; a file
   that no run could have written is refused whole. Damaged files are made by writing what the
   library's own writer would, with one array or text changed: of their bytes test_safetensors.c
   takes care. */
#include "mlp/state/checkpoint.h"

#include <string.h>

#include "files.h"
#include "synthetic.h"

enum { N_TRAIN = 113, N_TEST = 40, N_VALIDATION = 30 };

static char path[sizeof test_path];

/* A trainer and what it stands on. */
typedef struct run run;
struct run {
    mlp_network net;
    mlp_dataset train, validation, test;
    mlp_trainer trainer;
    mlp_error err;
    size_t stop_at;   /* iteration after which a checkpoint is written; SIZE_MAX: none */
    double last_loss; /* of the last batch */
};

static const char words[] = "--hidden=9\0--csv=a b.csv";

static mlp_train_settings plain_settings(void) {
    return (mlp_train_settings){
        .iterations = 11,
        .batch_size = 30, /* four batches an epoch, the last one short */
        .eval_every = 3,
        .lr = 0.3,
        .schedule = mlp_schedule_find("constant"),
        .sampling = MLP_SAMPLING_REPLACEMENT,
        .optimizer =
            {.kind = mlp_optimizer_find("sgd"), .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
        .seed = 7,
    };
}

/* With everything that a checkpoint can hold. */
static mlp_train_settings full_settings(void) {
    mlp_train_settings s = plain_settings();
    s.optimizer.kind = mlp_optimizer_find("adam");
    s.sampling = MLP_SAMPLING_SHUFFLE;
    s.dropout = 0.4;
    s.early_stop = 100;
    s.lr = 0.02;
    return s;
}

static void prepare(run *r, const mlp_train_settings *settings, bool sparse) {
    mlp_rng rng;
    mlp_rng_seed(&rng, settings->seed, MLP_STREAM_INIT);
    r->stop_at = SIZE_MAX;
    r->train = synthetic(N_TRAIN, 5, 5, 3, 1);
    r->validation = synthetic(N_VALIDATION, 5, 5, 3, 2);
    r->test = synthetic(N_TEST, 5, 5, 3, 3);
    mlp_dataset *const sets[] = {&r->train, &r->validation, &r->test};
    for (size_t i = 0; i < 3 && sparse; i++) assert_ok(mlp_dataset_compress(sets[i], NULL, &r->err), r->err);
    assert_ok(mlp_network_create(&r->net, (mlp_shape){25, 9, 3, sparse}, mlp_activation_find("tanh"),
                                 mlp_loss_find("cross-entropy"), &r->err),
              r->err);
    mlp_network_init(&r->net, mlp_init_find("normal"), 0.1, &rng);
    assert_ok(mlp_trainer_create(&r->trainer, settings, &r->net, &r->train,
                                 settings->early_stop > 0 ? &r->validation : NULL, &r->test, NULL, &r->err),
              r->err);
}

static void end(run *r) {
    mlp_trainer_free(&r->trainer);
    mlp_network_free(&r->net);
    mlp_dataset *const sets[] = {&r->train, &r->validation, &r->test};
    for (size_t i = 0; i < 3; i++) {
        mlp_rows_free(&sets[i]->owned.compressed);
        synthetic_free(sets[i]);
    }
}

static void write_checkpoint(run *r, const mlp_curve_mark *csv) {
    mlp_checkpoint c = {.csv = *csv, .n_words = sizeof words};
    c.words = malloc(sizeof words);
    assert_non_null(c.words);
    memcpy(c.words, words, sizeof words);
    assert_ok(mlp_checkpoint_create(&c, &r->trainer, &r->err), r->err);
    assert_ok(mlp_checkpoint_write(&c, &r->trainer, path, &r->err), r->err);
    mlp_checkpoint_free(&c);
}

static mlp_status observe(void *context, const mlp_event *event, mlp_error *err) {
    run *r = context;
    (void)err;
    r->last_loss = event->loss;
    if (event->iteration != r->stop_at) return MLP_OK;
    write_checkpoint(r, &(mlp_curve_mark){.bytes = 1000 + event->iteration, .crc = 5});
    return MLP_STOPPED;
}

/* Reads `path` into the run's trainer. */
static mlp_status restore(run *r, mlp_curve_mark *csv, mlp_error *err) {
    mlp_checkpoint c = {0};
    mlp_safetensors file = {0};
    const char *found = NULL;
    size_t n = 0;
    mlp_status status = mlp_checkpoint_create(&c, &r->trainer, err);
    if (status == MLP_OK) status = mlp_checkpoint_read(&file, &found, &n, path, NULL, err);
    if (status == MLP_OK) {
        assert_int_equal(n, sizeof words);
        assert_memory_equal(found, words, n);
        status = mlp_checkpoint_restore(&c, &r->trainer, &file, path, err);
    }
    if (csv != NULL) *csv = c.csv;
    mlp_safetensors_free(&file);
    mlp_checkpoint_free(&c);
    return status;
}

static void assert_same_metrics(const mlp_metrics *a, const mlp_metrics *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->correct, b->correct);
    assert_memory_equal(&a->loss, &b->loss, sizeof(double));
    assert_memory_equal(&a->accuracy, &b->accuracy, sizeof(double));
    assert_memory_equal(&a->std_error, &b->std_error, sizeof(double));
}

static void assert_same_end(const run *a, const run *b) {
    const mlp_event *x = &a->trainer.result, *y = &b->trainer.result;
    assert_memory_equal(a->net.params, b->net.params, a->net.arena * sizeof(float));
    assert_int_equal(a->trainer.iteration, b->trainer.iteration);
    assert_int_equal(a->trainer.examples, b->trainer.examples);
    assert_int_equal(x->iteration, y->iteration);
    assert_int_equal(x->examples, y->examples);
    assert_memory_equal(&x->epoch, &y->epoch, sizeof(double));
    assert_memory_equal(&x->loss, &y->loss, sizeof(double));
    assert_memory_equal(&x->lr, &y->lr, sizeof(double));
    assert_same_metrics(&x->train, &y->train);
    assert_same_metrics(&x->validation, &y->validation);
    assert_same_metrics(&x->test, &y->test);
}

/* ---- there and back ---- */

static void goes_on_from_the_file(const mlp_train_settings *settings, bool sparse) {
    run whole = {0};
    prepare(&whole, settings, sparse);
    assert_ok(mlp_trainer_run(&whole.trainer, observe, &whole, &whole.err), whole.err);
    for (size_t cut = 0; cut <= whole.trainer.iteration; cut++) {
        run first = {0}, rest = {0};
        mlp_curve_mark csv;
        prepare(&first, settings, sparse);
        prepare(&rest, settings, sparse);
        first.stop_at = cut;
        assert_int_equal(mlp_trainer_run(&first.trainer, observe, &first, &first.err), MLP_STOPPED);
        assert_ok(restore(&rest, &csv, &rest.err), rest.err);
        assert_int_equal(csv.bytes, 1000 + cut);
        assert_int_equal(csv.crc, 5);
        assert_int_equal(rest.trainer.iteration, cut);
        assert_ok(mlp_trainer_run(&rest.trainer, observe, &rest, &rest.err), rest.err);
        assert_same_end(&rest, &whole);
        assert_true(cut == whole.trainer.iteration || rest.last_loss == whole.last_loss);
        end(&first);
        end(&rest);
    }
    end(&whole);
    unlink(path);
}

static void a_run_goes_on_from_its_file(void **state) {
    (void)state;
    mlp_train_settings variants[7] = {plain_settings(), full_settings(), full_settings(), plain_settings(),
                                      full_settings(),  full_settings(), plain_settings()};
    variants[1].lr = 3; /* so that the best is not the last */
    variants[2].optimizer.kind = mlp_optimizer_find("momentum");
    variants[2].early_stop = 0;
    variants[3].eval_every = 0;
    variants[4].lr = 3; /* ends with its patience */
    variants[4].early_stop = 4;
    variants[4].eval_every = 1;
    variants[4].iterations = 100;
    variants[5].average = 0.8;
    variants[5].augment = (mlp_augment_settings){10, 0.1, 0.1, 1, 20, 2};
    variants[5].iterations = 24;
    variants[6].average = 0.5;
    variants[6].iterations = 31;
    for (size_t v = 0; v < 7; v++)
        for (int sparse = 0; sparse < 2; sparse++) goes_on_from_the_file(&variants[v], sparse);
}

/* The panels of a sparse network are internal to the network: the arrays do not show them. */
static void the_file_is_the_same_for_both_layouts(void **state) {
    (void)state;
    const mlp_train_settings settings = full_settings();
    bytes files[2] = {{0}};
    for (int sparse = 0; sparse < 2; sparse++) {
        run r = {0};
        prepare(&r, &settings, sparse);
        r.trainer.begun = true; /* trained by the one or the other its last bits would differ */
        r.trainer.result = (mlp_event){.loss = NAN, .lr = NAN, .train = {.n = N_TRAIN}};
        write_checkpoint(&r, &(mlp_curve_mark){0});
        files[sparse] = read_whole(path);
        end(&r);
    }
    uint64_t headers[2];
    for (int i = 0; i < 2; i++) {
        memcpy(&headers[i], files[i].at, sizeof headers[i]);
        headers[i] += 8;
    }
    assert_int_equal(files[0].n - headers[0], files[1].n - headers[1]);
    assert_memory_equal(files[0].at + headers[0], files[1].at + headers[1], files[0].n - headers[0]);
    bytes_free(&files[0]);
    bytes_free(&files[1]);
    unlink(path);
}

/* fc1.weight [hidden x inputs] and so on, as PyTorch has it, and a twin for the best. */
static void weights_have_pytorchs_names_and_places(void **state) {
    (void)state;
    const mlp_train_settings settings = full_settings();
    for (int sparse = 0; sparse < 2; sparse++) {
        run r = {0};
        mlp_safetensors file = {0};
        const char *found;
        size_t n;
        prepare(&r, &settings, sparse);
        r.stop_at = 0; /* nothing learned: the best is the first */
        assert_int_equal(mlp_trainer_run(&r.trainer, observe, &r, &r.err), MLP_STOPPED);
        assert_ok(mlp_checkpoint_read(&file, &found, &n, path, NULL, &r.err), r.err);
        const char *const names[] = {"fc1.weight", "fc2.weight", "best.fc1.weight"};
        for (size_t i = 0; i < 3; i++) {
            const mlp_tensor *t = mlp_safetensors_find(&file, names[i]);
            const mlp_block *b = &r.net.blocks[i == 1 ? MLP_W2 : MLP_W1];
            assert_non_null(t);
            assert_int_equal(t->dims[0], b->cols);
            assert_int_equal(t->dims[1], b->rows);
            for (size_t out = 0; out < b->cols; out++)
                for (size_t in = 0; in < b->rows; in++) {
                    float w;
                    memcpy(&w, (const char *)t->data + (out * b->rows + in) * sizeof w, sizeof w);
                    assert_true(w == r.net.params[mlp_block_index(b, in * b->cols + out)]);
                }
        }
        mlp_safetensors_free(&file);
        end(&r);
    }
    unlink(path);
}

static void weights_that_are_no_numbers_replace_no_file(void **state) {
    (void)state;
    const mlp_train_settings settings = plain_settings();
    run r = {0};
    mlp_error err = {0};
    mlp_checkpoint c = {0};
    prepare(&r, &settings, false);
    write_file(path, "older", 5);
    assert_ok(mlp_checkpoint_create(&c, &r.trainer, &err), err);
    r.net.params[r.net.blocks[MLP_W2].offset] = NAN;
    assert_int_equal(mlp_checkpoint_write(&c, &r.trainer, path, &err), MLP_ERR_NUMERIC);
    assert_words(&err, "diverged|not a number|learning rate");
    bytes now = read_whole(path);
    assert_int_equal(now.n, 5);
    assert_memory_equal(now.at, "older", 5);
    bytes_free(&now);
    mlp_checkpoint_free(&c);
    end(&r);
    unlink(path);
}

/* ---- refused ---- */

/* What a damage does to the file's arrays and texts; `data` of an array may be changed in place. */
typedef struct contents {
    mlp_tensor tensors[64];
    size_t n;
    mlp_pair pairs[16];
    size_t n_pairs;
} contents;

typedef struct damage {
    const char *name; /* of the array */
    enum { VALUE, TYPE, SHAPE, RANK, MISSING, EXTRA } what;
    size_t index;      /* VALUE: of the element */
    double number;     /* VALUE: what it becomes; SHAPE: rows to take away */
    const char *words; /* of the message */
} damage;

static void set_element(const mlp_tensor *t, size_t index, double number) {
    uint8_t *at = (uint8_t *)(uintptr_t)t->data;
    const float f = (float)number;
    const uint32_t u = number < 0 ? UINT32_MAX : (uint32_t)number;
    const uint64_t l = number < 0 ? UINT64_MAX : (uint64_t)number;
    if (t->dtype == MLP_F32)
        memcpy(at + index * sizeof f, &f, sizeof f);
    else if (t->dtype == MLP_F64)
        memcpy(at + index * sizeof number, &number, sizeof number);
    else if (t->dtype == MLP_U32)
        memcpy(at + index * sizeof u, &u, sizeof u);
    else if (t->dtype == MLP_U64)
        memcpy(at + index * sizeof l, &l, sizeof l);
    else
        at[index] = (uint8_t)number;
}

static void inflict(contents *c, const damage *d) {
    mlp_tensor *t = NULL;
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->tensors[i].name, d->name) == 0) t = &c->tensors[i];
    static const uint64_t nothing[4] = {0};
    assert_true(d->what == EXTRA ? t == NULL : t != NULL);
    switch (d->what) {
    case VALUE: set_element(t, d->index, d->number); break;
    case TYPE: t->dtype = t->dtype == MLP_F32 ? MLP_U32 : t->dtype == MLP_U64 ? MLP_F64 : MLP_F64 + 1; break;
    case SHAPE: t->dims[0] -= (size_t)d->number; break;
    case RANK: t->dims[t->n_dims++] = 1; break;
    case MISSING: *t = c->tensors[--c->n]; break;
    case EXTRA:
        c->tensors[c->n++] = (mlp_tensor){.name = d->name, .dtype = MLP_U64, .n_dims = 1, .dims = {4}, .data = nothing};
        break;
    }
}

/* The bytes of the file at `path`, changed and put there again. */
static void damage_file(const damage *d) {
    mlp_safetensors st = {0};
    mlp_error err = {0};
    contents c = {0};
    assert_ok(mlp_safetensors_read(&st, path, &err), err);
    assert_true(st.n < 60 && st.n_pairs < 16);
    memcpy(c.tensors, st.tensors, st.n * sizeof *st.tensors);
    memcpy(c.pairs, st.pairs, st.n_pairs * sizeof *st.pairs);
    c.n = st.n;
    c.n_pairs = st.n_pairs;
    inflict(&c, d);
    assert_ok(mlp_safetensors_write(path, c.tensors, c.n, c.pairs, c.n_pairs, &err), err);
    mlp_safetensors_free(&st);
}

/* A trainer of the full settings after seven iterations, with its checkpoint at `path`. */
static void checkpoint_after_seven(run *r) {
    const mlp_train_settings settings = full_settings();
    prepare(r, &settings, false);
    r->stop_at = 7; /* one whole epoch and three batches of the second */
    assert_int_equal(mlp_trainer_run(&r->trainer, observe, r, &r->err), MLP_STOPPED);
}

static const damage damages[] = {
    {"iteration", VALUE, 0, 8, "sampler.position"},
    {"iteration", VALUE, 0, 1e18, "iteration"},
    {"iteration", VALUE, 0, -1, "iteration"},
    {"iteration", TYPE, 0, 0, "'iteration' is F64 []|U64 []"},
    {"iteration", MISSING, 0, 0, "no 'iteration'"},
    {"iteration", RANK, 0, 0, "'iteration' is U64 [1]"},
    {"sampler.position", VALUE, 0, 113, "sampler.position"},
    {"sampler.position", VALUE, 0, -1, "sampler.position"},
    {"sampler.position", MISSING, 0, 0, "sampler.position"},
    {"sampler.order", VALUE, 0, 113, "sampler.order|every example once"},
    {"sampler.order", VALUE, 112, -1, "sampler.order"},
    {"sampler.order", VALUE, 0, 5, "sampler.order|every example once"}, /* 5 twice */
    {"sampler.order", SHAPE, 0, 1, "'sampler.order' is U32 [112]|U32 [113]"},
    {"sampler.order", MISSING, 0, 0, "sampler.order"},
    {"sampler.stream", SHAPE, 0, 1, "'sampler.stream' is U64 [3]"},
    {"sampler.stream", TYPE, 0, 0, "'sampler.stream' is F64 [4]"},
    {"dropout.stream", MISSING, 0, 0, "dropout.stream"},
    {"csv.bytes", VALUE, 0, -1, "csv.bytes"},
    {"csv.bytes", VALUE, 0, 0, "csv.bytes"},
    {"csv.crc32", MISSING, 0, 0, "csv.crc32"},
    {"csv.crc32", TYPE, 0, 0, "csv.crc32"},
    {"data", VALUE, 0, 114, "114 train images|113|--data"},
    {"data", VALUE, 2, 6, "train images of 5 x 6|--data"},
    {"data", VALUE, 3, 4, "in 4 classes|--data"},
    {"data", VALUE, 4, 1, "other train images|--data"},
    {"data", VALUE, 5, 0, "0 validation images|--data"},
    {"data", VALUE, 14, 1, "other test images|--data"},
    {"data", SHAPE, 0, 1, "'data' is U64 [2 x 5]"},
    {"data", MISSING, 0, 0, "no 'data'"},
    {"evaluation.iteration", VALUE, 0, 8, "evaluation is later"},
    {"evaluation.iteration", MISSING, 0, 0, "unexpected arrays"},
    {"evaluation.waited", VALUE, 0, 101, "evaluation.waited"},
    {"evaluation.waited", VALUE, 0, -1, "evaluation.waited"},
    {"evaluation.correct", VALUE, 0, 114, "evaluation.correct"},
    {"evaluation.correct", VALUE, 1, 31, "evaluation.correct"},
    {"evaluation.correct", VALUE, 2, -1, "evaluation.correct"},
    {"evaluation.losses", VALUE, 0, (double)NAN, "evaluation.losses"},
    {"evaluation.losses", SHAPE, 0, 1, "'evaluation.losses' is F64 [2]"},
    {"evaluation.batch", VALUE, 0, (double)INFINITY, "evaluation.batch"},
    {"fc1.weight", VALUE, 3, (double)NAN, "not finite"},
    {"fc1.weight", VALUE, 224, (double)INFINITY, "not finite"},
    {"fc1.weight", SHAPE, 0, 1, "'fc1.weight' is F32 [8 x 25]|F32 [9 x 25]"},
    {"fc1.bias", TYPE, 0, 0, "'fc1.bias' is U32 [9]"},
    {"fc2.weight", MISSING, 0, 0, "no 'fc2.weight'"},
    {"fc2.bias", VALUE, 2, (double)-INFINITY, "not finite"},
    {"optimizer.0.fc1.weight", VALUE, 0, (double)NAN, "not finite"},
    {"optimizer.0.fc2.bias", MISSING, 0, 0, "no 'optimizer.0.fc2.bias'"},
    {"optimizer.1.fc1.bias", VALUE, 0, -1e-9, "mean of squares"},
    {"optimizer.1.fc2.weight", RANK, 0, 0, "'optimizer.1.fc2.weight' is F32 [3 x 9 x 1]"},
    {"best.fc1.weight", VALUE, 1, (double)NAN, "not finite"},
    {"best.fc2.bias", MISSING, 0, 0, "no 'best.fc2.bias'"},
    {"optimizer.2.fc1.weight", EXTRA, 0, 0, "unexpected arrays"},
    {"options", MISSING, 0, 0, "no options"},
    {"options", TYPE, 0, 0, "no options"},
    {"options", RANK, 0, 0, "no options"},
    {"options", SHAPE, 0, 1, "options have no end"},
};

static void damaged_files_are_refused_whole(void **state) {
    (void)state;
    run r = {0};
    checkpoint_after_seven(&r);
    bytes good = read_whole(path);
    const mlp_train_settings settings = full_settings();
    run fresh = {0}, untouched = {0};
    prepare(&fresh, &settings, false);
    prepare(&untouched, &settings, false);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        mlp_error err = {0};
        write_file(path, good.at, good.n);
        damage_file(&damages[i]);
        if (restore(&fresh, NULL, &err) == MLP_OK) fail_msg("damage %zu of %s was not seen", i, damages[i].name);
        assert_words(&err, damages[i].words);
        assert_non_null(strstr(err.message, path));
        assert_true(strstr(err.message, "again without --resume") != NULL || strstr(err.message, "--data") != NULL);
        /* nothing of it was taken */
        assert_false(fresh.trainer.begun);
        assert_int_equal(fresh.trainer.iteration, 0);
        assert_int_equal(fresh.trainer.sampler.position, N_TRAIN);
        assert_int_equal(fresh.trainer.result.train.n, 0);
        assert_memory_equal(&fresh.trainer.sampler.rng, &untouched.trainer.sampler.rng, sizeof(mlp_rng));
        assert_memory_equal(fresh.trainer.sampler.order, untouched.trainer.sampler.order, N_TRAIN * sizeof(uint32_t));
        assert_memory_equal(fresh.net.params, untouched.net.params, fresh.net.arena * sizeof(float));
    }
    write_file(path, good.at, good.n);
    assert_ok(restore(&fresh, NULL, &fresh.err), fresh.err);
    bytes_free(&good);
    end(&fresh);
    end(&untouched);
    end(&r);
    unlink(path);
}

/* Streams of zeros would never draw another number, nor end. */
static void a_stream_of_zeros_is_refused(void **state) {
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        run r = {0};
        mlp_error err = {0};
        checkpoint_after_seven(&r);
        memset(s == 0 ? &r.trainer.sampler.rng : &r.trainer.dropout_rng, 0, sizeof(mlp_rng));
        write_checkpoint(&r, &(mlp_curve_mark){0});
        assert_int_equal(restore(&r, NULL, &err), MLP_ERR_FORMAT);
        assert_words(&err, "stream|zeros|again without --resume");
        end(&r);
    }
    unlink(path);
}

/* A file of another run: what its settings do not have, or have too little of. */
static void another_runs_file_is_refused(void **state) {
    (void)state;
    const struct {
        mlp_train_settings settings;
        const char *words;
    } others[] = {{plain_settings(), "--data"}, /* no validation part */
                  {full_settings(), "no 'optimizer.1.fc1.weight'|again"},
                  {full_settings(), "sampler.order|again"},
                  {full_settings(), "sampler.position|again"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        run r = {0}, other = {0};
        mlp_error err = {0};
        mlp_train_settings written = full_settings(), read = others[i].settings;
        if (i == 1) written.optimizer.kind = mlp_optimizer_find("momentum");
        if (i == 2) written.sampling = MLP_SAMPLING_REPLACEMENT;
        if (i == 3) read.batch_size = 31;
        prepare(&r, &written, false);
        r.stop_at = 7;
        assert_int_equal(mlp_trainer_run(&r.trainer, observe, &r, &r.err), MLP_STOPPED);
        prepare(&other, &read, false);
        assert_int_equal(restore(&other, NULL, &err), MLP_ERR_FORMAT);
        assert_words(&err, others[i].words);
        assert_false(other.trainer.begun);
        end(&r);
        end(&other);
    }
    unlink(path);
}

/* Data that are not those of the run: one label, one pixel, one float pixel. */
static void other_data_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        run r = {0}, other = {0};
        mlp_error err = {0};
        const mlp_train_settings settings = full_settings();
        checkpoint_after_seven(&r);
        prepare(&other, &settings, false);
        if (i == 0) *(uint8_t *)(uintptr_t)&other.train.labels[N_TRAIN - 1] ^= 1;
        if (i == 1) *(uint8_t *)(uintptr_t)&other.test.bytes[25 * N_TEST - 1] ^= 1;
        if (i == 2) *(uint8_t *)(uintptr_t)&other.validation.bytes[0] ^= 1;
        const mlp_status status = restore(&other, NULL, &err);
        assert_int_equal(status, i == 3 ? MLP_OK : MLP_ERR_FORMAT);
        if (i < 3)
            assert_words(&err, i == 0   ? "other train images or labels|--data"
                               : i == 1 ? "other test images"
                                        : "other validation images");
        end(&r);
        end(&other);
    }
    unlink(path);
}

/* Safetensors files that are no checkpoint, or one of another form. */
static void other_files_are_refused(void **state) {
    (void)state;
    const struct {
        const char *program, *form, *words;
    } kinds[] = {{"mlp-train 9.9", NULL, "no checkpoint|--load"},
                 {"mlp-train 9.9", "2", "of mlp-train 9.9|cannot read"},
                 {"mlp-train 9.9", "1", "no options"},
                 {"mine", "best", "no checkpoint|--load"}}; /* whatever it says of itself */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        mlp_error err = {0};
        mlp_safetensors file = {0};
        const char *found;
        size_t n;
        const float number = 1;
        const mlp_tensor tensor = {.name = "fc1.weight", .dtype = MLP_F32, .data = &number};
        const mlp_pair pairs[] = {{"program", kinds[i].program}, {"checkpoint", kinds[i].form}};
        assert_ok(mlp_safetensors_write(path, &tensor, 1, pairs, i == 0 ? 1 : 2, &err), err);
        assert_int_equal(mlp_checkpoint_read(&file, &found, &n, path, NULL, &err), MLP_ERR_FORMAT);
        assert_words(&err, kinds[i].words);
        mlp_safetensors_free(&file);
    }
    unlink(path);
}

static int make_path(void **state) {
    const int made = make_test_dir(state);
    strcpy(path, in_test_dir("run.ckpt"));
    return made;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_goes_on_from_its_file),
        cmocka_unit_test(the_file_is_the_same_for_both_layouts),
        cmocka_unit_test(weights_have_pytorchs_names_and_places),
        cmocka_unit_test(weights_that_are_no_numbers_replace_no_file),
        cmocka_unit_test(damaged_files_are_refused_whole),
        cmocka_unit_test(a_stream_of_zeros_is_refused),
        cmocka_unit_test(another_runs_file_is_refused),
        cmocka_unit_test(other_data_are_refused),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, make_path, remove_test_dir);
}

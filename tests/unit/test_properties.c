/* test_properties.c - what holds for all data, on a thousand drawn cases each: IDX comes back as it
   was written; any shape goes forward and back, sparse as dense, and through a run, on any number
   of threads; pixels have no order; an example counts as often as it is there; what distortion,
   the average and label smoothing are by definition. A failure names its case, which is all that
   the draw depends on.
 */
#include <string.h>

#include "files.h"
#include "mlp/base/memory.h"
#include "mlp/net/propagation.h"
#include "mlp/train/loader.h"
#include "mlp/train/trainer.h"
#include "synthetic.h"

enum { CASES = 1000 };

/* Shows which case it was when an assertion fails. */
#define FOR_ALL_CASES(rng, number, property)                                                                           \
    for (uint64_t case_ = 0; case_ < CASES; case_++) {                                                                 \
        mlp_rng_seed(&(rng), (number) * (uint64_t)CASES + case_, 0);                                                   \
        snprintf(case_name, sizeof case_name, #property " %d", (int)case_);                                            \
        property(&(rng));                                                                                              \
    }

static char case_name[64];

/* Fails with the case's name. */
#define HOLDS(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) fail_msg("%s: %s", case_name, #condition);                                                   \
    } while (0)

static size_t between(mlp_rng *rng, size_t least, size_t most) {
    return least + (size_t)mlp_rng_below(rng, most - least + 1);
}

/* Half of the time one of the ends. */
static size_t often_an_end(mlp_rng *rng, size_t least, size_t most) {
    const uint64_t choice = mlp_rng_below(rng, 4);
    return choice == 0 ? least : choice == 1 ? most : between(rng, least, most);
}

/* ---- IDX ---- */

static uint64_t number_of(const unsigned char *big_endian, size_t size) {
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) number = number << 8 | big_endian[i];
    return number;
}

static uint64_t native_number(const void *at, size_t size) {
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
    memcpy(size == 1 ? (void *)&a : size == 2 ? (void *)&b : size == 4 ? (void *)&c : (void *)&d, at, size);
    return size == 1 ? a : size == 2 ? b : size == 4 ? c : d;
}

/* Any type, any dimensions, plain or as gzip of one or two members. */
static void idx_comes_back(mlp_rng *rng) {
    static const struct {
        uint8_t type;
        size_t size;
    } types[] = {{0x08, 1}, {0x09, 1}, {0x0B, 2}, {0x0C, 4}, {0x0D, 4}, {0x0E, 8}};
    const size_t t = (size_t)mlp_rng_below(rng, 6), n_dims = between(rng, 1, 3);
    const size_t size = types[t].size, way = (size_t)mlp_rng_below(rng, 3);
    const size_t most = mlp_rng_below(rng, 20) == 0 ? 50 : 12; /* 50: larger than any buffer */
    size_t dims[3] = {1, 1, 1}, n = 1;
    bytes file = {0}, packed = {0};
    mlp_idx idx = {0};
    mlp_error err = {0};
    for (size_t i = 0; i < n_dims; i++) n *= dims[i] = often_an_end(rng, mlp_rng_below(rng, 20) == 0 ? 0 : 1, most);
    idx_header(&file, types[t].type, (uint8_t)n_dims, dims);
    const size_t header = file.n;
    for (size_t i = 0; i < n * size; i++) bytes_add(&file, &(uint8_t){(uint8_t)mlp_rng_below(rng, 256)}, 1);
    const size_t cut = way == 2 ? (size_t)mlp_rng_below(rng, file.n + 1) : file.n;
    gzip_add(&packed, file.at, cut);
    if (way == 2) gzip_add(&packed, file.at + cut, file.n - cut);
    const bytes *stored = way == 0 ? &file : &packed;
    write_file(in_test_dir("idx"), stored->at, stored->n);
    assert_ok(mlp_idx_read(&idx, in_test_dir("idx"), &err), err);
    HOLDS(idx.type == (mlp_idx_type)types[t].type && idx.n_dims == n_dims && idx.n == n);
    HOLDS(memcmp(idx.dims, dims, sizeof dims) == 0);
    for (size_t i = 0; i < n; i++)
        HOLDS(native_number((const char *)idx.data + i * size, size) == number_of(file.at + header + i * size, size));
    mlp_idx_free(&idx);
    unlink(in_test_dir("idx"));
    bytes_free(&file);
    bytes_free(&packed);
}

static void what_is_written_as_idx_is_read(void **state) {
    (void)state;
    mlp_rng rng;
    FOR_ALL_CASES(rng, 1, idx_comes_back)
}

/* ---- any shape ---- */

/* n images of any size, of which about that fraction of pixels is not zero, also compressed; with
   any labels. Free with free_images. */
static void draw_images(mlp_dataset *set, mlp_rng *rng, size_t n, size_t rows, size_t cols, size_t n_classes) {
    static const double densities[] = {0, 0.05, 0.2, 0.5, 1};
    const double density = densities[mlp_rng_below(rng, 5)];
    mlp_error err = {0};
    *set = synthetic(n, rows, cols, n_classes, mlp_rng_below(rng, 1000));
    for (size_t i = 0; i < n * set->n_pixels; i++)
        ((uint8_t *)(uintptr_t)set->bytes)[i] =
            mlp_rng_uniform(rng) < density ? (uint8_t)(1 + mlp_rng_below(rng, 255)) : 0;
    assert_ok(mlp_dataset_compress(set, NULL, &err), err);
}

static void free_images(mlp_dataset *set) {
    mlp_rows_free(&set->owned.compressed);
    synthetic_free(set);
}

static mlp_network draw_network(const mlp_rng *rng, mlp_shape shape) {
    mlp_network net = {0};
    mlp_error err = {0};
    mlp_rng copy = *rng; /* twins draw the same */
    const mlp_activation *activation = mlp_activation_find("sigmoid");
    const char *loss = mlp_rng_below(&copy, 2) == 0 ? "cross-entropy" : "squared-error";
    const size_t which = (size_t)mlp_rng_below(&copy, 3);
    if (which > 0) activation = mlp_activation_find(which == 1 ? "tanh" : "relu");
    assert_ok(mlp_network_create(&net, shape, activation, mlp_loss_find(loss), &err), err);
    mlp_network_init(&net, mlp_init_find("glorot"), 0, &copy);
    for (int b = MLP_B1; b <= MLP_B2; b += MLP_B2 - MLP_B1)
        for (size_t i = 0; i < net.blocks[b].cols; i++)
            net.params[mlp_block_index(&net.blocks[b], i)] = 0.1F * (float)mlp_rng_normal(&copy);
    return net;
}

/* A batch that was sent forward and back. */
typedef struct pass {
    mlp_batch batch;
    float *grads; /* [arena] */
} pass;

static pass run_pass(const mlp_network *net, const mlp_dataset *set, const uint32_t *indices, size_t n) {
    mlp_error err = {0};
    pass p = {.grads = mlp_alloc(net->arena, sizeof(float), "the gradient", &err)};
    assert_non_null(p.grads);
    assert_ok(mlp_batch_create(&p.batch, net, n + n % 3, false, &err), err);
    p.batch.training = n % 2 == 0; /* of the two ways to the same gradient either one */
    mlp_batch_load(&p.batch, set, indices, 0, n, NULL);
    mlp_network_forward(&p.batch, net, NULL);
    mlp_network_backward(p.grads, &p.batch, net, NULL);
    return p;
}

static void free_pass(pass *p) {
    mlp_batch_free(&p->batch);
    free(p->grads);
}

/* Within `tolerance` of the largest of its block, or of 0.01 where all are smaller: a sum of n
   slopes over n examples is rounded like what it is made of. */
static void assert_same_arena(const mlp_network *a_net, const float *a, const mlp_network *b_net, const float *b,
                              double tolerance) {
    for (int k = 0; k < MLP_N_BLOCKS; k++) {
        const mlp_block *in_a = &a_net->blocks[k], *in_b = &b_net->blocks[k];
        double largest = 1e-2;
        for (size_t i = 0; i < in_a->rows * in_a->cols; i++)
            largest = fmax(largest, fabs((double)a[mlp_block_index(in_a, i)]));
        for (size_t i = 0; i < in_a->rows * in_a->cols; i++) {
            const float x = a[mlp_block_index(in_a, i)], y = b[mlp_block_index(in_b, i)];
            HOLDS(isfinite(x) && fabs((double)x - (double)y) <= tolerance * largest);
        }
    }
}

/* Mostly small ones, which have more corners in a second. */
static mlp_shape draw_shape(mlp_rng *rng, size_t *rows, size_t *cols) {
    const bool large = mlp_rng_below(rng, 10) == 0;
    *rows = often_an_end(rng, 1, large ? 64 : 12);
    *cols = often_an_end(rng, 1, large ? 64 : 12);
    return (mlp_shape){
        .n_in = *rows * *cols, .n_hidden = often_an_end(rng, 1, 40), .n_out = often_an_end(rng, 1, large ? 256 : 12)};
}

static double relu_kinks(const mlp_network *net, const mlp_batch *batch) {
    double kinks = 0; /* units so near to 0 that rounding decides the slope */
    for (size_t i = 0; i < batch->n; i++)
        for (size_t j = 0; j < net->shape.n_hidden; j++) {
            const float z = batch->z[i * batch->stride_hidden + j];
            kinks += z > 0 && z < 1e-5F;
        }
    return strcmp(net->activation->name, "relu") == 0 ? kinks : 0;
}

/* The mean loss as the header of network.h writes it, in double. */
static double plain_loss(const mlp_network *net, const mlp_dataset *set, const uint32_t *indices, size_t n) {
    const size_t n_in = net->shape.n_in, n_hidden = net->shape.n_hidden, n_out = net->shape.n_out;
    const mlp_block *b = net->blocks;
    const float *w = net->params;
    double sum = 0, z[40], y[MLP_MAX_CLASSES];
    for (size_t i = 0; i < n; i++) {
        const uint8_t *image = set->bytes + indices[i] * n_in;
        const size_t label = set->labels[indices[i]];
        for (size_t h = 0; h < n_hidden; h++) z[h] = (double)w[mlp_block_index(&b[MLP_B1], h)];
        for (size_t j = 0; j < n_in; j++)
            for (size_t h = 0; h < n_hidden && image[j] > 0; h++)
                z[h] += image[j] / 255.0 * (double)w[mlp_block_index(&b[MLP_W1], j * n_hidden + h)];
        for (size_t k = 0; k < n_out; k++) y[k] = (double)w[mlp_block_index(&b[MLP_B2], k)];
        for (size_t h = 0; h < n_hidden; h++) {
            const double a = net->activation->value(z[h]);
            for (size_t k = 0; k < n_out; k++) y[k] += a * (double)w[mlp_block_index(&b[MLP_W2], h * n_out + k)];
        }
        const double log_p = mlp_softmax_double(y, n_out, label, 0);
        sum += net->loss->value(y, n_out, label, 0, log_p);
    }
    return sum / (double)n;
}

static void sparse_equals_dense(mlp_rng *rng) {
    size_t rows, cols;
    mlp_shape shape = draw_shape(rng, &rows, &cols);
    const size_t images = often_an_end(rng, 1, 9);
    const bool long_batch = mlp_rng_below(rng, 20) == 0; /* in more blocks than one */
    const size_t n = often_an_end(rng, 1, long_batch ? 150 : 3 * images);
    uint32_t indices[150];
    mlp_dataset set;
    draw_images(&set, rng, images, rows, cols, shape.n_out);
    for (size_t i = 0; i < n; i++) indices[i] = (uint32_t)mlp_rng_below(rng, images);
    mlp_network dense = draw_network(rng, shape);
    shape.sparse = true;
    mlp_network sparse = draw_network(rng, shape);
    pass a = run_pass(&dense, &set, indices, n), b = run_pass(&sparse, &set, indices, n);
    const double loss = plain_loss(&dense, &set, indices, n);
    HOLDS(isfinite(loss) && (shape.n_out == 1 ? loss == 0 : loss > 0));
    HOLDS(fabs(mlp_batch_loss(&a.batch) - loss) <= 1e-5 * fmax(1, loss));
    HOLDS(fabs(mlp_batch_loss(&b.batch) - loss) <= 1e-5 * fmax(1, loss));
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < shape.n_out; k++) sum += (double)a.batch.p[i * a.batch.stride_out + k];
        HOLDS(fabs(sum - 1) < 1e-5);
        HOLDS(a.batch.labels[i] == set.labels[indices[i]]);
        HOLDS(a.batch.predicted[i] < shape.n_out);
    }
    if (relu_kinks(&dense, &a.batch) + relu_kinks(&sparse, &b.batch) == 0)
        assert_same_arena(&dense, a.grads, &sparse, b.grads, 1e-4); /* ReLUs near 0: little is left */
    free_pass(&a);
    free_pass(&b);
    mlp_network_free(&dense);
    mlp_network_free(&sparse);
    free_images(&set);
}

static void any_shape_goes_forward_and_back(void **state) {
    (void)state;
    mlp_rng rng;
    FOR_ALL_CASES(rng, 2, sparse_equals_dense)
}

/* ---- an example counts as often as it is there ---- */

static void twice_is_once(mlp_rng *rng) {
    size_t rows, cols;
    mlp_shape shape = draw_shape(rng, &rows, &cols);
    shape.sparse = mlp_rng_below(rng, 2) == 0;
    const size_t n = often_an_end(rng, 1, 20), times = between(rng, 2, 5);
    uint32_t indices[100];
    mlp_dataset set;
    draw_images(&set, rng, n, rows, cols, shape.n_out);
    for (size_t i = 0; i < n * times; i++) indices[i] = (uint32_t)(i % n);
    mlp_network net = draw_network(rng, shape);
    pass once = run_pass(&net, &set, indices, n), often = run_pass(&net, &set, indices, n * times);
    const double loss = mlp_batch_loss(&once.batch);
    HOLDS(fabs(mlp_batch_loss(&often.batch) - loss) <= 1e-6 * loss);
    HOLDS(mlp_batch_correct(&often.batch) == times * mlp_batch_correct(&once.batch));
    if (relu_kinks(&net, &once.batch) + relu_kinks(&net, &often.batch) == 0)
        assert_same_arena(&net, once.grads, &net, often.grads, 1e-5);
    free_pass(&once);
    free_pass(&often);
    mlp_network_free(&net);
    free_images(&set);
}

static void duplicates_leave_loss_and_gradient(void **state) {
    (void)state;
    mlp_rng rng;
    FOR_ALL_CASES(rng, 3, twice_is_once)
}

/* ---- pixels have no order ---- */

enum { STEPS = 6 };

typedef struct curve {
    double losses[STEPS + 1];
    mlp_metrics train, test;
    size_t n;
} curve;

static mlp_status record(void *context, const mlp_event *event, mlp_error *err) {
    curve *c = context;
    (void)err;
    assert_true(c->n <= STEPS);
    c->losses[c->n++] = event->loss;
    if (event->train.n > 0) {
        c->train = event->train;
        c->test = event->test;
    }
    return MLP_OK;
}

static void train(curve *c, mlp_network *net, const mlp_dataset *set, const mlp_dataset *test, size_t batch_size,
                  uint64_t seed) {
    mlp_trainer trainer = {0};
    mlp_error err = {0};
    const mlp_train_settings settings = {.iterations = STEPS,
                                         .batch_size = batch_size,
                                         .lr = 0.2,
                                         .schedule = mlp_schedule_find("constant"),
                                         .sampling = seed % 2 == 0 ? MLP_SAMPLING_REPLACEMENT : MLP_SAMPLING_SHUFFLE,
                                         .optimizer = {.kind = mlp_optimizer_find("sgd")},
                                         .seed = seed};
    assert_ok(mlp_trainer_create(&trainer, &settings, net, set, NULL, test, NULL, &err), err);
    assert_ok(mlp_trainer_run(&trainer, record, c, &err), err);
    mlp_trainer_free(&trainer);
}

/* The same set with pixel place[j] of each image at j. */
static void permute_images(mlp_dataset *to, const mlp_dataset *from, const uint32_t *place) {
    mlp_error err = {0};
    *to = synthetic(from->n, from->rows, from->cols, from->n_classes, 0);
    memcpy((uint8_t *)(uintptr_t)to->labels, from->labels, from->n);
    for (size_t i = 0; i < from->n; i++)
        for (size_t j = 0; j < from->n_pixels; j++)
            ((uint8_t *)(uintptr_t)to->bytes)[i * from->n_pixels + j] = from->bytes[i * from->n_pixels + place[j]];
    assert_ok(mlp_dataset_compress(to, NULL, &err), err);
}

static void order_of_pixels_is_nothing(mlp_rng *rng) {
    const size_t rows = often_an_end(rng, 1, 8), cols = often_an_end(rng, 1, 8);
    mlp_shape shape = {rows * cols, often_an_end(rng, 1, 20), often_an_end(rng, 2, 10), false};
    shape.sparse = mlp_rng_below(rng, 2) == 0;
    const size_t n = between(rng, 1, 30), batch_size = often_an_end(rng, 1, 2 * n);
    const uint64_t seed = mlp_rng_below(rng, 1000);
    uint32_t place[64];
    mlp_dataset sets[2], tests[2];
    mlp_network nets[2];
    curve curves[2] = {{.n = 0}, {.n = 0}};
    for (uint32_t j = 0; j < shape.n_in; j++) place[j] = j;
    mlp_rng_shuffle(rng, place, shape.n_in);
    draw_images(&sets[0], rng, n, rows, cols, shape.n_out);
    draw_images(&tests[0], rng, 7, rows, cols, shape.n_out);
    permute_images(&sets[1], &sets[0], place);
    permute_images(&tests[1], &tests[0], place);
    nets[0] = draw_network(rng, shape);
    shape.sparse = seed % 5 < 2; /* the first layer may be another too */
    nets[1] = draw_network(rng, shape);
    for (int k = 0; k < 2; k++) /* no kinks, where rounding would choose the slope */
        nets[k].activation = mlp_activation_find(seed % 3 == 0 ? "sigmoid" : "tanh");
    const mlp_block *w1 = &nets[0].blocks[MLP_W1], *other = &nets[1].blocks[MLP_W1];
    for (size_t j = 0; j < w1->rows; j++)
        for (size_t h = 0; h < w1->cols; h++)
            nets[1].params[mlp_block_index(other, j * w1->cols + h)] =
                nets[0].params[mlp_block_index(w1, place[j] * w1->cols + h)];
    for (int k = 0; k < 2; k++) train(&curves[k], &nets[k], &sets[k], &tests[k], batch_size, seed);

    HOLDS(curves[0].n == STEPS + 1 && curves[1].n == STEPS + 1);
    for (size_t i = 1; i <= STEPS; i++)
        HOLDS(curves[0].losses[i] > 0 &&
              fabs(curves[0].losses[i] - curves[1].losses[i]) <= 2e-5 * fmax(1, curves[0].losses[i]));
    HOLDS(fabs(curves[0].train.loss - curves[1].train.loss) <= 2e-5 * fmax(1, curves[0].train.loss));
    HOLDS(fabs(curves[0].test.loss - curves[1].test.loss) <= 2e-5 * fmax(1, curves[0].test.loss));
    for (size_t j = 0; j < w1->rows; j++)
        for (size_t h = 0; h < w1->cols; h++)
            HOLDS(fabs((double)nets[1].params[mlp_block_index(other, j * w1->cols + h)] -
                       (double)nets[0].params[mlp_block_index(w1, place[j] * w1->cols + h)]) <= 1e-5);
    for (int k = 0; k < 2; k++) {
        free_images(&sets[k]);
        free_images(&tests[k]);
        mlp_network_free(&nets[k]);
    }
}

static void permuted_pixels_give_the_same_curve(void **state) {
    (void)state;
    mlp_rng rng;
    FOR_ALL_CASES(rng, 4, order_of_pixels_is_nothing)
}

/* ---- any run, from files to weights ---- */

/* One of the names that a list gives. */
static const char *any_of(const char *(*name)(size_t), mlp_rng *rng) {
    size_t n = 0;
    while (name(n) != NULL) n++;
    return name((size_t)mlp_rng_below(rng, n));
}

static mlp_augment_settings draw_strengths(mlp_rng *rng) {
    mlp_augment_settings s = {.sigma = 0.3 + 8 * mlp_rng_uniform(rng)};
    double *const strengths[] = {&s.rotate, &s.scale, &s.shear, &s.shift, &s.alpha};
    static const double most[] = {180, 0.9, 1, 6, 60};
    for (size_t i = 0; i < 5; i++) *strengths[i] = mlp_rng_below(rng, 2) == 0 ? 0 : most[i] * mlp_rng_uniform(rng);
    return s;
}

static mlp_train_settings draw_settings(mlp_rng *rng, size_t iterations, size_t batch_size) {
    mlp_train_settings s = {.iterations = iterations,
                            .batch_size = batch_size,
                            .eval_every = mlp_rng_below(rng, 3),
                            .lr = 0.01 + 0.2 * mlp_rng_uniform(rng),
                            .schedule = mlp_schedule_find(any_of(mlp_schedule_name, rng)),
                            .warmup = mlp_rng_below(rng, 3),
                            .sampling = mlp_rng_below(rng, 2) == 0 ? MLP_SAMPLING_REPLACEMENT : MLP_SAMPLING_SHUFFLE,
                            .optimizer = {.kind = mlp_optimizer_find(any_of(mlp_optimizer_name, rng)),
                                          .momentum = 0.9,
                                          .beta1 = 0.9,
                                          .beta2 = 0.999,
                                          .epsilon = 1e-7,
                                          .weight_decay = mlp_rng_below(rng, 2) == 0 ? 0 : 0.01},
                            .augment = {.sigma = 1},
                            .fade = mlp_rng_below(rng, 2) == 0 ? 0 : mlp_rng_uniform(rng),
                            .dropout = mlp_rng_below(rng, 2) == 0 ? 0 : 0.4,
                            .average = mlp_rng_below(rng, 2) == 0 ? 0 : mlp_rng_uniform(rng),
                            .label_smoothing = mlp_rng_below(rng, 2) == 0 ? 0 : 0.3,
                            .seed = mlp_rng_next(rng)};
    if (mlp_rng_below(rng, 2) == 0) s.augment = draw_strengths(rng);
    s.loss_after = mlp_rng_below(rng, 4) == 0;
    return s;
}

/* Files of n images and labels, of which 0 and n_classes - 1 are there where n allows it. */
static void write_set(mlp_rng *rng, size_t n, size_t rows, size_t cols, size_t n_classes) {
    bytes images = {0}, labels = {0};
    mlp_dataset set;
    draw_images(&set, rng, n, rows, cols, n_classes);
    ((uint8_t *)(uintptr_t)set.labels)[0] = (uint8_t)(n_classes - 1);
    idx_header(&images, MLP_IDX_U8, 3, (const size_t[]){n, rows, cols});
    idx_header(&labels, MLP_IDX_U8, 1, (const size_t[]){n});
    bytes_add(&images, set.bytes, n * set.n_pixels);
    bytes_add(&labels, set.labels, n);
    write_file(in_test_dir("images"), images.at, images.n);
    write_file(in_test_dir("labels"), labels.at, labels.n);
    bytes_free(&images);
    bytes_free(&labels);
    free_images(&set);
}

static void open_set(mlp_dataset *set, mlp_team *team) {
    mlp_error err = {0};
    char images[sizeof test_path];
    memcpy(images, in_test_dir("images"), sizeof images);
    assert_ok(mlp_dataset_open(set, images, in_test_dir("labels"), NULL, &err), err);
    assert_ok(mlp_dataset_compress(set, team, &err), err);
}

enum { MOST_STEPS = 60 };

/* What the observer saw: the losses, and if `seen` is set the weights after each step. */
typedef struct trace {
    double losses[MOST_STEPS + 1];
    mlp_metrics train, test;
    size_t n;
    const mlp_network *net;
    float *seen; /* [steps + 1 x arena] */
} trace;

static mlp_status take_down(void *context, const mlp_event *event, mlp_error *err) {
    trace *t = context;
    (void)err;
    HOLDS(event->iteration == t->n && t->n <= MOST_STEPS);
    if (t->seen != NULL) memcpy(t->seen + t->n * t->net->arena, t->net->params, t->net->arena * sizeof(float));
    t->losses[t->n++] = event->loss;
    if (event->train.n > 0) {
        t->train = event->train;
        t->test = event->test;
    }
    return MLP_OK;
}

/* Trains and leaves net as a run does. */
static void run_trace(trace *t, const mlp_train_settings *settings, mlp_network *net, const mlp_dataset *set,
                      mlp_team *team) {
    mlp_trainer trainer = {0};
    mlp_error err = {0};
    t->net = net;
    assert_ok(mlp_trainer_create(&trainer, settings, net, set, NULL, set, team, &err), err);
    assert_ok(mlp_trainer_run(&trainer, take_down, t, &err), err);
    mlp_trainer_free(&trainer);
}

static bool same_doubles(const double *a, const double *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])))) return false;
    return true;
}

static mlp_team *two; /* threads; made once for all cases */

static void run_of_any_shape(mlp_rng *rng) {
    size_t rows, cols;
    mlp_shape shape = draw_shape(rng, &rows, &cols);
    shape.sparse = mlp_rng_below(rng, 2) == 0;
    const size_t n = often_an_end(rng, 1, 12), batch_size = often_an_end(rng, 1, 3 * n);
    const size_t iterations = mlp_rng_below(rng, 5);
    const mlp_train_settings settings = draw_settings(rng, iterations, batch_size);
    mlp_dataset set = {0};
    mlp_network nets[2];
    trace traces[2] = {{.n = 0}, {.n = 0}};
    write_set(rng, n, rows, cols, shape.n_out);
    open_set(&set, two);
    HOLDS(set.n == n && set.rows == rows && set.cols == cols && set.n_classes == shape.n_out);
    nets[0] = draw_network(rng, shape);
    nets[1] = draw_network(rng, shape);
    for (int k = 0; k < 2; k++) run_trace(&traces[k], &settings, &nets[k], &set, k == 0 ? NULL : two);
    HOLDS(traces[0].n == iterations + 1 && traces[1].n == iterations + 1);
    HOLDS(same_doubles(traces[0].losses, traces[1].losses, iterations + 1));
    for (size_t i = 1; i <= iterations; i++) HOLDS(traces[0].losses[i] >= 0);
    HOLDS(traces[0].train.n == n && traces[0].train.correct <= n);
    HOLDS(traces[0].train.loss >= 0 && traces[0].train.loss == traces[1].test.loss);
    HOLDS(memcmp(nets[0].params, nets[1].params, nets[0].arena * sizeof(float)) == 0);
    for (size_t i = 0; i < nets[0].arena; i++) HOLDS(isfinite(nets[0].params[i]));
    for (int k = 0; k < 2; k++) mlp_network_free(&nets[k]);
    mlp_dataset_free(&set);
    unlink(in_test_dir("images"));
    unlink(in_test_dir("labels"));
}

static void a_run_of_any_shape_has_the_same_bits_on_any_threads(void **state) {
    (void)state;
    mlp_rng rng;
    two = team_of(2);
    FOR_ALL_CASES(rng, 5, run_of_any_shape)
    mlp_team_free(two);
}

/* ---- distorted images ---- */

static void a_draw_is_its_number_alone(mlp_rng *rng) {
    const size_t n = between(rng, 1, 25), first = mlp_rng_below(rng, 1000);
    const bool large = mlp_rng_below(rng, 20) == 0;
    const size_t rows = often_an_end(rng, 1, large ? 64 : 14);
    const size_t cols = often_an_end(rng, 1, large ? 64 : 14), n_in = rows * cols;
    const mlp_augment_settings none = {.sigma = 0.1 + 20 * mlp_rng_uniform(rng)};
    const mlp_augment_settings some = draw_strengths(rng);
    const uint64_t seed = mlp_rng_next(rng);
    uint32_t indices[25];
    mlp_dataset set;
    mlp_error err = {0};
    mlp_augment still = {0}, alone = {0}, shared = {0};
    draw_images(&set, rng, n, rows, cols, 3);
    for (size_t i = 0; i < n; i++) indices[i] = (uint32_t)mlp_rng_below(rng, n);
    HOLDS(!mlp_augment_moves(&none));
    assert_ok(mlp_augment_create(&still, &none, &set, n, seed, two, &err), err);
    assert_ok(mlp_augment_create(&alone, &some, &set, 1, seed, NULL, &err), err);
    assert_ok(mlp_augment_create(&shared, &some, &set, n, seed, two, &err), err);
    mlp_augment_load(&still, &set, indices, n, first, two);
    mlp_augment_load(&shared, &set, indices, n, first, two);
    for (size_t i = n; i-- > 0;) { /* one by one, the last first */
        mlp_augment_load(&alone, &set, indices + i, 1, first + i, NULL);
        HOLDS(memcmp(alone.bytes, shared.bytes + i * n_in, n_in) == 0);
        HOLDS(memcmp(still.bytes + i * n_in, set.bytes + indices[i] * n_in, n_in) == 0);
        HOLDS(alone.labels[0] == set.labels[indices[i]] && shared.labels[i] == alone.labels[0] &&
              still.labels[i] == alone.labels[0]);
    }
    shared.strength = 0;
    mlp_augment_load(&shared, &set, indices, n, first, two);
    HOLDS(memcmp(shared.bytes, still.bytes, n * n_in) == 0);
    mlp_augment_free(&still);
    mlp_augment_free(&alone);
    mlp_augment_free(&shared);
    free_images(&set);
}

static void distortion_is_that_of_the_number_and_none_at_strength_0(void **state) {
    (void)state;
    mlp_rng rng;
    two = team_of(2);
    FOR_ALL_CASES(rng, 6, a_draw_is_its_number_alone)
    mlp_team_free(two);
}

/* ---- the average of the weights ---- */

/* With the decay d, after T tenths: sum of d^(T-t) w_t over that of d^(T-t), w_t the weights after
   iteration 10 t. */
static void averages_are_sums_of_powers(mlp_rng *rng) {
    mlp_shape shape = {between(rng, 1, 9), between(rng, 1, 5), between(rng, 1, 4), false};
    shape.sparse = mlp_rng_below(rng, 2) == 0;
    const size_t tenths = between(rng, 1, MOST_STEPS / MLP_AVERAGE_EVERY);
    const size_t iterations = tenths * MLP_AVERAGE_EVERY, n = between(rng, 1, 6);
    mlp_train_settings settings = draw_settings(rng, iterations, between(rng, 1, 4));
    mlp_dataset set;
    mlp_network nets[3];
    trace with = {.n = 0}, without = {.n = 0}, still = {.n = 0};
    draw_images(&set, rng, n, 1, shape.n_in, shape.n_out);
    for (int k = 0; k < 3; k++) nets[k] = draw_network(rng, shape);
    const size_t arena = nets[0].arena;
    const double decay = settings.average = (double)often_an_end(rng, 1, 999) / 1000;
    with.seen = malloc((iterations + 1) * arena * sizeof(float));
    assert_non_null(with.seen);
    run_trace(&with, &settings, &nets[0], &set, NULL);
    settings.average = 0; /* training does not see it; the plain weights are left */
    run_trace(&without, &settings, &nets[1], &set, NULL);
    const float *last = with.seen + iterations * arena;
    HOLDS(same_doubles(with.losses, without.losses, iterations + 1));
    HOLDS(memcmp(last, nets[1].params, arena * sizeof(float)) == 0);
    for (size_t i = 0; i < arena; i++) {
        double sum = 0, shares = 0;
        for (size_t t = 1; t <= tenths; t++) {
            const double share = pow(decay, (double)(tenths - t));
            sum += share * (double)with.seen[t * MLP_AVERAGE_EVERY * arena + i];
            shares += share;
        }
        HOLDS(fabs((double)nets[0].params[i] - sum / shares) <= 1e-5);
    }
    settings.average = decay; /* of weights that stand still: these, to the bit */
    settings.lr = 0;
    run_trace(&still, &settings, &nets[2], &set, NULL);
    HOLDS(memcmp(nets[2].params, with.seen, arena * sizeof(float)) == 0);
    for (int k = 0; k < 3; k++) mlp_network_free(&nets[k]);
    free(with.seen);
    free_images(&set);
}

static void the_average_is_its_definition_and_unseen_by_training(void **state) {
    (void)state;
    mlp_rng rng;
    FOR_ALL_CASES(rng, 7, averages_are_sums_of_powers)
}

/* ---- label smoothing ---- */

/* Loss (cross-entropy) and gradient (both) are those of the label for the part 1 - s, and of every
   class in turn for the part s; a gradient's slopes have the sum 0. */
static void smoothed_is_a_mixture(mlp_rng *rng) {
    const bool large = mlp_rng_below(rng, 10) == 0; /* the work grows with the square */
    const size_t n = often_an_end(rng, 1, large ? MLP_MAX_CLASSES : 24), label = mlp_rng_below(rng, n);
    const double s = (double)often_an_end(rng, 0, 100) / 100, spread = 6 * mlp_rng_uniform(rng);
    const char *name = any_of(mlp_loss_name, rng);
    const mlp_loss *loss = mlp_loss_find(name);
    float logits[MLP_MAX_CLASSES], p[MLP_MAX_CLASSES], bias[MLP_MAX_CLASSES] = {0};
    float smoothed[MLP_MAX_CLASSES], plain[MLP_MAX_CLASSES];
    double mixed[MLP_MAX_CLASSES] = {0}, of_labels = 0, sum = 0, log_p = 0, again = 0;
    for (size_t k = 0; k < n; k++) p[k] = logits[k] = (float)(spread * mlp_rng_normal(rng));
    uint8_t predicted, l = (uint8_t)label;
    mlp_classify(p, n, &predicted, &log_p, bias, &l, s, 1, n);
    loss->gradient(smoothed, p, n, label, (float)s, 0.5F);
    for (size_t k = 0; k < n; k++) { /* each class as the label, without smoothing */
        float q[MLP_MAX_CLASSES];
        double log_q;
        const double share = s / (double)n + (k == label ? 1 - s : 0);
        l = (uint8_t)k;
        memcpy(q, logits, sizeof q);
        mlp_classify(q, n, &predicted, &log_q, bias, &l, 0, 1, n);
        HOLDS(memcmp(q, p, n * sizeof *q) == 0); /* the probabilities know no label */
        of_labels += share * log_q;
        loss->gradient(plain, q, n, k, 0, 0.5F);
        for (size_t j = 0; j < n; j++) mixed[j] += share * (double)plain[j];
        if (k == label) again = log_q;
    }
    for (size_t k = 0; k < n; k++) {
        HOLDS(fabs((double)smoothed[k] - mixed[k]) <= 1e-6);
        sum += (double)smoothed[k];
    }
    HOLDS(fabs(sum) <= 1e-6);
    HOLDS(fabs(log_p - of_labels) <= 1e-5 * fmax(1, fabs(of_labels)));
    HOLDS(s > 0 || log_p == again);
}

static void smoothed_labels_are_a_mixture_of_labels(void **state) {
    (void)state;
    mlp_rng rng;
    FOR_ALL_CASES(rng, 8, smoothed_is_a_mixture)
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_as_idx_is_read),
        cmocka_unit_test(any_shape_goes_forward_and_back),
        cmocka_unit_test(duplicates_leave_loss_and_gradient),
        cmocka_unit_test(permuted_pixels_give_the_same_curve),
        cmocka_unit_test(a_run_of_any_shape_has_the_same_bits_on_any_threads),
        cmocka_unit_test(distortion_is_that_of_the_number_and_none_at_strength_0),
        cmocka_unit_test(the_average_is_its_definition_and_unseen_by_training),
        cmocka_unit_test(smoothed_labels_are_a_mixture_of_labels),
    };
    return cmocka_run_group_tests_name("properties", tests, make_test_dir, remove_test_dir);
}

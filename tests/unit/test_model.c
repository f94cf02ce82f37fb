/* test_model.c - that a network comes back as it was saved, in PyTorch's shapes, and that nothing
   else is accepted as one. */
#include "mlp/state/model.h"

#include "files.h"

static mlp_network network(size_t n_in, size_t n_hidden, size_t n_out, bool sparse) {
    mlp_network net = {0};
    mlp_error err = {0};
    const mlp_shape shape = {n_in, n_hidden, n_out, sparse};
    assert_ok(mlp_network_create(&net, shape, mlp_activation_find("tanh"), mlp_loss_find("squared-error"), &err), err);
    return net;
}

/* Element (row, col) of a block gets a number that shows its place. */
static float number(int b, size_t row, size_t col) { return (float)(b * 10000) + (float)row * 100 + (float)col + 0.5F; }

static void fill(mlp_network *net) {
    for (int b = 0; b < MLP_N_BLOCKS; b++)
        for (size_t i = 0; i < net->blocks[b].rows * net->blocks[b].cols; i++)
            net->params[mlp_block_index(&net->blocks[b], i)] =
                number(b, i / net->blocks[b].cols, i % net->blocks[b].cols);
}

static void has_pytorch_names_and_shapes(void **state) {
    (void)state;
    static const char *const names[] = {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"};
    for (int sparse = 0; sparse < 2; sparse++) {
        mlp_network net = network(7, 70, 3, sparse);
        mlp_weights weights = {0};
        mlp_error err = {0};
        fill(&net);
        assert_ok(mlp_weights_create(&weights, &net, &err), err);
        for (int b = 0; b < MLP_N_BLOCKS; b++) {
            const mlp_tensor *t = &weights.tensors[b];
            const size_t out = b < MLP_W2 ? 70 : 3, in = b == MLP_W1 ? 7 : b == MLP_W2 ? 70 : 1;
            assert_string_equal(t->name, names[b]);
            assert_int_equal(t->dtype, MLP_F32);
            assert_int_equal(t->n_dims, b == MLP_W1 || b == MLP_W2 ? 2 : 1);
            assert_int_equal(t->dims[0], out);
            if (t->n_dims == 2) assert_int_equal(t->dims[1], in);
            for (size_t o = 0; o < out; o++)
                for (size_t i = 0; i < in; i++) assert_true(((const float *)t->data)[o * in + i] == number(b, i, o));
        }
        mlp_weights_free(&weights);
        mlp_network_free(&net);
    }
    mlp_weights_free(NULL);
}

static const mlp_about about = {.rows = 7,
                                .cols = 11,
                                .bytes = true,
                                .options = "--hidden 40 \"\xff",
                                .seed = UINT64_MAX,
                                .iterations = 123,
                                .train = {.loss = 0.123456789, .accuracy = 0.5, .n = 4},
                                .test = {.loss = 1.0 / 3, .accuracy = 2.0 / 3, .n = 3}};

static const char *path_of(const char *name) {
    static char path[2048];
    snprintf(path, sizeof path, "%s", in_test_dir(name));
    return path;
}

static void write_model(const mlp_network *net) {
    mlp_metadata metadata = {0};
    mlp_error err = {0};
    assert_ok(mlp_metadata_create(&metadata, net, &about, &err), err);
    assert_ok(mlp_model_write(path_of("m"), net, metadata.pairs, metadata.n, &err), err);
    mlp_metadata_free(&metadata);
    mlp_metadata_free(NULL);
}

/* Saved by one kind of network, loaded by the other, and saved again. */
static void comes_back_as_it_was(void **state) {
    (void)state;
    for (int sparse = 0; sparse < 2; sparse++) {
        mlp_network net = network(77, 40, 5, sparse), other = network(77, 40, 5, !sparse);
        mlp_model model = {0};
        mlp_error err = {0};
        fill(&net);
        net.params[0] = -0.0F; /* the sign is a bit too */
        net.params[1] = 1e-40F;
        write_model(&net);
        bytes first = read_whole(path_of("m"));
        assert_ok(mlp_model_read(&model, path_of("m"), NULL, &err), err);
        assert_true(mlp_model_is_ours(&model.file));
        assert_int_equal(model.n_in, 77);
        assert_int_equal(model.n_hidden, 40);
        assert_int_equal(model.n_out, 5);
        assert_int_equal(model.rows, 7);
        assert_int_equal(model.cols, 11);
        assert_true(model.bytes);
        assert_string_equal(model.activation->name, "tanh");
        assert_string_equal(model.loss->name, "squared-error");
        assert_string_equal(model.first_layer, sparse ? "sparse" : "dense");
        mlp_model_copy(&other, &model);
        for (int b = 0; b < MLP_N_BLOCKS; b++)
            for (size_t i = 0; i < net.blocks[b].rows * net.blocks[b].cols; i++)
                assert_memory_equal(&other.params[mlp_block_index(&other.blocks[b], i)],
                                    &net.params[mlp_block_index(&net.blocks[b], i)], 4);
        assert_ok(mlp_model_write(path_of("m"), &other, model.file.pairs, model.file.n_pairs, &err), err);
        bytes second = read_whole(path_of("m"));
        assert_int_equal(first.n, second.n);
        assert_memory_equal(first.at, second.at, first.n);
        bytes_free(&first);
        bytes_free(&second);
        mlp_model_free(&model);
        mlp_network_free(&net);
        mlp_network_free(&other);
        assert_int_equal(unlink(path_of("m")), 0);
    }
    mlp_model_free(NULL);
}

static void says_what_is_needed_to_use_it(void **state) {
    (void)state;
    static const mlp_pair expected[] = {
        {"activation", "tanh"},
        {"classes", "5"},
        {"first_layer", "dense"},
        {"format", "pt"},
        {"image_columns", "11"},
        {"image_rows", "7"},
        {"iterations", "123"},
        {"loss", "squared-error"},
        {"options", "--hidden 40 \"\xef\xbf\xbd"},
        {"pixel_scale", "1/255"},
        {"program", "mlp-train " MLP_VERSION},
        {"seed", "18446744073709551615"},
        {"test_accuracy", "0.666666667"},
        {"test_images", "3"},
        {"test_loss", "0.333333333"},
        {"train_accuracy", "0.5"},
        {"train_loss", "0.123456789"},
    };
    mlp_network net = network(77, 4, 5, false);
    mlp_safetensors st = {0};
    mlp_error err = {0};
    write_model(&net);
    assert_ok(mlp_safetensors_read(&st, path_of("m"), &err), err);
    assert_int_equal(st.n_pairs, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < st.n_pairs; i++) {
        assert_string_equal(st.pairs[i].key, expected[i].key);
        assert_string_equal(st.pairs[i].value, expected[i].value);
    }
    mlp_safetensors_free(&st);
    mlp_network_free(&net);
    assert_int_equal(unlink(path_of("m")), 0);
}

/* ---- files that others wrote ---- */

typedef struct variant {
    mlp_tensor tensors[6];
    size_t n;
    mlp_pair pairs[4];
    size_t n_pairs;
} variant;

static float numbers[257 * 16];

/* A network of 6-4-3 that is all right; without metadata. */
static variant good(void) {
    return (variant){.tensors = {{"fc2.bias", MLP_F32, 1, {3}, numbers},
                                 {"fc1.weight", MLP_F32, 2, {4, 6}, numbers},
                                 {"fc2.weight", MLP_F32, 2, {3, 4}, numbers},
                                 {"fc1.bias", MLP_F32, 1, {4}, numbers}},
                     .n = 4};
}

static mlp_status read_variant(mlp_model *model, const variant *v, mlp_error *err) {
    mlp_error written = {0};
    const char *path = path_of("m");
    assert_ok(mlp_safetensors_write(path, v->tensors, v->n, v->pairs, v->n_pairs, &written), written);
    const mlp_status status = mlp_model_read(model, path, NULL, err);
    assert_int_equal(unlink(path), 0);
    return status;
}

static void refused(const variant *v, const char *words) {
    mlp_model model = {0};
    mlp_error err = {0};
    if (read_variant(&model, v, &err) != MLP_ERR_FORMAT) fail_msg("not refused: %s", words);
    assert_words(&err, words);
    assert_words(&err, "/m: |;");
    assert_null(model.file.tensors);
}

static void takes_what_pytorch_writes(void **state) {
    (void)state;
    variant v = good();
    mlp_model model = {0};
    mlp_error err = {0};
    assert_ok(read_variant(&model, &v, &err), err);
    assert_false(mlp_model_is_ours(&model.file));
    assert_int_equal(model.n_in, 6);
    assert_int_equal(model.n_hidden, 4);
    assert_int_equal(model.n_out, 3);
    assert_int_equal(model.rows, 1); /* no square */
    assert_int_equal(model.cols, 6);
    assert_true(model.bytes);
    assert_null(model.activation);
    assert_null(model.loss);
    assert_null(model.first_layer);
    mlp_model_free(&model);
    v.tensors[1].dims[1] = 9;
    v.pairs[0] = (mlp_pair){"format", "pt"};
    v.n_pairs = 1;
    assert_ok(read_variant(&model, &v, &err), err);
    assert_int_equal(model.rows, 3);
    assert_int_equal(model.cols, 3);
    mlp_model_free(&model);
    v.pairs[1] = (mlp_pair){"image_rows", "9"};
    v.pairs[2] = (mlp_pair){"pixel_scale", "1"};
    v.n_pairs = 3;
    assert_ok(read_variant(&model, &v, &err), err);
    assert_int_equal(model.rows, 9);
    assert_int_equal(model.cols, 1);
    assert_false(model.bytes);
    mlp_model_free(&model);
    v.pairs[1] = (mlp_pair){"image_columns", "9"};
    assert_ok(read_variant(&model, &v, &err), err);
    assert_int_equal(model.rows, 1);
    mlp_model_free(&model);
}

static void refuses_other_networks(void **state) {
    (void)state;
    static const char *const sequential[] = {"2.bias", "0.weight", "2.weight", "0.bias"};
    variant v = good();
    for (size_t i = 0; i < 4; i++) v.tensors[i].name = sequential[i];
    refused(&v, "holds the tensor '0.bias' [4]|fc1.weight [hidden x inputs]|fc1 and fc2");
    v = good();
    v.tensors[v.n++] = (mlp_tensor){"fc3.bias", MLP_F32, 1, {2}, numbers};
    refused(&v, "holds the tensor 'fc3.bias' [2]");
    for (size_t i = 0; i < 4; i++) {
        char words[100];
        v = good();
        snprintf(words, sizeof words, "lacks the tensor %s,|biases", v.tensors[i].name);
        v.tensors[i] = v.tensors[--v.n];
        refused(&v, words);
    }
    v = (variant){0};
    refused(&v, "lacks the tensor fc1.weight");
    static const mlp_dtype types[] = {MLP_U32, MLP_U64, MLP_F64, MLP_U8, MLP_N_DTYPES - 1};
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 4; k++) {
            char words[100];
            v = good();
            v.tensors[k].dtype = types[i];
            snprintf(words, sizeof words, "tensor %s is %s, where F32, F16 or BF16", v.tensors[k].name,
                     mlp_dtype_name(types[i]));
            refused(&v, words);
        }
}

static void refuses_other_shapes(void **state) {
    (void)state;
    static const struct {
        size_t tensor, n_dims, dims[3];
        const char *words;
    } cases[] = {
        {0, 1, {4}, "fc2.bias [4] does not go with fc2.weight [3 x 4]"},
        {0, 2, {3, 1}, "the tensor 'fc2.bias' [3 x 1], where"},
        {0, 0, {0}, "the tensor 'fc2.bias' [], where"},
        {0, 1, {0}, "the tensor 'fc2.bias' [0], where"},
        {1, 2, {6, 4}, "fc1.bias [4] does not go with fc1.weight [6 x 4]|[outputs x inputs]"},
        {1, 1, {24}, "the tensor 'fc1.weight' [24], where"},
        {1, 3, {4, 2, 3}, "the tensor 'fc1.weight' [4 x 2 x 3], where"},
        {1, 2, {4, 0}, "the tensor 'fc1.weight' [4 x 0], where"},
        {1, 2, {0, 6}, "the tensor 'fc1.weight' [0 x 6], where"},
        {2, 2, {4, 3}, "fc2.weight [4 x 3] does not go with fc1.weight [4 x 6]"},
        {2, 2, {2, 4}, "fc2.bias [3] does not go with fc2.weight [2 x 4]"},
        {3, 1, {5}, "fc1.bias [5] does not go with fc1.weight [4 x 6]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        variant v = good();
        v.tensors[cases[i].tensor].n_dims = cases[i].n_dims;
        memcpy(v.tensors[cases[i].tensor].dims, cases[i].dims, sizeof cases[i].dims);
        refused(&v, cases[i].words);
    }
    variant v = good();
    v.tensors[0].dims[0] = v.tensors[2].dims[0] = 257;
    refused(&v, "257 classes|256");
}

static void refuses_what_is_not_finite(void **state) {
    (void)state;
    static const float wrong[] = {NAN, INFINITY, -INFINITY};
    for (size_t t = 0; t < 4; t++)
        for (size_t w = 0; w < 3; w++) {
            variant v = good();
            float bad[24] = {0};
            const size_t n = mlp_tensor_bytes(&v.tensors[t]) / sizeof(float);
            const size_t at = w == 0 ? 0 : w == 1 ? n / 2 : n - 1;
            char words[100];
            bad[at] = wrong[w];
            v.tensors[t].data = bad;
            snprintf(words, sizeof words, "number %zu of the tensor %s is %s|finite", at, v.tensors[t].name,
                     w == 0   ? ""
                     : w == 1 ? "inf"
                              : "-inf");
            refused(&v, words);
        }
}

static void refuses_metadata_that_contradict(void **state) {
    (void)state;
    static const struct {
        mlp_pair pair;
        const char *words;
    } cases[] = {
        {{"activation", "gelu"}, "activation 'gelu'|--help"},
        {{"activation", ""}, "activation ''"},
        {{"activation", "a\nb\x7f"}, "activation 'a?b?'"}, /* nothing that a terminal obeys */
        {{"activation", "\xc2\x9b\x32J\xc2\xa0"}, "activation '??2J\xc2\xa0'"},
        {{"pixel_scale", "2"}, "pixel_scale '2'|1/255 or 1"},
        {{"first_layer", "wet"}, "first_layer 'wet'|dense or sparse"},
        {{"classes", "4"}, "classes '4'|3, as in fc2.weight"},
        {{"classes", "3x"}, "classes '3x'"},
        {{"classes", "-3"}, "classes '-3'"},
        {{"classes", ""}, "classes ''"},
        {{"classes", "18446744073709551619"}, "classes '18446744073709551619'"}, /* 2^64 + 3 */
        {{"image_rows", "4"}, "image_rows '4'|a part of the 6 inputs"},
        {{"image_rows", "12"}, "image_rows '12'"},
        {{"image_rows", "0"}, "image_rows '0'"},
        {{"image_rows", "1.5"}, "image_rows '1.5'"},
        {{"image_columns", "5"}, "image_columns '5'"},
        {{"image_columns", "x"}, "image_columns 'x'"},
        {{"image_columns", "99999999999999999999999"}, "image_columns '9999"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        variant v = good();
        v.pairs[v.n_pairs++] = cases[i].pair;
        refused(&v, cases[i].words);
    }
    variant v = good();
    v.n_pairs = 2;
    v.pairs[0] = (mlp_pair){"image_rows", "2"};
    v.pairs[1] = (mlp_pair){"image_columns", "2"};
    refused(&v, "image_columns '2'|3 for 6 inputs in 2 rows");
    v.pairs[0] = (mlp_pair){"program", "mlp-train 9.9"};
    v.pairs[1] = (mlp_pair){"loss", "hinge"};
    refused(&v, "loss 'hinge'|--help");
    v.pairs[1] = (mlp_pair){"checkpoint", "1"};
    refused(&v, "is a checkpoint|--resume");
    /* the pixels of the training: each number is read strictly */
    v.n_pairs = 4;
    for (size_t bad = 0; bad < 3; bad++) {
        static const char *const keys[] = {"pixel_min", "pixel_max", "pixel_mean"}, *const right[] = {"0", "1", "0.2"};
        static const char *const wrong[] = {"1x", "inf", "", "nan"};
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            char words[64];
            for (size_t k = 0; k < 3; k++) v.pairs[1 + k] = (mlp_pair){keys[k], k == bad ? wrong[i] : right[k]};
            snprintf(words, sizeof words, "%s '%s'|a finite number", keys[bad], wrong[i]);
            refused(&v, words);
        }
    }
}

/* Those of others may mean something else by the same words: what the loss was, which of their
   checkpoints it is. */
static void takes_what_others_say_of_themselves(void **state) {
    (void)state;
    variant v = good();
    mlp_model model = {0};
    mlp_error err = {0};
    v.n_pairs = 2;
    v.pairs[0] = (mlp_pair){"loss", "0.0123"};
    v.pairs[1] = (mlp_pair){"checkpoint", "best"};
    assert_ok(read_variant(&model, &v, &err), err);
    assert_null(model.loss);
    mlp_model_free(&model);
}

/* Weights for (pixel - mean) / std become weights for the pixel: the hidden sums are the same, computed plainly. */
static void folds_mean_and_std_into_the_weights(void **state) {
    (void)state;
    enum { IN = 6, HIDDEN = 70, OUT = 3 };
    const double scales[][2] = {{0, 1}, {0.1307, 0.3081}, {-4, 255}, {0, 0.5}};
    for (size_t k = 0; k < 8; k++) {
        const double mean = scales[k / 2][0], std = scales[k / 2][1];
        mlp_network net = network(IN, HIDDEN, OUT, k % 2 == 1), other = network(IN, HIDDEN, OUT, k % 2 == 1);
        mlp_model model = {0};
        mlp_error err = {0};
        mlp_metadata none = {0};
        fill(&net);
        assert_ok(mlp_model_write(path_of("m"), &net, none.pairs, 0, &err), err);
        assert_ok(mlp_model_read(&model, path_of("m"), NULL, &err), err);
        mlp_model_set_scale(&model, mean, std);
        assert_int_equal(mlp_model_is_scaled(&model), k > 1);
        mlp_model_copy(&other, &model);
        for (size_t j = 0; j < HIDDEN; j++) {
            double before = number(MLP_B1, 0, j);
            double after = (double)other.params[mlp_block_index(&other.blocks[MLP_B1], j)];
            for (size_t i = 0; i < IN; i++) {
                const double pixel = (double)((i * 7 + j) % 11) / 10;
                before += (pixel - mean) / std * (double)number(MLP_W1, i, j);
                after += pixel * (double)other.params[mlp_block_index(&other.blocks[MLP_W1], i * HIDDEN + j)];
            }
            assert_near(after, before, 2e-7 * (1e4 + (1 + fabs(mean)) / std * 600 * (int)IN));
        }
        for (int b = MLP_W2; b < MLP_N_BLOCKS; b++) /* the others stay */
            for (size_t i = 0; i < net.blocks[b].rows * net.blocks[b].cols; i++)
                assert_near(other.params[mlp_block_index(&other.blocks[b], i)],
                            net.params[mlp_block_index(&net.blocks[b], i)], 0);
        mlp_model_free(&model);
        mlp_network_free(&net);
        mlp_network_free(&other);
        unlink(path_of("m"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_pytorch_names_and_shapes),
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(says_what_is_needed_to_use_it),
        cmocka_unit_test(takes_what_pytorch_writes),
        cmocka_unit_test(refuses_other_networks),
        cmocka_unit_test(refuses_other_shapes),
        cmocka_unit_test(refuses_what_is_not_finite),
        cmocka_unit_test(refuses_metadata_that_contradict),
        cmocka_unit_test(takes_what_others_say_of_themselves),
        cmocka_unit_test(folds_mean_and_std_into_the_weights),
    };
    return cmocka_run_group_tests_name("model", tests, make_test_dir, remove_test_dir);
}

/* test_onnx.c - a network of 2-1-2 against the bytes that the onnx package writes for it (spelled
   out here field by field, lengths in octal); tests/cli/interop.bats has runtimes open real ones.
 */
#include "mlp/formats/onnx.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

static const mlp_tensor tensors[] = {
    {.name = "w1", .dtype = MLP_F32, .n_dims = 2, .dims = {1, 2}, .data = (const float[]){1, 1}},
    {.name = "b1", .dtype = MLP_F32, .n_dims = 1, .dims = {1}, .data = (const float[]){2}},
    {.name = "w2", .dtype = MLP_F32, .n_dims = 2, .dims = {2, 1}, .data = (const float[]){3, 4}},
    {.name = "b2", .dtype = MLP_F32, .n_dims = 1, .dims = {2}, .data = (const float[]){5, -6}},
};
static const mlp_pair pair = {"key", "h\xc3\xa9\xff"};

/* ModelProto: IR version 7, who made it, what it is, a graph of 384 bytes */
static const char head[] = "\x08\x08\x12\011mlp-train\x1a";
static const char expected[] =
    "\x32\x40pixels: an image a row, its pixels row by row, times pixel_scale"
    "\x3a\x80\3"
    /* NodeProto: inputs, output, name, operator, AttributeProto of type 2 */
    "\x0a\057\x0a\6pixels\x0a\2w1\x0a\2b1\x12\3fc1\x1a\3fc1\x22\4Gemm"
    "\x2a\015\x0a\6transB\x18\1\xa0\1\2"
    "\x0a\037\x0a\3fc1\x12\6hidden\x1a\012activation\x22\4Relu"
    "\x0a\062\x0a\6hidden\x0a\2w2\x0a\2b2\x12\6logits\x1a\3fc2\x22\4Gemm"
    "\x2a\015\x0a\6transB\x18\1\xa0\1\2"
    "\x0a\077\x0a\6logits\x12\015probabilities\x1a\7softmax\x22\7Softmax"
    "\x2a\024\x0a\4axis\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\xa0\1\2"
    /* the graph's name; TensorProto: dims, type 1, name, bytes */
    "\x12\3mlp"
    "\x2a\024\x08\1\x08\2\x10\1\x42\2w1\x4a\010\0\0\x80\x3f\0\0\x80\x3f"
    "\x2a\016\x08\1\x10\1\x42\2b1\x4a\4\0\0\0\x40"
    "\x2a\024\x08\2\x08\1\x10\1\x42\2w2\x4a\010\0\0\x40\x40\0\0\x80\x40"
    "\x2a\022\x08\2\x10\1\x42\2b2\x4a\010\0\0\xa0\x40\0\0\xc0\xc0"
    /* ValueInfoProto: name, type {tensor {type 1, shape {dim {"batch"}, dim {2}}}} */
    "\x5a\035\x0a\6pixels\x12\023\x0a\021\x08\1\x12\015\x0a\7\x12\5batch\x0a\2\x08\2"
    "\x62\044\x0a\015probabilities\x12\023\x0a\021\x08\1\x12\015\x0a\7\x12\5batch\x0a\2\x08\2"
    "\x62\035\x0a\6logits\x12\023\x0a\021\x08\1\x12\015\x0a\7\x12\5batch\x0a\2\x08\2"
    /* operator set "" 17; a pair */
    "\x42\4\x0a\0\x10\21"
    "\x72\015\x0a\3key\x12\6h\xc3\xa9\xef\xbf\xbd";

/* What is written of the network with this pair. */
static bytes written(const mlp_pair *about) {
    char path[2048];
    mlp_error err = {0};
    snprintf(path, sizeof path, "%s", in_test_dir("net.onnx"));
    assert_ok(mlp_onnx_write(path, tensors, "Relu", about, 1, &err), err);
    const bytes b = read_whole(path);
    assert_int_equal(unlink(path), 0);
    return b;
}

static void bytes_are_those_of_the_format(void **state) {
    (void)state;
    bytes b = written(&pair);
    const size_t version = strlen(MLP_VERSION), rest = sizeof head - 1 + 1 + version;
    assert_int_equal(b.n, rest + sizeof expected - 1);
    assert_memory_equal(b.at, head, sizeof head - 1);
    assert_int_equal(b.at[sizeof head - 1], version);
    assert_memory_equal(b.at + sizeof head, MLP_VERSION, version);
    assert_memory_equal(b.at + rest, expected, sizeof expected - 1);
    bytes_free(&b);
}

/* A length of two bytes, seven bits each: 300 is 2 * 128 + 44. */
static void longer_lengths_take_more_bytes(void **state) {
    (void)state;
    char value[301] = "";
    memset(value, 'a', 300);
    bytes b = written(&(mlp_pair){"key", value});
    assert_memory_equal(b.at + b.n - 311, "\x72\xb4\2\x0a\3key\x12\xac\2", 11);
    bytes_free(&b);
}

static void a_write_that_fails_is_reported(void **state) {
    (void)state;
    mlp_error err = {0};
    assert_int_equal(mlp_onnx_write("/dev/full", tensors, "Relu", &pair, 1, &err), MLP_ERR_IO);
    assert_words(&err, "/dev/full: cannot be written|free some space");
}

/* No byte of the tensors is looked at: they are not there. */
static void what_protobuf_cannot_hold_is_refused(void **state) {
    (void)state;
    mlp_error err = {0};
    mlp_tensor large[4];
    memcpy(large, tensors, sizeof large);
    large[0].dims[0] = 1 << 15;
    large[0].dims[1] = 1 << 14;
    assert_int_equal(mlp_onnx_write("large.onnx", large, "Relu", &pair, 1, &err), MLP_ERR_USAGE);
    assert_words(&err, "large.onnx|do not fit|safetensors");
    assert_int_equal(access("large.onnx", F_OK), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_format),
        cmocka_unit_test(longer_lengths_take_more_bytes),
        cmocka_unit_test(a_write_that_fails_is_reported),
        cmocka_unit_test(what_protobuf_cannot_hold_is_refused),
    };
    return cmocka_run_group_tests_name("onnx", tests, make_test_dir, remove_test_dir);
}

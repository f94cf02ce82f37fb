/* test_safetensors.c - the format, held against bytes made by hand. */
#include "mlp/formats/safetensors.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "files.h"

/* A file of this header and `n` bytes of data 0, 1, 2 … in the test directory. */
static const char *make_file(const char *header, size_t header_size, size_t n) {
    bytes b = {0};
    const uint64_t size = header_size;
    for (int i = 0; i < 8; i++) bytes_add(&b, &(uint8_t){(uint8_t)(size >> 8 * i)}, 1);
    bytes_add(&b, header, header_size);
    for (size_t i = 0; i < n; i++) bytes_add(&b, &(uint8_t){(uint8_t)i}, 1);
    write_file(in_test_dir("st"), b.at, b.n);
    bytes_free(&b);
    return test_path;
}

static void remove_file(void) { assert_int_equal(unlink(in_test_dir("st")), 0); }

/* The file of make_file through a pipe. */
static mlp_status read_piped(mlp_safetensors *st, mlp_error *err) {
    char fifo[2048], path[2048];
    snprintf(path, sizeof path, "%s", in_test_dir("st"));
    snprintf(fifo, sizeof fifo, "%s", in_test_dir("fifo"));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_IGN);
        const bytes from = read_whole(path);
        const int fd = open(fifo, O_WRONLY);
        _exit(write(fd, from.at, from.n) < 0); /* a reader that has seen enough goes away */
    }
    const mlp_status status = mlp_safetensors_read(st, fifo, err);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(unlink(fifo), 0);
    return status;
}

/* Both ways in must refuse the file of make_file in the same words. */
static void assert_refused(const char *words) {
    for (int piped = 0; piped < 2; piped++) {
        mlp_safetensors st = {0};
        mlp_error err = {0};
        const mlp_status status = piped ? read_piped(&st, &err) : mlp_safetensors_read(&st, in_test_dir("st"), &err);
        if (status != MLP_ERR_FORMAT) fail_msg("not refused: %s", words);
        assert_words(&err, words);
        assert_words(&err, ";"); /* what to do */
        assert_null(st.tensors);
        assert_null(st.data);
        assert_null(st.text);
    }
}

static void refused(const char *header, size_t n, const char *words) {
    make_file(header, strlen(header), n);
    assert_refused(words);
    remove_file();
}

/* ---- writing ---- */

static bytes written(const mlp_tensor *tensors, size_t n, const mlp_pair *pairs, size_t n_pairs) {
    mlp_error err = {0};
    char path[2048];
    snprintf(path, sizeof path, "%s", in_test_dir("st"));
    assert_ok(mlp_safetensors_write(path, tensors, n, pairs, n_pairs, &err), err);
    return read_whole(path);
}

static void writes_what_the_format_says(void **state) {
    (void)state;
    static const float w[] = {1, 2, 3, 4, 5, 6};
    static const uint64_t one = 0x0102030405060708;
    static const mlp_tensor tensors[] = {{"w", MLP_F32, 2, {2, 3}, w},
                                         {"flag", MLP_U8, 1, {3}, "abc"},
                                         {"b", MLP_F32, 1, {1}, w + 5},
                                         {"none", MLP_F32, 2, {0, 7}, NULL},
                                         {"number", MLP_U64, 0, {0}, &one}};
    static const mlp_pair pairs[] = {{"format", "pt"}, {"a\"\\\n", "\xc3\xa9\xff\xe2\x82"}};
    static const char header[] =
        "{\"__metadata__\":{\"a\\\"\\\\\\u000a\":\"\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
        "\"format\":"
        "\"pt\"},\"number\":{\"dtype\":\"U64\",\"shape\":[],\"data_offsets\":[0,8]},"
        "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
        "\"none\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[12,12]},"
        "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[12,36]},"
        "\"flag\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[36,39]}}";
    static const char data[] = "\x08\7\6\5\4\3\2\1"
                               "\0\0\xc0\x40"
                               "\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40\0\0\xc0\x40"
                               "abc";
    bytes b = written(tensors, 5, pairs, 2);
    const size_t padded = (8 + strlen(header) + 63) / 64 * 64;
    assert_int_equal(b.n, padded + 39);
    assert_int_equal(b.at[0] + 256 * b.at[1], padded - 8);
    assert_memory_equal(b.at + 2, "\0\0\0\0\0\0", 6);
    assert_memory_equal(b.at + 8, header, strlen(header));
    for (size_t i = 8 + strlen(header); i < padded; i++) assert_int_equal(b.at[i], ' ');
    assert_memory_equal(b.at + padded, data, 39);
    bytes_free(&b);
    remove_file();
}

static void pads_every_length_to_64(void **state) {
    (void)state;
    char name[80];
    for (size_t n = 1; n < 70; n++) {
        memset(name, 'x', n);
        name[n] = '\0';
        const mlp_tensor tensor = {name, MLP_U8, 1, {1}, "!"};
        bytes b = written(&tensor, 1, NULL, 0);
        const size_t header = n + strlen("{\"\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}");
        assert_int_equal(b.n, (8 + header + 63) / 64 * 64 + 1);
        assert_int_equal(b.at[b.n - 1], '!');
        bytes_free(&b);
    }
    bytes b = written(NULL, 0, NULL, 0);
    assert_int_equal(b.n, 64);
    assert_memory_equal(b.at + 8, "{} ", 3);
    bytes_free(&b);
    remove_file();
}

/* ---- reading ---- */

static void reads_what_the_format_allows(void **state) {
    (void)state;
    static const char header[] =
        "{ \"late\" :\t{\"data_offsets\":[4,8],\"shape\":[2,2],\"dtype\":\"U8\"},\n"
        "\"\\u0041\\ud83d\\ude00\\n\\/\\\"\": {\"dtype\":\"F32\" , \"shape\":[ ] , "
        "\"data_offsets\":[ 0 , 4 ]}, \r\"__metadata__\":{\"b\":\"2\",\"a\":\"\\u20aC\xf0\x9f\x98"
        "\x80\",\"\":\"\"},\"nothing\":{\"dtype\":\"F64\",\"shape\":[0,18446744073709551615],"
        "\"data_offsets\":[4,4]},\"half\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[8,9]}}"
        " \n  ";
    make_file(header, strlen(header), 9);
    for (int piped = 0; piped < 2; piped++) {
        mlp_safetensors st = {0};
        mlp_error err = {0};
        char shape[MLP_SHAPE_SIZE];
        assert_ok(piped ? read_piped(&st, &err) : mlp_safetensors_read(&st, in_test_dir("st"), &err), err);
        assert_int_equal(st.n, 4);
        assert_string_equal(st.tensors[0].name, "A\xf0\x9f\x98\x80\n/\"");
        assert_int_equal(st.tensors[0].dtype, MLP_F32);
        assert_int_equal(st.tensors[0].n_dims, 0);
        assert_int_equal(mlp_tensor_bytes(&st.tensors[0]), 4);
        assert_memory_equal(st.tensors[0].data, "\0\1\2\3", 4);
        assert_string_equal(mlp_shape_text(shape, st.tensors[0].dims, st.tensors[0].n_dims), "[]");
        const mlp_tensor *late = mlp_safetensors_find(&st, "late");
        assert_ptr_equal(late, &st.tensors[2]);
        assert_int_equal(late->dtype, MLP_U8);
        assert_string_equal(mlp_shape_text(shape, late->dims, late->n_dims), "[2 x 2]");
        assert_memory_equal(late->data, "\4\5\6\7", 4);
        assert_int_equal(mlp_tensor_bytes(mlp_safetensors_find(&st, "nothing")), 0);
        assert_memory_equal(mlp_safetensors_find(&st, "half")->data, "\x08", 1);
        assert_null(mlp_safetensors_find(&st, "none"));
        assert_int_equal(st.n_pairs, 3);
        assert_string_equal(mlp_safetensors_metadata(&st, "a"), "\xe2\x82\xac\xf0\x9f\x98\x80");
        assert_string_equal(mlp_safetensors_metadata(&st, "b"), "2");
        assert_string_equal(mlp_safetensors_metadata(&st, ""), "");
        assert_null(mlp_safetensors_metadata(&st, "c"));
        mlp_safetensors_free(&st);
    }
    remove_file();
    mlp_safetensors_free(NULL);
}

static void knows_every_dtype(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t bytes; /* of [4] */
    } cases[] = {{"BOOL", 4}, {"F4", 2},      {"F6_E2M3", 3}, {"F6_E3M2", 3}, {"U8", 4},
                 {"I8", 4},   {"F8_E5M2", 4}, {"F8_E4M3", 4}, {"F8_E8M0", 4}, {"I16", 8},
                 {"U16", 8},  {"F16", 8},     {"BF16", 8},    {"I32", 16},    {"U32", 16},
                 {"F32", 16}, {"C64", 32},    {"F64", 32},    {"I64", 32},    {"U64", 32}};
    assert_int_equal(sizeof cases / sizeof *cases, MLP_N_DTYPES);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[200];
        mlp_safetensors st = {0};
        mlp_error err = {0};
        snprintf(header, sizeof header, "{\"t\":{\"dtype\":\"%s\",\"shape\":[4],\"data_offsets\":[0,%zu]}}",
                 cases[i].name, cases[i].bytes);
        assert_ok(mlp_safetensors_read(&st, make_file(header, strlen(header), cases[i].bytes), &err), err);
        assert_int_equal(mlp_tensor_bytes(&st.tensors[0]), cases[i].bytes);
        assert_string_equal(mlp_dtype_name(st.tensors[0].dtype), cases[i].name);
        mlp_safetensors_free(&st);
        make_file(header, strlen(header), cases[i].bytes + 1);
        assert_refused("bytes follow the");
    }
    remove_file();
}

static void reads_what_it_wrote(void **state) {
    (void)state;
    float numbers[1000];
    for (size_t i = 0; i < 1000; i++) numbers[i] = (float)i / 7;
    const mlp_tensor tensors[] = {{"\xc3\xa9\"\1", MLP_F32, 3, {10, 20, 5}, numbers}, {"x", MLP_F32, 1, {0}, NULL}};
    const mlp_pair pairs[] = {{"z", "\t\\"}, {"y", ""}};
    mlp_safetensors st = {0};
    mlp_error err = {0};
    bytes first = written(tensors, 2, pairs, 2);
    assert_ok(mlp_safetensors_read(&st, in_test_dir("st"), &err), err);
    assert_int_equal(st.n, 2);
    assert_string_equal(st.tensors[1].name, tensors[0].name);
    assert_int_equal(st.tensors[1].n_dims, 3);
    assert_memory_equal(st.tensors[1].dims, tensors[0].dims, 3 * sizeof(size_t));
    assert_memory_equal(st.tensors[1].data, numbers, sizeof numbers);
    assert_string_equal(mlp_safetensors_metadata(&st, "z"), "\t\\");
    mlp_safetensors_free(&st);
    bytes second = written(tensors, 2, pairs, 2);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.at, second.at, first.n);
    bytes_free(&first);
    bytes_free(&second);
    remove_file();
}

/* ---- refusing ---- */

#define F32(shape, offsets) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define T(value) "{\"t\":" value "}"
#define META(members) "{\"__metadata__\":{" members "}}"

static const struct {
    const char *header, *words;
} broken[] = {
    {"{", "no safetensors"},
    {"{\"", "byte 2 of its header|ends inside a text"},
    {"{\"t", "ends inside a text"},
    {"{\"t\"", "byte 4|expected :"},
    {"{\"t\":", "byte 5|expected {"},
    {"{\"t\":{}", "'t' lacks its dtype, shape or data_offsets"},
    {T(F32("[1]", "[0,4]")) "x", "text behind the last }"},
    {T(F32("[1]", "[0,4]")) "{}", "text behind the last }"},
    {"{\"t\":" F32("[1]", "[0,4]") ",}", "expected a text"},
    {"{\"t\":" F32("[1]", "[0,4]") " \"u\":", "expected , or }"},
    {"{t:1}", "byte 1|expected a text"},
    {"{'t':1}", "expected a text"},
    {"{\"t\":1}", "expected {"},
    {"{\"t\":null}", "expected {"},
    {"{\"t\":[[[[[[[[[[[[[[[[", "expected {"},
    {"{\"t\":{\"t\":{\"t\":{", "'t' has the key 't'"},
    {T("{\"dtype\":F32}"), "expected a text"},
    {T("{\"dtype\":32}"), "expected a text"},
    {T(F32("1", "[0,4]")), "expected ["},
    {T(F32("[1,]", "[0,4]")), "expected a whole number"},
    {T(F32("[,1]", "[0,4]")), "expected a whole number"},
    {T(F32("[1 1]", "[0,4]")), "expected , or ]"},
    {T(F32("[1:", "[0,4]")), "expected , or ]"},
    {T(F32("[-1]", "[0,4]")), "expected a whole number"},
    {T(F32("[1.0]", "[0,4]")), "expected a whole number"},
    {T(F32("[1e0]", "[0,4]")), "expected a whole number"},
    {T(F32("[01]", "[0,4]")), "expected a whole number"},
    {T(F32("[+1]", "[0,4]")), "expected a whole number"},
    {T(F32("[\"1\"]", "[0,4]")), "expected a whole number"},
    {T(F32("[true]", "[0,4]")), "expected a whole number"},
    {T(F32("[18446744073709551616]", "[0,4]")), "beyond 64 bits"},
    {T(F32("[99999999999999999999999]", "[0,4]")), "beyond 64 bits"},
    {META("\"a\":"), "expected a value"},
    {META("\"a\":nul"), "expected a value"},
    {META("\"a\":-"), "expected a value"},
    {META("\"a\":1x"), "expected a value"},
    {META("\"a\":[\"\\q\"]"), "a wrong escape"},
    {META("\"a\":[\"\t1\",\" ]"), "a control character"}, /* what follows could be other values */
    {"{\"__metadata__\":{\"a\":[1", "the header ends in a value"},
    {"{\"__metadata__\":{\"a\":1", "the header ends in a value"},
    {META("\"a\":1,\"a\":2"), "metadata key 'a' is there twice"},
    {META("\"a\":1,\"a\":\"b\""), "metadata key 'a' is there twice"},
    {META("\"a\""), "expected :"},
    {"{\"__metadata__\":null}", "expected {"},
    {"{\"__metadata__\":[]}", "expected {"},
    {META("\"a\":\"\n\""), "control character"},
    {META("\"a\":\"\\x\""), "wrong escape"},
    {META("\"a\":\"\\"), "wrong escape"},
    {META("\"a\":\"\\u12\""), "wrong escape"},
    {META("\"a\":\"\\u12g4\""), "wrong escape"},
    {META("\"a\":\"\\u0000\""), "zero character"},
    {META("\"a\":\"\\ud800\""), "half a surrogate pair"},
    {META("\"a\":\"\\ud800\\u0041\""), "half a surrogate pair"},
    {META("\"a\":\"\\ud800\\n....\""), "half a surrogate pair"},
    {META("\"a\":\"\\udc00\\ud800\""), "half a surrogate pair"},
};

static void refuses_broken_json(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        refused(broken[i].header, 4, broken[i].words);
        refused(broken[i].header, 0, broken[i].words); /* where no tensor is, nothing else is wrong */
    }
    make_file("{\"a\0\":1}", 8, 0); /* the byte itself */
    assert_refused("control character");
    remove_file();
}

static void refuses_what_is_no_utf8(void **state) {
    (void)state;
    static const char *const cases[] = {
        "\x80",             /* a continuation alone */
        "\xc3",             /* cut: the quote follows */
        "\xc0\xaf",         /* overlong */
        "\xc1\x81",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xed\xbf\xbf",     /* a surrogate */
        "\xf4\x90\x80\x80", /* beyond 10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xe2\x82",
        "\xf0\x9f\x98",
    };
    static const char *const good[] = {"\xc2\x80",     "\xe0\xa0\x80",     "\xed\x9f\xbf",
                                       "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    char header[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(header, sizeof header, META("\"a\":\"%s\""), cases[i]);
        refused(header, 0, "not UTF-8");
        snprintf(header, sizeof header, META("\"%s\":\"a\""), cases[i]);
        refused(header, 0, "not UTF-8");
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        mlp_safetensors st = {0};
        mlp_error err = {0};
        snprintf(header, sizeof header, META("\"a\":\"%s\""), good[i]);
        assert_ok(mlp_safetensors_read(&st, make_file(header, strlen(header), 0), &err), err);
        assert_string_equal(mlp_safetensors_metadata(&st, "a"), good[i]);
        mlp_safetensors_free(&st);
    }
    remove_file();
}

static void refuses_duplicates_and_strangers(void **state) {
    (void)state;
    refused("{\"t\":" F32("[1]", "[0,4]") ",\"t\":" F32("[1]", "[4,8]") "}", 8, "tensor 't' is there twice");
    refused("{\"t\":" F32("[1]", "[0,4]") ",\"\\u0074\":" F32("[1]", "[4,8]") "}", 8, "tensor 't' is there twice");
    refused(META("\"a\":\"1\",\"b\":\"\",\"a\":\"1\""), 0, "metadata key 'a' is there twice");
    refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "second __metadata__");
    refused(T("{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}"), 4,
            "tensor 't' has the key 'dtype' twice");
    refused(T("{\"dtype\":\"F32\",\"shape\":[],\"shape\":[],\"data_offsets\":[0,4]}"), 4, "'shape' twice");
    refused(T("{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"data_offsets\":[0,4]}"), 4,
            "'data_offsets' twice");
    refused(T("{\"dtype\":\"F32\",\"shape\":[],\"offsets\":[0,4]}"), 4,
            "tensor 't' has the key 'offsets'|dtype, shape and data_offsets");
    refused(T("{\"dtype\":\"F32\",\"shape\":[]}"), 4, "lacks");
    refused(T("{\"dtype\":\"F32\",\"data_offsets\":[0,4]}"), 4, "lacks");
    refused(T("{\"shape\":[],\"data_offsets\":[0,4]}"), 4, "lacks");
    refused(T("{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[0,4]}"), 4, "'t' has the dtype 'F31'|F32");
    refused(T("{\"dtype\":\"f32\",\"shape\":[],\"data_offsets\":[0,4]}"), 4, "'f32'");
    refused(T("{\"dtype\":\"\",\"shape\":[],\"data_offsets\":[0,4]}"), 4, "''");
    refused(T(F32("[1,1,1,1,1,1,1,1,1]", "[0,4]")), 4, "too many numbers");
}

static void refuses_wrong_offsets(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t n;
        const char *words;
    } cases[] = {
        {T(F32("[2]", "[0,4]")), 4, "'t' has offsets from 0 to 4|F32 [2]"},
        {T(F32("[1]", "[0,8]")), 8, "'t' has offsets from 0 to 8|F32 [1]"},
        {T(F32("[1]", "[4,0]")), 4, "offsets from 4 to 0"},
        {T(F32("[0]", "[4,0]")), 4, "offsets from 4 to 0"},
        {T(F32("[1]", "[0]")), 4, "two offsets"},
        {T(F32("[1]", "[]")), 4, "two offsets"},
        {T(F32("[1]", "[0,4,8]")), 4, "too many numbers"},
        {T(F32("[1]", "[0,18446744073709551615]")), 4, "from 0 to 18446744073709551615"},
        {T(F32("[4611686018427387904,4]", "[0,0]")), 0, "from 0 to 0"}, /* 2^64 elements */
        {T(F32("[2305843009213693952,2]", "[0,0]")), 0, "from 0 to 0"},
        {T(F32("[2305843009213693952,2]", "[0,18446744073709551615]")), 0, "are not those"},
        {T(F32("[4611686018427387903]", "[0,18446744073709551612]")), 4, "offsets from 0"},
        {T(F32("[100000000000]", "[0,400000000000]")), 4, "claim 400000000000 bytes, but only 4"},
        {T("{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}"), 1, "F4 [3]"},
        {T(F32("[1]", "[4,8]")), 8, "tensor 't' has a hole before its data"},
        {T(F32("[0]", "[4,4]")), 4, "tensor 't' has a hole before its data"},
        {T(F32("[1]", "[0,4]")), 5, "bytes follow the 4 of its tensors"},
        {T(F32("[1]", "[0,4]")), 3, "incomplete|claim 4 bytes, but only 3"},
        {"{\"a\":" F32("[1]", "[0,4]") ",\"b\":" F32("[1]", "[0,4]") "}", 4, "'b' overlaps"},
        {"{\"a\":" F32("[2]", "[0,8]") ",\"b\":" F32("[1]", "[4,8]") "}", 8, "'b' overlaps"},
        {"{\"a\":" F32("[1]", "[8,12]") ",\"b\":" F32("[1]", "[0,4]") "}", 12, "'a' has a hole"},
        {"{}", 1, "bytes follow the 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refused(cases[i].header, cases[i].n, cases[i].words);
}

/* Only so many bytes of a good file. */
static void refuses_files_cut_anywhere(void **state) {
    (void)state;
    static const char header[] = "{\"__metadata__\":{\"a\":\"b\"},\"t\":" F32("[3]", "[0,12]") "}   ";
    make_file(header, strlen(header), 12);
    bytes whole = read_whole(in_test_dir("st"));
    for (size_t n = 0; n < whole.n; n++) {
        write_file(in_test_dir("st"), whole.at, n);
        assert_refused(n == 0 ? "an empty file" : n < 9 ? "no safetensors" : "incomplete");
    }
    bytes_free(&whole);
    remove_file();
}

/* Every single bit turned: refused, or something else was said, but never more than the file has.
 */
static void survives_every_wrong_bit(void **state) {
    (void)state;
    static const char header[] = "{\"__metadata__\":{\"\\u0061\":\"\\ud83d\\ude00\xc3\xa9\"},\"t\":" F32(
        "[3]", "[0,12]") ",\"u\":" F32("[]", "[12,16]") "} ";
    make_file(header, strlen(header), 16);
    bytes b = read_whole(in_test_dir("st"));
    mlp_error err = {0};
    size_t n_refused = 0;
    for (size_t bit = 0; bit < 8 * (b.n - 16); bit++) {
        mlp_safetensors st = {0};
        b.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        write_file(in_test_dir("st"), b.at, b.n);
        err = (mlp_error){0};
        if (mlp_safetensors_read(&st, in_test_dir("st"), &err) == MLP_OK) {
            size_t sum = 0;
            for (size_t i = 0; i < st.n; i++) sum += mlp_tensor_bytes(&st.tensors[i]);
            assert_int_equal(sum, 16);
        } else {
            n_refused++;
            assert_words(&err, ";");
        }
        mlp_safetensors_free(&st);
        b.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(n_refused > 6 * (b.n - 16)); /* a name or a value may become another */
    bytes_free(&b);
    remove_file();
}

static void trusts_no_length(void **state) {
    (void)state;
    static const uint64_t lengths[] = {0, 1, 100000000, 100000001, (uint64_t)1 << 32, (uint64_t)1 << 63, UINT64_MAX};
    static const char *const words[] = {"no safetensors",
                                        "no safetensors",
                                        "incomplete|claims 100000000 bytes, but only 5 follow",
                                        "claims 100000001 bytes, and 100000000 are the most",
                                        "claims 4294967296 bytes",
                                        "claims 9223372036854775808 bytes",
                                        "claims 18446744073709551615 bytes"};
    struct rusage used;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        bytes b = {0};
        bytes_add(&b, &lengths[i], 8);
        bytes_add(&b, "{\"a\":", 5);
        write_file(in_test_dir("st"), b.at, b.n);
        assert_refused(words[i]);
        remove_file();
        bytes_free(&b);
    }
    refused(T(F32("[4000000000000]", "[0,16000000000000]")), 4, "incomplete|but only 4");
    getrusage(RUSAGE_SELF, &used);
    assert_true(used.ru_maxrss < 1 << 20); /* kB; a sanitizer has its share */
}

static void names_other_files(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t n;
        const char *words;
    } cases[] = {
        {"PK\3\4\0\0\0\0\0\0{", 11, "zip archive, not safetensors|unzip"},
        {"\x08\x08\x12\x07pytorch\x1a", 12, "is an ONNX model|is written, not read"},
        {"\x80\2}q\1U\3abc", 10, "pickle|save_file"},
        {"\x93NUMPY\1\0v\0{", 11, "NumPy array"},
        {"\x89HDF\r\n\x1a\n\0", 9, "HDF5"},
        {"GGUF\3\0\0\0\0\0", 10, "GGUF"},
        {"\x1f\x8b\x08\0\0\0\0\0\0", 9, "is a gzip file|gunzip"},
        {"version https://git-lfs.github.com", 34, "git lfs pull"},
        {"<!DOCTYPE html>", 15, "web page"},
        {"iter,epoch,loss", 15, "is text (\"iter,epoch,loss\"), not safetensors|--save"},
        {"x", 1, "no safetensors file"},
        {"", 0, "an empty file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(in_test_dir("st"), cases[i].content, cases[i].n);
        assert_refused(cases[i].words);
    }
    remove_file();
    mlp_safetensors st = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_safetensors_read(&st, in_test_dir("none"), &err), MLP_ERR_IO);
    assert_words(&err, "/none: cannot be opened: No such file");
}

/* Two hundred thousand keys, the last of them wrong, in a moment; a name of megabytes, cut in the
 * message. */
static void takes_no_time_for_large_headers(void **state) {
    (void)state;
    bytes b = {0};
    char pair[40];
    bytes_add(&b, "{\"__metadata__\":{", 17);
    for (int i = 0; i < 200000; i++)
        bytes_add(&b, pair, (size_t)snprintf(pair, sizeof pair, "\"%d\":\"\",", 1000000 - i));
    bytes_add(&b, "\"1000000\":\"\"}}", 14);
    make_file((const char *)b.at, b.n, 0);
    assert_refused("metadata key '1000000' is there twice");
    bytes_free(&b);
    bytes_add(&b, "{\"", 2);
    for (int i = 0; i < 500000; i++) bytes_add(&b, "\xc3\xa9", 2);
    bytes_add(&b, "\":{}}", 5);
    make_file((const char *)b.at, b.n, 0);
    mlp_safetensors st = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_safetensors_read(&st, in_test_dir("st"), &err), MLP_ERR_FORMAT);
    assert_words(&err, "\xc3\xa9' lacks");
    assert_true(strlen(err.message) < sizeof test_path + 200);
    bytes_free(&b);
    remove_file();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_the_format_says),
        cmocka_unit_test(pads_every_length_to_64),
        cmocka_unit_test(reads_what_the_format_allows),
        cmocka_unit_test(knows_every_dtype),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(refuses_broken_json),
        cmocka_unit_test(refuses_what_is_no_utf8),
        cmocka_unit_test(refuses_duplicates_and_strangers),
        cmocka_unit_test(refuses_wrong_offsets),
        cmocka_unit_test(refuses_files_cut_anywhere),
        cmocka_unit_test(survives_every_wrong_bit),
        cmocka_unit_test(trusts_no_length),
        cmocka_unit_test(names_other_files),
        cmocka_unit_test(takes_no_time_for_large_headers),
    };
    return cmocka_run_group_tests_name("safetensors", tests, make_test_dir, remove_test_dir);
}

/* seeds.c - writes what fuzzing starts from into DIRECTORY/TARGET/NAME: small files of every kind
   that the readers know, and command lines. */
#include "../unit/files.h"
#include "mlp/cli/options.h"
#include "mlp/formats/png.h"
#include "mlp/state/model.h"
#include "tiny.h"

static const char *directory;
static char seed_path[2048];

/* DIRECTORY/TARGET/NAME, the directories made. */
static const char *path_of(const char *target, const char *name) {
    mkdir(directory, 0777);
    snprintf(seed_path, sizeof seed_path, "%s/%s", directory, target);
    mkdir(seed_path, 0777);
    snprintf(seed_path, sizeof seed_path, "%s/%s/%s", directory, target, name);
    return seed_path;
}

static void put(const char *target, const char *name, const void *from, size_t n) {
    write_file(path_of(target, name), from, n);
}

static void idx_seeds(void) {
    static const uint8_t types[] = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E};
    static const size_t sizes[] = {1, 1, 2, 4, 4, 8};
    const size_t dims[3] = {4, 2, 3};
    char name[32];
    for (size_t t = 0; t < 6; t++)
        for (uint8_t n_dims = 1; n_dims <= 3; n_dims++) {
            bytes b = {0}, packed = {0};
            size_t n = 1;
            idx_header(&b, types[t], n_dims, dims);
            for (uint8_t d = 0; d < n_dims; d++) n *= dims[d];
            for (size_t i = 0; i < n * sizes[t]; i++) {
                uint8_t byte = (uint8_t)(i % 5);
                if (types[t] == 0x0E) /* big-endian, whatever the machine is */
                    byte = (const uint8_t[]){0x3f, 0xe0, 0, 0, 0, 0, 0, 0}[i % 8];
                if (types[t] == 0x0D) byte = (const uint8_t[]){0x3f, 0, 0, 0}[i % 4];
                bytes_add(&b, &byte, 1);
            }
            snprintf(name, sizeof name, "%02x-%u", types[t], n_dims);
            put("idx", name, b.at, b.n);
            gzip_add(&packed, b.at, b.n / 2);
            gzip_add(&packed, b.at + b.n / 2, b.n - b.n / 2);
            snprintf(name, sizeof name, "%02x-%u.gz", types[t], n_dims);
            put("idx", name, packed.at, packed.n);
            bytes_free(&b);
            bytes_free(&packed);
        }
    put("idx", "empty", "", 0);
    put("idx", "page", "<!DOCTYPE html>", 15);
    put("idx", "pointer", "../.git/annex/objects/x\n", 24);
    put("idx", "little", "\3\x08\0\0\2\0\0\0\2\0\0\0\2\0\0\0\1\2\3\4\5\6\7\x08", 24);
}

static void netpbm_seeds(void) {
    static const struct {
        const char *name, *bytes;
        size_t n;
    } seeds[] = {
#define SEED(name, literal) {name, literal, sizeof literal - 1}
        SEED("p1", "P1\n3 2\n1 0 1\n0 0 1\n"),
        SEED("p1-packed", "P1 4 2 10010110 P1 1 1 0"),
        SEED("p2", "P2\n# a comment\n3 2\n15\n0 1 2\n13 14 15\n"),
        SEED("p4", "P4\n9 2\n\177\200\200\177"),
        SEED("p5", "P5\n3 2\n255\n\0\1\2\375\376\377"),
        SEED("p5-wide", "P5\n2 2\n65535\n\0\0\0\1\1\0\377\377"),
        SEED("two", "P5 2 1 9 \1\2P2 2 1 9 3 4\n"),
        SEED("p2-comment", "P2 1 1 9 5\n# the end\n"),
        SEED("p6", "P6 1 1 255 abc"),
        SEED("p7", "P7\nWIDTH 1\nHEIGHT 1\n"),
        SEED("huge", "P5 99999 99999 255 a"),
        SEED("over", "P2 2 1 9 3 10"),
        SEED("over-raw", "P5 2 1 9 \1\12"),
    };
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        bytes packed = {0};
        char name[32];
        put("netpbm", seeds[i].name, seeds[i].bytes, seeds[i].n);
        gzip_add(&packed, seeds[i].bytes, seeds[i].n);
        snprintf(name, sizeof name, "%s.gz", seeds[i].name);
        if (i < 5) put("netpbm", name, packed.at, packed.n);
        bytes_free(&packed);
    }
    bytes stroke = {0}; /* a digit to be put into a frame */
    bytes_add(&stroke, "P5 24 20 255 ", 13);
    for (int i = 0; i < 24 * 20; i++)
        bytes_add(&stroke, i % 24 > 8 && i % 24 < 14 && i / 24 > 2 && i / 24 < 16 ? "\20" : "\360", 1);
    put("netpbm", "stroke", stroke.at, stroke.n);
    bytes_free(&stroke);
}

/* The grey picture that the program's own writer makes, and its parts in a frame of other headers. */
static void png_seeds(void) {
    static const uint8_t headers[][2] = {{8, 0}, {16, 0}, {1, 0}, {8, 2}, {16, 2},
                                         {8, 3}, {4, 3},  {8, 4}, {8, 6}, {16, 6}};
    uint8_t pixels[12 * 10];
    mlp_strbuf png = {0};
    mlp_error err = {0};
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 37);
    if (mlp_png_write(&png, pixels, 10, 12, &err) != MLP_OK) return;
    put("png", "grey", png.at, png.n);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        char name[32];
        png.at[24] = (char)headers[i][0];
        png.at[25] = (char)headers[i][1];
        const unsigned long crc = crc32(0, (const unsigned char *)png.at + 12, 17);
        for (int k = 0; k < 4; k++) png.at[29 + k] = (char)(crc >> (24 - 8 * k));
        snprintf(name, sizeof name, "bits-%u-colour-%u", headers[i][0], headers[i][1]);
        put("png", name, png.at, png.n);
    }
    mlp_strbuf_free(&png);
}

static void model_seeds(void) {
    static const struct {
        const char *name, *header, *data;
    } seeds[] = {
        {"none", "{}", ""},
        {"scalar", "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", "abcd"},
        {"empty", "{\"a\":{\"dtype\":\"U64\",\"shape\":[3,0],\"data_offsets\":[0,0]}}  ", ""},
        {"two",
         "{\"__metadata__\":{\"k\":\"\\u00e9\\ud83d\\ude00\\n\",\"\\\"\":\"v\"},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]},"
         "\"a\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]}}",
         "abcd"},
        {"others", "{\"__metadata__\":{\"k\":1,\"l\":null,\"m\":{\"a\":[1,\"b\"]},\"n\":\"t\",\"o\":-1e5}}", ""},
        {"half", /* a network of 1-1-1 */
         "{\"fc1.weight\":{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[0,2]},"
         "\"fc1.bias\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[2,4]},"
         "\"fc2.weight\":{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[4,6]},"
         "\"fc2.bias\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[6,8]}}",
         "abcdefgh"},
        {"types",
         "{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]},"
         "\"b\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[1,4]},"
         "\"c\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[4,12]}}",
         "abcdefghijkl"},
    };
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        bytes b = {0};
        const size_t n = strlen(seeds[i].header);
        bytes_add(&b, (const uint8_t[8]){(uint8_t)n, (uint8_t)(n >> 8)}, 8);
        bytes_add(&b, seeds[i].header, n);
        bytes_add(&b, seeds[i].data, strlen(seeds[i].data));
        put("model", seeds[i].name, b.at, b.n);
        bytes_free(&b);
    }
    for (int kind = 0; kind < 2; kind++) {
        mlp_metadata metadata = {0};
        mlp_error err = {0};
        tiny t;
        const mlp_about about = {
            .rows = 2, .cols = 2, .bytes = true, .options = "--hidden 3", .train = {.n = 1}, .test = {.n = 1}};
        tiny_create(&t, kind);
        assert_ok(mlp_metadata_create(&metadata, &t.net, &about, &err), err);
        assert_ok(mlp_model_write(path_of("model", kind == 0 ? "ours" : "ours-sparse"), &t.net, metadata.pairs,
                                  metadata.n, &err),
                  err);
        if (kind == 0) assert_ok(mlp_model_write(path_of("model", "bare"), &t.net, NULL, 0, &err), err);
        mlp_metadata_free(&metadata);
        tiny_free(&t);
    }
}

static mlp_status stop(void *context, const mlp_event *event, mlp_error *err) {
    (void)err;
    return event->iteration == *(const size_t *)context ? MLP_STOPPED : MLP_OK;
}

static void checkpoint_seeds(void) {
    static const char words[] = "--hidden=3\0--csv=a b.csv";
    static const size_t cuts[] = {0, 1, 3, 6, 8};
    for (int kind = 0; kind < TINY_KINDS; kind++)
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            char name[32];
            tiny t;
            mlp_error err = {0};
            mlp_checkpoint c = {.n_words = sizeof words, .csv = {.bytes = 100, .crc = 5}};
            c.words = malloc(sizeof words);
            assert_non_null(c.words);
            memcpy(c.words, words, sizeof words);
            tiny_create(&t, kind);
            size_t cut = cuts[i];
            assert_int_equal(mlp_trainer_run(&t.trainer, stop, &cut, &err), MLP_STOPPED);
            assert_ok(mlp_checkpoint_create(&c, &t.trainer, &err), err);
            snprintf(name, sizeof name, "%d-%zu", kind, cut);
            assert_ok(mlp_checkpoint_write(&c, &t.trainer, path_of("checkpoint", name), &err), err);
            mlp_checkpoint_free(&c);
            tiny_free(&t);
        }
}

static void options_seeds(void) {
    static const char *const lines[] = {
        "--data|data/digits|--iters|20|--lr=0.5|--quiet",
        "--preset|keras|--hidden|10|--verbose|--progress|never",
        "--preset=best-plain|--csv|-|--trace|5",
        "--lesson=descent|--lr|10|--csv|-",
        "--validation|0.1|--early-stop|3|--eval-every|10|--dropout|0.5",
        "--load|m|--eval|--confusion|c.csv",
        "--load|m|--predict|-|--fit|--threads|2",
        "--check-gradient|5|--activation|tanh|--loss|squared-error",
        "--check-gradient|--seed|9007199254740992",
        "--first-layer|sparse|--gradient|backprop|--log-loss|after",
        "--optimizer|adamw|--weight-decay|1e-2|--beta1|0.8|--beta2|0.99|--epsilon|1e-8",
        "--lr-schedule|cosine|--warmup|10|--optimizer|momentum|--momentum|0.5|--init-"
        "std|0.1",
        "--sampling|shuffle|--epochs|3|--batch-size|64|--train-limit|9|--test-limit|8",
        "--train-images|a|--train-labels|b|--test-images|c|--test-labels|d|--save|e",
        "--checkpoint|c|--checkpoint-every|0|--iters|7",
        "--resume|c|--iters|30000",
        "--early-stop|20|--resume|c", /* of a run that has a validation part */
        "--load|m|--export|x.onnx|--eval",
        "--augment|elastic|--elastic-alpha|30|--elastic-sigma|5|--rotate|9|--scale|0.1|"
        "--shear|0.2",
        "--augment=affine|--fade|0.3|--shift|1.5|--average|0.99|--label-smoothing|0.1",
        "--samples|s.pgm|--augment|shift|--train-limit|5|--seed|2",
        "--help",
        "--early-stop|3|--help", /* a request for help need not be consistent */
        "--checkpoint-every|5|--version",
        "--validation|0.2|--early-stop|31|--augment|elastic|--elastic-sigma|70|--fade|"
        "0.5", /* the
                  longest
                  recipe
                */
        "--versoin",
        "--tes|x",
        "-h",
        "-h|modes",
        "--help=momentum",
        "--lr|1|--preset|keras|--lr|2",
        "–lr|1",
        "data/digits",
        "--hidden|100,50",
        "--|x",
        "--lr|nan|--iters|-1|--hidden|99999999999999999999",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[1024], name[32];
        snprintf(line, sizeof line, "%s", lines[i]);
        for (char *c = line; *c != '\0'; c++) *c = *c == '|' ? '\0' : *c;
        snprintf(name, sizeof name, "%02zu", i);
        put("options", name, line, strlen(lines[i]));
    }
    /* the options of a checkpoint: what a run depends on must all be there */
    char program[] = "mlp-train", *argv[] = {program, NULL}, *words;
    mlp_options usual;
    mlp_error err = {0};
    size_t n;
    assert_ok(mlp_options_parse(&usual, 1, argv, &err), err);
    assert_ok(mlp_options_store(&words, &n, &usual, &err), err);
    put("options", "words", words, n);
    free(words);
}

static void sparse_seeds(void) {
    static const uint8_t facts[][6] = {{0, 0, 0, 0, 0, 0},  {127, 0, 3, 31, 0, 1}, {128, 0, 2, 32, 8, 2},
                                       {0, 1, 5, 49, 8, 3}, {44, 2, 39, 99, 3, 4}, {6, 0, 16, 63, 11, 5}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        bytes b = {0};
        char name[32];
        bytes_add(&b, facts[i], 6);
        for (size_t k = 0; k < 700; k++) {
            const uint8_t byte = k % 300 < 150 || k * k % 5 != 1 ? 0 : (uint8_t)k;
            bytes_add(&b, &byte, 1);
        }
        snprintf(name, sizeof name, "%zu", i);
        put("sparse", name, b.at, b.n);
        bytes_free(&b);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    directory = argv[1];
    idx_seeds();
    netpbm_seeds();
    png_seeds();
    model_seeds();
    checkpoint_seeds();
    options_seeds();
    sparse_seeds();
    return 0;
}

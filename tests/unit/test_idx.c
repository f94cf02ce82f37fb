/* test_idx.c - the IDX reader: what is written is read, and each kind of bad file is named. */
#include "mlp/formats/idx.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "files.h"

static const mlp_idx_type types[] = {MLP_IDX_U8, MLP_IDX_I8, MLP_IDX_I16, MLP_IDX_I32, MLP_IDX_F32, MLP_IDX_F64};

#define BYTES(literal) literal, sizeof literal - 1

/* ---- how the bytes reach the reader ---- */

/* Runs in a child: the process that opens the FIFO gets the bytes, in pieces of `piece` bytes. */
static pid_t feed(const char *fifo, const bytes *b, size_t piece) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    const int fd = open(fifo, O_WRONLY);
    for (size_t at = 0; at < b->n; at += piece)
        if (write(fd, b->at + at, b->n - at < piece ? b->n - at : piece) < 0) break;
    _exit(0);
}

typedef enum route { BY_FILE, BY_FIFO, BY_STDIN, N_ROUTES } route;

/* Reads `b` as a file, through a FIFO or as standard input; all descriptors are closed. */
static mlp_status read_by(route by, mlp_idx *idx, const bytes *b, mlp_error *err) {
    const int first_free = dup(0);
    close(first_free);
    const char *path = in_test_dir("array");
    mlp_status status;
    if (by == BY_FIFO) {
        assert_int_equal(mkfifo(path, 0600), 0);
        const pid_t child = feed(path, b, 1 + b->n / 3);
        status = mlp_idx_read(idx, path, err);
        waitpid(child, NULL, 0);
    } else {
        write_file(path, b->at, b->n);
        const int old = dup(0);
        if (by == BY_STDIN) {
            const int fd = open(path, O_RDONLY);
            dup2(fd, 0);
            close(fd);
        }
        status = mlp_idx_read(idx, by == BY_STDIN ? "-" : path, err);
        dup2(old, 0);
        close(old);
    }
    unlink(path);
    const int still_first_free = dup(0);
    close(still_first_free);
    assert_int_equal(still_first_free, first_free);
    return status;
}

static void assert_refused(const bytes *b, mlp_status status, const char *words) {
    mlp_idx idx = {0};
    mlp_error err = {0};
    assert_int_equal(read_by(BY_FILE, &idx, b, &err), status);
    assert_words(&err, words);
    assert_words(&err, "/array: ");
    assert_null(idx.data);
    assert_null(idx.memory);
}

/* ---- what is written is read ---- */

/* Element i of a pattern that has all bytes different and, as a float, is a usual number. */
static uint64_t pattern(mlp_idx_type type, mlp_rng *rng) {
    const double x = mlp_rng_normal(rng);
    const float y = (float)x;
    uint64_t as_double;
    uint32_t as_float;
    memcpy(&as_double, &x, 8);
    memcpy(&as_float, &y, 4);
    return type == MLP_IDX_F64 ? as_double : type == MLP_IDX_F32 ? as_float : mlp_rng_next(rng);
}

/* The element that the machine itself would store for those bits. */
static uint64_t element_bits(const mlp_idx *idx, size_t i) {
    const size_t size = mlp_idx_type_size(idx->type);
    const uint8_t *at = (const uint8_t *)idx->data + i * size;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (size) {
    case 1: return *at;
    case 2: memcpy(&two, at, 2); return two;
    case 4: memcpy(&four, at, 4); return four;
    default: memcpy(&eight, at, 8); return eight;
    }
}

static void write_then_read(mlp_rng *rng, route by) {
    const mlp_idx_type type = types[mlp_rng_below(rng, 6)];
    const size_t n_dims = 1 + (size_t)mlp_rng_below(rng, 3), size = mlp_idx_type_size(type);
    size_t dims[3] = {1, 1, 1};
    for (size_t i = 0; i < n_dims; i++) /* seldom nothing at all */
        dims[i] = mlp_rng_below(rng, 20) == 0 ? 0 : 1 + (size_t)mlp_rng_below(rng, 17);
    const size_t n = dims[0] * dims[1] * dims[2];
    bytes plain = {0}, packed = {0};
    idx_header(&plain, (uint8_t)type, (uint8_t)n_dims, dims);
    uint64_t *expected = calloc(n + 1, sizeof *expected);
    for (size_t i = 0; i < n; i++) {
        expected[i] = pattern(type, rng) & (UINT64_MAX >> (64 - 8 * size));
        for (size_t k = size; k-- > 0;) bytes_add(&plain, &(uint8_t){(uint8_t)(expected[i] >> (8 * k))}, 1);
    }
    const size_t members = (size_t)mlp_rng_below(rng, 4); /* 0: plain */
    for (size_t m = 0, from = 0; m < members; m++) {
        const size_t to = m + 1 == members ? plain.n : from + (size_t)mlp_rng_below(rng, plain.n - from + 1);
        gzip_add(&packed, plain.at + from, to - from);
        from = to;
    }
    mlp_idx idx = {0};
    mlp_error err = {0};
    assert_ok(read_by(by, &idx, members > 0 ? &packed : &plain, &err), err);
    assert_int_equal(idx.type, type);
    assert_int_equal(idx.n_dims, n_dims);
    assert_memory_equal(idx.dims, dims, sizeof dims);
    assert_int_equal(idx.n, n);
    assert_non_null(idx.data);
    assert_int_equal((uintptr_t)idx.data % size, 0);
    for (size_t i = 0; i < n; i++) assert_true(element_bits(&idx, i) == expected[i]);
    assert_true((idx.mapped > 0) == (by == BY_FILE && size == 1 && members == 0));
    mlp_idx_free(&idx);
    assert_null(idx.data);
    free(expected);
    bytes_free(&plain);
    bytes_free(&packed);
}

static void reads_what_was_written(void **state) {
    (void)state;
    mlp_rng rng;
    mlp_rng_seed(&rng, 1, 0);
    for (int i = 0; i < 1000; i++) write_then_read(&rng, BY_FILE);
    for (int i = 0; i < 100; i++) write_then_read(&rng, BY_FIFO);
    for (int i = 0; i < 100; i++) write_then_read(&rng, BY_STDIN);
}

static void read_literal(mlp_idx *idx, const void *content, size_t n) {
    bytes b = {0};
    mlp_error err = {0};
    bytes_add(&b, content, n);
    assert_ok(read_by(BY_FILE, idx, &b, &err), err);
    bytes_free(&b);
}

/* Values by hand, so that writer and reader cannot err together. */
static void knows_the_types(void **state) {
    (void)state;
    mlp_idx idx = {0};
    read_literal(&idx, BYTES("\0\0\x0b\1\0\0\0\2\xff\xfe\x01\x02"));
    assert_int_equal(((const int16_t *)idx.data)[0], -2);
    assert_int_equal(((const int16_t *)idx.data)[1], 258);
    mlp_idx_free(&idx);
    read_literal(&idx, BYTES("\0\0\x0c\1\0\0\0\1\xff\xff\xff\xf9"));
    assert_int_equal(((const int32_t *)idx.data)[0], -7);
    mlp_idx_free(&idx);
    read_literal(&idx, BYTES("\0\0\x0d\1\0\0\0\1\xc0\x20\0\0"));
    assert_true(((const float *)idx.data)[0] == -2.5F);
    mlp_idx_free(&idx);
    read_literal(&idx, BYTES("\0\0\x0e\1\0\0\0\1\x3f\xf8\0\0\0\0\0\0"));
    assert_true(((const double *)idx.data)[0] == 1.5);
    mlp_idx_free(&idx);
}

/* Larger than a chunk of input and than the first allocation for a pipe. */
static void reads_large_arrays_by_every_route(void **state) {
    (void)state;
    const size_t dims[] = {3, 1000, 1001};
    bytes plain = {0}, packed = {0};
    mlp_rng rng;
    mlp_rng_seed(&rng, 2, 0);
    idx_header(&plain, MLP_IDX_U8, 3, dims);
    for (size_t i = 0; i < 3 * 1000 * 1001; i += 8) bytes_add(&plain, &(uint64_t){mlp_rng_next(&rng)}, 8);
    gzip_add(&packed, plain.at, 100000); /* random bytes stay as many: members end at odd places */
    gzip_add(&packed, plain.at + 100000, plain.n - 100000);
    for (route by = BY_FILE; by < N_ROUTES; by++)
        for (int gzip = 0; gzip < 2; gzip++) {
            mlp_idx idx = {0};
            mlp_error err = {0};
            assert_ok(read_by(by, &idx, gzip ? &packed : &plain, &err), err);
            assert_int_equal(idx.n, plain.n - 16);
            assert_memory_equal(idx.data, plain.at + 16, idx.n);
            mlp_idx_free(&idx);
        }
    bytes_free(&plain);
    bytes_free(&packed);
}

/* A member that ends exactly where a chunk of 65536 bytes does, or one byte before. */
static void reads_members_across_chunks(void **state) {
    (void)state;
    static uint8_t zeros[65536], filling[65536];
    bytes head = {0}, tail = {0}, all = {0};
    for (size_t beyond = 0; beyond < 4; beyond++) {
        const size_t dims[] = {8};
        bytes plain = {0};
        idx_header(&plain, MLP_IDX_U8, 1, dims);
        gzip_add(&head, plain.at, plain.n);
        gzip_add(&tail, zeros, 8);
        /* a gzip header may carry a file name of any length: it moves the member's end */
        memset(filling, 'x', sizeof filling);
        const size_t name = 65536 - beyond - head.n;
        filling[name - 1] = '\0';
        head.at[3] |= 8; /* FNAME */
        bytes_add(&all, head.at, 10);
        bytes_add(&all, filling, name);
        bytes_add(&all, head.at + 10, head.n - 10);
        assert_int_equal(all.n, 65536 - beyond);
        bytes_add(&all, tail.at, tail.n);
        mlp_idx idx = {0};
        mlp_error err = {0};
        assert_ok(read_by(BY_FILE, &idx, &all, &err), err);
        assert_int_equal(idx.n, 8);
        mlp_idx_free(&idx);
        bytes_free(&plain);
        bytes_free(&head);
        bytes_free(&tail);
        bytes_free(&all);
    }
}

/* 5 GiB with a hole in it: sizes are 64-bit, and mapping does not read. */
static void maps_more_than_four_gib(void **state) {
    (void)state;
    const size_t dims[] = {5 * 1024, 1024, 1024}, n = dims[0] * dims[1] * dims[2];
    bytes header = {0};
    idx_header(&header, MLP_IDX_U8, 3, dims);
    const char *path = in_test_dir("huge");
    write_file(path, header.at, header.n);
    const int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "\x07", 1, (off_t)(header.n + n - 1)), 1);
    close(fd);
    mlp_idx idx = {0};
    mlp_error err = {0};
    assert_ok(mlp_idx_read(&idx, path, &err), err);
    unlink(path);
    assert_true(idx.n == n);
    assert_int_equal(((const uint8_t *)idx.data)[n - 1], 7);
    mlp_idx_free(&idx);
    bytes_free(&header);
}

/* ---- what is not IDX ---- */

static void names_other_formats(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t n;
        const char *words;
    } cases[] = {
        {BYTES("<!DOCTYPE html><title>404</title>"), "web page|scripts/fetch-mnist.sh"},
        {BYTES("\xef\xbb\xbf\r\n \t<HtmL lang=en>"), "web page|scripts/fetch-mnist.sh"},
        {BYTES("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>"), "web page|error"},
        {BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9912422\n"),
         "git-lfs pointer|git lfs pull"},
        {BYTES("../.git/annex/objects/aa/bb/MD5E-s9912422--f68.gz"), "git-annex|git annex get"},
        {BYTES("/annex/objects/MD5E-s9912422--f68.gz\n"), "git-annex|git annex get"},
        {BYTES("../shared/train-images-idx3-ubyte.gz"), "symbolic link|fetch-mnist.sh"},
        {BYTES("../shared/train-images-idx3-ubyte.gz\n"), "symbolic link|fetch-mnist.sh"},
        {BYTES("../shared/train-images-idx3-ubyte.gz\r\n"), "symbolic link|fetch-mnist.sh"},
        {BYTES("PK\3\4\x14\0\0\0"), "zip archive|unzip"},
        {BYTES("\x93NUMPY\1\0v\0{'descr'"), "NumPy|fetch-mnist.sh"},
        {BYTES("PAR1\x15\4\x15"), "parquet|fetch-mnist.sh"},
        {BYTES("\xfd\x37zXZ\0\0\4"), "xz file|xz -d"},
        {BYTES("BZh91AY&SY"), "bzip2|bzip2 -d"},
        {BYTES("\x28\xb5\x2f\xfd\4\0"), "zstd|zstd -d"},
        {BYTES("\x80\2}q\1U\tnew_shape"), "pickle|fetch-mnist.sh"},
        {BYTES("\x80\5\x95\0\0"), "pickle|fetch-mnist.sh"},
        {BYTES("\x89PNG\r\n\x1a\n"), "PNG|fetch-mnist.sh"},
        {BYTES("\xff\xd8\xff\xe0JFIF"), "JPEG|fetch-mnist.sh"},
        {BYTES("P5\n28 28\n255\n\0\0\0"), "netpbm|fetch-mnist.sh"},
        {BYTES("label,1x1,1x2,1x3\n5,0,0,0\n"), "text (\"label,1x1,1x2,1x3\")|fetch-mnist.sh"},
        {BYTES("Not Found"), "text (\"Not Found\")|fetch-mnist.sh"},
        {BYTES("\x7f"
               "ELF\2\1\1"),
         "begins with 7f 45 4c 46|fetch-mnist.sh"},
        {BYTES("\0\1\x08\1\0\0\0\1\0"), "begins with 00 01 08 01|fetch-mnist.sh"},
        {BYTES("\3\x08\0\0\0\xea\0\0"), "little-endian data|big-endian|swapped"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes plain = {0}, packed = {0};
        bytes_add(&plain, cases[i].content, cases[i].n);
        assert_refused(&plain, MLP_ERR_FORMAT, cases[i].words);
        gzip_add(&packed, plain.at, plain.n); /* and the same under gzip */
        assert_refused(&packed, MLP_ERR_FORMAT, cases[i].words);
        assert_refused(&packed, MLP_ERR_FORMAT, "gzip around ");
        bytes_free(&plain);
        bytes_free(&packed);
    }
}

static void names_tar_and_double_gzip(void **state) {
    (void)state;
    static uint8_t tar[1024];
    memcpy(tar, "train-images", 12);
    memcpy(tar + 257, "ustar", 5);
    bytes plain = {0}, once = {0}, twice = {0};
    bytes_add(&plain, tar, sizeof tar);
    assert_refused(&plain, MLP_ERR_FORMAT, "tar archive|tar -xf");
    gzip_add(&once, tar, sizeof tar);
    assert_refused(&once, MLP_ERR_FORMAT, "gzip around a tar archive");
    gzip_add(&twice, once.at, once.n);
    assert_refused(&twice, MLP_ERR_FORMAT, "gzip around another gzip file|gunzip");
    bytes_free(&plain);
    bytes_free(&once);
    bytes_free(&twice);
}

static void refuses_what_cannot_be_opened(void **state) {
    (void)state;
    mlp_idx idx = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_idx_read(&idx, in_test_dir("none"), &err), MLP_ERR_IO);
    assert_words(&err, "/none: cannot be opened: No such file");
    err = (mlp_error){0};
    assert_int_equal(mlp_idx_read(&idx, in_test_dir(""), &err), MLP_ERR_IO);
    assert_words(&err, "is a directory");
    const char *link = in_test_dir("link");
    assert_int_equal(symlink(".git/annex/objects/gone", link), 0);
    err = (mlp_error){0};
    assert_int_equal(mlp_idx_read(&idx, link, &err), MLP_ERR_IO);
    unlink(link);
    assert_words(&err, "symbolic link|missing|git annex get|fetch-mnist.sh");
    if (getuid() != 0) { /* root reads everything */
        const char *path = in_test_dir("secret");
        write_file(path, "", 0);
        chmod(path, 0);
        err = (mlp_error){0};
        assert_int_equal(mlp_idx_read(&idx, path, &err), MLP_ERR_IO);
        unlink(path);
        assert_words(&err, "cannot be opened: Permission denied");
    }
    char long_path[3900]; /* the whole of it must stay readable in the message */
    snprintf(long_path, sizeof long_path, "%s", test_dir);
    while (strlen(long_path) + 10 < sizeof long_path) strcat(long_path, "/.");
    strcat(long_path, "/absent");
    err = (mlp_error){0};
    assert_int_equal(mlp_idx_read(&idx, long_path, &err), MLP_ERR_IO);
    assert_words(&err, "/./absent: cannot be opened: No such file");
}

static void reads_special_files(void **state) {
    (void)state;
    mlp_idx idx = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_idx_read(&idx, "/dev/null", &err), MLP_ERR_FORMAT);
    assert_words(&err, "/dev/null: is an empty file");
    err = (mlp_error){0};
    assert_int_equal(mlp_idx_read(&idx, "/dev/zero", &err), MLP_ERR_FORMAT);
    assert_words(&err, "/dev/zero: |type 0x00");
    if (access("/proc/self/status", R_OK) == 0) { /* says it has 0 bytes, and has text */
        err = (mlp_error){0};
        assert_int_equal(mlp_idx_read(&idx, "/proc/self/status", &err), MLP_ERR_FORMAT);
        assert_words(&err, "text (\"Name:");
    }
}

/* ---- IDX that is wrong ---- */

static void refuses_bad_headers(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t n;
        const char *words;
    } cases[] = {
        {"", 0, "an empty file|fetch-mnist.sh"},
        {BYTES("\0"), "incomplete|header"},
        {BYTES("\0\0\x08"), "incomplete|header"},
        {BYTES("\0\0\x08\1"), "incomplete|header"},
        {BYTES("\0\0\x08\3\0\0\xea\x60\0\0\0\x1c\0\0\0"), "incomplete|header|fetch-mnist.sh"},
        {BYTES("\0\0\x0a\1\0\0\0\1\0"), "type 0x0A|08, 09, 0B, 0C, 0D and 0E"},
        {BYTES("\0\0\x0f\1\0\0\0\1\0"), "type 0x0F"},
        {BYTES("\0\0\x08\0\0"), "0 dimensions|1 to 3"},
        {BYTES("\0\0\x08\4\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0"), "4 dimensions|1 to 3"},
        {BYTES("\0\0\x08\5\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0"), "5 dimensions|1 to 3"},
        {BYTES("\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"),
         "[4294967295 x 4294967295 x 4294967295]|incomplete|only 1 bytes"},
        {BYTES("\0\0\x08\3\0\x10\0\0\0\x10\0\0\0\x10\0\0\0"), "[1048576 x 1048576 x 1048576]|incomplete|only 1 bytes"},
        {BYTES("\0\0\x0e\3\0\x10\0\0\0\x10\0\0\0\2\0\0\0"),
         "[1048576 x 1048576 x 131072] elements of size 8|incomplete"},
        {BYTES("\0\0\x08\1\0\0\0\4abc"), "incomplete|[4] elements of size 1|only 3 bytes"},
        {BYTES("\0\0\x0b\1\0\0\0\2abc"), "incomplete|[2] elements of size 2|only 3 bytes"},
        {BYTES("\0\0\x08\1\0\0\0\2abc"), "trailing bytes|[2]|fetch-mnist.sh"},
        {BYTES("\0\0\x0b\1\0\0\0\1abc"), "trailing bytes|[1]|fetch-mnist.sh"},
        {BYTES("\0\0\x08\1\0\0\0\0a"), "trailing bytes|[0]"},
        {BYTES("\0\0\x08\2\2\0\0\0\2\0\0\0abcd"), "little-endian dimensions|swapped"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        bytes_add(&b, cases[i].content, cases[i].n);
        assert_refused(&b, MLP_ERR_FORMAT, cases[i].words);
        bytes_free(&b);
    }
}

/* Little-endian elements behind a good header, ten times each, so that they prove something; and
   elements that could be meant. */
static void tells_the_byte_order_of_the_elements(void **state) {
    (void)state;
    static const struct {
        uint8_t type;
        const char *elements;
        size_t n;
        const char *words; /* NULL: good */
    } cases[] = {
        /* 0.5, 0 and 1 */
        {0x0d, BYTES("\0\0\0\x3f\0\0\0\0\0\0\x80\x3f"),
         "little-endian numbers: the bytes 00 00 00 3f are 0.5 in that order|bytes swapped"},
        {0x0d, BYTES("\x3f\0\0\0\0\0\0\0\x3f\x80\0\0"), NULL},
        {0x0d, BYTES("\0\0\0\0\0\0\0\0"), NULL},
        /* the smallest and the largest usual size, 2^-30 and below 2^31, and the next one */
        {0x0d, BYTES("\0\0\x80\x30"), "the bytes 00 00 80 30 are 9.31323e-10"},
        {0x0d, BYTES("\0\0\x7f\x30"), NULL},
        {0x0d, BYTES("\xff\xff\xff\x4e"), "the bytes ff ff ff 4e are 2.14748e+09"},
        {0x0d, BYTES("\0\0\0\x4f"), NULL},
        {0x0d, BYTES("\x7f\xc0\0\0"), NULL}, /* NaN: another's complaint */
        {0x0e, BYTES("\0\0\0\0\0\0\xe0\x3f"), "00 00 00 00 00 00 e0 3f are 0.5"},
        {0x0e, BYTES("\x3f\xe0\0\0\0\0\0\0"), NULL},
        {0x0e, BYTES("\0\0\0\0\0\0\x10\x3e"), "are 9.31323e-10"},
        {0x0e, BYTES("\0\0\0\0\0\0\x0f\x3e"), NULL},
        {0x0e, BYTES("\xff\xff\xff\xff\xff\xff\xdf\x41"), "are 2.14748e+09"},
        {0x0e, BYTES("\0\0\0\0\0\0\xe0\x41"), NULL},
        {0x0c, BYTES("\0\0\0\0\5\0\0\0"), "the bytes 05 00 00 00 are 5"},
        {0x0c, BYTES("\0\0\0\0\0\0\0\5"), NULL},
        {0x0c, BYTES("\xff\xff\xff\xff"), NULL},
        {0x0b, BYTES("\1\0\xff\0"), NULL}, /* 16-bit pixels may be multiples of 256 */
        {0x0b, BYTES("\1\0\0\1"), NULL},   /* 256 and 1 */
        {0x08, BYTES("\1\0"), NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0}, packed = {0};
        mlp_idx idx = {0};
        mlp_error err = {0};
        const size_t size = mlp_idx_type_size((mlp_idx_type)cases[i].type);
        idx_header(&b, cases[i].type, 1, (const size_t[]){10 * cases[i].n / size});
        for (size_t k = 0; k < 10; k++) bytes_add(&b, cases[i].elements, cases[i].n);
        gzip_add(&packed, b.at, b.n);
        if (cases[i].words == NULL) {
            assert_ok(read_by(BY_FILE, &idx, &b, &err), err);
            mlp_idx_free(&idx);
        } else {
            assert_refused(&b, MLP_ERR_FORMAT, cases[i].words);
            assert_refused(&packed, MLP_ERR_FORMAT, cases[i].words);
        }
        bytes_free(&b);
        bytes_free(&packed);
    }
}

static void advises_on_four_dimensions(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t n;
        const char *words;
    } cases[] = {
        {BYTES("\0\0\x08\4\0\0\0\2\0\0\0\x1c\0\0\0\x1c\0\0\0\3"),
         "4 dimensions, [2 x 28 x 28 x 3], as colour (RGB) images do|grey images [n x rows x"},
        {BYTES("\0\0\x08\4\0\0\0\2\0\0\0\3\0\0\0\x1c\0\0\0\x1c"), "[2 x 3 x 28 x 28]|RGB"},
        {BYTES("\0\0\x08\4\0\0\0\2\0\0\0\1\0\0\0\x1c\0\0\0\x1c"),
         "4 dimensions, [2 x 1 x 28 x 28], where 1 to 3|images.squeeze()"},
        {BYTES("\0\0\x08\4\0\0\0\2\0\0\0\x1c\0\0\0\x1c\0\0\0\1"), "images.squeeze()"},
        {BYTES("\0\0\x08\4\0\0\0\2\0\0\0\x1c\0\0\0\x1c"), "incomplete|header"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        bytes_add(&b, cases[i].content, cases[i].n);
        assert_refused(&b, MLP_ERR_FORMAT, cases[i].words);
        bytes_free(&b);
    }
}

/* Also where the size of the file does not tell it. */
static void one_byte_too_many_in_gzip_is_seen(void **state) {
    (void)state;
    bytes packed = {0};
    gzip_add(&packed, "\0\0\x08\1\0\0\0\2abc", 11);
    assert_refused(&packed, MLP_ERR_FORMAT, "trailing bytes|[2]");
    bytes_free(&packed);
}

static void other_bytes_behind_gzip_are_seen(void **state) {
    (void)state;
    bytes packed = {0};
    gzip_add(&packed, "\0\0\x08\1\0\0\0\2ab", 10);
    bytes_add(&packed, "more", 4);
    assert_refused(&packed, MLP_ERR_FORMAT, "other bytes follow its gzip data");
    bytes_free(&packed);
}

/* Every byte of a dimension goes to its place when the order is tried the other way. */
static void a_large_little_endian_file_is_named(void **state) {
    (void)state;
    enum { N = 0x10203 };
    bytes b = {0};
    bytes_add(&b, "\0\0\x08\1\3\2\1", 8); /* and a zero byte */
    for (size_t i = 0; i < N; i++) bytes_add(&b, "x", 1);
    assert_refused(&b, MLP_ERR_FORMAT, "little-endian dimensions|[50462976]|swapped");
    bytes_free(&b);
}

/* A pipe has no size to hold against the header: the memory grows with the data alone, so that
   neither 2^60 bytes nor 2^95 end as "no memory". */
static void trusts_no_header(void **state) {
    (void)state;
    static const uint8_t claims[][16] = {
        {0, 0, 8, 3, 0, 0x10, 0, 0, 0, 0x10, 0, 0, 0, 0x10, 0, 0},
        {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
        {0, 0, 8, 3, 0, 0, 0x10, 0, 0, 0, 0x10, 0, 0, 0, 0x04, 0}, /* 16 GiB */
    };
    static const char *const words[] = {"incomplete|[1048576 x 1048576 x 1048576]|only 3 bytes",
                                        "more than any memory can hold",
                                        "incomplete|[4096 x 4096 x 1024]|only 3 bytes"};
    for (size_t i = 0; i < 3; i++) {
        bytes plain = {0}, packed = {0};
        bytes_add(&plain, claims[i], 16);
        bytes_add(&plain, "abc", 3);
        gzip_add(&packed, plain.at, plain.n);
        assert_refused(&packed, MLP_ERR_FORMAT, "more than so small a gzip file can hold");
        for (int gzip = 0; gzip < 2; gzip++) {
            mlp_idx idx = {0};
            mlp_error err = {0};
            assert_int_equal(read_by(BY_FIFO, &idx, gzip ? &packed : &plain, &err), MLP_ERR_FORMAT);
            assert_words(&err, words[i]);
            struct rusage used;
            getrusage(RUSAGE_SELF, &used);
            assert_true(used.ru_maxrss < 2 << 20); /* kB */
        }
        bytes_free(&plain);
        bytes_free(&packed);
    }
}

/* A gzip file of 20 x 17 floats, in two members. */
static void small_gzip(bytes *packed, bytes *plain) {
    const size_t dims[] = {20, 17};
    mlp_rng rng;
    mlp_rng_seed(&rng, 3, 0);
    idx_header(plain, MLP_IDX_F32, 2, dims);
    for (size_t i = 0; i < 20 * 17 * 4; i++) bytes_add(plain, &(uint8_t){(uint8_t)mlp_rng_below(&rng, 3)}, 1);
    gzip_add(packed, plain->at, 500);
    gzip_add(packed, plain->at + 500, plain->n - 500);
}

static void refuses_gzip_cut_anywhere(void **state) {
    (void)state;
    bytes packed = {0}, plain = {0}, first = {0};
    small_gzip(&packed, &plain);
    gzip_add(&first, plain.at, 500);
    const size_t whole = packed.n;
    for (packed.n = 2; packed.n < whole; packed.n++)
        assert_refused(&packed, MLP_ERR_FORMAT,
                       packed.n == first.n       ? "incomplete: its header|only 488 bytes|fetch-mnist.sh"
                       : packed.n == first.n + 1 ? "other bytes follow its gzip data|fetch-mnist.sh"
                                                 : "incomplete: its gzip data end early|fetch-mnist.sh");
    bytes_free(&packed);
    bytes_free(&plain);
    bytes_free(&first);
}

/* Each single bit turned: either the reader refuses, or the bit meant nothing to the data (a time
   stamp, the system's name) and the array is the same. */
static void refuses_gzip_with_a_wrong_bit(void **state) {
    (void)state;
    bytes packed = {0}, plain = {0};
    small_gzip(&packed, &plain);
    mlp_idx good = {0};
    mlp_error err = {0};
    assert_ok(read_by(BY_FILE, &good, &packed, &err), err);
    size_t refused = 0, check_sum = 0;
    for (size_t bit = 0; bit < 8 * packed.n; bit++) {
        packed.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        mlp_idx idx = {0};
        err = (mlp_error){0};
        if (read_by(BY_FILE, &idx, &packed, &err) == MLP_OK) {
            assert_int_equal(idx.n, good.n);
            assert_memory_equal(idx.data, good.data, 4 * good.n);
            mlp_idx_free(&idx);
        } else {
            assert_int_equal(err.status, MLP_ERR_FORMAT);
            refused++;
            check_sum += strstr(err.message, "is damaged gzip (incorrect data check)") != NULL;
        }
        packed.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(refused >= 8 * (packed.n - 2 * 10));
    assert_true(check_sum > packed.n); /* most of all damage is found by the check sum */
    packed.at[packed.n - 4] ^= 1;      /* the length, last in the file */
    assert_refused(&packed, MLP_ERR_FORMAT, "damaged gzip (incorrect length check)|fetch-mnist.sh");
    mlp_idx_free(&good);
    bytes_free(&packed);
    bytes_free(&plain);
}

static void refuses_bytes_after_gzip(void **state) {
    (void)state;
    bytes packed = {0}, plain = {0};
    small_gzip(&packed, &plain);
    bytes_add(&packed, "\0", 1);
    assert_refused(&packed, MLP_ERR_FORMAT, "other bytes follow its gzip data|fetch-mnist.sh");
    packed.n--;
    gzip_add(&packed, "more", 4);
    assert_refused(&packed, MLP_ERR_FORMAT, "trailing bytes|[20 x 17] elements of size 4");
    bytes_free(&packed);
    bytes_free(&plain);
    gzip_add(&packed, "", 0);
    assert_refused(&packed, MLP_ERR_FORMAT, "gzip around an empty file");
    bytes_free(&packed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(knows_the_types),
        cmocka_unit_test(reads_large_arrays_by_every_route),
        cmocka_unit_test(reads_members_across_chunks),
        cmocka_unit_test(maps_more_than_four_gib),
        cmocka_unit_test(names_other_formats),
        cmocka_unit_test(names_tar_and_double_gzip),
        cmocka_unit_test(refuses_what_cannot_be_opened),
        cmocka_unit_test(reads_special_files),
        cmocka_unit_test(refuses_bad_headers),
        cmocka_unit_test(tells_the_byte_order_of_the_elements),
        cmocka_unit_test(advises_on_four_dimensions),
        cmocka_unit_test(one_byte_too_many_in_gzip_is_seen),
        cmocka_unit_test(other_bytes_behind_gzip_are_seen),
        cmocka_unit_test(a_large_little_endian_file_is_named),
        cmocka_unit_test(trusts_no_header),
        cmocka_unit_test(refuses_gzip_cut_anywhere),
        cmocka_unit_test(refuses_gzip_with_a_wrong_bit),
        cmocka_unit_test(refuses_bytes_after_gzip),
    };
    return cmocka_run_group_tests_name("idx", tests, make_test_dir, remove_test_dir);
}

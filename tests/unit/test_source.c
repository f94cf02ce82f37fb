/* test_source.c - bytes come as they were written, whatever the way and however they are taken.
   What is wrong with a file or with gzip is tested through its first reader, in test_idx.c. */
#define _GNU_SOURCE /* syscall */
#include "mlp/formats/source.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

static const char text[] = "netpbm and IDX alike take their bytes from here, in any number";

/* `text`, 4000 times and numbered, so that no piece is like another. */
static bytes sample(void) {
    bytes b = {0};
    for (int i = 0; i < 4000; i++) {
        char line[128];
        bytes_add(&b, line, (size_t)snprintf(line, sizeof line, "%d %s\n", i, text));
    }
    return b;
}

/* The sample as it is, and as three gzip members. */
static const bytes *forms(bytes form[2]) {
    form[0] = sample();
    form[1] = (bytes){0};
    gzip_add(&form[1], form[0].at, 10);
    gzip_add(&form[1], form[0].at + 10, 100000);
    gzip_add(&form[1], form[0].at + 100010, form[0].n - 100010);
    return form;
}

static void gives_the_bytes_however_they_are_taken(void **state) {
    (void)state;
    bytes form[2];
    forms(form);
    for (int f = 0; f < 2; f++) {
        const char *path = in_test_dir("bytes");
        write_file(path, form[f].at, form[f].n);
        mlp_source s = {0};
        mlp_error err = {0};
        assert_ok(mlp_source_open(&s, path, &err), err);
        assert_int_equal(s.gzip, f == 1);
        assert_int_equal(s.size, form[f].n);
        assert_string_equal(s.name, path);
        mlp_rng rng;
        mlp_rng_seed(&rng, 7, 0);
        bytes took = {0};
        size_t got = 1;
        while (got > 0) { /* in turns: look, take one, take many */
            const unsigned char *next;
            unsigned char many[3000];
            const size_t peek = 1 + (size_t)mlp_rng_below(&rng, MLP_SOURCE_PEEK);
            assert_ok(mlp_source_peek(&s, &next, peek, &got, &err), err);
            const size_t left = form[0].n - took.n;
            assert_int_equal(got, left < peek ? left : peek);
            assert_memory_equal(next, form[0].at + took.n, got);
            int byte;
            assert_ok(mlp_source_byte(&s, &byte, &err), err);
            assert_int_equal(byte, left > 0 ? form[0].at[took.n] : -1);
            bytes_add(&took, &(uint8_t){(uint8_t)byte}, left > 0);
            assert_ok(mlp_source_read(&s, many, (size_t)mlp_rng_below(&rng, sizeof many), &got, &err), err);
            bytes_add(&took, many, got);
            got = form[0].n - took.n;
        }
        assert_int_equal(took.n, form[0].n);
        assert_memory_equal(took.at, form[0].at, took.n);
        mlp_source_close(&s);
        assert_null(s.buffers);
        mlp_source_close(&s);
        mlp_source_close(NULL);
        bytes_free(&took);
        unlink(path);
    }
    bytes_free(&form[0]);
    bytes_free(&form[1]);
}

/* A pipe: what is there can be had before the rest comes, and one can ask whether something is. */
static void gives_what_came_before_the_rest_comes(void **state) {
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    char path[64];
    snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
    write_bytes(fds[1], "P5ab", 4);
    mlp_source s = {0};
    mlp_error err = {0};
    assert_ok(mlp_source_open(&s, path, &err), err);
    assert_int_equal(s.size, 0);
    for (int i = 0; i < 4; i++) {
        int byte;
        assert_true(mlp_source_ready(&s));
        assert_ok(mlp_source_byte(&s, &byte, &err), err);
        assert_int_equal(byte, "P5ab"[i]);
    }
    assert_false(mlp_source_ready(&s));
    write_bytes(fds[1], "c", 1);
    close(fds[1]);
    int byte;
    assert_ok(mlp_source_byte(&s, &byte, &err), err);
    assert_int_equal(byte, 'c');
    assert_ok(mlp_source_byte(&s, &byte, &err), err);
    assert_int_equal(byte, -1);
    mlp_source_close(&s);
    close(fds[0]);
}

/* Damage behind what was looked at is reported then or later, never lost. */
static void tells_damage_behind_a_peek(void **state) {
    (void)state;
    bytes b = {0};
    gzip_add(&b, text, sizeof text);
    assert_true(b.n > 8);
    b.at[b.n - 5] ^= 1; /* the check sum */
    const char *path = in_test_dir("bytes");
    write_file(path, b.at, b.n);
    mlp_source s = {0};
    mlp_error err = {0};
    assert_ok(mlp_source_open(&s, path, &err), err);
    const unsigned char *next;
    unsigned char rest[sizeof text + 1];
    size_t got;
    mlp_status status = mlp_source_peek(&s, &next, 2, &got, &err);
    if (status == MLP_OK) status = mlp_source_read(&s, rest, sizeof rest, &got, &err);
    assert_int_equal(status, MLP_ERR_FORMAT);
    assert_words(&err, "/bytes: |damaged gzip|incorrect data check");
    mlp_source_close(&s);
    bytes_free(&b);
    unlink(path);
}

/* The library's calls of read come here: once `left` calls are done, the disk fails. */
static int left = -1; /* -1: it never does */
static bool failed;

ssize_t read(int fd, void *to, size_t n) {
    if (left == 0) {
        failed = true;
        errno = EIO;
        return -1;
    }
    left -= left > 0;
    return syscall(SYS_read, fd, to, n);
}

/* At the end of the bytes as well, where it could be taken for the end of the file. */
static void a_failing_disk_is_no_end_of_file(void **state) {
    (void)state;
    bytes form[2];
    forms(form);
    const char *path = in_test_dir("bytes");
    for (int f = 0; f < 2; f++) {
        mlp_source none = {0};
        mlp_error first = {0};
        write_file(path, form[f].at, form[f].n);
        left = 0;
        assert_int_equal(mlp_source_open(&none, path, &first), MLP_ERR_IO);
        mlp_source_close(&none);
        failed = false;
        left = -1;
        for (int reads = 1; reads < 9; reads++) {
            mlp_source s = {0};
            mlp_error err = {0};
            assert_ok(mlp_source_open(&s, path, &err), err);
            unsigned char many[60000];
            size_t got = 1;
            mlp_status status = MLP_OK;
            left = reads - 1; /* of those after the first bytes, by which gzip is recognised */
            while (status == MLP_OK && got > 0) status = mlp_source_read(&s, many, sizeof many, &got, &err);
            left = -1;
            assert_int_equal(status, failed ? MLP_ERR_IO : MLP_OK);
            if (failed) assert_words(&err, "/bytes: cannot be read: ");
            assert_true(failed || reads > 1);
            failed = false;
            mlp_source_close(&s);
        }
    }
    unlink(path);
    bytes_free(&form[0]);
    bytes_free(&form[1]);
}

static void refuses_what_cannot_be_opened(void **state) {
    (void)state;
    mlp_source s = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_source_open(&s, in_test_dir("absent"), &err), MLP_ERR_IO);
    assert_words(&err, "/absent: cannot be opened|No such file");
    mlp_source_close(&s);
    err = (mlp_error){0};
    assert_int_equal(mlp_source_open(&s, test_dir, &err), MLP_ERR_IO);
    assert_words(&err, "is a directory");
    mlp_source_close(&s);
}

/* All at once where it can be, in order after that in any case. */
static void inflates_whole_files(void **state) {
    (void)state;
    bytes form[2], one = {0};
    forms(form);
    gzip_add(&one, form[0].at, form[0].n);
    const bytes *const files[] = {&one, &form[0], &form[1]}; /* one member, plain, three members */
    for (int f = 0; f < 4; f++) {
        const char *path = in_test_dir("bytes");
        bytes damaged = {0};
        bytes_add(&damaged, one.at, one.n);
        damaged.at[damaged.n / 2] ^= 1;
        const bytes *file = f < 3 ? files[f] : &damaged;
        write_file(path, file->at, file->n);
        mlp_source s = {0};
        mlp_error err = {0};
        unsigned char first;
        size_t got;
        assert_ok(mlp_source_open(&s, path, &err), err);
        assert_ok(mlp_source_read(&s, &first, 1, &got, &err), err);
        assert_null(mlp_source_inflate(&s, form[0].n - 1));
        assert_null(mlp_source_inflate(&s, form[0].n + 1));
        unsigned char *whole = mlp_source_inflate(&s, form[0].n);
#ifdef MLP_LIBDEFLATE
        assert_true((whole != NULL) == (f == 0));
#endif
        if (whole != NULL) assert_memory_equal(whole, form[0].at, form[0].n);
        free(whole);
        unsigned char *rest = malloc(form[0].n);
        assert_non_null(rest);
        const mlp_status status = mlp_source_read(&s, rest, form[0].n, &got, &err);
        assert_true((status == MLP_OK) == (f < 3));
        if (status == MLP_OK) {
            assert_int_equal(got, form[0].n - 1);
            assert_memory_equal(rest, form[0].at + 1, got);
        }
        free(rest);
        mlp_source_close(&s);
        bytes_free(&damaged);
        assert_int_equal(unlink(path), 0);
    }
    bytes_free(&one);
    bytes_free(&form[0]);
    bytes_free(&form[1]);
}

static void on_signal(int number) { (void)number; }

/* Signals interrupt the call that waits for the pipe: it is made again. */
static void goes_on_after_signals(void **state) {
    (void)state;
    struct sigaction now = {.sa_handler = on_signal}, usual; /* without SA_RESTART */
    int ends[2];
    char name[32];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(sigaction(SIGUSR1, &now, &usual), 0);
    const pid_t parent = getpid(), child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 10; i++) {
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
            kill(parent, SIGUSR1);
        }
        _exit(write(ends[1], text, sizeof text) != sizeof text);
    }
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    mlp_source s = {0};
    mlp_error err = {0};
    unsigned char held[sizeof text + 1];
    size_t got;
    int status;
    assert_ok(mlp_source_open(&s, name, &err), err);
    assert_ok(mlp_source_read(&s, held, sizeof held, &got, &err), err);
    assert_int_equal(got, sizeof text);
    assert_memory_equal(held, text, sizeof text);
    mlp_source_close(&s);
    close(ends[0]);
    while (waitpid(child, &status, 0) != child)
        ;
    assert_int_equal(status, 0);
    sigaction(SIGUSR1, &usual, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_bytes_however_they_are_taken),
        cmocka_unit_test(gives_what_came_before_the_rest_comes),
        cmocka_unit_test(tells_damage_behind_a_peek),
        cmocka_unit_test(a_failing_disk_is_no_end_of_file),
        cmocka_unit_test(refuses_what_cannot_be_opened),
        cmocka_unit_test(inflates_whole_files),
        cmocka_unit_test(goes_on_after_signals),
    };
    return cmocka_run_group_tests_name("source", tests, make_test_dir, remove_test_dir);
}

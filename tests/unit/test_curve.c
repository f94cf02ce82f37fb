/* test_curve.c - the CSV of a run: whole rows, and a file continued at a mark. */
#include "mlp/state/curve.h"

#include <signal.h>
#include <sys/resource.h>

#include "files.h"
#include "synced.h"

static char path[sizeof test_path];

/* The row of iteration i: every cell is filled in and depends on i. */
static mlp_event event_of(size_t i) {
    const mlp_metrics none = {0}, some = {.loss = 1.0 / (double)(i + 1), .accuracy = 0.5, .n = 4};
    return (mlp_event){.iteration = i,
                       .epoch = (double)i / 3,
                       .loss = i == 0 ? NAN : 2.0 / (double)i,
                       .lr = i == 0 ? NAN : 0.1,
                       .train = i % 100 == 0 ? some : none,
                       .test = i % 100 == 0 ? some : none};
}

static void add_rows(mlp_curve *csv, size_t from, size_t to) {
    mlp_error err = {0};
    for (size_t i = from; i <= to; i++) {
        const mlp_event event = event_of(i);
        assert_ok(mlp_curve_row(csv, &event, &err), err);
    }
}

static void assert_contents(const bytes *expected) {
    bytes now = read_whole(path);
    assert_int_equal(now.n, expected->n);
    assert_memory_equal(now.at, expected->at, now.n);
    bytes_free(&now);
}

/* A file of iterations 0 to `last`; returns it, and the mark after iteration `at`. */
static bytes write_run(mlp_curve_mark *mark, size_t at, size_t last) {
    mlp_error err = {0};
    mlp_curve csv = {0};
    assert_ok(mlp_curve_create(&csv, path, &err), err);
    add_rows(&csv, 0, at);
    assert_ok(mlp_curve_sync(&csv, &err), err);
    *mark = csv.mark;
    add_rows(&csv, at + 1, last);
    assert_ok(mlp_curve_close(&csv, &err), err);
    return read_whole(path);
}

static void the_mark_is_what_the_file_holds(void **state) {
    (void)state;
    mlp_curve_mark mark;
    bytes all = write_run(&mark, 4000, 4000); /* more than is buffered */
    assert_true(mark.bytes > 100000);
    assert_int_equal(mark.bytes, all.n);
    assert_int_equal(mark.crc, crc32(0, all.at, (uInt)all.n));
    const char start[] = "iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,"
                         "val_acc\n0,0,,,1,0.5,1,0.5,,\n1,0.333333333,2,0.1,,,,,,\n";
    assert_memory_equal(all.at, start, sizeof start - 1);
    bytes_free(&all);
    unlink(path);
}

static void a_cut_file_goes_on_to_the_same_bytes(void **state) {
    (void)state;
    static const size_t cuts[] = {0, 1, 199, 2500, 2999, 3000};
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        mlp_curve_mark mark, end;
        bytes all = write_run(&mark, cuts[c], 3000);
        for (size_t later = 0; later <= 100; later += 50) { /* rows beyond the mark, and a part */
            mlp_error err = {0};
            mlp_curve csv = {0};
            const off_t length = (off_t)(mark.bytes + later);
            if (length <= (off_t)all.n) assert_int_equal(truncate(path, length), 0);
            assert_ok(mlp_curve_resume(&csv, path, &mark, false, &err), err);
            add_rows(&csv, cuts[c] + 1, 3000);
            assert_ok(mlp_curve_sync(&csv, &err), err);
            end = csv.mark;
            assert_ok(mlp_curve_close(&csv, &err), err);
            assert_contents(&all);
            assert_int_equal(end.bytes, all.n);
            assert_int_equal(end.crc, crc32(0, all.at, (uInt)all.n));
        }
        bytes_free(&all);
    }
    unlink(path);
}

/* Refused, with these words, and left as it is. */
static void assert_refused(const mlp_curve_mark *mark, bool named, const char *words) {
    mlp_error err = {0};
    mlp_curve csv = {0};
    bytes before = read_whole(path);
    assert_int_not_equal(mlp_curve_resume(&csv, path, mark, named, &err), MLP_OK);
    assert_words(&err, words);
    assert_ok(mlp_curve_close(&csv, &(mlp_error){0}), err);
    assert_contents(&before);
    bytes_free(&before);
}

static void another_file_is_refused_and_kept(void **state) {
    (void)state;
    mlp_curve_mark mark;
    bytes all = write_run(&mark, 1500, 2000);
    const size_t places[] = {0, 80, mark.bytes / 2, mark.bytes - 1};
    for (size_t i = 0; i < 4; i++) { /* one bit is another */
        all.at[places[i]] ^= 1;
        write_file(path, all.at, all.n);
        assert_refused(&mark, true, "is not the CSV of this run|name another with --csv");
        all.at[places[i]] ^= 1;
    }
    write_file(path, all.at, mark.bytes - 1); /* one byte is missing */
    assert_refused(&mark, false, "is not the CSV of this run");
    write_file(path, all.at, all.n);
    assert_refused(&(mlp_curve_mark){0}, true, "wrote no CSV|name a new one");
    bytes_free(&all);
    unlink(path);
}

static void a_missing_file_is_missed_or_begun(void **state) {
    (void)state;
    mlp_curve_mark mark;
    bytes all = write_run(&mark, 5, 10);
    const size_t header = (size_t)(strchr((char *)all.at, '\n') + 1 - (char *)all.at);
    for (int empty = 0; empty < 2; empty++) {
        mlp_error err = {0};
        mlp_curve csv = {0};
        unlink(path);
        if (empty) write_file(path, "", 0);
        assert_int_equal(mlp_curve_resume(&csv, path, &mark, false, &err), MLP_ERR_IO);
        assert_words(&err, "missing or empty|put it back|--csv");
        assert_ok(mlp_curve_close(&csv, &(mlp_error){0}), err);
        assert_int_equal(access(path, F_OK) == 0, empty); /* and not made */
        err = (mlp_error){0};
        assert_ok(mlp_curve_resume(&csv, path, &mark, true, &err), err);
        add_rows(&csv, 6, 10);
        assert_ok(mlp_curve_close(&csv, &err), err);
        bytes expected = {0};
        bytes_add(&expected, all.at, header);
        bytes_add(&expected, all.at + mark.bytes, all.n - mark.bytes);
        assert_contents(&expected);
        bytes_free(&expected);
    }
    bytes_free(&all);
    unlink(path);
}

/* A pipe shows the rows that follow, and takes the mark further all the same. */
static void a_pipe_gets_the_rows_that_follow(void **state) {
    (void)state;
    mlp_curve_mark mark;
    bytes all = write_run(&mark, 5, 10);
    const size_t rest = all.n - mark.bytes;
    for (int begun = 0; begun < 2; begun++) {
        int ends[2];
        char name[32];
        uint8_t seen[4096];
        mlp_error err = {0};
        mlp_curve csv = {0};
        assert_int_equal(pipe(ends), 0);
        snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
        assert_ok(mlp_curve_resume(&csv, name, begun ? &mark : &(mlp_curve_mark){0}, false, &err), err);
        add_rows(&csv, 6, 10);
        assert_ok(mlp_curve_sync(&csv, &err), err);
        assert_int_equal(csv.mark.bytes == all.n, begun);
        assert_int_equal(csv.mark.crc == crc32(0, all.at, (uInt)all.n), begun);
        assert_ok(mlp_curve_close(&csv, &err), err);
        close(ends[1]);
        const ssize_t n = read(ends[0], seen, sizeof seen);
        assert_true(begun ? n == (ssize_t)rest : n > (ssize_t)rest); /* with the header */
        assert_memory_equal(begun ? seen : seen + (size_t)n - rest, all.at + mark.bytes, rest);
        assert_true(begun || memcmp(seen, "iter,", 5) == 0);
        close(ends[0]);
    }
    bytes_free(&all);
    unlink(path);
}

static void sync_puts_the_rows_on_the_disk(void **state) {
    (void)state;
    struct stat info;
    mlp_error err = {0};
    mlp_curve csv = {0};
    assert_ok(mlp_curve_create(&csv, path, &err), err);
    add_rows(&csv, 0, 3);
    synced.files = 0;
    assert_ok(mlp_curve_sync(&csv, &err), err);
    assert_int_equal(synced.files, 1);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(synced.file, info.st_ino);
    assert_int_equal(csv.mark.bytes, info.st_size);
    synced.cause = EIO;
    assert_int_equal(mlp_curve_sync(&csv, &err), MLP_ERR_IO);
    synced.cause = 0;
    assert_words(&err, "cannot write the CSV");
    assert_ok(mlp_curve_close(&csv, &(mlp_error){0}), err);
    unlink(path);
}

/* Wherever the space of a file ends, it ends with a row, and the mark is not moved beyond. */
static void a_full_disk_leaves_whole_rows(void **state) {
    (void)state;
    mlp_curve_mark mark;
    struct rlimit usual;
    bytes all = write_run(&mark, 0, 150);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (rlim_t most = mark.bytes; most < mark.bytes + 120; most++) {
        mlp_error err = {0};
        mlp_curve csv = {0};
        assert_ok(mlp_curve_create(&csv, path, &err), err);
        add_rows(&csv, 0, 0);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, usual.rlim_max}), 0);
        mlp_status status = MLP_OK; /* a row may be written at once, if this one takes long */
        for (size_t i = 1; i < 100 && status == MLP_OK; i++) {
            const mlp_event event = event_of(i);
            status = mlp_curve_row(&csv, &event, &err);
        }
        if (status == MLP_OK) status = mlp_curve_sync(&csv, &err);
        assert_int_equal(status, MLP_ERR_IO);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
        assert_words(&err, "cannot write the CSV");
        assert_int_equal(csv.mark.bytes, mark.bytes);
        assert_ok(mlp_curve_close(&csv, &(mlp_error){0}), err);
        bytes held = read_whole(path);
        assert_true(held.n >= mark.bytes && held.n <= most);
        assert_memory_equal(held.at, all.at, held.n);
        assert_int_equal(held.at[held.n - 1], '\n');
        bytes_free(&held);
    }
    signal(SIGXFSZ, handler);
    bytes_free(&all);
    unlink(path);
}

static int make_path(void **state) {
    const int made = make_test_dir(state);
    strcpy(path, in_test_dir("curve.csv"));
    return made;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_is_what_the_file_holds),  cmocka_unit_test(a_cut_file_goes_on_to_the_same_bytes),
        cmocka_unit_test(another_file_is_refused_and_kept), cmocka_unit_test(a_missing_file_is_missed_or_begun),
        cmocka_unit_test(a_pipe_gets_the_rows_that_follow), cmocka_unit_test(sync_puts_the_rows_on_the_disk),
        cmocka_unit_test(a_full_disk_leaves_whole_rows),
    };
    return cmocka_run_group_tests_name("csv", tests, make_path, remove_test_dir);
}

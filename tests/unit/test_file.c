/* test_file.c - that a file is the older one or the newer one, never something between. */
#include "mlp/formats/file.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "files.h"
#include "synced.h"

/* The content of `path` in the test directory must be `text`. */
static void assert_content(const char *name, const char *text) {
    char held[256];
    const int fd = open(in_test_dir(name), O_RDONLY);
    assert_true(fd >= 0);
    const ssize_t n = read(fd, held, sizeof held - 1);
    assert_true(n >= 0);
    held[n] = '\0';
    close(fd);
    assert_string_equal(held, text);
}

static bool is_there(const char *name) {
    struct stat info;
    return lstat(in_test_dir(name), &info) == 0;
}

static void remove_file(const char *name) { assert_int_equal(unlink(in_test_dir(name)), 0); }

static void write_text(const char *name, const char *text) { write_file(in_test_dir(name), text, strlen(text)); }

/* mlp_file keeps its name: test_path changes with the next call. */
static const char *keep(char held[2048], const char *name) {
    snprintf(held, 2048, "%s", in_test_dir(name));
    return held;
}

/* Writes `text` as `name`, and says what mlp_file_create, _write and _commit said. */
static mlp_status replace(const char *name, const char *text, mlp_error *err) {
    char path[2048];
    mlp_file file = {0};
    mlp_status status = mlp_file_create(&file, keep(path, name), err);
    if (status != MLP_OK) return status;
    mlp_file_write(&file, text, strlen(text));
    status = mlp_file_commit(&file, err);
    assert_null(file.stream); /* all is freed, whatever the result */
    return status;
}

static void assert_refused(const char *name, const char *words) {
    char path[2048];
    mlp_error err = {0}, tried = {0}, put = {0};
    char text[] = "new";
    assert_int_equal(replace(name, text, &err), MLP_ERR_IO);
    assert_words(&err, words);
    assert_int_equal(mlp_file_put(keep(path, name), &(mlp_strbuf){.at = text, .n = 3}, &put), MLP_ERR_IO);
    assert_string_equal(put.message, err.message);
    assert_int_equal(mlp_file_try(keep(path, name), &tried), MLP_ERR_IO); /* reported in advance */
    assert_string_equal(tried.message, err.message);
}

static void writes_new_files_and_replaces_old_ones(void **state) {
    (void)state;
    mlp_error err = {0};
    assert_ok(replace("a", "first", &err), err);
    assert_content("a", "first");
    assert_ok(replace("a", "", &err), err);
    assert_content("a", "");
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    remove_file("a");
}

static void leaves_the_older_file_until_the_newer_is_whole(void **state) {
    (void)state;
    char path[2048];
    mlp_error err = {0};
    mlp_file file = {0};
    static const char many[100000];
    write_text("a", "older");
    assert_ok(mlp_file_create(&file, keep(path, "a"), &err), err);
    mlp_file_write(&file, many, sizeof many);
    assert_content("a", "older");
    assert_true(is_there("a" MLP_FILE_TEMPORARY));
    mlp_file_discard(&file);
    assert_content("a", "older");
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    mlp_file_discard(&file);
    mlp_file_discard(NULL);
    remove_file("a");
}

static void tries_without_a_trace(void **state) {
    (void)state;
    char path[2048];
    mlp_error err = {0};
    assert_ok(mlp_file_try(keep(path, "a"), &err), err);
    assert_false(is_there("a"));
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    write_text("a", "older");
    assert_ok(mlp_file_try(keep(path, "a"), &err), err);
    assert_content("a", "older");
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    remove_file("a");
}

static void keeps_permissions(void **state) {
    (void)state;
    static const mode_t modes[] = {0600, 0640, 0666, 0755};
    mlp_error err = {0};
    struct stat info;
    const mode_t mask = umask(022);
    assert_ok(replace("a", "new", &err), err);
    assert_int_equal(stat(in_test_dir("a"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(in_test_dir("a"), modes[i]), 0);
        assert_ok(replace("a", "newer", &err), err);
        assert_int_equal(stat(in_test_dir("a"), &info), 0);
        assert_int_equal(info.st_mode & 0777, modes[i]);
    }
    umask(mask);
    remove_file("a");
}

static void follows_links(void **state) {
    (void)state;
    char target[2048];
    mlp_error err = {0};
    struct stat info;
    assert_int_equal(mkdir(in_test_dir("d"), 0700), 0);
    write_text("d/target", "older");
    assert_int_equal(symlink("d/target", in_test_dir("link")), 0);
    keep(target, "link");
    assert_int_equal(symlink(target, in_test_dir("twice")), 0);
    assert_ok(replace("twice", "newer", &err), err);
    assert_content("d/target", "newer");
    assert_int_equal(lstat(in_test_dir("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    remove_file("d/target");
    assert_refused("twice", "twice: is a symbolic link to a file that is missing|name that file");
    remove_file("link");
    remove_file("twice");
    assert_int_equal(rmdir(in_test_dir("d")), 0);
}

static void refuses_what_cannot_be_replaced(void **state) {
    (void)state;
    char name[400];
    assert_int_equal(mkdir(in_test_dir("d"), 0700), 0);
    assert_refused("d", "/d: is a directory; name a file in it");
    assert_refused("d/", "/d/: is a directory");
    assert_refused("none/a", "/none/a: cannot be written: No such file|make its directory first");
    write_text("a", "older");
    assert_refused("a/b", "/a/b: cannot be written: Not a directory|make its directory first");
    assert_int_equal(chmod(in_test_dir("a"), 0444), 0); /* root may write to it all the same */
    assert_refused("a", "/a: is there and read-only|chmod u+w");
    assert_content("a", "older");
    memset(name, 'n', sizeof name);
    name[300] = '\0';
    assert_refused(name, "cannot be written: File name too long|shorter");
    name[250] = '\0'; /* the temporary one is too long */
    assert_refused(name, "cannot be written: File name too long|shorter");
    remove_file("a");
    assert_int_equal(rmdir(in_test_dir("d")), 0);
}

/* Root may write everywhere: it becomes the user nobody for the moment. */
static void refuses_an_unwritable_directory(void **state) {
    (void)state;
    const bool root = geteuid() == 0;
    assert_int_equal(chmod(in_test_dir("."), 0711), 0);
    assert_int_equal(mkdir(in_test_dir("d"), 0755), 0);
    write_text("d/a", "older");
    assert_int_equal(chmod(in_test_dir("d/a"), 0666), 0);
    assert_int_equal(chmod(in_test_dir("d"), 0555), 0);
    assert_true(!root || seteuid(65534) == 0);
    assert_refused("d/a", "/d/a: cannot be written: Permission denied|directory");
    assert_true(!root || seteuid(0) == 0);
    assert_content("d/a", "older");
    assert_int_equal(chmod(in_test_dir("d"), 0755), 0);
    remove_file("d/a");
    assert_int_equal(rmdir(in_test_dir("d")), 0);
}

static void takes_over_what_a_killed_run_left(void **state) {
    (void)state;
    mlp_error err = {0};
    write_text("a" MLP_FILE_TEMPORARY, "half of something long");
    assert_ok(replace("a", "whole", &err), err);
    assert_content("a", "whole");
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    remove_file("a");
}

static void empties_no_strangers_file(void **state) {
    (void)state;
    char precious[2048];
    write_text("precious", "precious");
    keep(precious, "precious");
    assert_int_equal(symlink(precious, in_test_dir("a" MLP_FILE_TEMPORARY)), 0);
    assert_refused("a", "/a: cannot be written|/a" MLP_FILE_TEMPORARY " is in the way|remove it");
    remove_file("a" MLP_FILE_TEMPORARY);
    assert_int_equal(link(precious, in_test_dir("a" MLP_FILE_TEMPORARY)), 0);
    assert_refused("a", "/a" MLP_FILE_TEMPORARY " is in the way|remove it");
    remove_file("a" MLP_FILE_TEMPORARY);
    assert_content("precious", "precious");
    remove_file("precious");
    assert_int_equal(mkfifo(in_test_dir("a" MLP_FILE_TEMPORARY), 0600), 0);
    assert_refused("a", "/a" MLP_FILE_TEMPORARY " is in the way|remove it");
    remove_file("a" MLP_FILE_TEMPORARY);
    assert_int_equal(mkdir(in_test_dir("a" MLP_FILE_TEMPORARY), 0700), 0);
    assert_refused("a", "/a" MLP_FILE_TEMPORARY " is in the way|remove it");
    assert_int_equal(rmdir(in_test_dir("a" MLP_FILE_TEMPORARY)), 0);
}

static void lets_one_program_write_at_a_time(void **state) {
    (void)state;
    char path[2048];
    mlp_error err = {0};
    mlp_file file = {0};
    assert_ok(mlp_file_create(&file, keep(path, "a"), &err), err);
    mlp_file_write(&file, "one", 3);
    assert_refused("a", "/a: another program is writing it|wait");
    assert_ok(mlp_file_commit(&file, &err), err);
    mlp_file_discard(&file);
    assert_content("a", "one");
    assert_ok(replace("a", "two", &err), err);
    assert_content("a", "two");
    remove_file("a");
}

/* A program that dies holds its lock for a moment more: it is waited for. */
static void waits_for_a_program_that_ends(void **state) {
    (void)state;
    char path[2048];
    mlp_error err = {0};
    int ready[2], result;
    keep(path, "a");
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        mlp_file file = {0};
        const bool bad = mlp_file_create(&file, path, &err) != MLP_OK || write(ready[1], "", 1) != 1;
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        _exit(bad); /* as one that is killed: the temporary file stays */
    }
    assert_int_equal(read(ready[0], &result, 1), 1);
    assert_ok(replace("a", "mine", &err), err);
    assert_content("a", "mine");
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    close(ready[0]);
    close(ready[1]);
    remove_file("a");
}

/* Programs that want to write the same file at the same moments: each time one of them does, the
   others are refused, and the file is always the complete one of some writer. */
static void stays_whole_where_programs_race(void **state) {
    (void)state;
    enum { PROGRAMS = 4, TIMES = 40, SIZE = 3000 };
    pid_t children[PROGRAMS];
    char path[2048];
    keep(path, "a");
    for (int p = 0; p < PROGRAMS; p++)
        if ((children[p] = fork()) == 0) {
            char text[SIZE + 1] = {0}, seen[SIZE + 1];
            int bad = 0;
            memset(text, 'a' + p, SIZE);
            for (int done = 0; done < TIMES && !bad;) {
                mlp_error err = {0};
                const mlp_status status = replace("a", text, &err);
                done += status == MLP_OK;
                bad = status != MLP_OK && strstr(err.message, "another program") == NULL;
                const int fd = open(path, O_RDONLY);
                const ssize_t n = fd < 0 ? -1 : read(fd, seen, sizeof seen);
                close(fd);
                bad |= fd >= 0 && (n != SIZE || memcmp(seen, seen + 1, SIZE - 1) != 0);
            }
            _exit(bad);
        }
    for (int p = 0; p < PROGRAMS; p++) {
        int result;
        assert_int_equal(waitpid(children[p], &result, 0), children[p]);
        assert_int_equal(result, 0);
    }
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    remove_file("a");
}

static void writes_special_files_directly(void **state) {
    (void)state;
    char path[2048], got[8] = {0};
    mlp_error err = {0};
    assert_int_equal(mkfifo(keep(path, "fifo"), 0600), 0);
    assert_ok(mlp_file_try(path, &err), err); /* which must not wait for a reader */
    const int fd = open(path, O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_ok(replace("fifo", "through", &err), err);
    assert_int_equal(read(fd, got, sizeof got), 7);
    assert_string_equal(got, "through");
    close(fd);
    assert_true(is_there("fifo"));
    remove_file("fifo");

    mlp_file file = {0};
    assert_ok(mlp_file_try("/dev/full", &err), err);
    assert_ok(mlp_file_create(&file, "/dev/full", &err), err);
    mlp_file_write(&file, "x", 1);
    assert_int_equal(mlp_file_commit(&file, &err), MLP_ERR_IO);
    assert_words(&err, "/dev/full: cannot be written: No space left on device|free some space");
    mlp_file_discard(&file);
    assert_int_equal(access("/dev/full", F_OK), 0);
}

static void knows_the_same_file(void **state) {
    (void)state;
    char a[2048], b[2048];
    write_text("a", "");
    write_text("b", "");
    assert_int_equal(symlink("a", in_test_dir("link")), 0);
    assert_int_equal(mkdir(in_test_dir("d"), 0700), 0);
    assert_true(mlp_file_same(keep(a, "a"), keep(b, "d/../a")));
    assert_true(mlp_file_same(keep(a, "a"), keep(b, "link")));
    assert_false(mlp_file_same(keep(a, "a"), keep(b, "b")));
    assert_true(mlp_file_same(keep(a, "new"), keep(b, "d/../new")));
    assert_false(mlp_file_same(keep(a, "new"), keep(b, "d/new")));
    assert_false(mlp_file_same(keep(a, "new"), keep(b, "newer")));
    assert_false(mlp_file_same(keep(a, "new"), keep(b, "a")));
    assert_false(mlp_file_same(keep(a, "none/x"), keep(b, "none/x"))); /* neither can be made */
    assert_true(mlp_file_same("no-such-file", "./no-such-file"));
    assert_false(mlp_file_same("/dev/null", "/dev/null")); /* can take both */
    remove_file("a");
    remove_file("b");
    remove_file("link");
    assert_int_equal(rmdir(in_test_dir("d")), 0);
}

/* A power cut must not find the new name without the new bytes, nor lose the name. */
static void puts_file_and_name_on_the_disk(void **state) {
    (void)state;
    struct stat info;
    mlp_error err = {0};
    synced.files = synced.directories = 0;
    assert_ok(replace("a", "new", &err), err);
    assert_int_equal(synced.files, 1);
    assert_int_equal(synced.directories, 1);
    assert_int_equal(stat(in_test_dir("a"), &info), 0);
    assert_int_equal(synced.file, info.st_ino);
    synced.cause = EIO;
    assert_int_equal(replace("a", "newer", &err), MLP_ERR_IO);
    synced.cause = 0;
    assert_words(&err, "cannot be written|name a file elsewhere");
    assert_content("a", "new");
    remove_file("a");
}

/* The limit is below the second of three writes: what fails is reported once, at the end. */
static void reports_a_write_that_failed_in_the_middle(void **state) {
    (void)state;
    static const char many[100000];
    char path[2048];
    struct rlimit old;
    mlp_error err = {0};
    mlp_file file = {0};
    write_text("a", "older");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit low = {150000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    assert_ok(mlp_file_create(&file, keep(path, "a"), &err), err);
    for (int i = 0; i < 3; i++) mlp_file_write(&file, many, i < 2 ? sizeof many : 1);
    const mlp_status status = mlp_file_commit(&file, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, MLP_ERR_IO);
    assert_words(&err, "/a: cannot be written: File too large|free some space");
    assert_content("a", "older");
    assert_false(is_there("a" MLP_FILE_TEMPORARY));
    remove_file("a");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_new_files_and_replaces_old_ones),
        cmocka_unit_test(leaves_the_older_file_until_the_newer_is_whole),
        cmocka_unit_test(tries_without_a_trace),
        cmocka_unit_test(keeps_permissions),
        cmocka_unit_test(follows_links),
        cmocka_unit_test(refuses_what_cannot_be_replaced),
        cmocka_unit_test(refuses_an_unwritable_directory),
        cmocka_unit_test(takes_over_what_a_killed_run_left),
        cmocka_unit_test(empties_no_strangers_file),
        cmocka_unit_test(lets_one_program_write_at_a_time),
        cmocka_unit_test(waits_for_a_program_that_ends),
        cmocka_unit_test(stays_whole_where_programs_race),
        cmocka_unit_test(writes_special_files_directly),
        cmocka_unit_test(knows_the_same_file),
        cmocka_unit_test(puts_file_and_name_on_the_disk),
        cmocka_unit_test(reports_a_write_that_failed_in_the_middle),
    };
    return cmocka_run_group_tests_name("file", tests, make_test_dir, remove_test_dir);
}

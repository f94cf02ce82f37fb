/* test_find.c - the files of a dataset under their usual names and in their usual places. */
#include "mlp/data/find.h"

#include <sys/stat.h>

#include "files.h"

static void touch(const char *name) { write_file(in_test_dir(name), "", 0); }

/* The names in the order of preference: each is found when those before it do not exist. */
static void finds_the_usual_names(void **state) {
    (void)state;
    static const char *const names[] = {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz",
                                        "train-images.idx3-ubyte", "train-images.idx3-ubyte.gz"};
    static const char *const others[] = {"train-labels-idx1-ubyte.gz", "t10k-images.idx3-ubyte",
                                         "t10k-labels.idx1-ubyte.gz"};
    for (size_t i = 0; i < 4; i++) touch(names[i]);
    for (size_t i = 0; i < 3; i++) touch(others[i]);
    for (size_t i = 0; i < 4; i++) {
        mlp_dataset_paths paths = {0};
        mlp_error err = {0};
        assert_ok(mlp_dataset_find(&paths, test_dir, false, &err), err);
        assert_string_equal(paths.train_images, in_test_dir(names[i]));
        assert_string_equal(paths.train_labels, in_test_dir(others[0]));
        assert_string_equal(paths.test_images, in_test_dir(others[1]));
        assert_string_equal(paths.test_labels, in_test_dir(others[2]));
        mlp_dataset_paths_free(&paths);
        assert_null(paths.train_images);
        unlink(in_test_dir(names[i]));
    }
    mlp_dataset_paths paths = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_dataset_find(&paths, test_dir, false, &err), MLP_ERR_IO);
    assert_words(&err, test_dir);
    assert_words(&err, ": no train-images-idx3-ubyte (nor .gz, nor train-images.idx3-ubyte)");
    mlp_dataset_paths_free(&paths);
    /* the train files are not searched when only the test set is needed */
    err = (mlp_error){0};
    assert_ok(mlp_dataset_find(&paths, test_dir, true, &err), err);
    assert_null(paths.train_images);
    assert_string_equal(paths.test_images, in_test_dir(others[1]));
    mlp_dataset_paths_free(&paths);
    /* a file that has a name already is not searched */
    paths.train_images = strdup("elsewhere");
    err = (mlp_error){0};
    assert_ok(mlp_dataset_find(&paths, test_dir, false, &err), err);
    assert_string_equal(paths.train_images, "elsewhere");
    mlp_dataset_paths_free(&paths);
    mlp_dataset_paths_free(NULL);
    for (size_t i = 0; i < 3; i++) unlink(in_test_dir(others[i]));
}

static void distinguishes_missing_directories_from_missing_files(void **state) {
    (void)state;
    mlp_dataset_paths paths = {0};
    mlp_error err = {0};
    assert_int_equal(mlp_dataset_find(&paths, in_test_dir("none"), false, &err), MLP_ERR_IO);
    assert_words(&err, "/none: no such directory");
    touch("file");
    err = (mlp_error){0};
    assert_int_equal(mlp_dataset_find(&paths, in_test_dir("file"), false, &err), MLP_ERR_IO);
    assert_words(&err, "/file: is not a directory");
    unlink(in_test_dir("file"));
    /* a link that points to itself is not "no such directory" */
    assert_int_equal(symlink("loop", in_test_dir("loop")), 0);
    err = (mlp_error){0};
    assert_int_equal(mlp_dataset_find(&paths, in_test_dir("loop"), false, &err), MLP_ERR_IO);
    assert_words(&err, "/loop/train-images-idx3-ubyte: cannot be examined: ");
    unlink(in_test_dir("loop"));
    /* a dangling link is found: opening it reports what is wrong */
    assert_int_equal(symlink("gone", in_test_dir("train-images-idx3-ubyte.gz")), 0);
    err = (mlp_error){0};
    assert_int_equal(mlp_dataset_find(&paths, test_dir, false, &err), MLP_ERR_IO);
    assert_words(&err, "no train-labels-idx1-ubyte (nor .gz, nor train-labels.idx1-ubyte)");
    assert_string_equal(paths.train_images, in_test_dir("train-images-idx3-ubyte.gz"));
    unlink(paths.train_images);
    mlp_dataset_paths_free(&paths);
}

/* The paths that are found with these files there, each within test_dir. */
static void finds_in(const char *const directories[3], const char *const files[4]) {
    mlp_dataset_paths paths = {0};
    mlp_error err = {0};
    for (size_t i = 0; i < 3 && directories[i] != NULL; i++)
        assert_int_equal(mkdir(in_test_dir(directories[i]), 0777), 0);
    for (size_t i = 0; i < 4; i++) touch(files[i]);
    assert_ok(mlp_dataset_find(&paths, test_dir, false, &err), err);
    assert_string_equal(paths.train_images, in_test_dir(files[0]));
    assert_string_equal(paths.train_labels, in_test_dir(files[1]));
    assert_string_equal(paths.test_images, in_test_dir(files[2]));
    assert_string_equal(paths.test_labels, in_test_dir(files[3]));
    mlp_dataset_paths_free(&paths);
    for (size_t i = 0; i < 4; i++) unlink(in_test_dir(files[i]));
    for (size_t i = 3; i-- > 0;)
        if (directories[i] != NULL) assert_int_equal(rmdir(in_test_dir(directories[i])), 0);
}

static void finds_what_torchvision_left(void **state) {
    (void)state;
    finds_in((const char *const[]){"MNIST", "MNIST/raw", NULL},
             (const char *const[]){"MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-labels-idx1-ubyte.gz",
                                   "MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-labels-idx1-ubyte"});
    finds_in((const char *const[]){"raw", NULL, NULL},
             (const char *const[]){"raw/train-images-idx3-ubyte", "raw/train-labels-idx1-ubyte",
                                   "raw/t10k-images-idx3-ubyte", "raw/t10k-labels-idx1-ubyte"});
}

/* An archive unpacked into a directory of the file's name, which holds the file or not. */
static void finds_in_a_directory_of_the_files_name(void **state) {
    (void)state;
    finds_in((const char *const[]){"train-images-idx3-ubyte", "t10k-images.idx3-ubyte", "train-labels-idx1-ubyte"},
             (const char *const[]){"train-images-idx3-ubyte/train-images-idx3-ubyte", "train-labels.idx1-ubyte",
                                   "t10k-images.idx3-ubyte/t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_usual_names),
        cmocka_unit_test(distinguishes_missing_directories_from_missing_files),
        cmocka_unit_test(finds_what_torchvision_left),
        cmocka_unit_test(finds_in_a_directory_of_the_files_name),
    };
    return cmocka_run_group_tests_name("find", tests, make_test_dir, remove_test_dir);
}

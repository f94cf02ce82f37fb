/* find.c - finds the files of a dataset by their usual names, and lists the files of a directory, sorted by name. */
#include "mlp/data/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mlp/base/memory.h"
#include "mlp/base/text.h"

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* ---- the files of a dataset ---- */

enum { N_NAMES = 4, NAME_SIZE = 40 };

/* The i-th usual name of a file. */
static void make_name(char name[NAME_SIZE], const char *stem, const char *kind, int i) {
    snprintf(name, NAME_SIZE, "%s%c%s%s", stem, i < 2 ? '-' : '.', kind, i % 2 == 1 ? ".gz" : "");
}

/* *found = "dir/name", allocated, if such a file exists and is not a directory. lstat: a symbolic link to a missing
   file is found too, so that the error of opening it names that file. */
static mlp_status look_at(char **found, const char *dir, const char *name, mlp_error *err) {
    mlp_strbuf path = {0};
    struct stat info;
    mlp_strbuf_print(&path, "%s/%s", dir, name);
    if (path.failed) return mlp_fail_memory(err, dir, path.n);
    const int cause = lstat(path.at, &info) == 0 ? 0 : errno;
    if (cause == 0 && !is_directory(path.at)) {
        *found = path.at;
        return MLP_OK;
    }
    const bool known = cause == 0 || cause == ENOENT || cause == ENOTDIR;
    if (!known)
        mlp_fail(err, MLP_ERR_IO, "%s: cannot be examined: %s; name a file that can be read", path.at, strerror(cause));
    mlp_strbuf_free(&path);
    return known ? MLP_OK : MLP_ERR_IO;
}

static mlp_status fail_not_found(const char *dir, const char *stem, const char *kind, mlp_error *err) {
    struct stat info;
    if (stat(dir, &info) != 0) return mlp_fail(err, MLP_ERR_IO, "%s: no such directory", dir);
    if (!S_ISDIR(info.st_mode))
        return mlp_fail(err, MLP_ERR_IO, "%s: is not a directory; name the one that holds the four files", dir);
    return mlp_fail(err, MLP_ERR_IO, "%s: no %s-%s (nor .gz, nor %s.%s)", dir, stem, kind, stem, kind);
}

static mlp_status find_one(char **found, const char *dir, const char *stem, const char *kind, mlp_error *err) {
    static const char *const folders[] = {"", "raw/", "MNIST/raw/"}; /* the last two are torchvision's */
    char name[NAME_SIZE], inner[NAME_SIZE], path[sizeof "MNIST/raw/" + sizeof name + sizeof inner];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        for (int k = 0; k < N_NAMES; k++) {
            make_name(name, stem, kind, k);
            snprintf(path, sizeof path, "%s%s", folders[i], name);
            MLP_TRY(look_at(found, dir, path, err));
            for (int m = 0; m < N_NAMES && *found == NULL; m++) { /* in a directory of its name */
                make_name(inner, stem, kind, m);
                snprintf(path, sizeof path, "%s%s/%s", folders[i], name, inner);
                MLP_TRY(look_at(found, dir, path, err));
            }
            if (*found != NULL) return MLP_OK;
        }
    return fail_not_found(dir, stem, kind, err);
}

mlp_status mlp_dataset_find(mlp_dataset_paths *paths, const char *dir, bool test_only, mlp_error *err) {
    const struct {
        char **path;
        const char *stem, *kind;
    } files[] = {{&paths->train_images, "train-images", "idx3-ubyte"},
                 {&paths->train_labels, "train-labels", "idx1-ubyte"},
                 {&paths->test_images, "t10k-images", "idx3-ubyte"},
                 {&paths->test_labels, "t10k-labels", "idx1-ubyte"}};
    for (size_t i = test_only ? 2 : 0; i < 4; i++)
        if (*files[i].path == NULL) MLP_TRY(find_one(files[i].path, dir, files[i].stem, files[i].kind, err));
    return MLP_OK;
}

void mlp_dataset_paths_free(mlp_dataset_paths *paths) {
    if (paths == NULL) return;
    MLP_FREE(paths->train_images, paths->train_labels, paths->test_images, paths->test_labels);
    *paths = (mlp_dataset_paths){0};
}

/* ---- a list of files ---- */

/* Adds an allocated name. `files` owns it from now on, also on failure. */
static mlp_status add(mlp_files *files, char *name, mlp_error *err) {
    if (files->n == files->capacity) {
        const size_t capacity = 2 * files->capacity + 16;
        char **names = realloc(files->names, capacity * sizeof *names);
        if (names == NULL) {
            free(name);
            return mlp_fail_memory(err, "the names of files", capacity * sizeof *names);
        }
        files->names = names;
        files->capacity = capacity;
    }
    files->names[files->n++] = name;
    return name == NULL ? mlp_fail_memory(err, "the names of files", 1) : MLP_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Adds the files of an open directory; a pipe there could block without end. */
static mlp_status add_entries(mlp_files *files, DIR *open, const char *directory, mlp_error *err) {
    const size_t first = files->n, length = strlen(directory);
    const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
    for (struct dirent *entry; (errno = 0, entry = readdir(open)) != NULL;) {
        mlp_strbuf path = {0};
        struct stat info;
        if (entry->d_name[0] == '.') continue;
        mlp_strbuf_print(&path, "%s%s%s", directory, slash, entry->d_name);
        if (!path.failed && stat(path.at, &info) == 0 && !S_ISREG(info.st_mode)) {
            mlp_strbuf_free(&path);
            continue;
        }
        if (path.failed) mlp_strbuf_free(&path);
        MLP_TRY(add(files, path.at, err));
    }
    if (errno != 0)
        return mlp_fail(err, MLP_ERR_IO, "%s: cannot read the directory: %s; name its files", directory,
                        strerror(errno));
    if (files->n == first)
        return mlp_fail(err, MLP_ERR_IO, "%s: is a directory without files; name one that has pictures", directory);
    qsort(files->names + first, files->n - first, sizeof *files->names, by_name);
    return MLP_OK;
}

mlp_status mlp_files_add(mlp_files *files, const char *name, mlp_error *err) {
    if (!is_directory(name)) return add(files, strdup(name), err);
    DIR *open = opendir(name);
    if (open == NULL)
        return mlp_fail(err, MLP_ERR_IO, "%s: cannot read the directory: %s; name its files", name, strerror(errno));
    const mlp_status status = add_entries(files, open, name, err);
    closedir(open);
    return status;
}

void mlp_files_free(mlp_files *files) {
    if (files == NULL) return;
    for (size_t i = 0; i < files->n; i++) free(files->names[i]);
    free(files->names);
    *files = (mlp_files){0};
}

/* files.c - lists the files of a directory, sorted by name. */
#include "mlp/data/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mlp/base/strbuf.h"

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

static bool is_directory(const char *name) {
    struct stat info;
    return stat(name, &info) == 0 && S_ISDIR(info.st_mode);
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

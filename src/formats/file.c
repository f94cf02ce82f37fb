/* file.c - files written atomically. Knows no format. */
#define _GNU_SOURCE /* realpath, flock, statx */
#include "mlp/formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What the user can do about errno `cause`. */
static const char *advice_on(int cause) {
    switch (cause) {
    case ENOENT:
    case ENOTDIR: return "make its directory first";
    case EACCES:
    case EPERM:
    case EROFS: return "name a file in a directory that you may write to";
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return "free some space, or name a file elsewhere";
    case ENAMETOOLONG: return "choose a shorter name";
    default: return "name a file elsewhere";
    }
}

mlp_status mlp_file_fail(const char *name, const char *what, int cause, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_IO, "%s: cannot %s: %s; %s", name, what, strerror(cause), advice_on(cause));
}

static mlp_status fail_write(const char *name, int cause, mlp_error *err) {
    return mlp_file_fail(name, "be written", cause, err);
}

/* Sets *info to the status of the directory of `path`; returns the file's name in it, NULL if there is no such
   directory. */
static const char *stat_directory(struct stat *info, const char *path) {
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    const bool there = directory != NULL && stat(directory, info) == 0;
    free(directory);
    return !there ? NULL : slash == NULL ? path : slash + 1;
}

/* Checks that a rename can replace file->path, a regular file. */
static mlp_status check_replaceable(const mlp_file *file, const struct stat *old, mlp_error *err) {
    struct stat directory;
    const bool known = stat_directory(&directory, file->path) != NULL;
    const bool strange = known && geteuid() != 0 && (directory.st_mode & S_ISVTX) != 0 && old->st_uid != geteuid() &&
                         directory.st_uid != geteuid();
    bool mounted = known && directory.st_dev != old->st_dev, immutable = false;
#ifdef STATX_ATTR_MOUNT_ROOT
    struct statx info;
    if (statx(AT_FDCWD, file->path, 0, 0, &info) == 0) { /* a mount point may be on the same device */
        mounted = mounted || (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
        immutable = (info.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
    }
#endif
    const char *why = strange     ? "it belongs to another user, in a directory with the sticky bit;"
                      : mounted   ? "the file itself is a mount point; mount its directory, or"
                      : immutable ? "it is immutable or append-only; use chattr -i -a, or"
                                  : NULL;
    return why == NULL ? MLP_OK
                       : mlp_fail(err, MLP_ERR_IO, "%s: cannot be replaced: %s name another file", file->name, why);
}

/* Sets file->path to `name` after following links, and *old to the status of the file there (st_mode 0: no file). */
static mlp_status resolve(mlp_file *file, struct stat *old, mlp_error *err) {
    const char *name = file->name;
    struct stat link;
    if (stat(name, old) != 0) {
        const int cause = errno;
        *old = (struct stat){0};
        if (cause != ENOENT) return fail_write(name, cause, err);
        if (lstat(name, &link) == 0 && S_ISLNK(link.st_mode))
            return mlp_fail(err, MLP_ERR_IO, "%s: is a symbolic link to a file that is missing; name that file", name);
    } else if (S_ISDIR(old->st_mode)) {
        return mlp_fail(err, MLP_ERR_IO, "%s: is a directory; name a file in it", name);
    } else if (S_ISREG(old->st_mode) && (old->st_mode & 0222) == 0) {
        return mlp_fail(err, MLP_ERR_IO, "%s: is there and read-only; chmod u+w it, or name another file", name);
    } else if (faccessat(AT_FDCWD, name, W_OK, AT_EACCESS) != 0) {
        return fail_write(name, errno, err);
    }
    file->path = S_ISREG(old->st_mode) ? realpath(name, NULL) : strdup(name);
    if (file->path == NULL) return fail_write(name, errno, err);
    return S_ISREG(old->st_mode) ? check_replaceable(file, old, err) : MLP_OK;
}

/* Whether the file exists and is not a regular file: then it is written directly, without a temporary file. */
static bool is_special(const struct stat *old) { return old->st_mode != 0 && !S_ISREG(old->st_mode); }

/* A process that was killed a moment ago may still wait for the disk and hold its lock: wait up to a second. */
bool mlp_file_lock(int fd) {
    enum { MS = 1000000, MOST = 512 };
    int wait = 1; /* ms, doubled each time: a second in all */
    while (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        const struct timespec pause = {.tv_nsec = (long)wait * MS};
        if (wait > MOST) return false;
        nanosleep(&pause, NULL);
        wait *= 2;
    }
    return true; /* also on a file system without locks */
}

/* Locks the temporary file `fd`, which a killed run may have left. Fails if this program must not empty it: a link, a
   file with two names, a file of another owner, or one that is being written. */
static mlp_status claim(const mlp_file *file, int fd, struct stat *held, mlp_error *err) {
    if (fd < 0 || fstat(fd, held) != 0 || !S_ISREG(held->st_mode) || held->st_nlink > 1 || held->st_uid != geteuid())
        return mlp_fail(err, MLP_ERR_IO,
                        "%s: cannot be written: %s is in the way and not a file of this program; remove it", file->name,
                        file->temporary);
    if (!mlp_file_lock(fd))
        return mlp_fail(err, MLP_ERR_IO, "%s: another program is writing it; wait, or name another file", file->name);
    return MLP_OK;
}

/* Opens file->temporary, empty and locked, as *fd; -1 on failure. */
static mlp_status open_temporary(const mlp_file *file, int *fd, mlp_error *err) {
    struct stat held = {0}, named;
    for (;;) {
        *fd = open(file->temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, /* no wait on a FIFO */
                   0666);
        if (*fd < 0 && errno != ELOOP && errno != ENXIO && errno != EISDIR) return fail_write(file->name, errno, err);
        const mlp_status status = claim(file, *fd, &held, err);
        if (status != MLP_OK) {
            if (*fd >= 0) close(*fd);
            *fd = -1;
            return status;
        }
        /* Between open and lock another process may have renamed the file: it is then complete and must not be
         emptied. */
        if (lstat(file->temporary, &named) == 0 && named.st_ino == held.st_ino && named.st_dev == held.st_dev)
            return ftruncate(*fd, 0) == 0 ? MLP_OK : fail_write(file->name, errno, err);
        close(*fd);
    }
}

/* Creates the temporary file, with the permissions of the older file. */
static mlp_status create_temporary(mlp_file *file, const struct stat *old, int *fd, mlp_error *err) {
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    const size_t size = strlen(file->path) + sizeof MLP_FILE_TEMPORARY;
    file->temporary = malloc(size);
    if (file->temporary == NULL) return mlp_fail_memory(err, file->name, size);
    snprintf(file->temporary, size, "%s" MLP_FILE_TEMPORARY, file->path);
    MLP_TRY(open_temporary(file, fd, err));
    if (old->st_mode != 0 && fchmod(*fd, old->st_mode & 0777) != 0) return fail_write(file->name, errno, err);
    return MLP_OK;
}

mlp_status mlp_file_create(mlp_file *file, const char *name, mlp_error *err) {
    struct stat old;
    int fd = -1;
    file->name = name;
    mlp_status status = resolve(file, &old, err);
    if (status == MLP_OK && !is_special(&old)) status = create_temporary(file, &old, &fd, err);
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    else if (status == MLP_OK && (fd = open(file->path, O_WRONLY | O_CLOEXEC)) < 0)
        status = fail_write(name, errno, err);
    if (status == MLP_OK && (file->stream = fdopen(fd, "w")) == NULL) status = mlp_fail_memory(err, name, BUFSIZ);
    if (status != MLP_OK && fd >= 0) {
        if (file->temporary != NULL) unlink(file->temporary); /* this process has locked it */
        close(fd);
    }
    if (status != MLP_OK) mlp_file_discard(file);
    return status;
}

void mlp_file_write(mlp_file *file, const void *bytes, size_t n) {
    if (file->cause == 0 && n > 0 && fwrite(bytes, 1, n, file->stream) != n) file->cause = errno;
}

/* A rename survives a crash only when the directory is on the disk. Some file systems cannot open or synchronise a
   directory: that is no error. */
static mlp_status sync_directory(const mlp_file *file, mlp_error *err) {
    char *slash = strrchr(file->path, '/');
    if (slash != NULL) *slash = '\0';
    const char *directory = slash == NULL ? "." : slash == file->path ? "/" : file->path;
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool failed = fd >= 0 && fsync(fd) != 0 && (errno == EIO || errno == ENOSPC);
    const int cause = errno;
    if (fd >= 0) close(fd);
    if (slash != NULL) *slash = '/';
    return failed ? fail_write(file->name, cause, err) : MLP_OK;
}

static mlp_status put_in_place(mlp_file *file, mlp_error *err) {
    if (file->cause != 0 || fflush(file->stream) != 0)
        return fail_write(file->name, file->cause != 0 ? file->cause : errno, err);
    if (file->temporary != NULL) {
        if (fsync(fileno(file->stream)) != 0 || rename(file->temporary, file->path) != 0)
            return fail_write(file->name, errno, err);
        free(file->temporary); /* no file has this name now */
        file->temporary = NULL;
        MLP_TRY(sync_directory(file, err));
    }
    FILE *stream = file->stream;
    file->stream = NULL;
    return fclose(stream) == 0 ? MLP_OK : fail_write(file->name, errno, err); /* releases the lock */
}

mlp_status mlp_file_commit(mlp_file *file, mlp_error *err) {
    const mlp_status status = put_in_place(file, err);
    mlp_file_discard(file);
    return status;
}

void mlp_file_discard(mlp_file *file) {
    if (file == NULL) return;
    if (file->stream != NULL && file->temporary != NULL)
        unlink(file->temporary); /* this process still holds its lock */
    if (file->stream != NULL) fclose(file->stream);
    free(file->temporary);
    free(file->path);
    *file = (mlp_file){0};
}

mlp_status mlp_file_put(const char *name, const mlp_strbuf *text, mlp_error *err) {
    mlp_file file = {0};
    if (text->failed) return mlp_fail_memory(err, name, text->n);
    MLP_TRY(mlp_file_create(&file, name, err));
    mlp_file_write(&file, text->at, text->n);
    return mlp_file_commit(&file, err);
}

mlp_status mlp_file_try(const char *name, mlp_error *err) {
    struct stat old;
    mlp_file file = {.name = name};
    mlp_status status = resolve(&file, &old, err);
    mlp_file_discard(&file);
    if (status == MLP_OK && !is_special(&old)) /* opening a FIFO would wait for its reader */
        status = mlp_file_create(&file, name, err);
    mlp_file_discard(&file);
    return status;
}

bool mlp_file_same(const char *a, const char *b) {
    struct stat x, y;
    const bool a_there = stat(a, &x) == 0, b_there = stat(b, &y) == 0;
    if (a_there != b_there) return false;
    if (a_there) return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    const char *a_name = stat_directory(&x, a), *b_name = stat_directory(&y, b);
    return a_name != NULL && b_name != NULL && x.st_dev == y.st_dev && x.st_ino == y.st_ino &&
           strcmp(a_name, b_name) == 0;
}

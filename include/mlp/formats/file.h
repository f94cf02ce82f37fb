/* file.h - files that are written atomically. Knows bytes and the file system, no format. */
#pragma once

#include <stdio.h>

#include "mlp/base/status.h"

/* A file being written. The bytes go to a temporary file in the same directory (its name followed by
   MLP_FILE_TEMPORARY). When all bytes are on the disk, it is renamed to the file's name: a process that opens the name
   reads the complete older file or the complete newer one, even after a crash. A symbolic link stays and its target is
   replaced; permissions stay. A name that is not a regular file (a FIFO, /dev/stdout) is written directly.
   Zero-initialise. */
typedef struct mlp_file {
    const char *name; /* as the user gave it, for messages; borrowed */
    char *path;       /* the file that is replaced, after following links */
    char *temporary;  /* NULL if the bytes go directly to `path` */
    FILE *stream;     /* NULL: nothing is being written */
    int cause;        /* errno of the first write that failed; 0: no failure */
} mlp_file;

#define MLP_FILE_TEMPORARY ".mlp-train-tmp"

/* Begins to write the file `name`; after a failure there is nothing to discard. Refuses a directory, a file without
   write permission (for root too), one that cannot be replaced by a rename, and one that another program is writing. A
   temporary file that a killed run left is used again. */
mlp_status mlp_file_create(mlp_file *file, const char *name, mlp_error *err);

/* Appends n bytes. mlp_file_commit reports a failure; after one, further calls do nothing. */
void mlp_file_write(mlp_file *file, const void *bytes, size_t n);

/* Completes the file: flush, fsync, rename, fsync of the directory. Frees everything, also on failure. */
mlp_status mlp_file_commit(mlp_file *file, mlp_error *err);

/* Frees everything; the older file is unchanged. NULL-safe; does nothing after a commit. */
void mlp_file_discard(mlp_file *file);

/* Writes `text` as a whole file. */
mlp_status mlp_file_put(const char *name, const mlp_strbuf *text, mlp_error *err);

/* Checks, before hours of work, whether mlp_file_create and mlp_file_commit can succeed. */
mlp_status mlp_file_try(const char *name, mlp_error *err);

/* Locks an open file for this process, until it is closed. False: another process has the lock. */
bool mlp_file_lock(int fd);

/* Fails because of errno `cause`: the file cannot `what`, such as "be written". The message says what to do. */
mlp_status mlp_file_fail(const char *name, const char *what, int cause, mlp_error *err);

/* Whether both names are the same regular file: an existing one, or one that both would create. */
bool mlp_file_same(const char *a, const char *b);

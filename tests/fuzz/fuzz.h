/* fuzz.h - what the fuzz targets share. A target is the one function that libFuzzer calls with ever
   new bytes (make fuzz), and replay.c with those of files (make check). It aborts where the library
   breaks a promise; what else is wrong, the sanitizers find. */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mlp/base/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Must hold, whatever the bytes. */
#define PROMISE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* A failure has a code and one line of text that says what to do; success has neither. */
static inline void promise_message(mlp_status status, const mlp_error *err) {
    PROMISE(status == err->status);
    PROMISE((status == MLP_OK) == (*err->message == '\0'));
    PROMISE(strlen(err->message) < sizeof err->message - 1);
    for (const char *c = err->message; *c != '\0'; c++) PROMISE((unsigned char)*c >= ' ' && *c != 0x7f);
}

/* Files of this process without a name, and paths by which they can be opened. */
enum { FUZZ_FILES = 2 };

typedef struct fuzz_file {
    int fd;
    char path[32];
} fuzz_file;

/* File number `i` with these bytes; it stays as it is until it is asked for again. */
static inline const char *fuzz_path(size_t i, const void *data, size_t size) {
    static fuzz_file files[FUZZ_FILES];
    fuzz_file *file = &files[i];
    if (file->fd == 0) {
        /* in memory where there is such a place: a disk takes thirty times as long */
        char in_memory[] = "/dev/shm/mlp-train-fuzz-XXXXXX", on_disk[] = "/tmp/mlp-train-fuzz-XXXXXX";
        char *name = in_memory;
        if ((file->fd = mkstemp(name)) < 0) file->fd = mkstemp(name = on_disk);
        PROMISE(file->fd > 0 && unlink(name) == 0);
        snprintf(file->path, sizeof file->path, "/dev/fd/%d", file->fd);
    }
    PROMISE(ftruncate(file->fd, 0) == 0 && lseek(file->fd, 0, SEEK_SET) == 0);
    PROMISE(size == 0 || pwrite(file->fd, data, size, 0) == (ssize_t)size);
    return file->path;
}

/* Makes standard input a file with these bytes, of a size that the library does not ask for. */
static inline void fuzz_stdin(const void *data, size_t size) {
    static int fd;
    if (fd == 0) {
        fd = open(fuzz_path(1, data, size), O_RDONLY);
        PROMISE(fd > 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    }
    fuzz_path(1, data, size);
    PROMISE(lseek(fd, 0, SEEK_SET) == 0);
}

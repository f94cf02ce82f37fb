/* synced.h - for tests that ask what was put on the disk: takes the place of fsync, and writes down
   what it was called for. */
#pragma once

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static struct {
    int files, directories;
    ino_t file; /* the last */
    int cause;  /* not 0: the errno that it fails with */
} synced;

int fsync(int fd) {
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    if (S_ISDIR(info.st_mode))
        synced.directories++;
    else {
        synced.files++;
        synced.file = info.st_ino;
    }
    errno = synced.cause;
    return synced.cause == 0 ? 0 : -1;
}

/* shim.c - preloaded into the program, makes the n-th call of one kind fail, and reports at the end
   how many calls of each kind there were, what was injected, and what memory, files and mappings
   main left behind. Knows glibc; nothing of the program but that its main is called main.

     LD_PRELOAD=shim.so FAULT_REPORT=file [FAULT_KIND=read FAULT_N=3 FAULT_ERROR=5|short]
   [FAULT_ON=1] mlp-train ...

   FAULT_ERROR is an errno; "short" lets a read or a write do one byte. FAULT_ON: every call from
   the n-th on. Counting begins and ends with main: what libc, the loader and OpenBLAS do before is
   theirs. During main OpenBLAS's own calls are left out by their return address: it waits forever
   where memory fails it. Writes to standard error are left out, because no message could report
   them.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#ifdef __GLIBC__
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind {
    K_alloc,
    K_open,
    K_read,
    K_write,
    K_close,
    K_fsync,
    K_rename,
    K_truncate,
    K_mmap,
    K_thread,
    K_stat,
    K_access,
    K_lock,
    K_chmod,
    K_seek,
    K_dup,
    N_KINDS
};
static const char *const names[N_KINDS] = {
    "alloc", "open",   "read", "write",  "close", "fsync", "rename", "truncate",
    "mmap",  "thread", "stat", "access", "lock",  "chmod", "seek",   "dup",
};

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_bool counting;
static atomic_ulong counts[N_KINDS], injected;
static int fault_kind = -1, fault_error;
static unsigned long fault_n;
static bool fault_on;

/* ---- who calls ---- */

typedef struct range {
    uintptr_t from, to;
} range;

static range blas[8], loader;
static size_t n_blas;

static int add_object(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    const bool is_blas = strstr(info->dlpi_name, "blas") != NULL, is_loader = strstr(info->dlpi_name, "/ld-") != NULL;
    for (int i = 0; (is_blas || is_loader) && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        const range r = {info->dlpi_addr + p->p_vaddr, info->dlpi_addr + p->p_vaddr + p->p_memsz};
        if (p->p_type != PT_LOAD || (p->p_flags & PF_X) == 0) continue;
        if (is_loader)
            loader = r;
        else if (n_blas < sizeof blas / sizeof *blas)
            blas[n_blas++] = r;
    }
    return 0;
}

static bool within(range r, const void *caller) { return (uintptr_t)caller >= r.from && (uintptr_t)caller < r.to; }

static bool ours(const void *caller) {
    if (!atomic_load(&counting)) return false;
    for (size_t i = 0; i < n_blas; i++)
        if (within(blas[i], caller)) return false;
    return true;
}

/* Whether this call is to fail: sets errno; 0 stands for "short". */
static bool fails(enum kind kind, const void *caller) {
    if (!ours(caller)) return false;
    const unsigned long n = atomic_fetch_add(&counts[kind], 1) + 1;
    if ((int)kind != fault_kind || (fault_on ? n < fault_n : n != fault_n)) return false;
    atomic_fetch_add(&injected, 1);
    if (fault_error != 0) errno = fault_error;
    return true;
}

#define FAILS(kind) fails(K_##kind, __builtin_return_address(0))

/* ---- what is held: memory and mappings made during main ---- */

enum { TABLE = 1 << 16 };
static const void *held[TABLE];
static const void *const gone = &gone; /* where one was taken out */
static atomic_flag held_lock = ATOMIC_FLAG_INIT;

static void remember(const void *p, const void *caller) {
    if (p == NULL || !ours(caller) || within(loader, caller)) /* the loader keeps threads' storage for the next */
        return;
    while (atomic_flag_test_and_set(&held_lock))
        ;
    size_t i = (uintptr_t)p / 16 * 2654435761U % TABLE;
    while (held[i] != NULL && held[i] != gone) i = (i + 1) % TABLE;
    held[i] = p;
    atomic_flag_clear(&held_lock);
}

static void forget(const void *p) {
    if (p == NULL || !atomic_load(&counting)) return;
    while (atomic_flag_test_and_set(&held_lock))
        ;
    size_t i = (uintptr_t)p / 16 * 2654435761U % TABLE;
    while (held[i] != NULL && held[i] != p) i = (i + 1) % TABLE;
    if (held[i] != NULL) held[i] = gone;
    atomic_flag_clear(&held_lock);
}

#define KEEP(p) (remember(p, __builtin_return_address(0)), (p))

/* ---- memory ---- */

void *malloc(size_t n) {
    if (FAILS(alloc)) return NULL;
    void *p = __libc_malloc(n);
    return KEEP(p);
}

void *calloc(size_t n, size_t size) {
    if (FAILS(alloc)) return NULL;
    void *p = __libc_calloc(n, size);
    return KEEP(p);
}

void *realloc(void *old, size_t n) {
    if (FAILS(alloc)) return NULL;
    void *p = __libc_realloc(old, n);
    if (p != NULL || n == 0) forget(old);
    return KEEP(p);
}

void *memalign(size_t alignment, size_t n) {
    if (FAILS(alloc)) return NULL;
    void *p = __libc_memalign(alignment, n);
    return KEEP(p);
}

void *aligned_alloc(size_t alignment, size_t n) {
    if (FAILS(alloc)) return NULL;
    void *p = __libc_memalign(alignment, n);
    return KEEP(p);
}

int posix_memalign(void **to, size_t alignment, size_t n) {
    if (FAILS(alloc)) return ENOMEM;
    void *p = __libc_memalign(alignment, n);
    if (p == NULL) return ENOMEM;
    *to = KEEP(p);
    return 0;
}

void free(void *p) {
    forget(p);
    __libc_free(p);
}

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    if (FAILS(mmap)) return MAP_FAILED;
    void *p = (void *)syscall(SYS_mmap, at, n, protection, flags, fd, offset);
    return p == MAP_FAILED ? p : KEEP(p);
}

int munmap(void *at, size_t n) {
    forget(at);
    return (int)syscall(SYS_munmap, at, n);
}

/* ---- files ---- */

static int mode_of(int flags, va_list more) { return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, int) : 0; }

#define OPEN(directory, path, flags, mode) (FAILS(open) ? -1 : (int)syscall(SYS_openat, directory, path, flags, mode))

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const int mode = mode_of(flags, more);
    va_end(more);
    return OPEN(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const int mode = mode_of(flags, more);
    va_end(more);
    return OPEN(directory, path, flags, mode);
}

ssize_t read(int fd, void *to, size_t n) {
    const bool failing = FAILS(read);
    return failing && fault_error != 0 ? -1 : syscall(SYS_read, fd, to, failing && n > 1 ? 1 : n);
}

ssize_t pread(int fd, void *to, size_t n, off_t at) {
    const bool failing = FAILS(read);
    return failing && fault_error != 0 ? -1 : syscall(SYS_pread64, fd, to, failing && n > 1 ? 1 : n, at);
}

static ssize_t write_as(const void *caller, int fd, const void *from, size_t n) {
    const bool failing = fd != STDERR_FILENO && fails(K_write, caller);
    return failing && fault_error != 0 ? -1 : syscall(SYS_write, fd, from, failing && n > 1 ? 1 : n);
}

ssize_t write(int fd, const void *from, size_t n) { return write_as(__builtin_return_address(0), fd, from, n); }

/* As Linux has it, the descriptor is closed even where that fails. */
int close(int fd) {
    const bool failing = FAILS(close);
    const int cause = errno, result = (int)syscall(SYS_close, fd);
    if (failing) errno = cause;
    return failing ? -1 : result;
}

int fsync(int fd) { return FAILS(fsync) ? -1 : (int)syscall(SYS_fsync, fd); }

int fdatasync(int fd) { return FAILS(fsync) ? -1 : (int)syscall(SYS_fdatasync, fd); }

int rename(const char *from, const char *to) {
    return FAILS(rename) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int ftruncate(int fd, off_t n) { return FAILS(truncate) ? -1 : (int)syscall(SYS_ftruncate, fd, n); }

off_t lseek(int fd, off_t to, int origin) { return FAILS(seek) ? -1 : syscall(SYS_lseek, fd, to, origin); }

int flock(int fd, int how) { return FAILS(lock) ? -1 : (int)syscall(SYS_flock, fd, how); }

int fchmod(int fd, mode_t mode) { return FAILS(chmod) ? -1 : (int)syscall(SYS_fchmod, fd, mode); }

/* Only copying a descriptor can fail: there may be no free one. */
int fcntl(int fd, int command, ...) {
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    const bool copy = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
    return copy && FAILS(dup) ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

/* ---- what needs the function itself ---- */

/* An object pointer to a function pointer, as dlsym has it. */
#define NEXT(type, name, ...)                                                                                          \
    type (*next)(__VA_ARGS__);                                                                                         \
    *(void **)&next = dlsym(RTLD_NEXT, name)

int stat(const char *restrict path, struct stat *restrict info) {
    NEXT(int, "stat", const char *, struct stat *);
    return FAILS(stat) ? -1 : next(path, info);
}

int lstat(const char *restrict path, struct stat *restrict info) {
    NEXT(int, "lstat", const char *, struct stat *);
    return FAILS(stat) ? -1 : next(path, info);
}

int fstat(int fd, struct stat *info) {
    NEXT(int, "fstat", int, struct stat *);
    return FAILS(stat) ? -1 : next(fd, info);
}

int faccessat(int fd, const char *path, int how, int flags) {
    NEXT(int, "faccessat", int, const char *, int, int);
    return FAILS(access) ? -1 : next(fd, path, how, flags);
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*start)(void *),
                   void *restrict argument) {
    NEXT(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    return FAILS(thread) ? fault_error : next(thread, attributes, start, argument);
}

/* ---- streams: libc writes them past write(2), so they get a write of this file ---- */

typedef struct stream {
    FILE *file;
    int fd;
} stream;

static stream streams[32];

static ssize_t stream_write(void *cookie, const char *from, size_t n) {
    const stream *s = cookie;
    size_t done = 0;
    while (done < n) { /* a short one is continued by libc */
        const ssize_t more = write_as(NULL, s->fd, from + done, n - done);
        if (more < 0) return (ssize_t)done;
        done += (size_t)more;
    }
    return (ssize_t)n;
}

static int stream_close(void *cookie) {
    stream *s = cookie;
    s->file = NULL;
    const bool failing = fails(K_close, NULL);
    const int cause = errno, result = (int)syscall(SYS_close, s->fd);
    if (failing) errno = cause;
    return failing ? -1 : result;
}

FILE *fdopen(int fd, const char *mode) {
    const cookie_io_functions_t functions = {.write = stream_write, .close = stream_close};
    stream *s = streams;
    while (s->file != NULL) s++;
    s->fd = fd;
    return s->file = fopencookie(s, mode, functions);
}

int fileno(FILE *file) {
    for (const stream *s = streams; s < streams + sizeof streams / sizeof *streams; s++)
        if (s->file == file) return s->fd;
    return file == stdin ? STDIN_FILENO : file == stdout ? STDOUT_FILENO : STDERR_FILENO;
}

/* ---- the fortified names ---- */

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) { return OPEN(AT_FDCWD, path, flags, 0); }

ssize_t __read_chk(int fd, void *to, size_t n, size_t size);
ssize_t __read_chk(int fd, void *to, size_t n, size_t size) {
    (void)size;
    const bool failing = FAILS(read);
    return failing && fault_error != 0 ? -1 : syscall(SYS_read, fd, to, failing && n > 1 ? 1 : n);
}

ssize_t __pread_chk(int fd, void *to, size_t n, off_t at, size_t size);
ssize_t __pread_chk(int fd, void *to, size_t n, off_t at, size_t size) {
    (void)size;
    const bool failing = FAILS(read);
    return failing && fault_error != 0 ? -1 : syscall(SYS_pread64, fd, to, failing && n > 1 ? 1 : n, at);
}

/* ---- around main ---- */

static int (*real_main)(int, char **, char **);

static int count_open(void) {
    int n = 0;
    for (int fd = 3; fd < 256; fd++) n += syscall(SYS_fcntl, fd, F_GETFD, 0) >= 0;
    return n;
}

static void read_settings(void) {
    const char *kind = getenv("FAULT_KIND"), *n = getenv("FAULT_N"), *error = getenv("FAULT_ERROR");
    fault_on = getenv("FAULT_ON") != NULL;
    fault_n = n != NULL ? strtoul(n, NULL, 10) : 0;
    fault_error = error != NULL ? atoi(error) : 0;
    for (int k = 0; k < N_KINDS; k++)
        if (kind != NULL && strcmp(kind, names[k]) == 0) fault_kind = k;
}

static void report(int files_before) {
    char text[1024];
    size_t left = 0, used = 0;
    for (size_t i = 0; i < TABLE; i++) left += held[i] != NULL && held[i] != gone;
    for (int k = 0; k < N_KINDS; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %lu\n", names[k], atomic_load(&counts[k]));
    used += (size_t)snprintf(text + used, sizeof text - used, "injected %lu\nheld %zu\nfiles %d\n",
                             atomic_load(&injected), left, count_open() - files_before);
    const char *path = getenv("FAULT_REPORT");
    const int fd = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || syscall(SYS_write, fd, text, used) != (long)used) abort();
    syscall(SYS_close, fd);
}

static int counted_main(int argc, char **argv, char **environment) {
    static char buffer[BUFSIZ];
    read_settings();
    dl_iterate_phdr(add_object, NULL);
    const int before = count_open();
    stdout = fdopen(STDOUT_FILENO, "w");
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    atomic_store(&counting, true);
    const int code = real_main(argc, argv, environment);
    atomic_store(&counting, false);
    report(before);
    return code;
}

int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*finish)(void), void (*loader_finish)(void), void *stack_end);
int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*finish)(void), void (*loader_finish)(void), void *stack_end) {
    NEXT(int, "__libc_start_main", int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
         void (*)(void), void *);
    real_main = start;
    return next(counted_main, argc, argv, init, finish, loader_finish, stack_end);
}
#endif

/* status.h - what a library call answers: a code, and one line of text for a person.
   The library never prints and never exits; the program prints `message` after its own name. */
#ifndef MLP_STATUS_H
#define MLP_STATUS_H

typedef enum mlp_status {
    MLP_OK = 0,
    MLP_ERR_USAGE,    /* a setting or argument that cannot be used (exit 2) */
    MLP_ERR_IO,       /* the system refused: open, read, write, close (exit 1) */
    MLP_ERR_FORMAT,   /* the bytes are not what they should be (exit 1) */
    MLP_ERR_MEMORY,   /* no memory (exit 1) */
    MLP_ERR_DIVERGED, /* a loss that is not finite (exit 1) */
    MLP_STOPPED       /* the observer asked for the end; not a failure */
} mlp_status;

/* Owned by the caller, zero-initialised. The first failure wins: later ones leave it alone, so
   that clean-up cannot hide the cause. */
typedef struct mlp_error {
    mlp_status status;
    char message[6144]; /* one line, no newline; room for a path of PATH_MAX and the remedy */
} mlp_error;

/* Records `status` and the formatted message in `err` (unless one is there, or err is NULL) and
   returns `status`. Control characters, such as a file name may hold, become '?'. */
mlp_status mlp_fail(mlp_error *err, mlp_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failed allocation of `bytes` bytes for `what`. */
mlp_status mlp_fail_memory(mlp_error *err, const char *what, unsigned long long bytes);

#endif

/* limits.c - what this machine can do at most: multiplications with addition (FMA) and bytes read per second, on one
   thread and on more. Build it with -march=native: it uses the widest vectors of the compiler's target.
   Usage: limits [threads]
   Prints "key value" lines for 1 thread and for `threads` (2): fma_N, 10^9 multiply-adds of floats a second; and
   read_SIZE_N, 10^9 bytes a second from an array of that size for each thread. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
enum { BYTES = 64, SUMS = 24 };
#elif defined(__AVX__)
enum { BYTES = 32, SUMS = 12 };
#else
enum { BYTES = 16, SUMS = 12 };
#endif
enum { LANES = BYTES / (int)sizeof(float), LOADS = 8, MOST_THREADS = 256, TRIES = 5 };

typedef float vector __attribute__((vector_size(BYTES)));

typedef struct work {
    pthread_t thread;
    pthread_barrier_t *begin;
    const vector *at; /* NULL: multiply */
    size_t n, rounds; /* vectors in the array; passes over it, or multiply-adds of each sum */
    float used;
    double start, end; /* seconds */
} work;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float sum_of(const vector *sums, int n) {
    float sum = 0;
    for (int s = 0; s < n; s++)
        for (int k = 0; k < LANES; k++) sum += sums[s][k];
    return sum;
}

/* SUMS sums that do not wait for each other. Each begins with a read of its own: of equal sums a compiler would make
   one. */
static float multiply(size_t rounds) {
    static volatile float half = 0.5F;
    vector sums[SUMS] = {{0}}, factor = {0};
    factor += half;
    for (int s = 0; s < SUMS; s++) sums[s] += half;
    for (size_t r = 0; r < rounds; r++)
#pragma GCC unroll 32
        for (int s = 0; s < SUMS; s++) sums[s] = sums[s] * factor + factor;
    return sum_of(sums, SUMS);
}

static float read_all(const vector *at, size_t n, size_t rounds) {
    vector sums[LOADS] = {{0}};
    for (size_t r = 0; r < rounds; r++) {
        for (size_t i = 0; i < n; i += LOADS)
#pragma GCC unroll 8
            for (int s = 0; s < LOADS; s++) sums[s] += at[i + (size_t)s];
        __asm__ volatile("" ::: "memory");
    }
    return sum_of(sums, LOADS);
}

static void *run(void *argument) {
    work *w = argument;
    pthread_barrier_wait(w->begin);
    w->start = now();
    w->used = w->at == NULL ? multiply(w->rounds) : read_all(w->at, w->n, w->rounds);
    w->end = now();
    return NULL;
}

/* Seconds from the start of the first thread to the end of the last: the least of some tries. The threads read the
   clock themselves: the thread that waits for them may wake late. `arrays`: one for each thread, or NULL. */
static double measure(int threads, vector *const *arrays, size_t n, size_t rounds) {
    static work all[MOST_THREADS];
    double best = 1e30;
    for (int try = 0; try < TRIES; try++) {
        pthread_barrier_t begin;
        pthread_barrier_init(&begin, NULL, (unsigned)threads);
        for (int t = 0; t < threads; t++) {
            all[t] = (work){.begin = &begin, .at = arrays == NULL ? NULL : arrays[t], .n = n, .rounds = rounds};
            if (pthread_create(&all[t].thread, NULL, run, &all[t]) != 0) {
                fprintf(stderr, "limits: cannot start %d threads\n", threads);
                exit(1);
            }
        }
        for (int t = 0; t < threads; t++) pthread_join(all[t].thread, NULL);
        double start = all[0].start, end = all[0].end;
        for (int t = 1; t < threads; t++) {
            if (all[t].start < start) start = all[t].start;
            if (all[t].end > end) end = all[t].end;
        }
        if (end - start < best) best = end - start;
        pthread_barrier_destroy(&begin);
    }
    return best;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        size_t bytes;
    } sizes[] = {{"24KiB", 24 << 10}, {"256KiB", 256 << 10}, {"8MiB", 8 << 20}, {"256MiB", 256 << 20}};
    enum { N_SIZES = sizeof sizes / sizeof sizes[0] };
    const size_t most = sizes[N_SIZES - 1].bytes, total = (size_t)2 << 30;
    const int threads = argc > 1 ? atoi(argv[1]) : 2;
    if (threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "limits: %s is not a number from 1 to %d\n", argc > 1 ? argv[1] : "", MOST_THREADS);
        return 2;
    }
    vector *arrays[MOST_THREADS] = {0};
    for (int t = 0; t < threads; t++) {
        arrays[t] = aligned_alloc(4096, most);
        if (arrays[t] == NULL) {
            fprintf(stderr, "limits: no memory for %zu bytes a thread\n", most);
            return 1;
        }
        memset(arrays[t], 0, most);
    }
    for (int n = 1; n <= threads; n = n == threads ? n + 1 : threads) {
        const size_t rounds = 20000000;
        printf("fma_%d %.1f\n", n, (double)n * SUMS * LANES * (double)rounds / measure(n, NULL, 0, rounds) * 1e-9);
        for (int i = 0; i < N_SIZES; i++) {
            const size_t bytes = sizes[i].bytes, passes = total / bytes;
            const double seconds = measure(n, arrays, bytes / sizeof(vector), passes);
            printf("read_%s_%d %.1f\n", sizes[i].name, n, (double)n * (double)bytes * (double)passes / seconds * 1e-9);
        }
    }
    for (int t = 0; t < threads; t++) free(arrays[t]);
    return 0;
}

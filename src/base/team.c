/* team.c - worker threads that share the pieces of a task, and how many processors there are for them, by affinity and
   the CPU quotas of cgroups. Not OpenMP: its barriers spin until every thread has arrived, which on a busy machine made
   two threads twenty times slower than one. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "mlp/base/team.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include "mlp/base/memory.h"

/* ---- processors ---- */

#ifdef __linux__
/* Reads the one or two numbers in a file of a cgroup; a missing number and "max" are read as 0. */
static void read_numbers(const char *group, const char *name, long numbers[2]) {
    char path[PATH_MAX + 64], line[64] = "", *end;
    snprintf(path, sizeof path, "%s/%s", group, name);
    FILE *file = fopen(path, "r");
    if (file != NULL && fgets(line, sizeof line, file) == NULL) line[0] = '\0';
    if (file != NULL) fclose(file);
    numbers[0] = strtol(line, &end, 10);
    numbers[1] = strtol(end, NULL, 10);
}

/* A cgroup's CPU quota as a number of processors, rounded up; LONG_MAX without a quota. */
static long quota_of(const char *group) {
    long quota[2], period[2]; /* in microseconds: CPU time, and the period in which it may be used */
    read_numbers(group, "cpu.max", quota);
    if (quota[0] == 0) { /* version 1 of cgroups */
        read_numbers(group, "cpu.cfs_quota_us", quota);
        read_numbers(group, "cpu.cfs_period_us", period);
        quota[1] = period[0];
    }
    return quota[0] > 0 && quota[1] > 0 ? (quota[0] - 1) / quota[1] + 1 : LONG_MAX;
}

/* Whether a list like "rw,cpu,cpuacct" has this name. */
static bool has_name(const char *list, const char *name) {
    const size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0')) return true;
    return false;
}

/* The cgroup of this process, from a line like "4:cpu,cpuacct:/user/job". The list of version 2 is empty. */
static void find_group(char group[PATH_MAX], bool version_2) {
    char *line = NULL;
    size_t size = 0;
    group[0] = '\0';
    FILE *file = fopen("/proc/self/cgroup", "r");
    while (file != NULL && getline(&line, &size, file) > 0) {
        char *list = strchr(line, ':'), *path = list == NULL ? NULL : strchr(list + 1, ':');
        line[strcspn(line, "\n")] = '\0';
        if (path == NULL) continue;
        *path = '\0';
        if (version_2 ? list[1] == '\0' : has_name(list + 1, "cpu")) snprintf(group, PATH_MAX, "%s", path + 1);
    }
    free(line);
    if (file != NULL) fclose(file);
}

/* The smallest quota of this process's cgroup and its parents. A container may not see the folder of its own cgroup:
   then the folder above is its cgroup. The mount shows only what is below `root`. */
static long least_quota(const char *mount, const char *root, bool version_2) {
    char own[PATH_MAX], group[2 * PATH_MAX];
    find_group(own, version_2);
    const size_t above = strlen(root), n = strlen(mount);
    snprintf(group, sizeof group, "%s%s", mount, own + (strncmp(own, root, above) == 0 && above > 1 ? above : 0));
    long least = LONG_MAX;
    for (char *end = group + strlen(group); end != NULL; end = strrchr(group + n, '/')) {
        *end = '\0';
        const long quota = quota_of(group);
        least = quota < least ? quota : least;
    }
    return least;
}

/* The smallest quota in all mounted hierarchies of cgroups, from lines like "31 30 0:28 / /sys/fs/cgroup/cpu
   rw,relatime - cgroup cgroup rw,cpu". */
static long quota_processors(void) {
    char *line = NULL, root[1024], mount[1024], type[16], options[256];
    size_t size = 0;
    long least = LONG_MAX;
    FILE *file = fopen("/proc/self/mountinfo", "r");
    while (file != NULL && getline(&line, &size, file) > 0) {
        const char *tail = strstr(line, " - cgroup");
        if (tail == NULL || sscanf(line, "%*s %*s %*s %1023s %1023s", root, mount) != 2 ||
            sscanf(tail, " - %15s %*s %255s", type, options) != 2)
            continue;
        const bool version_2 = strcmp(type, "cgroup2") == 0;
        if (!version_2 && !has_name(options, "cpu")) continue;
        const long quota = least_quota(mount, root, version_2);
        least = quota < least ? quota : least;
    }
    free(line);
    if (file != NULL) fclose(file);
    return least;
}
#endif

int mlp_processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
    const long quota = quota_processors();
    n = quota < n ? quota : n;
#endif
    return n < 1 ? 1 : (int)n;
}

/* ---- threads ---- */

/* How many times a waiting thread looks for work before it gives up its processor: some tens of microseconds, longer
   than the gaps between the tasks of one iteration. */
enum { SPINS = 2000 };

/* How many times the caller yields its processor before it sleeps: some milliseconds. */
enum { YIELDS = 10000 };

/* Bytes of a worker's stack; by default libc takes the limit of `ulimit -s`. The loops over vectors need some 10 kB,
   OpenBLAS and the loading of data a few times that. */
enum { STACK = 1 << 20 };

/* Makes denormal numbers (below 1e-38) count as 0 in the calling thread: arithmetic on them is about a hundred times
   slower, and gradients of well-learned examples become that small. Every thread does so while a task runs. Returns the
   earlier setting. */
static uint64_t flush_denormals(void) {
#ifdef __SSE2__
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); /* results: FTZ; operands: DAZ */
    return before;
#elif defined(__aarch64__)
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | 1U << 24)); /* FZ: both */
    return before;
#else
    return 0;
#endif
}

static void restore_denormals(uint64_t before) {
#ifdef __SSE2__
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

typedef struct worker {
    mlp_team *team;
    pthread_t thread;
    int index;
} worker;

/* Every thread writes the two counters: the alignment gives each its own cache line. */
struct mlp_team {
    int threads; /* threads that run, the caller included */
    int spins;
    worker *workers; /* [threads - 1] */
    /* The current job (one call of mlp_team_run), written before its ticket is published. */
    _Atomic(mlp_task) task;
    _Atomic(void *) context;
    _Atomic size_t base;                  /* number of the job's first piece: the ticket counts pieces from 0 */
    _Alignas(64) _Atomic uint64_t ticket; /* job << 32 | first unclaimed piece << 16 | end of the unclaimed pieces */
    _Alignas(64) _Atomic size_t done;     /* pieces of this job that are finished */
    _Atomic int kept;                     /* workers with a lower index continue, the others end */
    _Atomic int sleepers;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Claims and does pieces of the current job until none is left; returns the job's number. The caller's thread claims
   from the front, the others from the end, so that in the next task each gets the pieces whose data are in its cache.
   One atomic variable, the ticket, has both the job's number and the interval of unclaimed pieces: a claim succeeds
   only if the job is still the one whose fields were read. So no thread does a piece of one job with the task of
   another. */
static uint32_t work(mlp_team *team, int thread) {
    for (;;) {
        uint64_t ticket = atomic_load(&team->ticket);
        const mlp_task task = atomic_load(&team->task);
        void *context = atomic_load(&team->context);
        const size_t base = atomic_load(&team->base);
        const size_t first = ticket >> 16 & UINT16_MAX, end = ticket & UINT16_MAX;
        if (first >= end) return (uint32_t)(ticket >> 32);
        const uint64_t claimed = thread == 0 ? ticket + (1 << 16) : ticket - 1;
        if (atomic_compare_exchange_weak(&team->ticket, &ticket, claimed)) {
            task(context, base + (thread == 0 ? first : end - 1), thread);
            atomic_fetch_add(&team->done, 1);
        }
    }
}

static bool waiting(mlp_team *team, uint32_t job, int index) {
    return (uint32_t)(atomic_load(&team->ticket) >> 32) == job && index < atomic_load(&team->kept);
}

static void *worker_main(void *argument) {
    const worker *self = argument;
    mlp_team *team = self->team;
    flush_denormals();
    while (self->index < atomic_load(&team->kept)) {
        const uint32_t job = work(team, self->index);
        for (int i = 0; i < team->spins && waiting(team, job, self->index); i++) pause_briefly();
        if (!waiting(team, job, self->index)) continue;
        pthread_mutex_lock(&team->mutex);
        atomic_fetch_add(&team->sleepers, 1);
        while (waiting(team, job, self->index)) pthread_cond_wait(&team->wake, &team->mutex);
        atomic_fetch_sub(&team->sleepers, 1);
        pthread_mutex_unlock(&team->mutex);
    }
    return NULL;
}

static void wake_sleepers(mlp_team *team) {
    if (atomic_load(&team->sleepers) == 0) return;
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

/* Runs pieces base .. base + n - 1 as one job. The job's fields are written only while the ticket has no unclaimed
   piece; every access is sequentially consistent. */
static void run_job(mlp_team *team, mlp_task task, void *context, size_t base, size_t n) {
    const uint64_t job = (atomic_load(&team->ticket) >> 32) + 1;
    atomic_store(&team->done, 0);
    atomic_store(&team->task, task);
    atomic_store(&team->context, context);
    atomic_store(&team->base, base);
    atomic_store(&team->ticket, job << 32 | n);
    wake_sleepers(team);
    work(team, 0);
    const struct timespec interval = {.tv_nsec = 50000};
    for (int i = 0; atomic_load(&team->done) < n;) {
        if (i >= team->spins + YIELDS)
            nanosleep(&interval, NULL); /* a piece of an iteration takes less time: this is reading of a file */
        else if (i++ < team->spins)
            pause_briefly();
        else
            sched_yield(); /* a worker that has a piece may be waiting for this processor */
    }
}

void mlp_team_run(mlp_team *team, mlp_task task, void *context, size_t n) {
    const uint64_t before = flush_denormals();
    if (mlp_team_threads(team) == 1 || n <= 1)
        for (size_t piece = 0; piece < n; piece++) task(context, piece, 0);
    else
        for (size_t base = 0; base < n; base += UINT16_MAX)
            run_job(team, task, context, base, n - base < UINT16_MAX ? n - base : UINT16_MAX);
    restore_denormals(before);
}

mlp_status mlp_team_create(mlp_team **team, int threads, mlp_error *err) {
    mlp_team *t = *team = mlp_alloc(1, sizeof **team, "the threads", err);
    if (t == NULL) return MLP_ERR_MEMORY;
    t->threads = 1;
    t->spins = threads > mlp_processors() ? 0 : SPINS;
    atomic_init(&t->kept, threads);
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->wake, NULL);
    t->workers = mlp_alloc((size_t)threads, sizeof *t->workers, "the threads", err);
    if (t->workers == NULL) {
        mlp_team_free(t);
        *team = NULL;
        return MLP_ERR_MEMORY;
    }
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (; t->threads < threads; t->threads++) {
        worker *w = &t->workers[t->threads - 1];
        *w = (worker){.team = t, .index = t->threads};
        if (pthread_create(&w->thread, &attributes, worker_main, w) != 0) break;
    }
    pthread_attr_destroy(&attributes);
    return MLP_OK;
}

void mlp_team_shrink(mlp_team *team, int threads) {
    atomic_store(&team->kept, threads);
    wake_sleepers(team);
    for (; team->threads > threads; team->threads--) pthread_join(team->workers[team->threads - 2].thread, NULL);
}

void mlp_team_free(mlp_team *team) {
    if (team == NULL) return;
    mlp_team_shrink(team, 1);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->workers);
    free(team);
}

int mlp_team_threads(const mlp_team *team) { return team == NULL ? 1 : team->threads; }

typedef struct range_job {
    mlp_range_task task;
    void *context;
    size_t n, size;
} range_job;

static void run_range(void *context, size_t piece, int thread) {
    const range_job *job = context;
    size_t first;
    const size_t n = mlp_range(&first, piece, job->n, job->size);
    job->task(job->context, first, n, thread);
}

void mlp_ranges_run(mlp_team *team, mlp_range_task task, void *context, size_t n, size_t size) {
    range_job job = {task, context, n, size};
    mlp_team_run(team, run_range, &job, mlp_range_count(n, size));
}

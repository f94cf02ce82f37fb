/* test_team.c - every piece of every task is done once, whichever thread is late. */
#define _GNU_SOURCE /* pthread_getattr_np, RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

enum { MOST = 1000 };

static void sleep_ms(long ms) {
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

/* The library's calls of pthread_cond_wait come here: a thread that nothing wakes for three seconds goes on, and is
   counted. While `slow`, a thread that has looked for work and found none falls asleep only some time later. */
static atomic_bool slow;
static atomic_int falling_asleep, not_woken;

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 3;
    if (atomic_load(&slow)) {
        atomic_fetch_add(&falling_asleep, 1);
        sleep_ms(1);
    }
    if (pthread_cond_timedwait(cond, mutex, &end) == ETIMEDOUT) atomic_fetch_add(&not_woken, 1);
    return 0;
}

typedef struct tally {
    atomic_int done[MOST];
    atomic_int by_thread[8];
    int threads;
    unsigned job;
    atomic_uint wrong; /* pieces that saw another job's number */
    unsigned expected;
} tally;

static void count(void *context, size_t piece, int thread) {
    tally *t = context;
    atomic_fetch_add(&t->done[piece], 1);
    atomic_fetch_add(&t->by_thread[thread], 1);
    if (thread < 0 || thread >= t->threads || t->job != t->expected) atomic_fetch_add(&t->wrong, 1);
}

static void every_piece_is_done_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 7; threads++) {
        mlp_team *team = team_of(threads);
        assert_int_equal(mlp_team_threads(team), threads);
        for (size_t n = 0; n < MOST; n = n * 2 + 1) {
            tally *t = calloc(1, sizeof *t);
            assert_non_null(t);
            t->threads = threads;
            mlp_team_run(team, count, t, n);
            for (size_t i = 0; i < MOST; i++) assert_int_equal(t->done[i], i < n);
            assert_int_equal(t->wrong, 0);
            free(t);
        }
        mlp_team_free(team);
    }
}

/* Many short jobs one after the other: a thread that is late for one must not meddle with the
   next. Each job changes what the task expects. */
static void late_threads_do_not_meddle(void **state) {
    (void)state;
    mlp_team *team = team_of(4);
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->threads = 4;
    enum { JOBS = 20000, PIECES = 3 };
    for (unsigned job = 1; job <= JOBS; job++) {
        t->job = t->expected = job;
        mlp_team_run(team, count, t, PIECES + job % 5);
        t->expected = 0;                  /* a piece done after its job's end sees this */
        if (job % 5000 == 0) sleep_ms(2); /* let the others fall asleep */
    }
    assert_int_equal(t->wrong, 0);
    for (size_t i = 0; i < PIECES; i++) assert_int_equal(t->done[i], JOBS);
    assert_int_equal(t->done[PIECES + 3], JOBS / 5);
    assert_int_equal(t->done[PIECES + 4], 0);
    mlp_team_free(team);
    free(t);
}

static void count_low_byte(void *context, size_t piece, int thread) {
    tally *t = context;
    (void)thread;
    atomic_fetch_add(&t->done[piece % 251], 1);
}

/* More pieces than one ticket can hold. */
static void many_pieces_are_done_once(void **state) {
    (void)state;
    enum { N = 251 * 1000 };
    mlp_team *team = team_of(3);
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    mlp_team_run(team, count_low_byte, t, N);
    for (size_t i = 0; i < 251; i++) assert_int_equal(t->done[i], 1000);
    mlp_team_free(team);
    free(t);
}

static void sleep_shortly(void *context, size_t piece, int thread) {
    sleep_ms(3);
    count(context, piece, thread);
}

static void others_help(void **state) {
    (void)state;
    mlp_team *team = team_of(3);
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->threads = 3;
    mlp_team_run(team, sleep_shortly, t, 60);
    for (int i = 0; i < 3; i++) assert_true(t->by_thread[i] > 0);
    mlp_team_free(team);
    free(t);
}

/* Both pieces are begun before either ends; the caller's ends first, long before the other. */
static void wait_for_both(void *context, size_t piece, int thread) {
    tally *t = context;
    count(context, piece, thread);
    while (t->done[0] + t->done[1] < 2) sleep_ms(1);
    if (thread != 0) sleep_ms(400);
}

static void the_caller_waits_without_work(void **state) {
    (void)state;
    mlp_team *team = team_of(2);
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->threads = 2;
    const clock_t before = clock();
    mlp_team_run(team, wait_for_both, t, 2);
    assert_true(clock() - before < CLOCKS_PER_SEC / 5);
    assert_int_equal(t->by_thread[0], 1);
    mlp_team_free(team);
    free(t);
}

static void no_team_is_the_caller(void **state) {
    (void)state;
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->threads = 1;
    assert_int_equal(mlp_team_threads(NULL), 1);
    mlp_team_run(NULL, count, t, 5);
    assert_int_equal(t->by_thread[0], 5);
    mlp_team_free(NULL);
    free(t);
}

/* Both products would be denormal numbers. */
static void multiply_small(void *context, size_t piece, int thread) {
    volatile float *products = context;
    const volatile float small = 1e-19F, smaller = 1e-20F, one = 1;
    (void)thread;
    sleep_ms(1); /* so that several threads have pieces */
    products[2 * piece] = small * smaller;
    products[2 * piece + 1] *= one;
}

static void denormals_are_zero_in_tasks_alone(void **state) {
    (void)state;
#if defined(__SSE2__) || defined(__aarch64__)
    const volatile float small = 1e-19F, smaller = 1e-20F;
    for (int threads = 1; threads <= 3; threads++) {
        float products[40];
        for (size_t i = 0; i < 40; i++) products[i] = 1e-39F;
        mlp_team *team = team_of(threads);
        mlp_team_run(team, multiply_small, products, 20);
        mlp_team_free(team);
        for (size_t i = 0; i < 40; i++) assert_true(products[i] == 0);
        assert_true(small * smaller > 0);
    }
#else
    skip();
#endif
}

/* Pauses of different lengths meet the workers at every place on their way to sleep. The alarm ends a dead-lock. */
static void thousands_of_teams_end(void **state) {
    (void)state;
    enum { ROUNDS = 4000 };
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->threads = 8;
    atomic_store(&not_woken, 0);
    alarm(120);
    for (int round = 0; round < ROUNDS && not_woken == 0; round++) {
        mlp_team *team = team_of(2 + round % 3);
        for (int job = 0; job < 2; job++) {
            mlp_team_run(team, count, t, 4);
            for (volatile int spin = 0; spin < round % 64 * 100; spin++)
                ;
        }
        mlp_team_free(team);
    }
    alarm(0);
    assert_int_equal(not_woken, 0);
    assert_int_equal(t->done[0], 2 * ROUNDS);
    free(t);
}

/* Both threads must do a piece. */
static void wait_for_the_other(void *context, size_t piece, int thread) {
    tally *t = context;
    count(context, piece, thread);
    while (t->done[0] + t->done[1] < 2) sched_yield();
}

/* Work, and then the end of the team, come at the moment when a thread has found no work but does not sleep yet. */
static void a_thread_that_falls_asleep_is_woken(void **state) {
    (void)state;
    atomic_store(&slow, true);
    atomic_store(&not_woken, 0);
    for (int round = 0; round < 50 && not_woken == 0; round++) {
        tally *t = calloc(1, sizeof *t);
        assert_non_null(t);
        t->threads = 2;
        atomic_store(&falling_asleep, 0);
        mlp_team *team = team_of(2);
        while (atomic_load(&falling_asleep) < 1) sched_yield();
        mlp_team_run(team, wait_for_the_other, t, 2);
        while (atomic_load(&falling_asleep) < 2) sched_yield();
        mlp_team_free(team);
        assert_int_equal(t->wrong, 0);
        free(t);
    }
    atomic_store(&slow, false);
    assert_int_equal(not_woken, 0);
}

static void a_smaller_team_does_all(void **state) {
    (void)state;
    mlp_team *team = team_of(5);
    for (int threads = 4; threads >= 1; threads--) {
        tally *t = calloc(1, sizeof *t);
        assert_non_null(t);
        t->threads = threads;
        mlp_team_shrink(team, threads);
        assert_int_equal(mlp_team_threads(team), threads);
        mlp_team_run(team, count, t, 100);
        assert_int_equal(t->wrong, 0);
        assert_int_equal(t->done[99], 1);
        free(t);
    }
    mlp_team_free(team);
}

#ifdef __linux__
static void measure_stack(void *context, size_t piece, int thread) {
    (void)piece;
    size_t size = 0;
    pthread_attr_t attributes;
    if (thread > 0 && pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstacksize(&attributes, &size);
        pthread_attr_destroy(&attributes);
        atomic_store((atomic_size_t *)context, size);
    }
    sleep_ms(1);
}
#endif

/* By default libc takes the limit of `ulimit -s`, which may be a few kilobytes or eight megabytes for each. */
static void a_stack_has_its_own_size(void **state) {
    (void)state;
#ifdef __linux__
    atomic_size_t size = 0;
    mlp_team *team = team_of(2);
    mlp_team_run(team, measure_stack, &size, 20);
    mlp_team_free(team);
    assert_in_range(size, 1 << 20, (1 << 20) + (1 << 16));
#else
    skip();
#endif
}

/* A process that may use one processor of many has one. */
static void only_allowed_processors_count(void **state) {
    (void)state;
#ifdef __linux__
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_true(mlp_processors() >= 1 && mlp_processors() <= CPU_COUNT(&before));
    size_t first = 0;
    while (!CPU_ISSET(first, &before)) first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(mlp_processors(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
#else
    skip();
#endif
}

#ifdef __linux__
/* The library's calls of fopen come here: while `files` is set, they find these files and no others. */
typedef struct file {
    const char *path, *text;
} file;

enum { FILES = 4 };
static const file *files; /* [FILES] what a system says of cgroups */

FILE *fopen(const char *path, const char *mode) {
    FILE *(*next)(const char *, const char *);
    *(void **)&next = dlsym(RTLD_NEXT, "fopen");
    if (files == NULL) return next(path, mode);
    for (size_t i = 0; i < FILES && files[i].path != NULL; i++)
        if (strcmp(files[i].path, path) == 0)
            return fmemopen((void *)(uintptr_t)files[i].text, strlen(files[i].text), mode);
    return NULL;
}

#define MOUNTS "/proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
#define GROUPS "/proc/self/cgroup"
#define VERSION_2 MOUNTS "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define VERSION_1                                                                                                      \
    MOUNTS "33 32 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"                                         \
           "34 32 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
#define NONE "max 100000\n"
#define HALF "50000 100000\n"

static const struct {
    file files[FILES];
    bool one; /* the quota is less than one processor */
} systems[] = {
    {{{VERSION_2}, {GROUPS, "0::/job\n"}, {"/sys/fs/cgroup/job/cpu.max", HALF}}, true},
    {{{VERSION_2}, {GROUPS, "0::/job\n"}, {"/sys/fs/cgroup/job/cpu.max", NONE}}, false},
    {{{VERSION_2}, {GROUPS, "0::/job\n"}, {"/sys/fs/cgroup/other/cpu.max", HALF}}, false},
    {{{VERSION_2}, {GROUPS, "0::/job/step\n"}, {"/sys/fs/cgroup/job/cpu.max", HALF}}, true},
    {{{VERSION_2}, {GROUPS, "0::/outside\n"}, {"/sys/fs/cgroup/cpu.max", HALF}}, true}, /* in a container */
    {{{VERSION_2}, {GROUPS, "1:name=x:/other\n0::/job\n"}, {"/sys/fs/cgroup/job/cpu.max", HALF}}, true},
    {{{VERSION_1},
      {GROUPS, "4:cpu,cpuacct:/job\n3:cpuset:/\n"},
      {"/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n"},
      {"/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n"}},
     true},
    {{{VERSION_1},
      {GROUPS, "4:cpuacct,cpu:/job\n3:cpuset:/\n"},
      {"/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n"},
      {"/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n"}},
     false},
    {{{VERSION_1},
      {GROUPS, "4:cpu:/job\n3:cpuset:/other\n"},
      {"/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n"},
      {"/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n"}},
     true},
    {{{VERSION_1},
      {GROUPS, "4:cpu:/job\n3:cpuset:/other\n"},
      {"/sys/fs/cgroup/cpu/other/cpu.cfs_quota_us", "50000\n"},
      {"/sys/fs/cgroup/cpu/other/cpu.cfs_period_us", "100000\n"}},
     false},
};
#endif

/* The CPU quota of the process's cgroup, or of one above it, as systems write them. */
static void a_quota_counts_as_processors(void **state) {
    (void)state;
#ifdef __linux__
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        files = systems[i].files;
        const int n = mlp_processors();
        files = NULL;
        if (n != (systems[i].one ? 1 : CPU_COUNT(&set))) fail_msg("system %zu: %d processors", i, n);
    }
#else
    skip();
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_done_once),
        cmocka_unit_test(late_threads_do_not_meddle),
        cmocka_unit_test(many_pieces_are_done_once),
        cmocka_unit_test(a_thread_that_falls_asleep_is_woken),
        cmocka_unit_test(thousands_of_teams_end),
        cmocka_unit_test(a_smaller_team_does_all),
        cmocka_unit_test(others_help),
        cmocka_unit_test(no_team_is_the_caller),
        cmocka_unit_test(the_caller_waits_without_work),
        cmocka_unit_test(a_stack_has_its_own_size),
        cmocka_unit_test(only_allowed_processors_count),
        cmocka_unit_test(a_quota_counts_as_processors),
        cmocka_unit_test(denormals_are_zero_in_tasks_alone),
    };
    return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}

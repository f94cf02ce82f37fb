/* processors.c - how many processors this process may use. Knows affinity and the CPU quotas of cgroups, not
 threads. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "mlp/base/processors.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

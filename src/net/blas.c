/* blas.c - finds and loads the BLAS library. Knows its versions and builds, not the products. */
#define _GNU_SOURCE /* RTLD_DEFAULT, dladdr */
#include "mlp/net/blas.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mlp/base/memory.h"

/* Tried in this order. The dynamic linker looks for each in LD_LIBRARY_PATH and then in the system's directories. */
static const char *const libraries[] = {
#ifdef __APPLE__
    "libopenblas.dylib",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
    "libblas.dylib",
#else
    "libopenblas.so.0", "libopenblas.so.3", "libopenblas.so", "libflexiblas.so.3",
    "libblis.so.4",     "libcblas.so.3",    "libblas.so.3",
#endif
};

enum { N_LIBRARIES = sizeof libraries / sizeof *libraries };

/* Address space in bytes: for OpenBLAS itself, for the buffer of each thread that multiplies, and for later allocations
   of the run. Measured with OpenBLAS 0.3.21 to 0.3.29. */
static const size_t library_bytes = (size_t)64 << 20, buffer_bytes = (size_t)128 << 20, other_bytes = (size_t)16 << 20;

/* ---- memory ---- */

static void *reserve(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* The number of buffers, up to `most`, that fit in memory besides `others` bytes. */
static int buffers_possible(int most, size_t others) {
    void *held = reserve(others), *buffers[64];
    int n = 0;
    most = most < 64 ? most : 64;
    while (held != NULL && n < most && (buffers[n] = reserve(buffer_bytes)) != NULL) n++;
    for (int i = 0; i < n; i++) munmap(buffers[i], buffer_bytes);
    if (held != NULL) munmap(held, others);
    return n;
}

static mlp_status fail_memory(size_t bytes, mlp_error *err) {
    return mlp_fail(err, MLP_ERR_MEMORY,
                    "BLAS: no memory for its code and one buffer, %zu MiB of addresses; raise the limit (ulimit -v)",
                    bytes >> 20);
}

mlp_status mlp_blas_fit(const mlp_blas *blas, mlp_team *team, mlp_error *err) {
    const int threads = blas->one_at_a_time ? 1 : mlp_team_threads(team);
    const int possible = blas->buffers ? buffers_possible(threads, other_bytes) : threads;
    if (possible == 0) return fail_memory(buffer_bytes + other_bytes, err);
    if (possible < threads) mlp_team_shrink(team, possible);
    return MLP_OK;
}

/* ---- kernels ---- */

#ifdef __x86_64__
static bool is_among(const char *name, const char *const *names) {
    while (*names != NULL && strcmp(name, *names) != 0) names++;
    return *names != NULL;
}

static bool has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

/* An OpenBLAS that is older than the processor selects a kernel without AVX2, which is about three times slower.
   Returns the kernel to select instead; NULL if `chosen` is good. */
static const char *better_kernel(const char *chosen) {
    static const char *const slow[] = {
        "Prescott",   "Katmai",  "Coppermine", "Northwood",   "Banias",    "Core2",        "Penryn",
        "Dunnington", "Nehalem", "Atom",       "Athlon",      "Opteron",   "Opteron_SSE3", "Barcelona",
        "Bobcat",     "Nano",    "Generic",    "Sandybridge", "Bulldozer", "Piledriver",   NULL};
    if (!is_among(chosen, slow) || !has_avx2()) return NULL;
    return !has_avx512() ? "Haswell" : __builtin_cpu_supports("avx512bf16") ? "Cooperlake" : "SkylakeX";
}

/* Whether this processor has the instructions that the kernel needs. */
static bool can_run(const char *kernel) {
    static const char *const avx512[] = {"SkylakeX", "Cooperlake", "SapphireRapids", NULL};
    static const char *const avx2[] = {"Haswell", "Zen", "Excavator", NULL};
    return is_among(kernel, avx512) ? has_avx512() : !is_among(kernel, avx2) || has_avx2();
}
#else
static const char *better_kernel(const char *chosen) {
    (void)chosen;
    return NULL;
}

static bool can_run(const char *kernel) {
    (void)kernel;
    return true;
}
#endif

/* ---- loading ---- */

typedef void function(void);

/* A function of the library, or NULL. POSIX allows the conversion of dlsym's pointer to a function pointer. */
static function *find(const mlp_blas *blas, const char *name) {
    function *f = NULL;
    void *const at = dlsym(blas->library != NULL ? blas->library : RTLD_DEFAULT, name);
    memcpy(&f, &at, sizeof f);
    return f;
}

static const char *text_of(const mlp_blas *blas, const char *name) {
    char *(*f)(void) = (char *(*)(void))find(blas, name);
    return f == NULL ? NULL : f();
}

/* Sets the variables for one thread. Every BLAS with threads reads one of them while it is loaded. */
static mlp_status forbid_threads(mlp_error *err) {
    static const char *const variables[] = {"OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS",
                                            "BLIS_NUM_THREADS",     "MKL_NUM_THREADS",  "FLEXIBLAS_NUM_THREADS"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (setenv(variables[i], "1", 1) != 0) return mlp_fail_memory(err, variables[i], strlen(variables[i]));
    return MLP_OK;
}

static const char *load(mlp_blas *blas) {
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        blas->library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
        if (blas->library != NULL && find(blas, "cblas_sgemm") != NULL) return libraries[i];
        if (blas->library != NULL) dlclose(blas->library);
        blas->library = NULL;
    }
    return NULL;
}

/* OpenBLAS selects its kernel while it is loaded: to change it, set the variable and load the library again. */
static void choose_kernel(mlp_blas *blas, const char *library) {
    const char *chosen = text_of(blas, "openblas_get_corename"), *asked = getenv("OPENBLAS_CORETYPE");
    const char *better = chosen == NULL ? NULL : better_kernel(chosen);
    if (better == NULL || (asked != NULL && *asked != '\0')) return;
    dlclose(blas->library);
    void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (loaded != NULL) /* another library uses it and keeps it loaded: keep the slow kernel */
        dlclose(loaded);
    else
        setenv("OPENBLAS_CORETYPE", better, 1);
    blas->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
}

/* A BLAS that was loaded before main may have started threads. */
static void stop_threads(const mlp_blas *blas) {
    static const char *const setters[] = {"openblas_set_num_threads", "bli_thread_set_num_threads",
                                          "MKL_Set_Num_Threads", "flexiblas_set_num_threads"};
    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
        void (*set)(int) = (void (*)(int))find(blas, setters[i]);
        if (set != NULL) set(1);
    }
}

/* Finds the library's name and build, and whether several threads may call it. */
static mlp_status identify(mlp_blas *blas, mlp_error *err) {
    const char *config = text_of(blas, "openblas_get_config");
    const char *kernel = text_of(blas, "openblas_get_corename");
    int (*parallel)(void) = (int (*)(void))find(blas, "openblas_get_parallel");
    char version[32] = "";
    Dl_info info;
    void *at;
    memcpy(&at, &blas->sgemm, sizeof at);
    char *file = dladdr(at, &info) == 0 ? NULL : realpath(info.dli_fname, NULL);
    snprintf(blas->file, sizeof blas->file, "%s", file == NULL ? "" : file);
    free(file);
    if (config == NULL || kernel == NULL || parallel == NULL) {
        snprintf(blas->name, sizeof blas->name, "CBLAS of unknown make");
        blas->build = "one call at a time";
        blas->one_at_a_time = true;
        return MLP_OK;
    }
    if (strstr(config, "USE64BITINT") != NULL)
        return mlp_fail(err, MLP_ERR_USAGE, "BLAS: %s takes integers of 64 bits; install the usual build, with 32",
                        blas->file);
    if (!can_run(kernel))
        return mlp_fail(err, MLP_ERR_USAGE, "OPENBLAS_CORETYPE: this processor cannot run the kernel %s; unset it",
                        kernel);
    sscanf(config, "OpenBLAS %31s", version); /* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …" */
    snprintf(blas->name, sizeof blas->name, "OpenBLAS %s, kernel %s", version, kernel);
    blas->buffers = true;
    blas->one_at_a_time = parallel() == 0;
    blas->build = parallel() == 0   ? "serial build, one call at a time"
                  : parallel() == 1 ? "pthread build, kept on one thread"
                                    : "OpenMP build, kept on one thread";
    return MLP_OK;
}

/* Whether the process has a BLAS already: by LD_PRELOAD, or because the program was linked with it. */
static bool is_present(mlp_blas *blas) { return find(blas, "cblas_sgemm") != NULL; }

static mlp_status open_library(mlp_blas *blas, mlp_error *err) {
    if (is_present(blas)) {
        stop_threads(blas);
    } else {
        MLP_TRY(forbid_threads(err));
        if (buffers_possible(1, library_bytes) == 0) return fail_memory(library_bytes + buffer_bytes, err);
        const char *library = load(blas);
        if (library == NULL)
            return mlp_fail(err, MLP_ERR_IO,
                            "BLAS: no library with cblas_sgemm is installed; install OpenBLAS (Debian: libopenblas0)");
        choose_kernel(blas, library);
    }
    blas->sgemm = (mlp_sgemm *)find(blas, "cblas_sgemm");
    blas->sgemv = (mlp_sgemv *)find(blas, "cblas_sgemv");
    if (blas->sgemm == NULL || blas->sgemv == NULL)
        return mlp_fail(err, MLP_ERR_IO, "BLAS: the library lacks cblas_sgemm or cblas_sgemv; install OpenBLAS");
    return identify(blas, err);
}

mlp_status mlp_blas_open(mlp_blas **blas, mlp_error *err) {
    *blas = mlp_alloc(1, sizeof **blas, "BLAS", err);
    if (*blas == NULL) return MLP_ERR_MEMORY;
    pthread_mutex_init(&(*blas)->lock, NULL);
    const mlp_status status = open_library(*blas, err);
    if (status == MLP_OK) return MLP_OK;
    mlp_blas_close(*blas);
    *blas = NULL;
    return status;
}

/* No dlclose: to load the library again for the next network would take some 10 ms. */
void mlp_blas_close(mlp_blas *blas) {
    if (blas == NULL) return;
    pthread_mutex_destroy(&blas->lock);
    free(blas);
}

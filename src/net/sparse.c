/* sparse.c - the two products of the first layer with compressed rows. Knows numbers, not images or
   networks. */
#include "mlp/net/sparse.h"

#include <stdbool.h>
#include <string.h>

#include "mlp/base/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "bytes and entries are taken from words, the first from the lowest bits");

/* Rows are drawn from all over the data set: asked for this many rows before its turn, one has come
   from memory by then. */
enum { ROWS_AHEAD = 4 };

static inline uint64_t entry_group(const mlp_entry *entries) {
    uint64_t group;
    memcpy(&group, entries, sizeof group);
    return group;
}

/* Both products once for each width of vector registers: written for wider ones than there are,
   gcc keeps the sums in memory, and eight times the instructions are the price. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__AVX2__)
#define KERNEL(name) name##_512
#define VECTOR_BYTES 64
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma")))
#include "sparse_kernels.inc"
#define KERNEL(name) name##_256
#define VECTOR_BYTES 32
#define TARGET __attribute__((target("avx2,fma")))
#include "sparse_kernels.inc"
#define KERNEL(name) name##_128
#define VECTOR_BYTES 16
#define TARGET
#include "sparse_kernels.inc"

static bool has_512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

static bool has_256(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#define WIDEST(name, ...)                                                                          \
    (has_512()   ? name##_512(__VA_ARGS__)                                                         \
     : has_256() ? name##_256(__VA_ARGS__)                                                         \
                 : name##_128(__VA_ARGS__))

#else /* one width: that of the processor compiled for, or of Arm's Neon */
#define KERNEL(name) name##_only
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
#define TARGET
#include "sparse_kernels.inc"

#define WIDEST(name, ...) name##_only(__VA_ARGS__)
#endif

void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n,
                         const float *w) {
    WIDEST(multiply, z, stride, x, values, n, w);
}

void mlp_sparse_add_tn(float *w, float scale, const mlp_row *x, const float *values,
                       const float *dz, size_t stride, size_t n) {
    WIDEST(add_tn, w, scale, x, values, dz, stride, n);
}

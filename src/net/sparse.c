/* sparse.c - the matrix product of compressed rows. */
#include "mlp/net/sparse.h"

/* The rows of a batch lie anywhere in memory: each is prefetched this many rows before its turn. */
enum { ROWS_AHEAD = 4 };

/* Starts loading a part of the tile w.next, one for each of 98 rows. A whole tile at once would be waited for. */
static inline void prefetch_next(mlp_panels w, size_t row) {
    const size_t line = 16, lines = 4; /* floats; lines of a part */
    const size_t first = row * lines * line, end = (size_t)MLP_SPARSE_TILE * MLP_PANEL;
    for (size_t at = first; w.next != NULL && at < first + lines * line && at < end; at += line) {
        __builtin_prefetch(w.next + at);
        __builtin_prefetch(w.next + w.second + at);
    }
}

/* The kernels are compiled once per width of vector registers. For vectors that are wider than the processor's, gcc's
   code is correct but keeps the sums in memory: eight times as many instructions. */
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

static bool has_256(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

#define WIDEST(name, ...)                                                                                              \
    (has_512() ? name##_512(__VA_ARGS__) : has_256() ? name##_256(__VA_ARGS__) : name##_128(__VA_ARGS__))

#else /* one width: of the compiler's target, or of Arm's Neon */
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

void mlp_sparse_multiply(float *z, size_t stride, const mlp_row *x, const float *values, size_t n, mlp_panels w,
                         float scale, bool add) {
    if (w.second == 0)
        WIDEST(one, z, stride, x, values, n, w.w, scale, add);
    else
        WIDEST(two, z, stride, x, values, n, w, scale, add);
}

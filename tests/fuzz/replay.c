/* replay.c - runs a fuzz target without libFuzzer, built by any compiler: on each file named, and
   on variants of it with a few bytes changed, cut out or repeated, the same ones in every run. */
#include "fuzz.h"
#include "mlp/base/rng.h"

enum { MOST = 1 << 20 }; /* bytes of a file */

/* One change to at[0 .. n), which has space for MOST bytes; returns how many there are then. */
static size_t change(uint8_t *at, size_t n, mlp_rng *rng) {
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, '"', '}', '9', '-', ' '};
    if (n == 0) return 0;
    const size_t place = mlp_rng_below(rng, n);
    const size_t length = 1 + mlp_rng_below(rng, n - place < 16 ? n - place : 16);
    switch (mlp_rng_below(rng, 5)) {
    case 0: at[place] ^= (uint8_t)(1 << mlp_rng_below(rng, 8)); return n;
    case 1: at[place] = edges[mlp_rng_below(rng, sizeof edges)]; return n;
    case 2: memmove(at + place, at + place + length, n - place - length); return n - length;
    case 3: return place;
    default:
        if (n + length > MOST) return n;
        memmove(at + place + length, at + place, n - place);
        return n + length;
    }
}

/* The target may look at no byte beyond the last: each run gets memory of just that size. */
static void run(const uint8_t *bytes, size_t n) {
    uint8_t *copy = malloc(n > 0 ? n : 1);
    PROMISE(copy != NULL);
    if (n > 0) memcpy(copy, bytes, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static uint8_t original[MOST], variant[MOST];

int main(int argc, char **argv) {
    const size_t variants = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    size_t runs = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: %s VARIANTS FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        const size_t n = file == NULL ? 0 : fread(original, 1, MOST, file);
        if (file == NULL || ferror(file)) {
            perror(argv[i]);
            return 2;
        }
        fclose(file);
        run(original, n);
        mlp_rng rng;
        mlp_rng_seed(&rng, (uint64_t)i, 0);
        for (size_t v = 0; v < variants; v++) {
            size_t held = n;
            memcpy(variant, original, n);
            for (uint64_t changes = 1 + mlp_rng_below(&rng, 4); changes > 0; changes--)
                held = change(variant, held, &rng);
            run(variant, held);
        }
        runs += 1 + variants;
    }
    printf("%d files, %zu runs\n", argc - 2, runs);
    return 0;
}

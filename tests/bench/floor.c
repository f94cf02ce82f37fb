/* floor.c - the main job's dense matrix products through cblas_sgemm, and nothing else: what any
   program that multiplies with BLAS must pay, on one thread unless more are given. No loading, no
   batch to gather, no sigmoid, no softmax, no update. The operands are random and lie where the job
   has them: a batch in the cache, the images of an evaluation in memory.
   Usage: floor [iterations [train_images [test_images [hidden [batch [threads]]]]]]
   Prints "key value" lines: seconds of the products, of the training and evaluation parts, the
   images multiplied at once in an evaluation, BLAS, and a sum of results so that all are used. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_IN = 784, N_OUT = 10 };

typedef struct job {
    int n_hidden, batch; /* images in an iteration */
    float *x;            /* [images × N_IN] */
    float *w1, *dw1;     /* [N_IN × n_hidden] */
    float *w2, *dw2;     /* [n_hidden × N_OUT] */
    float *z, *dz;       /* [rows × n_hidden] hidden outputs */
    float *y;            /* [rows × N_OUT] logits */
    float *dy;           /* [batch × N_OUT] */
    double used;         /* one element of every result */
} job;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* n uniform numbers in (0, 1): dense, and no denormals among them or their products. */
static float *random_floats(unsigned *state, size_t n) {
    float *values = malloc(n * sizeof *values);
    if (values == NULL) {
        fprintf(stderr, "floor: no memory for %zu numbers\n", n);
        exit(1);
    }
    for (size_t i = 0; i < n; i++) {
        *state = *state * 1664525U + 1013904223U;
        values[i] = ((float)(*state >> 8) + 0.5F) / 16777216.0F;
    }
    return values;
}

static void forward(job *j, int first, int rows) {
    const int h = j->n_hidden;
    /* Z = X W1   [rows × n_hidden]     Y = Z W2   [rows × N_OUT] */
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, h, N_IN, 1.0F, j->x + (size_t)first * N_IN, N_IN,
                j->w1, h, 0.0F, j->z, h);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, N_OUT, h, 1.0F, j->z, h, j->w2, N_OUT, 0.0F, j->y,
                N_OUT);
    j->used += (double)j->y[0];
}

static void backward(job *j) {
    const int h = j->n_hidden, n = j->batch;
    /* dW2 = Zᵀ dY   [n_hidden × N_OUT] */
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, h, N_OUT, n, 1.0F, j->z, h, j->dy, N_OUT, 0.0F, j->dw2, N_OUT);
    /* dZ = dY W2ᵀ   [batch × n_hidden]; the job's dA differs from it by a factor z(1 - z) */
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, h, N_OUT, 1.0F, j->dy, N_OUT, j->w2, N_OUT, 0.0F, j->dz, h);
    /* dW1 = Xᵀ dA   [N_IN × n_hidden] */
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, N_IN, h, n, 1.0F, j->x, N_IN, j->dz, h, 0.0F, j->dw1, h);
    j->used += (double)j->dw2[0] + (double)j->dz[0] + (double)j->dw1[0];
}

/* Seconds of the forward products of all images, block at once. */
static double evaluate(job *j, int images, int block) {
    const double start = now();
    for (int done = 0; done < images; done += block) forward(j, done, images - done < block ? images - done : block);
    return now() - start;
}

static double train(job *j, int iterations) {
    const double start = now();
    for (int i = 0; i < iterations; i++) {
        forward(j, 0, j->batch);
        backward(j);
    }
    return now() - start;
}

static int argument(int argc, char **argv, int i, int otherwise) {
    if (i >= argc) return otherwise;
    char *end;
    const long value = strtol(argv[i], &end, 10);
    if (end == argv[i] || *end != '\0' || value < 1 || value > 100000000) {
        fprintf(stderr, "floor: %s is not a number from 1 to 100000000\n", argv[i]);
        exit(2);
    }
    return (int)value;
}

int main(int argc, char **argv) {
    static const int blocks[] = {100, 200, 500, 1000, 2000};
    enum { N_BLOCKS = sizeof blocks / sizeof blocks[0], TRIES = 3 };
    const int iterations = argument(argc, argv, 1, 10000);
    const int n_train = argument(argc, argv, 2, 60000), n_test = argument(argc, argv, 3, 10000);
    job j = {.n_hidden = argument(argc, argv, 4, 50), .batch = argument(argc, argv, 5, 100)};
    const int largest = blocks[N_BLOCKS - 1];
    const size_t h = (size_t)j.n_hidden, rows = (size_t)(j.batch > largest ? j.batch : largest);
    const int images = n_train + n_test;
    unsigned seed = 1;
    j.x = random_floats(&seed, (rows > (size_t)images ? rows : (size_t)images) * N_IN);
    j.w1 = random_floats(&seed, N_IN * h), j.dw1 = random_floats(&seed, N_IN * h);
    j.w2 = random_floats(&seed, h * N_OUT), j.dw2 = random_floats(&seed, h * N_OUT);
    j.z = random_floats(&seed, rows * h), j.dz = random_floats(&seed, rows * h);
    j.y = random_floats(&seed, rows * N_OUT), j.dy = random_floats(&seed, (size_t)j.batch * N_OUT);
#ifdef OPENBLAS_VERSION
    /* any other CBLAS: by its own environment variable */
    openblas_set_num_threads(argument(argc, argv, 6, 1));
#endif

    /* The evaluation may take the images in blocks of any size: the fastest one, not timed. */
    int block = blocks[0];
    double best = 1e30;
    for (int try = 0; try < TRIES; try++)
        for (int b = 0; b < N_BLOCKS; b++) {
            const double seconds = evaluate(&j, images, blocks[b]);
            if (seconds < best) best = seconds, block = blocks[b];
        }

    /* Before the first update, after every epoch, after the last update. */
    const int epoch = (n_train - 1) / j.batch + 1;
    double train_seconds = 0, evaluation_seconds = evaluate(&j, images, block);
    for (int done = 0; done < iterations; done += epoch) {
        train_seconds += train(&j, iterations - done < epoch ? iterations - done : epoch);
        evaluation_seconds += evaluate(&j, images, block);
    }

    printf("seconds %.6f\n", train_seconds + evaluation_seconds);
    printf("train_seconds %.6f\n", train_seconds);
    printf("evaluation_seconds %.6f\n", evaluation_seconds);
    printf("block %d\n", block);
#ifdef OPENBLAS_VERSION
    printf("kernel %s\n", openblas_get_corename());
    char version[32] = "";
    sscanf(openblas_get_config(), "OpenBLAS %31s", version); /* "OpenBLAS 0.3.21 NO_LAPACKE …" */
    printf("version OpenBLAS %s\n", version);
#else
    printf("version CBLAS of unknown make\n");
#endif
    printf("sum %g\n", j.used);
    float *const all[] = {j.x, j.w1, j.dw1, j.w2, j.dw2, j.z, j.dz, j.y, j.dy};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
    return 0;
}

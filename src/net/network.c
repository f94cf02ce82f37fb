/* network.c - shape, parameters and initial weights of the network. */
#include "mlp/net/network.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mlp/base/memory.h"
#include "mlp/base/names.h"
#include "mlp/data/label.h"
#include "mlp/net/linalg.h"

/* ---- shape and parameters ---- */

/* The number of hidden units, rounded up to whole cache lines, or with a sparse first layer to whole panels. */
static size_t hidden_stride(mlp_shape shape) {
    return shape.sparse ? (shape.n_hidden + MLP_PANEL - 1) / MLP_PANEL * MLP_PANEL : mlp_stride(shape.n_hidden);
}

mlp_status mlp_network_create(mlp_network *net, mlp_shape shape, const mlp_activation *activation, const mlp_loss *loss,
                              mlp_error *err) {
    const size_t most = MLP_LINALG_MAX - MLP_PANEL;
    if (shape.n_in > most || shape.n_hidden > most || shape.n_out > MLP_MAX_CLASSES)
        return mlp_fail(err, MLP_ERR_USAGE, "a network of %zu-%zu-%zu is larger than BLAS can take", shape.n_in,
                        shape.n_hidden, shape.n_out);
    const size_t hidden = hidden_stride(shape), out = mlp_stride(shape.n_out);
    const size_t panel = shape.sparse ? MLP_PANEL : hidden;
    const mlp_block blocks[MLP_N_BLOCKS] = {
        {"W1", shape.n_in, shape.n_hidden, hidden, panel, 0},
        {"b1", 1, shape.n_hidden, hidden, hidden, 0},
        {"W2", shape.n_hidden, shape.n_out, out, out, 0},
        {"b2", 1, shape.n_out, out, out, 0},
    };
    net->shape = shape;
    net->activation = activation;
    net->loss = loss;
    net->arena = 0;
    for (int i = 0; i < MLP_N_BLOCKS; i++) { /* sizes are below 2^31: no overflow in 64 bits */
        net->blocks[i] = blocks[i];
        net->blocks[i].offset = net->arena;
        net->arena += blocks[i].rows * blocks[i].stride;
    }
    assert(net->blocks[MLP_B2].offset + out == net->arena);
    if (mlp_blas_open(&net->blas, err) != MLP_OK) return err->status;
    net->params = mlp_alloc(net->arena, sizeof *net->params, "the parameters of the network", err);
    return net->params == NULL ? MLP_ERR_MEMORY : MLP_OK;
}

void mlp_network_free(mlp_network *net) {
    free(net->params);
    mlp_blas_close(net->blas);
    memset(net, 0, sizeof *net);
}

size_t mlp_network_count(const mlp_network *net) {
    size_t count = 0;
    for (int i = 0; i < MLP_N_BLOCKS; i++) count += net->blocks[i].rows * net->blocks[i].cols;
    return count;
}

/* ---- initial weights ---- */

struct mlp_init {
    const char *name;
    /* Draws one weight of a layer with n_in inputs and n_out outputs. */
    double (*draw)(mlp_rng *rng, double std, size_t n_in, size_t n_out);
};

static double draw_normal(mlp_rng *rng, double std, size_t n_in, size_t n_out) {
    (void)n_in, (void)n_out;
    return std * mlp_rng_normal(rng);
}

/* Uniform in +-sqrt(6 / (n_in + n_out)): Glorot and Bengio 2010; the default of Keras. */
static double draw_glorot(mlp_rng *rng, double std, size_t n_in, size_t n_out) {
    (void)std;
    return (2 * mlp_rng_uniform(rng) - 1) * sqrt(6.0 / (double)(n_in + n_out));
}

/* Normal with standard deviation sqrt(2 / n_in): He et al. 2015. */
static double draw_he(mlp_rng *rng, double std, size_t n_in, size_t n_out) {
    (void)std, (void)n_out;
    return mlp_rng_normal(rng) * sqrt(2.0 / (double)n_in);
}

static const mlp_init inits[] = {{"normal", draw_normal}, {"glorot", draw_glorot}, {"he", draw_he}};

MLP_NAMED_TABLE(mlp_init, mlp_init, inits)

void mlp_network_init(mlp_network *net, const mlp_init *init, double std, mlp_rng *rng) {
    memset(net->params, 0, net->arena * sizeof *net->params);
    for (int i = MLP_W1; i <= MLP_W2; i += MLP_W2 - MLP_W1) {
        const mlp_block *w = &net->blocks[i];
        for (size_t k = 0; k < w->rows * w->cols; k++)
            net->params[mlp_block_index(w, k)] = (float)init->draw(rng, std, w->rows, w->cols);
    }
}

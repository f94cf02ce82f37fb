/* weights.c - the only place where weights are transposed and named. */
#include "mlp/state/weights.h"

#include <stdlib.h>

#include "mlp/base/memory.h"

static bool is_matrix(int block) { return block == MLP_W1 || block == MLP_W2; }

const char *mlp_weights_name(int block) {
    static const char *const names[MLP_N_BLOCKS] = {
        [MLP_W1] = "fc1.weight", [MLP_B1] = "fc1.bias", [MLP_W2] = "fc2.weight", [MLP_B2] = "fc2.bias"};
    return names[block];
}

void mlp_weights_get(float *plain, const float *params, const mlp_network *net) {
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_block *block = &net->blocks[b];
        for (size_t col = 0; col < block->cols; col++)
            for (size_t row = 0; row < block->rows; row++)
                *plain++ = params[mlp_block_index(block, row * block->cols + col)];
    }
}

void mlp_weights_set(float *params, const mlp_tensor tensors[MLP_N_BLOCKS], const mlp_network *net) {
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_block *block = &net->blocks[b];
        size_t i = 0;
        for (size_t col = 0; col < block->cols; col++)
            for (size_t row = 0; row < block->rows; row++)
                params[mlp_block_index(block, row * block->cols + col)] = mlp_tensor_float(&tensors[b], i++);
    }
}

void mlp_weights_tensors(mlp_tensor tensors[MLP_N_BLOCKS], const float *plain, const mlp_network *net) {
    for (int b = 0; b < MLP_N_BLOCKS; b++) {
        const mlp_block *block = &net->blocks[b];
        tensors[b] = (mlp_tensor){.name = mlp_weights_name(b),
                                  .dtype = MLP_F32,
                                  .n_dims = is_matrix(b) ? 2 : 1,
                                  .dims = {block->cols, is_matrix(b) ? block->rows : 0},
                                  .data = plain};
        plain += block->rows * block->cols;
    }
}

mlp_status mlp_weights_create(mlp_weights *weights, const mlp_network *net, mlp_error *err) {
    MLP_NEW(weights->memory, mlp_network_count(net), 1, "the weights", err);
    mlp_weights_get(weights->memory, net->params, net);
    mlp_weights_tensors(weights->tensors, weights->memory, net);
    return MLP_OK;
}

void mlp_weights_free(mlp_weights *weights) {
    if (weights == NULL) return;
    free(weights->memory);
    *weights = (mlp_weights){0};
}

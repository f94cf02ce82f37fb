/* weights.h - the parameters of a network as they are in files: with the names and shapes of PyTorch.
       fc1.weight [hidden x inputs]   fc1.bias [hidden]
       fc2.weight [classes x hidden]  fc2.bias [classes]

   Weights are [outputs x inputs], the transpose of W1 and W2; there is no padding. */
#pragma once

#include "mlp/formats/tensor.h"
#include "mlp/net/network.h"

const char *mlp_weights_name(int block); /* "fc1.weight" for MLP_W1 */

/* plain [mlp_network_count] = params [net->arena]: array after array. */
void mlp_weights_get(float *plain, const float *params, const mlp_network *net);

/* The four arrays that mlp_weights_get writes, as tensors; the data stay in `plain`. */
void mlp_weights_tensors(mlp_tensor tensors[MLP_N_BLOCKS], const float *plain, const mlp_network *net);

/* params [net->arena] = the four tensors, F32, F16 or BF16, of the network's shape. */
void mlp_weights_set(float *params, const mlp_tensor tensors[MLP_N_BLOCKS], const mlp_network *net);

/* A copy of the parameters of `net`. Zero-initialise; free whatever the result. */
typedef struct mlp_weights {
    mlp_tensor tensors[MLP_N_BLOCKS];
    float *memory;
} mlp_weights;

mlp_status mlp_weights_create(mlp_weights *weights, const mlp_network *net, mlp_error *err);
void mlp_weights_free(mlp_weights *weights);

/* propagation.h - the forward pass and the backward pass of a batch. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/net/batch.h"
#include "mlp/net/network.h"

/* Computes z, h, p, predicted and losses; while training also dy. */
void mlp_network_forward(mlp_batch *batch, const mlp_network *net, mlp_team *team);

/* After forward: sets grads [arena], aligned to 64 bytes, to the gradient of the mean loss.
       dY = (P - T)/n   dW2 = H^T dY   db2 = sum dY   dZ = dY W2^T * mask   dA = dZ * f'(A)
       dW1 = X^T dA     db1 = sum dA            (dY of cross-entropy; Goodfellow et al. 2016, 6.5)
 */
void mlp_network_backward(float *grads, mlp_batch *batch, const mlp_network *net, mlp_team *team);

/* The same for an optimizer whose step is exactly w -= rate * g. With a sparse first layer, W1 is
   updated at once, only in the rows of nonzero pixels, and dW1 is never stored. Returns the number
   of parameters, from the first on, that are already updated: W1's or 0. */
size_t mlp_network_backward_update(float *grads, mlp_batch *batch, mlp_network *net, double rate, mlp_team *team);

/* The team for an update on n examples, or NULL if one thread is faster: each thread must fetch data from the cache of
   the thread that wrote them. The limits were measured on 2 processors with 50 to 1,000 hidden units and batches of 1
   to 100. */
mlp_team *mlp_network_team(const mlp_network *net, size_t n, mlp_team *team);

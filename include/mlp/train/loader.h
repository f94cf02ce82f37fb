/* loader.h - copies examples of a dataset into a batch. The net layer knows batches but no
   datasets; the data layer knows datasets but no batches. */
#pragma once

#include "mlp/base/team.h"
#include "mlp/data/dataset.h"
#include "mlp/net/batch.h"

/* Loads n <= batch->capacity examples with their labels: examples indices[0 .. n), or first,
   first + 1 … when indices is NULL. The batch of a network with a sparse first layer refers to the
   compressed rows of `set`, which must not change while the batch is used. */
void mlp_batch_load(mlp_batch *batch, const mlp_dataset *set, const uint32_t *indices, size_t first, size_t n,
                    mlp_team *team);

/* settings.c - computes the settings of the trainer from the options. */
#include "mlp/cli/settings.h"

#include <string.h>

static mlp_augment_settings augment_settings(const mlp_options *o) {
    const bool elastic = strcmp(o->augment, "elastic") == 0;
    const bool affine = elastic || strcmp(o->augment, "affine") == 0;
    const bool shift = affine || strcmp(o->augment, "shift") == 0;
    return (mlp_augment_settings){.rotate = affine ? o->rotate : 0,
                                  .scale = affine ? o->scale : 0,
                                  .shear = affine ? o->shear : 0,
                                  .shift = shift ? o->shift : 0,
                                  .alpha = elastic ? o->elastic_alpha : 0,
                                  .sigma = o->elastic_sigma};
}

mlp_train_settings mlp_settings(const mlp_options *o, size_t n) {
    const size_t epoch = (n - 1) / o->batch_size + 1;
    return (mlp_train_settings){
        .iterations = o->epochs > 0 ? o->epochs * epoch : o->iters,
        .batch_size = o->batch_size,
        .eval_every = o->eval_every == MLP_EVERY_EPOCH ? epoch : o->eval_every,
        .lr = o->lr,
        .schedule = mlp_schedule_find(o->lr_schedule),
        .warmup = o->warmup,
        .sampling = strcmp(o->sampling, "shuffle") == 0 ? MLP_SAMPLING_SHUFFLE : MLP_SAMPLING_REPLACEMENT,
        .optimizer = {.kind = mlp_optimizer_find(o->optimizer),
                      .momentum = o->momentum,
                      .beta1 = o->beta1,
                      .beta2 = o->beta2,
                      .epsilon = o->epsilon,
                      .weight_decay = o->weight_decay},
        .augment = augment_settings(o),
        .dropout = o->dropout,
        .average = o->average,
        .fade = o->fade,
        .label_smoothing = o->label_smoothing,
        .early_stop = o->early_stop,
        .loss_after = strcmp(o->log_loss, "after") == 0,
        .numerical = strcmp(o->gradient, "numerical") == 0,
        .seed = o->seed,
    };
}

/* fuzz_checkpoint.c - checkpoints: one that is accepted must be one from which a run can resume,
   and one that is refused must have changed nothing. */
#include <math.h>

#include "header.h"
#include "tiny.h"

static mlp_status look_away(void *context, const mlp_event *event, mlp_error *err) {
    (void)context, (void)event, (void)err;
    return MLP_OK;
}

/* The numbers that the file held make any sum overflow; a run then ends as one that diverged. */
static void go_on(tiny *t) {
    mlp_error err = {0};
    for (size_t i = 0; i < t->net.arena; i++) PROMISE(isfinite(t->net.params[i]));
    const mlp_status status = mlp_trainer_run(&t->trainer, look_away, NULL, &err);
    promise_message(status, &err);
    PROMISE(status == MLP_OK || status == MLP_ERR_NUMERIC);
}

static void restore(const mlp_safetensors *file, int kind) {
    tiny t, untouched;
    mlp_checkpoint c = {0};
    mlp_error err = {0};
    tiny_create(&t, kind);
    tiny_create(&untouched, kind);
    PROMISE(mlp_checkpoint_create(&c, &t.trainer, &err) == MLP_OK);
    const mlp_status status = mlp_checkpoint_restore(&c, &t.trainer, file, "checkpoint", &err);
    promise_message(status, &err);
    if (status == MLP_OK) {
        go_on(&t);
    } else {
        PROMISE(!t.trainer.begun && t.trainer.iteration == 0 && t.trainer.optimizer.steps == 0);
        PROMISE(memcmp(t.net.params, untouched.net.params, t.net.arena * sizeof(float)) == 0);
        PROMISE(memcmp(&t.trainer.sampler.rng, &untouched.trainer.sampler.rng, sizeof t.trainer.sampler.rng) == 0);
    }
    mlp_checkpoint_free(&c);
    tiny_free(&t);
    tiny_free(&untouched);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    mlp_safetensors file = {0};
    mlp_error err = {0};
    const char *words = NULL;
    size_t n = 0;
    const mlp_status status = mlp_checkpoint_read(&file, &words, &n, fuzz_path(0, data, size), NULL, &err);
    promise_message(status, &err);
    if (status == MLP_OK) {
        PROMISE(n > 0 && words[n - 1] == '\0');
        for (int kind = 0; kind < TINY_KINDS; kind++) restore(&file, kind);
    }
    mlp_safetensors_free(&file);
    return 0;
}

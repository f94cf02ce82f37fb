/tmp/wt/p17/build-clang/src/cli/resume.o: src/cli/resume.c \
  include/mlp/cli/resume.h include/mlp/cli/train.h \
  include/mlp/cli/report.h include/mlp/base/warnings.h \
  include/mlp/base/strbuf.h include/mlp/cli/progress.h \
  include/mlp/cli/options.h include/mlp/base/status.h \
  include/mlp/cli/run.h include/mlp/base/team.h \
  include/mlp/cli/history.h include/mlp/train/metrics.h \
  include/mlp/data/class_names.h include/mlp/data/label.h \
  include/mlp/data/dataset.h include/mlp/base/rng.h \
  include/mlp/data/pixels.h include/mlp/formats/idx.h \
  include/mlp/formats/source.h include/mlp/data/rows.h \
  include/mlp/data/find.h include/mlp/net/network.h \
  include/mlp/net/activation.h include/mlp/net/blas.h \
  include/mlp/net/loss.h include/mlp/net/sparse.h \
  include/mlp/state/model.h include/mlp/formats/safetensors.h \
  include/mlp/formats/tensor.h include/mlp/state/weights.h \
  include/mlp/cli/table.h include/mlp/train/trainer.h \
  include/mlp/data/augment.h include/mlp/data/sampler.h \
  include/mlp/net/batch.h include/mlp/net/numgrad.h \
  include/mlp/train/average.h include/mlp/train/evaluate.h \
  include/mlp/train/optimizer.h include/mlp/train/schedule.h \
  include/mlp/state/curve.h include/mlp/state/checkpoint.h \
  include/mlp/cli/outputs.h include/mlp/cli/settings.h

include/mlp/cli/resume.h:

include/mlp/cli/train.h:

include/mlp/cli/report.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/cli/progress.h:

include/mlp/cli/options.h:

include/mlp/base/status.h:

include/mlp/cli/run.h:

include/mlp/base/team.h:

include/mlp/cli/history.h:

include/mlp/train/metrics.h:

include/mlp/data/class_names.h:

include/mlp/data/label.h:

include/mlp/data/dataset.h:

include/mlp/base/rng.h:

include/mlp/data/pixels.h:

include/mlp/formats/idx.h:

include/mlp/formats/source.h:

include/mlp/data/rows.h:

include/mlp/data/find.h:

include/mlp/net/network.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/net/loss.h:

include/mlp/net/sparse.h:

include/mlp/state/model.h:

include/mlp/formats/safetensors.h:

include/mlp/formats/tensor.h:

include/mlp/state/weights.h:

include/mlp/cli/table.h:

include/mlp/train/trainer.h:

include/mlp/data/augment.h:

include/mlp/data/sampler.h:

include/mlp/net/batch.h:

include/mlp/net/numgrad.h:

include/mlp/train/average.h:

include/mlp/train/evaluate.h:

include/mlp/train/optimizer.h:

include/mlp/train/schedule.h:

include/mlp/state/curve.h:

include/mlp/state/checkpoint.h:

include/mlp/cli/outputs.h:

include/mlp/cli/settings.h:

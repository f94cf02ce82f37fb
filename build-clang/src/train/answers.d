/tmp/wt/p17/build-clang/src/train/answers.o: src/train/answers.c \
  include/mlp/train/answers.h include/mlp/base/team.h \
  include/mlp/base/status.h include/mlp/data/dataset.h \
  include/mlp/base/rng.h include/mlp/base/warnings.h \
  include/mlp/base/strbuf.h include/mlp/data/label.h \
  include/mlp/data/pixels.h include/mlp/formats/idx.h \
  include/mlp/formats/source.h include/mlp/data/rows.h \
  include/mlp/net/network.h include/mlp/net/activation.h \
  include/mlp/net/blas.h include/mlp/net/loss.h include/mlp/net/sparse.h \
  include/mlp/base/memory.h include/mlp/net/propagation.h \
  include/mlp/net/batch.h include/mlp/train/loader.h

include/mlp/train/answers.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/data/dataset.h:

include/mlp/base/rng.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/data/label.h:

include/mlp/data/pixels.h:

include/mlp/formats/idx.h:

include/mlp/formats/source.h:

include/mlp/data/rows.h:

include/mlp/net/network.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/net/loss.h:

include/mlp/net/sparse.h:

include/mlp/base/memory.h:

include/mlp/net/propagation.h:

include/mlp/net/batch.h:

include/mlp/train/loader.h:

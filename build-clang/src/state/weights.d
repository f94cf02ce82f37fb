/tmp/wt/p17/build-clang/src/state/weights.o: src/state/weights.c \
  include/mlp/state/weights.h include/mlp/formats/tensor.h \
  include/mlp/net/network.h include/mlp/base/rng.h \
  include/mlp/net/activation.h include/mlp/net/blas.h \
  include/mlp/base/team.h include/mlp/base/status.h \
  include/mlp/net/loss.h include/mlp/data/label.h \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/net/sparse.h include/mlp/data/rows.h \
  include/mlp/base/memory.h

include/mlp/state/weights.h:

include/mlp/formats/tensor.h:

include/mlp/net/network.h:

include/mlp/base/rng.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/net/loss.h:

include/mlp/data/label.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/net/sparse.h:

include/mlp/data/rows.h:

include/mlp/base/memory.h:

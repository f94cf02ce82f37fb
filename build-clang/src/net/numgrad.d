/tmp/wt/p17/build-clang/src/net/numgrad.o: src/net/numgrad.c \
  include/mlp/net/numgrad.h include/mlp/base/team.h \
  include/mlp/base/status.h include/mlp/data/label.h \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/net/batch.h include/mlp/base/rng.h include/mlp/data/rows.h \
  include/mlp/net/network.h include/mlp/net/activation.h \
  include/mlp/net/blas.h include/mlp/net/loss.h include/mlp/net/sparse.h \
  include/mlp/base/fastmath.h include/mlp/base/memory.h \
  include/mlp/net/propagation.h

include/mlp/net/numgrad.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/data/label.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/net/batch.h:

include/mlp/base/rng.h:

include/mlp/data/rows.h:

include/mlp/net/network.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/net/loss.h:

include/mlp/net/sparse.h:

include/mlp/base/fastmath.h:

include/mlp/base/memory.h:

include/mlp/net/propagation.h:

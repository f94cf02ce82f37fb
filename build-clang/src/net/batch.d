/tmp/wt/p17/build-clang/src/net/batch.o: src/net/batch.c \
  include/mlp/net/batch.h include/mlp/base/rng.h include/mlp/data/rows.h \
  include/mlp/base/team.h include/mlp/base/status.h \
  include/mlp/net/network.h include/mlp/net/activation.h \
  include/mlp/net/blas.h include/mlp/net/loss.h include/mlp/data/label.h \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/net/sparse.h include/mlp/base/memory.h \
  include/mlp/net/linalg.h

include/mlp/net/batch.h:

include/mlp/base/rng.h:

include/mlp/data/rows.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/net/network.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/net/loss.h:

include/mlp/data/label.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/net/sparse.h:

include/mlp/base/memory.h:

include/mlp/net/linalg.h:

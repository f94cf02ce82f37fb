/tmp/wt/p17/build-clang/src/net/sparse.o: src/net/sparse.c \
  include/mlp/net/sparse.h include/mlp/data/rows.h \
  include/mlp/base/team.h include/mlp/base/status.h \
  src/net/sparse_kernels.inc

include/mlp/net/sparse.h:

include/mlp/data/rows.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

src/net/sparse_kernels.inc:

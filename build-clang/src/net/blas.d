/tmp/wt/p17/build-clang/src/net/blas.o: src/net/blas.c \
  include/mlp/net/blas.h include/mlp/base/team.h \
  include/mlp/base/status.h include/mlp/base/memory.h

include/mlp/net/blas.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

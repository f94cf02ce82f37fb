/tmp/wt/p17/build-clang/src/net/linalg.o: src/net/linalg.c \
  include/mlp/net/linalg.h include/mlp/net/blas.h \
  include/mlp/base/team.h include/mlp/base/status.h

include/mlp/net/linalg.h:

include/mlp/net/blas.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

/tmp/wt/p17/build-clang/src/train/average.o: src/train/average.c \
  include/mlp/train/average.h include/mlp/base/team.h \
  include/mlp/base/status.h include/mlp/base/fastmath.h \
  include/mlp/base/memory.h

include/mlp/train/average.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/base/fastmath.h:

include/mlp/base/memory.h:

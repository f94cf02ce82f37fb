/tmp/wt/p17/build-clang/src/train/optimizer.o: src/train/optimizer.c \
  include/mlp/train/optimizer.h include/mlp/base/team.h \
  include/mlp/base/status.h include/mlp/base/fastmath.h \
  include/mlp/base/memory.h include/mlp/base/names.h

include/mlp/train/optimizer.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/base/fastmath.h:

include/mlp/base/memory.h:

include/mlp/base/names.h:

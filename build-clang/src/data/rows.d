/tmp/wt/p17/build-clang/src/data/rows.o: src/data/rows.c \
  include/mlp/data/rows.h include/mlp/base/team.h \
  include/mlp/base/status.h include/mlp/base/fastmath.h \
  include/mlp/base/memory.h

include/mlp/data/rows.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/base/fastmath.h:

include/mlp/base/memory.h:

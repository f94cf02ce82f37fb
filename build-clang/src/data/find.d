/tmp/wt/p17/build-clang/src/data/find.o: src/data/find.c \
  include/mlp/data/find.h include/mlp/base/status.h \
  include/mlp/base/memory.h

include/mlp/data/find.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

/tmp/wt/p17/build-clang/src/base/memory.o: src/base/memory.c \
  include/mlp/base/memory.h include/mlp/base/status.h

include/mlp/base/memory.h:

include/mlp/base/status.h:

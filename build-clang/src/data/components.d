/tmp/wt/p17/build-clang/src/data/components.o: src/data/components.c \
  include/mlp/data/components.h include/mlp/base/status.h \
  include/mlp/base/memory.h

include/mlp/data/components.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

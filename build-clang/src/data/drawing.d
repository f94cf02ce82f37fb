/tmp/wt/p17/build-clang/src/data/drawing.o: src/data/drawing.c \
  include/mlp/data/drawing.h include/mlp/data/components.h \
  include/mlp/base/status.h include/mlp/base/memory.h

include/mlp/data/drawing.h:

include/mlp/data/components.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

/tmp/wt/p17/build-clang/src/data/normalize.o: src/data/normalize.c \
  include/mlp/data/normalize.h include/mlp/base/status.h \
  include/mlp/base/memory.h include/mlp/data/drawing.h \
  include/mlp/data/components.h include/mlp/data/isolate.h

include/mlp/data/normalize.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

include/mlp/data/drawing.h:

include/mlp/data/components.h:

include/mlp/data/isolate.h:

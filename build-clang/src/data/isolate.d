/tmp/wt/p17/build-clang/src/data/isolate.o: src/data/isolate.c \
  include/mlp/data/isolate.h include/mlp/data/drawing.h \
  include/mlp/data/components.h include/mlp/base/status.h \
  include/mlp/data/normalize.h

include/mlp/data/isolate.h:

include/mlp/data/drawing.h:

include/mlp/data/components.h:

include/mlp/base/status.h:

include/mlp/data/normalize.h:

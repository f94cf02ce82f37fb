/tmp/wt/p17/build-clang/src/base/status.o: src/base/status.c \
  include/mlp/base/status.h

include/mlp/base/status.h:

/tmp/wt/p17/build-clang/src/base/processors.o: src/base/processors.c \
  include/mlp/base/processors.h

include/mlp/base/processors.h:

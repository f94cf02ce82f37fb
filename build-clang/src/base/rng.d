/tmp/wt/p17/build-clang/src/base/rng.o: src/base/rng.c \
  include/mlp/base/rng.h

include/mlp/base/rng.h:

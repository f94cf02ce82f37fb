/tmp/wt/p17/build-clang/src/net/activation.o: src/net/activation.c \
  include/mlp/net/activation.h include/mlp/base/fastmath.h \
  include/mlp/base/names.h

include/mlp/net/activation.h:

include/mlp/base/fastmath.h:

include/mlp/base/names.h:

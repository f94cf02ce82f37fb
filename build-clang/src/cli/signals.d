/tmp/wt/p17/build-clang/src/cli/signals.o: src/cli/signals.c \
  include/mlp/cli/signals.h

include/mlp/cli/signals.h:

/tmp/wt/p17/build-clang/src/base/team.o: src/base/team.c \
  include/mlp/base/team.h include/mlp/base/status.h \
  include/mlp/base/memory.h include/mlp/base/processors.h

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

include/mlp/base/processors.h:

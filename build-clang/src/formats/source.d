/tmp/wt/p17/build-clang/src/formats/source.o: src/formats/source.c \
  include/mlp/formats/source.h include/mlp/base/status.h

include/mlp/formats/source.h:

include/mlp/base/status.h:

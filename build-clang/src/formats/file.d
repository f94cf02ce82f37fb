/tmp/wt/p17/build-clang/src/formats/file.o: src/formats/file.c \
  include/mlp/formats/file.h include/mlp/base/status.h

include/mlp/formats/file.h:

include/mlp/base/status.h:

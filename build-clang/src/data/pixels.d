/tmp/wt/p17/build-clang/src/data/pixels.o: src/data/pixels.c \
  include/mlp/data/pixels.h include/mlp/formats/idx.h \
  include/mlp/formats/source.h include/mlp/base/status.h

include/mlp/data/pixels.h:

include/mlp/formats/idx.h:

include/mlp/formats/source.h:

include/mlp/base/status.h:

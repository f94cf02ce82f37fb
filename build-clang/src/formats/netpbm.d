/tmp/wt/p17/build-clang/src/formats/netpbm.o: src/formats/netpbm.c \
  include/mlp/formats/netpbm.h include/mlp/formats/source.h \
  include/mlp/base/status.h

include/mlp/formats/netpbm.h:

include/mlp/formats/source.h:

include/mlp/base/status.h:

/tmp/wt/p17/build-clang/src/formats/idx.o: src/formats/idx.c \
  include/mlp/formats/idx.h include/mlp/formats/source.h \
  include/mlp/base/status.h include/mlp/formats/sniff.h

include/mlp/formats/idx.h:

include/mlp/formats/source.h:

include/mlp/base/status.h:

include/mlp/formats/sniff.h:

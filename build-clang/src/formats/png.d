/tmp/wt/p17/build-clang/src/formats/png.o: src/formats/png.c \
  include/mlp/formats/png.h include/mlp/base/status.h \
  include/mlp/formats/source.h include/mlp/base/memory.h \
  include/mlp/base/strbuf.h include/mlp/formats/netpbm.h

include/mlp/formats/png.h:

include/mlp/base/status.h:

include/mlp/formats/source.h:

include/mlp/base/memory.h:

include/mlp/base/strbuf.h:

include/mlp/formats/netpbm.h:

/tmp/wt/p17/build-clang/src/formats/png_write.o: src/formats/png_write.c \
  include/mlp/formats/png_write.h include/mlp/base/status.h \
  include/mlp/base/strbuf.h include/mlp/base/memory.h

include/mlp/formats/png_write.h:

include/mlp/base/status.h:

include/mlp/base/strbuf.h:

include/mlp/base/memory.h:

/tmp/wt/p17/build-clang/src/data/files.o: src/data/files.c \
  include/mlp/data/files.h include/mlp/base/status.h \
  include/mlp/base/strbuf.h

include/mlp/data/files.h:

include/mlp/base/status.h:

include/mlp/base/strbuf.h:

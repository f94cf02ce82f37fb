/tmp/wt/p17/build-clang/src/base/warnings.o: src/base/warnings.c \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/base/status.h

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/base/status.h:

/tmp/wt/p17/build-clang/src/base/strbuf.o: src/base/strbuf.c \
  include/mlp/base/strbuf.h

include/mlp/base/strbuf.h:

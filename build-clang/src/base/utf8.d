/tmp/wt/p17/build-clang/src/base/utf8.o: src/base/utf8.c \
  include/mlp/base/utf8.h

include/mlp/base/utf8.h:

/tmp/wt/p17/build-clang/src/formats/json.o: src/formats/json.c \
  include/mlp/formats/json.h include/mlp/base/status.h \
  include/mlp/base/utf8.h

include/mlp/formats/json.h:

include/mlp/base/status.h:

include/mlp/base/utf8.h:

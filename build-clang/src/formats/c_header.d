/tmp/wt/p17/build-clang/src/formats/c_header.o: src/formats/c_header.c \
  include/mlp/formats/c_header.h include/mlp/base/status.h \
  include/mlp/formats/tensor.h include/mlp/base/strbuf.h \
  include/mlp/formats/file.h

include/mlp/formats/c_header.h:

include/mlp/base/status.h:

include/mlp/formats/tensor.h:

include/mlp/base/strbuf.h:

include/mlp/formats/file.h:

/tmp/wt/p17/build-clang/src/formats/npz.o: src/formats/npz.c \
  include/mlp/formats/npz.h include/mlp/base/status.h \
  include/mlp/formats/tensor.h include/mlp/base/memory.h \
  include/mlp/formats/file.h

include/mlp/formats/npz.h:

include/mlp/base/status.h:

include/mlp/formats/tensor.h:

include/mlp/base/memory.h:

include/mlp/formats/file.h:

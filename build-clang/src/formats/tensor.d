/tmp/wt/p17/build-clang/src/formats/tensor.o: src/formats/tensor.c \
  include/mlp/formats/tensor.h

include/mlp/formats/tensor.h:

/tmp/wt/p17/build-clang/src/formats/onnx.o: src/formats/onnx.c \
  include/mlp/formats/onnx.h include/mlp/base/status.h \
  include/mlp/formats/tensor.h include/mlp/base/memory.h \
  include/mlp/base/utf8.h include/mlp/formats/file.h

include/mlp/formats/onnx.h:

include/mlp/base/status.h:

include/mlp/formats/tensor.h:

include/mlp/base/memory.h:

include/mlp/base/utf8.h:

include/mlp/formats/file.h:

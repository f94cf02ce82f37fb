/tmp/wt/p17/build-clang/src/state/export.o: src/state/export.c \
  include/mlp/state/export.h include/mlp/formats/tensor.h \
  include/mlp/net/network.h include/mlp/base/rng.h \
  include/mlp/net/activation.h include/mlp/net/blas.h \
  include/mlp/base/team.h include/mlp/base/status.h \
  include/mlp/net/loss.h include/mlp/data/label.h \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/net/sparse.h include/mlp/data/rows.h \
  include/mlp/base/memory.h include/mlp/formats/c_header.h \
  include/mlp/formats/npz.h include/mlp/formats/onnx.h \
  include/mlp/state/weights.h

include/mlp/state/export.h:

include/mlp/formats/tensor.h:

include/mlp/net/network.h:

include/mlp/base/rng.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/base/team.h:

include/mlp/base/status.h:

include/mlp/net/loss.h:

include/mlp/data/label.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/net/sparse.h:

include/mlp/data/rows.h:

include/mlp/base/memory.h:

include/mlp/formats/c_header.h:

include/mlp/formats/npz.h:

include/mlp/formats/onnx.h:

include/mlp/state/weights.h:

/tmp/wt/p17/build-clang/src/state/curve.o: src/state/curve.c \
  include/mlp/state/curve.h include/mlp/train/metrics.h \
  include/mlp/base/status.h include/mlp/base/clock.h \
  include/mlp/formats/file.h

include/mlp/state/curve.h:

include/mlp/train/metrics.h:

include/mlp/base/status.h:

include/mlp/base/clock.h:

include/mlp/formats/file.h:

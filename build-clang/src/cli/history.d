/tmp/wt/p17/build-clang/src/cli/history.o: src/cli/history.c \
  include/mlp/cli/history.h include/mlp/base/strbuf.h \
  include/mlp/base/warnings.h include/mlp/train/metrics.h \
  include/mlp/base/status.h

include/mlp/cli/history.h:

include/mlp/base/strbuf.h:

include/mlp/base/warnings.h:

include/mlp/train/metrics.h:

include/mlp/base/status.h:

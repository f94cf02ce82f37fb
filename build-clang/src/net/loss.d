/tmp/wt/p17/build-clang/src/net/loss.o: src/net/loss.c \
  include/mlp/net/loss.h include/mlp/data/label.h \
  include/mlp/base/status.h include/mlp/base/warnings.h \
  include/mlp/base/strbuf.h include/mlp/base/fastmath.h \
  include/mlp/base/names.h

include/mlp/net/loss.h:

include/mlp/data/label.h:

include/mlp/base/status.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/base/fastmath.h:

include/mlp/base/names.h:

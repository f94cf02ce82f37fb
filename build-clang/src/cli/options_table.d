/tmp/wt/p17/build-clang/src/cli/options_table.o: src/cli/options_table.c \
  include/mlp/cli/options_table.h include/mlp/cli/options.h \
  include/mlp/base/status.h include/mlp/base/strbuf.h \
  include/mlp/base/processors.h include/mlp/net/network.h \
  include/mlp/base/rng.h include/mlp/net/activation.h \
  include/mlp/net/blas.h include/mlp/base/team.h include/mlp/net/loss.h \
  include/mlp/data/label.h include/mlp/base/warnings.h \
  include/mlp/net/sparse.h include/mlp/data/rows.h \
  include/mlp/train/optimizer.h include/mlp/train/schedule.h

include/mlp/cli/options_table.h:

include/mlp/cli/options.h:

include/mlp/base/status.h:

include/mlp/base/strbuf.h:

include/mlp/base/processors.h:

include/mlp/net/network.h:

include/mlp/base/rng.h:

include/mlp/net/activation.h:

include/mlp/net/blas.h:

include/mlp/base/team.h:

include/mlp/net/loss.h:

include/mlp/data/label.h:

include/mlp/base/warnings.h:

include/mlp/net/sparse.h:

include/mlp/data/rows.h:

include/mlp/train/optimizer.h:

include/mlp/train/schedule.h:

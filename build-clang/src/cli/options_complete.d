/tmp/wt/p17/build-clang/src/cli/options_complete.o: \
  src/cli/options_complete.c include/mlp/cli/options_complete.h \
  include/mlp/cli/options_table.h include/mlp/cli/options.h \
  include/mlp/base/status.h include/mlp/base/strbuf.h

include/mlp/cli/options_complete.h:

include/mlp/cli/options_table.h:

include/mlp/cli/options.h:

include/mlp/base/status.h:

include/mlp/base/strbuf.h:

/tmp/wt/p17/build-clang/src/cli/options_suggest.o: \
  src/cli/options_suggest.c include/mlp/cli/options_table.h \
  include/mlp/cli/options.h include/mlp/base/status.h \
  include/mlp/base/strbuf.h

include/mlp/cli/options_table.h:

include/mlp/cli/options.h:

include/mlp/base/status.h:

include/mlp/base/strbuf.h:

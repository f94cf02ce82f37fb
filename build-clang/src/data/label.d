/tmp/wt/p17/build-clang/src/data/label.o: src/data/label.c \
  include/mlp/data/label.h include/mlp/base/status.h \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/formats/idx.h include/mlp/formats/source.h

include/mlp/data/label.h:

include/mlp/base/status.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/formats/idx.h:

include/mlp/formats/source.h:

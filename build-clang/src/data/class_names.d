/tmp/wt/p17/build-clang/src/data/class_names.o: src/data/class_names.c \
  include/mlp/data/class_names.h include/mlp/base/status.h \
  include/mlp/base/strbuf.h include/mlp/data/label.h \
  include/mlp/base/warnings.h include/mlp/base/memory.h \
  include/mlp/base/utf8.h include/mlp/formats/source.h

include/mlp/data/class_names.h:

include/mlp/base/status.h:

include/mlp/base/strbuf.h:

include/mlp/data/label.h:

include/mlp/base/warnings.h:

include/mlp/base/memory.h:

include/mlp/base/utf8.h:

include/mlp/formats/source.h:

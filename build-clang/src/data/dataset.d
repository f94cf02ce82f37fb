/tmp/wt/p17/build-clang/src/data/dataset.o: src/data/dataset.c \
  include/mlp/data/dataset.h include/mlp/base/rng.h \
  include/mlp/base/warnings.h include/mlp/base/strbuf.h \
  include/mlp/data/label.h include/mlp/base/status.h \
  include/mlp/data/pixels.h include/mlp/formats/idx.h \
  include/mlp/formats/source.h include/mlp/data/rows.h \
  include/mlp/base/team.h include/mlp/base/memory.h

include/mlp/data/dataset.h:

include/mlp/base/rng.h:

include/mlp/base/warnings.h:

include/mlp/base/strbuf.h:

include/mlp/data/label.h:

include/mlp/base/status.h:

include/mlp/data/pixels.h:

include/mlp/formats/idx.h:

include/mlp/formats/source.h:

include/mlp/data/rows.h:

include/mlp/base/team.h:

include/mlp/base/memory.h:

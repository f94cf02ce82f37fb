/tmp/wt/p17/build-clang/src/data/images.o: src/data/images.c \
  include/mlp/data/images.h include/mlp/data/dataset.h \
  include/mlp/base/rng.h include/mlp/base/warnings.h \
  include/mlp/base/strbuf.h include/mlp/data/label.h \
  include/mlp/base/status.h include/mlp/data/pixels.h \
  include/mlp/formats/idx.h include/mlp/formats/source.h \
  include/mlp/data/rows.h include/mlp/base/team.h \
  include/mlp/data/normalize.h include/mlp/formats/netpbm.h \
  include/mlp/base/memory.h include/mlp/formats/png.h \
  include/mlp/formats/sniff.h

include/mlp/data/images.h:

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

include/mlp/data/normalize.h:

include/mlp/formats/netpbm.h:

include/mlp/base/memory.h:

include/mlp/formats/png.h:

include/mlp/formats/sniff.h:

/tmp/wt/p17/build-clang/src/data/sampler.o: src/data/sampler.c \
  include/mlp/data/sampler.h include/mlp/base/rng.h \
  include/mlp/base/status.h include/mlp/base/memory.h

include/mlp/data/sampler.h:

include/mlp/base/rng.h:

include/mlp/base/status.h:

include/mlp/base/memory.h:

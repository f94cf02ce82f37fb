/tmp/wt/p17/build-clang/src/train/schedule.o: src/train/schedule.c \
  include/mlp/train/schedule.h include/mlp/base/names.h

include/mlp/train/schedule.h:

include/mlp/base/names.h:

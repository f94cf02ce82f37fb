/tmp/wt/p17/build-clang/src/formats/sniff.o: src/formats/sniff.c \
  include/mlp/formats/sniff.h

include/mlp/formats/sniff.h:

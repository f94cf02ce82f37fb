/tmp/wt/p17/build-clang/src/formats/safetensors.o: \
  src/formats/safetensors.c include/mlp/formats/safetensors.h \
  include/mlp/base/status.h include/mlp/formats/tensor.h \
  include/mlp/base/strbuf.h include/mlp/base/utf8.h \
  include/mlp/formats/file.h include/mlp/formats/json.h \
  include/mlp/formats/sniff.h include/mlp/formats/source.h

include/mlp/formats/safetensors.h:

include/mlp/base/status.h:

include/mlp/formats/tensor.h:

include/mlp/base/strbuf.h:

include/mlp/base/utf8.h:

include/mlp/formats/file.h:

include/mlp/formats/json.h:

include/mlp/formats/sniff.h:

include/mlp/formats/source.h:

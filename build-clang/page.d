/tmp/wt/p17/build-clang/page.o: /tmp/wt/p17/build-clang/page.c

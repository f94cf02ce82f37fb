# Makefile - builds ./mlp-train, its library build/libmlp.a and its tests. `make help` lists targets.
# Yours to set: CC CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX DESTDIR PYTHON BUILD, NATIVE=1, WERROR=1, V=1,
# HARDEN= (without the compiler's guards), BLAS_LIBS (a BLAS to link) and
# DEFLATE_LIBS, PNG_LIBS (instead of what pkg-config says).

VERSION := 1.0.0
comma := ,
PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
mandir ?= $(PREFIX)/share/man
bashdir ?= $(PREFIX)/share/bash-completion/completions
zshdir ?= $(PREFIX)/share/zsh/site-functions
fishdir ?= $(PREFIX)/share/fish/vendor_completions.d
sharedir ?= $(PREFIX)/share/mlp-train
INSTALL ?= install
PKG_CONFIG ?= pkg-config
BUILD ?= build
BIN ?= mlp-train
CFLAGS ?= -O3 -g

# The program loads BLAS when it runs. A BLAS_LIBS of yours is linked with it, and must have CBLAS.
BLAS_LIBS ?=
ifeq ($(shell uname -s),Linux)
BLAS_LINK := $(if $(BLAS_LIBS),-Wl$(comma)--no-as-needed$(comma)--require-defined=cblas_sgemm $(BLAS_LIBS)) -ldl
else
BLAS_LINK := $(if $(BLAS_LIBS),-Wl$(comma)-u$(comma)_cblas_sgemm $(BLAS_LIBS))
endif
ifneq ($(BLAS_LIBS),)
ifneq ($(shell echo 'void cblas_sgemm(void); int main(void) { cblas_sgemm(); }' | \
    $(CC) $(LDFLAGS) -x c - -o /dev/null $(BLAS_LIBS) 2>/dev/null || echo none),)
$(error BLAS_LIBS=$(BLAS_LIBS): no library with cblas_sgemm; name one that has it, or none: the program finds OpenBLAS when it runs)
endif
endif
# libdeflate, where it is installed: inflates more than twice as fast as zlib.
DEFLATE_LIBS ?= $(shell $(PKG_CONFIG) --libs libdeflate 2>/dev/null)
# libpng, where it is installed: --predict reads PNG.
PNG_LIBS ?= $(shell $(PKG_CONFIG) --libs libpng 2>/dev/null)
# The first python3 that has NumPy: a version manager's python in the PATH may hide Debian's.
PYTHON ?= $(firstword $(foreach p,python3 /usr/bin/python3,$(shell $(p) -c 'import numpy' 2>/dev/null && echo $(p))) python3)

# Asked once, not anew for each recipe line.
$(foreach v,DEFLATE_LIBS PNG_LIBS PYTHON,$(eval $(v) := $($(v))))

WARNINGS := -Wall -Wextra -Wshadow -Wconversion $(if $(WERROR),-Werror)
# Guards against what a fault in reading hostile files could be used for; CFLAGS, LDFLAGS come after and
# win. Checked calls of libc (FORTIFY) need an optimising compiler and get in a sanitizer's way; 3 is of gcc 12.
HARDEN ?= $(filter Linux,$(shell uname -s))
ifneq ($(HARDEN),)
FORTIFY := $(if $(SANITIZE)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,$(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),$\
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(shell echo | \
        $(CC) -O -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -include stdio.h -E - >/dev/null 2>&1 && echo 3 || echo 2)))
HARDEN_CFLAGS := -fPIE -fstack-protector-strong
HARDEN_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
endif
# Products may be fused with the sum they go into (FMA); nothing else may be reordered. Nobody asks errno about
# a square root, or for the exceptions of a comparison: with them, gcc makes no vectors of loops over roots, or over
# the exponential function on a processor without AVX-512.
# With SOURCE_DATE_EPOCH: the same bytes in every directory.
REPRODUCIBLE := $(if $(SOURCE_DATE_EPOCH),-ffile-prefix-map="$$PWD"=.)
ALL_CFLAGS = -std=c11 $(REPRODUCIBLE) -ffp-contract=fast -fno-math-errno -fno-trapping-math -MMD -MP $(WARNINGS) -pthread $(if $(NATIVE),-march=native) $(HARDEN_CFLAGS) $(CFLAGS) $(SANITIZE)
ALL_CPPFLAGS = -D_POSIX_C_SOURCE=200809L -DMLP_VERSION='"$(VERSION)"' -DMLP_SCRIPTS='"scripts"' -DMLP_DIGITS='"data/digits"' -Iinclude $(if $(DEFLATE_LIBS),-DMLP_LIBDEFLATE) $(if $(PNG_LIBS),-DMLP_LIBPNG) $(FORTIFY) $(CPPFLAGS)
ALL_LDFLAGS = $(HARDEN_LDFLAGS) $(LDFLAGS)
ALL_LIBS = $(LDLIBS) $(BLAS_LINK) $(PNG_LIBS) -lz $(DEFLATE_LIBS) -lm
# Quiet unless V=1.
Q = $(if $(V),,@echo "  $(1)  $@";)

# Everything but src/cli is the library. A layer includes headers of the layers before it alone: tests/layers.sh.
LAYERS := base formats data net train state
PROGRAM_SRC := $(wildcard src/cli/*.c)
LIB_SRC := $(wildcard $(LAYERS:%=src/%/*.c))
LIB := $(BUILD)/libmlp.a
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
# The slow ones first: two run at a time.
SLOW := $(patsubst %,tests/cli/%.bats,options sweep build report documents mnist resume fit export make-idx checks scripts)
CLI_TESTS := $(SLOW) $(filter-out $(SLOW),$(wildcard tests/cli/*.bats))
# For the tests, which run elsewhere. Not by abspath, which takes a folder with a space in its name for two.
absolute = $(if $(filter /%,$1),$1,$(CURDIR)/$1)
TWINS := $(addprefix $(BUILD)/tests/twin/,dump logits)
export TWIN := $(call absolute,$(BUILD)/tests/twin/dump)
export LOGITS := $(call absolute,$(BUILD)/tests/twin/logits)
# Where `make onnxruntime` puts it.
export NODE_PATH ?= $(call absolute,$(BUILD)/npm/node_modules)
# Each file fuzz_NAME.c is a target: a program that replays files, or with FUZZ_ENGINE one that fuzzes.
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
SEEDS := $(BUILD)/tests/fuzz/seeds
SHIM := $(BUILD)/tests/fault/shim.so
export FAULT_SHIM := $(call absolute,$(SHIM))

.PHONY: all tests check check-long check-systems check-unit
.SECONDARY:
all: $(BIN)                  ## build ./mlp-train

# Kept, and compared, so that `make NATIVE=1` after `make` compiles anew.
FLAGS = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(ALL_LIBS)
ifneq ($(strip $(FLAGS)),$(strip $(shell cat $(BUILD)/flags 2>/dev/null)))
.PHONY: $(BUILD)/flags
endif
$(BUILD)/flags: export FLAGS := $(FLAGS)
$(BUILD)/flags:
	@mkdir -p $(@D)
	@printenv FLAGS >$@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c $< -o $@

$(LIB): $(LIB_SRC:%.c=$(BUILD)/%.o)
	@rm -f $@
	$(call Q,AR)$(AR) rcs $@ $^

# The page of --report: its style, its script and the place of its data in one array.
PAGE := src/cli/page/page
$(BUILD)/page.c: $(PAGE).html $(PAGE).css src/cli/page/network.js $(PAGE).js
	@mkdir -p $(@D)
	@{ printf 'extern const unsigned char mlp_page_template[];\nconst unsigned char mlp_page_template[] = {\n'; \
	    sed -e '/@STYLE@/{' -e 'r $(PAGE).css' -e d -e '}' -e '/@SCRIPT@/{' -e 'r src/cli/page/network.js' -e 'r $(PAGE).js' -e d -e '}' $(PAGE).html | \
	    od -An -v -t x1 | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'; echo '0};'; } >$@

$(BUILD)/page.o: $(BUILD)/page.c
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c $< -o $@

$(BIN): $(PROGRAM_SRC:%.c=$(BUILD)/%.o) $(BUILD)/page.o $(LIB)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(ALL_LIBS)

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ -lcmocka $(ALL_LIBS)

# What the fault injection preloads: glibc alone has what it hooks into, and no sanitizer shares its place.
$(SHIM): tests/fault/shim.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) -std=c11 -O1 -g $(WARNINGS) -shared -fPIC -pthread $< -o $@ -ldl

# What the twins in NumPy and PyTorch, and the programs that open its models, are compared with.
$(TWINS): %: %.o $(LIB)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(ALL_LIBS)

$(FUZZERS): %: %.o $(if $(FUZZ_ENGINE),,$(BUILD)/tests/fuzz/replay.o) $(LIB)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(FUZZ_ENGINE) $(ALL_LDFLAGS) $(filter %.o,$^) $(LIB) -o $@ $(ALL_LIBS)

OPTIONS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/cli/options*.c) src/cli/settings.c)
$(BUILD)/tests/fuzz/fuzz_options $(SEEDS): $(OPTIONS)
$(SEEDS): $(BUILD)/tests/fuzz/seeds.o $(LIB)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(filter %.o,$^) $(LIB) -o $@ -lcmocka $(ALL_LIBS)

# Unit tests are programs that print TAP, command-line tests are bats files: prove runs both.
export CMOCKA_MESSAGE_OUTPUT = TAP
export MLP_TRAIN ?= $(call absolute,$(BIN))
export PYTHON BUILD
tests: $(UNIT_TESTS) $(TWINS) $(SHIM) $(BUILD)/bench/floor $(FUZZERS) $(SEEDS)

check: $(BIN) tests          ## run all tests
	prove --jobs 2 --timer --directives --failures --comments --exec tests/run $(UNIT_TESTS) $(CLI_TESTS)

LONG_TESTS := $(wildcard tests/long/*.bats)
check-long: $(BIN) tests     ## run those that take minutes; SHARE=4: one case in four
	prove --jobs 2 --timer --directives --failures --comments --exec tests/run $(LONG_TESTS)

check-systems:               ## both README commands and all OpenBLAS packages on bare Debian 12 and 13 (root, debootstrap)
	tests/systems.sh $(SYSTEMS)

check-unit: $(UNIT_TESTS)    ## run the unit tests alone
	prove --failures --comments --exec tests/run $(UNIT_TESTS)

# Without its install scripts: they would fetch GPU parts from elsewhere, the package has the rest.
.PHONY: onnxruntime
onnxruntime:                 ## ONNX Runtime from npm into $(BUILD)/npm: tests/cli/interop.bats uses it
	npm install --prefix $(BUILD)/npm --no-save --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0

# ---- the main job ----

RUN ?= $(BUILD)/run
.PHONY: train figures reference-run chapter
train: $(BIN)                ## the chapter's experiment: fetch MNIST, train, draw the figures
	@mkdir -p $(RUN)
	@if scripts/fetch-mnist.sh data/mnist; then \
	    set -x; ./$(BIN) --hidden 50 --lr 0.1 --iters 10000 --csv $(RUN)/curve.csv \
	        --save $(RUN)/model.safetensors --report $(RUN)/report.html; \
	else \
	    echo "No MNIST to be had: training on the bundled digits instead." >&2; \
	    set -x; ./$(BIN) --data data/digits --hidden 50 --lr 0.5 --iters 2000 --eval-every 100 \
	        --csv $(RUN)/curve.csv --save $(RUN)/model.safetensors --report $(RUN)/report.html; \
	fi
	@$(MAKE) --no-print-directory figures
	@printf '%s\n' '' 'curve     $(RUN)/curve.csv, loss.svg, accuracy.svg' 'model     $(RUN)/model.safetensors' \
	    'report    $(RUN)/report.html: open it in a browser, and draw digits'

figures:                     ## draw loss and accuracy of $(RUN)/curve.csv as PNG and SVG
	gnuplot -c scripts/plot-loss.gp $(RUN)/curve.csv $(RUN)/loss.svg
	gnuplot -c scripts/plot-loss.gp $(RUN)/curve.csv $(RUN)/loss.png
	gnuplot -c scripts/plot-accuracy.gp $(RUN)/curve.csv $(RUN)/accuracy.svg
	gnuplot -c scripts/plot-accuracy.gp $(RUN)/curve.csv $(RUN)/accuracy.png

REFERENCE := data/reference-run
reference-run: $(BIN)        ## data/reference-run again, from MNIST; the table over seeds is printed
	scripts/fetch-mnist.sh data/mnist
	@$(MAKE) --no-print-directory chapter
	cp $(BUILD)/chapter/README.md $(BUILD)/chapter/*.svg $(REFERENCE)
	awk -F, 'NR == 1 || $$5 != ""' $(BUILD)/chapter/curve.csv >$(REFERENCE)/summary.csv
	MLP_TRAIN=./$(BIN) scripts/overfitting.sh $(BUILD)/reference-run

chapter: $(BIN)              ## every listing and figure of the chapter, in $(BUILD)/chapter
	MLP_TRAIN=./$(BIN) scripts/chapter.sh $(BUILD)/chapter

.PHONY: best-run
best-run: $(BIN)             ## the best networks: table and figure of data/reference-run
	scripts/fetch-mnist.sh data/mnist
	MLP_TRAIN=./$(BIN) scripts/best.sh $(BUILD)/best
	gnuplot -c scripts/plot-best.gp $(BUILD)/best/best-1.csv $(REFERENCE)/best.svg \
	    '784-2048-10 sigmoid on MNIST, seed 1' $(REFERENCE)/search.csv

# ---- checks beyond the tests ----

FORMATTED := $(wildcard src/*/*.c include/mlp/*/*.h $(addprefix tests/*/*.,c h cpp))
SHELL_SCRIPTS := $(wildcard scripts/*.sh tests/run tests/under-valgrind tests/*.sh tests/*/*.sh .ci/run)
BATS_FILES := $(wildcard tests/*/*.bats tests/cli/*.bash)
# A pipe where a file would do and a $ for the inner shell are meant; bats sets status and stderr,
# and a test ends where a cd fails.
NOT_IN_BATS := SC2002,SC2016,SC2030,SC2031,SC2154,SC2164
WORDED := $(wildcard *.md */*.md */*/*.md src/*/*.scd src/*/*.c src/*/*.inc include/mlp/*/*.h src/cli/page/*)
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
.PHONY: lint lint-style lint-other-style asan memcheck tsan coverage
lint:                        ## warnings of gcc and clang, and of Debian 12's clang-format, clang-tidy, cppcheck, shellcheck
	tests/layers.sh
	tests/words.py $(WORDED)
	$(MAKE) CC=gcc WERROR=1 BUILD=$(BUILD)/gcc BIN=$(BUILD)/gcc/mlp-train all tests
	$(BUILD)/gcc/mlp-train --help all | tests/words.py
	$(MAKE) CC=clang WERROR=1 BUILD=$(BUILD)/clang BIN=$(BUILD)/clang/mlp-train all tests
	@$(MAKE) --no-print-directory $(if $(findstring version 14.,$(shell clang-format --version)),lint-style,lint-other-style)

# Each release of these tools formats differently and finds other things: the code follows one.
lint-style:
	clang-format --dry-run -Werror $(FORMATTED)
	printf '%s\n' $(wildcard src/*/*.c) | xargs -P 2 -I FILE \
	    clang-tidy --quiet --warnings-as-errors='*' FILE -- -std=c11 $(ALL_CPPFLAGS)
	cppcheck --quiet --error-exitcode=1 --suppressions-list=.cppcheck \
	    --enable=warning,style,performance,portability --std=c11 -Iinclude src
	shellcheck $(SHELL_SCRIPTS)
	shellcheck --exclude=$(NOT_IN_BATS) $(BATS_FILES)

lint-other-style:
	@echo 'lint: style is not checked: it is that of Debian 12 (clang-format 14), here is $(or $(shell clang-format --version),none)'

# All but those that never start the program, those whose many minutes judge figures or go through every command line
# (mnist, fit, lessons, documents, options), those of make fuzz, which has its own sanitizers, and those that
# AddressSanitizer does not allow: fault.bats and blas.bats preload a library, blas.bats starts the program in an emulator
# and with one process, sweep.bats, install.bats and make-idx.bats are about scripts.
ASAN_TESTS := $(filter-out $(patsubst %,tests/cli/%.bats,bench blas build documents fault fit fuzz install interop lessons make-idx mnist options plots report scripts sweep twins),$(CLI_TESTS))
asan:                        ## the program's tests under AddressSanitizer, LeakSanitizer and UBSan
	env -u MLP_TRAIN $(MAKE) SANITIZE="$(SANITIZERS)" CFLAGS="-O1 -g" BUILD=$(BUILD)/asan \
	    BIN=$(BUILD)/asan/mlp-train \
	    CLI_TESTS="$(ASAN_TESTS)" check

.PHONY: portable
portable: $(BIN) $(UNIT_TESTS)  ## unit tests and curves on an x86-64 without AVX and on aarch64, by qemu
	prove --timer --directives --failures --comments --exec tests/run tests/long/portable.bats

# Not the unit tests: they compare bits, and valgrind's arithmetic differs in denormal numbers and signs of zeros.
memcheck: $(BIN) tests       ## bad data and a short run, judged and resumed, under valgrind
	PROGRAM="$$(realpath $(BIN))" MLP_TRAIN="$$(realpath tests/under-valgrind)" \
	    prove --timer --directives --failures --comments --exec tests/run tests/cli/bad-data.bats
	tests/under-valgrind ./$(BIN) --data data/digits --train-limit 300 --test-limit 100 --iters 5 \
	    --validation 0.3 --dropout 0.5 --optimizer adam --csv $(BUILD)/memcheck.csv \
	    --save $(BUILD)/memcheck.safetensors --confusion $(BUILD)/memcheck-confusion.csv \
	    --checkpoint $(BUILD)/memcheck.ckpt --checkpoint-every 2
	tests/under-valgrind ./$(BIN) --data data/digits --test-limit 100 --load $(BUILD)/memcheck.safetensors --eval
	tests/under-valgrind ./$(BIN) --resume $(BUILD)/memcheck.ckpt --iters 8

# Clones are left out: the loader asks which of them to take before ThreadSanitizer is there.
# setarch: older ThreadSanitizers find no place beside the random addresses of newer kernels.
TSAN := $(BUILD)/tsan
TSAN_TESTS := $(patsubst %,$(TSAN)/tests/test_%,team dataset rows network sparse evaluate trainer checkpoint)
STEADY = $(shell setarch -R true 2>/dev/null && echo setarch -R)
tsan:                        ## what runs on several threads, under ThreadSanitizer
	$(MAKE) SANITIZE=-fsanitize=thread CFLAGS="-O1 -g" CPPFLAGS="-DMLP_NO_CLONES $(CPPFLAGS)" \
	    BUILD=$(TSAN) BIN=$(TSAN)/mlp-train $(TSAN)/mlp-train $(TSAN_TESTS)
	$(STEADY) prove --timer --exec tests/run $(TSAN_TESTS)
	for layer in dense sparse; do \
	    $(STEADY) $(TSAN)/mlp-train --quiet --data data/digits --threads 3 --first-layer $$layer --iters 200 \
	        --validation 0.3 --dropout 0.2 --csv $(TSAN)/run.csv --save $(TSAN)/run.safetensors || exit 1; \
	done

# Lines that `make check` executes; of its tests only those that repeat others at length are left out.
COVERAGE := $(BUILD)/coverage
PARSERS := formats/idx formats/source formats/safetensors state/model state/checkpoint formats/netpbm cli/options[a-z_]*
# fault.bats counts every call, those that write the counts too. Where files may not grow, GCOV_PREFIX in the tests
# puts the counts aside, and what libgcov says about those that do not fit is not the program's.
COVERAGE_TESTS := $(filter-out $(patsubst %,tests/cli/%.bats,bench build fault interop mnist plots documents scripts twins),$(CLI_TESTS))
GCOVR = gcovr --root . --object-directory $(COVERAGE)
coverage:                    ## lines that the tests execute: of the parsers, and of all (gcc, gcovr)
	@find $(COVERAGE) -name '*.gcda' -delete 2>/dev/null || true
	GCOV_ERROR_FILE=/dev/null env -u MLP_TRAIN $(MAKE) CC=gcc SANITIZE="--coverage -fprofile-update=atomic" CFLAGS="-O1 -g" CPPFLAGS="-DMLP_NO_CLONES $(CPPFLAGS)" \
	    BUILD=$(COVERAGE) BIN=$(COVERAGE)/mlp-train \
	    CLI_TESTS="$(COVERAGE_TESTS)" check
	$(GCOVR) --filter src/ --fail-under-line 90 $(COVERAGE)
	$(GCOVR) $(PARSERS:%=--filter src/%.c) --fail-under-line 95 $(COVERAGE)

# `make mutate MUTATE="--only src/formats/idx.c"`; all of them take an hour.
.PHONY: mutate
mutate: $(BIN) tests         ## break the program in many places, one at a time: do the tests notice?
	$(PYTHON) tests/mutation/mutate.py $(MUTATE)

# Sixty seconds each: `make fuzz FUZZ_SECONDS=600 FUZZ="idx model"`.
FUZZ_SECONDS ?= 60
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
.PHONY: fuzz fuzzers
fuzz:                        ## feed every reader ever new bytes, under ASan and UBSan (clang)
	@echo 'int main(void) { return 0; }' | clang -x c - -fsanitize=fuzzer-no-link,address -o /dev/null || \
	    { echo "make fuzz: needs clang with its sanitizers: scripts/setup.sh --dev installs them" >&2; exit 1; }
	@$(MAKE) --no-print-directory CC=clang CFLAGS="-O1 -g" SANITIZE="$(SANITIZERS) -fsanitize=fuzzer-no-link" \
	    FUZZ_ENGINE=-fsanitize=fuzzer CPPFLAGS="-DMLP_LIBFUZZER $(CPPFLAGS)" BUILD=$(BUILD)/fuzz fuzzers
	tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ)

fuzzers: $(FUZZERS) $(SEEDS)

# ---- the main job's time beside its peers ----

# `make bench BENCH="--runs 3 --only floor,numpy"`; oneDNN is a peer where its headers are.
.PHONY: bench
DNNL = $(shell echo '\#include <dnnl.hpp>' | $(CXX) -x c++ -E - >/dev/null 2>&1 && echo $(BUILD)/bench/onednn)
bench: $(BIN) $(BUILD)/bench/floor $(BUILD)/bench/limits  ## time the main job beside NumPy, PyTorch and others
	$(if $(DNNL),@$(MAKE) --no-print-directory $(DNNL))
	$(PYTHON) tests/bench/run.py --program $(BIN) --build $(BUILD) $(BENCH)

# `make bench-scale SCALE="--full"`: up to 8.1 million images, 6.35 GB on disk and twice that in memory.
.PHONY: bench-scale gate gate-update
bench-scale: $(BIN) $(BUILD)/bench/floor  ## how time and memory grow, as tables and a picture
	$(PYTHON) tests/bench/scale.py --program $(BIN) --build $(BUILD) $(SCALE)

gate: $(BIN)                 ## count instructions under callgrind, fail well above the bounds
	tests/bench/gate.sh $(BIN)

gate-update: $(BIN)          ## make today's counts the bounds
	tests/bench/gate.sh --update $(BIN)

# The one that is linked with OpenBLAS as others do it.
$(BUILD)/tests/bench/floor.o: CPPFLAGS += $(shell $(PKG_CONFIG) --cflags openblas 2>/dev/null)
$(BUILD)/bench/floor: $(BUILD)/tests/bench/floor.o
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(LDLIBS) \
	    $(or $(shell $(PKG_CONFIG) --libs openblas 2>/dev/null),-lopenblas)

# Both run where they are built.
$(BUILD)/bench/limits: tests/bench/limits.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) -std=gnu11 -O3 -march=native $(WARNINGS) $< -o $@ -pthread

$(BUILD)/bench/onednn: tests/bench/onednn.cpp
	@mkdir -p $(@D)
	$(call Q,CXX)$(CXX) -std=c++17 -O3 -march=native $(WARNINGS) $< -o $@ -ldnnl -lz

# ---- the manual ----

.PHONY: man
man: $(BUILD)/mlp-train.1    ## the manual, to read with: man build/mlp-train.1 (scdoc)
$(BUILD)/mlp-train.1: src/cli/mlp-train.1.scd
	@command -v scdoc >/dev/null || { echo "make man: needs scdoc: scripts/setup.sh --dev installs it" >&2; exit 1; }
	@mkdir -p $(@D)
	scdoc <$< >$@ || { rm -f $@; exit 1; }

# ---- the rest ----

# The installed program is the one whose messages name the installed files. The manual is installed where scdoc is
# there to make it.
.PHONY: install uninstall clean help FORCE
INSTALLED := $(BUILD)/installed
SHARED := $(wildcard scripts/plot-*.gp) scripts/fetch-mnist.sh scripts/sweep.sh scripts/sweep-runs.pl scripts/make-idx.py
# By way of the environment: a name may have quotes.
DIRECTORIES := DESTDIR bindir mandir bashdir zshdir fishdir sharedir
$(foreach name,$(DIRECTORIES),$(eval install uninstall $(INSTALLED)/%.o: export $(name) := $($(name))))

NAMING := $(shell grep -lE 'MLP_(SCRIPTS|DIGITS)' src/*/*.c)
$(INSTALLED)/%.o: %.c FORCE
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CPPFLAGS) -UMLP_SCRIPTS -DMLP_SCRIPTS="\"$$sharedir\"" -UMLP_DIGITS -DMLP_DIGITS="\"$$sharedir/digits\"" \
	    $(ALL_CFLAGS) -c $< -o $@
$(INSTALLED)/mlp-train: $(NAMING:%.c=$(INSTALLED)/%.o) $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(NAMING),$(PROGRAM_SRC))) $(BUILD)/page.o $(LIB)
	$(call Q,LD)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(ALL_LIBS)

install: $(INSTALLED)/mlp-train ## program, manual, completions, scripts, digits and a model, below $(DESTDIR)$(PREFIX)
	for shell in bash zsh fish; do $(INSTALLED)/mlp-train --help $$shell >$(INSTALLED)/$$shell || exit 1; done
	for directory in "$$bindir" "$$bashdir" "$$zshdir" "$$fishdir" "$$sharedir/digits" "$$sharedir/models"; do $(INSTALL) -d "$$DESTDIR$$directory" || exit 1; done
	$(INSTALL) -m 755 $(INSTALLED)/mlp-train "$$DESTDIR$$bindir/mlp-train"
	$(INSTALL) -m 644 $(INSTALLED)/bash "$$DESTDIR$$bashdir/mlp-train"
	$(INSTALL) -m 644 $(INSTALLED)/zsh "$$DESTDIR$$zshdir/_mlp-train"
	$(INSTALL) -m 644 $(INSTALLED)/fish "$$DESTDIR$$fishdir/mlp-train.fish"
	$(INSTALL) -m 644 data/digits/*.gz "$$DESTDIR$$sharedir/digits"
	$(INSTALL) -m 644 data/models/*.safetensors "$$DESTDIR$$sharedir/models"
	for script in $(SHARED); do \
	    sed "1{/gnuplot/d}; s,\bscripts/,$$sharedir/,g" $$script >$(INSTALLED)/script && \
	    case $$script in *.sh | *.py | *.pl) mode=755 ;; *) mode=644 ;; esac && \
	    $(INSTALL) -m $$mode $(INSTALLED)/script "$$DESTDIR$$sharedir/$${script##*/}" || exit 1; done
	if command -v scdoc >/dev/null; then $(INSTALL) -d "$$DESTDIR$$mandir/man1" && \
	    sed "s,\./mlp-train,mlp-train,g; s,\bscripts/,$$sharedir/,g; s,\bdata/\(digits\|models\),$$sharedir/\1,g" src/cli/mlp-train.1.scd | \
	        scdoc >$(INSTALLED)/mlp-train.1 && \
	    $(INSTALL) -m 644 $(INSTALLED)/mlp-train.1 "$$DESTDIR$$mandir/man1/mlp-train.1"; fi

uninstall:                   ## removes what install installed
	rm -f "$$DESTDIR$$bindir/mlp-train" "$$DESTDIR$$mandir/man1/mlp-train.1" "$$DESTDIR$$bashdir/mlp-train" \
	    "$$DESTDIR$$zshdir/_mlp-train" "$$DESTDIR$$fishdir/mlp-train.fish" "$$DESTDIR$$sharedir"/digits/*-ubyte.gz "$$DESTDIR$$sharedir"/models/mnist-50.safetensors
	for script in $(SHARED); do rm -f "$$DESTDIR$$sharedir/$${script##*/}"; done
	for directory in "$$sharedir/digits" "$$sharedir/models" "$$sharedir"; do \
	    [ ! -d "$$DESTDIR$$directory" ] || rmdir "$$DESTDIR$$directory"; done

# ---- releases ----

.PHONY: dist deb
ARCHIVE := mlp-train-$(VERSION)
dist:                        ## the committed sources as build/$(ARCHIVE).tar.gz
	@mkdir -p $(BUILD)
	git archive --format=tar --prefix=$(ARCHIVE)/ HEAD | gzip -9n >$(BUILD)/$(ARCHIVE).tar.gz

deb:                         ## a Debian package in $(BUILD), for this release and processor (dpkg-dev, scdoc)
	VERSION=$(VERSION) scripts/make-deb.sh $(BUILD)

clean:                       ## everything that was built
	rm -rf $(BUILD) $(BIN)
	find scripts tests -name __pycache__ -exec rm -rf {} +

help:                        ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | sort | expand -t 16

-include $(shell find $(BUILD) -path $(BUILD)/systems -prune -o -name '*.d' -type f -print 2>/dev/null)

# Makefile - builds ./mlp-train, its library build/libmlp.a and its tests. `make help` lists targets.
# Yours to set: CC CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX DESTDIR PYTHON BUILD, NATIVE=1, WERROR=1,
# BLAS_CFLAGS and BLAS_LIBS (instead of what pkg-config says), OPENMP= (to build without threads).

VERSION := 0.1.0
PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
datadir ?= $(PREFIX)/share
INSTALL ?= install
PKG_CONFIG ?= pkg-config
BUILD ?= build
BIN ?= mlp-train
CFLAGS ?= -O3 -g

# OpenBLAS under the names distributions give it; FlexiBLAS where Fedora wants it.
BLAS_PC := $(firstword $(foreach p,openblas flexiblas cblas,$(shell $(PKG_CONFIG) --exists $(p) 2>/dev/null && echo $(p))))
BLAS_CFLAGS ?= $(if $(BLAS_PC),$(shell $(PKG_CONFIG) --cflags $(BLAS_PC)))
BLAS_LIBS ?= $(if $(BLAS_PC),$(shell $(PKG_CONFIG) --libs $(BLAS_PC)),-lopenblas)
OPENMP ?= -fopenmp
# The first python3 that has NumPy: a version manager's python in the PATH may hide Debian's.
PYTHON ?= $(firstword $(foreach p,python3 /usr/bin/python3,$(shell $(p) -c 'import numpy' 2>/dev/null && echo $(p))) python3)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion $(if $(WERROR),-Werror)
ALL_CFLAGS = -std=c11 -MMD -MP $(WARNINGS) $(OPENMP) $(if $(NATIVE),-march=native) $(CFLAGS) $(SANITIZE)
ALL_CPPFLAGS = -D_POSIX_C_SOURCE=200809L -DMLP_VERSION='"$(VERSION)"' -Iinclude $(BLAS_CFLAGS) $(CPPFLAGS)
ALL_LIBS = $(LDLIBS) $(BLAS_LIBS) -lz -lm

PROGRAM_SRC := src/main.c src/options.c src/report.c
LIB_SRC := $(filter-out $(PROGRAM_SRC),$(wildcard src/*.c))
LIB := $(BUILD)/libmlp.a
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
CLI_TESTS := $(wildcard tests/cli/*.bats)

.PHONY: all check check-unit
.SECONDARY:
all: $(BIN)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c $< -o $@

$(LIB): $(LIB_SRC:%.c=$(BUILD)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(BIN): $(PROGRAM_SRC:%.c=$(BUILD)/%.o) $(LIB)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(ALL_LIBS)

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ -lcmocka $(ALL_LIBS)

# Unit tests are programs that print TAP, command-line tests are bats files: prove runs both.
export CMOCKA_MESSAGE_OUTPUT = TAP
check: $(BIN) $(UNIT_TESTS)
	MLP_TRAIN=$(abspath $(BIN)) PYTHON="$(PYTHON)" prove --exec tests/run $(UNIT_TESTS) $(CLI_TESTS)

check-unit: $(UNIT_TESTS)
	prove --exec tests/run $(UNIT_TESTS)

.PHONY: clean
clean:
	rm -rf $(BUILD) $(BIN)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

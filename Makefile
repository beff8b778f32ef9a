# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A thin front for the CMake presets. `make help` lists the targets.
PRESET ?= release
# An interpreter whose torch package provides LibTorch instead of Debian's libtorch-dev.
PYTHON ?=
SNU ?=
Torch_DIR ?=
DESTDIR ?=
BUILD := build/$(PRESET)
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

DEPS_BUILD := build-essential cmake ninja-build ccache pkg-config libboost-program-options-dev libfmt-dev \
  nlohmann-json3-dev libtomlplusplus-dev libssl-dev libsqlite3-dev libhdf5-dev libarchive-dev libpng-dev libkissfft-dev \
  libnifti-dev zlib1g-dev libseccomp-dev libutf8proc-dev libkainjow-mustache-dev $(if $(PYTHON)$(Torch_DIR)$(filter asan,$(PRESET)),,libtorch-dev)
DEPS_RUN := bubblewrap git mricron-data pandoc librsvg2-bin fonts-nanum
DEPS_TEST := libgtest-dev libgmock-dev libbenchmark-dev libvalijson-dev libxml2-utils python3 python3-numpy python3-h5py python3-venv strace
DEPS_TEST_ALL := chromium bart debootstrap libreoffice-impress fonts-noto-cjk poppler-utils python3-pil
DEPS_TEST_OFFICIAL := python3-torch python3-h5py python3-skimage python3-tqdm python3-opencv
DEPS_BENCH_OFFICIAL := python3-torch python3-h5py python3-opencv
DEPS_FUZZ := clang-14 libclang-rt-14-dev llvm-14
DEPS_LINT := clang-format clang-tidy

.PHONY: build-bench help deps deps-test build test test-all test-gpu test-official demo bench bench-check bench-gpu bench-growth bench-leaderboard bench-official bench-peers bench-overhead bench-record bench-data bench-bundle leak-matrix format lint asan fuzz install clean
help:
	@echo "make demo     install what is needed, build, and walk the whole road on real data"
	@echo "make test     build and run the tests (unit, golden, cli)"
	@echo "make build    build build/release/bin/{reconproof,reconproof-baseline}; PYTHON=python3 for another LibTorch"
	@echo "make test-all also the slow and the browser tests;  make asan  tests under ASan and UBSan (ALL=1: whole submissions too)"
	@echo "make test-gpu  on a machine with an NVIDIA GPU that nobody else uses: is its memory measured, and limited? With PYTHON=python3,"
	@echo "              whose torch is for CUDA, also: does the baseline compute there what it computes here?"
	@echo "make test-official SNU=DIR   the official Python code (checkouts in DIR) and ours, side by side"
	@echo "make bench-official SNU=DIR  the time of the official scoring script and of ours on one full-size set"
	@echo "make bench-peers SNU=DIR     the official VarNet by its own code and by ours; OPTIONS='--what training --threads 1 --rounds 3'"
	@echo "make bench-gpu SNU=DIR PYTHON=python3   the same on an NVIDIA GPU, beside torch.compile; builds against that Python's torch"
	@echo "make bench-leaderboard       a whole leaderboard beside its computing alone; OPTIONS='--volumes 4 --slices 16'"
	@echo "make bench-growth            how the engine's time and memory grow with coils, pixels, cascades, channels and volumes"
	@echo "make bench-overhead          what measuring costs a submission"
	@echo "make bench-record            what recording costs a training"
	@echo "make bench-data              how fast data are listed and validated, beside openssl; VOLUMES=32 (20 GB), THREADS=1"
	@echo "make bench-bundle            pack and verify beside openssl and dd; SIZE=10G (needs three times as much), RUNS=3, THREADS=1, CACHE=cold"
	@echo "make leak-matrix             what the search for near-duplicates finds: 12 transformations x VOLUMES"
	@echo "make fuzz SECONDS=600 [TARGET=tar]  the readers of foreign files against libFuzzer; findings in build/fuzz/findings"
	@echo "make bench [SNU=DIR]         what takes time, and its ratio to a peer or a limit: build/bench.json; FILTER='pack|verify'"
	@echo "make bench-check [SNU=DIR]   the same ratios beside the stored ones: fails where one fell by a tenth"
	@echo "make format, lint, install (DESTDIR=), clean"

# Installs only what is missing, so that a machine that has everything needs neither network nor root.
define install_missing
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | grep -q '^install ok' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing:" $$missing; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

deps:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_RUN))
deps-test: deps
	$(call install_missing,$(DEPS_TEST))

# $(1): ON or OFF, whether tests are built.
configure = cmake --preset $(PRESET) -DBUILD_TESTING=$(1) -DRECONPROOF_PYTHON="$(PYTHON)" -DTorch_DIR="$(Torch_DIR)" >$(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }

build: deps
	@mkdir -p build
	@$(call configure,OFF)
	cmake --build --preset $(PRESET)

test: deps-test
	@mkdir -p build
	@$(call configure,ON)
	cmake --build --preset $(PRESET)
	ctest --preset $(PRESET)

test-all: test
	$(call install_missing,$(DEPS_TEST_ALL))
	test -x $(BUILD)/venv/bin/python || python3 -m venv $(BUILD)/venv
	$(BUILD)/venv/bin/python -m pip install --quiet bagit 'securesystemslib[crypto]' safetensors numpy
	RECONPROOF_REQUIRE_BART=1 ctest --test-dir $(BUILD) --output-on-failure -L 'slow|official|bart|browser|office'

test-gpu: deps-test
	@mkdir -p build
	@$(call configure,ON)
	cmake --build --preset $(PRESET) --target gpu-tests
	RECONPROOF_REQUIRE_GPU=1 ctest --test-dir $(BUILD) --verbose -L '^gpu$$'

# The official code beside ours: SNU=DIR holds a checkout of LISTatSNU/FastMRI_challenge for each branch, PYTHON an
# interpreter with torch, h5py, skimage, cv2 and tqdm whose torch is of the generation that is built (default: Debian's).
test-official: deps-test
	$(if $(SNU),,$(error SNU=DIR is not set: a folder with DIR/2025_baby_varnet, ..., checkouts of the official branches))
	$(if $(PYTHON),,$(call install_missing,$(DEPS_TEST_OFFICIAL)))
	@mkdir -p build
	@$(call configure,ON)
	cmake --build --preset $(PRESET)
	SNU="$(abspath $(SNU))" PYTHON="$(or $(PYTHON),/usr/bin/python3)" ctest --test-dir $(BUILD) --output-on-failure -R '^official\.' -E 'bagit|dsse|safetensors'

demo: build
	examples/demo.sh $(BUILD)/bin build/demo

build-bench: deps-test
	$(call install_missing,python3 openssl)
	@mkdir -p build
	@$(call configure,ON)
	cmake --build --preset $(PRESET) --target reconproof_bench

FILTER ?= .
bench: build-bench
	SNU="$(abspath $(SNU))" $(BUILD)/bin/reconproof_bench --benchmark_filter='$(FILTER)' --benchmark_out=build/bench.json --benchmark_out_format=json

# STORE=--store puts what this machine gives in the place of what is stored.
bench-check: build-bench
	SNU="$(abspath $(SNU))" python3 tests/bench/check.py $(BUILD)/bin/reconproof_bench tests/bench/ratios.json $(STORE)

bench-leaderboard: build
	$(call install_missing,python3 python3-numpy python3-h5py)
	/usr/bin/python3 tests/bench/leaderboard.py $(BUILD)/bin/reconproof-baseline $(OPTIONS)

bench-growth: build
	$(call install_missing,python3 python3-numpy python3-h5py)
	/usr/bin/python3 tests/bench/growth.py $(BUILD)/bin/reconproof-baseline --figure docs/figures/growth.svg

# Leaderboard volumes against themselves after 12 transformations (docs/leaks.md): minutes. HEADS='NAME=FILE...' adds
# real heads: NIfTI, or .npy float32 (slices, H, W).
VOLUMES ?= 200
leak-matrix:
	@mkdir -p build
	@$(call configure,OFF)
	cmake --build --preset $(PRESET) --target leak_matrix
	$(BUILD)/bin/leak_matrix $(VOLUMES)
	$(if $(HEADS),$(BUILD)/bin/leak_matrix $(VOLUMES) $(HEADS))

# SNU as above. DISTINCT=29 writes every volume of the set (2.2 GB in TMPDIR) instead of repeating four.
DISTINCT ?= 4
bench-official: build
	$(if $(SNU),,$(error SNU=DIR is not set: a folder with DIR/2025_baby_varnet, a checkout of the official branch))
	$(if $(PYTHON),,$(call install_missing,$(DEPS_BENCH_OFFICIAL)))
	SNU="$(abspath $(SNU))" PYTHON="$(or $(PYTHON),/usr/bin/python3)" sh tests/bench/official_score.sh $(BUILD)/bin/reconproof $(DISTINCT)

bench-peers: build
	$(if $(SNU),,$(error SNU=DIR is not set: a folder with DIR/2025_baby_varnet, a checkout of the official branch))
	$(if $(PYTHON),,$(call install_missing,$(DEPS_BENCH_OFFICIAL)))
	$(call install_missing,python3 python3-numpy python3-h5py)
	/usr/bin/python3 tests/bench/peers.py $(BUILD)/bin "$(abspath $(SNU))/2025_baby_varnet" "$(or $(PYTHON),/usr/bin/python3)" $(OPTIONS)

bench-gpu: build
	$(if $(SNU),,$(error SNU=DIR is not set: a folder with DIR/2025_baby_varnet, a checkout of the official branch))
	$(or $(PYTHON),python3) tests/bench/gpu.py $(BUILD)/bin "$(abspath $(SNU))/2025_baby_varnet" "$(or $(PYTHON),python3)" $(OPTIONS)

# What measuring costs a submission: a slice's way to the harness, and a run of 10 s in the sandbox.
bench-overhead: build
	$(call install_missing,python3 python3-numpy python3-h5py)
	sh tests/bench/overhead.sh $(BUILD)/bin/reconproof tests/slice_team

bench-record: build
	$(call install_missing,python3)
	sh tests/bench/record.sh $(BUILD)/bin/reconproof

# Beside `openssl dgst -sha256` on the same files: one full-size volume under VOLUMES names.
VOLUMES ?= 32
THREADS ?= 1
bench-data: build
	$(call install_missing,python3 openssl)
	sh tests/bench/data.sh $(BUILD)/bin/reconproof $(VOLUMES) $(THREADS)

# Beside SHA-256 and dd: a project of SIZE, packed and verified.
SIZE ?= 10G
RUNS ?= 3
CACHE ?= cold
bench-bundle: build
	$(call install_missing,python3 openssl)
	sh tests/bench/bundle.sh $(BUILD)/bin/reconproof $(SIZE) $(RUNS) $(THREADS) $(CACHE)

asan: deps-test
	$(MAKE) PRESET=asan test
	$(if $(ALL),ctest --preset asan-submission)

# Each target for SECONDS, in PROCESSES (tests/fuzz/run.sh).
SECONDS ?= 60
PROCESSES ?= 2
TARGET ?=
fuzz:
	$(call install_missing,$(filter-out libtorch-dev,$(DEPS_BUILD)) $(DEPS_FUZZ))
	@mkdir -p build
	@cmake --preset fuzz >build/fuzz-configure.log 2>&1 || { cat build/fuzz-configure.log; exit 1; }
	cmake --build --preset fuzz --target $(or $(TARGET:%=fuzz_%),fuzz)
	tests/fuzz/run.sh build/fuzz $(SECONDS) $(PROCESSES) $(TARGET)

format:
	$(call install_missing,$(DEPS_LINT))
	git ls-files '*.h' '*.cpp' | xargs clang-format -i

# `dev`, since the files of a unity build are not those of the tree.
lint: deps-test
	$(call install_missing,$(DEPS_LINT))
	@$(MAKE) --no-print-directory PRESET=dev build
	git ls-files '*.h' '*.cpp' | xargs clang-format --dry-run --Werror
	git ls-files '*.cpp' ':!tests' ':!baseline' | xargs -P 2 -n 4 clang-tidy -p build/dev --quiet

install: build
	DESTDIR=$(DESTDIR) cmake --install $(BUILD)

clean:
	rm -rf build

# Everything needs only Python 3.11 or later and gcc; each target makes what it lacks.
#
#   make run      build, and replay a connection to a service through a Contiv node
#   make test     build, and run the tests
#   make bench    build, and measure every table, node and path
#   make figures  write docs/performance.md from the last make bench
#   make lint     ruff, cython-lint, mypy
#   make debug    the tests on a build with bounds checks and assertions
#   make asan     the tests on a build under AddressSanitizer and UndefinedBehaviorSanitizer
#   make docs     the pictures in docs/img, the pages made from the tables, the Python API as HTML in build/docs
#   make clean    remove what was built; `make distclean` the virtual environment too
#
# VENV=DIR uses another virtual environment, PYTEST='-k nat' passes options to pytest.

SHELL := /bin/sh
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
ifeq ($(origin CC),default)
CC := $(if $(shell command -v ccache 2>/dev/null),ccache gcc,gcc)
endif
export CC

BIN := $(abspath $(VENV))/bin
PY := $(BIN)/python
PYTEST ?=
TREE := engine shell tests pcaps docs setup.py pyproject.toml README.md LICENSE CHANGELOG.md CONTRIBUTING.md

CONTIV := pcaps/contiv
FLOW := $(CONTIV)/pod-to-service-same-node

.PHONY: run test bench figures lint debug asan docs build clean distclean

run: build
	$(BIN)/vppsh replay --config $(CONTIV)/node1.vpp \
		--input tap2=$(FLOW)-request.pcap --input tap4=$(FLOW)-response.pcap \
		--trace 10 --show 'show nat44 sessions detail'

test: build
	$(PY) -m pytest $(PYTEST) tests

bench: build $(VENV)/.bench
	@mkdir -p build
	$(PY) -m pytest $(PYTEST) --benchmark-json=build/benchmark.json benchmarks

figures: build/benchmark.json
	$(PY) -m benchmarks.report $< --write

build/benchmark.json:
	$(MAKE) bench

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	PATH=$(BIN):$$PATH cython-lint engine
	$(BIN)/mypy

# pip builds too when it installs, so this has work to do only after a source was changed
build: $(VENV)/.ready
	@$(PY) setup.py -q build_ext --inplace

$(VENV)/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or later is needed' >&2; exit 1; }
	@echo 'Setting up $(VENV); the first build takes a few minutes'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install -q --disable-pip-version-check 'setuptools>=77' 'cython>=3.1'
	@$(PY) -m pip install -q --disable-pip-version-check --no-build-isolation -e '.[test]'
	@touch $@

$(VENV)/.bench: EXTRAS := bench
$(VENV)/.dev: EXTRAS := dev,docs
$(VENV)/.bench $(VENV)/.dev: $(VENV)/.ready
	@$(PY) -m pip install -q --disable-pip-version-check --no-build-isolation -e '.[$(EXTRAS)]'
	@touch $@

# The checked builds live in copies of the sources, so that the ordinary modules stay where they are.
# tar keeps the times of the files: what did not change is not built again.
define copy_tree
	@mkdir -p build/$(1)
	@rm -rf $(addprefix build/$(1)/,tests pcaps)
	@tar --exclude=__pycache__ --exclude='*.so' -cf - $(TREE) | tar -C build/$(1) -xf -
endef

debug: $(VENV)/.ready
	$(call copy_tree,debug-tree)
	cd build/debug-tree && VPPSH_DEBUG=1 $(PY) setup.py -q build_ext --inplace
	cd build/debug-tree && PYTHONPATH=$(CURDIR)/build/debug-tree $(PY) -m pytest $(PYTEST) tests

# Python itself never gives everything back, hence no leak check; PYTHONMALLOC shows asan each object
asan: $(VENV)/.ready
	$(call copy_tree,asan-tree)
	cd build/asan-tree && VPPSH_SANITIZE=1 $(PY) setup.py -q build_ext --inplace
	cd build/asan-tree && PYTHONPATH=$(CURDIR)/build/asan-tree PYTHONMALLOC=malloc \
		LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libstdc++.so)" \
		ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
		$(PY) -m pytest $(PYTEST) tests

# what the README shows: a call to a service of another node, through both nodes of the lab; Chromium makes the PNG
ACROSS := pod-to-service-different-nodes
IMG := docs/img/$(ACROSS)

docs: build $(VENV)/.dev
	$(PY) -m engine.server.document --write
	@mkdir -p build/docs
	$(BIN)/vppsh replay --lab $(CONTIV)/lab.toml --input node1:tap2=$(CONTIV)/$(ACROSS)-request.pcap \
		--input node2:tap3=$(CONTIV)/$(ACROSS)-response.pcap --diagram build/docs/$(ACROSS).html >/dev/null
	$(BIN)/vppsh replay --lab $(CONTIV)/lab.toml --input node1:tap2=$(CONTIV)/$(ACROSS)-request.pcap \
		--diagram build/docs/picture.svg >/dev/null
	mv build/docs/picture.svg $(IMG).svg
	-$(PY) -m shell.diagram.shot $(IMG).svg $(IMG).png
	$(BIN)/pdoc -o build/docs engine.engine engine.replay engine.errors engine.cli engine.devices.pcap

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find engine shell tests benchmarks -name '*.so' -delete -o -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

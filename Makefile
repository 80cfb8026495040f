# make demo   explain the four-path example, draw it, and check the worked examples of the notes
# make test   lint, type-check and test, compiled and as plain Python; count instructions, if valgrind is installed
# make attack   kill, interrupt, and hand in damaged files, formulas and labels, for an hour; SCALE=0.01 for less
# make docs   build the documentation site in build/site
# make mutants   change one sign, operator or number at a time, and see whether a test fails; SAMPLE=0 for all
# make pictures   draw the pictures of the README again; that of the page needs Chromium and playwright
# make sanitize   test the compiled parts with the sanitizers of GCC
# Each sets up all it needs in .venv, on a machine that has Python 3.10 or newer.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ALL_CORES := --numprocesses=auto --dist=worksteal

.PHONY: demo test lint docs attack mutants pictures sanitize clean

demo: $(VENV)/ready
	@mkdir -p pictures
	$(BIN)/pathgrad explain "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)" --at w=0 --png pictures/four-paths.png
	$(BIN)/pathgrad notes

test: $(VENV)/ready lint
	$(BIN)/python -m pytest $(ALL_CORES)
	$(BIN)/python -m benchmarks.instructions --check
	PATHGRAD_PURE=1 $(BIN)/python -m pytest $(ALL_CORES) tests autograd nn -m "not same_in_both_modes"

lint: $(VENV)/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m autograd.generate --check

docs: $(VENV)/ready
	$(BIN)/python -m sphinx --quiet --jobs=auto --fail-on-warning --keep-going -c docs -d build/doctrees . build/site
	@echo 'The site is in build/site/index.html.'

SCALE ?= 1
attack: $(VENV)/ready
	$(BIN)/python -m tests.attack --scale $(SCALE)

SAMPLE ?= 40
mutants: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	$(BIN)/python -m tests.mutants --sample $(SAMPLE)

pictures: demo
	$(BIN)/python -m benchmarks.browser pictures/page.png

# The compiled parts are built beside the package, not into it.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZED := build/sanitized
SANITIZED_TESTS := native_machine environment core value sweep paths copies crossing neuron native_nodes tensor array_losses \
    rows compile compiled_nodes captured replay sparse threads
sanitize: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'setuptools>=77' 'Cython>=3.1' 'numpy>=2.0'
	CFLAGS='-g $(SANITIZE)' LDFLAGS='$(SANITIZE)' \
	    $(BIN)/python setup.py --quiet build --force --build-base $(SANITIZED) --build-lib $(SANITIZED)/lib
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libstdc++.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
	    PYTHONPATH=$(SANITIZED)/lib $(BIN)/pytest --import-mode=importlib -p no:cacheprovider \
	    -k 'not million and not process and not edited and not current and not counted' $(SANITIZED_TESTS:%=tests/test_%.py)

$(VENV)/ready: pyproject.toml setup.py autograd/core/value.py autograd/core/columns.py $(wildcard autograd/core/*.pxd autograd/*/native/*)
	@$(PYTHON) -c 'import sys; sys.exit("pathgrad needs Python 3.10 or newer" if sys.version_info < (3, 10) else 0)'
	@$(PYTHON) -c 'import ensurepip' || { echo 'Python lacks venv: on Debian or Ubuntu, apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all,test]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info

# `make demo` and `make test` set everything up first; see README.md.
PYTHON ?= python3
BIN := .venv/bin
# Linux without a GPU: make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu spares several GB.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: setup demo test slow lint faults bench docs clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "axolens needs Python 3.11 or later, this is %d.%d" % sys.version_info[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --constraint constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	$(PIP) --constraint constraints.txt --editable '.[all]' --requirement requirements-dev.txt
	touch $@

demo: setup
	$(BIN)/axolens demo

test: setup
	$(BIN)/python -m pytest -q

slow: setup
	$(BIN)/python -m pytest -q -m slow

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/size.py
	$(BIN)/python tools/command_pages.py --check

faults: setup
	$(BIN)/python tools/faults.py

bench: setup
	$(BIN)/python benchmarks/run.py

docs: setup
	$(BIN)/python tools/command_pages.py

clean:
	rm -rf .venv out build dist

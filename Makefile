# Segue's doors. `make run` and `make test` need nothing but Python 3.11+ and the network for packages.
.DEFAULT_GOAL := help
.PHONY: help run test lint format types contracts unit test-slow bench demo docs lock sbom clean

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
# simpleaudio is compiled against ALSA's headers on Linux: try again once they have been installed
AUDIO  := $(VENV)/.audio$(if $(wildcard /usr/include/alsa/asoundlib.h),-alsa)
ARGS   ?=

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run $(AUDIO) ## open the explorer on the demo library (ARGS="--library NAME" for another)
	@$(BIN)/segue $(ARGS)

test: lint types contracts unit ## lint, types, import contracts and the default tests

lint: $(VENV)/.dev ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev ## ruff: fix what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## mypy, strict, over code, tests and benchmarks
	$(BIN)/mypy

contracts: $(VENV)/.dev ## import-linter: who may import whom
	$(BIN)/lint-imports

unit: $(VENV)/.dev $(AUDIO) ## the default tests (ARGS="-k name" for some)
	$(BIN)/pytest $(ARGS)

# four at a time on two processors: these tests mostly wait, for processes to start, to be killed, to give up;
# those that start a cluster run one after another, each takes both processors
test-slow: $(VENV)/.cluster $(AUDIO) ## the tests that take longer: kills, a cluster, real audio devices, a real terminal
	$(BIN)/pytest -m slow -n 4 --dist loadgroup --ignore tests/end_to_end $(ARGS)
	$(BIN)/pytest -m slow -n 3 --dist loadfile tests/end_to_end $(ARGS)

bench: $(VENV)/.bench $(AUDIO) ## every benchmark, at full size (ARGS="--quick" for a small run)
	@for file in $$(grep -l __main__ benchmarks/*.py); do \
		echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) $(ARGS) || exit 1; done

demo: $(VENV)/.run ## make the demo library again from its seed
	$(BIN)/python -m segue.core.demo

docs: $(VENV)/.run ## draw the README's pictures and the page of keys again
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/keys.py > docs/keys.md

lock: ## resolve the lock files again (needs uv)
	sh requirements/lock.sh

sbom: $(VENV)/.sbom ## a software bill of materials of what runs, from the lock, in build/sbom.json (CycloneDX)
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements/run.lock --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Segue needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Call: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing what Segue needs into $(VENV) (about a minute, once)"
	$(PIP) install --require-hashes -r requirements/run.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.bench: requirements/bench.lock $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements/bench.lock
	@touch $@

$(VENV)/.sbom: requirements/sbom.lock | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/sbom.lock
	@touch $@

# never fatal: where Ray has no wheel, the tests of the cluster skip
$(VENV)/.cluster: requirements/cluster.lock $(VENV)/.dev
	@$(PIP) install --require-hashes -r requirements/cluster.lock > $(VENV)/cluster.log 2>&1 \
		|| echo "Ray can't be installed here ($(VENV)/cluster.log says why); the tests of the cluster will skip"
	@touch $@

# never fatal: without a compiler or ALSA's headers, previews play through miniaudio
$(AUDIO): requirements/audio.lock $(VENV)/.run
	@$(PIP) install --require-hashes --no-build-isolation -r requirements/audio.lock > $(VENV)/audio.log 2>&1 \
		|| echo "simpleaudio can't be built here ($(VENV)/audio.log says why); playing through miniaudio"
	@touch $@

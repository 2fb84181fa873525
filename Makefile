# Everything here needs Python ≥ 3.11 and make, nothing else. `make` prints what there is.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PYTEST_ARGS ?=
DEMO_ARGS ?=
FAULTS_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo up test faults bench check format migration words lock clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/.run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Postcue needs Python 3.11 or newer; PYTHON=/path/to/python3.11 make … picks one" if sys.version_info < (3, 11) else 0)'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Postcue needs into $(VENV) (once) …"
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("Postcue needs Python 3.11 or newer; PYTHON=/path/to/python3.11 make … picks one" if sys.version_info < (3, 11) else 0)'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the tests need into $(VENV) (once) …"
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run  ## Try Postcue: sandbox Telegram and Instagram, and a page to play with
	@exec $(PY) -m sandbox demo $(DEMO_ARGS)

up: $(VENV)/.run  ## Run everything in one process, with the settings of .env
	@exec $(PY) -m bot up

test: $(VENV)/.dev  ## Run the tests
	@$(PY) -m pytest -n 3 $(PYTEST_ARGS)

faults: $(VENV)/.dev  ## Kill, cut and flood the real thing for some minutes, and count (FAULTS_ARGS=…)
	@$(PY) -m tests.faults $(FAULTS_ARGS)

bench: $(VENV)/.dev  ## Measure it: punctuality, throughput, cost (BENCH_ARGS="engine --posts 10000")
	@$(PY) -m benchmarks $(BENCH_ARGS)

check: $(VENV)/.dev  ## Format, lint, types, walls (static checks)
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

format: $(VENV)/.dev  ## Put the code into its form
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

migration: $(VENV)/.dev  ## Write the migration for changed models (NAME=what_changed)
	@$(PY) -m tortoise -c models.database.MIGRATION_CONFIG makemigrations $(if $(NAME),-n $(NAME))

words: $(VENV)/.run  ## Bring the files of the languages in step with the English words
	@$(PY) -m bot.texts.sync

lock: $(VENV)/.dev  ## Renew the lock files from pyproject.toml
	@$(VENV)/bin/uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	@$(VENV)/bin/uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## Remove what was made here (virtual environment, caches, demo data)
	rm -rf $(VENV) .demo .data .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

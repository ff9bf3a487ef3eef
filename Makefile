# Everything a new user needs; `make help` lists it. The work is done by the scripts in tools/,
# which also run without make: python tools/setup_env.py, then .venv/bin/python tools/check.py.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-lab report lab bench validate docs test lint format lock clean

export PYTHON BRAND
BIN := .venv/bin
ARGS ?=

help: ## list what make can do
	@echo "make report BRAND=supermarket   set up, then render reports/supermarket/"
	@echo "                                (more options: ARGS=\"--language en --jobs 1\")"
	@echo "make lab                        set up .venv-lab, then open the notebooks in JupyterLab"
	@echo "                                (more options: ARGS=\"--language zh --no-browser\")"
	@echo "make bench                      run the benchmarks and write docs/performance.md"
	@echo "make validate                   run the proofs and write docs/validation.md"
	@echo "                                (some of them: ARGS=\"null_sections\")"
	@echo "make docs                       set up, then build the reference in docs/_build/html/"
	@echo "make test                       set up, then run every check and test"
	@echo "make setup                      make or reuse .venv (PYTHON=... names the Python)"
	@echo "make setup-lab                  make or reuse .venv-lab, which has JupyterLab"
	@echo "make lint                       the checks that only read the code"
	@echo "make format                     format the code and mend what can be mended"
	@echo "make lock                       make the lock files from pyproject.toml (UPGRADE=1: newest)"
	@echo "make clean                      remove environments, caches and generated reports"

# The script finds the Python for the environment; any Python 3 can run it, at best that of .venv.
FIND_PYTHON = for python in $(BIN)/python python3 python3.13 python3.12 python3.11 "$$PYTHON"; do \
        if "$$python" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 5))' 2>/dev/null; then \
            exec "$$python" -I -S tools/setup_env.py
NO_PYTHON = ; \
        fi; \
    done; \
    echo "setup: Python is missing; 3.11, 3.12 or 3.13 is needed;" \
        "on Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; exit 2

setup: ## make or reuse .venv
	@$(FIND_PYTHON) $(NO_PYTHON)

setup-lab: ## make or reuse .venv-lab
	@$(FIND_PYTHON) --lab $(NO_PYTHON)

report: setup ## render a brand's report
	@if [ -z "$$BRAND" ]; then \
	    echo "make report needs a brand, for example: make report BRAND=supermarket" >&2; exit 2; \
	fi; \
	exec $(BIN)/loyalty report "$$BRAND" $(ARGS)

lab: setup-lab ## open the notebooks in JupyterLab
	@exec .venv-lab/bin/loyalty lab $(ARGS)

bench: setup ## run the benchmarks and write docs/performance.md
	@$(BIN)/python tools/peer_env.py
	@exec $(BIN)/python benchmarks/run.py $(ARGS)

validate: setup ## run the proofs and write docs/validation.md
	@exec $(BIN)/python benchmarks/validate.py $(ARGS)

docs: setup ## build the reference of the public functions
	@exec $(BIN)/python tools/docs.py

test: setup ## run every check and test
	@exec $(BIN)/python tools/check.py test $(ARGS)

lint: setup ## run the checks that only read the code
	@exec $(BIN)/python tools/check.py lint

format: setup ## format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; exec $(BIN)/ruff format .

lock: setup ## make the lock files from pyproject.toml
	@exec $(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

clean: ## remove environments, caches and generated reports
	rm -rf .venv .venv-lab docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} + 2>/dev/null || true

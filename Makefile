# What a person types. `make` alone lists the targets.
# Every target sets up what it needs first; done again, that costs a fraction of a second.

PYTHON := .venv/bin/python
CACHES := .pytest_cache .mypy_cache .ruff_cache .hypothesis spark-warehouse metastore_db derby.log

COMPILE = .venv/uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help setup run test shell lint lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv, put Delta's jars into it, check for Java (run, test, shell do it by themselves)
	@scripts/setup.sh run

run: setup ## One full run; flags go in ARGS, as in: make run ARGS="--demo"
	@$(PYTHON) run_ingestion.py $(ARGS)

test: ## The whole test suite; pytest's own flags go in ARGS
	@scripts/setup.sh dev
	@$(PYTHON) -m pytest $(ARGS)

shell: setup ## The PySpark shell with Delta on and every table of the lake at hand
	@$(PYTHON) -c 'from engines.spark_shell import write_defaults; write_defaults(".venv/spark-conf")'
	@SPARK_CONF_DIR="$(CURDIR)/.venv/spark-conf" SPARK_LOCAL_IP=127.0.0.1 \
		PYTHONPATH="$(CURDIR)" PYTHONSTARTUP="$(CURDIR)/engines/spark_shell.py" \
		PYSPARK_PYTHON="$(CURDIR)/$(PYTHON)" PYSPARK_DRIVER_PYTHON_OPTS=-i .venv/bin/pyspark

lint: ## ruff and mypy
	@scripts/setup.sh dev
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy .

lock: setup ## Pin requirements*.in with hashes into requirements*.txt
	@test -x .venv/uv/bin/uv || { $(PYTHON) -m venv .venv/uv && .venv/uv/bin/pip install --quiet uv; }
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt

clean: ## Remove .venv and caches; never data/
	@rm -rf .venv $(CACHES)
	@find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

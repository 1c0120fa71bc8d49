# What a person types. `make` alone lists the targets.
# Every target sets up what it needs first; done again, that costs a fraction of a second.

PYTHON := .venv/bin/python
CACHES := .pytest_cache .mypy_cache .ruff_cache .hypothesis spark-warehouse metastore_db derby.log
UNITS := tests/clients tests/config tests/engines tests/features tests/gold tests/lake tests/loaders \
	tests/mappers tests/schemas tests/silver tests/writers
ON_DUCKDB := not slow and not spark
# Two at a time: each has an engine with up to 1 GB. What shares a module shares what it sets up.
TWO := -n 2 --dist loadscope --no-loadscope-reorder

COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

# Compiled modules are kept, whatever the environment says: compiling them again costs a run seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-spark run test test-fast test-slow test-spark test-engines soak shell lint audit lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## Build .venv with what a run needs, without Java (run, test, shell do it by themselves)
	@scripts/setup.sh run

setup-spark: ## Add what Apache Spark needs to the same .venv: Java, PySpark, Delta's jars
	@scripts/setup.sh run spark

run: ## One full run; flags go in ARGS, as in: make run ARGS="--demo"
	@scripts/setup.sh auto
	@$(PYTHON) run_ingestion.py $(ARGS)

test: ## The test suite on DuckDB; pytest's own flags go in ARGS
	@scripts/setup.sh dev
	@$(PYTHON) -m pytest $(TWO) -m "$(ON_DUCKDB)" $(ARGS)
	@echo "make test-spark runs the tests on Apache Spark too: both engines, row for row"

test-fast: ## The unit tests alone: no pipeline, no simulated people, few examples
	@scripts/setup.sh dev
	@$(PYTHON) -m pytest $(TWO) -p no:schemathesis -m "$(ON_DUCKDB) and not long and not heavy" \
		--hypothesis-profile fast --ignore tests/lake/test_checks.py $(ARGS) $(UNITS)

test-slow: ## The tests that take minutes each, on both engines
	@scripts/setup.sh dev spark
	@$(PYTHON) -m pytest -m slow $(ARGS)

test-spark: ## The tests that need Apache Spark
	@scripts/setup.sh dev spark
	@$(PYTHON) -m pytest -m "spark and not slow" $(ARGS)

test-engines: ## What holds the engines together: the allow-list, probes and whole lakes on both
	@scripts/setup.sh dev spark
	@$(PYTHON) -m pytest -m "not slow" $(ARGS) tests/engines

soak: ## Hours: 2,000 runs ended at every point, 1,000 scheduled runs, an hour of hostile input
	@scripts/setup.sh dev
	@$(PYTHON) -m tests.soak.crashes --kills 2000 --tally data/soak/crashes.json $(ARGS)
	@$(PYTHON) -m tests.soak.long_life --runs 1000
	@$(PYTHON) -m tests.soak.fuzz --seconds 3600 --sums data/soak/fuzz.json

shell: setup-spark ## The PySpark shell with Delta on and every table of the lake at hand
	@$(PYTHON) -c 'from engines.spark_shell import write_defaults; write_defaults(".venv/spark-conf")'
	@SPARK_CONF_DIR="$(CURDIR)/.venv/spark-conf" SPARK_LOCAL_IP=127.0.0.1 \
		PYTHONPATH="$(CURDIR)" PYTHONSTARTUP="$(CURDIR)/engines/spark_shell.py" \
		PYSPARK_PYTHON="$(CURDIR)/$(PYTHON)" PYSPARK_DRIVER_PYTHON_OPTS=-i .venv/bin/pyspark

lint: ## ruff, mypy and the style of SQL
	@scripts/setup.sh dev
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy .
	@$(PYTHON) -m pytest -q tests/engines/test_sql_style.py

audit: setup ## Known vulnerabilities of the packages of a run, by pip-audit; needs the internet
	@$(PYTHON) -m uv --version >/dev/null || $(PYTHON) -m pip install --quiet uv
	@$(PYTHON) scripts/audit.py

lock: setup ## Pin requirements*.in with hashes into requirements*.txt
	@$(PYTHON) -m uv --version >/dev/null || $(PYTHON) -m pip install --quiet uv
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-light.in --constraint requirements.txt --output-file requirements-light.txt
	@$(COMPILE) requirements-dev.in --constraint requirements.txt --output-file requirements-dev.txt
	@$(COMPILE) requirements-uv.in --output-file requirements-uv.txt

clean: ## Remove .venv and caches; never data/
	@rm -rf .venv $(CACHES)
	@find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

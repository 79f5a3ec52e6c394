# The two commands that matter: `make demo` and `make test`. Every target makes .venv where it is missing.
PYTHON ?= python3
BIN := .venv/bin
KILLS ?= 100
SEEDS ?= 500
SECONDS ?= 60
TIMES ?= 1
DIR ?= wheelhouse

.PHONY: demo test lint format sim mutants soak faults fuzz bench model wheelhouse clean

demo: .venv/installed
	$(BIN)/sparekey demo

test: .venv/developer
	@$(BIN)/python tests/needs.py
	$(BIN)/pytest -n 3 --dist worksteal

lint: .venv/developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/developer
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Whole plants, each from its seed, on all cores; `make sim SEED=n` shows every event of one.
sim: .venv/developer
	PYTHONPATH=tests $(BIN)/python -m simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

# The core with one line spoiled at a time: each must be found by a seed.
mutants: .venv/developer
	$(BIN)/python -m tests.mutants

soak: .venv/developer
	$(BIN)/python -m tests.soak --kills $(KILLS)

# Real processes under the faults of real machines, disks and networks, the long stories too: make faults TIMES=10
faults: .venv/developer
	@$(BIN)/python tests/needs.py
	PYTHONPATH=tests $(BIN)/python -m faults --times $(TIMES)

# Every parser with input that nobody meant, SECONDS in all; an input that breaks one is kept in .fuzz/.
fuzz: .venv/developer
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# How fast, beside what nobody can go below: a table and plots in benchmarks/results/. `make bench QUICK=1` only tries it.
bench: .venv/developer
	PYTHONPATH=tests $(BIN)/python -m benchmarks $(if $(QUICK),--quick)

model: .venv/bin/python
	$(BIN)/python model/check.py

# What a PC without internet needs, in a folder and in a tar file of it: make wheelhouse DIR=/media/stick/sparekey
wheelhouse: .venv/bin/python
	@$(BIN)/python packaging/wheelhouse.py "$(DIR)"

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Sparekey needs Python 3.11 or later; name one with PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/developer: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ .venv/installed

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Balise: every command a newcomer, a developer or a machine needs. `make` alone lists them.
# Only relative paths: the folder may have any name and stand anywhere.

PORT ?= 8000
PYTHON ?= python3
export PYTHON

SHELL := /bin/sh
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help install demo serve test bench lock docs screenshots clean

help: ## List the commands
	@echo "Balise - laboratory information management for drug checking"
	@echo
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /|/' | while IFS='|' read -r name words; do printf '  make %-12s %s\n' "$$name" "$$words"; done
	@echo
	@echo "  PORT=$(PORT) and PYTHON=$(PYTHON) can be given after the command, e.g. make demo PORT=9000"

install: ## Make .venv and install what the hashed lock names
	@sh scripts/install.sh

demo: install ## Serve a demonstration network on http://127.0.0.1:8000
	@$(BIN)/lims demo --port $(PORT)

serve: install ## Serve a real installation (settings from the environment: lims settings)
	@$(BIN)/lims serve

test: ## Run everything that CI runs: ruff, mypy, import-linter, pytest on SQLite and PostgreSQL
	@sh scripts/install.sh test
	@sh scripts/test.sh $(ARGS)

bench: ## Measure speed, as ratios to the bare database
	@sh scripts/install.sh
	@$(BIN)/python -m bench $(ARGS)

lock: ## Resolve requirements*.in again into the hashed locks
	@sh scripts/lock.sh

docs: ## Write the pages of docs/ that repeat what the program knows of itself
	@sh scripts/install.sh
	@$(BIN)/python -m scripts.write_docs

screenshots: ## Draw the pictures of docs/guide.md from a demonstration of their own
	@sh scripts/install.sh test
	@BALISE_CHROMIUM="$$(sh scripts/chromium.sh)" $(BIN)/python -m scripts.screenshots

clean: ## Remove .venv and caches; records and files of the laboratory stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

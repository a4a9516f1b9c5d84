# Two commands do the main things: `make demo` and `make test`. `make help` names the rest.
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-to-run
TEST := $(VENV)/.installed-to-test

.PHONY: help demo test lint bench messages
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUN) ## try it: a practice LMS and the tool, connected (FRESH=1 starts over)
	@$(BIN)/lms-plc demo $(if $(FRESH),--fresh)

test: $(TEST) ## every test, on SQLite, PostgreSQL and in Chromium
	@.ci/needs
	@$(MAKE) --no-print-directory lint
	@.ci/tests

lint: $(TEST) ## style, types, and that dependencies point down
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/mypy

bench: $(TEST) ## speed, side by side with a named peer in one run
	@.ci/venv $(VENV) '.[test,bench]'
	@$(BIN)/python -m tests.bench

messages: $(TEST) ## collect the texts for translators, and bring the catalogues up to date
	@$(BIN)/python .ci/messages

$(RUN): setup.cfg pyproject.toml
	@.ci/venv $(VENV) .
	@touch $@

$(TEST): setup.cfg pyproject.toml
	@.ci/venv $(VENV) '.[test]'
	@touch $@ $(RUN)

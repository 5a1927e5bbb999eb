# Two commands: `make run` and `make test`. Everything else is for people who work on the product.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test check setup build lock messages lint types clean

run: setup build
	@exec $(PY) -m clientela.config.supervisor --demo

test: setup-dev build servers
	@$(PY) -m tests.run

check: setup-dev build servers
	@$(PY) -m tests.run --check

setup: var/stamps/base
setup-dev: var/stamps/dev

var/stamps/base: requirements/base.txt requirements/build.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/build.txt
	@mkdir -p var/stamps && touch $@

var/stamps/dev: requirements/dev.txt requirements/build.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt -r requirements/build.txt
	@mkdir -p var/stamps && touch $@ var/stamps/base

# The bundle and the Russian catalogue are built from sources; both are quick when nothing changed.
build: var/stamps/bundle var/stamps/messages

var/stamps/bundle: package-lock.json vite.config.ts $(shell find frontend clientela -name '*.ts' -o -name '*.css' -o -name 'icons.txt' -o -name '*.html' 2>/dev/null | grep -v node_modules)
	@$(PY) frontend/npm.py ci --silent --no-progress
	@$(PY) frontend/npm.py run --silent build
	@mkdir -p var/stamps && touch $@

var/stamps/messages: $(shell find clientela -name '*.po' 2>/dev/null)
	@$(PY) -m clientela.config.catalogues
	@mkdir -p var/stamps && touch $@

servers:
	@bash tests/servers/install.sh

lock:
	@for name in base dev build; do \
	  $(VENV)/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; \
	done

# make messages [APP=clientela/modules/renewals]: gather strings (needs gettext)
messages:
	@$(PY) -m clientela.config.gather $(APP)

clean:
	@rm -rf var $(VENV) node_modules clientela/foundation/ui/static/ui

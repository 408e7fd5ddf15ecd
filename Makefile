# Two commands need nothing but Python 3.11 or newer, pip, make and git:
#   make serve   starts the mock on 127.0.0.1:4010
#   make test    checks everything: lint, types, the layers, the contracts, the docs, all tests

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INPUTS := pyproject.toml constraints.txt
CONTRACTS := $(wildcard openapi/*.yaml)
# One process more than the two cores that CI has: some tests wait.
PARALLEL := --numprocesses 3 --dist worksteal
NODE_PACKAGES := tools/node_modules/.package-lock.json
PEERS := benchmarks/comparison/peers

# What builds the package comes from the same list; older and newer pips ask by different names.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_BUILD_CONSTRAINT := $(CURDIR)/constraints.txt

# The tests start some hundred processes: each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

# Material prints a notice of its end of life on every build; docs/adr/018-dependencies.md has it.
export NO_MKDOCS_2_WARNING := 1

export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

.PHONY: serve test lint types layers contracts deployment docs tests coverage browser frameworks typed-clients postgres wheel mutation-score fuzz bench audit constraints clean

serve: $(VENV)/.serve
	@exec $(BIN)/mockserver serve $(ARGS)

test:
	@$(MAKE) --no-print-directory --jobs 2 lint types layers contracts deployment docs
	@$(MAKE) --no-print-directory tests

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.test
	$(BIN)/mypy

layers: $(VENV)/.test
	$(BIN)/lint-imports --no-logo

contracts: $(VENV)/.test $(NODE_PACKAGES)
	$(BIN)/openapi-spec-validator $(CONTRACTS)
	$(BIN)/node tools/node_modules/@redocly/cli/bin/cli.js lint --config tools/redocly.yaml $(CONTRACTS)

# The image, the file for Docker Compose, and the manifest for Kubernetes, each by its linter.
deployment: $(VENV)/.deployment $(NODE_PACKAGES)
	$(BIN)/hadolint Dockerfile
	$(BIN)/node tools/node_modules/dclint/bin/dclint.cjs --max-warnings 0 compose.yaml
	$(BIN)/kubernetes-validate --strict --quiet deploy/kubernetes.yaml

# The docs site, in site/: every warning is an error, a broken link for instance.
docs: $(VENV)/.test
	$(BIN)/python -m mkdocs --quiet build --strict

tests: $(VENV)/.test $(NODE_PACKAGES) browser frameworks typed-clients postgres
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

# The same tests with lines and branches measured, in servers and command lines too; a page in htmlcov/.
# ARGS narrows it: make coverage ARGS=tests/store
coverage: $(VENV)/.test $(NODE_PACKAGES) browser frameworks typed-clients postgres
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(PARALLEL) $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage html --quiet
	$(BIN)/python -m coverage report

# Where it can, it installs one; where it cannot, it says what to do, and fails in CI alone.
browser:
	@tools/browser.sh

# The same for Laravel and Rails. After the browser, since apt-get runs once at a time.
frameworks: browser
	@tools/frameworks.sh

# The same for PostgreSQL, of which the tests start a server of their own.
postgres: frameworks
	@tools/postgres.sh

# The same for the generators of clients, from npm and PyPI.
typed-clients: $(VENV)/.test
	@VENV=$(VENV) tools/typed-clients.sh

# The sdist, and the wheel built from it.
wheel: $(VENV)/.test
	$(BIN)/python -m build --no-isolation --outdir dist .

# The contract kit against every mutation of the mock, one at a time; it takes some minutes.
mutation-score: $(VENV)/.test
	$(BIN)/python tools/mutation_score.py $(ARGS)

# Random bytes for whatever strangers send, for ARGS="--seconds 600"; a minute by default.
fuzz: $(VENV)/.test
	$(BIN)/python tools/fuzz.py $(ARGS)

# Speed and memory beside other mock servers, in some 20 minutes; what cannot be installed is left out.
# ARGS="--page FILE --plot FILE" writes the tables into a page and draws the plot.
bench: $(VENV)/.test
	@command -v wrk >/dev/null || apt-get -qq install --yes wrk >/dev/null 2>&1 || echo "No wrk is here (Debian's package wrk): a client in Python sends the requests." >&2
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(PEERS) ci --ignore-scripts --no-audit --no-fund --loglevel error || true
	@$(PIP) install --constraint constraints.txt --group bench
	@PATH="$(CURDIR)/$(BIN):$$PATH" python benchmarks/comparison $(ARGS)

# Known vulnerabilities of what is installed, from the advisories of PyPI; it needs the internet.
audit:
	$(PYTHON) -m venv $(VENV)/audit
	env -u PIP_CONSTRAINT $(VENV)/audit/bin/python -m pip --quiet install pip-audit
	$(VENV)/audit/bin/pip-audit --disable-pip --no-deps --requirement constraints.txt

# What the two commands install. A stamp is newer than its inputs when there is nothing to do.

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, \
	this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.serve: $(VENV)/.python $(INPUTS)
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.serve
	$(PIP) install --constraint constraints.txt --upgrade pip
	$(PIP) install --constraint constraints.txt --editable . --group test --group docs
	@touch $@

$(VENV)/.deployment: $(VENV)/.test
	$(PIP) install --constraint constraints.txt --group deployment
	@touch $@

$(NODE_PACKAGES): tools/package-lock.json $(VENV)/.test
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix tools ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# The newest versions that the ranges allow, written down.
constraints:
	$(PYTHON) -m venv --clear $(VENV)/constraints
	$(VENV)/constraints/bin/python -m pip --quiet install --upgrade pip
	$(VENV)/constraints/bin/python -m pip --quiet install --editable . --group test --group docs --group bench --group deployment
	( sed -n '/^#/p' constraints.txt; $(VENV)/constraints/bin/python -m pip freeze --all --exclude-editable ) > constraints.new
	mv constraints.new constraints.txt
	rm -rf $(VENV)/constraints

clean:
	rm -rf $(VENV) dist site tools/node_modules $(PEERS)/node_modules tools/typed-clients/node_modules tools/typed-clients/.venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* htmlcov

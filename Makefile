# Every target says what it does: `make help`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo
SEED   ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench docs pictures lock assets clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@echo "[1/3] 建立 Python 环境 / creating the Python environment"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 以上 / Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python requirements/runtime.txt pyproject.toml
	@echo "[2/3] 安装依赖（校验哈希） / installing pinned packages, hashes checked"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements/dev.txt pyproject.toml
	@echo "[2/3] 安装开发依赖 / installing pinned packages for development"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

src/jicheng/report/assets/SHA256SUMS: package-lock.json scripts/assets.py | $(VENV)/.runtime
	@echo "[3/3] 取得前端文件 / fetching front-end files"
	@$(BIN)/python scripts/assets.py

setup: $(VENV)/.dev src/jicheng/report/assets/SHA256SUMS ## install everything that development needs

demo: $(VENV)/.runtime src/jicheng/report/assets/SHA256SUMS ## from nothing to the finished report of the sample zone
	@$(BIN)/jicheng sample $(DEMO)/zone --scale zone --seed $(SEED) --replace
	@$(BIN)/jicheng plan $(DEMO)/zone -o $(DEMO)/plan --complete all
	@echo "打开报告 / open the report: $(DEMO)/plan/report.html"

test: setup ## run the whole test suite
	@$(BIN)/python -m pytest -n 2

lint: setup ## format, style, types and architecture contracts
	@$(BIN)/ruff format --check src tests bench scripts
	@$(BIN)/ruff check src tests bench scripts
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## put the code in the project's format
	@$(BIN)/ruff format src tests bench scripts
	@$(BIN)/ruff check --fix src tests bench scripts

bench: setup ## measure speed; prints the machine with every figure
	@$(BIN)/python -m bench

docs: setup ## write the pages that are made from data (docs/reference)
	@$(BIN)/python scripts/reference.py

pictures: setup ## take the pictures of the guides from a real report (needs Chromium)
	@$(BIN)/python scripts/pictures.py

assets: src/jicheng/report/assets/SHA256SUMS ## fetch the front-end files of the report

lock: $(BIN)/python ## pin all packages anew, with hashes and without addresses
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@for extra in build runtime dev; do \
	  from=pyproject.toml; options=; \
	  [ $$extra = build ] && from=requirements/build.in; [ $$extra = dev ] && options="--extra dev"; \
	  $(BIN)/uv pip compile $$from $$options --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --quiet --upgrade -o requirements/$$extra.txt; done

clean: ## remove what was built, not your zones or plans
	@rm -rf build dist src/*.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis

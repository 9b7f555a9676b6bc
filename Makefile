# Everything from a fresh clone: a virtual environment in .venv, pinned versions, then the job.
PYTHON ?= python3.11
BACKEND ?= torch-cpu
BIN := .venv/bin

.PHONY: run test lint docs install

run: install
	$(BIN)/actcheck run --backend $(BACKEND)

test: install
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	MYPYPATH=docs/site $(BIN)/mypy docs/site
	$(BIN)/lint-imports

# Into build/site; broken links and undocumented public names fail.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[torch,jax,onnx,dask,plot,docs,test]"
	touch $@

# Everything from a fresh clone: a virtual environment in .venv, pinned versions, then the job.
# make test PYTHON=python3.13 takes that Python; EXTRAS=onnx,docs,test does without the other frameworks.
NAMED := $(filter command environment,$(firstword $(origin PYTHON)))
# Else the newest that runs here and can make an environment.
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, venv' >/dev/null 2>&1 && echo $$python && break; done)
EXTRAS ?= torch,torch-onnx,jax,onnx,openvino,mlx,dask,plot,docs,test
BACKEND ?= torch-cpu
RESULTS ?= numpy torch-cpu onnxruntime openvino onnx-reference jax jax-jit mlx torch-onnx
BIN := .venv/bin
VERSION := -c 'import sys; print(*sys.version_info[:2], sep=".")'

# An environment of another Python than the one that is named is made anew.
ifneq ($(NAMED),)
ifneq ($(wildcard $(BIN)/python),)
ifneq ($(shell $(PYTHON) $(VERSION)),$(shell $(BIN)/python $(VERSION)))
OTHER := anew
endif
endif
endif

# What hangs is named and ends, in Python or anywhere else; nothing takes a tenth of this on a slow machine.
ENDING := --timeout 900 -o faulthandler_timeout=960 -o faulthandler_exit_on_timeout=true
# pytest-xdist waits without end for the tests of a group whose worker died and was started again.
SPREAD := -n 2 --dist loadgroup --max-worker-restart 0 $(ENDING)

# What takes long to install, and is no part of test; after test-heavy `make results RESULTS=tensorflow` makes its file.
HEAVY ?= tensorflow-cpu

.PHONY: run test thorough test-heavy lint docs results install anew

run: install
	$(BIN)/actcheck run --backend $(BACKEND)

test: install
	$(BIN)/python -m pytest $(SPREAD)

# What test leaves out: longer forms of the same tests.
thorough: install
	$(BIN)/python -m pytest $(SPREAD) -m thorough

# The tests of frameworks that test leaves out.
test-heavy: install
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(HEAVY)
	$(BIN)/python -m pytest tests/adapters/frameworks

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	MYPYPATH=docs/site $(BIN)/mypy docs/site
	$(BIN)/lint-imports

# Into build/site; broken links and undocumented public names fail.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# The files in results/, and the table of the README. A backend with failures (exit status 1) has its file, too.
results: install
	for backend in $(RESULTS); do \
		$(BIN)/actcheck run --backend $$backend --fresh --out results/$$backend.json || test $$? = 1 || exit 1; \
	done
	$(BIN)/python docs/list_results.py

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt $(OTHER)
	@test -n "$(PYTHON)" || { echo "no Python from 3.11 to 3.14 was found: name one, make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(if $(OTHER),--clear) .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]"
	touch $@

# Every target is one line into the tools below; `make` alone prints what there is.
KNOWN   := PROFILE CORPUS REGION SEED SEEDS CHAPTERS SPLITS FORCE
# A value that is given is a text: make expands nothing in it.
$(foreach name,$(KNOWN),$(if $(filter command environment,$(firstword $(origin $(name)))),$(eval override $(name) := $$(value $(name)))))
PROFILE ?= demo
REGION  ?= US
DATA    := $(or $(YTCAT_BUILD),build)/data/kaggle-$(REGION)
# What `make data` has left, else the demo; CORPUS=demo has the demo back.
CORPUS  ?= $(if $(shell test -f $(call quoted,$(DATA)/videos.csv) && echo yes),$(DATA),demo)
SEED    ?= 0
SEEDS   ?= 0-4
SPLITS  ?= random,channel
# The chapters whose figures `make record` keeps.
CHAPTERS ?= image,text,fusion,better,tagging,more,imbalance
FORCE   ?=
# Where `make experiment` listens. Not taken from the environment: some shells keep the machine's name in HOST.
KNOWN   += HOST PORT
HOST    := 127.0.0.1
PORT    := 8866

# An active conda or virtual environment into which this folder is installed (`pip install -e .`) serves
# instead of .venv, and nothing is installed into it.
ACTIVE := $(firstword $(VIRTUAL_ENV) $(CONDA_PREFIX))
THIS   := import importlib.util, os; found = importlib.util.find_spec("ytcat"); \
  print("yes" if found and os.path.samefile(found.origin, "src/ytcat/__init__.py") else "")
USED   := $(and $(filter-out $(CURDIR)/.venv,$(ACTIVE)),$(shell '$(ACTIVE)/bin/python' -Ic '$(THIS)' 2>/dev/null))
VENV   := $(if $(USED),$(ACTIVE),.venv)
PYTHON := $(VENV)/bin/python
READY  := $(if $(USED),,.venv/.ready)
UV     := $(shell command -v uv 2>/dev/null)
# A value as one word of the shell, whatever is in it.
quoted = '$(subst ','\'',$(1))'
RUN    = --corpus $(call quoted,$(CORPUS)) --profile $(call quoted,$(PROFILE)) --seed $(call quoted,$(SEED)) \
  $(if $(filter-out 0 no,$(FORCE)),--force)

# A misspelt variable on the command line would be ignored without a word.
GIVEN   := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) MAKEFLAGS MFLAGS,$(GIVEN))
ifneq ($(UNKNOWN),)
NEAREST := $(shell python3 -c 'import difflib, sys; print(*difflib.get_close_matches(sys.argv[1], sys.argv[2:], 1))' $(firstword $(UNKNOWN)) $(KNOWN))
$(error there is no variable $(firstword $(UNKNOWN))$(if $(NEAREST),: did you mean $(NEAREST)?,). There is: $(KNOWN))
endif

.DEFAULT_GOAL := help
.PHONY: help env lab experiment data corpus notebooks book test test-slow bench lint sweep record verify doctor \
  lock clean distclean

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo '  with PROFILE=smoke|demo|full  CORPUS=demo|FOLDER  SEED=NUMBER  FORCE=1'
	@echo '  now: '$(call quoted,$(PROFILE))', '$(call quoted,$(CORPUS))', '$(call quoted,$(SEED))

env: $(READY) ## set up .venv from the lock file; not where an active environment has ytcat installed

.venv/.ready: requirements.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "python3 is $$(python3 --version), this needs Python 3.11 to 3.13"; exit 1; }
ifdef UV
	test -x $(PYTHON) || uv venv --quiet --seed $(VENV)
	uv pip install --quiet --python $(PYTHON) --require-hashes -r requirements.lock
	uv pip install --quiet --python $(PYTHON) --no-deps -e .
else
	test -x $(PYTHON) || python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(PYTHON) -m pip install --quiet --no-deps -e .
	# What pip would compile on one core; some files are templates, and no Python.
	$(PYTHON) -m compileall -qq -j 0 $(VENV)/lib || true
endif
	$(PYTHON) -m ipykernel install --sys-prefix --name python3 --display-name "Python 3 (ytcat)"
	touch $@

lab: env ## explore the notebooks in JupyterLab
	$(VENV)/bin/jupyter lab --LabApp.default_url=/lab/tree/README.md \
	  --LabApp.app_settings_dir='$(CURDIR)/notebooks/.jupyterlab' notebooks

experiment: env ## hold the labelling experiment in a browser, for friends (HOST=0.0.0.0 for this network)
	$(VENV)/bin/ytcat experiment --corpus $(call quoted,$(CORPUS)) --profile $(call quoted,$(PROFILE)) \
	  --seed $(call quoted,$(SEED)) --host $(call quoted,$(HOST)) --port $(call quoted,$(PORT))

data: env ## get the slides' real videos from Kaggle and YouTube; what is there is not fetched twice
	$(VENV)/bin/ytcat data kaggle --region $(call quoted,$(REGION))

corpus: env ## make or check the corpus and say what was kept and dropped
	$(VENV)/bin/ytcat corpus $(call quoted,$(CORPUS))

notebooks: env ## run the chapters that are not up to date
	$(VENV)/bin/ytcat notebooks $(RUN)

book: env ## run the chapters, then build the book: book/_build/html/index.html
	$(VENV)/bin/ytcat book $(RUN)

# More workers than two cores: some tests wait for a browser, or for a process that they kill. By default the
# files with few tests, which wait longest, would come last.
test: env ## run the tests
	OPENBLAS_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 $(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-slow: env ## run the tests that take minutes: killed and repeated builds, hostile corpora
	$(PYTHON) -m pytest -m slow

bench: env ## measure time and memory against the stock ways, on an idle machine (over an hour)
	for bench in tests/benchmarks/bench_*.py; do $(PYTHON) $$bench || exit 1; done

lint: env ## check code and notebooks with ruff, the order of imports, and that no outputs are stored
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/nbstripout --verify --keep-id notebooks/*.ipynb notebooks/*/*.ipynb

sweep: env ## run CHAPTERS for SEEDS on SPLITS in parallel; what is finished is not run again
	$(VENV)/bin/ytcat sweep --chapters $(call quoted,$(CHAPTERS)) --seeds $(call quoted,$(SEEDS)) \
	  --splits $(call quoted,$(SPLITS)) --corpus $(call quoted,$(CORPUS)) --profile $(call quoted,$(PROFILE))

record: env ## keep the figures of CORPUS's finished full runs in book/reference_runs/
	$(VENV)/bin/ytcat record $(call quoted,$(CORPUS))

verify: env ## recompute the figures of the reference runs and of this machine's runs from probabilities
	$(VENV)/bin/ytcat verify

doctor: ## say what is there and what is missing, and how to mend it; changes nothing
	@PYTHONPATH=src $$(test -x $(PYTHON) && echo $(PYTHON) || echo python3) -B -m ytcat.report.doctor \
	  --corpus $(call quoted,$(CORPUS))

lock: ## resolve pyproject.toml into requirements.lock again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --extra fast \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean: ## remove the book; corpora and finished chapters stay
	rm -rf book/_build

distclean: clean ## remove all that can be made again: not people's answers, nor downloaded videos
	test ! -d build || find build -mindepth 1 -maxdepth 1 ! -name human ! -name data -exec rm -rf {} +
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis

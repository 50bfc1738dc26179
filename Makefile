# `make` alone says what there is. The work is done by launcher/ and tests/run.py.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The variables of the command line, as they were written: launcher/settings.py knows them all.
# Of those in the environment only the ones that are a lab's. What they hold is one word for the shell.
define newline


endef
quoted = '$(subst $(newline), ,$(subst ','\'',$(1)=$(value $(1))))'
given = $(foreach variable,$(.VARIABLES),$(if $(filter command line,$(origin $(variable))),$(if $(filter-out MAKEFLAGS MAKEOVERRIDES,$(variable)),$(call quoted,$(variable))))) \
	$(foreach variable,STUDENTS DEBIAN LAB SUBNET ENGINE MEND,$(if $(filter environment,$(origin $(variable))),$(call quoted,$(variable))))

python = .venv/bin/python

.PHONY: help
help:
	@sed -n 's/^# *\(make .*\)/\1/p' $(MAKEFILE_LIST)

# make lab      Bring up a lab in containers: STUDENTS=2 DEBIAN=12 ENGINE=docker (LAB=maillab SUBNET=172.30.177.0/24)
#               HOSTS="root@host1 root@host2 root@host3", or an inventory, spreads it over these
.PHONY: lab
lab: toolchain
	@$(python) -m launcher up $(given)

# make down     Take the lab down and remove its machines
.PHONY: down
down: toolchain
	@$(python) -m launcher down $(given)

# make passwords  Show the passwords of each machine's accounts
.PHONY: passwords
passwords: toolchain
	@./lab passwords

# make image    Build the machine images only
.PHONY: image
image: toolchain
	@$(python) -m launcher image $(given)

# make check    What to run while working, in three minutes: lint, unit tests, mail on one release
.PHONY: check
check: toolchain
	@$(python) -m tests.run --gate check $(only)

# make test     What has to pass before a change is merged: lint, tests, every molecule scenario
.PHONY: test
test: toolchain
	@$(python) -m tests.run --gate test $(only)

# make test-all  All there is, for hours: plain Ansible, ClamAV from source, every exercise and reset
.PHONY: test-all
test-all: toolchain
	@$(python) -m tests.run --gate all $(only)

# make bench    Timings, as ratios in one run
.PHONY: bench
bench: toolchain
	@PYTHONPATH=.cache $(python) -m bench $(only)

# make docs     Build the documentation site, in docs/_build/html
.PHONY: docs
docs: toolchain
	@PYTHONPATH=.cache $(python) -m docs.site

# make lock     Pin what toolchain/*.in name and is not pinned yet; with upgrade=1 the newest of all
.PHONY: lock
lock: toolchain
	@for names in requirements paper board uv; do .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.12 \
		--generate-hashes --no-header --no-annotate $(if $(upgrade),--upgrade) \
		toolchain/$$names.in -o toolchain/$$names.txt || exit; done

# make clean    Remove what make made here: toolchain, caches, reports; and the machine images
.PHONY: clean
clean:
	@-[ ! -x $(python) ] || $(python) -m launcher clean
	@rm -rf .venv .cache .ansible docs/_build reports

.PHONY: toolchain
toolchain:
	@toolchain/setup

# SPDX-License-Identifier: EUPL-1.2
# Targets that people call; the rules that build things are in Makefile.

PREFIX ?= /usr/local
DESTDIR ?=
INSTALL := install
SIM_RUNS ?= 200
YEARS_RUNS ?= 200
INDICATORS_SEEDS ?= 22
FUZZ_SECONDS ?= 60

.PHONY: help packages packages-test clean install format check check-proto check-api test test-programs sim \
	sim-programs sabotage test-kill fuzz bench bench-cases demo model replay coverage-rules pictures docs indicators \
	test-kill-watchers test-long test-page golden test-backup test-hostile fault-programs test-faults test-power \
	test-disk-full test-io-errors test-oom test-partitions test-clocks test-volumes test-crash-states

help:
	@echo 'make             build the five services and the doorbraak tool (build/release/bin)'
	@echo 'make demo        start everything, play sample cases, show their way'
	@echo 'make test        everything that must hold, in under ten minutes once built; make test-long: more of each'
	@echo 'make check       format, tidiness, static analysis, the contract'
	@echo 'make coverage-rules  every rule of the domain, and the scenarios that show it'
	@echo 'make sim         the simulator, SIM_RUNS=2000 seeds; make test does 200'
	@echo '                 and YEARS_RUNS=200 seeds of ten years of legal histories, and of hostile ones'
	@echo 'make indicators  20 thousand legal cases, every indicator computed anew; INDICATORS_SEEDS=22 of 1000 cases'
	@echo 'make test-page   the page in a browser, against services that run (node, npm, chromium)'
	@echo 'make test-kill   500 rounds of kill -9 under load; make test does 50'
	@echo 'make test-kill-watchers  300 rounds of kill -9 of signalling, monitoring, and who follows them; make test does 12'
	@echo 'make test-hostile  peers that mean harm, ten seconds each; make test does one'
	@echo 'make test-faults all of the following; SEED=1. What they prove: docs/proof.md'
	@echo 'make test-power  200 power cuts of a real ext4 under five services; make test does 5'
	@echo 'make test-crash-states  50 thousand disks that a crash of the store may leave; make test does 2.7 thousand'
	@echo 'make test-disk-full  the volume of each service fills up, 100 times; make test does 10'
	@echo 'make test-io-errors  each of the first 500 writes and flushes of each service fails; make test does 20'
	@echo 'make test-oom    each of the first 500 allocations of each service fails; make test does 20'
	@echo 'make test-partitions  200 links cut, lossy, reset or narrow, in network namespaces; make test does 4'
	@echo 'make test-clocks system clocks that jump, or cannot be right (libfaketime)'
	@echo 'make test-volumes  data folders that must not be used: each refused, with status 3'
	@echo 'make sabotage    seeded bugs, each of which a proof must find'
	@echo 'make test-backup 200 kills of backup, restore and rebuild each, 200 altered bytes; make test does 12'
	@echo 'make golden      journals of this release, for every later one to compute anew (once a release)'
	@echo 'make model       the pull protocol in spin'
	@echo 'make fuzz        fuzzers, FUZZ_SECONDS=60 each'
	@echo 'make bench       throughput and latency against their limit and a peer; 10 and 100 thousand cases; 1,000 streams'
	@echo 'make bench-cases what a record costs with 10 thousand and with 1 million cases, all open and 50 thousand open'
	@echo 'make pictures    docs/pictures anew, from the tables (graphviz)'
	@echo 'make docs        pages that are made of the tables: docs/indicators.md, docs/signals.md, docs/openapi.json'
	@echo 'make library     libdoorbraak for programs of others: shared, static, man pages'
	@echo 'make install     DESTDIR= PREFIX=/usr/local LIBDIR=PREFIX/lib; make uninstall takes it away again'
	@echo 'make image       the container image, also as build/image/doorbraak-VERSION.tar'
	@echo 'make test-containers  the composed system on a real engine: scenarios, killed containers, cut networks;'
	@echo '                 CONTAINER_ROUNDS=20 of trouble, SEED=1, SCENARIOS=all'
	@echo 'make clean'

packages:
	@tools/packages build

packages-test:
	@tools/packages test

clean:
	rm -rf build

format:
	clang-format-14 -i $$(git ls-files '*.c' '*.h' ':!docs')

# --- running it ----------------------------------------------------------------------------------------------------------
demo: all
	build/release/bin/doorbraak demo --run ./run

# The text of the drawings is compared by a test; drawing them is only needed when the tables change.
pictures: all
	@tools/packages pictures
	build/release/bin/doorbraak policy draw >docs/pictures/life-cycle.dot
	build/release/bin/doorbraak policy draw --ladders >docs/pictures/ladders.dot
	dot -Tsvg -o docs/pictures/life-cycle.svg docs/pictures/life-cycle.dot
	dot -Tsvg -o docs/pictures/ladders.svg docs/pictures/ladders.dot
	awk -f tools/dutch-drawing.awk web/words.js docs/pictures/life-cycle.dot | dot -Tsvg >web/life-cycle.svg

# --- looking at it -------------------------------------------------------------------------------------------------------
check: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	tools/tidy
	cppcheck --quiet -j$(shell nproc) --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --suppressions-list=tools/cppcheck.suppressions \
		-D_GNU_SOURCE -DDOORBRAAK_VERSION='"0"' -I. common client services
	tools/check-security
	$(MAKE) --no-print-directory check-proto check-api

check-proto:
	tools/check-proto

check-api:
	tools/check-api

# --- proving it ----------------------------------------------------------------------------------------------------------
unit_tests = $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c tests/service/*_test.c))
test-programs: $(unit_tests) $(B)/sim $(B)/years $(B)/kill_test $(B)/coverage-rules $(B)/json_peer programs

sim-programs: $(B)/sim $(B)/years $(B)/replay $(B)/kill_test $(B)/kill_watchers $(B)/tests/unit/secret_test $(B)/tests/unit/sandbox_test \
	$(B)/faults $(B)/failing.so $(B)/crash_states programs

test: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=test test-programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=sim sim-programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=clang sim-programs
	@tests/all $(TEST_FORM)

# The long forms: what CI runs.
test-long:
	@$(MAKE) --no-print-directory test TEST_FORM=--long

test-hostile: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	/usr/bin/python3 tests/hostile/hostile.py build/release/bin --long

coverage-rules: packages-test
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=test build/test/coverage-rules
	build/test/coverage-rules tests/coverage/rules.yaml tests/scenarios/*.yaml

sim: packages-test
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=sim sim-programs
	build/sim/sim --runs $(if $(filter file,$(origin SIM_RUNS)),2000,$(SIM_RUNS))
	build/sim/years --runs $(YEARS_RUNS)
	build/sim/years --hostile --runs $(YEARS_RUNS)

docs: packages-test
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=test build/test/tests/unit/indicators_doc_test \
		build/test/tests/service/signals_doc_test
	build/test/tests/unit/indicators_doc_test --write
	build/test/tests/service/signals_doc_test --write
	tools/openapi

# Once a release: what it writes is kept for ever, and read and computed anew by every later one.
golden: all
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=test build/test/tests/unit/golden_journals_test
	tests/golden/make_journals build/release/bin build/test/tests/unit/golden_journals_test >build/golden.jsonl
	mv build/golden.jsonl tests/golden/journals/$(VERSION).jsonl

indicators: packages-test
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=sim build/sim/years
	tests/end_to_end/indicators $(INDICATORS_SEEDS) 1000 10

test-kill: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=sim sim-programs
	build/sim/kill_test --bin build/release/bin --rounds 500 --seed $$(date +%s)

test-kill-watchers: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=sim sim-programs
	build/sim/kill_watchers --bin build/release/bin --rounds 300 --seed $$(date +%s)

# The world goes wrong around five services (tests/faults); the everyday forms stand in tests/all.
SEED ?= 1
faults = build/sim/faults $(1) --bin build/release/bin --seed $(SEED) --rounds $(2)
fault-programs: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	@$(MAKE) --no-print-directory $(JOBS) VARIANT=sim build/sim/faults build/sim/failing.so build/sim/crash_states

test-power: fault-programs
	$(call faults,power,200)

test-crash-states: fault-programs
	build/sim/crash_states --seed $(SEED) --transactions 2000

test-disk-full: fault-programs
	$(call faults,disk-full,100)

test-io-errors: fault-programs
	$(call faults,io-errors,2500)

test-oom: fault-programs
	$(call faults,memory,2500)

test-partitions: fault-programs
	$(call faults,partitions,200)

test-clocks: fault-programs
	$(call faults,clocks,120)
	$(call faults,clocks-2039,120)

test-volumes: fault-programs
	$(call faults,volumes,65)

test-faults: test-power test-crash-states test-disk-full test-io-errors test-oom test-partitions test-clocks test-volumes

test-page: all
	@tools/packages page || true
	tests/page/run build/release/bin

test-backup: all
	tests/end_to_end/backup.py build/release/bin 200

model: packages-test
	tests/model/run

sabotage: packages-test
	tests/sabotage

fuzz: packages-test
	tests/fuzz/run $(FUZZ_SECONDS)

bench: all
	@tools/packages bench
	@$(MAKE) --no-print-directory $(JOBS) build/release/bench build/release/redis_peer build/release/cases_bench \
		build/release/streams_bench build/release/webhooks_bench
	build/release/bench
	build/release/cases_bench
	build/release/streams_bench
	build/release/webhooks_bench

bench-cases: all
	@$(MAKE) --no-print-directory $(JOBS) build/release/cases_bench
	build/release/cases_bench --many 1000000
	build/release/cases_bench --many 1000000 --open 50000

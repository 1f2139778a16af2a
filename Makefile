# SPDX-License-Identifier: EUPL-1.2
# Doorbraak. `make help` lists the targets. Nothing here needs configuring; missing Debian packages are installed by
# tools/packages (it says which, and prints the command when it may not).
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash

# Short lines; `make V=1` shows the commands. As many jobs as there are processors, unless -j is given.
Q := $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-8s %s\n' '$(1)' '$(2)')
quoted = '$(subst ','\'',$(1))'
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

VERSION := 0.1.0
CC := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
VARIANT ?= release
PROTOBUF_INCLUDE ?= /usr/include
B := build/$(VARIANT)

# --- how things are compiled -------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror
# Hardening, in every variant; what a compiler or a processor has its own name for stands apart. Variables that begin at zero are
# for the product alone: in the variants that tests run, reading what was never written must stay visible.
machine := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
HARDEN_x86_64 := -fcf-protection=full
HARDEN_aarch64 := -mbranch-protection=standard
ZERO_gcc := -ftrivial-auto-var-init=zero
ZERO_clang := -ftrivial-auto-var-init=zero -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
family := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),clang,gcc)
HARDEN := -fstack-protector-strong -fstack-clash-protection $(HARDEN_$(machine)) -fPIE -ffile-prefix-map=$(CURDIR)=.
FLAGS_release := -O2 -D_FORTIFY_SOURCE=2 $(ZERO_$(family))
FLAGS_test := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DDOORBRAAK_TEST
FLAGS_sim := -O2 -DDOORBRAAK_TEST
FLAGS_clang := -O1 -DDOORBRAAK_TEST
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -DDOORBRAAK_TEST
CC_release := $(CC)
CC_test := $(CC)
CC_sim := $(CC)
CC_clang := clang
CC_fuzz := clang
base := $(firstword $(subst -, ,$(VARIANT)))
COMPILE := $(CC_$(base))
CFLAGS := -std=c11 -g $(FLAGS_$(base)) $(HARDEN)
CPPFLAGS := -D_GNU_SOURCE -DDOORBRAAK_VERSION='"$(VERSION)"' -I. -isystem build/gen -MD -MP
LDFLAGS := $(filter -fsanitize%,$(FLAGS_$(base))) -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
LIBS := -lzmq -llmdb -levent_core -levent_extra -levent_openssl -lssl -lcrypto -lprotobuf-c -lsodium -lseccomp -lyaml

SERVICES := intake triage routing signalling monitoring

# --- what there is -----------------------------------------------------------------------------------------------
proto := $(wildcard proto/doorbraak/v1/*.proto)
gen_c := $(proto:proto/%.proto=build/gen/%.pb-c.c) build/gen/google/protobuf/timestamp.pb-c.c
gen_h := build/gen/codes.h build/gen/contract.h
openapi_c := build/gen/openapi.c
page_c := build/gen/page_files.c
common := $(wildcard common/*.c)
client := $(wildcard client/*.c)
logic := $(foreach s,$(SERVICES),$(filter-out services/$(s)/main.c,$(wildcard services/$(s)/*.c)))
cli := $(wildcard services/cli/*.c)
objs = $(patsubst %.c,$(B)/%.o,$(1))
lib_objs := $(call objs,$(common) $(client) $(logic)) $(patsubst build/gen/%.c,$(B)/gen/%.o,$(gen_c) $(openapi_c) $(page_c))
lib := $(B)/libcommon.a
cli_lib := $(B)/libcli.a
programs := $(foreach s,$(SERVICES),$(B)/bin/doorbraak-$(s)) $(B)/bin/doorbraak

.PHONY: all
all: packages
	@$(MAKE) --no-print-directory $(JOBS) programs

.PHONY: programs
programs: $(programs)

include tools/targets.mk
include tools/library.mk

# --- generated code ----------------------------------------------------------------------------------------------
build/gen/doorbraak/v1/%.pb-c.c build/gen/doorbraak/v1/%.pb-c.h : proto/doorbraak/v1/%.proto
	@mkdir -p build/gen
	$(call say,PROTO,$<)
	$(Q)protoc-c --c_out=build/gen -Iproto -I$(PROTOBUF_INCLUDE) $<

build/gen/google/protobuf/%.pb-c.c build/gen/google/protobuf/%.pb-c.h : $(PROTOBUF_INCLUDE)/google/protobuf/%.proto
	@mkdir -p build/gen
	$(call say,PROTO,$(@F))
	$(Q)protoc-c --c_out=build/gen -I$(PROTOBUF_INCLUDE) $<

build/gen/codes.h: tools/codes.awk $(proto)
	@mkdir -p $(@D)
	$(call say,AWK,$@)
	$(Q)awk -v out=codes -f tools/codes.awk $(proto) >$@

build/gen/contract.h: tools/codes.awk $(proto)
	@mkdir -p $(@D)
	$(call say,AWK,$@)
	$(Q)awk -v out=contract -f tools/codes.awk $(proto) >$@

$(openapi_c): docs/openapi.json
	@mkdir -p $(@D)
	$(call say,EMBED,$@)
	$(Q)(echo '/* Made of docs/openapi.json. */' && echo '#include "common/openapi.h"' && echo 'const uint8_t openapi_json[] = {' && \
		od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' && echo '};' && \
		echo 'const size_t openapi_json_len = sizeof(openapi_json);') >$@

# The page: what stands in web/, with names and indicators from where they are kept.
web := $(wildcard web/*) build/gen/web/names.js build/gen/web/indicators.js

build/gen/web/names.js: tools/names.awk services/triage/registry/nl.yaml
	@mkdir -p $(@D)
	$(call say,AWK,$@)
	$(Q)awk -f $^ >$@

build/gen/web/indicators.js: tools/indicators.awk docs/indicators.md
	@mkdir -p $(@D)
	$(call say,AWK,$@)
	$(Q)awk -f $^ >$@

$(page_c): tools/embed $(web)
	$(call say,EMBED,$@)
	$(Q)tools/embed $(web) >$@

# --- objects, libraries, programs ----------------------------------------------------------------------------------
# Objects of other flags are made anew.
flags := $(COMPILE) $(CPPFLAGS) $(WARN) $(CFLAGS)
.PHONY: always
$(B)/.flags: always
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = $(call quoted,$(flags)) ] || echo $(call quoted,$(flags)) >$@

$(B)/gen/%.o: build/gen/%.c $(B)/.flags | $(gen_c)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(COMPILE) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/%.o: %.c $(B)/.flags | $(gen_h) $(gen_c)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(COMPILE) $(CPPFLAGS) $(WARN) $(CFLAGS) -c -o $@ $<

$(lib): $(lib_objs)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rcs $@ $^

$(cli_lib): $(call objs,$(filter-out services/cli/main.c,$(cli)))
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rcs $@ $^

$(B)/bin/doorbraak-%: $(B)/services/%/main.o $(lib)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/bin/doorbraak: $(B)/services/cli/main.o $(cli_lib) $(lib)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Unit and service tests: one cmocka program a file; what is no *_test.c in tests/service is their common bench.
test_benches := $(filter-out %_test.c,$(wildcard tests/service/*.c))
test_loads := $(filter-out tests/sim/sim.c tests/sim/replay.c tests/sim/years.c,$(wildcard tests/sim/*.c tests/load/*.c)) \
	tests/coverage/coverage.c
$(B)/tests/%_test: $(B)/tests/%_test.o $(call objs,$(test_benches) $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka -ljansson

$(B)/sim: $(call objs,tests/sim/sim.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/years: $(call objs,tests/sim/years.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/replay: $(call objs,tests/sim/replay.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/coverage-rules: $(call objs,tests/coverage/coverage_rules.c tests/coverage/coverage.c) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/json_peer: $(call objs,tests/interop/json_peer.c) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# A simulator, or services, with a seeded bug: only the files that know of sabotage are compiled anew.
sabotaged := $(shell grep -ls 'common/sabotage.h' common/*.c services/*/*.c)
$(B)/sabotage-%/done: $(B)/sim $(sabotaged) common/sabotage.h
	@mkdir -p $(@D)
	$(call say,CC,$(@D))
	$(Q)for f in $(sabotaged); do $(COMPILE) $(CPPFLAGS) $(WARN) $(CFLAGS) -DDOORBRAAK_SABOTAGE=SABOTAGE_$* -c \
		-o $(@D)/$$(basename $$f .c).o $$f || exit 1; done
	@touch $@

$(B)/sim-%: $(B)/sabotage-%/done
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $(B)/sabotage-$*/*.o $(call objs,tests/sim/sim.c $(test_loads)) $(cli_lib) $(lib) \
		$(LIBS)

$(B)/gate_test-%: $(B)/sabotage-%/done $(B)/tests/service/gate_test.o $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $(B)/sabotage-$*/*.o $(B)/tests/service/gate_test.o $(lib) $(LIBS) -lcmocka

$(B)/sabotage-%/bin: $(B)/sabotage-%/done $(call objs,$(SERVICES:%=services/%/main.c)) $(B)/bin/doorbraak
	@mkdir -p $@
	$(call say,LD,$@)
	$(Q)for s in $(SERVICES); do $(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@/doorbraak-$$s $(B)/services/$$s/main.o \
		$(B)/sabotage-$*/*.o $(lib) $(LIBS) || exit 1; done
	$(Q)cp $(B)/bin/doorbraak $@

$(B)/kill_test: $(call objs,tests/end_to_end/kill_test.c tests/end_to_end/front.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/kill_watchers: $(call objs,$(addprefix tests/end_to_end/,kill_watchers.c watcher.c watched.c front.c) $(test_loads)) \
		$(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Faults in the world around five services (tests/faults), and the library that lets calls fail.
$(B)/faults: $(call objs,$(filter-out tests/faults/failing.c tests/faults/crash_states.c,$(wildcard tests/faults/*.c)) tests/end_to_end/front.c $(test_loads)) \
		$(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/crash_states: $(call objs,tests/faults/crash_states.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/crash_states-%: $(B)/sabotage-%/done $(B)/crash_states
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $(B)/sabotage-$*/*.o $(call objs,tests/faults/crash_states.c $(test_loads)) $(cli_lib) \
		$(lib) $(LIBS)

$(B)/failing.so: tests/faults/failing.c $(B)/.flags
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CPPFLAGS) $(WARN) -std=c11 -O2 -shared -fPIC -o $@ $< -ldl

$(B)/bench: $(call objs,$(filter-out tests/bench/redis_peer.c tests/bench/%_bench.c,$(wildcard tests/bench/*.c)) $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/cases_bench: $(call objs,tests/bench/cases_bench.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/streams_bench: $(call objs,tests/bench/streams_bench.c $(test_loads)) $(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/webhooks_bench: $(call objs,tests/bench/webhooks_bench.c tests/end_to_end/watcher.c tests/end_to_end/front.c $(test_loads)) \
		$(cli_lib) $(lib)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/redis_peer: $(call objs,tests/bench/redis_peer.c)
	$(call say,LD,$@)
	$(Q)$(COMPILE) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lhiredis

include tools/operate.mk

-include $(shell find build \( -path build/node -o -path build/engine \) -prune -o -type f -name '*.d' -print 2>/dev/null)

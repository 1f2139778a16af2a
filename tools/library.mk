# SPDX-License-Identifier: EUPL-1.2
# libdoorbraak (client/doorbraak.h) for others: shared and static, man pages, and what `make install` puts where. Only the
# functions of the header can be seen from outside: by the version script, and in the archive because its one object has the
# rest made local.

LIBDIR ?= $(PREFIX)/lib
L := build/library
soname := libdoorbraak.so.0
library_parts := $(client) $(addprefix common/,arena.c bytes.c calendar.c client.c curve.c err.c listener.c record.c record_names.c \
	record_wire.c secret.c zsocket.c)
library_objs := $(library_parts:%.c=$(L)/%.o) $(patsubst build/gen/%.c,$(L)/gen/%.o,$(gen_c))
LIBRARY_CFLAGS := -std=c11 -g -O2 -D_FORTIFY_SOURCE=2 $(filter-out -fPIE,$(HARDEN)) -fPIC -fvisibility=hidden
man_pages := build/man/doorbraak.1 build/man/doorbraak.3

.PHONY: library uninstall
library: $(L)/libdoorbraak.so $(L)/libdoorbraak.a $(man_pages)

$(L)/gen/%.o: build/gen/%.c | $(gen_c)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(LIBRARY_CFLAGS) -c -o $@ $<

$(L)/%.o: %.c | $(gen_h) $(gen_c)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(WARN) $(LIBRARY_CFLAGS) -c -o $@ $<

$(L)/libdoorbraak.so.$(VERSION): $(library_objs) client/doorbraak.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,$(soname) -Wl,--version-script,client/doorbraak.map -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs -Wl,--as-needed \
		-o $@ $(library_objs) -lzmq -lprotobuf-c -lsodium

$(L)/libdoorbraak.so: $(L)/libdoorbraak.so.$(VERSION)
	$(Q)ln -sf $(<F) $(L)/$(soname) && ln -sf $(soname) $@

$(L)/libdoorbraak.a: $(library_objs)
	$(call say,AR,$@)
	$(Q)ld -r -o $(L)/doorbraak.o $^ && objcopy --localize-hidden $(L)/doorbraak.o
	@rm -f $@
	$(Q)ar rcs $@ $(L)/doorbraak.o

build/man/doorbraak.1: tools/man build/release/bin/doorbraak
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)tools/man tool build/release/bin/doorbraak $(VERSION) >$@

build/man/doorbraak.3: tools/man client/doorbraak.h docs/clients/publish.c
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)tools/man library client/doorbraak.h docs/clients/publish.c $(VERSION) >$@

install: all
	@$(MAKE) --no-print-directory $(JOBS) library
	$(INSTALL) -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/include $(LIBDIR)/pkgconfig $(PREFIX)/share/doorbraak \
		$(PREFIX)/share/man/man1 $(PREFIX)/share/man/man3)
	$(INSTALL) -m 755 $(programs) $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -m 644 client/doorbraak.h $(DESTDIR)$(PREFIX)/include
	$(INSTALL) -m 644 $(L)/libdoorbraak.a $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 755 $(L)/libdoorbraak.so.$(VERSION) $(DESTDIR)$(LIBDIR)
	ln -sf libdoorbraak.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(soname)
	ln -sf $(soname) $(DESTDIR)$(LIBDIR)/libdoorbraak.so
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' client/doorbraak.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/doorbraak.pc
	$(INSTALL) -m 644 build/man/doorbraak.1 $(DESTDIR)$(PREFIX)/share/man/man1
	$(INSTALL) -m 644 build/man/doorbraak.3 $(DESTDIR)$(PREFIX)/share/man/man3
	tools/install-share $(DESTDIR)$(PREFIX)/share/doorbraak

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(notdir $(programs))) $(DESTDIR)$(PREFIX)/include/doorbraak.h \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libdoorbraak.a libdoorbraak.so $(soname) libdoorbraak.so.$(VERSION) pkgconfig/doorbraak.pc) \
		$(DESTDIR)$(PREFIX)/share/man/man1/doorbraak.1 $(DESTDIR)$(PREFIX)/share/man/man3/doorbraak.3
	rm -rf $(DESTDIR)$(PREFIX)/share/doorbraak

# SPDX-License-Identifier: EUPL-1.2
# Targets for who operates it: the image, units of systemd, and what proves them.

CONTAINER_ROUNDS ?= 20
SEED ?= 1
UNITDIR ?= /etc/systemd/system

.PHONY: image test-containers install-systemd uninstall-systemd

# The image stays with the engine that answers; the file is for another one: `docker load -i`.
image:
	tools/engine docker/build
	@mkdir -p build/image
	tools/engine docker save -o build/image/doorbraak-$(VERSION).tar doorbraak:$(VERSION)

test-containers: packages-test
	@$(MAKE) --no-print-directory $(JOBS) programs
	tests/containers/run build/release/bin $(CONTAINER_ROUNDS) $(SEED) $(SCENARIOS)

# make install SYSTEMD=yes; make uninstall SYSTEMD=yes. Settings in /etc/doorbraak stay.
install: $(if $(filter yes,$(SYSTEMD)),install-systemd)
uninstall: $(if $(filter yes,$(SYSTEMD)),uninstall-systemd)

install-systemd:
	$(INSTALL) -d $(DESTDIR)$(UNITDIR) $(DESTDIR)/etc/doorbraak $(DESTDIR)$(PREFIX)/share/doorbraak/local
	for unit in systemd/doorbraak*; do \
		sed 's|/usr/local/bin/|$(PREFIX)/bin/|' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; done
	$(INSTALL) -m 644 systemd/local/*.address systemd/local/keys.conf $(DESTDIR)$(PREFIX)/share/doorbraak/local

uninstall-systemd:
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(notdir $(wildcard systemd/doorbraak*)))

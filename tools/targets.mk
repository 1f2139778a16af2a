# SPDX-License-Identifier: EUPL-1.2
# Targets that people call; the rules that build things are in Makefile.
.PHONY: packages clean
packages:
	@true

clean:
	rm -rf build run

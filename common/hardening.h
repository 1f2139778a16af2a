// SPDX-License-Identifier: EUPL-1.2
/* hardening.h - libraries that are too old are refused; and the sandbox (sandbox.h) of a service: which places its
 * configuration gives it.
 *
 * A place that a service must reach while it runs is one line in the table of hardening.c. */
#ifndef DOORBRAAK_HARDENING_H
#define DOORBRAAK_HARDENING_H

#include "common/config.h"
#include "common/sandbox.h"

/* Ends the process when a library with known holes was loaded. */
void hardening_check_libraries(void);
/* Before the first thread; the store is open. Nothing with `sandbox: no`. */
void hardening_begin(struct sandbox *sandbox, const struct config *config);
/* All doors are open. Tells the log what is in force: `hardened`, a warning when something is not. */
void hardening_end(struct sandbox *sandbox, const struct config *config, const struct log *log);

#endif

// SPDX-License-Identifier: EUPL-1.2
/* sandbox.h - what this process gives up for good, so that whoever gets code to run in it gets little.
 *
 *   files   Landlock: only the places named can be opened, and only so. What was open stays open.
 *   calls   seccomp: only the system calls that a service needs; no programs, no processes, no debugging, no memory that can
 *           be written and run, no signals to others, sockets of INET, INET6 and UNIX only. Anything else kills the process
 *           with SIGSYS (status 159 for a shell); socket families that libraries try and can do without (NETLINK) are
 *           refused instead, EAFNOSUPPORT.
 *
 * Both hold for threads that begin afterwards, and for them alone: sandbox_enter() comes before the first. Opening doors
 * needs a little more (bind, listen, NETLINK for libzmq): sandbox_close_doors() takes that away too, from all threads.
 *
 * Landlock grew in steps (its ABI, 0 where the kernel has none); what a kernel does not know is left out. Neither is a
 * reason not to start: what is in force stands in the struct, for the log. landlock(7), seccomp(2). */
#ifndef DOORBRAAK_SANDBOX_H
#define DOORBRAAK_SANDBOX_H

#include "common/bytes.h"
#include "common/err.h"

enum sandbox_right {
	SANDBOX_READ,    /* files beneath it can be read; a file: itself */
	SANDBOX_WRITE,   /* anything beneath it: read, write, make, rename, remove; a file: read and write */
	SANDBOX_NAMES,   /* files in it can be renamed and removed, not opened */
	SANDBOX_SOCKETS, /* sockets in it can be made and removed */
};

struct sandbox_place {
	const char *path; /* one that is not there is left out */
	enum sandbox_right right;
};

struct sandbox {
	int landlock;   /* the ABI that is in force; 0: none */
	bool calls;     /* system calls are limited */
	struct why why; /* what is not in force, and why; "" when all is */
};

/* Before the first thread, and before anybody else's bytes are read. */
void sandbox_enter(struct sandbox *sandbox, const struct sandbox_place *places, size_t count);
/* All doors are open: none is opened any more. */
void sandbox_close_doors(struct sandbox *sandbox);

#endif

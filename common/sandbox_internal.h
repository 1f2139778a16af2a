// SPDX-License-Identifier: EUPL-1.2
/* sandbox_internal.h - what the files of the sandbox share: sandbox.c (the order), sandbox_files.c (Landlock), sandbox_calls.c
 * (seccomp). Nobody else includes it. */
#ifndef DOORBRAAK_SANDBOX_INTERNAL_H
#define DOORBRAAK_SANDBOX_INTERNAL_H

#include "common/sandbox.h"

/* The ABI in force; 0 with *why. */
int sandbox_limit_files(const struct sandbox_place *places, size_t count, struct why *why);

enum sandbox_stage { SANDBOX_OPENS_DOORS, SANDBOX_SERVES };
/* For all threads that there are. False with *why. */
bool sandbox_limit_calls(enum sandbox_stage stage, struct why *why) MUST_USE;

#endif

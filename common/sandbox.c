// SPDX-License-Identifier: EUPL-1.2
#include "common/sandbox_internal.h"

#include <stdio.h>
#include <sys/prctl.h>

/* The sanitizer starts a tracer at the end and reads what it likes: it is no program for a sandbox. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

static void
add_why(struct sandbox *sandbox, const char *text)
{
	const size_t len = strlen(sandbox->why.text);

	snprintf(sandbox->why.text + len, sizeof(sandbox->why.text) - len, "%s%s", len > 0 ? "; " : "", text);
}

void
sandbox_enter(struct sandbox *sandbox, const struct sandbox_place *places, size_t count)
{
	struct why why;

	*sandbox = (struct sandbox){0};
	if (SANITIZED) {
		why_set(&sandbox->why, "built with the address sanitizer, which does what the sandbox forbids");
		return;
	}
	/* Without this neither may be asked for. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		why_set(&sandbox->why, "the kernel does not let a process give up new rights");
		return;
	}
	sandbox->landlock = sandbox_limit_files(places, count, &why);
	if (sandbox->landlock == 0)
		add_why(sandbox, why.text);
	sandbox->calls = sandbox_limit_calls(SANDBOX_OPENS_DOORS, &why);
	if (!sandbox->calls)
		add_why(sandbox, why.text);
}

void
sandbox_close_doors(struct sandbox *sandbox)
{
	struct why why;

	if (!sandbox->calls || sandbox_limit_calls(SANDBOX_SERVES, &why))
		return;
	add_why(sandbox, why.text);
}

// SPDX-License-Identifier: EUPL-1.2
#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
why_set(struct why *why, const char *format, ...)
{
	va_list args;

	if (why == NULL)
		return;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
}

/* _exit: what was buffered for others must not leave, and nobody may be told anything more. */
void
fatal(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *p = line; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ')
			*p = ' ';
	}
	fprintf(stderr, "doorbraak: fatal: %s\n", line);
	fflush(stderr);
	_exit(1);
}

void
assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "doorbraak: assertion failed: %s (%s:%d)\n", what, file, line);
	fflush(stderr);
	abort();
}

// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/progress.h"

#include <unistd.h>

#define BAR 40u

struct progress
progress_of(const struct cli *cli)
{
	return (struct progress){isatty(fileno(cli->err)) == 1 ? cli->err : NULL};
}

void
progress_show(const struct progress *p, const char *what, uint64_t done, uint64_t all)
{
	const unsigned full = all == 0 ? BAR : (unsigned)(done * BAR / all);

	if (p->out == NULL)
		return;
	fprintf(p->out, "\r%-12s [%.*s%.*s] %3u %%", what, (int)full, "########################################",
		(int)(BAR - full), "                                        ",
		all == 0 ? 100 : (unsigned)(done * 100 / all));
	fflush(p->out);
}

void
progress_end(const struct progress *p)
{
	if (p->out != NULL)
		fprintf(p->out, "\r%*s\r", (int)BAR + 40, "");
}

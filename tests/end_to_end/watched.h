// SPDX-License-Identifier: EUPL-1.2
/* watched.h - what a watcher was told (watcher.h) against the journal: nothing missing, nothing doubled.
 *
 *   reader     every record with its topic, in order, once
 *   listener   the same; and what it heard live stands so in the journal, each topic of a record once, never backwards
 *   receiver   every signal for its addressee since it was registered, and the end of each it was told of, by (source, id) in
 *              the order of the journal; what came twice was the same */
#ifndef DOORBRAAK_WATCHED_H
#define DOORBRAAK_WATCHED_H

#include "common/row.h"
#include "tests/end_to_end/watcher.h"

struct watched {
	uint64_t records, heard, again; /* taken in; of these or others live; events that came more than once */
	bool whole;                     /* it has all there is for it */
};

/* False with *why. While `running` it may lack the last of it. `journal` must be at its start. */
bool watched_check(const struct watcher *w, const char *dir, const struct row_source *journal, bool running,
		   struct watched *found, struct why *why) MUST_USE;

#endif

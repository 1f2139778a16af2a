// SPDX-License-Identifier: EUPL-1.2
// Follows case states, and goes on where it was: subscribe MONITORING_DOOR CURSOR_FILE TOPIC...
#include "doorbraak/v1/journal.pb-c.h"
#include <doorbraak.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
	struct doorbraak *monitoring;
	struct doorbraak_follow *follow;
	struct doorbraak_record record;
	struct doorbraak_why why;
	struct doorbraak_follow_options options = {.topics = (const char *const *)argv + 3, .topic_count = (unsigned)(argc > 3 ? argc - 3 : 0)};
	FILE *kept = argc > 2 ? fopen(argv[2], "r+b") : NULL;
	if (kept == NULL && argc > 2)
		kept = fopen(argv[2], "w+b");
	if (kept == NULL || doorbraak_open(&monitoring, argv[1], NULL, &why) != DOORBRAAK_OK)
		return fprintf(stderr, "usage: subscribe MONITORING_DOOR CURSOR_FILE TOPIC...\n"), 2;
	if (fread(&options.after, sizeof options.after, 1, kept) != 1)
		memset(&options.after, 0, sizeof options.after); // none yet: from the very start
	int result = doorbraak_follow_open(&follow, monitoring, &options, &why);
	while (result == DOORBRAAK_OK || result == DOORBRAAK_AGAIN) { // a service that is away is waited for
		result = doorbraak_follow_next(follow, 60000, &record, &why);
		if (result != DOORBRAAK_OK)
			continue;
		Doorbraak__V1__JournalRecord *journal = doorbraak__v1__journal_record__unpack(NULL, record.len, record.data);
		const Doorbraak__V1__CaseView *c = journal->answer->case_state;
		if (journal->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_STATE)
			printf("%llu %s %s owner %s\n", (unsigned long long)record.seq, c->case_id,
			       protobuf_c_enum_descriptor_get_value(&doorbraak__v1__case_state__descriptor, c->state)->name, c->owner);
		doorbraak__v1__journal_record__free_unpacked(journal, NULL);
		doorbraak_follow_cursor(follow, &options.after); // keep it with what you did with the record
		rewind(kept);
		fwrite(&options.after, sizeof options.after, 1, kept);
		fflush(stdout), fflush(kept);
	}
	fprintf(stderr, "%s\n", why.text);
	doorbraak_follow_close(&follow), doorbraak_close(&monitoring);
	return result;
}

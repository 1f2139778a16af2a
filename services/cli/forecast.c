// SPDX-License-Identifier: EUPL-1.2
/* forecast.c - a journal of intake with one case in it, and days behind its end.
 *
 * The records that matter are numbered anew, so that they follow each other as in any journal; nothing else in them
 * changes. Which number is the last of what really happened tells past from future. */
#include "services/cli/forecast.h"

#include "common/row.h"

#define ENTRIES_FIRST 256u
#define PIECE         256u
#define SIGNALLING    3u /* its journal holds all that is said and decided */

#define TOPICS_MAX 16u /* of a question to a journal */

struct future {
	struct cli *cli;
	const char *const *ids; /* of the case */
	unsigned id_count;
	struct arena *arena;
	struct journal_entry *entries;
	size_t count, room;
	uint64_t cause; /* new number of the last record of intake */
	cal_day last_day;
	int64_t last_ms;
};

/* ---- the journal ---- */

static void
append(struct future *f, struct bytes record)
{
	struct journal_entry *entry;

	if (f->count == f->room) {
		const size_t room = f->room == 0 ? ENTRIES_FIRST : 2 * f->room;
		struct journal_entry *entries = ARENA_ARRAY(f->arena, struct journal_entry, room);

		for (size_t i = 0; i < f->count; i++)
			entries[i] = f->entries[i];
		f->entries = entries;
		f->room = room;
	}
	struct digest before = {{0}};

	if (f->count > 0)
		before = f->entries[f->count - 1].digest;
	entry = &f->entries[f->count++];
	*entry = (struct journal_entry){.seq = f->count, .record = record};
	entry->digest = digest_chain(before, entry->seq, record);
}

static void
append_intake(struct future *f, const pb_IntakeRecord *intake, int64_t at_ms)
{
	pb_IntakeRecord numbered = *intake;
	pb_JournalRecord record;

	f->cause = f->count + 1;
	f->last_ms = at_ms;
	numbered.seq = f->cause;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	record.intake = &numbered;
	append(f, RECORD_PACK(f->arena, &record));
}

/* Intake's own answers stand right behind what they answer. */
static void
append_answer(struct future *f, const pb_Answer *answer)
{
	pb_Answer numbered = *answer;
	pb_JournalRecord record;

	numbered.cause = f->cause;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = &numbered;
	append(f, RECORD_PACK(f->arena, &record));
}

static bool
is_mine(const struct future *f, const char *case_id)
{
	for (unsigned i = 0; i < f->id_count; i++) {
		if (strcmp(f->ids[i], case_id) == 0)
			return true;
	}
	return false;
}

static bool
matters(const struct future *f, const struct record *r)
{
	if (r->answer != NULL)
		return is_mine(f, r->answer->case_id);
	if (r->submission == NULL)
		return r->intake->body_case != DOORBRAAK__V1__INTAKE_RECORD__BODY_CLOCK_JUMP;
	return r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED ||
	       r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED ||
	       is_mine(f, r->submission->case_id);
}

static bool
take(void *ctx, uint64_t seq, const struct record *r)
{
	struct future *f = ctx;

	(void)seq;
	if (!matters(f, r))
		return true;
	if (r->answer != NULL) {
		append_answer(f, r->answer);
		return true;
	}
	append_intake(f, r->intake, r->at_ms);
	if (r->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK)
		f->last_day = record_day(r->intake->tick->date);
	return true;
}

/* Days as intake would tell them (node_clock.c). */
static void
append_days(struct future *f, unsigned days)
{
	for (unsigned i = 1; i <= days; i++) {
		const cal_day day = f->last_day + (cal_day)i;
		const int64_t begins = cal_day_begins_ms(day);
		pb_IntakeRecord intake;
		pb_Tick tick;
		Google__Protobuf__Timestamp at;

		pb_IntakeRecord_init(&intake);
		pb_Tick_init(&tick);
		tick.date = record_date(f->arena, day);
		record_timestamp(&at, begins > f->last_ms ? begins : f->last_ms);
		intake.logged_at = &at;
		intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
		intake.tick = &tick;
		append_intake(f, &intake, record_at_ms(&at));
	}
}

static int
read_past(struct future *f, struct system *system)
{
	const char *topics[TOPICS_MAX] = {"kind/Tick", "kind/LogicVersion", "kind/PolicyAdopted",
					  "kind/RegistryAdopted"};
	struct doorbraak_cursor cursor = {0};
	unsigned count = 4;

	/* With more ids than can be asked for, all is read, and what matters is found here. */
	if (count + f->id_count > TOPICS_MAX)
		return asking_read(f->cli, system, 0, &cursor, NULL, 0, take, f);
	for (unsigned i = 0; i < f->id_count; i++)
		topics[count++] = arena_printf(f->arena, "case/%s", f->ids[i]);
	return asking_read(f->cli, system, 0, &cursor, topics, count, take, f);
}

/* ---- the replay ---- */

static size_t
read_entries(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	const struct future *f = ctx;
	size_t count = 0;

	(void)a;
	while (count < max && after + count < f->count) {
		entries[count] = f->entries[after + count];
		count++;
	}
	return count;
}

static int
tell_story(struct future *f, struct row *row, struct story *story)
{
	struct journal_entry entries[PIECE];
	struct record record;
	struct arena a;
	struct why why;
	uint64_t after = 0;
	size_t count;
	int code = CLI_OK;

	arena_init(&a);
	while (code == CLI_OK && (count = row_read(row, SIGNALLING, &a, after, entries, PIECE)) > 0) {
		for (size_t i = 0; i < count && code == CLI_OK; i++) {
			if (record_read(&a, entries[i].record, &record, &why))
				story_take(story, &record);
			else
				code = cli_fail(f->cli, CLI_FAILED, "the forecast cannot be read: %s", why.text);
		}
		after = entries[count - 1].seq;
		arena_reset(&a);
	}
	arena_fini(&a);
	return code;
}

static int
replay(struct future *f, const char *dir, struct story *story)
{
	struct row_source source = {.ctx = f, .head = f->count, .read = read_entries};
	const struct row_options options = {.dir = dir, .source = &source};
	struct row *row;
	struct why why;
	int code;

	/* Any history will do, but none is no journal. */
	memset(source.history.b, 1, sizeof source.history.b);
	if (row_open(&row, &options, &why) != ERR_NONE)
		return cli_fail(f->cli, CLI_FAILED, "%s", why.text);
	if (row_settle(row) != ERR_NONE)
		code = cli_fail(f->cli, CLI_FAILED, "the days to come cannot be computed: %s", row_why(row));
	else
		code = tell_story(f, row, story);
	row_close(&row);
	return code;
}

int
forecast_make(struct cli *cli, struct system *system, const char *const *ids, unsigned id_count, unsigned days,
	      struct forecast *forecast)
{
	struct future f = {.cli = cli, .ids = ids, .id_count = id_count, .arena = &cli->arena, .last_day = CAL_NONE};
	int code = read_past(&f, system);

	if (code != CLI_OK)
		return code;
	if (f.last_day == CAL_NONE)
		return cli_fail(cli, CLI_FAILED, "intake has no time yet: nothing can be told of the days to come");
	*forecast = (struct forecast){story_new(&cli->arena, ids[0]), f.last_day + 1, f.last_day + (cal_day)days};
	story_begin_behind(forecast->story, f.cause);
	for (unsigned i = 1; i < id_count; i++)
		story_alias(forecast->story, ids[i]);
	append_days(&f, days);
	const char *dir = asking_folder(cli);

	code = dir == NULL ? CLI_FAILED : replay(&f, dir, forecast->story);
	asking_folder_remove(dir);
	return code;
}

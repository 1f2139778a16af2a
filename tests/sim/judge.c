// SPDX-License-Identifier: EUPL-1.2
/* judge.c - see judge.h. Record by record: what a record must be (I7, I10, I11), then what its kind says. */
#include "tests/sim/judge_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_MAX 256u

bool
judge_fails(struct judge *j, const char *invariant, const char *case_id, const char *format, ...)
{
	char text[300];
	va_list ap;

	if (!j->broken) {
		va_start(ap, format);
		vsnprintf(text, sizeof text, format, ap);
		va_end(ap);
		why_set(&j->why, "%s: %s%s after seq %llu: %s", invariant, case_id[0] == '\0' ? "no case" : "case ",
			case_id, (unsigned long long)j->cause, text);
	}
	j->broken = true;
	return false;
}

void *
judge_room(void *list, unsigned count, unsigned *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room * 2 + 64;
	void *larger = realloc(list, *room * size);
	if (larger == NULL)
		fatal("out of memory");
	return larger;
}

struct judge *
judge_new(bool shipped)
{
	struct judge *j = calloc(1, sizeof *j);

	if (j == NULL)
		fatal("out of memory");
	j->shipped = shipped;
	arena_init(&j->arena);
	return j;
}

void
judge_free(struct judge *j)
{
	if (j == NULL)
		return;
	for (unsigned i = 0; i < j->case_count; i++)
		free(j->cases[i]);
	arena_fini(&j->arena);
	free(j->cases);
	free(j->aliases);
	free(j->signals);
	free(j->versions);
	free(j->messages);
	free(j);
}

/* ---- looking up ---- */

struct judge_case *
judge_find(struct judge *j, const char *case_id)
{
	/* The last ones are asked for most. */
	for (unsigned i = j->case_count; i > 0; i--)
		if (strcmp(j->cases[i - 1]->id.s, case_id) == 0)
			return j->cases[i - 1];
	for (unsigned i = j->alias_count; i > 0; i--)
		if (strcmp(j->aliases[i - 1].alias.s, case_id) == 0)
			return j->cases[j->aliases[i - 1].to];
	return NULL;
}

const struct judge_case *
judge_case_of(const struct judge *j, const char *case_id)
{
	return judge_find((struct judge *)(uintptr_t)j, case_id);
}

const struct judge_counts *
judge_counted(const struct judge *j)
{
	return &j->counts;
}

unsigned
judge_case_count(const struct judge *j)
{
	return j->case_count;
}

const struct judge_case *
judge_case_at(const struct judge *j, unsigned i)
{
	return j->cases[i];
}

unsigned
judge_open_count(const struct judge *j, const char *region)
{
	unsigned count = 0;

	for (unsigned i = 0; i < j->case_count; i++)
		count += j->cases[i]->is.state != CASE_STATE_CLOSED &&
			 (region == NULL || strcmp(j->cases[i]->is.region.s, region) == 0);
	return count;
}

const char *
judge_why(const struct judge *j)
{
	return j->why.text;
}

/* ---- messages stand once ---- */

static uint64_t
hash_of(const char *source, const char *id)
{
	const struct digest d = digest_of(bytes_str(source));
	const struct digest e = digest_of(bytes_str(id));
	uint64_t hash = 0;

	for (unsigned i = 0; i < 8; i++)
		hash = hash << 8 | (uint8_t)(d.b[i] + 31 * e.b[i]);
	return hash == 0 ? 1 : hash;
}

/* False when it was there. */
static bool
insert(uint64_t *list, size_t room, uint64_t hash)
{
	size_t at = (size_t)hash & (room - 1);

	while (list[at] != 0) {
		if (list[at] == hash)
			return false;
		at = (at + 1) & (room - 1);
	}
	list[at] = hash;
	return true;
}

static bool
is_first(struct judge *j, const pb_Submission *s)
{
	if (2 * j->message_count >= j->message_room) {
		const size_t room = j->message_room == 0 ? 1024 : 2 * j->message_room;
		uint64_t *list = calloc(room, sizeof *list);
		if (list == NULL)
			fatal("out of memory");
		for (size_t i = 0; i < j->message_room; i++)
			if (j->messages[i] != 0)
				insert(list, room, j->messages[i]);
		free(j->messages);
		j->messages = list;
		j->message_room = room;
	}
	j->message_count++;
	return insert(j->messages, j->message_room, hash_of(s->source, s->id));
}

/* ---- records ---- */

static bool
on_submission(struct judge *j)
{
	const pb_Submission *s = j->submission;

	j->counts.accepted++;
	if (s->source[0] == '\0' || s->id[0] == '\0' || s->actor == NULL || s->actor->role == 0 ||
	    s->actor->organisation[0] == '\0' || s->occurred_at == NULL)
		return judge_fails(j, "I11", s->case_id, "a message without sender, actor or moment");
	if (!is_first(j, s))
		return judge_fails(j, "I7", s->case_id, "%s of %s stands twice", s->id, s->source);
	judge_adopted(j);
	return true;
}

static bool
on_intake(struct judge *j, const struct record *r)
{
	if (r->cause <= j->cause || r->at_ms < j->at_ms)
		return judge_fails(j, "I7", "", "record %llu of intake comes behind a later one",
				   (unsigned long long)r->cause);
	if (!judge_end(j))
		return false;
	arena_reset(&j->arena);
	if (!record_read(&j->arena, arena_copy(&j->arena, r->raw), &j->origin, &j->why)) {
		j->broken = true;
		return false;
	}
	j->cause = r->cause;
	j->at_ms = r->at_ms;
	j->tick = r->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
	j->opens = r->opens;
	j->submission = j->origin.submission;
	j->routed = j->rejected = false;
	j->phase = PHASE_SUPPORTERS;
	j->owed.is = j->last_miss.is = false;
	memset(j->index, 0, sizeof j->index);
	const cal_day day = j->tick ? record_day(r->intake->tick->date) : cal_local_day(j->at_ms);
	if (j->tick && j->today != 0 && day != j->today + 1)
		return judge_fails(j, "I9", "", "the day %s does not follow the one before", r->intake->tick->date);
	j->today = day;
	return j->submission == NULL || on_submission(j);
}

static bool
has_its_place(struct judge *j, const pb_Answer *a)
{
	if (a->service == 0 || (int)a->service > SERVICE_SIGNALLING || a->cause != j->cause)
		return judge_fails(j, "I11", a->case_id, "an answer to %llu stands under another record",
				   (unsigned long long)a->cause);
	if (a->index != ++j->index[a->service])
		return judge_fails(j, "I11", a->case_id, "answer %u of %s is not in its place (%u)", a->index,
				   record_code_of("Service", (int)a->service), j->index[a->service]);
	if (a->service == (int)SERVICE_MONITORING)
		return true;
	if (record_at_ms(a->decided_at) != j->at_ms)
		return judge_fails(j, "I11", a->case_id, "decided at another moment than its cause");
	if (a->basis == NULL || a->basis->rule[0] == '\0')
		return judge_fails(j, "I11", a->case_id, "a decision without a rule");
	return judge_basis_holds(j, a);
}

static bool
is_clean(struct judge *j, const struct record *r)
{
	const char *field = judge_unclean_field(&r->journal->base);

	return field == NULL || judge_fails(j, "I10", "", "the text of `%s` holds what no record may", field);
}

bool
judge_hear(struct judge *j, const struct record *r)
{
	if (j->broken || !is_clean(j, r))
		return false;
	if (r->intake != NULL)
		return on_intake(j, r);
	if (!has_its_place(j, r->answer))
		return false;
	switch ((int)r->answer->service) {
	case SERVICE_TRIAGE:
		if (ANSWER_IS(r->answer, MESSAGE_REJECTED))
			judge_rejected(j, r->answer->message_rejected);
		return true;
	case SERVICE_ROUTING: return judge_routing(j, r->answer);
	case SERVICE_SIGNALLING: return judge_signalling(j, r->answer);
	default: return true;
	}
}

bool
judge_see(struct judge *j, const struct record *r)
{
	if (j->broken || !is_clean(j, r))
		return false;
	if (r->answer == NULL || !(ANSWER_IS(r->answer, CASE_STATE) || ANSWER_IS(r->answer, CASE_LEFT) ||
				   ANSWER_IS(r->answer, REPORT_PUBLISHED)))
		return judge_fails(j, "I11", "", "monitoring says something else than pictures and reports");
	if (ANSWER_IS(r->answer, CASE_LEFT))
		return has_its_place(j, r->answer) && judge_left(j, r->answer);
	if (ANSWER_IS(r->answer, REPORT_PUBLISHED))
		return has_its_place(j, r->answer);
	return has_its_place(j, r->answer) && judge_told(j, r->answer);
}

bool
judge_end(struct judge *j)
{
	if (j->broken)
		return false;
	if (j->cause == 0)
		return true;
	if (!judge_owed_nothing(j) || !judge_message_holds(j))
		return false;
	for (unsigned i = 0; i < j->case_count; i++)
		if (j->cases[i]->touched == j->cause && !judge_case_holds(j, j->cases[i]))
			return false;
	const bool day = j->tick;
	j->tick = false;
	j->submission = NULL;
	return !day || judge_day_holds(j);
}

/* ---- two journals ---- */

struct reader {
	const struct row_source *source;
	struct arena arena;
	struct journal_entry entries[READ_MAX];
	size_t count, at;
	uint64_t *after;
};

/* The next record; NULL at the end. */
static const struct journal_entry *
peek(struct reader *r)
{
	if (r->at == r->count) {
		arena_reset(&r->arena);
		r->at = 0;
		r->count = r->source->read(r->source->ctx, &r->arena, *r->after, r->entries, READ_MAX);
	}
	return r->at == r->count ? NULL : &r->entries[r->at];
}

static bool
read_next(struct judge *j, struct reader *r, struct record *record)
{
	*r->after = r->entries[r->at].seq;
	if (record_read(&r->arena, r->entries[r->at++].record, record, &j->why))
		return true;
	j->broken = true;
	return false;
}

/* What monitoring tells under the cause at hand. */
static bool
see_all(struct judge *j, struct reader *monitoring)
{
	struct record r;
	struct record *ahead = &r;

	while (peek(monitoring) != NULL) {
		const size_t at = monitoring->at;
		const uint64_t after = *monitoring->after;
		if (!read_next(j, monitoring, ahead))
			return false;
		if (r.cause > j->cause) {
			monitoring->at = at;
			*monitoring->after = after;
			return true;
		}
		if (!judge_see(j, &r))
			return false;
	}
	return true;
}

static bool
read_both(struct judge *j, struct reader *signalling, struct reader *monitoring)
{
	struct record r;

	while (peek(signalling) != NULL) {
		if (!read_next(j, signalling, &r))
			return false;
		if (r.intake != NULL && !see_all(j, monitoring))
			return false;
		if (!judge_hear(j, &r))
			return false;
	}
	if (!see_all(j, monitoring) || !judge_end(j))
		return false;
	return peek(monitoring) == NULL || judge_fails(j, "I11", "", "monitoring tells of what nobody decided");
}

bool
judge_read(struct judge *j, const struct row_source *signalling, const struct row_source *monitoring)
{
	struct reader readers[2] = {{.source = signalling, .after = &j->heard},
				    {.source = monitoring, .after = &j->seen}};

	arena_init(&readers[0].arena);
	arena_init(&readers[1].arena);
	const bool ok = read_both(j, &readers[0], &readers[1]);
	arena_fini(&readers[0].arena);
	arena_fini(&readers[1].arena);
	return ok;
}

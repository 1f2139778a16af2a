// SPDX-License-Identifier: EUPL-1.2
/* oracle.c - see oracle.h. */
#include "tests/sim/oracle.h"

#include <stdio.h>
#include <stdlib.h>

#define READ_MAX 256u

struct judge {
	const struct row_source *journals;
	const struct oracle_ack *acks;
	size_t ack_count;
	unsigned *seen; /* how often each acknowledged message stands in the journal */
	struct oracle_counts *counts;
	struct why *why;
	struct arena arena;
	/* (case, kind, reference, due) of every miss. */
	struct digest *missed;
	size_t missed_count, missed_room;
	struct digest *set; /* the same of every deadline that was set */
	size_t set_count, set_room;
	size_t told_count;         /* S02 */
	struct digest *considered; /* cases with a consideration before the centre */
	size_t considered_count, considered_room;
	struct digest *index; /* of the acknowledgements, by (source, id), for looking up */
};

typedef bool (*visit_record)(struct judge *j, const struct record *r, const struct journal_entry *e);

static bool
each_record(struct judge *j, unsigned service, visit_record visit)
{
	const struct row_source *s = &j->journals[service];
	struct journal_entry entries[READ_MAX];
	struct digest before = {{0}};
	uint64_t after = 0;
	size_t count;

	for (;;) {
		arena_reset(&j->arena);
		count = s->read(s->ctx, &j->arena, after, entries, READ_MAX);
		if (count == 0)
			return true;
		for (size_t i = 0; i < count; i++) {
			struct record r;
			before = digest_chain(before, after + 1, entries[i].record);
			if (entries[i].seq != after + 1 || !digest_equal(before, entries[i].digest)) {
				why_set(j->why, "(c) %s: the chain breaks at record %llu",
					service_of_row(service)->name, (unsigned long long)(after + 1));
				return false;
			}
			if (!record_read(&j->arena, entries[i].record, &r, j->why) || !visit(j, &r, &entries[i]))
				return false;
			after++;
		}
	}
}

/* The digest of (source, id), its last four bytes replaced by the place in the list. */
static struct digest
ack_key(const char *source, const char *id, uint32_t place)
{
	char text[2 * ID_MAX + 8];

	snprintf(text, sizeof text, "%s|%s", source, id);
	struct digest d = digest_of(bytes_str(text));
	put_u32(d.b + DIGEST_SIZE - 4, place);
	return d;
}

static int
compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

static void
index_acks(struct judge *j)
{
	j->index = calloc(j->ack_count + 1, sizeof *j->index);
	if (j->index == NULL)
		fatal("out of memory");
	for (size_t i = 0; i < j->ack_count; i++)
		j->index[i] = ack_key(j->acks[i].source, j->acks[i].id, (uint32_t)i);
	qsort(j->index, j->ack_count, sizeof *j->index, compare_digests);
}

/* First place in the index at or behind the key. */
static size_t
find_ack(const struct judge *j, const struct digest *key)
{
	size_t low = 0, high = j->ack_count;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		if (memcmp(j->index[middle].b, key->b, DIGEST_SIZE - 4) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
see_intake(struct judge *j, const struct record *r, const struct journal_entry *e)
{
	if (r->submission == NULL)
		return true;
	j->counts->accepted++;
	const struct digest key = ack_key(r->submission->source, r->submission->id, 0);
	for (size_t k = find_ack(j, &key); k < j->ack_count && memcmp(j->index[k].b, key.b, DIGEST_SIZE - 4) == 0;
	     k++) {
		const uint32_t place = get_u32(j->index[k].b + DIGEST_SIZE - 4);
		const struct oracle_ack *a = &j->acks[place];
		if (a->seq != e->seq || (a->case_id[0] != '\0' && strcmp(a->case_id, r->submission->case_id) != 0)) {
			why_set(j->why, "(a) %s of %s was told seq %llu, and stands at %llu", a->id, a->source,
				(unsigned long long)a->seq, (unsigned long long)e->seq);
			return false;
		}
		j->seen[place]++;
	}
	return true;
}

static bool
check_acks(struct judge *j)
{
	for (size_t i = 0; i < j->ack_count; i++) {
		if (j->seen[i] == 1)
			continue;
		why_set(j->why, "(a) %s of %s was accepted (seq %llu) and stands %u times in intake's journal",
			j->acks[i].id, j->acks[i].source, (unsigned long long)j->acks[i].seq, j->seen[i]);
		return false;
	}
	return true;
}

static void
remember(struct digest **set, size_t *count, size_t *room, const char *text)
{
	if (*count == *room) {
		*room = *room * 2 + 64;
		*set = realloc(*set, *room * sizeof **set);
		if (*set == NULL)
			fatal("out of memory");
	}
	(*set)[(*count)++] = digest_of(bytes_str(text));
}

static bool
is_in(const struct digest *set, size_t count, const char *text)
{
	const struct digest d = digest_of(bytes_str(text));

	for (size_t i = 0; i < count; i++)
		if (digest_equal(set[i], d))
			return true;
	return false;
}

static const char *
deadline_key(struct judge *j, const char *case_id, int kind, const char *reference, const char *due)
{
	return arena_printf(&j->arena, "%s|%d|%s|%s", case_id, kind, reference, due);
}

static bool
see_routing(struct judge *j, const struct record *r, const struct journal_entry *e)
{
	const pb_Answer *a = r->answer;

	(void)e;
	if (r->submission != NULL && r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_ESCALATION_REQUESTED &&
	    r->submission->escalation_requested->considered_by[0] != '\0')
		remember(&j->considered, &j->considered_count, &j->considered_room, r->submission->case_id);
	if (a == NULL || (int)a->service != SERVICE_ROUTING)
		return true;
	j->counts->answers++;
	if (a->body_case == DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED) {
		j->counts->missed++;
		remember(&j->missed, &j->missed_count, &j->missed_room,
			 deadline_key(j, a->case_id, (int)a->deadline_missed->kind, a->deadline_missed->reference,
				      a->deadline_missed->due));
	}
	if (a->body_case == DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET)
		remember(&j->set, &j->set_count, &j->set_room,
			 deadline_key(j, a->case_id, (int)a->deadline_set->kind, a->deadline_set->reference,
				      a->deadline_set->due));
	if (a->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED)
		j->counts->rejected++;
	return true;
}

static bool
see_signalling(struct judge *j, const struct record *r, const struct journal_entry *e)
{
	const pb_Answer *a = r->answer;

	(void)e;
	if (a != NULL && a->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED &&
	    (int)a->signal_raised->code == SIGNAL_CODE_S02_DEADLINE_MISSED)
		j->told_count++;
	return true;
}

static bool
invariant(struct judge *j, const pb_Answer *a, const char *what)
{
	why_set(j->why, "(d) case %s after seq %llu: %s", a->case_id, (unsigned long long)a->cause, what);
	return false;
}

static bool
see_monitoring(struct judge *j, const struct record *r, const struct journal_entry *e)
{
	(void)e;
	if (r->answer == NULL || r->answer->body_case != DOORBRAAK__V1__ANSWER__BODY_CASE_STATE)
		return true;
	const pb_CaseView *v = r->answer->case_state;
	const bool open = (int)v->state != CASE_STATE_CLOSED;
	j->counts->cases++;
	if (open && v->owner[0] == '\0')
		return invariant(j, r->answer, "I1: it has no owner");
	if (open && (v->next == NULL || v->n_deadlines == 0))
		return invariant(j, r->answer, "I2: it has no next deadline");
	if (open && v->funder[0] == '\0')
		return invariant(j, r->answer, "I3: it has no responsible gemeente");
	if (open && (int)v->track != TRACK_VOLUNTARY && strncmp(v->owner, "GM", 2) != 0)
		return invariant(j, r->answer, "I4: on this track the owner must be a gemeente");
	if (!open && (int)v->close_reason == CLOSE_REASON_SOLVED &&
	    (v->realised_on[0] == '\0' || v->effective_on[0] == '\0'))
		return invariant(j, r->answer, "I5: closed as solved without both facts");
	if ((int)v->level == LEVEL_SUPRAREGIONAL && !is_in(j->considered, j->considered_count, r->answer->case_id))
		return invariant(j, r->answer, "I6: at a centre without a consideration before it");
	return true;
}

/* I9: a deadline is missed at most as often as it was set (a fact reported late may set one anew that lies in the past), and
 * each miss has exactly one S02. */
static bool
check_missed(struct judge *j)
{
	size_t k = 0;

	if (j->missed_count > 0)
		qsort(j->missed, j->missed_count, sizeof *j->missed, compare_digests);
	if (j->set_count > 0)
		qsort(j->set, j->set_count, sizeof *j->set, compare_digests);
	for (size_t i = 0; i < j->missed_count; i++, k++) {
		while (k < j->set_count && compare_digests(&j->set[k], &j->missed[i]) < 0)
			k++;
		if (k < j->set_count && digest_equal(j->set[k], j->missed[i]))
			continue;
		why_set(j->why, "(d) I9: a deadline was missed more often than it was set");
		return false;
	}
	size_t distinct = 0;
	for (size_t i = 0; i < j->missed_count; i++)
		distinct += i == 0 || !digest_equal(j->missed[i - 1], j->missed[i]);
	/* The same deadline missed anew while its S02 is open is the same signal. */
	if (j->told_count < distinct || j->told_count > j->missed_count) {
		why_set(j->why, "(d) I9: %zu deadlines (%zu distinct) were missed and %zu S02 raised", j->missed_count,
			distinct, j->told_count);
		return false;
	}
	return true;
}

static bool
same_as_replay(struct judge *j, struct row *row, unsigned service)
{
	const struct row_source *s = &j->journals[service];
	struct journal_entry is[READ_MAX], should[READ_MAX];
	uint64_t after = 0;

	for (;;) {
		arena_reset(&j->arena);
		const size_t n = s->read(s->ctx, &j->arena, after, is, READ_MAX);
		const size_t m = row_read(row, service, &j->arena, after, should, READ_MAX);
		for (size_t i = 0; i < n || i < m; i++) {
			if (i < n && i < m && bytes_equal(is[i].record, should[i].record) &&
			    digest_equal(is[i].digest, should[i].digest))
				continue;
			why_set(j->why, "(b) %s: record %llu is not what a replay gives (%s)",
				service_of_row(service)->name, (unsigned long long)(after + i + 1),
				i >= n   ? "missing"
				: i >= m ? "too much"
					 : "different");
			return false;
		}
		if (n == 0)
			return true;
		after += n;
	}
}

static bool
check_replay(struct judge *j, const char *scratch, uint32_t batch)
{
	struct row *row;
	bool ok = true;

	const struct row_options options = {
	    .dir = scratch, .fast = true, .turn_records_max = batch, .source = &j->journals[0]};
	if (row_open(&row, &options, j->why) != ERR_NONE)
		return false;
	if (row_settle(row) != ERR_NONE) {
		why_set(j->why, "(b) the replay stops: %s", row_why(row));
		ok = false;
	}
	for (unsigned i = 1; ok && i < SERVICE_COUNT; i++)
		ok = same_as_replay(j, row, i);
	row_close(&row);
	return ok;
}

bool
oracle_check(const struct row_source journals[SERVICE_COUNT], const struct oracle_ack *acks, size_t ack_count,
	     const char *scratch, uint32_t replay_batch, struct oracle_counts *counts, struct why *why)
{
	struct judge j = {.journals = journals, .acks = acks, .ack_count = ack_count, .counts = counts, .why = why};
	bool ok;

	*counts = (struct oracle_counts){0};
	j.seen = calloc(ack_count + 1, sizeof *j.seen);
	if (j.seen == NULL)
		fatal("out of memory");
	arena_init(&j.arena);
	index_acks(&j);
	ok = each_record(&j, 0, see_intake) && check_acks(&j) && each_record(&j, 2, see_routing) &&
	     each_record(&j, 3, see_signalling) && each_record(&j, 4, see_monitoring) && check_missed(&j) &&
	     check_replay(&j, scratch, replay_batch);
	arena_fini(&j.arena);
	free(j.seen);
	free(j.missed);
	free(j.set);
	free(j.considered);
	free(j.index);
	return ok;
}

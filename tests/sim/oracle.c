// SPDX-License-Identifier: EUPL-1.2
/* oracle.c - see oracle.h. */
#include "tests/sim/oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/judge.h"

#define READ_MAX 256u

struct trial {
	const struct row_source *journals;
	const struct oracle_ack *acks;
	size_t ack_count;
	unsigned *seen; /* how often each acknowledged message stands in the journal */
	struct oracle_counts *counts;
	struct why *why;
	struct arena arena;
	struct digest *index; /* of the acknowledgements, by (source, id), for looking up */
};

typedef bool (*visit_record)(struct trial *t, const struct record *r, const struct journal_entry *e);

static bool
each_record(struct trial *t, unsigned service, visit_record visit)
{
	const struct row_source *s = &t->journals[service];
	struct journal_entry entries[READ_MAX];
	struct digest before = {{0}};
	uint64_t after = 0;
	size_t count;

	for (;;) {
		arena_reset(&t->arena);
		count = s->read(s->ctx, &t->arena, after, entries, READ_MAX);
		if (count == 0)
			return true;
		for (size_t i = 0; i < count; i++) {
			struct record r;
			before = digest_chain(before, after + 1, entries[i].record);
			if (entries[i].seq != after + 1 || !digest_equal(before, entries[i].digest)) {
				why_set(t->why, "(c) %s: the chain breaks at record %llu",
					service_of_row(service)->name, (unsigned long long)(after + 1));
				return false;
			}
			if (!record_read(&t->arena, entries[i].record, &r, t->why) ||
			    (visit != NULL && !visit(t, &r, &entries[i])))
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
index_acks(struct trial *t)
{
	t->index = calloc(t->ack_count + 1, sizeof *t->index);
	if (t->index == NULL)
		fatal("out of memory");
	for (size_t i = 0; i < t->ack_count; i++)
		t->index[i] = ack_key(t->acks[i].source, t->acks[i].id, (uint32_t)i);
	qsort(t->index, t->ack_count, sizeof *t->index, compare_digests);
}

/* First place in the index at or behind the key. */
static size_t
find_ack(const struct trial *t, const struct digest *key)
{
	size_t low = 0, high = t->ack_count;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		if (memcmp(t->index[middle].b, key->b, DIGEST_SIZE - 4) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
see_intake(struct trial *t, const struct record *r, const struct journal_entry *e)
{
	if (r->submission == NULL)
		return true;
	t->counts->accepted++;
	const struct digest key = ack_key(r->submission->source, r->submission->id, 0);
	for (size_t k = find_ack(t, &key); k < t->ack_count && memcmp(t->index[k].b, key.b, DIGEST_SIZE - 4) == 0;
	     k++) {
		const uint32_t place = get_u32(t->index[k].b + DIGEST_SIZE - 4);
		const struct oracle_ack *a = &t->acks[place];
		if (a->seq != e->seq || (a->case_id[0] != '\0' && strcmp(a->case_id, r->submission->case_id) != 0)) {
			why_set(t->why, "(a) %s of %s was told seq %llu, and stands at %llu", a->id, a->source,
				(unsigned long long)a->seq, (unsigned long long)e->seq);
			return false;
		}
		t->seen[place]++;
	}
	return true;
}

static bool
check_acks(struct trial *t)
{
	for (size_t i = 0; i < t->ack_count; i++) {
		if (t->seen[i] == 1)
			continue;
		why_set(t->why, "(a) %s of %s was accepted (seq %llu) and stands %u times in intake's journal",
			t->acks[i].id, t->acks[i].source, (unsigned long long)t->acks[i].seq, t->seen[i]);
		return false;
	}
	return true;
}

static bool
same_as_replay(struct trial *t, struct row *row, unsigned service)
{
	const struct row_source *s = &t->journals[service];
	struct journal_entry is[READ_MAX], should[READ_MAX];
	uint64_t after = 0;

	for (;;) {
		arena_reset(&t->arena);
		const size_t n = s->read(s->ctx, &t->arena, after, is, READ_MAX);
		const size_t m = row_read(row, service, &t->arena, after, should, READ_MAX);
		for (size_t i = 0; i < n || i < m; i++) {
			if (i < n && i < m && bytes_equal(is[i].record, should[i].record) &&
			    digest_equal(is[i].digest, should[i].digest))
				continue;
			why_set(t->why, "(b) %s: record %llu is not what a replay gives (%s)",
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
check_replay(struct trial *t, const char *scratch, uint32_t batch)
{
	struct row *row;
	bool ok = true;

	const struct row_options options = {
	    .dir = scratch, .fast = true, .turn_records_max = batch, .source = &t->journals[0]};
	if (row_open(&row, &options, t->why) != ERR_NONE)
		return false;
	if (row_settle(row) != ERR_NONE) {
		why_set(t->why, "(b) the replay stops: %s", row_why(row));
		ok = false;
	}
	for (unsigned i = 1; ok && i < SERVICE_COUNT; i++)
		ok = same_as_replay(t, row, i);
	row_close(&row);
	return ok;
}

bool
oracle_replay(const struct row_source journals[SERVICE_COUNT], const char *scratch, uint32_t batch, struct why *why)
{
	struct trial t = {.journals = journals, .why = why};

	arena_init(&t.arena);
	const bool ok = check_replay(&t, scratch, batch);
	arena_fini(&t.arena);
	return ok;
}

static bool
check_invariants(struct trial *t)
{
	struct judge *j = judge_new(true);
	const bool ok = judge_read(j, &t->journals[3], &t->journals[4]);
	const struct judge_counts *c = judge_counted(j);

	if (!ok)
		why_set(t->why, "(d) %s", judge_why(j));
	t->counts->answers = c->answers;
	t->counts->cases = c->told;
	t->counts->missed = c->missed;
	t->counts->rejected = c->rejected;
	judge_free(j);
	return ok;
}

bool
oracle_check(const struct row_source journals[SERVICE_COUNT], const struct oracle_ack *acks, size_t ack_count,
	     const char *scratch, uint32_t replay_batch, struct oracle_counts *counts, struct why *why)
{
	struct trial t = {.journals = journals, .acks = acks, .ack_count = ack_count, .counts = counts, .why = why};
	bool ok;

	*counts = (struct oracle_counts){0};
	t.seen = calloc(ack_count + 1, sizeof *t.seen);
	if (t.seen == NULL)
		fatal("out of memory");
	arena_init(&t.arena);
	index_acks(&t);
	ok = each_record(&t, 0, see_intake) && check_acks(&t);
	for (unsigned i = 1; ok && i < SERVICE_COUNT; i++)
		ok = each_record(&t, i, NULL);
	ok = ok && check_invariants(&t) && check_replay(&t, scratch, replay_batch);
	arena_fini(&t.arena);
	free(t.seen);
	free(t.index);
	return ok;
}

// SPDX-License-Identifier: EUPL-1.2
#include "tests/end_to_end/watched.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/record.h"

#define READ_MAX  256u
#define LINE_LONG 512
#define HEX_MAX   (2 * DIGEST_SIZE + 1)

/* ---- what must have been told ---- */

struct due {
	uint64_t seq;
	struct digest digest;
};

struct known {
	struct digest *list; /* signals that a receiver was told of, and not of their end */
	size_t count, room;
};

struct duty {
	const struct watcher *w;
	struct arena arena;
	struct digest *all; /* of every record, by seq - 1 */
	size_t all_count, all_room;
	struct due *list;
	size_t count, room;
	struct known known;
	bool begun; /* it was registered */
};

static void *
room_for(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = 2 * *room + 1024;
	list = realloc(list, *room * size);
	if (list == NULL)
		fatal("out of memory");
	return list;
}

static bool
is_to(const struct watcher *w, const Doorbraak__V1__Addressee *to, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(record_code_of("Addressee", (int)to[i]), w->topic) == 0)
			return true;
	return false;
}

static size_t
known_at(const struct known *k, const struct digest *signal)
{
	size_t i = 0;

	while (i < k->count && !digest_equal(k->list[i], *signal))
		i++;
	return i;
}

static void
know(struct known *k, const struct digest *signal)
{
	if (known_at(k, signal) < k->count)
		return;
	k->list = room_for(k->list, k->count, &k->room, sizeof *k->list);
	k->list[k->count++] = *signal;
}

#define SIGNAL_OF(s)                                                                                                   \
	digest_of(bytes_str(arena_printf(&d->arena, "%d %d %s %d %s %s", (int)(s)->code, (int)(s)->subject,            \
					 (s)->subject_id, (int)(s)->deadline_kind, (s)->due, (s)->reference)))

static bool
is_event_for(struct duty *d, const struct record *r)
{
	const pb_Answer *a = r->answer;

	if (r->submission != NULL &&
	    r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED)
		d->begun = d->begun || strcmp(r->submission->subscription_registered->subscription, d->w->name) == 0;
	if (!d->begun || a == NULL)
		return false;
	if (a->signal_cleared != NULL && a->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED) {
		const struct digest signal = SIGNAL_OF(a->signal_cleared);
		const size_t at = known_at(&d->known, &signal);
		if (at == d->known.count)
			return false;
		d->known.list[at] = d->known.list[--d->known.count];
		return true;
	}
	struct digest signal;
	if (a->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED &&
	    is_to(d->w, a->signal_raised->to, a->signal_raised->n_to))
		signal = SIGNAL_OF(a->signal_raised);
	else if (a->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED &&
		 is_to(d->w, a->signal_updated->to, a->signal_updated->n_to))
		signal = SIGNAL_OF(a->signal_updated);
	else
		return false;
	know(&d->known, &signal);
	return true;
}

static bool
is_due(struct duty *d, const struct record *r)
{
	const char *topics[RECORD_TOPICS_MAX];

	if (d->w->kind == WATCHER_RECEIVER)
		return is_event_for(d, r);
	if (d->w->topic[0] == '\0')
		return true;
	char *prefix = (char *)(uintptr_t)d->w->topic;
	return record_topics_match(topics, record_topics(&d->arena, r, topics), &prefix, 1);
}

static bool
read_duty(struct duty *d, const struct row_source *journal, struct why *why)
{
	struct journal_entry entries[READ_MAX];
	size_t n;

	for (;;) {
		arena_reset(&d->arena);
		n = journal->read(journal->ctx, &d->arena, d->all_count, entries, READ_MAX);
		if (n == 0)
			return true;
		for (size_t i = 0; i < n; i++) {
			struct record r;
			const struct due due = {entries[i].seq, digest_of(entries[i].record)};
			if (!record_read(&d->arena, entries[i].record, &r, why))
				return false;
			d->all = room_for(d->all, d->all_count, &d->all_room, sizeof *d->all);
			d->all[d->all_count++] = due.digest;
			if (!is_due(d, &r))
				continue;
			d->list = room_for(d->list, d->count, &d->room, sizeof *d->list);
			d->list[d->count++] = due;
		}
	}
}

/* ---- what was told ---- */

struct telling {
	const struct watcher *w;
	const struct duty *duty;
	struct watched *found;
	struct why *why;
	/* of the live record at hand */
	uint64_t live;
	char topics[RECORD_TOPICS_MAX][LINE_LONG];
	unsigned topic_count;
	/* of a receiver: the body of each event, by its place in the duty */
	char (*bodies)[HEX_MAX];
};

static bool
says(struct telling *t, const char *what, uint64_t seq)
{
	why_set(t->why, "%s: %s at record %llu", t->w->name, what, (unsigned long long)seq);
	return false;
}

static bool
is_digest(const struct digest *d, const char *hex)
{
	for (unsigned i = 0; i < DIGEST_SIZE; i++) {
		char two[3];
		snprintf(two, sizeof two, "%02x", d->b[i]);
		if (strncmp(hex + 2 * i, two, 2) != 0)
			return false;
	}
	return true;
}

static bool
took(struct telling *t, uint64_t seq, const char *hex)
{
	const struct duty *d = t->duty;
	const uint64_t at = t->found->records++;

	if (at >= d->count || d->list[at].seq != seq)
		return says(t, at < d->count && d->list[at].seq < seq ? "something is missing" : "something is doubled",
			    seq);
	return is_digest(&d->list[at].digest, hex) || says(t, "it was told otherwise", seq);
}

static bool
heard(struct telling *t, uint64_t seq, const char *hex, const char *topic)
{
	t->found->heard++;
	if (seq < t->live)
		return says(t, "the live stream went back", seq);
	if (seq > t->live)
		t->topic_count = 0;
	t->live = seq;
	for (unsigned i = 0; i < t->topic_count; i++)
		if (strcmp(t->topics[i], topic) == 0)
			return says(t, "the same twice in the live stream", seq);
	if (t->topic_count < RECORD_TOPICS_MAX)
		snprintf(t->topics[t->topic_count++], LINE_LONG, "%s", topic);
	if (seq == 0 || seq > t->duty->all_count)
		return says(t, "live, and in no journal", seq);
	return is_digest(&t->duty->all[seq - 1], hex) || says(t, "live, and otherwise in the journal", seq);
}

/* The next one, or one that it had. */
static bool
received(struct telling *t, uint64_t seq, const char *hex)
{
	const struct duty *d = t->duty;
	const uint64_t next = t->found->records;

	if (next < d->count && d->list[next].seq == seq) {
		snprintf(t->bodies[t->found->records++], sizeof *t->bodies, "%s", hex);
		return true;
	}
	t->found->again++;
	for (uint64_t i = next; i-- > 0;)
		if (d->list[i].seq == seq)
			return strcmp(t->bodies[i], hex) == 0 || says(t, "another event with the same id", seq);
	return says(t, "an event is missing before, or is none of its own,", seq);
}

static bool
read_telling(struct telling *t, const char *dir)
{
	char path[FLEET_PATH_MAX], line[LINE_LONG], hex[HEX_MAX], topic[LINE_LONG];
	bool ok = true;

	watcher_file(t->w, dir, path);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		why_set(t->why, "%s is not there", path);
		return false;
	}
	while (ok && fgets(line, sizeof line, f) != NULL) {
		unsigned long long seq;
		if (line[strlen(line) - 1] != '\n')
			break; /* killed under way */
		if (sscanf(line, "r %llu %64s", &seq, hex) == 2)
			ok = took(t, seq, hex);
		else if (sscanf(line, "l %llu %64s %511s", &seq, hex, topic) == 3)
			ok = heard(t, seq, hex, topic);
		else if (sscanf(line, "e %llu %64s", &seq, hex) == 2)
			ok = received(t, seq, hex);
	}
	fclose(f);
	return ok;
}

static bool
has_all(struct telling *t, bool running)
{
	const struct duty *d = t->duty;
	const uint64_t next = t->found->records;

	t->found->whole = next == d->count;
	return running || t->found->whole || says(t, "it never came, the one", d->list[next].seq);
}

bool
watched_check(const struct watcher *w, const char *dir, const struct row_source *journal, bool running,
	      struct watched *found, struct why *why)
{
	struct duty d = {.w = w};
	struct telling t = {.w = w, .duty = &d, .found = found, .why = why};

	*found = (struct watched){0};
	arena_init(&d.arena);
	bool ok = read_duty(&d, journal, why);
	t.bodies = calloc(d.count + 1, sizeof *t.bodies);
	if (t.bodies == NULL)
		fatal("out of memory");
	ok = ok && read_telling(&t, dir) && has_all(&t, running);
	arena_fini(&d.arena);
	free(d.all);
	free(d.list);
	free(d.known.list);
	free(t.bodies);
	return ok;
}

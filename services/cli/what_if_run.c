// SPDX-License-Identifier: EUPL-1.2
/* what_if_run.c - both sides, on two threads.
 *
 * As long as both sides hear the same, one speaks for both: the other thread computes it while this one reads ahead. The
 * changed side begins as a copy of the recorded one, before the first record that only one of them hears, or hears otherwise.
 *
 * From there two steps a batch, with a meeting behind each: this thread computes the recorded side while the other computes
 * the changed one; then this thread reads and decodes the next batch while the other compares what the two have said. */
#include <pthread.h>
#include <stdlib.h>

#include "common/relay.h"
#include "services/cli/what_if.h"

#define BATCH     1024u                                               /* records read at a time */
#define SERVICES  3u                                                  /* triage, routing, signalling */
#define HEARD_MAX (BATCH * (1 + WHAT_IF_ROWS_MAX) + HEARING_MORE_MAX) /* each adoption may bring the rows again */

struct outcomes {
	struct outcome *of; /* owned */
	size_t count, room;
};

struct batch {
	struct arena arena;
	const struct record *heard[WHAT_IF_SIDES][HEARD_MAX];
	size_t counts[WHAT_IF_SIDES];
	size_t alike;  /* how many of the first ones both sides hear */
	uint64_t last; /* number of its last record; 0: none */
};

struct side {
	struct relay *relay;
	const struct record *in; /* at hand */
	struct outcomes outcomes;
	const struct record *const *heard; /* to be computed */
	size_t count;
	enum err err;
	uint8_t apart[128]; /* from what the other side writes: a shared line of the cache costs both */
};

struct worker {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	void (*job)(void *ctx); /* NULL: idle */
	void *ctx;
	bool ends;
};

struct run {
	const struct what_if_change *change;
	const struct row_source *source;
	struct what_if_result *result;
	struct side sides[WHAT_IF_SIDES];
	struct batch batches[2];
	struct worker worker;
	uint64_t after; /* last record read */
	bool at_end;
	bool apart; /* of what was read: the sides have heard different things */
	struct why why;
};

/* ---- the other thread ---- */

static void *
work(void *ctx)
{
	struct worker *w = ctx;

	pthread_mutex_lock(&w->mutex);
	while (!w->ends) {
		if (w->job == NULL) {
			pthread_cond_wait(&w->changed, &w->mutex);
			continue;
		}
		pthread_mutex_unlock(&w->mutex);
		w->job(w->ctx);
		pthread_mutex_lock(&w->mutex);
		w->job = NULL;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static void
worker_start(struct worker *w)
{
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->changed, NULL);
	if (pthread_create(&w->thread, NULL, work, w) != 0)
		fatal("no thread can be started");
}

static void
worker_do(struct worker *w, void (*job)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&w->mutex);
	w->job = job;
	w->ctx = ctx;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->mutex);
}

static void
worker_wait(struct worker *w)
{
	pthread_mutex_lock(&w->mutex);
	while (w->job != NULL)
		pthread_cond_wait(&w->changed, &w->mutex);
	pthread_mutex_unlock(&w->mutex);
}

static void
worker_end(struct worker *w)
{
	pthread_mutex_lock(&w->mutex);
	w->ends = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->mutex);
}

/* ---- what a side says ---- */

static struct outcome *
outcome_new(struct outcomes *os)
{
	if (os->count == os->room) {
		os->room = os->room == 0 ? 4096 : os->room * 2;
		os->of = realloc(os->of, os->room * sizeof *os->of);
		if (os->of == NULL)
			fatal("out of memory");
	}
	return &os->of[os->count++];
}

static void
take_deadline(struct outcome *o, int kind, const char *reference, const char *due, bool missed)
{
	o->aspect = WHAT_IF_DEADLINE;
	o->code = (uint8_t)kind;
	o->text = reference;
	o->due = record_day(due);
	o->stage = missed ? 1 : 0;
}

static void
take_signal(struct outcome *o, const pb_SignalRaised *raised)
{
	o->aspect = WHAT_IF_SIGNAL;
	o->subject = (uint8_t)raised->subject;
	o->id = raised->subject_id;
	o->code = (uint8_t)raised->code;
	o->stage = (uint8_t)raised->stage;
	o->kind = (uint8_t)raised->deadline_kind;
	o->text = raised->reference;
	for (size_t i = 0; i < raised->n_to; i++)
		o->to |= (uint64_t)1 << raised->to[i];
}

/* False when it is none that is compared. */
static bool
take_answer(struct outcome *o, const struct record *origin, const pb_Answer *answer)
{
	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
		o->aspect = WHAT_IF_OWNER;
		o->text = answer->owner_assigned->owner;
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED:
		/* Triage classifies; the course of the case is routing's. */
		if ((int)answer->service != (int)SERVICE_ROUTING)
			return false;
		o->aspect = WHAT_IF_LEVEL;
		o->code = (uint8_t)answer->route_decided->level;
		o->track = (uint8_t)answer->route_decided->track;
		o->region = answer->route_decided->region;
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
		take_deadline(o, (int)answer->deadline_set->kind, answer->deadline_set->reference,
			      answer->deadline_set->due, false);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		take_deadline(o, (int)answer->deadline_missed->kind, answer->deadline_missed->reference,
			      answer->deadline_missed->due, true);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED: take_signal(o, answer->signal_raised); return true;
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED:
		o->aspect = WHAT_IF_MESSAGE;
		o->code = (uint8_t)answer->message_rejected->reason;
		o->text = origin->submission == NULL ? "" : record_body_name(&origin->submission->base);
		return true;
	default: return false;
	}
}

static void
on_said(void *ctx, const struct record *in)
{
	struct side *s = ctx;
	const pb_Answer *answer = in->answer;
	struct outcome *o = outcome_new(&s->outcomes);

	*o = (struct outcome){
	    .cause = in->cause,
	    .subject = SIGNAL_SUBJECT_CASE,
	    .id = answer->case_id,
	    .text = "",
	    .due = CAL_NONE,
	    .basis = answer->basis,
	};
	if (take_answer(o, s->in, answer))
		o->day = record_day(answer->effect_date);
	else
		s->outcomes.count--;
}

static void
compute(void *ctx)
{
	struct side *s = ctx;

	s->outcomes.count = 0;
	relay_begin(s->relay);
	for (size_t i = 0; i < s->count; i++) {
		s->in = s->heard[i];
		relay_take(s->relay, s->in);
	}
	s->err = relay_end(s->relay);
}

static void
compare(void *ctx)
{
	const struct run *r = ctx;
	const struct outcome *const outcomes[] = {r->sides[0].outcomes.of, r->sides[1].outcomes.of};
	const size_t counts[] = {r->sides[0].outcomes.count, r->sides[1].outcomes.count};

	compare_take(r->result->compare, outcomes, counts);
}

/* ---- reading ---- */

static bool
take_entry(struct run *r, struct batch *b, const struct journal_entry *entry)
{
	struct record *record = ARENA_NEW(&b->arena, struct record);
	struct what_if_result *result = r->result;

	if (!record_read(&b->arena, entry->record, record, &r->why))
		return false;
	const cal_day day = cal_local_day(record->at_ms);

	if (r->change->to != CAL_NONE && day > r->change->to) {
		r->at_end = true;
		return true;
	}
	r->after = entry->seq;
	b->last = entry->seq;
	result->records++;
	if (record->at_ms != 0) { /* before its first tick intake has no time */
		result->first = result->first == CAL_NONE ? day : result->first;
		result->last = day;
	}
	/* What intake says itself, the services have no use for. */
	if (record->intake == NULL)
		return true;
	if (!hearing_take(result->hearing, &b->arena, record, b->heard[WHAT_IF_RECORDED], &b->counts[WHAT_IF_RECORDED],
			  b->heard[WHAT_IF_CHANGED], &b->counts[WHAT_IF_CHANGED], &r->why))
		return false;
	while (!r->apart && (b->alike < b->counts[WHAT_IF_RECORDED] || b->alike < b->counts[WHAT_IF_CHANGED])) {
		r->apart = b->alike == b->counts[WHAT_IF_RECORDED] || b->alike == b->counts[WHAT_IF_CHANGED] ||
			   b->heard[WHAT_IF_RECORDED][b->alike] != b->heard[WHAT_IF_CHANGED][b->alike];
		b->alike += r->apart ? 0 : 1;
	}
	return true;
}

/* The next batch; empty at the end. */
static bool
read_batch(struct run *r, struct batch *b)
{
	struct journal_entry entries[BATCH];

	arena_reset(&b->arena);
	b->counts[WHAT_IF_RECORDED] = b->counts[WHAT_IF_CHANGED] = 0;
	b->alike = 0;
	b->last = 0;
	if (r->at_end)
		return true;
	const size_t count = r->source->read(r->source->ctx, &b->arena, r->after, entries, BATCH);
	if (count == 0 && r->after < r->source->head) {
		why_set(&r->why, "intake's journal breaks off behind record %llu", (unsigned long long)r->after);
		return false;
	}
	r->at_end = count == 0;
	for (size_t i = 0; i < count && !r->at_end; i++) {
		if (!take_entry(r, b, &entries[i]))
			return false;
	}
	return true;
}

/* ---- all of it ---- */

static enum err
open_side(struct run *r, unsigned side, const struct relay *copy_of, struct why *why)
{
	const struct relay_options options = {
	    .services = SERVICES,
	    .ctx = &r->sides[side],
	    .said = on_said,
	    .unheard = (uint64_t)1 << DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED |
		       (uint64_t)1 << DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED,
	    .copy_of = copy_of,
	};

	return relay_open(&r->sides[side].relay, &options, why);
}

static enum err
side_failed(struct run *r, const struct side *s)
{
	if (s->err != ERR_NONE)
		why_set(&r->why, "a store in memory failed (error %d)", (int)s->err);
	return s->err;
}

/* The records of a batch that both sides hear; reads ahead where those are all of them. */
static enum err
one_for_both(struct run *r, const struct batch *b, struct batch *next)
{
	struct side *s = &r->sides[WHAT_IF_RECORDED];
	bool read = true;

	s->heard = b->heard[WHAT_IF_RECORDED];
	s->count = b->alike;
	worker_do(&r->worker, compute, s);
	if (next != NULL)
		read = read_batch(r, next);
	worker_wait(&r->worker);
	if (side_failed(r, s) != ERR_NONE)
		return s->err;
	const struct outcome *const outcomes[] = {s->outcomes.of, s->outcomes.of};

	compare_take(r->result->compare, outcomes, (const size_t[]){s->outcomes.count, s->outcomes.count});
	return read ? ERR_NONE : ERR_REFUSED;
}

static enum err
each_for_itself(struct run *r, const struct batch *b, struct batch *next)
{
	for (unsigned i = 0; i < WHAT_IF_SIDES; i++) {
		r->sides[i].heard = b->heard[i] + b->alike;
		r->sides[i].count = b->counts[i] - b->alike;
	}
	worker_do(&r->worker, compute, &r->sides[WHAT_IF_CHANGED]);
	compute(&r->sides[WHAT_IF_RECORDED]);
	worker_wait(&r->worker);
	for (unsigned i = 0; i < WHAT_IF_SIDES; i++) {
		if (side_failed(r, &r->sides[i]) != ERR_NONE)
			return r->sides[i].err;
	}
	worker_do(&r->worker, compare, r);
	const bool read = read_batch(r, next);
	worker_wait(&r->worker);
	return read ? ERR_NONE : ERR_REFUSED;
}

static enum err
one_batch(struct run *r, const struct batch *b, struct batch *next)
{
	struct side *changed = &r->sides[WHAT_IF_CHANGED];
	const bool all_alike = b->alike == b->counts[WHAT_IF_RECORDED] && b->alike == b->counts[WHAT_IF_CHANGED];
	enum err err = ERR_NONE;

	if (changed->relay == NULL && (b->alike > 0 || all_alike))
		err = one_for_both(r, b, all_alike ? next : NULL);
	if (err != ERR_NONE || (changed->relay == NULL && all_alike))
		return err;
	if (changed->relay == NULL)
		err = open_side(r, WHAT_IF_CHANGED, r->sides[WHAT_IF_RECORDED].relay, &r->why);
	return err == ERR_NONE ? each_for_itself(r, b, next) : err;
}

static enum err
all_batches(struct run *r, const struct progress *progress)
{
	unsigned at = 0;
	enum err err = read_batch(r, &r->batches[at]) ? ERR_NONE : ERR_REFUSED;

	while (err == ERR_NONE && r->batches[at].last != 0) {
		progress_show(progress, "computing", r->batches[at].last, r->source->head);
		err = one_batch(r, &r->batches[at], &r->batches[1 - at]);
		at = 1 - at;
	}
	return err;
}

static void
count_cases(struct what_if_result *result)
{
	size_t count;
	const struct tracked *tracked = compare_tracked(result->compare, &count);

	for (size_t i = 0; i < count; i++)
		result->cases += tracked[i].subject == SIGNAL_SUBJECT_CASE ? 1 : 0;
}

enum err
what_if_run(struct what_if_result *result, const struct what_if_change *change, const struct row_source *source,
	    const struct progress *progress, struct why *why)
{
	struct run *r = calloc(1, sizeof *r);

	if (r == NULL)
		fatal("out of memory");
	*result = (struct what_if_result){.compare = compare_new(), .first = CAL_NONE, .last = CAL_NONE};
	r->change = change;
	r->source = source;
	r->result = result;
	for (unsigned i = 0; i < 2; i++)
		arena_init(&r->batches[i].arena);
	enum err err = hearing_open(&r->result->hearing, change, &r->why);
	if (err == ERR_NONE)
		err = open_side(r, WHAT_IF_RECORDED, NULL, &r->why);
	if (err == ERR_NONE) {
		worker_start(&r->worker);
		err = all_batches(r, progress);
		worker_end(&r->worker);
	}
	progress_end(progress);
	if (err == ERR_NONE) {
		compare_end(result->compare);
		count_cases(result);
	} else {
		*why = r->why;
	}
	for (unsigned i = 0; i < 2; i++) {
		relay_close(&r->sides[i].relay);
		free(r->sides[i].outcomes.of);
		arena_fini(&r->batches[i].arena);
	}
	free(r);
	return err;
}

void
what_if_free(struct what_if_result *result)
{
	hearing_close(&result->hearing);
	compare_free(&result->compare);
}

// SPDX-License-Identifier: EUPL-1.2
#include "common/relay.h"

#include <stdlib.h>

#define RELAY_MAX (SERVICE_COUNT - 1)

/* A service, and what a node would keep around it. */
struct runner {
	struct turn turn; /* first: an answer gets back from it */
	struct relay *relay;
	unsigned place;
	void *self;
	struct store *store;
	uint64_t refusals[64];
};

struct relay {
	struct relay_options options;
	struct runner runners[RELAY_MAX];
	struct record origin; /* the submission of the cause at hand */
};

static void
pass_on(struct relay *relay, unsigned place, const struct record *in)
{
	if (place == relay->options.services)
		return;
	struct runner *r = &relay->runners[place];

	/* It stands before the answers to it. */
	pass_on(relay, place + 1, in);
	if (r->turn.cause != in->cause)
		r->turn.index = 1;
	if (r->turn.at_ms != in->at_ms)
		r->turn.today = cal_local_day(in->at_ms);
	r->turn.cause = in->cause;
	r->turn.at_ms = in->at_ms;
	r->turn.origin = relay->origin.cause == in->cause ? &relay->origin : NULL;
	r->turn.traceparent = r->turn.origin == NULL ? NULL : relay->origin.intake->accepted->traceparent;
	r->turn.service->apply(r->self, &r->turn, in);
}

static void
on_answer(struct turn *turn, pb_Answer *answer)
{
	struct runner *r = (struct runner *)turn;
	const struct record in = {.answer = answer, .cause = turn->cause, .at_ms = turn->at_ms};

	r->relay->options.said(r->relay->options.ctx, &in);
	pass_on(r->relay, r->place + 1, &in);
}

static enum err
open_one(struct relay *relay, unsigned place, struct why *why)
{
	struct runner *r = &relay->runners[place];
	const struct service *service = service_of_row(place + 1);
	const struct runner *of = relay->options.copy_of == NULL ? NULL : &relay->options.copy_of->runners[place];

	r->relay = relay;
	r->place = place;
	r->turn.service = service;
	r->turn.said = on_answer;
	r->turn.refusals = r->refusals;
	/* Whoever stands behind it listens to everything. */
	r->turn.unheard = place + 1 == relay->options.services ? relay->options.unheard : 0;
	r->turn.today = cal_local_day(0);
	if (of != NULL) {
		r->turn.cause = of->turn.cause;
		r->turn.index = of->turn.index;
		r->turn.at_ms = of->turn.at_ms;
		r->turn.today = of->turn.today;
	}
	r->self = calloc(1, service->self_bytes + 1);
	if (r->self == NULL)
		fatal("out of memory");
	const enum err err = store_open(
	    &r->store, &(struct store_options){.in_memory = true, .copy_of = of == NULL ? NULL : of->store}, why);
	if (err != ERR_NONE)
		return err;
	struct store_txn *txn = store_begin_write(r->store);
	service->open(r->self, txn);
	if (store_commit(txn) == ERR_NONE)
		return ERR_NONE;
	why_set(why, "%s: its store cannot be made", service->name);
	return ERR_IO;
}

enum err
relay_open(struct relay **out, const struct relay_options *options, struct why *why)
{
	struct relay *relay = calloc(1, sizeof *relay);

	if (relay == NULL)
		fatal("out of memory");
	ASSERT(options->services >= 1 && options->services <= RELAY_MAX);
	relay->options = *options;
	for (unsigned i = 0; i < options->services; i++) {
		const enum err err = open_one(relay, i, why);
		if (err != ERR_NONE) {
			relay_close(&relay);
			return err;
		}
	}
	*out = relay;
	return ERR_NONE;
}

void
relay_close(struct relay **out)
{
	struct relay *relay = *out;

	if (relay == NULL)
		return;
	for (unsigned i = 0; i < relay->options.services; i++) {
		struct runner *r = &relay->runners[i];
		if (r->store != NULL && r->turn.service->close != NULL)
			r->turn.service->close(r->self);
		store_close(&r->store);
		free(r->self);
	}
	free(relay);
	*out = NULL;
}

void
relay_begin(struct relay *relay)
{
	relay->origin = (struct record){0};
	for (unsigned i = 0; i < relay->options.services; i++) {
		struct turn *turn = &relay->runners[i].turn;
		turn->txn = store_begin_write(relay->runners[i].store);
		turn->arena = store_arena(turn->txn);
	}
}

void
relay_take(struct relay *relay, const struct record *in)
{
	if (in->submission != NULL)
		relay->origin = *in;
	pass_on(relay, 0, in);
	/* A record of intake is a cause of its own, and everybody has said what it brought about. */
	for (unsigned i = 0; i < relay->options.services; i++) {
		struct runner *r = &relay->runners[i];

		r->turn.origin = NULL;
		if (r->turn.service->complete != NULL)
			r->turn.service->complete(r->self, &r->turn);
	}
}

enum err
relay_end(struct relay *relay)
{
	enum err first = ERR_NONE;

	for (unsigned i = 0; i < relay->options.services; i++) {
		const enum err err = store_commit(relay->runners[i].turn.txn);
		if (first == ERR_NONE)
			first = err;
	}
	return first;
}

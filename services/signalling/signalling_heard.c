// SPDX-License-Identifier: EUPL-1.2
/* signalling_heard.c - who acknowledges a signal, and what follows when nobody does.
 *
 * An acknowledgement changes nothing in the case, and so does its absence: it is told to the next step of governance,
 * no more (rules.md 6). */
#include "services/signalling/signalling_event.h"

/* The case of a signal about one, else what is known around its subject. */
static struct signal_case
around_open(struct signalling *self, struct turn *turn, const struct signal_open *open)
{
	struct signal_case c;

	if (open->key.subject == SIGNAL_SUBJECT_CASE) {
		signalling_case_get(&self->db, turn->txn, open->key.subject_id, &c);
		return c;
	}
	c = signalling_around(self, turn, open->region.s, turn->today);
	if (open->key.subject == SIGNAL_SUBJECT_TEAM)
		c.team = code_of(open->key.subject_id);
	if (open->key.subject == SIGNAL_SUBJECT_INSTITUTION)
		c.provider = code_of(open->key.subject_id);
	return c;
}

static struct signal_event
event_of_open(struct signalling *self, struct turn *turn, const char *name, cal_day day, const struct signal_open *open,
	      struct signal_case *c)
{
	const bool about_case = open->key.subject == SIGNAL_SUBJECT_CASE;
	struct signal_event event =
	    signalling_event_of(self, turn, name, day, about_case ? open->key.subject_id : "", c);

	event.open = open;
	if (!about_case)
		event.region = open->region.s;
	event.view = policy_on(self->policies, turn->txn, day, event.region);
	return event;
}

/* ---- acknowledged ---- */

static bool
is_told(const struct signal_event *event, const pb_Actor *actor)
{
	const struct signal_told *told = &event->open->told;
	const struct signal_place place = signalling_place(event);

	for (unsigned i = 0; i < told->count; i++) {
		if (signalling_same_side(told->organisations[i], actor->organisation))
			return true;
	}
	/* An owner that came later speaks for OWNER too. */
	for (int i = 1; i < 64; i++) {
		if ((told->to >> i & 1) != 0 && signalling_speaks_for(i, &place, (int)actor->role, actor->organisation))
			return true;
	}
	return false;
}

static bool
is_meant(const struct signal_key *key, const pb_SignalAcknowledged *said)
{
	return (int)said->deadline_kind == 0 ||
	       (key->deadline_kind == (int)said->deadline_kind && strcmp(key->reference, said->reference) == 0);
}

void
signalling_acknowledged(struct signalling *self, struct turn *turn, const pb_Submission *s)
{
	const pb_SignalAcknowledged *said = s->signal_acknowledged;
	const cal_day day = cal_local_day(record_at_ms(s->occurred_at));
	const bool about_case = (int)said->subject == SIGNAL_SUBJECT_CASE;
	const struct id id =
	    about_case ? signalling_alias_get(&self->db, turn->txn, s->case_id) : id_of(said->subject_id);
	unsigned count, meant = 0, heard = 0;
	const struct signal_entry *entries =
	    signalling_open_list(&self->db, turn->txn, (int)said->subject, id.s, (int)said->code, &count);

	for (unsigned i = 0; i < count; i++) {
		if (!is_meant(&entries[i].key, said))
			continue;
		const struct signal_open open = signalling_open_of(turn->arena, &entries[i]);
		struct signal_case c = around_open(self, turn, &open);
		struct signal_event event = event_of_open(self, turn, "SignalAcknowledged", day, &open, &c);

		meant++;
		if (!is_told(&event, s->actor))
			continue;
		heard++;
		signalling_take_up(&event, (int)said->follow_up, s->actor->organisation);
	}
	if (heard > 0)
		return;
	struct signal_case none = {0};
	struct signal_event event =
	    signalling_event_of(self, turn, "SignalAcknowledged", day, about_case ? id.s : "", &none);

	event.submission = s;
	event.view = policy_on(self->policies, turn->txn, day, "");
	signalling_reject(&event, meant == 0 ? REASON_NO_OPEN_REQUEST : REASON_NOT_ADDRESSEE,
			  meant == 0 ? "code" : "actor");
}

/* ---- not acknowledged ---- */

void
signalling_unheard(struct signalling *self, struct turn *turn)
{
	unsigned count;
	const struct unheard_entry *entries = signalling_unheard_take(&self->db, turn->txn, turn->today, &count);

	for (unsigned i = 0; i < count; i++) {
		struct signal_open open;

		if (!signalling_unheard_get(&self->db, turn->txn, &entries[i], &open))
			continue;
		struct signal_case c = around_open(self, turn, &open);
		struct signal_event event = event_of_open(self, turn, "NOT_ACKNOWLEDGED", turn->today, &open, &c);

		signalling_run(&event);
	}
}

// SPDX-License-Identifier: EUPL-1.2
/* judge_signals.c - what signalling says: evidence, addressees, one S02 a miss, an end by an event (I9, I12, I13). */
#include "tests/sim/judge_internal.h"

static struct judge_case *
subject_case(struct judge *j, int subject, const char *subject_id)
{
	return subject == SIGNAL_SUBJECT_CASE ? judge_find(j, subject_id) : NULL;
}

static int
find_signal(const struct judge *j, int code, int subject, const char *subject_id, int kind, const char *reference,
	    const char *due)
{
	for (unsigned i = 0; i < j->signal_count; i++) {
		const struct judge_signal *s = &j->signals[i];
		if (s->code == code && s->subject == subject && s->kind == kind &&
		    strcmp(s->subject_id.s, subject_id) == 0 && strcmp(s->reference.s, reference) == 0 &&
		    s->due == record_day(due))
			return (int)i;
	}
	return -1;
}

bool
judge_signal_is_open(const struct judge *j, int code, int subject, const char *subject_id)
{
	return find_signal(j, code, subject, subject_id, 0, "", "") >= 0;
}

static cal_day
due_of(const pb_Answer *a)
{
	for (size_t i = 0; i < a->basis->n_facts; i++)
		if (strcmp(a->basis->facts[i]->name, "due_day") == 0)
			return record_day(a->basis->facts[i]->value);
	return CAL_NONE;
}

unsigned
judge_signal_weight(int code, int stage, int evidence, int follow_up)
{
	return (((unsigned)follow_up * 4096 + (unsigned)evidence) * 64 + (unsigned)code) * 16 + (unsigned)stage;
}

static void
weigh(struct judge *j, const struct judge_signal *s, int sign)
{
	struct judge_case *c = subject_case(j, s->subject, s->subject_id.s);

	if (c == NULL)
		return;
	c->touched = j->cause;
	c->is.signal_count += (unsigned)sign;
	c->is.signal_sum += (unsigned)sign * judge_signal_weight(s->code, s->stage, s->evidence, s->follow_up);
}

/* The miss was told already, and the same due day is missed again: the signal that stands says it. */
static bool
is_told(const struct judge *j, const struct judge_owed *owed)
{
	for (unsigned i = 0; i < j->signal_count; i++) {
		const struct judge_signal *s = &j->signals[i];
		if (s->code == SIGNAL_CODE_S02_DEADLINE_MISSED && s->kind == owed->kind && s->due == owed->due &&
		    strcmp(s->reference.s, owed->reference.s) == 0 &&
		    strcmp(s->subject_id.s, j->cases[owed->of]->id.s) == 0)
			return true;
	}
	return false;
}

bool
judge_owed_nothing(struct judge *j)
{
	if (!j->owed.is || is_told(j, &j->owed))
		return true;
	return judge_fails(j, "I9", j->cases[j->owed.of]->id.s, "%s is missed and no S02 follows",
			   record_code_of("DeadlineKind", j->owed.kind));
}

static bool
settle_owed(struct judge *j, const pb_Answer *a)
{
	const pb_SignalRaised *r = a->signal_raised;

	if (!j->owed.is || (int)r->deadline_kind != j->owed.kind || strcmp(r->reference, j->owed.reference.s) != 0 ||
	    strcmp(a->case_id, j->cases[j->owed.of]->id.s) != 0 || due_of(a) != j->owed.due)
		return judge_fails(j, "I9", a->case_id, "an S02 without the miss it tells of");
	j->owed.is = false;
	return true;
}

static bool
on_raised(struct judge *j, const pb_Answer *a)
{
	const pb_SignalRaised *r = a->signal_raised;
	const char *code = record_code_of("SignalCode", (int)r->code);
	const bool tells_miss = r->code == (int)SIGNAL_CODE_S02_DEADLINE_MISSED;
	/* What an odd policy raises about a team or region is about no deadline. */
	const bool of_due =
	    (int)r->subject == SIGNAL_SUBJECT_CASE && (tells_miss || r->code == (int)SIGNAL_CODE_S01_DEADLINE_NEAR);
	int i =
	    find_signal(j, (int)r->code, (int)r->subject, r->subject_id, (int)r->deadline_kind, r->reference, r->due);

	if (r->code == 0 || r->subject == 0 || r->subject_id[0] == '\0' || r->stage < 1 || r->n_to == 0 ||
	    r->threshold <= 0 || r->unit[0] == '\0')
		return judge_fails(j, "I13", a->case_id, "%s lacks subject, addressee, threshold or unit", code);
	if (j->shipped && tells_miss && !settle_owed(j, a))
		return false;
	struct judge_signal s = {(int)r->code,          (int)r->subject,      r->stage,
				 (int)r->deadline_kind, id_of(r->subject_id), id_of(r->reference),
				 record_day(r->due),    r->evidence,          0};
	if (record_day(r->due) != (of_due ? due_of(a) : CAL_NONE))
		return judge_fails(j, "I13", a->case_id, "%s is about another due day than the deadline", code);
	if (j->tick && r->code == (int)SIGNAL_CODE_S03_NO_MOVEMENT)
		j->rang = j->cause;
	j->counts.signals[r->code]++;
	if (i >= 0) {
		if (j->signals[i].stage >= r->stage)
			return judge_fails(j, "I13", a->case_id, "%s stands at stage %d already", code,
					   j->signals[i].stage);
		weigh(j, &j->signals[i], -1);
		j->signals[i] = s;
	} else {
		j->signals = judge_room(j->signals, j->signal_count, &j->signal_room, sizeof *j->signals);
		j->signals[j->signal_count++] = s;
	}
	weigh(j, &s, 1);
	struct judge_case *c = subject_case(j, s.subject, s.subject_id.s);
	if (c != NULL && s.code == SIGNAL_CODE_S23_SUPPORT_ENDED_BY_DATE)
		c->ended_on = CAL_NONE;
	return true;
}

/* What ends with a quarter that is better, or with a row of the registry that takes effect. */
static bool
ends_by_calendar(const pb_SignalCleared *cleared)
{
	switch ((int)cleared->code) {
	case SIGNAL_CODE_S09_REGION_WITHOUT_TEAM:
	case SIGNAL_CODE_S15_TRANSFERS:
	case SIGNAL_CODE_S16_SECLUSIONS:
	case SIGNAL_CODE_S21_DIRECT_TO_EC:
	case SIGNAL_CODE_S26_EVALUATION_OVERDUE: return true;
	default: return false;
	}
}

/* At a tick nothing ends by itself: something was decided about the case that day, or the source says that what is about
 * no case ends by the calendar. */
static bool
ends_by_event(struct judge *j, const pb_SignalCleared *cleared)
{
	const struct judge_case *c = subject_case(j, (int)cleared->subject, cleared->subject_id);

	if (!j->tick)
		return j->submission != NULL;
	if (cleared->code == (int)SIGNAL_CODE_S03_NO_MOVEMENT)
		return false;
	if (c != NULL)
		return c->routed == j->cause;
	return j->routed || ends_by_calendar(cleared);
}

static bool
on_cleared(struct judge *j, const pb_Answer *a)
{
	const pb_SignalCleared *cleared = a->signal_cleared;
	const char *code = record_code_of("SignalCode", (int)cleared->code);
	const int i = find_signal(j, (int)cleared->code, (int)cleared->subject, cleared->subject_id,
				  (int)cleared->deadline_kind, cleared->reference, cleared->due);

	if (i < 0 || (j->shipped && j->signals[i].stage != cleared->stage))
		return judge_fails(j, "I13", a->case_id, "%s ends and did not stand at that stage", code);
	if (j->shipped && !ends_by_event(j, cleared))
		return judge_fails(j, "I13", a->case_id, "%s ends by time alone", code);
	weigh(j, &j->signals[i], -1);
	j->signals[i] = j->signals[--j->signal_count];
	return true;
}

/* Only what is open changes, on the stage that it has; at a tick it is told to more, else evidence or an answer came. */
static bool
on_updated(struct judge *j, const pb_Answer *a)
{
	const pb_SignalUpdated *u = a->signal_updated;
	const char *code = record_code_of("SignalCode", (int)u->code);
	const bool unheard = (int)u->change == SIGNAL_CHANGE_NOT_ACKNOWLEDGED;
	const int i =
	    find_signal(j, (int)u->code, (int)u->subject, u->subject_id, (int)u->deadline_kind, u->reference, u->due);
	struct judge_signal *stands = i < 0 || (j->shipped && j->signals[i].stage != u->stage) ? NULL : &j->signals[i];

	if (stands == NULL)
		return judge_fails(j, "I13", a->case_id, "%s changes and does not stand at that stage", code);
	if (u->change == 0 || u->n_to == 0 || (u->n_added > 0) != unheard)
		return judge_fails(j, "I13", a->case_id, "%s changes without saying what, or for whom", code);
	/* Only the shipped tables say when silence is told. */
	if (unheard && !j->tick && j->shipped)
		return judge_fails(j, "I13", a->case_id, "silence about %s is told while somebody speaks", code);
	if (unheard)
		j->rang = j->cause;
	weigh(j, stands, -1);
	stands->evidence = u->evidence;
	if ((int)u->change == SIGNAL_CHANGE_ACKNOWLEDGED)
		stands->follow_up = (int)u->follow_up;
	weigh(j, stands, 1);
	return true;
}

/* Of all that comes in only an acknowledgement is refused here. */
static bool
on_refused(struct judge *j, const pb_Answer *a)
{
	if (j->submission == NULL || j->submission->body_case != DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED)
		return judge_fails(j, "I11", a->case_id, "signalling refuses what is not for it to refuse");
	return true;
}

bool
judge_signalling(struct judge *j, const pb_Answer *a)
{
	if (ANSWER_IS(a, SIGNAL_RAISED))
		return on_raised(j, a);
	if (ANSWER_IS(a, SIGNAL_CLEARED))
		return on_cleared(j, a);
	if (ANSWER_IS(a, SIGNAL_UPDATED))
		return on_updated(j, a);
	if (ANSWER_IS(a, MESSAGE_REJECTED))
		return on_refused(j, a);
	return judge_fails(j, "I11", a->case_id, "signalling says something else than signals");
}

bool
judge_signals_after_closing(struct judge *j, const struct judge_case *c)
{
	for (unsigned i = 0; i < j->signal_count; i++) {
		const struct judge_signal *s = &j->signals[i];
		if (s->subject != SIGNAL_SUBJECT_CASE || strcmp(s->subject_id.s, c->id.s) != 0 ||
		    s->code == SIGNAL_CODE_S26_EVALUATION_OVERDUE || s->kind == DEADLINE_KIND_EVALUATION)
			continue;
		return judge_fails(j, "I5", c->id.s, "it is closed and %s stands",
				   record_code_of("SignalCode", s->code));
	}
	return true;
}

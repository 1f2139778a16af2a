// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_project.h"

/* ---- lists ---- */

void *
picture_longer(struct arena *a, const void *list, size_t count, size_t size)
{
	void *longer = arena_take(a, (count + 1) * size);

	if (count > 0)
		memcpy(longer, list, count * size);
	return longer;
}

void *
picture_set_with(struct arena *a, const void *list, size_t count, int value, size_t *count_after)
{
	int *set = picture_longer(a, list, count, sizeof(int));
	size_t at = 0;

	*count_after = count;
	while (at < count && set[at] < value)
		at++;
	if (value == 0 || (at < count && set[at] == value))
		return set;
	memmove(&set[at + 1], &set[at], (count - at) * sizeof(int));
	set[at] = value;
	*count_after = count + 1;
	return set;
}

char **
picture_texts_with(struct arena *a, char *const *list, size_t count, const char *text, size_t *count_after)
{
	char **set = picture_longer(a, list, count, sizeof(char *));
	size_t at = 0;

	*count_after = count;
	while (at < count && strcmp(set[at], text) < 0)
		at++;
	if (text[0] == '\0' || (at < count && strcmp(set[at], text) == 0))
		return set;
	memmove(&set[at + 1], &set[at], (count - at) * sizeof(char *));
	set[at] = record_text(a, text);
	*count_after = count + 1;
	return set;
}

char **
picture_texts(struct arena *a, char *const *list, size_t count)
{
	char **copy = ARENA_ARRAY(a, char *, count + 1);

	for (size_t i = 0; i < count; i++)
		copy[i] = record_text(a, list[i]);
	return copy;
}

/* ---- the picture ---- */

struct picture
picture_new(struct arena *a, const char *case_id)
{
	struct picture p = {.arena = a, .view = ARENA_NEW(a, pb_CaseView), .moved_on = CAL_NONE, .day = CAL_NONE};

	pb_CaseView_init(p.view);
	p.view->case_id = record_text(a, case_id);
	p.view->base_set = ARENA_NEW(a, pb_BaseSet);
	pb_BaseSet_init(p.view->base_set);
	return p;
}

bool
picture_is_hidden(const struct picture *p)
{
	return p->erased && p->view->state == (int)CASE_STATE_CLOSED;
}

bool
picture_is_whole(const struct picture *p)
{
	if (p->view->state == (int)CASE_STATE_CLOSED)
		return p->view->owner[0] == '\0';
	/* Between the record of a measure and that of its owner the track is ahead of the owner (I4). */
	if (p->view->track != (int)TRACK_VOLUNTARY && strncmp(p->view->owner, "GM", 2) != 0)
		return false;
	return p->view->owner[0] != '\0' && p->view->n_deadlines > 0;
}

/* ---- routing's snapshot ---- */

static void
take_flags(pb_CaseView *v, const pb_CaseFlags *flags, struct arena *a)
{
	v->consent = flags->consent;
	v->n_consent_by = 0;
	for (size_t i = 0; i < flags->n_consent_by; i++)
		v->consent_by =
		    picture_set_with(a, v->consent_by, v->n_consent_by, (int)flags->consent_by[i], &v->n_consent_by);
	v->mandate = flags->mandate;
	v->top100 = flags->top100;
	v->urgent = flags->urgent;
	v->measure_active = flags->measure_active;
	v->placed = flags->placed;
	v->support_asked = flags->support_asked;
}

static void
on_route_decided(struct picture *p, const struct picture_step *step)
{
	const pb_RouteDecided *route = step->answer->route_decided;
	pb_CaseView *v = p->view;

	if (v->submitted_on[0] == '\0')
		v->submitted_on = record_date(p->arena, step->day);
	picture_take_route(p, route, step);
	v->state = route->to_state;
	v->track = route->track;
	v->level = route->level;
	v->governance = route->governance;
	v->funder = record_text(p->arena, route->funder);
	v->region = record_text(p->arena, route->region);
	v->team = record_text(p->arena, route->team);
	v->expertise_centre = record_text(p->arena, route->expertise_centre);
	v->supporters = picture_texts(p->arena, route->supporters, route->n_supporters);
	v->n_supporters = route->n_supporters;
	v->offered = picture_texts(p->arena, route->offered, route->n_offered);
	v->n_offered = route->n_offered;
	v->required_participants =
	    picture_texts(p->arena, route->required_participants, route->n_required_participants);
	v->n_required_participants = route->n_required_participants;
	if (route->flags != NULL)
		take_flags(v, route->flags, p->arena);
	if (step->accepted) {
		picture_take_criteria(p, step->criteria);
		p->first_plan = step->origin->body_case == DOORBRAAK__V1__SUBMISSION__BODY_PROTECTION_PLAN_ADOPTED &&
				(v->base_set->court == NULL || v->base_set->court->plan_on[0] == '\0');
		picture_take_message(p, step);
		p->heard = step->answer->cause;
		p->moved_on = step->today;
	}
}

/* ---- deadlines ---- */

/* The order of a case's deadlines: due day, then kind, then reference; dates are text that sorts. */
static int
order(const pb_OpenDeadline *a, const pb_OpenDeadline *b)
{
	const int due = strcmp(a->due, b->due);

	if (due != 0)
		return due;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->reference, b->reference);
}

/* With an empty `due`: whichever is open. */
static void
deadline_remove(pb_CaseView *v, int kind, const char *reference, const char *due)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->n_deadlines; i++) {
		const pb_OpenDeadline *d = v->deadlines[i];
		const bool same = (int)d->kind == kind && strcmp(d->reference, reference) == 0 &&
				  (due[0] == '\0' || strcmp(d->due, due) == 0);

		if (!same)
			v->deadlines[kept++] = v->deadlines[i];
	}
	v->n_deadlines = kept;
}

static pb_ActionState *
action_of(const pb_CaseView *v, const char *id, size_t *at)
{
	for (*at = 0; *at < v->n_actions; (*at)++) {
		if (strcmp(v->actions[*at]->id, id) == 0)
			return v->actions[*at];
	}
	return NULL;
}

static void
on_deadline_set(struct picture *p, const pb_DeadlineSet *set)
{
	pb_CaseView *v = p->view;
	pb_OpenDeadline *d = ARENA_NEW(p->arena, pb_OpenDeadline);
	size_t at = 0;

	pb_OpenDeadline_init(d);
	d->kind = set->kind;
	d->reference = record_text(p->arena, set->reference);
	d->due = record_text(p->arena, set->due);
	d->hard = set->hard;
	d->rule = record_text(p->arena, set->rule);
	deadline_remove(v, (int)set->kind, set->reference, "");
	v->deadlines = picture_longer(p->arena, v->deadlines, v->n_deadlines, sizeof *v->deadlines);
	while (at < v->n_deadlines && order(v->deadlines[at], d) < 0)
		at++;
	memmove(&v->deadlines[at + 1], &v->deadlines[at], (v->n_deadlines - at) * sizeof *v->deadlines);
	v->deadlines[at] = d;
	v->n_deadlines++;
	pb_ActionState *action = d->kind == (int)DEADLINE_KIND_ACTION ? action_of(v, set->reference, &at) : NULL;
	if (action != NULL)
		action->due = d->due;
	if (d->kind == (int)DEADLINE_KIND_EVALUATION)
		v->evaluation_due = d->due;
	if (d->kind == (int)DEADLINE_KIND_BRIDGING)
		v->base_set->bridging_required = true;
}

static void
action_missed(struct picture *p, const char *id)
{
	pb_BaseSet *base = p->view->base_set;
	size_t at;
	const pb_ActionState *action = action_of(p->view, id, &at);

	/* Set anew and missed again, it is still one late action. */
	if (action == NULL || at >= 64 || (p->actions_missed >> at & 1) != 0)
		return;
	p->actions_missed |= (uint64_t)1 << at;
	for (size_t i = 0; i < base->n_actions; i++)
		base->actions[i]->late += strcmp(base->actions[i]->organisation, action->organisation) == 0 ? 1 : 0;
}

static void
on_deadline_missed(struct picture *p, const pb_DeadlineMissed *missed)
{
	deadline_remove(p->view, (int)missed->kind, missed->reference, missed->due);
	if (missed->kind == (int)DEADLINE_KIND_ACTION)
		action_missed(p, missed->reference);
}

static void
on_deadline_cleared(struct picture *p, const struct picture_step *step)
{
	const pb_DeadlineCleared *cleared = step->answer->deadline_cleared;
	pb_BaseSet *base = p->view->base_set;
	const pb_Submission *s = step->origin;

	deadline_remove(p->view, (int)cleared->kind, cleared->reference, cleared->due);
	switch ((int)cleared->kind) {
	case DEADLINE_KIND_EVALUATION: p->view->evaluation_due = record_text(p->arena, ""); break;
	case DEADLINE_KIND_BRIDGING:
		/* Help that is there ends the term too, but is no bridging care. */
		if (!cleared->superseded && s != NULL &&
		    (int)s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_BRIDGING_CARE_STARTED)
			base->bridging_in_time = cleared->late_wd == 0;
		break;
	case DEADLINE_KIND_PROTECTOR_CONTACT:
		if (!cleared->superseded && base->court != NULL)
			base->court->contact_late_wd = cleared->late_wd;
		break;
	default: break;
	}
}

/* ---- signals ---- */

/* Of raised, updated and cleared alike. */
struct signal_key {
	int code, deadline_kind;
	const char *reference, *due;
};
#define SIGNAL_KEY(said)                                                                                               \
	((struct signal_key){(int)(said)->code, (int)(said)->deadline_kind, (said)->reference, (said)->due})

/* Which of the open ones; n_signals: none. */
static size_t
signal_of(const pb_CaseView *v, struct signal_key key)
{
	size_t i = 0;

	for (; i < v->n_signals; i++) {
		const pb_OpenSignal *s = v->signals[i];

		if ((int)s->code == key.code && (int)s->deadline_kind == key.deadline_kind &&
		    strcmp(s->reference, key.reference) == 0 && strcmp(s->due, key.due) == 0)
			break;
	}
	return i;
}

/* By code, then by the day on which it was raised. */
static pb_OpenSignal *
signal_add(struct picture *p, const pb_SignalRaised *raised, cal_day day)
{
	pb_CaseView *v = p->view;
	pb_OpenSignal *signal = ARENA_NEW(p->arena, pb_OpenSignal);
	size_t at = 0;

	pb_OpenSignal_init(signal);
	signal->code = raised->code;
	signal->raised_on = record_date(p->arena, day);
	signal->deadline_kind = raised->deadline_kind;
	signal->reference = record_text(p->arena, raised->reference);
	signal->due = record_text(p->arena, raised->due);
	v->signals = picture_longer(p->arena, v->signals, v->n_signals, sizeof *v->signals);
	while (at < v->n_signals &&
	       (v->signals[at]->code < signal->code ||
		(v->signals[at]->code == signal->code && strcmp(v->signals[at]->raised_on, signal->raised_on) <= 0)))
		at++;
	memmove(&v->signals[at + 1], &v->signals[at], (v->n_signals - at) * sizeof *v->signals);
	v->signals[at] = signal;
	v->n_signals++;
	return signal;
}

/* Each stage waits anew for somebody to take it up. */
static void
on_signal_raised(struct picture *p, const struct picture_step *step)
{
	const pb_SignalRaised *raised = step->answer->signal_raised;
	pb_CaseView *v = p->view;
	const size_t at = signal_of(v, SIGNAL_KEY(raised));
	pb_OpenSignal *signal =
	    raised->stage > 1 && at < v->n_signals ? v->signals[at] : signal_add(p, raised, step->day);

	signal->stage = raised->stage;
	signal->evidence = raised->evidence;
	signal->threshold = raised->threshold;
	signal->unit = record_text(p->arena, raised->unit);
	signal->acknowledged_by = record_text(p->arena, "");
	signal->follow_up = (Doorbraak__V1__FollowUpCode)0;
}

static void
on_signal_updated(struct picture *p, const pb_SignalUpdated *updated)
{
	const size_t at = signal_of(p->view, SIGNAL_KEY(updated));

	if (at == p->view->n_signals)
		return;
	pb_OpenSignal *signal = p->view->signals[at];

	signal->evidence = updated->evidence;
	signal->threshold = updated->threshold;
	if (updated->change != (int)SIGNAL_CHANGE_ACKNOWLEDGED)
		return;
	signal->acknowledged_by = record_text(p->arena, updated->by);
	signal->follow_up = updated->follow_up;
}

static void
on_signal_cleared(struct picture *p, const pb_SignalCleared *cleared)
{
	pb_CaseView *v = p->view;
	const size_t at = signal_of(v, SIGNAL_KEY(cleared));

	if (at == v->n_signals)
		return;
	memmove(&v->signals[at], &v->signals[at + 1], (v->n_signals - at - 1) * sizeof *v->signals);
	v->n_signals--;
}

/* ---- all together ---- */

void
picture_apply(struct picture *p, const struct picture_step *step)
{
	const pb_Answer *answer = step->answer;
	pb_CaseView *v = p->view;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED: on_route_decided(p, step); break;
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
		v->owner = record_text(p->arena, answer->owner_assigned->owner);
		v->pending_owner = record_text(p->arena, answer->owner_assigned->pending);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET: on_deadline_set(p, answer->deadline_set); break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED: on_deadline_missed(p, answer->deadline_missed); break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED: on_deadline_cleared(p, step); break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED: on_signal_raised(p, step); break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED: on_signal_updated(p, answer->signal_updated); break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED: on_signal_cleared(p, answer->signal_cleared); break;
	default: break;
	}
	v->next = v->n_deadlines == 0 ? NULL : v->deadlines[0];
}

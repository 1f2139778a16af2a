// SPDX-License-Identifier: EUPL-1.2
/* play_check.c - what a step led to, set against what the file expects of it. Only the keys that are given. */
#include "services/cli/play.h"
#include "services/cli/scenario_reader.h"

#define VALUES_MAX  512
#define SIGNALS_MAX 512

/* What is there, as scenario_check has what is expected. */
struct got {
	const char *values[VALUES_MAX];
	unsigned count;
};

struct checker {
	struct play *play;
	const struct scenario_step *step;
	const struct scenario_expect *expect;
	struct arena *arena;
	const char *case_id; /* the one looked at; "" when none */
	const pb_CaseView *view;
	const char *alias; /* for the differences */
	struct play_difference *first, **last;
};

static void
differ(struct checker *c, const char *what, const char *expected, const char *got)
{
	struct play_difference *d = ARENA_NEW(c->arena, struct play_difference);

	*d = (struct play_difference){c->alias, what, expected, got, NULL};
	*c->last = d;
	c->last = &d->next;
}

static const char *
list_text(struct arena *a, const char *const *values, unsigned count)
{
	const char *text = count == 0 ? "none" : values[0];

	for (unsigned i = 1; i < count; i++)
		text = arena_printf(a, "%s, %s", text, values[i]);
	return text;
}

static void
got_add(struct got *got, const char *value)
{
	if (got->count < VALUES_MAX && value[0] != '\0')
		got->values[got->count++] = value;
}

static void
got_add_once(struct got *got, const char *value)
{
	for (unsigned i = 0; i < got->count; i++) {
		if (strcmp(got->values[i], value) == 0)
			return;
	}
	got_add(got, value);
}

static void
got_code(struct got *got, const char *enum_name, int value)
{
	got_add(got, value == 0 ? "" : record_code_of(enum_name, value));
}

static void
got_texts(struct got *got, char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		got_add(got, texts[i]);
}

/* ---- the records of the step ---- */

struct cursor_of_step {
	unsigned batch, i;
};

static const struct record *
next_record(const struct play *play, struct cursor_of_step *at)
{
	while (at->batch < play->batch_count && at->i == play->batches[at->batch].count) {
		at->batch++;
		at->i = 0;
	}
	return at->batch == play->batch_count ? NULL : &play->batches[at->batch].records[at->i++];
}

/* The next answer of a kind; NULL at the end. */
static const pb_Answer *
next_answer(const struct play *play, struct cursor_of_step *at, int kind)
{
	const struct record *r;

	while ((r = next_record(play, at)) != NULL) {
		if (r->answer != NULL && (int)r->answer->body_case == kind)
			return r->answer;
	}
	return NULL;
}

/* About the case that is looked at, or about none. */
static bool
is_in_sight(const struct checker *c, const pb_Answer *answer, int subject, const char *subject_id)
{
	if (subject != SIGNAL_SUBJECT_CASE)
		return true;
	const char *id = answer->case_id[0] == '\0' ? subject_id : answer->case_id;

	return c->case_id[0] != '\0' && strcmp(play_resolve(c->play, id), c->case_id) == 0;
}

static void
collect_routes(const struct checker *c, enum scenario_key key, struct got *got)
{
	struct cursor_of_step at = {0};
	const pb_Answer *answer;

	while ((answer = next_answer(c->play, &at, DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED)) != NULL) {
		const pb_RouteDecided *route = answer->route_decided;

		if (c->case_id[0] == '\0' || strcmp(play_resolve(c->play, answer->case_id), c->case_id) != 0)
			continue;
		if (key == SCENARIO_RULE && answer->basis != NULL) {
			got->count = 0;
			got_add(got, answer->basis->rule);
		} else if (key == SCENARIO_REDIRECT && (int)route->kind == ROUTE_KIND_REDIRECT) {
			got->count = 0;
			got_add(got, route->redirect_to);
		} else if (key == SCENARIO_WARNINGS) {
			for (size_t i = 0; i < route->n_warnings; i++)
				got_add_once(got, record_code_of("Warning", (int)route->warnings[i]));
		} else if (key == SCENARIO_CRITERIA) {
			for (size_t i = 0; i < route->n_criteria; i++)
				got_add_once(got, record_code_of("ComplexityCriterion", (int)route->criteria[i]));
		}
	}
}

/* ---- signals ---- */

/* Addressees who see no cases are told of the same stage in another subject, with a record of its own; a scenario names
 * them together, as the rules do. */
static struct scenario_signal *
told_apart(struct scenario_signal *signals, const pb_Answer *const *told, unsigned count, const pb_Answer *answer)
{
	const pb_SignalRaised *raised = answer->signal_raised;

	for (unsigned i = 0; i < count; i++) {
		if (told[i]->cause == answer->cause && told[i]->signal_raised->code == raised->code &&
		    told[i]->signal_raised->stage == raised->stage &&
		    (int)told[i]->signal_raised->subject == SIGNAL_SUBJECT_CASE &&
		    (int)raised->subject != SIGNAL_SUBJECT_CASE)
			return &signals[i];
	}
	return NULL;
}

static unsigned
collect_signals(const struct checker *c, struct scenario_signal *signals)
{
	struct cursor_of_step at = {0};
	const pb_Answer *answer, *told[SIGNALS_MAX];
	unsigned count = 0;

	while ((answer = next_answer(c->play, &at, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)) != NULL) {
		const pb_SignalRaised *raised = answer->signal_raised;

		if (!is_in_sight(c, answer, (int)raised->subject, raised->subject_id) || count == SIGNALS_MAX)
			continue;
		struct scenario_signal *signal = told_apart(signals, told, count, answer);

		if (signal == NULL) {
			signal = &signals[count];
			*signal = (struct scenario_signal){.code = (int)raised->code, .stage = raised->stage};
			told[count++] = answer;
		}
		for (size_t i = 0; i < raised->n_to; i++)
			signal->to |= UINT64_C(1) << raised->to[i];
	}
	return count;
}

static bool
fits(const struct scenario_signal *expected, const struct scenario_signal *got)
{
	return expected->code == got->code && expected->stage == got->stage &&
	       (expected->any_to || expected->to == got->to);
}

static const char *
signals_text(struct arena *a, const struct scenario_signal *signals, unsigned count, bool with_near)
{
	const char *values[SIGNALS_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		if (with_near || signals[i].code != SIGNAL_CODE_S01_DEADLINE_NEAR)
			values[n++] = scenario_signal_text(a, &signals[i]);
	}
	scenario_sort(values, n);
	return list_text(a, values, n);
}

static void
check_signals(struct checker *c, const struct scenario_check *check)
{
	struct scenario_signal got[SIGNALS_MAX];
	bool used[SIGNALS_MAX] = {false};
	const unsigned count = collect_signals(c, got);
	bool same = true, near = false;

	for (unsigned i = 0; i < check->signal_count; i++) {
		unsigned j = 0;

		while (j < count && (used[j] || !fits(&check->signals[i], &got[j])))
			j++;
		if (j < count)
			used[j] = true;
		else
			same = false;
		near = near || check->signals[i].code == SIGNAL_CODE_S01_DEADLINE_NEAR;
	}
	/* A deadline that comes near is news of no weight: only those that are asked for count. */
	for (unsigned j = 0; j < count; j++)
		same = same && (used[j] || got[j].code == SIGNAL_CODE_S01_DEADLINE_NEAR);
	if (!same)
		differ(c, scenario_key_name(SCENARIO_SIGNALS),
		       signals_text(c->arena, check->signals, check->signal_count, true),
		       signals_text(c->arena, got, count, near));
}

static bool
is_listed(const struct scenario_check *check, const char *value)
{
	for (unsigned i = 0; i < check->count; i++) {
		if (strcmp(check->values[i], value) == 0)
			return true;
	}
	return false;
}

static void
collect_cleared(const struct checker *c, const struct scenario_check *check, struct got *got)
{
	struct cursor_of_step at = {0};
	const pb_Answer *answer;

	while ((answer = next_answer(c->play, &at, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED)) != NULL) {
		const pb_SignalCleared *cleared = answer->signal_cleared;
		const char *code = arena_printf(c->arena, "%.3s", record_code_of("SignalCode", (int)cleared->code));
		const bool of_deadline = (int)cleared->code == SIGNAL_CODE_S01_DEADLINE_NEAR ||
					 (int)cleared->code == SIGNAL_CODE_S02_DEADLINE_MISSED;

		if (is_in_sight(c, answer, (int)cleared->subject, cleared->subject_id) &&
		    (!of_deadline || is_listed(check, code)))
			got_add_once(got, code);
	}
}

/* ---- the picture of the case ---- */

static const char *
deadline_text(struct arena *a, int kind, const char *reference, const char *due)
{
	return arena_printf(a, "%s%s%s %s", record_code_of("DeadlineKind", kind), reference[0] == '\0' ? "" : "/",
			    reference, due);
}

/* Of a closed case the evaluation comes next. */
static const pb_OpenDeadline *
next_of(struct arena *a, const pb_CaseView *view)
{
	if (view->state != (int)CASE_STATE_CLOSED)
		return view->next;
	for (size_t i = 0; i < view->n_deadlines; i++) {
		if ((int)view->deadlines[i]->kind == DEADLINE_KIND_EVALUATION)
			return view->deadlines[i];
	}
	if (view->evaluation_due[0] == '\0')
		return NULL;
	pb_OpenDeadline *evaluation = ARENA_NEW(a, pb_OpenDeadline);

	pb_OpenDeadline_init(evaluation);
	evaluation->kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_EVALUATION;
	evaluation->due = view->evaluation_due;
	return evaluation;
}

/* The kind alone will do, unless the file names the action as well. */
static void
collect_next(const struct checker *c, const struct scenario_check *check, struct got *got)
{
	const pb_OpenDeadline *next = next_of(c->arena, c->view);
	const bool whole = check->count > 0 && strchr(check->values[0], '/') != NULL;

	if (next != NULL)
		got_add(got, deadline_text(c->arena, (int)next->kind, whole ? next->reference : "", next->due));
}

static void
collect_view(const struct checker *c, enum scenario_key key, const struct scenario_check *check, struct got *got)
{
	const pb_CaseView *v = c->view;

	switch (key) {
	case SCENARIO_STATE: got_code(got, "CaseState", (int)v->state); break;
	case SCENARIO_OWNER: got_add(got, v->owner); break;
	case SCENARIO_LEVEL: got_code(got, "Level", (int)v->level); break;
	case SCENARIO_TRACK: got_code(got, "Track", (int)v->track); break;
	case SCENARIO_GOVERNANCE: got_code(got, "Governance", (int)v->governance); break;
	case SCENARIO_FUNDER: got_add(got, v->funder); break;
	case SCENARIO_REGION: got_add(got, v->region); break;
	case SCENARIO_MANDATE: got_code(got, "MandateState", (int)v->mandate); break;
	case SCENARIO_CONSENT: got_code(got, "ConsentState", (int)v->consent); break;
	case SCENARIO_PENDING_OWNER: got_add(got, v->pending_owner); break;
	case SCENARIO_SUPPORTERS: got_texts(got, v->supporters, v->n_supporters); break;
	case SCENARIO_OFFERED: got_texts(got, v->offered, v->n_offered); break;
	case SCENARIO_REQUIRED_PARTICIPANTS:
		got_texts(got, v->required_participants, v->n_required_participants);
		break;
	case SCENARIO_NEXT: collect_next(c, check, got); break;
	case SCENARIO_DEADLINES:
		for (size_t i = 0; i < v->n_deadlines; i++)
			got_add(got, deadline_text(c->arena, (int)v->deadlines[i]->kind, v->deadlines[i]->reference,
						   v->deadlines[i]->due));
		break;
	default: break;
	}
}

/* ---- the messages ---- */

static const struct play_sent *
last_sent(const struct checker *c)
{
	return c->step->message_count == 0 ? NULL
					   : &c->play->sent[c->step->messages[c->step->message_count - 1]->number];
}

/* The rejection of a message by triage or routing; NULL when they did not. */
static const pb_MessageRejected *
rejected_later(const struct play *play, const struct play_sent *sent)
{
	const pb_MessageRejected *first = NULL;

	/* The first of several: the list has the latest in front. */
	for (const struct play_rejection *r = play->rejections; r != NULL && sent->seq != 0; r = r->next) {
		if (r->cause == sent->seq)
			first = r->body;
	}
	return first;
}

static int
rejected(const struct play *play, const struct play_sent *sent)
{
	const pb_MessageRejected *later = rejected_later(play, sent);

	if (sent->rejected != NULL)
		return (int)sent->rejected->reason;
	return later == NULL ? 0 : (int)later->reason;
}

static void
check_accepted(struct checker *c)
{
	for (unsigned i = 0; i < c->step->message_count; i++) {
		const struct scenario_message *m = c->step->messages[i];
		const struct play_sent *sent = &c->play->sent[m->number];
		const int reason = rejected(c->play, sent);

		/* A repetition gets the answer of the first time; that was looked at then. */
		if (reason == 0 || sent->duplicate)
			continue;
		const pb_RejectedReply *r = sent->rejected;
		const char *code = record_code_of("Reason", reason);

		differ(c, m->name, "accepted",
		       r == NULL || r->n_violations == 0
			   ? arena_printf(c->arena, "rejected %s", code)
			   : arena_printf(c->arena, "rejected %s: %s: %s", code, r->violations[0]->field,
					  r->violations[0]->text));
	}
}

static void
collect_message(const struct checker *c, enum scenario_key key, struct got *got)
{
	const struct play_sent *sent = last_sent(c);

	if (key == SCENARIO_REJECTED && sent != NULL)
		got_code(got, "Reason", rejected(c->play, sent));
	if (key == SCENARIO_CANDIDATES && sent != NULL) {
		const pb_MessageRejected *later = rejected_later(c->play, sent);

		got_texts(got, later == NULL ? NULL : later->candidates, later == NULL ? 0 : later->n_candidates);
	}
	if (key == SCENARIO_DUPLICATE)
		got_add(got, sent != NULL && sent->duplicate ? "true" : "false");
}

/* ---- all keys ---- */

static void
check_same_case(struct checker *c, const struct scenario_check *check)
{
	if (check->count == 0)
		return;
	const char *other = c->play->cases[check->alias].case_id;

	if (c->case_id[0] == '\0' || strcmp(other, c->case_id) != 0)
		differ(c, scenario_key_name(SCENARIO_SAME_CASE_AS),
		       arena_printf(c->arena, "the case of %s", check->values[0]),
		       c->case_id[0] == '\0' ? "no case" : "another case");
}

static void
check_key(struct checker *c, enum scenario_key key, const struct scenario_check *check)
{
	struct got got = {.count = 0};
	bool same;

	switch (key) {
	case SCENARIO_SIGNALS: check_signals(c, check); return;
	case SCENARIO_SAME_CASE_AS: check_same_case(c, check); return;
	case SCENARIO_CLEARED: collect_cleared(c, check, &got); break;
	case SCENARIO_RULE:
	case SCENARIO_REDIRECT:
	case SCENARIO_WARNINGS:
	case SCENARIO_CRITERIA: collect_routes(c, key, &got); break;
	case SCENARIO_REJECTED:
	case SCENARIO_CANDIDATES:
	case SCENARIO_DUPLICATE: collect_message(c, key, &got); break;
	default: collect_view(c, key, check, &got); break;
	}
	scenario_sort(got.values, got.count);
	same = got.count == check->count;
	for (unsigned i = 0; same && i < got.count; i++)
		same = strcmp(got.values[i], check->values[i]) == 0;
	if (!same)
		differ(c, scenario_key_name(key), list_text(c->arena, check->values, check->count),
		       list_text(c->arena, got.values, got.count));
}

static bool
looks_at_view(const struct scenario_expect *expect)
{
	for (unsigned k = 0; k <= SCENARIO_DEADLINES; k++) {
		if (expect->checks[k] != NULL)
			return true;
	}
	return false;
}

static enum err
check_case(struct checker *c, struct why *why)
{
	c->case_id = c->expect->alias < 0 ? "" : c->play->cases[c->expect->alias].case_id;
	c->view = NULL; /* none of the other keys looks at it */
	if (looks_at_view(c->expect)) {
		c->view = world_case(c->play->world, c->case_id, why);
		if (c->view == NULL)
			return ERR_AGAIN;
	}
	for (unsigned k = 0; k < SCENARIO_KEYS; k++) {
		if (c->expect->checks[k] != NULL)
			check_key(c, (enum scenario_key)k, c->expect->checks[k]);
	}
	return ERR_NONE;
}

enum err
play_check(struct play *play, const struct scenario_step *step, const struct play_difference **differences,
	   struct why *why)
{
	struct checker c = {.play = play, .step = step, .arena = play->world->arena, .alias = ""};
	const struct scenario_check *rejection = step->expect->checks[SCENARIO_REJECTED];
	enum err err = ERR_NONE;

	c.last = &c.first;
	if (rejection == NULL || rejection->count == 0)
		check_accepted(&c);
	for (const struct scenario_expect *e = step->expect; e != NULL && err == ERR_NONE; e = e->next) {
		c.expect = e;
		if (e != step->expect)
			c.alias = play->scenario->aliases[e->alias];
		err = check_case(&c, why);
	}
	*differences = c.first;
	return err;
}

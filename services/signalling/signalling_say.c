// SPDX-License-Identifier: EUPL-1.2
/* signalling_say.c - runs tables, and does what the winning rows say. */
#include "services/signalling/signalling_event.h"

/* A row that won, and all that is needed to say why. */
struct signal_win {
	const struct policy_view *view;
	const struct rules_table *table;
	const struct rules_row *row;
	const struct rules_block *block;
	const struct rules_result *result;
	const int64_t *facts;
};

/* ---- why ---- */

static void
add_fact(struct arena *a, pb_Basis *basis, const char *name, const char *value)
{
	pb_Fact *fact = ARENA_NEW(a, pb_Fact);

	pb_Fact_init(fact);
	fact->name = record_text(a, name);
	fact->value = record_text(a, value);
	basis->facts[basis->n_facts++] = fact;
}

static void
add_near(struct arena *a, pb_Basis *basis, const struct signal_win *win)
{
	const struct rules_result *result = win->result;

	basis->near = ARENA_ARRAY(a, pb_NearMiss *, RULES_NEAR_MAX);
	for (unsigned i = 0; i < result->near_count; i++) {
		/* Other blocks decide other things. */
		if (result->near[i].row < win->block->rows || result->near[i].row >= win->row)
			continue;
		pb_NearMiss *near = ARENA_NEW(a, pb_NearMiss);

		pb_NearMiss_init(near);
		near->row = record_text(a, result->near[i].row->id);
		near->fact = record_text(a, rules_fact_def(win->table, result->near[i].fact).name);
		near->value = record_text(
		    a, rules_fact_text(a, win->table, result->near[i].fact, win->facts[result->near[i].fact]));
		basis->near[basis->n_near++] = near;
	}
}

static pb_Basis *
basis_of(const struct signal_event *event, const struct signal_win *win)
{
	struct arena *a = event->turn->arena;
	pb_Basis *basis = ARENA_NEW(a, pb_Basis);
	const struct bytes hash = arena_copy(a, bytes_of(win->view->hash.b, DIGEST_SIZE));
	const struct code version = registry_version(event->self->registry, event->turn->txn, event->day);

	pb_Basis_init(basis);
	basis->policy_version = record_text(a, win->view->version);
	basis->policy_hash = (ProtobufCBinaryData){hash.len, (uint8_t *)(uintptr_t)hash.data};
	basis->registry_version = record_text(a, version.s);
	basis->rule = record_text(a, win->row->rule);
	basis->row = record_text(a, win->row->id);
	basis->facts = ARENA_ARRAY(a, pb_Fact *, win->row->when_count + 1);
	for (unsigned i = 0; i < win->row->when_count; i++) {
		const unsigned fact = win->row->when[i].fact;

		add_fact(a, basis, rules_fact_def(win->table, fact).name,
			 rules_fact_text(a, win->table, fact, win->facts[fact]));
	}
	if (event->due != CAL_NONE)
		add_fact(a, basis, "due_day", record_date(a, event->due));
	add_near(a, basis, win);
	return basis;
}

static void
answer(struct signal_event *event, const struct signal_win *win, const struct signal_key *key, pb_Answer *said)
{
	struct arena *a = event->turn->arena;

	if (key->subject == SIGNAL_SUBJECT_CASE)
		said->case_id = record_text(a, key->subject_id);
	said->effect_date = record_date(a, event->day);
	said->basis = basis_of(event, win);
	turn_answer(event->turn, said);
}

/* ---- raising ---- */

/* The organisation that a deadline waits for. */
static struct code
concerned(const struct signal_event *event)
{
	if (event->deadline_kind == DEADLINE_KIND_ACTION)
		return signalling_action_get(&event->self->db, event->turn->txn, event->case_id, event->reference);
	if (event->deadline_kind == DEADLINE_KIND_BRIDGING)
		return event->c->waiting_with;
	return (struct code){{0}};
}

static struct signal_place
place_of(const struct signal_event *event)
{
	const struct signal_case *c = event->c;
	struct registry_place place = {0};
	struct signal_place around = {
	    .track = c->track,
	    .team_supports = c->team_supports,
	    .owner = c->owner,
	    .funder = c->funder,
	    .team = c->team,
	    .centre = c->centre,
	    .certified_body = c->certified_body,
	    .institution = c->provider,
	    .organisation = concerned(event),
	};

	if (registry_region(event->self->registry, event->turn->txn, event->region, event->day, &place))
		around.coordination = place.coordination;
	if (code_is_empty(around.institution) && event->submission != NULL && event->submission->actor != NULL &&
	    event->submission->actor->role == (int)ROLE_PROVIDER)
		around.institution = code_of(event->submission->actor->organisation);
	return around;
}

static struct signal_key
key_of(const struct signal_event *event, int code)
{
	const int subject = event->subject != 0 ? event->subject : signalling_subject(code);
	const enum signal_span span = signalling_span(code);
	const bool of_deadline = span != SPAN_SUBJECT && event->deadline_kind != 0;

	return (struct signal_key){
	    .subject = subject,
	    .subject_id = signalling_subject_id(event, subject),
	    .code = code,
	    .deadline_kind = of_deadline ? event->deadline_kind : 0,
	    .due = of_deadline && span == SPAN_DUE_DAY ? event->due : CAL_NONE,
	    .reference = of_deadline ? event->reference : "",
	};
}

static void
say_raised(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect,
	   const struct signal_open *open)
{
	struct arena *a = event->turn->arena;
	const struct signal_place place = place_of(event);
	const struct signal_count count = signalling_count(win->row, win->facts);
	const unsigned to_count = effect->count - 2u;
	struct code organisations[RULES_ARGUMENTS_MAX];
	int to[RULES_ARGUMENTS_MAX];
	pb_Answer said;
	pb_SignalRaised raised;

	pb_Answer_init(&said);
	pb_SignalRaised_init(&raised);
	raised.code = (Doorbraak__V1__SignalCode)open->key.code;
	raised.subject = (Doorbraak__V1__SignalSubject)open->key.subject;
	raised.subject_id = record_text(a, open->key.subject_id);
	raised.deadline_kind = (Doorbraak__V1__DeadlineKind)open->key.deadline_kind;
	raised.reference = record_text(a, open->key.reference);
	raised.stage = open->stage;
	raised.to = ARENA_ARRAY(a, Doorbraak__V1__Addressee, to_count + 1);
	for (unsigned i = 0; i < to_count; i++) {
		to[i] = (int)effect->arguments[i + 2];
		raised.to[raised.n_to++] = (Doorbraak__V1__Addressee)to[i];
	}
	raised.n_organisations = signalling_organisations(&place, to, to_count, organisations);
	raised.organisations = ARENA_ARRAY(a, char *, to_count + 1);
	for (size_t i = 0; i < raised.n_organisations; i++)
		raised.organisations[i] = record_text(a, organisations[i].s);
	raised.evidence = count.evidence;
	raised.threshold = count.threshold;
	raised.unit = record_text(a, count.unit);
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	said.signal_raised = &raised;
	answer(event, win, &open->key, &said);
}

static void
raise_signal(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const int code = (int)effect->arguments[0];
	const int stage = (int)effect->arguments[1];
	const struct signal_key key = key_of(event, code);
	struct signal_open open = {
	    .raised_on = event->day, .region = code_of(event->region), .centre = event->c->centre};

	if (key.subject_id[0] == '\0' || stage < 1 || stage > 9)
		return;
	const int stood = signalling_open_get(&event->self->db, event->turn->txn, &key, &open);

	if (!signalling_stage_is_new(stood, stage))
		return;
	open.key = key;
	open.stage = stage;
	signalling_open_put(&event->self->db, event->turn->txn, &open);
	say_raised(event, win, effect, &open);

	/* Each round raises the stage, so this ends. */
	struct signal_event wider = *event;

	wider.name = arena_printf(event->turn->arena, "RAISED.S%02d", code);
	wider.message = NULL;
	signalling_run(&wider);
}

/* ---- clearing ---- */

static void
say_cleared(struct signal_event *event, const struct signal_win *win, const struct signal_open *open)
{
	struct arena *a = event->turn->arena;
	pb_Answer said;
	pb_SignalCleared cleared;

	signalling_open_delete(&event->self->db, event->turn->txn, open);
	pb_Answer_init(&said);
	pb_SignalCleared_init(&cleared);
	cleared.code = (Doorbraak__V1__SignalCode)open->key.code;
	cleared.subject = (Doorbraak__V1__SignalSubject)open->key.subject;
	cleared.subject_id = record_text(a, open->key.subject_id);
	cleared.deadline_kind = (Doorbraak__V1__DeadlineKind)open->key.deadline_kind;
	cleared.reference = record_text(a, open->key.reference);
	cleared.stage = open->stage;
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED;
	said.signal_cleared = &cleared;
	answer(event, win, &open->key, &said);
}

static uint64_t
codes_of(const struct rules_effect *effect)
{
	uint64_t codes = 0;

	for (unsigned i = 0; i < effect->count; i++)
		codes |= (uint64_t)1 << effect->arguments[i];
	return codes;
}

static bool
about_deadline(const struct signal_event *event, const struct signal_key *key)
{
	return event->deadline_kind != 0 && key->deadline_kind == event->deadline_kind &&
	       strcmp(key->reference, event->reference) == 0;
}

static void
clear_signals(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	unsigned count;

	for (unsigned i = 0; i < effect->count; i++) {
		const int code = (int)effect->arguments[i];
		const struct signal_key key = key_of(event, code);

		if (key.subject_id[0] == '\0')
			continue;
		const struct signal_open *open =
		    signalling_open_list(&event->self->db, event->turn->txn, key.subject, key.subject_id, code, &count);

		for (unsigned j = 0; j < count; j++) {
			if (effect->verb != SIGNALS_CLEAR_DEADLINE || about_deadline(event, &open[j].key))
				say_cleared(event, win, &open[j]);
		}
	}
}

static void
clear_all(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const uint64_t kept = codes_of(effect);
	unsigned count;

	if (event->case_id[0] == '\0')
		return;
	const struct signal_open *open =
	    signalling_open_list(&event->self->db, event->turn->txn, SIGNAL_SUBJECT_CASE, event->case_id, 0, &count);

	for (unsigned i = 0; i < count; i++) {
		if (!signalling_survives_closing(open[i].key.code, open[i].key.deadline_kind, kept))
			say_cleared(event, win, &open[i]);
	}
}

/* ---- counting and alarms ---- */

/* What tells one thing that is counted from another: the case where a case counts once, else the cause as well. */
static struct bytes
item_of(const struct signal_event *event, enum signal_window window)
{
	const struct bytes id = bytes_str(event->case_id);
	uint8_t *item = arena_take(event->turn->arena, 8 + id.len);

	if (window == WINDOW_STUCK)
		return id;
	put_u64(item, event->turn->cause);
	if (id.len > 0)
		memcpy(item + 8, id.data, id.len);
	return bytes_of(item, 8 + id.len);
}

static void
count_one(const struct signal_event *event, enum signal_window window)
{
	const char *group = signalling_group(event, window);

	if (group[0] == '\0')
		return;
	if (window == WINDOW_MEETING)
		signalling_meeting_add(&event->self->db, event->turn->txn, group, event->day);
	else
		signalling_window_add(&event->self->db, event->turn->txn, window, group, item_of(event, window),
				      event->day);
}

static void
do_counts(struct signal_event *event, const struct rules_row *row)
{
	for (unsigned i = 0; i < row->then_count; i++) {
		const struct rules_effect *effect = &row->then[i];

		for (unsigned j = 0; effect->verb == SIGNALS_COUNT && j < effect->count; j++)
			count_one(event, (enum signal_window)effect->arguments[j]);
	}
}

static void
set_alarm(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const enum signal_alarm alarm = (enum signal_alarm)effect->arguments[0];
	const int after = effect->arguments[1] < 1 ? 1 : effect->arguments[1] > 3660 ? 3660 : (int)effect->arguments[1];
	const bool of_source = alarm == ALARM_SILENCE;
	const char *id = of_source ? event->source : event->case_id;
	struct signal_timer *timer = of_source                 ? event->heard == NULL ? NULL : &event->heard->silence
				     : alarm == ALARM_BRIDGING ? &event->c->bridging
							       : &event->c->movement;
	cal_day day = event->turn->today + after;

	if (id[0] == '\0' || timer == NULL)
		return;
	timer->since = event->due != CAL_NONE ? event->due : event->turn->today;
	if (effect->verb == SIGNALS_ALARM_WD) {
		day = cal_add_working_days(&win->view->calendar, timer->since, after) + 1;
		/* A fact registered late: an alarm of the past rings at the next day. */
		if (day <= event->turn->today)
			day = event->turn->today + 1;
	}
	signalling_timer_set(&event->self->db, event->turn->txn, timer, alarm, id, day);
}

/* ---- rows and tables ---- */

static void
do_row(struct signal_event *event, const struct signal_win *win)
{
	for (unsigned i = 0; i < win->row->then_count; i++) {
		const struct rules_effect *effect = &win->row->then[i];

		switch (effect->verb) {
		case SIGNALS_RAISE: raise_signal(event, win, effect); break;
		case SIGNALS_CLEAR:
		case SIGNALS_CLEAR_DEADLINE: clear_signals(event, win, effect); break;
		case SIGNALS_CLEAR_ALL: clear_all(event, win, effect); break;
		case SIGNALS_ALARM:
		case SIGNALS_ALARM_WD: set_alarm(event, win, effect); break;
		default: break; /* count was done before; stop ended the table */
		}
	}
}

static uint64_t
facts_asked(const struct rules_table *table)
{
	uint64_t asked = 0;

	for (unsigned i = 0; i < table->block_count; i++) {
		for (unsigned j = 0; j < table->blocks[i].row_count; j++) {
			const struct rules_row *row = &table->blocks[i].rows[j];

			for (unsigned k = 0; k < row->when_count; k++)
				asked |= row->when[k].fact < SCOPE_SIGNALS_FACTS ? (uint64_t)1 << row->when[k].fact : 0;
		}
	}
	return asked;
}

static bool
row_counts(const struct rules_row *row)
{
	for (unsigned i = 0; i < row->then_count; i++) {
		if (row->then[i].verb == SIGNALS_COUNT)
			return true;
	}
	return false;
}

void
signalling_run(struct signal_event *event)
{
	int64_t facts[RULES_FACTS_MAX];
	struct rules_result result;
	bool counted = false;
	struct turn *turn = event->turn;
	const struct policy_view *view = policy_on(event->self->policies, turn->txn, event->day, event->region);
	const struct rules_table *table = view == NULL ? NULL : policy_table(view, scope_signals.name, event->name);

	_Static_assert(SCOPE_SIGNALS_FACTS <= 64, "facts asked for are bits");
	if (table == NULL)
		return;
	event->view = view;
	if (event->overdue_since != CAL_NONE)
		event->overdue_wd = cal_working_days_between(&view->calendar, event->overdue_since, event->day - 1);
	const uint64_t asked = facts_asked(table);

	signalling_facts(event, asked, facts);
	rules_message_facts(table, event->message, facts);
	rules_run(table, facts, true, &result);
	for (unsigned i = 0; i < result.hit_count; i++) {
		counted = counted || row_counts(result.hits[i]);
		do_counts(event, result.hits[i]);
	}
	if (counted) {
		signalling_facts(event, asked, facts);
		rules_run(table, facts, true, &result);
	}
	for (unsigned i = 0; i < result.hit_count; i++) {
		const struct signal_win win = {view, table, result.hits[i], &table->blocks[i], &result, facts};

		do_row(event, &win);
	}
}

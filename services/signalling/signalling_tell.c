// SPDX-License-Identifier: EUPL-1.2
/* signalling_tell.c - what is said about a signal, and kept while it is open. */
#include "services/signalling/signalling_event.h"

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

static void
add_row(struct arena *a, pb_Basis *basis, const struct signal_win *win)
{
	basis->rule = record_text(a, win->row->rule);
	basis->row = record_text(a, win->row->id);
	for (unsigned i = 0; i < win->row->when_count; i++) {
		const unsigned fact = win->row->when[i].fact;

		add_fact(a, basis, rules_fact_def(win->table, fact).name,
			 rules_fact_text(a, win->table, fact, win->facts[fact]));
	}
	add_near(a, basis, win);
}

/* Without a row that won: what no table decides, by the rule of the signal. */
static pb_Basis *
basis_of(const struct signal_event *event, const struct signal_win *win, int code)
{
	struct arena *a = event->turn->arena;
	pb_Basis *basis = ARENA_NEW(a, pb_Basis);
	const struct code version = registry_version(event->self->registry, event->turn->txn, event->day);

	pb_Basis_init(basis);
	if (event->view != NULL) {
		const struct bytes hash = arena_copy(a, bytes_of(event->view->hash.b, DIGEST_SIZE));

		basis->policy_version = record_text(a, event->view->version);
		basis->policy_hash = (ProtobufCBinaryData){hash.len, (uint8_t *)(uintptr_t)hash.data};
	}
	basis->registry_version = record_text(a, version.s);
	basis->facts = ARENA_ARRAY(a, pb_Fact *, (win == NULL ? 0u : win->row->when_count) + 1u);
	if (win != NULL)
		add_row(a, basis, win);
	else
		basis->rule = arena_printf(a, "S%02d", code);
	if (event->due != CAL_NONE)
		add_fact(a, basis, "due_day", record_date(a, event->due));
	return basis;
}

static void
answer(struct signal_event *event, const struct signal_win *win, const struct signal_key *key, pb_Answer *said)
{
	struct arena *a = event->turn->arena;

	if (key->subject == SIGNAL_SUBJECT_CASE)
		said->case_id = record_text(a, key->subject_id);
	said->effect_date = record_date(a, event->day);
	said->basis = basis_of(event, win, key->code);
	turn_answer(event->turn, said);
}

/* ---- who is who ---- */

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

struct signal_place
signalling_place(const struct signal_event *event)
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
	    .institution = code_of(signalling_institution(event)),
	    .organisation = concerned(event),
	};

	if (registry_region(event->self->registry, event->turn->txn, event->region, event->day, &place))
		around.coordination = place.coordination;
	return around;
}

/* ---- who was told ---- */

static Doorbraak__V1__Addressee *
addressees_of(struct arena *a, uint64_t bits, size_t *count)
{
	Doorbraak__V1__Addressee *list = ARENA_ARRAY(a, Doorbraak__V1__Addressee, 64);

	*count = 0;
	for (int i = 1; i < 64; i++) {
		if ((bits >> i & 1) != 0)
			list[(*count)++] = (Doorbraak__V1__Addressee)i;
	}
	return list;
}

static char **
organisations_of(struct arena *a, const struct signal_told *told)
{
	char **list = ARENA_ARRAY(a, char *, told->count + 1u);

	for (unsigned i = 0; i < told->count; i++)
		list[i] = record_text(a, told->organisations[i]);
	return list;
}

static void
told_add(struct arena *a, struct signal_told *told, const int *to, unsigned to_count, const struct code *organisations,
	 unsigned count)
{
	const char **list = ARENA_ARRAY(a, const char *, told->count + count + 1u);
	unsigned known = told->count;

	for (unsigned i = 0; i < to_count; i++)
		told->to |= (uint64_t)1 << to[i];
	for (unsigned i = 0; i < known; i++)
		list[i] = told->organisations[i];
	for (unsigned i = 0; i < count && known < SIGNALLING_TOLD_MAX; i++) {
		unsigned j = 0;

		while (j < known && strcmp(list[j], organisations[i].s) != 0)
			j++;
		if (j == known)
			list[known++] = arena_str(a, bytes_str(organisations[i].s));
	}
	told->organisations = list;
	told->count = known;
}

/* ---- waiting for an acknowledgement ---- */

/* From today on, by the policy; the day after the last day of the term nobody has answered. */
static void
await(const struct signal_event *event, struct signal_open *open)
{
	struct term term = {.unit = TERM_NONE};

	open->unheard_on = CAL_NONE;
	if (event->view != NULL && signalling_is_awaited(open->key.code))
		term = policy_value_term(event->view, "signal_ack", term);
	if (term.unit == TERM_NONE || term.n <= 0)
		return;
	const cal_day due = cal_due(&event->view->calendar, event->turn->today, term);

	if (due == CAL_NONE)
		return;
	open->unheard_on = due + 1;
	signalling_unheard_put(&event->self->db, event->turn->txn, open);
}

/* ---- updating ---- */

static void
say_updated(struct signal_event *event, const struct signal_win *win, const struct signal_open *open,
	    pb_SignalUpdated *updated)
{
	struct arena *a = event->turn->arena;
	pb_Answer said;

	if (turn_leaves_out(event->turn, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED))
		return;
	pb_Answer_init(&said);
	updated->code = (Doorbraak__V1__SignalCode)open->key.code;
	updated->subject = (Doorbraak__V1__SignalSubject)open->key.subject;
	updated->subject_id = record_text(a, open->key.subject_id);
	updated->deadline_kind = (Doorbraak__V1__DeadlineKind)open->key.deadline_kind;
	updated->reference = record_text(a, open->key.reference);
	updated->due = record_date(a, open->key.due);
	updated->region = record_text(a, open->region.s);
	updated->expertise_centre = record_text(a, open->centre.s);
	updated->stage = open->stage;
	updated->to = addressees_of(a, open->told.to, &updated->n_to);
	updated->organisations = organisations_of(a, &open->told);
	updated->n_organisations = open->told.count;
	updated->evidence = open->evidence;
	updated->threshold = open->threshold;
	updated->unit = record_text(a, open->unit.s);
	updated->source = record_text(a, win == NULL ? "" : win->row->document);
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED;
	said.signal_updated = updated;
	answer(event, win, &open->key, &said);
}

static void
evidence_grew(struct signal_event *event, const struct signal_win *win, const struct signal_count *count,
	      struct signal_open *open)
{
	pb_SignalUpdated updated;

	if (count->evidence <= open->evidence || !code_is(open->unit, count->unit))
		return;
	open->evidence = count->evidence;
	open->threshold = count->threshold;
	const struct signal_period period = signalling_period(event, count->fact);

	signalling_open_put(&event->self->db, event->turn->txn, open);
	pb_SignalUpdated_init(&updated);
	updated.change = DOORBRAAK__V1__SIGNAL_CHANGE__SIGNAL_CHANGE_EVIDENCE_GREW;
	updated.period_from = record_date(event->turn->arena, period.from);
	updated.period_to = record_date(event->turn->arena, period.to);
	updated.trend = period.trend;
	say_updated(event, win, open, &updated);
}

void
signalling_tell(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	struct arena *a = event->turn->arena;
	const struct signal_place place = signalling_place(event);
	struct code organisations[RULES_ARGUMENTS_MAX];
	int to[RULES_ARGUMENTS_MAX];
	unsigned count = 0;
	pb_SignalUpdated updated;

	struct signal_open open;

	/* A row before this one may have ended it. */
	if (event->open == NULL ||
	    signalling_open_get(&event->self->db, event->turn->txn, &event->open->key, &open) == 0)
		return;
	for (unsigned i = 0; i < effect->count; i++) {
		if ((open.told.to >> effect->arguments[i] & 1) == 0)
			to[count++] = (int)effect->arguments[i];
	}
	if (count == 0)
		return;
	pb_SignalUpdated_init(&updated);
	updated.change = DOORBRAAK__V1__SIGNAL_CHANGE__SIGNAL_CHANGE_NOT_ACKNOWLEDGED;
	updated.added = ARENA_ARRAY(a, Doorbraak__V1__Addressee, count);
	for (unsigned i = 0; i < count; i++)
		updated.added[updated.n_added++] = (Doorbraak__V1__Addressee)to[i];
	told_add(a, &open.told, to, count, organisations, signalling_organisations(&place, to, count, organisations));
	await(event, &open);
	signalling_open_put(&event->self->db, event->turn->txn, &open);
	say_updated(event, win, &open, &updated);
}

void
signalling_take_up(struct signal_event *event, int follow_up, const char *organisation)
{
	struct signal_open open = *event->open;
	pb_SignalUpdated updated;

	open.follow_up = follow_up;
	open.heard_by = code_of(organisation);
	if (signalling_takes_up(follow_up))
		open.unheard_on = CAL_NONE;
	signalling_open_put(&event->self->db, event->turn->txn, &open);
	pb_SignalUpdated_init(&updated);
	updated.change = DOORBRAAK__V1__SIGNAL_CHANGE__SIGNAL_CHANGE_ACKNOWLEDGED;
	updated.follow_up = (Doorbraak__V1__FollowUpCode)follow_up;
	updated.by = record_text(event->turn->arena, organisation);
	say_updated(event, NULL, &open, &updated);
}

void
signalling_reject(struct signal_event *event, int reason, const char *field)
{
	struct arena *a = event->turn->arena;
	pb_Answer said;
	pb_MessageRejected rejected;

	pb_Answer_init(&said);
	pb_MessageRejected_init(&rejected);
	rejected.reason = (Doorbraak__V1__Reason)reason;
	rejected.field = record_text(a, field);
	said.case_id = record_text(a, event->case_id);
	said.effect_date = record_date(a, event->day);
	said.basis = basis_of(event, NULL, (int)event->submission->signal_acknowledged->code);
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	said.message_rejected = &rejected;
	turn_count_refusal(event->turn, reason);
	turn_answer(event->turn, &said);
}

/* ---- raising ---- */

static struct signal_key
key_of(const struct signal_event *event, int subject, int code)
{
	const enum signal_span span = signalling_span(code);
	const bool of_deadline = subject == SIGNAL_SUBJECT_CASE && span != SPAN_SUBJECT && event->deadline_kind != 0;

	return (struct signal_key){
	    .subject = subject,
	    .subject_id = signalling_subject_id(event, subject),
	    .code = code,
	    .deadline_kind = of_deadline ? event->deadline_kind : 0,
	    .due = of_deadline && span == SPAN_DUE_DAY ? event->due : CAL_NONE,
	    .reference = of_deadline ? event->reference : "",
	};
}

/* What others follow: RAISED.S11, CLEARED.S14. Of the signal's own subject only, for they raise and clear about wider
 * ones. */
static void
follow(const struct signal_event *event, const char *what, const struct signal_open *open)
{
	struct signal_event next = *event;

	if (open->key.subject != signalling_subject(open->key.code))
		return;
	next.name = arena_printf(event->turn->arena, "%s.S%02d", what, open->key.code);
	next.message = NULL;
	next.open = open;
	next.region = open->region.s;
	signalling_run(&next);
}

static void
say_raised(struct signal_event *event, const struct signal_win *win, const struct signal_open *open, const int *to,
	   unsigned to_count, const struct code *organisations, unsigned count, int fact)
{
	struct arena *a = event->turn->arena;
	const struct signal_period period = signalling_period(event, fact);
	pb_Answer said;
	pb_SignalRaised raised;

	pb_Answer_init(&said);
	pb_SignalRaised_init(&raised);
	raised.code = (Doorbraak__V1__SignalCode)open->key.code;
	raised.subject = (Doorbraak__V1__SignalSubject)open->key.subject;
	raised.subject_id = record_text(a, open->key.subject_id);
	raised.deadline_kind = (Doorbraak__V1__DeadlineKind)open->key.deadline_kind;
	raised.reference = record_text(a, open->key.reference);
	raised.due = record_date(a, open->key.due);
	raised.region = record_text(a, open->region.s);
	raised.expertise_centre = record_text(a, open->centre.s);
	raised.stage = open->stage;
	raised.to = ARENA_ARRAY(a, Doorbraak__V1__Addressee, to_count + 1u);
	for (unsigned i = 0; i < to_count; i++)
		raised.to[raised.n_to++] = (Doorbraak__V1__Addressee)to[i];
	raised.organisations = ARENA_ARRAY(a, char *, count + 1u);
	for (unsigned i = 0; i < count; i++)
		raised.organisations[raised.n_organisations++] = record_text(a, organisations[i].s);
	raised.evidence = open->evidence;
	raised.threshold = open->threshold;
	raised.unit = record_text(a, open->unit.s);
	raised.period_from = record_date(a, period.from);
	raised.period_to = record_date(a, period.to);
	raised.trend = period.trend;
	raised.source = record_text(a, win->row->document);
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	said.signal_raised = &raised;
	answer(event, win, &open->key, &said);
}

void
signalling_raise(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const bool other = effect->verb == SIGNALS_RAISE_FOR;
	const int64_t *arguments = effect->arguments + (other ? 1 : 0);
	const int code = (int)arguments[0], stage = (int)arguments[1];
	const unsigned to_count = effect->count - (other ? 3u : 2u);
	const struct signal_key key = key_of(event, other ? (int)effect->arguments[0] : signalling_subject(code), code);
	const struct signal_count count = signalling_count(win->row, win->facts);
	struct code organisations[RULES_ARGUMENTS_MAX];
	struct signal_open open = {.raised_on = event->day, .unheard_on = CAL_NONE};
	int to[RULES_ARGUMENTS_MAX];

	if (key.subject_id[0] == '\0' || stage < 1 || stage > 9)
		return;
	const int stood = signalling_open_get(&event->self->db, event->turn->txn, &key, &open);

	if (stood == stage)
		evidence_grew(event, win, &count, &open);
	if (!signalling_stage_is_new(stood, stage))
		return;
	for (unsigned i = 0; i < to_count; i++)
		to[i] = (int)arguments[i + 2];
	const struct signal_place place = signalling_place(event);
	const unsigned found = signalling_organisations(&place, to, to_count, organisations);

	open.key = key;
	open.stage = stage;
	open.region = code_of(event->region);
	open.centre = event->c->centre;
	open.evidence = count.evidence;
	open.threshold = count.threshold;
	open.unit = code_of(count.unit);
	open.follow_up = 0;
	open.heard_by = (struct code){{0}};
	told_add(event->turn->arena, &open.told, to, to_count, organisations, found);
	await(event, &open);
	signalling_open_put(&event->self->db, event->turn->txn, &open);
	say_raised(event, win, &open, to, to_count, organisations, found, count.fact);
	/* Each round raises the stage, so this ends. */
	follow(event, "RAISED", &open);
}

/* ---- clearing ---- */

static void
say_cleared(struct signal_event *event, const struct signal_win *win, const struct signal_open *open)
{
	struct arena *a = event->turn->arena;
	pb_Answer said;
	pb_SignalCleared cleared;

	if (turn_leaves_out(event->turn, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED))
		return;
	pb_Answer_init(&said);
	pb_SignalCleared_init(&cleared);
	cleared.code = (Doorbraak__V1__SignalCode)open->key.code;
	cleared.subject = (Doorbraak__V1__SignalSubject)open->key.subject;
	cleared.subject_id = record_text(a, open->key.subject_id);
	cleared.deadline_kind = (Doorbraak__V1__DeadlineKind)open->key.deadline_kind;
	cleared.reference = record_text(a, open->key.reference);
	cleared.due = record_date(a, open->key.due);
	cleared.stage = open->stage;
	cleared.to = addressees_of(a, open->told.to, &cleared.n_to);
	cleared.organisations = organisations_of(a, &open->told);
	cleared.n_organisations = open->told.count;
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED;
	said.signal_cleared = &cleared;
	answer(event, win, &open->key, &said);
}

static void
end(struct signal_event *event, const struct signal_win *win, const struct signal_entry *entry)
{
	/* What follows from another one that ended may have ended this one too. */
	if (!signalling_is_open(&event->self->db, event->turn->txn, &entry->key))
		return;
	const struct signal_open open = signalling_open_of(event->turn->arena, entry);

	signalling_open_delete(&event->self->db, event->turn->txn, &open);
	say_cleared(event, win, &open);
	follow(event, "CLEARED", &open);
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

void
signalling_clear(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const bool other = effect->verb == SIGNALS_CLEAR_FOR;
	unsigned count;

	for (unsigned i = other ? 1 : 0; i < effect->count; i++) {
		const int code = (int)effect->arguments[i];
		const struct signal_key key =
		    key_of(event, other ? (int)effect->arguments[0] : signalling_subject(code), code);

		if (key.subject_id[0] == '\0')
			continue;
		const struct signal_entry *open =
		    signalling_open_list(&event->self->db, event->turn->txn, key.subject, key.subject_id, code, &count);

		for (unsigned j = 0; j < count; j++) {
			if (effect->verb != SIGNALS_CLEAR_DEADLINE || about_deadline(event, &open[j].key))
				end(event, win, &open[j]);
		}
	}
}

void
signalling_clear_all(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const uint64_t kept = codes_of(effect);
	unsigned count;

	if (event->case_id[0] == '\0')
		return;
	const struct signal_entry *open =
	    signalling_open_list(&event->self->db, event->turn->txn, SIGNAL_SUBJECT_CASE, event->case_id, 0, &count);

	for (unsigned i = 0; i < count; i++) {
		if (!signalling_survives_closing(open[i].key.code, open[i].key.deadline_kind, kept))
			end(event, win, &open[i]);
	}
}

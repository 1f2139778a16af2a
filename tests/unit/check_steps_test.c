// SPDX-License-Identifier: EUPL-1.2
/* The steps of the abstraction against routing itself: cases live through random messages and misses with the real
 * functions of routing, and whatever a case becomes must be among what the abstraction says it may become, by the same
 * rows. And what the proof says of the shipped policy: routing never has to step in. */
#include "tests/unit/unit.h"

#include "services/cli/adoption.h"
#include "services/cli/check_internal.h"
#include "services/routing/routing_deadlines.h"
#include "services/routing/routing_decide.h"
#include "services/routing/routing_parties.h"

#define CASES 3000
#define STEPS 100
#define TRIES 12 /* of one message, until it is accepted */

struct world {
	struct arena arena, moment; /* of the test; of a step */
	struct check_report report;
	struct check_subject subject;
	struct checking checking;
	uint64_t random;
	struct case_file file, before;
	struct decision accept, effects;
	struct change change;
	struct check_walk walk;
	unsigned accepted, missed;
	const struct rules_row *fired[1024];
	unsigned fired_count;
};

static unsigned
any(struct world *w, unsigned count)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (unsigned)((w->random >> 20) % count);
}

static struct world *
world_make(uint64_t seed)
{
	struct world *w = test_calloc(1, sizeof *w);
	struct policy_file file;
	const char *paths[ADOPTION_POLICY_PATHS];

	arena_init(&w->arena);
	arena_init(&w->moment);
	w->random = seed;
	adoption_policy_paths(&w->arena, ".", paths);
	if (!policy_file_read(&w->arena, paths, ADOPTION_POLICY_PATHS, adoption_scopes, ADOPTION_POLICY_SCOPES, &file))
		fail_msg("%s", file.problems.text[0]);
	w->subject = (struct check_subject){.national = file.policy};
	check_report_init(&w->report, &w->arena);
	assert_true(check_begin(&w->checking, &w->report, &w->subject));
	return w;
}

static void
world_free(struct world *w)
{
	arena_fini(&w->arena);
	arena_fini(&w->moment);
	test_free(w);
}

/* ---- a case as a situation ---------------------------------------------------------------------------------------- */

static enum party
party_of(const struct case_file *file, struct code code)
{
	if (code_is_empty(code))
		return PARTY_NONE;
	if (code_equal(code, organisation_local_team(file->funder)))
		return PARTY_LOCAL_TEAM;
	if (code_equal(code, file->funder))
		return PARTY_MUNICIPALITY;
	if (code_equal(code, file->team))
		return PARTY_TEAM;
	switch (organisation_kind(code.s)) {
	case ORGANISATION_KIND_EXPERT_TEAM:
	case ORGANISATION_KIND_LANDING_PLACE: return PARTY_OTHER_TEAM;
	case ORGANISATION_KIND_NATIONAL_TEAM: return PARTY_NATIONAL_TEAM;
	case ORGANISATION_KIND_LOCAL_TEAM: return PARTY_FORMER_LOCAL_TEAM;
	case ORGANISATION_KIND_MUNICIPALITY: return PARTY_FORMER_MUNICIPALITY;
	default: fail_msg("%s owns", code.s); return PARTY_OTHER;
	}
}

static situation_bits
situation_of(const struct case_file *file)
{
	const uint64_t open = case_deadline_kinds(file->deadlines, file->deadline_count);
	const uint64_t missed = case_deadline_kinds(file->missed, file->missed_count);
	const unsigned values[CHECK_FIELD_COUNT] = {
	    [CHECK_STATE] = file->state,
	    [CHECK_TRACK] = file->track,
	    [CHECK_GOVERNANCE] = file->governance,
	    [CHECK_OWNER] = party_of(file, file->owner),
	    [CHECK_PENDING] = party_of(file, file->pending),
	    [CHECK_WITHDRAWN] = file->consent == CONSENT_STATE_WITHDRAWN,
	    [CHECK_HAS_TEAM] = !code_is_empty(file->team),
	    [CHECK_TEAM_SUPPORTS] = !code_is_empty(file->team) && code_set_has(&file->supporters, file->team),
	    [CHECK_CENTRE_SUPPORTS] = code_set_has(&file->supporters, file->centre),
	    [CHECK_WAS_ACCEPTED] = file->was_accepted,
	    [CHECK_REALISED] = file->realised_on != CAL_NONE,
	    [CHECK_EFFECTIVE] = file->effective_on != CAL_NONE,
	    [CHECK_EC_ASKED] = ((open | missed) >> DEADLINE_KIND_EC_DECISION & 1) != 0,
	    [CHECK_EC_DECIDED] = file->ec_decided,
	    [CHECK_AUTHORISED] = (open >> DEADLINE_KIND_AUTH_EXPIRY & 1) != 0,
	    [CHECK_PLACED] = file->placed,
	    [CHECK_MEASURE_ACTIVE] = file->measure_active,
	    [CHECK_SUPPORT_ASKED] = file->support_asked,
	    [CHECK_COMPLETIONS] = file->completions > 2 ? 2 : file->completions,
	};
	situation_bits s = 0;

	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++)
		s = check_with(s, field, values[field]);
	return check_normal(s);
}

/* ---- a random message --------------------------------------------------------------------------------------------- */

static const struct {
	const char *municipality, *region, *team, *centre;
} places[] = {{"GM0001", "JZ01", "ET-A", "EC-X"},
	      {"GM0002", "JZ01", "ET-A", "EC-X"},
	      {"GM0003", "JZ02", "", "EC-Y"},
	      {"GM0004", "JZ03", "LP-B", "EC-Y"}};

static const char *
any_organisation(struct world *w)
{
	static const char *const others[] = {"ET-A", "LP-B",   "ET-C",      "NAT-VWS", "EC-X",
					     "EC-Y", "GM0002", "LT-GM0002", "P-1"};
	const struct case_file *f = &w->file;

	switch (any(w, 10)) {
	case 0:
	case 1: return f->owner.s;
	case 2:
	case 3: return f->pending.s[0] == '\0' ? f->team.s : f->pending.s;
	case 4:
	case 5: return f->team.s[0] == '\0' ? f->funder.s : f->team.s;
	case 6: return f->funder.s;
	case 7: return arena_str(&w->moment, bytes_str(organisation_local_team(f->funder).s));
	case 8: return f->centre.s;
	default: return others[any(w, COUNT_OF(others))];
	}
}

static char *
any_text(struct world *w, const char *field)
{
	const size_t len = strlen(field);
	const bool date = (len > 3 && strcmp(field + len - 3, "_on") == 0) || strcmp(field, "valid_until") == 0;
	const char *text = "";

	if (date && any(w, 3) > 0)
		text = any(w, 6) == 0 ? "2031-01-01" : "2021-06-10";
	else if (!date && any(w, 4) > 0)
		text = any_organisation(w);
	return arena_str(&w->moment, bytes_str(text));
}

static ProtobufCMessage *
any_body(struct world *w, const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *body = arena_take(&w->moment, d->sizeof_message);

	protobuf_c_message_init(d, body);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		char *at = (char *)body + f->offset;
		int number = (int)any(w, 40);

		if (f->label == PROTOBUF_C_LABEL_REPEATED || (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
			continue;
		if (f->type == PROTOBUF_C_TYPE_ENUM) {
			const ProtobufCEnumDescriptor *e = f->descriptor;

			number = e->values[1 + any(w, e->n_values - 1)].value;
			memcpy(at, &number, sizeof number);
		} else if (f->type == PROTOBUF_C_TYPE_BOOL) {
			const protobuf_c_boolean flag = any(w, 2) == 0;

			memcpy(at, &flag, sizeof flag);
		} else if (f->type == PROTOBUF_C_TYPE_INT32) {
			memcpy(at, &number, sizeof number);
		} else if (f->type == PROTOBUF_C_TYPE_STRING) {
			char *text = any_text(w, f->name);

			memcpy(at, &text, sizeof text);
		}
	}
	return body;
}

static void
give_plan(struct world *w, ProtobufCMessage *body)
{
	if (body->descriptor != &pb_PlanAgreed_descriptor)
		return;
	pb_PlanAgreed *plan = (pb_PlanAgreed *)body;

	plan->actions = ARENA_ARRAY(&w->moment, pb_PlanAction *, 1);
	plan->actions[0] = ARENA_NEW(&w->moment, pb_PlanAction);
	pb_PlanAction_init(plan->actions[0]);
	plan->actions[0]->id = arena_str(&w->moment, bytes_str("A1"));
	plan->n_actions = 1;
}

static void
start_case(struct world *w, int track)
{
	const unsigned place = any(w, COUNT_OF(places));

	case_init(&w->file);
	w->file.id = id_of("c-1");
	w->file.state = CASE_STATE_RECEIVED;
	w->file.track = (uint8_t)track;
	w->file.level = LEVEL_LOCAL;
	w->file.governance = GOVERNANCE_NONE;
	w->file.consent = CONSENT_STATE_UNKNOWN;
	w->file.mandate = MANDATE_STATE_UNKNOWN;
	w->file.funder = code_of(places[place].municipality);
	w->file.region = code_of(places[place].region);
	w->file.team = code_of(places[place].team);
	w->file.centre = code_of(places[place].centre);
	w->file.age_band = (uint8_t)any(w, 4);
	w->file.consent_by = (uint8_t)any(w, 8);
}

/* ---- one step ------------------------------------------------------------------------------------------------------ */

static bool
same_rows(const struct world *w, bool message)
{
	const struct rules_result *results[] = {&w->accept.result, &w->effects.result};
	unsigned at = 0;

	for (unsigned i = message ? 0 : 1; i < 2; i++) {
		for (unsigned h = 0; h < results[i]->hit_count; h++, at++) {
			if (at >= w->walk.hit_count || w->walk.hits[at] != results[i]->hits[h])
				return false;
		}
	}
	return at == w->walk.hit_count;
}

static void
assert_foreseen(struct world *w, const struct check_event *event, situation_bits from, situation_bits to)
{
	unsigned rows = 0;

	check_walk_init(&w->walk, w->checking.view, event, from);
	while (check_walk_next(&w->walk)) {
		if (!w->walk.accepted || !same_rows(w, event->kind == 0))
			continue;
		rows++;
		if (w->walk.at == to)
			return;
	}
	fail_msg("%s\nfrom  %s\nto    %s\nis not foreseen (%u walks by the same rows)", event->name,
		 check_situation_text(&w->arena, from), check_situation_text(&w->arena, to), rows);
}

static void
count_rows(struct world *w, const struct rules_result *result)
{
	for (unsigned h = 0; h < result->hit_count; h++) {
		unsigned i = 0;

		while (i < w->fired_count && w->fired[i] != result->hits[h])
			i++;
		if (i == w->fired_count && i < COUNT_OF(w->fired))
			w->fired[w->fired_count++] = result->hits[h];
	}
}

/* As routing_run() does it. */
static void
run_effects(struct world *w, const struct situation *at)
{
	struct decision *d = &w->effects;
	struct change *c = &w->change;

	routing_effects(d, at, &w->file);
	count_rows(w, &d->result);
	change_begin(c, at, d->table, d->facts, &w->file);
	for (unsigned i = 0; i < d->result.hit_count; i++) {
		if (!routing_row_acts(d->result.hits[i]))
			continue;
		change_row(c, d->result.hits[i]);
		for (unsigned n = 0; n < c->note_count; n++) {
			if (strcmp(c->notes[n], NOTE_INVARIANT_KEPT) == 0)
				fail_msg("routing had to step in at %s of %s", d->result.hits[i]->id, at->event);
		}
	}
	if (change_settle_owner(c))
		fail_msg("routing had to settle the owner behind %s", at->event);
	change_settle_deadline(c);
}

static void
give_place(struct world *w, struct situation *at)
{
	const unsigned place = any(w, COUNT_OF(places));

	at->municipality = code_of(places[place].municipality);
	at->new_region = code_of(places[place].region);
	at->new_team = code_of(places[place].team);
	at->new_centre = code_of(places[place].centre);
}

/* Now and then a supporter's last valid day has passed. */
static void
give_ends(struct world *w, struct situation *at)
{
	for (unsigned i = 0; i < COUNT_OF(at->supporter_end); i++)
		at->supporter_end[i] = any(w, 8) == 0 ? cal_parse("2021-01-01") : CAL_NONE;
}

/* True when it was accepted. */
static bool
one_message(struct world *w, const struct check_event *event, bool is_new)
{
	const situation_bits from = is_new ? check_unborn() : situation_of(&w->file);
	pb_Submission submission;
	pb_Actor actor;
	struct situation at = {.event = event->name,
			       .submission = &submission,
			       .view = w->checking.view,
			       .effect_on = cal_parse("2021-06-01"),
			       .is_new = is_new};

	pb_Submission_init(&submission);
	pb_Actor_init(&actor);
	actor.organisation = arena_str(&w->moment, bytes_str(any_organisation(w)));
	submission.actor = &actor;
	at.today = at.effect_on;
	give_ends(w, &at);
	at.team_today = any(w, 4) == 0 ? code_of("ET-C") : w->file.team;
	if (event->moves)
		give_place(w, &at);
	ProtobufCMessage *body = any_body(w, event->message);

	give_plan(w, body);
	at.body = body;
	routing_accept(&w->accept, &at, &w->file);
	count_rows(w, &w->accept.result);
	if (w->accept.reason != REASON_UNSPECIFIED)
		return false;
	w->accepted++;
	run_effects(w, &at);
	assert_foreseen(w, event, from, situation_of(&w->file));
	return true;
}

static void
one_miss(struct world *w)
{
	const unsigned i = any(w, w->file.deadline_count);
	const situation_bits from = situation_of(&w->file);
	const int kind = w->file.deadlines[i].kind;
	struct situation at = {
	    .view = w->checking.view, .effect_on = cal_parse("2021-06-01"), .today = cal_parse("2021-06-01")};
	const struct check_event *event = NULL;

	for (unsigned e = 0; e < w->checking.event_count; e++) {
		if (w->checking.events[e]->kind == kind)
			event = w->checking.events[e];
	}
	assert_non_null(event);
	at.event = event->name;
	give_ends(w, &at);
	deadline_miss(&w->file, i);
	w->missed++;
	run_effects(w, &at);
	assert_foreseen(w, event, from, situation_of(&w->file));
}

static void
one_end_of_support(struct world *w, const struct check_event *event)
{
	const situation_bits from = situation_of(&w->file);

	if (w->file.supporters.count == 0)
		return;
	code_set_remove(&w->file.supporters, w->file.supporters.of[any(w, w->file.supporters.count)]);
	w->accept.result.hit_count = w->effects.result.hit_count = 0;
	if (situation_of(&w->file) != from)
		assert_foreseen(w, event, from, situation_of(&w->file));
}

static void
live(struct world *w)
{
	static const int tracks[] = {TRACK_VOLUNTARY, TRACK_COURT_MEASURE, TRACK_CLOSED_CARE};
	const unsigned opening = any(w, 3);
	unsigned opened = 0;

	start_case(w, tracks[opening]);
	for (unsigned e = 0; e < w->checking.event_count; e++) {
		if (w->checking.events[e]->opens && opened++ == opening)
			one_message(w, w->checking.events[e], true);
	}
	for (unsigned step = 0; step < STEPS; step++) {
		const struct check_event *event = w->checking.events[any(w, w->checking.event_count)];

		arena_reset(&w->moment);
		/* What ends a case, or takes it off the voluntary track, comes more seldom. */
		if ((event->reason_fact >= 0 || (event->opens && !event->always_opens)) && any(w, 6) > 0)
			continue;
		if (event->ends_support)
			one_end_of_support(w, event);
		else if (event->kind != 0 && w->file.deadline_count > 0 && any(w, 4) == 0)
			one_miss(w);
		else if (event->kind == 0 && !(event->always_opens && !case_is_open(&w->file)))
			for (unsigned i = 0; i < TRIES && !one_message(w, event, false); i++)
				;
	}
}

static void
test_whatever_routing_does_the_abstraction_foresees(void **state UNUSED)
{
	struct world *w = world_make(0x5eed5eed5eedu);

	for (unsigned i = 0; i < CASES; i++)
		live(w);
	print_message("%u messages taken, %u deadlines missed, %u rows fired\n", w->accepted, w->missed,
		      w->fired_count);
	assert_true(w->accepted > 50000 && w->missed > 5000 && w->fired_count > 420);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whatever_routing_does_the_abstraction_foresees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

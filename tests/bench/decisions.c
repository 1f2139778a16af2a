// SPDX-License-Identifier: EUPL-1.2
#include "tests/bench/decisions.h"

#include <stdlib.h>
#include <time.h>

#include "services/cli/adoption.h"
#include "services/routing/routing_decide.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define SITUATIONS 2048u
#define CASES      64u

struct moment {
	struct situation at;
	struct case_file *file;
};

static double
now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Where a message mostly comes. */
static int
state_for(const char *event)
{
	static const struct {
		const char *event;
		int state;
	} states[] = {
	    {"ConsentRecorded", CASE_STATE_SCREENING},        {"MandateGranted", CASE_STATE_SCREENING},
	    {"ScreeningDecided", CASE_STATE_SCREENING},       {"OwnerTransferAccepted", CASE_STATE_QUEUED},
	    {"MeetingHeld", CASE_STATE_DELIBERATION},         {"PlanAgreed", CASE_STATE_DELIBERATION},
	    {"HelpEffectiveConfirmed", CASE_STATE_VERIFYING}, {"HelpNotEffective", CASE_STATE_VERIFYING},
	    {"CaseClosed", CASE_STATE_SCALED_DOWN},
	};

	for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strcmp(states[i].event, event) == 0)
			return states[i].state;
	}
	return CASE_STATE_EXECUTING;
}

static struct case_file *
file_for(struct arena *a, const struct situation *at, cal_day day)
{
	struct case_file *f = ARENA_NEW(a, struct case_file);
	const struct code actor = routing_actor(at);
	const bool measure = (at->submission->actor->role == (int)ROLE_CERTIFIED_BODY);

	case_init(f);
	f->id = id_of(at->submission->case_id);
	f->state = (uint8_t)state_for(at->event);
	f->track = measure ? TRACK_COURT_MEASURE : TRACK_VOLUNTARY;
	f->governance = GOVERNANCE_NONE;
	f->consent = CONSENT_STATE_GIVEN;
	f->consent_by = 1u << PERSON_PARENT | 1u << PERSON_YOUTH;
	f->mandate = MANDATE_STATE_GRANTED;
	f->age_band = AGE_BAND_FROM_12_TO_15;
	f->measure_active = measure;
	f->funder = code_of("GM0944");
	f->region = code_of("JZ32");
	f->team = organisation_is_team(actor.s) ? actor : code_of("ET-JZ32");
	f->centre = code_of("EC-OOST");
	f->owner = organisation_is_team(actor.s) ? actor : f->funder;
	f->pending = strcmp(at->event, "OwnerTransferAccepted") == 0 ? actor : (struct code){""};
	f->level = (uint8_t)case_level(f);
	f->last_on = day - 10;
	f->realised_on = f->state == CASE_STATE_VERIFYING ? day - 30 : CAL_NONE;
	f->actions[0] = (struct case_action){id_of("A1"), code_of("P-LYNX"), CAL_NONE};
	f->action_count = 1;
	f->deadlines[0] = (struct case_deadline){
	    .kind = DEADLINE_KIND_REVIEW, .due = day + 3, .start = day - 11, .set_on = day - 11, .warn_on = day + 1};
	f->deadlines[1] = (struct case_deadline){.kind = DEADLINE_KIND_ACTION,
						 .due = day + 8,
						 .start = day - 11,
						 .set_on = day - 11,
						 .warn_on = day + 6,
						 .reference = id_of("A1")};
	f->deadline_count = 2;
	return f;
}

static const struct policy_view *
shipped_view(struct arena *a, struct store *store, struct policy_book **book, cal_day day)
{
	struct store_txn *txn = store_begin_write(store);
	const struct policy_view *view;
	struct why why;

	*book = policy_new(adoption_scopes, ADOPTION_POLICY_SCOPES);
	policy_open(*book, txn);
	for (unsigned i = 0; i < adopt_count(); i++) {
		const pb_Submission *s =
		    record_unpack(a, &pb_Submission_descriptor, adopt_submission(a, i, cal_local_ms(day, 9, 0, 0)),
				  RECORD_ADOPTION_MAX, &why);
		if (s != NULL && s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
			policy_adopt(*book, txn, s->policy_adopted, day);
	}
	view = policy_on(*book, txn, day, "");
	if (view == NULL || store_commit(txn) != ERR_NONE)
		fatal("decisions: the shipped policy cannot be adopted");
	return view;
}

static void
prepare(struct arena *a, struct moment *moments, const struct policy_view *view, cal_day day)
{
	struct load_case cases[CASES];
	struct load load;
	struct why why;

	load_init(&load, 5, "d", cases, CASES);
	load.recycle = true;
	load_lengthy(&load);
	for (unsigned i = 0; i < SITUATIONS; i++) {
		struct load_item item;
		if (!load_next(&load, a, cal_local_ms(day, 9, 0, 0), &item))
			fatal("decisions: no case can go on");
		load_accepted(&load, &item, "c-00000-00000-00000-00000");
		const pb_Submission *s =
		    record_unpack(a, &pb_Submission_descriptor, item.submission, RECORD_SUBMISSION_MAX, &why);
		ASSERT(s != NULL);
		moments[i].at = (struct situation){.event = record_body_name(&s->base),
						   .submission = s,
						   .body = record_body(&s->base),
						   .view = view,
						   .effect_on = day,
						   .today = day,
						   .is_new = item.opens,
						   .team_today = code_of("ET-JZ32"),
						   .supporter_end = {CAL_NONE, CAL_NONE}};
		moments[i].file = file_for(a, &moments[i].at, day);
	}
}

struct decisions
decisions_measure(double seconds)
{
	const cal_day day = cal_from_date(2021, 3, 1);
	struct moment *moments = calloc(SITUATIONS, sizeof *moments);
	struct decision *d = calloc(1, sizeof *d);
	struct policy_book *book;
	struct store *store;
	struct arena a;
	struct why why;
	uint64_t count = 0, accepted = 0;

	if (moments == NULL || d == NULL || store_open(&store, &(struct store_options){.in_memory = true}, &why) != 0)
		fatal("out of memory");
	arena_init(&a);
	prepare(&a, moments, shipped_view(&a, store, &book, day), day);
	const double began = now_seconds();
	double took = 0;
	while (took < seconds) {
		for (unsigned i = 0; i < SITUATIONS; i++) {
			routing_accept(d, &moments[i].at, moments[i].file);
			if (d->reason != REASON_UNSPECIFIED)
				continue;
			accepted++;
			routing_effects(d, &moments[i].at, moments[i].file);
		}
		count += SITUATIONS;
		took = now_seconds() - began;
	}
	policy_free(&book);
	store_close(&store);
	arena_fini(&a);
	free(moments);
	free(d);
	return (struct decisions){(double)count / took, (double)accepted / (double)count};
}

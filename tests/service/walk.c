// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/walk.h"

#include "common/scope_effects.h"
#include "services/cli/policy_file.h"
#include "services/cli/yaml_tree.h"
#include "services/routing/routing_internal.h"

#define TEAM      "ET-JZ91"
#define CHAIR     "CHAIR@" TEAM
#define DAYS_MOST 200

static const char registry[] = "{version: 1.0.0, valid_from: 2016-01-01, rows: ["
			       "{row: REGION, region: JZ91, expertise_centre: EC-OOST, expert_team: ET-JZ91},"
			       "{row: REGION, region: JZ92, expertise_centre: EC-OOST, expert_team: ET-JZ92},"
			       "{row: MUNICIPALITY, municipality: GM9901, region: JZ91},"
			       "{row: MUNICIPALITY, municipality: GM9902, region: JZ92}]}";

/* ---- the bench --------------------------------------------------------------------------------------------------- */

void
walk_open(struct walk *w)
{
	static const char *const paths[] = {"services/routing/policy"};
	static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects};
	struct bench *b = &w->bench;
	struct policy_file file;

	w->cases = 0;
	bench_open(b, &routing_service, "2021-03-01T09:00");
	pb_Submission *s = bench_say(b, "", "CaseErased", "ADMINISTRATOR@NAT-VWS", "");
	if (!policy_file_read(&b->arena, paths, 1, scopes, 2, &file))
		fail_msg("%s", file.problems.count > 0 ? file.problems.text[0] : "the policy cannot be read");
	s->body_case = DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED;
	s->policy_adopted = file.policy;
	bench_take(b, s, false, 0);
	bench_take(b, bench_say(b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS", registry), false, 0);
}

void
walk_close(struct walk *w)
{
	bench_close(&w->bench);
}

const struct case_file *
walk_file(struct walk *w)
{
	struct case_file *file = ARENA_NEW(&w->bench.arena, struct case_file);
	struct routing *routing = node_self(w->bench.node);
	struct store_txn *txn = store_begin_read(node_store(w->bench.node));

	assert_true(routing_load(&routing->state, txn, w->id, file));
	store_abort(txn);
	return file;
}

const char *
walk_speaks(struct walk *w, const char *organisation)
{
	static const struct {
		int kind;
		const char *role;
	} roles[] = {
	    {ORGANISATION_KIND_LOCAL_TEAM, "LOCAL_TEAM"},
	    {ORGANISATION_KIND_MUNICIPALITY, "MUNICIPALITY"},
	    {ORGANISATION_KIND_EXPERT_TEAM, "PROCESS_DIRECTOR"},
	    {ORGANISATION_KIND_NATIONAL_TEAM, "NATIONAL_TEAM"},
	};
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		if (organisation_kind(organisation) == roles[i].kind)
			return arena_printf(&w->bench.arena, "%s@%s", roles[i].role, organisation);
	}
	fail_msg("nobody speaks for %s", organisation);
	return "";
}

const char *
walk_owner(struct walk *w)
{
	const struct case_file *file = walk_file(w);

	return walk_speaks(w, case_is_open(file) ? file->owner.s : file->last_owner.s);
}

static bool
opens(const char *message)
{
	return strcmp(message, "CaseSubmitted") == 0 || strcmp(message, "CourtMeasureRegistered") == 0 ||
	       strcmp(message, "ClosedPlacementRequested") == 0;
}

void
walk_send(struct walk *w, const char *message, const char *actor, const char *fields, int days_ago)
{
	struct bench *b = &w->bench;
	const bool opening = opens(message), moves = strcmp(message, "ResidenceChanged") == 0;
	const char *id = opening ? arena_printf(&b->arena, "j-%u", ++w->cases) : w->id;
	pb_Submission *s = bench_say(b, id, message, actor, fields);
	/* The youth of case c-7 is number 7. */
	const uint64_t youth = strtoull(w->id + 2, NULL, 10);

	record_timestamp(s->occurred_at, b->now_ms - (int64_t)days_ago * 86400000);
	bench_listen(b);
	bench_take(b, s, opening, youth);
	if (opening || moves)
		bench_answer(b, SERVICE_TRIAGE, id, "RouteDecided",
			     strstr(fields, "GM9902") != NULL
				 ? "{funder: GM9902, region: JZ92, team: ET-JZ92, expertise_centre: EC-OOST}"
				 : "{funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST}");
}

/* A step on the way: it must be accepted. */
static void
say(struct walk *w, const char *message, const char *actor, const char *fields)
{
	walk_send(w, message, actor, fields, 0);
	if (w->bench.said_count == 0 || bench_last(&w->bench, DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED) != NULL)
		fail_msg("on the way: %s by %s: %s", message, actor, bench_story(&w->bench));
}

static void
next_day(struct walk *w)
{
	bench_listen(&w->bench);
	bench_at(&w->bench,
		 arena_printf(&w->bench.arena, "%sT10:00", record_date(&w->bench.arena, w->bench.today + 1)));
}

/* ---- on the way -------------------------------------------------------------------------------------------------- */

static void
begin(struct walk *w, enum wish wish)
{
	w->cases++;
	w->id = arena_printf(&w->bench.arena, "c-%u", w->cases);
	bench_listen(&w->bench);
	bench_take(&w->bench,
		   bench_say(&w->bench, w->id, "CaseSubmitted", "PARENT@LT-GM9901",
			     "{submitter: PARENT, asks: PROCESS_DIRECTION, age_band: FROM_12_TO_15}"),
		   true, w->cases);
	bench_answer(&w->bench, SERVICE_TRIAGE, w->id, "RouteDecided",
		     "{track: VOLUNTARY, funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST}");
	say(w, "MandateGranted", "MUNICIPALITY@GM9901", "");
	say(w, "ConsentRecorded", "LOCAL_TEAM@LT-GM9901", "{given_by: [PARENT, YOUTH], purpose: SHARING}");
	if (wish == WISH_BRIDGING)
		say(w, "BridgingCareStarted", "PROVIDER@P-1", "");
	if (wish == WISH_CENTRE || wish == WISH_CENTRE_ANSWER)
		say(w, "EscalationRequested", "LOCAL_TEAM@LT-GM9901",
		    "{kind: EXPERTISE_CENTRE, ec_reason: SCARCITY, tried: [EXPERT_TEAM], considered_by: ET-JZ91}");
	if (wish == WISH_CENTRE_ANSWER)
		say(w, "EscalationDecided", "EXPERTISE_CENTRE@EC-OOST", "{kind: EXPERTISE_CENTRE, decision: REFUSED}");
}

static void
call_in_team(struct walk *w)
{
	for (unsigned i = 0; i < DAYS_MOST && !walk_file(w)->support_asked; i++)
		next_day(w);
	assert_true(walk_file(w)->support_asked);
}

/* From SCREENING, or from QUEUED, to another track. */
static void
change_track(struct walk *w, int track, enum wish wish)
{
	if (track == TRACK_COURT_MEASURE || (track == TRACK_CLOSED_CARE && wish == WISH_MEASURE) ||
	    (track != TRACK_VOLUNTARY && wish == WISH_SUPPORT))
		say(w, "CourtMeasureRegistered", "MUNICIPALITY@GM9901",
		    "{measure: SUPERVISION, pronounced_on: 2021-03-01, certified_body: GI-1}");
	if (track != TRACK_VOLUNTARY && wish == WISH_SUPPORT)
		call_in_team(w);
	if (track == TRACK_CLOSED_CARE)
		say(w, "ClosedPlacementRequested", "MUNICIPALITY@GM9901", "");
}

static void
place(struct walk *w)
{
	say(w, "AuthorisationGranted", "JUVENILE_COURT@GM9901", "{kind: FULL}");
	say(w, "ClosedPlacementStarted", "PROVIDER@P-1", "{provider: P-1, reason: SAFETY}");
}

/* From SCREENING to one of the states before a plan is made. */
static void
walk_front(struct walk *w, int track, int state, enum wish wish)
{
	change_track(w, track, wish);
	if (track == TRACK_CLOSED_CARE && (state != CASE_STATE_LOCAL_ATTEMPT || wish == WISH_PLACE))
		say(w, "StuckDeclared", walk_owner(w), "{stuck_on: CONTENT}");
	if (wish == WISH_PLACE)
		place(w);
	if (state == CASE_STATE_INCOMPLETE)
		say(w, "ScreeningDecided", CHAIR, "{decision: RETURN, missing: [FAMILY_VIEW]}");
	if (state == CASE_STATE_ADVICE)
		say(w, "ScreeningDecided", CHAIR, "{decision: ADVICE_ONLY}");
	if (state == CASE_STATE_LOCAL_ATTEMPT && walk_file(w)->state != CASE_STATE_LOCAL_ATTEMPT)
		say(w, "ScreeningDecided", CHAIR, "{decision: REDIRECT}");
	if (state == CASE_STATE_CLOSED)
		say(w, "CaseClosed", walk_owner(w),
		    "{reason: WITHDRAWN_BY_FAMILY, approver_role: MUNICIPALITY, approver_organisation: GM9901}");
}

/* From SCREENING by way of QUEUED. On the other tracks the team has not yet accepted when they come, so that it neither
 * owns nor supports. */
static void
walk_plan(struct walk *w, int track, int state, enum wish wish)
{
	say(w, "ScreeningDecided", CHAIR, "{decision: ACCEPT_PROCESS, criteria: [STUCK_ON_CONTENT]}");
	if (track == TRACK_VOLUNTARY)
		say(w, "OwnerTransferAccepted", CHAIR, "");
	change_track(w, track, wish);
	if (wish == WISH_PLACE)
		place(w);
	if (state == CASE_STATE_QUEUED)
		return;
	say(w, "MeetingHeld", walk_owner(w), "{present: [PARENT, YOUTH]}");
	if (state == CASE_STATE_DELIBERATION)
		return;
	say(w, "PlanAgreed", walk_owner(w),
	    "{has_goal: true, has_roles: true, question_first: true, "
	    "actions: [{id: A1, organisation: P-1, due: 2021-12-31}]}");
	if (state == CASE_STATE_EXECUTING)
		return;
	say(w, "HelpRealised", walk_owner(w), "{help_kind: TAILORED}");
	if (state == CASE_STATE_VERIFYING)
		return;
	say(w, "HelpEffectiveConfirmed", walk_owner(w), "{asked: [PARENT]}");
	if (track == TRACK_VOLUNTARY)
		say(w, "OwnerTransferAccepted", "LOCAL_TEAM@LT-GM9901", "");
}

/* ---- in the state ------------------------------------------------------------------------------------------------ */

static void
own_nationally(struct walk *w)
{
	say(w, "CaseSubmitted", "PARENT@DESK",
	    "{submitter: PARENT, asks: HELP, channel: NATIONAL_DESK, tried: [MUNICIPALITY]}");
	say(w, "OwnerTransferAccepted", "NATIONAL_TEAM@NAT-VWS", "");
}

bool
walk_has(struct walk *w, enum wish wish)
{
	const struct case_file *file = walk_file(w);

	switch (wish) {
	case WISH_MEASURE: return file->measure_active;
	case WISH_PLAN: return file->action_count > 0 && file->actions[0].done_on == CAL_NONE;
	case WISH_REVIEW:
		return case_deadline_find(file->deadlines, file->deadline_count, DEADLINE_KIND_REVIEW, "") >= 0;
	default: return false;
	}
}

/* Until nothing else is waited for: the safety net. What goes to the screening in the meantime is sent back. */
static void
wait_for_review(struct walk *w, int state)
{
	if (walk_has(w, WISH_PLAN))
		say(w, "PlanActionCompleted", "PROVIDER@P-1", "{action: A1}");
	for (unsigned i = 0; i < DAYS_MOST; i++) {
		if (walk_file(w)->state != state)
			say(w, "ScreeningDecided", CHAIR, "{decision: REDIRECT}");
		else if (walk_has(w, WISH_REVIEW))
			return;
		else
			next_day(w);
	}
	fail_msg("no review came");
}

static void
move_house(struct walk *w)
{
	say(w, "ResidenceChanged", "MUNICIPALITY@GM9902", "{municipality: GM9902}");
}

static void
grant(struct walk *w, enum wish wish, int track, int state)
{
	switch (wish) {
	case WISH_MEETING: say(w, "MeetingScheduled", walk_owner(w), "{meeting_on: 2021-03-31}"); break;
	case WISH_OFFICIAL: say(w, "EscalationRequested", walk_owner(w), "{kind: OFFICIAL}"); break;
	case WISH_EXECUTIVE:
		say(w, "EscalationRequested", walk_owner(w), "{kind: OFFICIAL}");
		say(w, "EscalationRequested", walk_owner(w), "{kind: EXECUTIVE}");
		break;
	case WISH_DESK:
		say(w, "CaseSubmitted", "PARENT@DESK", "{submitter: PARENT, asks: HELP, channel: NATIONAL_DESK}");
		break;
	case WISH_TRANSFER: move_house(w); break;
	case WISH_MOVED:
		move_house(w);
		say(w, "OwnerTransferRefused", walk_speaks(w, walk_file(w)->pending.s), "{reason: CAPACITY}");
		break;
	case WISH_NATIONAL: own_nationally(w); break;
	case WISH_REVIEW:
		if (track == TRACK_VOLUNTARY)
			own_nationally(w);
		else
			wait_for_review(w, state);
		break;
	case WISH_AUTHORISATION: say(w, "AuthorisationGranted", "JUVENILE_COURT@GM9901", "{kind: FULL}"); break;
	default: break;
	}
}

bool
walk_can(enum wish wish, int track, int state)
{
	const bool with_plan = state >= CASE_STATE_QUEUED && state <= CASE_STATE_SCALED_DOWN;

	if (state == CASE_STATE_CLOSED)
		return wish == WISH_NOTHING || (wish == WISH_MEASURE && track == TRACK_COURT_MEASURE);
	switch (wish) {
	case WISH_MEASURE: return track != TRACK_VOLUNTARY;
	case WISH_SUPPORT: return track != TRACK_VOLUNTARY && with_plan && state <= CASE_STATE_VERIFYING;
	case WISH_PLACE:
	case WISH_AUTHORISATION: return track == TRACK_CLOSED_CARE;
	case WISH_MEETING: return with_plan && state <= CASE_STATE_EXECUTING;
	case WISH_NATIONAL: return track == TRACK_VOLUNTARY;
	case WISH_PLAN: return with_plan && state >= CASE_STATE_EXECUTING;
	default: return true;
	}
}

void
walk_to(struct walk *w, int track, int state, enum wish wish)
{
	assert_true(walk_can(wish, track, state));
	begin(w, wish);
	if (state >= CASE_STATE_QUEUED && state <= CASE_STATE_SCALED_DOWN)
		walk_plan(w, track, state, wish);
	else
		walk_front(w, track, state, wish);
	grant(w, wish, track, state);
	assert_int_equal(walk_file(w)->state, state);
	assert_int_equal(walk_file(w)->track, track);
}

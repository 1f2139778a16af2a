// SPDX-License-Identifier: EUPL-1.2
/* Every message in every state: rules.md 4.3, written down here once more from the text.
 *
 * For each track a case is brought into each state it can be in (walk.h), and each message is sent by who may send it, with
 * and without the thing it leans on. What must come of it follows from the letter and the track; the tables of the policy are
 * not looked at. Whatever comes: one outcome, a refusal that names its row and changes nothing, and I1 to I4.
 * ThemeRecorded belongs to no case, and is not routed. */
#include "tests/service/walk.h"

#include "tests/service/admit.h"

#define BODY_REJECTED DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED
#define BODY_ROUTED   DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED
#define BODY_OPENED   DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED

#define ACCEPTED REASON_UNSPECIFIED
#define ON_V     (1u << TRACK_VOLUNTARY)
#define ON_C     (1u << TRACK_COURT_MEASURE)
#define ON_G     (1u << TRACK_CLOSED_CARE)
#define ON_ALL   (ON_V | ON_C | ON_G)

struct row {
	const char *message;
	/* SCREENING, INCOMPLETE, ADVICE, LOCAL_ATTEMPT, QUEUED, DELIBERATION, EXECUTING, VERIFYING, SCALED_DOWN, CLOSED */
	const char *letters;
	const char *actor; /* owner, pending, funder; else role@organisation */
	const char *fields;
	enum wish wish;  /* what it leans on */
	int without;     /* A, a, t: the reason when that is not there; ACCEPTED: it makes no difference */
	int with;        /* the reason when it is there; mostly ACCEPTED */
	unsigned tracks; /* where it fits; 0: everywhere */
	int off_track;   /* the reason elsewhere; 0: WRONG_TRACK */
};

#define SAYS(message_, letters_, actor_, ...)                                                                          \
	{                                                                                                              \
		.message = message_, .letters = letters_, .actor = actor_, .fields = __VA_ARGS__                       \
	}
#define NATIONAL_ASKED                                                                                                 \
	"{municipality: GM9901, submitter: PARENT, asks: HELP, channel: NATIONAL_DESK, tried: [EXPERT_TEAM]}"
#define MEASURE     "{municipality: GM9901, measure: SUPERVISION, pronounced_on: 2021-03-01, certified_body: GI-1}"
#define ASK_CENTRE  "{kind: EXPERTISE_CENTRE, ec_reason: SCARCITY, tried: [EXPERT_TEAM], considered_by: ET-JZ91}"
#define UNSOLVED    "{reason: MOVED_ABROAD, approver_role: ALDERMAN, approver_organisation: GM9901}"
#define PLAN_OF_ONE "{has_goal: true, has_roles: true, question_first: true, actions: [{id: A9, organisation: P-1}]}"

/* clang-format off */
static const struct row rows[] = {
	/* coming in */
	SAYS("CaseSubmitted", "AAAAAAAAAA", "PARENT@LT-GM9901", "{municipality: GM9901, submitter: PARENT, asks: HELP}"),
	SAYS("CaseSubmitted", "AAAAAAAAAA", "PARENT@DESK", NATIONAL_ASKED),
	SAYS("CaseInfoSupplemented", "aAaaaaaaac", "owner", "{parties: 3}"),
	SAYS("ConsentRecorded", "aaaaaaaaaa", "owner", "{given_by: [PARENT], purpose: SHARING}"),
	SAYS("ConsentWithdrawn", "AAAAAAAAAa", "owner", "{withdrawn_by: [PARENT]}"),
	/* screening, advice, mandate */
	SAYS("ScreeningDecided", "Axxxssssxc", "CHAIR@ET-JZ91", "{decision: ADVICE_ONLY}"),
	SAYS("ScreeningDecided", "Axxxssssxc", "CHAIR@ET-JZ91", "{decision: ACCEPT_SUPPORT}", .wish = WISH_SUPPORT, .tracks = ON_C | ON_G),
	SAYS("ScreeningDecided", "Axxxssssxc", "CHAIR@ET-JZ91", "{decision: ACCEPT_PROCESS}", .wish = WISH_SUPPORT, .with = REASON_WRONG_STATE, .tracks = ON_V),
	SAYS("ScreeningDecided", "Axxxssssxc", "CHAIR@ET-JZ91", "{decision: RETURN}", .wish = WISH_SUPPORT, .with = REASON_WRONG_STATE, .tracks = ON_V),
	SAYS("AdviceGiven", "xxAxxxxxxc", "CHAIR@ET-JZ91", "{advice_code: LOCAL_HELP}"),
	SAYS("StuckDeclared", "axxAaaAxxc", "owner", "{stuck_on: MONEY}"),
	SAYS("MandateGranted", "AAAAAAAAAc", "funder", ""),
	SAYS("MandateRefused", "AAAAAAAAAc", "funder", "{reason: BUDGET}"),
	/* meeting, plan */
	SAYS("MeetingScheduled", "xxxxAAAxxc", "owner", "{meeting_on: 2021-03-15}"),
	SAYS("MeetingHeld", "xxxxAAAxxc", "owner", "{present: [PARENT]}"),
	SAYS("ParticipantInvited", "xxxxoooxxc", "owner", "{participants: [PARENT, YOUTH]}", .wish = WISH_MEETING),
	SAYS("PlanAgreed", "xxxxxAAxxc", "owner", PLAN_OF_ONE),
	SAYS("PlanReviewed", "rrrrrrArrc", "owner", "", .wish = WISH_REVIEW),
	SAYS("PlanActionCompleted", "AAAAAAAAAc", "PROVIDER@P-1", "{action: A1}", .wish = WISH_PLAN, .without = REASON_UNKNOWN_ACTION),
	SAYS("PlanActionCompleted", "AAAAAAAAAc", "PROVIDER@P-1", "{action: A2}", .without = REASON_UNKNOWN_ACTION),
	/* waiting, help */
	SAYS("WaitingTimeRecorded", "xxxAxxAxxc", "PROVIDER@P-1", "{expected_days: 40}"),
	SAYS("BridgingCareStarted", "AxxAAAAxxc", "PROVIDER@P-1", "{bridging_kind: RESPITE}"),
	SAYS("BridgingCareEnded", "oooooooooc", "PROVIDER@P-1", "", .wish = WISH_BRIDGING),
	SAYS("HelpRealised", "AxxAxxAxxc", "owner", "{help_kind: STANDARD}"),
	SAYS("HelpEffectiveConfirmed", "xxxxxxxAxc", "owner", "{asked: [PARENT]}"),
	SAYS("HelpNotEffective", "xxxxxxxAAc", "owner", "{asked: [PARENT]}"),
	/* ladders, handing over, the desk */
	SAYS("EscalationRequested", "AAAAAAAxxc", "owner", ASK_CENTRE, .tracks = ON_V | ON_C),
	SAYS("EscalationRequested", "AAAAAAAxxc", "owner", "{kind: NATIONAL_TEAM}", .wish = WISH_CENTRE_ANSWER, .without = REASON_LEVEL_SKIPPED, .tracks = ON_V),
	SAYS("EscalationRequested", "AAAAAAAAAc", "owner", "{kind: OFFICIAL}", .wish = WISH_OFFICIAL, .with = REASON_ALREADY_OPEN),
	SAYS("EscalationRequested", "AAAAAAAAAc", "owner", "{kind: EXECUTIVE}", .wish = WISH_OFFICIAL, .without = REASON_LEVEL_SKIPPED),
	SAYS("EscalationRequested", "AAAAAAAAAc", "owner", "{kind: EXECUTIVE}", .wish = WISH_EXECUTIVE, .without = REASON_LEVEL_SKIPPED, .with = REASON_ALREADY_OPEN),
	SAYS("EscalationDecided", "oooooooooc", "EXPERTISE_CENTRE@EC-OOST", "{kind: EXPERTISE_CENTRE, decision: ACCEPTED}", .wish = WISH_CENTRE),
	SAYS("EscalationDecided", "oooooooooc", "funder", "{kind: OFFICIAL, decision: UNRESOLVED}", .wish = WISH_OFFICIAL),
	SAYS("EscalationDecided", "oooooooooc", "funder", "{kind: OFFICIAL, decision: RESOLVED}", .wish = WISH_EXECUTIVE, .with = REASON_NO_OPEN_REQUEST),
	SAYS("EscalationDecided", "oooooooooc", "STEERING_GROUP@SG-JZ91", "{kind: EXECUTIVE, decision: RESOLVED}", .wish = WISH_EXECUTIVE),
	SAYS("EscalationDecided", "oooooooooc", "STEERING_GROUP@SG-JZ91", "{kind: EXECUTIVE, decision: UNRESOLVED}", .wish = WISH_OFFICIAL, .with = REASON_NO_OPEN_REQUEST),
	SAYS("OwnerTransferRequested", "AAAAAAAAAc", "owner", "{to: NAT-VWS}", .wish = WISH_CENTRE_ANSWER, .without = REASON_LEVEL_SKIPPED, .tracks = ON_V),
	SAYS("OwnerTransferRequested", "AAAAAAAAAc", "owner", "{to: GM9902}", .wish = WISH_TRANSFER, .without = REASON_WRONG_TRACK, .with = REASON_TRANSFER_PENDING, .tracks = ON_C | ON_G, .off_track = -1),
	SAYS("OwnerTransferRequested", "AAAAAAAAAc", "owner", "{to: GM9902}", .wish = WISH_MOVED, .without = REASON_WRONG_TRACK, .tracks = ON_C | ON_G, .off_track = -1),
	SAYS("OwnerTransferRequested", "AAAAAAAAAc", "owner", "{to: EC-OOST}", .without = REASON_TARGET_NOT_ALLOWED, .tracks = ON_V),
	SAYS("OwnerTransferAccepted", "oooooooooc", "pending", "", .wish = WISH_TRANSFER),
	SAYS("OwnerTransferRefused", "oooooooooc", "pending", "{reason: CAPACITY}", .wish = WISH_TRANSFER),
	SAYS("NationalDeskAnswered", "oooooooooc", "NATIONAL_DESK@DESK", "{answer: REFERRED_NATIONAL}", .wish = WISH_DESK),
	SAYS("NationalDeskAnswered", "oooooooooc", "NATIONAL_DESK@DESK", "{answer: REDIRECT_LOCAL}", .wish = WISH_DESK),
	/* court measure */
	SAYS("CourtMeasureRegistered", "AAAAAAAAAA", "MUNICIPALITY@GM9901", MEASURE),
	SAYS("MeasureExecutionStarted", "tttttttttc", "CERTIFIED_BODY@GI-1", "", .wish = WISH_MEASURE, .without = REASON_WRONG_TRACK),
	SAYS("PerChildAgreementRecorded", "tttttttttc", "MUNICIPALITY@GM9901", "{covers_protection: true, covers_help: true}", .wish = WISH_MEASURE, .without = REASON_WRONG_TRACK),
	SAYS("ProtectorAssigned", "tttttttttc", "CERTIFIED_BODY@GI-1", "", .wish = WISH_MEASURE, .without = REASON_WRONG_TRACK),
	SAYS("FirstContactHeld", "tttttttttc", "PROTECTOR@GI-1", "", .wish = WISH_MEASURE, .without = REASON_WRONG_TRACK),
	SAYS("ProtectionPlanAdopted", "tttttttttc", "CERTIFIED_BODY@GI-1", "", .wish = WISH_MEASURE, .without = REASON_WRONG_TRACK),
	SAYS("MeasureEnded", "tttttttttc", "JUVENILE_COURT@GM9901", "", .wish = WISH_MEASURE, .without = REASON_WRONG_TRACK),
	/* closed care */
	SAYS("ClosedPlacementRequested", "AAAAAAAAAA", "MUNICIPALITY@GM9901", "{municipality: GM9901}"),
	SAYS("AuthorisationGranted", "tttttttttc", "JUVENILE_COURT@GM9901", "{kind: EMERGENCY, valid_until: 2021-03-29}", .tracks = ON_G),
	SAYS("AuthorisationGranted", "tttttttttc", "JUVENILE_COURT@GM9901", "{kind: EMERGENCY, valid_until: 2021-03-30}", .wish = WISH_NOTHING, .without = REASON_AUTHORISATION_TOO_LONG, .tracks = ON_G),
	SAYS("AuthorisationExtended", "tttttttttc", "JUVENILE_COURT@GM9901", "{valid_until: 2022-06-01}", .wish = WISH_AUTHORISATION, .without = REASON_NO_AUTHORISATION, .tracks = ON_G),
	SAYS("ClosedPlacementStarted", "tttttttttc", "PROVIDER@P-1", "{provider: P-1, reason: NO_ALTERNATIVE}", .wish = WISH_AUTHORISATION, .without = REASON_NO_AUTHORISATION, .tracks = ON_G),
	SAYS("ClosedPlacementEnded", "tttttttttc", "PROVIDER@P-1", "", .wish = WISH_PLACE, .without = REASON_NO_OPEN_REQUEST, .tracks = ON_G, .off_track = REASON_NO_OPEN_REQUEST),
	SAYS("LivingPerspectiveSet", "tttttttttc", "PROVIDER@P-1", "{perspective: HOME}", .tracks = ON_G),
	SAYS("TransferRegistered", "tttttttttc", "PROVIDER@P-1", "{to: P-2}", .tracks = ON_G),
	SAYS("SeclusionRegistered", "tttttttttc", "PROVIDER@P-1", "{seclusion_kind: ISOLATION}", .tracks = ON_G),
	SAYS("SuicidalBehaviourRegistered", "tttttttttc", "PROVIDER@P-1", "", .tracks = ON_G),
	SAYS("RiskPlanRecorded", "AAAAAAAAAc", "PROVIDER@P-1", "{risk_estimate: true}"),
	SAYS("CceInvolved", "AAAAAAAAAc", "CCE@CCE", ""),
	SAYS("CalamityReportRecorded", "aaaaaaaaaa", "PROVIDER@P-1", "{reported_on: 2021-03-01}"),
	/* ending */
	SAYS("ResidenceChanged", "AAAAAAAAAc", "MUNICIPALITY@GM9902", "{municipality: GM9902}"),
	SAYS("CaseScaledDown", "nnnnAAAAAc", "owner", "{to_level: REGIONAL}", .wish = WISH_NATIONAL, .without = REASON_LEVEL_NOT_LOWER),
	SAYS("CaseClosed", "AAAAAAAAAc", "owner", UNSOLVED),
	SAYS("CaseClosed", "AAAAAAAAAc", "owner", "{reason: MOVED_ABROAD}", .without = REASON_APPROVER_MISSING),
	SAYS("CaseReopened", "xxxxxxxxxA", "LOCAL_TEAM@LT-GM9901", ""),
	SAYS("EvaluationRecorded", "xxxxxxxxAA", "CHAIR@ET-JZ91", "{on_content: true}"),
};
/* clang-format on */

static const int tracks[] = {TRACK_VOLUNTARY, TRACK_COURT_MEASURE, TRACK_CLOSED_CARE};

/* ---- what must come of it ---------------------------------------------------------------------------------------- */

static bool
is_opening(const struct row *row)
{
	return strcmp(row->message, "CaseSubmitted") == 0 || strcmp(row->message, "CourtMeasureRegistered") == 0 ||
	       strcmp(row->message, "ClosedPlacementRequested") == 0;
}

static char
letter_of(const struct row *row, int state)
{
	return row->letters[state - CASE_STATE_SCREENING];
}

/* The reason, or ACCEPTED; `granted`: what the message leans on is there. */
static int
outcome_of(const struct row *row, int track, int state, bool granted)
{
	const bool fits = row->tracks == 0 || (row->tracks >> track & 1) != 0;
	const int off_track = row->off_track == 0 ? REASON_WRONG_TRACK : row->off_track;
	const char letter = letter_of(row, state);

	switch (letter) {
	case 'c': return REASON_CASE_CLOSED;
	case 'x': return REASON_WRONG_STATE;
	case 'o':
		if (!granted)
			return REASON_NO_OPEN_REQUEST;
		break;
	case 's':
	case 'r':
	case 'n':
		if (!granted)
			return REASON_WRONG_STATE;
		break;
	default: break;
	}
	/* In SCREENING the decision is not an answer to a call for support; elsewhere that question comes before the track. */
	if (letter == 's' && row->with != ACCEPTED)
		return row->with;
	if (!fits)
		return off_track;
	if (strchr("Aat", letter) != NULL && strcmp(row->message, "ScreeningDecided") != 0)
		return granted ? row->with : row->without;
	return strchr("Aat", letter) != NULL ? ACCEPTED : row->with;
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

static const char *
what(struct walk *w, const struct row *row, int track, int state)
{
	return arena_printf(&w->bench.arena, "%s %s by %s in %s on %s: %s", row->message, row->fields, row->actor,
			    record_code_of("CaseState", state), record_code_of("Track", track), bench_story(&w->bench));
}

static struct bytes
bytes_of_file(struct walk *w)
{
	struct case_file file;
	uint8_t *out = ARENA_ARRAY(&w->bench.arena, uint8_t, CASE_BYTES_MAX);

	case_copy(&file, walk_file(w));
	return bytes_of(out, case_pack(&file, out));
}

static void
assert_invariants(struct walk *w, const char *text)
{
	const struct case_file *file = walk_file(w);

	if (code_is_empty(file->funder))
		fail_msg("I3: no municipality pays: %s", text);
	if (!case_is_open(file)) {
		if (!code_is_empty(file->owner) || !code_is_empty(file->pending) || file->supporters.count != 0)
			fail_msg("I1: closed, and somebody is on it: %s", text);
		return;
	}
	if (code_is_empty(file->owner))
		fail_msg("I1: no owner: %s", text);
	if (file->deadline_count == 0)
		fail_msg("I2: no deadline: %s", text);
	if (file->track == TRACK_VOLUNTARY)
		return;
	if (organisation_kind(file->owner.s) != ORGANISATION_KIND_MUNICIPALITY)
		fail_msg("I4: %s owns: %s", file->owner.s, text);
	if (!code_is_empty(file->pending) && organisation_kind(file->pending.s) != ORGANISATION_KIND_MUNICIPALITY)
		fail_msg("I4: %s is asked: %s", file->pending.s, text);
}

/* One outcome, and no other: the reason of a refusal, or ACCEPTED. */
static int
outcome_said(struct walk *w, const char *text)
{
	const struct bench *b = &w->bench;
	unsigned refused = 0, routed = 0;
	int reason = ACCEPTED;

	for (size_t i = 0; i < b->said_count; i++) {
		const pb_Answer *answer = b->said[i];
		if ((int)answer->body_case == BODY_ROUTED)
			routed++;
		if (answer->basis == NULL || answer->basis->rule[0] == '\0')
			fail_msg("an answer without a rule: %s", text);
		if ((int)answer->body_case != BODY_REJECTED)
			continue;
		refused++;
		reason = (int)answer->message_rejected->reason;
		if (answer->basis->row[0] == '\0')
			fail_msg("a refusal that names no row: %s", text);
		if (answer->message_rejected->kept != (reason == REASON_OUT_OF_ORDER))
			fail_msg("kept, or not: %s", text);
	}
	if (refused > 1 || (refused == 1) != (routed == 0) || (refused == 1 && b->said_count != 1))
		fail_msg("not one outcome: %s", text);
	return reason;
}

/* Sends it and looks at everything that must hold for any message. */
static int
send_and_look(struct walk *w, const struct row *row, const char *actor, int track, int state, int days_ago)
{
	const struct bytes before = bytes_of_file(w);
	const struct code funder = walk_file(w)->funder;

	walk_send(w, row->message, actor, row->fields, days_ago);
	const char *text = what(w, row, track, state);
	const int reason = outcome_said(w, text);
	if (reason != ACCEPTED && !bytes_equal(before, bytes_of_file(w)))
		fail_msg("refused, and the case changed: %s", text);
	if (strcmp(row->message, "ResidenceChanged") != 0 && !code_equal(funder, walk_file(w)->funder))
		fail_msg("I3: another municipality pays: %s", text);
	assert_invariants(w, text);
	return reason;
}

static void
expect(struct walk *w, const struct row *row, int track, int state, int expected, int got)
{
	if (got != expected)
		fail_msg("expected %s, got %s: %s",
			 expected == ACCEPTED ? "accepted" : record_code_of("Reason", expected),
			 got == ACCEPTED ? "accepted" : record_code_of("Reason", got), what(w, row, track, state));
}

static const char *
actor_of(struct walk *w, const struct row *row)
{
	const struct case_file *file = walk_file(w);

	if (strcmp(row->actor, "owner") == 0)
		return walk_owner(w);
	if (strcmp(row->actor, "funder") == 0)
		return walk_speaks(w, file->funder.s);
	if (strcmp(row->actor, "pending") == 0)
		return walk_speaks(w, code_is_empty(file->pending) ? file->funder.s : file->pending.s);
	return row->actor;
}

/* One message in one state: a fact of the day before, the fact itself, and the same fact told again. */
static void
try_one(struct walk *w, const struct row *row, int track, int state, bool granted)
{
	walk_to(w, track, state, granted ? row->wish : WISH_NOTHING);
	const int expected = outcome_of(row, track, state, granted || walk_has(w, row->wish));
	if (expected == -1)
		return;
	const char *actor = actor_of(w, row);
	if (!is_opening(row) || state != CASE_STATE_CLOSED) {
		const int late = letter_of(row, state) == 'c' ? REASON_CASE_CLOSED : REASON_OUT_OF_ORDER;
		const int days_ago = w->bench.today - walk_file(w)->last_on + 1;
		expect(w, row, track, state, late, send_and_look(w, row, actor, track, state, days_ago));
	}
	expect(w, row, track, state, expected, send_and_look(w, row, actor, track, state, 0));
	send_and_look(w, row, actor, track, state, 0);
}

/* ---- the tests --------------------------------------------------------------------------------------------------- */

/* A team does not send back, nor take over, what is not voluntary: such a case is never INCOMPLETE. */
static bool
exists(int track, int state)
{
	return state != CASE_STATE_INCOMPLETE || track == TRACK_VOLUNTARY;
}

static bool
takes_days(enum wish wish)
{
	return wish == WISH_SUPPORT || wish == WISH_REVIEW;
}

static void
test_every_message_in_every_state_of_the_grid(void **state)
{
	struct walk *w = *state;

	for (size_t t = 0; t < COUNT_OF(tracks); t++) {
		for (int s = CASE_STATE_SCREENING; s <= CASE_STATE_CLOSED; s++) {
			if (!exists(tracks[t], s))
				continue;
			for (size_t i = 0; i < COUNT_OF(rows); i++)
				try_one(w, &rows[i], tracks[t], s, false);
		}
	}
}

/* The same where what it leans on is there; days that pass would miss deadlines of the other cases, so those have a walk of
 * their own. */
static void
test_what_a_message_leans_on_makes_the_difference(void **state)
{
	struct walk *w = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t t = 0; t < COUNT_OF(tracks) && rows[i].wish != WISH_NOTHING; t++) {
			for (int s = CASE_STATE_SCREENING; s < CASE_STATE_CLOSED; s++) {
				if (!exists(tracks[t], s) || !walk_can(rows[i].wish, tracks[t], s))
					continue;
				if (takes_days(rows[i].wish)) {
					walk_close(w);
					walk_open(w);
				}
				try_one(w, &rows[i], tracks[t], s, true);
			}
		}
	}
}

/* R42: closing as solved takes both facts, and no measure or placement that runs. */
static void
test_solved_takes_both_facts(void **state)
{
	static const struct row row =
	    SAYS("CaseClosed", "AAAAAAAAAc", "owner", "{reason: SOLVED, level_solved: REGIONAL}");
	struct walk *w = *state;

	for (size_t t = 0; t < COUNT_OF(tracks); t++) {
		for (int s = CASE_STATE_SCREENING; s <= CASE_STATE_SCALED_DOWN; s++) {
			int expected = s < CASE_STATE_VERIFYING ? REASON_NOT_REALISED : REASON_NOT_EFFECTIVE;

			if (!exists(tracks[t], s))
				continue;
			if (s == CASE_STATE_SCALED_DOWN)
				expected = tracks[t] == TRACK_COURT_MEASURE ? REASON_MEASURE_ACTIVE : ACCEPTED;
			walk_to(w, tracks[t], s, WISH_NOTHING);
			expect(w, &row, tracks[t], s, expected, send_and_look(w, &row, walk_owner(w), tracks[t], s, 0));
		}
	}
	walk_to(w, TRACK_CLOSED_CARE, CASE_STATE_SCALED_DOWN, WISH_PLACE);
	expect(w, &row, TRACK_CLOSED_CARE, CASE_STATE_SCALED_DOWN, REASON_MEASURE_ACTIVE,
	       send_and_look(w, &row, walk_owner(w), TRACK_CLOSED_CARE, CASE_STATE_SCALED_DOWN, 0));
}

/* 4.2: who is not the owner, or was not asked, is told so; in any state that would take the message. */
static void
test_the_wrong_organisation_is_refused(void **state)
{
	static const struct {
		struct row row;
		int state, reason;
	} table[] = {
	    {SAYS("ConsentRecorded", "", "", "{given_by: [PARENT], purpose: SHARING}"), CASE_STATE_ADVICE,
	     REASON_NOT_OWNER},
	    {SAYS("ConsentWithdrawn", "", "", "{withdrawn_by: [PARENT]}"), CASE_STATE_QUEUED, REASON_NOT_OWNER},
	    {SAYS("StuckDeclared", "", "", "{stuck_on: MONEY}"), CASE_STATE_LOCAL_ATTEMPT, REASON_NOT_OWNER},
	    {SAYS("HelpRealised", "", "", "{help_kind: STANDARD}"), CASE_STATE_EXECUTING, REASON_NOT_OWNER},
	    {SAYS("HelpEffectiveConfirmed", "", "", "{asked: [PARENT]}"), CASE_STATE_VERIFYING, REASON_NOT_OWNER},
	    {SAYS("HelpNotEffective", "", "", "{asked: [PARENT]}"), CASE_STATE_SCALED_DOWN, REASON_NOT_OWNER},
	    {SAYS("EscalationRequested", "", "", "{kind: OFFICIAL}"), CASE_STATE_QUEUED, REASON_NOT_OWNER},
	    {SAYS("OwnerTransferRequested", "", "", "{to: ET-JZ91}"), CASE_STATE_SCREENING, REASON_NOT_OWNER},
	    {SAYS("CaseScaledDown", "", "", "{to_level: LOCAL}"), CASE_STATE_QUEUED, REASON_NOT_OWNER},
	    {SAYS("CaseClosed", "", "", UNSOLVED), CASE_STATE_DELIBERATION, REASON_NOT_OWNER},
	    {SAYS("MeetingScheduled", "", "", "{meeting_on: 2021-03-15}"), CASE_STATE_QUEUED, REASON_NOT_OWNER},
	    {SAYS("MeetingHeld", "", "", "{present: [PARENT]}"), CASE_STATE_QUEUED, REASON_NOT_OWNER},
	    {SAYS("PlanAgreed", "", "", PLAN_OF_ONE), CASE_STATE_DELIBERATION, REASON_NOT_OWNER},
	    {SAYS("PlanReviewed", "", "", ""), CASE_STATE_EXECUTING, REASON_NOT_OWNER},
	    {SAYS("ScreeningDecided", "", "", "{decision: ADVICE_ONLY}"), CASE_STATE_SCREENING, REASON_NOT_ADDRESSEE},
	    {SAYS("MandateGranted", "", "", ""), CASE_STATE_QUEUED, REASON_NOT_ADDRESSEE},
	    {SAYS("MandateRefused", "", "", ""), CASE_STATE_QUEUED, REASON_NOT_ADDRESSEE},
	    {SAYS("CaseReopened", "", "", ""), CASE_STATE_CLOSED, REASON_NOT_ADDRESSEE},
	};
	struct walk *w = *state;

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		for (size_t t = 0; t < COUNT_OF(tracks); t++) {
			const struct row *row = &table[i].row;
			const int at = table[i].state;

			walk_to(w, tracks[t], at, WISH_NOTHING);
			expect(w, row, tracks[t], at, table[i].reason,
			       send_and_look(w, row, "CHAIR@ET-JZ77", tracks[t], at, 0));
		}
	}
}

/* A message that is new in the vocabulary needs a row here; these say nothing about the course of a case. */
static void
test_no_message_is_left_out(void **state UNUSED)
{
	static const char *const of_no_course[] = {"ThemeRecorded",    "RegistryAdopted",    "PolicyAdopted",
						   "SourceRegistered", "SignalAcknowledged", "SubscriptionRegistered",
						   "DeliveryReported", "CaseErased"};

	for (unsigned i = 0; i < pb_Submission_descriptor.n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &pb_Submission_descriptor.fields[i];
		bool found = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0;
		if (found)
			continue;
		const char *name = ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name;
		for (size_t k = 0; k < COUNT_OF(rows); k++)
			found |= strcmp(rows[k].message, name) == 0;
		for (size_t k = 0; k < COUNT_OF(of_no_course); k++)
			found |= strcmp(of_no_course[k], name) == 0;
		if (!found)
			fail_msg("%s has no row", name);
	}
}

/* Two facts that contradict each other, or one that was told before: the second has an outcome as well. */
static void
test_a_contradiction_has_an_outcome(void **state)
{
	static const struct {
		int track, state;
		enum wish wish;
		struct row first, second;
		int reason;
	} table[] = {
	    {TRACK_VOLUNTARY, CASE_STATE_QUEUED, WISH_NOTHING, SAYS("MandateGranted", "", "funder", ""),
	     SAYS("MandateRefused", "", "funder", "{reason: BUDGET}"), ACCEPTED},
	    {TRACK_VOLUNTARY, CASE_STATE_VERIFYING, WISH_NOTHING,
	     SAYS("HelpEffectiveConfirmed", "", "owner", "{asked: [PARENT]}"),
	     SAYS("HelpNotEffective", "", "owner", "{asked: [YOUTH]}"), ACCEPTED},
	    {TRACK_VOLUNTARY, CASE_STATE_VERIFYING, WISH_NOTHING,
	     SAYS("HelpNotEffective", "", "owner", "{asked: [PARENT]}"),
	     SAYS("HelpEffectiveConfirmed", "", "owner", "{asked: [PARENT]}"), REASON_WRONG_STATE},
	    {TRACK_VOLUNTARY, CASE_STATE_EXECUTING, WISH_TRANSFER, SAYS("OwnerTransferAccepted", "", "pending", ""),
	     SAYS("OwnerTransferRefused", "", "pending", "{reason: CAPACITY}"), REASON_NO_OPEN_REQUEST},
	    {TRACK_VOLUNTARY, CASE_STATE_EXECUTING, WISH_NOTHING,
	     SAYS("PlanActionCompleted", "", "PROVIDER@P-1", "{action: A1}"),
	     SAYS("PlanActionCompleted", "", "PROVIDER@P-1", "{action: A1}"), REASON_UNKNOWN_ACTION},
	    {TRACK_VOLUNTARY, CASE_STATE_SCREENING, WISH_OFFICIAL,
	     SAYS("EscalationDecided", "", "funder", "{kind: OFFICIAL, decision: RESOLVED}"),
	     SAYS("EscalationDecided", "", "funder", "{kind: OFFICIAL, decision: UNRESOLVED}"), REASON_NO_OPEN_REQUEST},
	    {TRACK_VOLUNTARY, CASE_STATE_SCREENING, WISH_CENTRE,
	     SAYS("EscalationDecided", "", "EXPERTISE_CENTRE@EC-OOST", "{kind: EXPERTISE_CENTRE, decision: REFUSED}"),
	     SAYS("EscalationDecided", "", "EXPERTISE_CENTRE@EC-OOST", "{kind: EXPERTISE_CENTRE, decision: ACCEPTED}"),
	     REASON_NO_OPEN_REQUEST},
	    {TRACK_VOLUNTARY, CASE_STATE_SCREENING, WISH_NOTHING,
	     SAYS("ScreeningDecided", "", "CHAIR@ET-JZ91", "{decision: RETURN}"),
	     SAYS("ScreeningDecided", "", "CHAIR@ET-JZ91", "{decision: ACCEPT_PROCESS}"), REASON_WRONG_STATE},
	    {TRACK_COURT_MEASURE, CASE_STATE_QUEUED, WISH_NOTHING,
	     SAYS("MeasureEnded", "", "JUVENILE_COURT@GM9901", ""),
	     SAYS("ProtectorAssigned", "", "CERTIFIED_BODY@GI-1", ""), REASON_WRONG_TRACK},
	    {TRACK_CLOSED_CARE, CASE_STATE_QUEUED, WISH_PLACE, SAYS("ClosedPlacementEnded", "", "PROVIDER@P-1", ""),
	     SAYS("ClosedPlacementEnded", "", "PROVIDER@P-1", ""), REASON_NO_OPEN_REQUEST},
	    {TRACK_CLOSED_CARE, CASE_STATE_QUEUED, WISH_PLACE, SAYS("ClosedPlacementEnded", "", "PROVIDER@P-1", ""),
	     SAYS("SeclusionRegistered", "", "PROVIDER@P-1", "{seclusion_kind: SECLUSION}"), REASON_WRONG_TRACK},
	    {TRACK_COURT_MEASURE, CASE_STATE_LOCAL_ATTEMPT, WISH_NOTHING, SAYS("CaseClosed", "", "owner", UNSOLVED),
	     SAYS("CaseClosed", "", "owner", UNSOLVED), REASON_CASE_CLOSED},
	    {TRACK_CLOSED_CARE, CASE_STATE_CLOSED, WISH_NOTHING, SAYS("CaseReopened", "", "LOCAL_TEAM@LT-GM9901", ""),
	     SAYS("CaseReopened", "", "LOCAL_TEAM@LT-GM9901", ""), REASON_WRONG_STATE},
	};
	struct walk *w = *state;

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const int track = table[i].track, at = table[i].state;

		walk_to(w, track, at, table[i].wish);
		const char *actor = actor_of(w, &table[i].second);
		expect(w, &table[i].first, track, at, ACCEPTED,
		       send_and_look(w, &table[i].first, actor_of(w, &table[i].first), track, at, 0));
		expect(w, &table[i].second, track, at, table[i].reason,
		       send_and_look(w, &table[i].second, actor, track, at, 0));
	}
}

/* The message as its sender hands it in at the door; owner, funder and who is asked are all the municipality here. */
static pb_Submission *
at_the_door(struct walk *w, struct admit *door, const struct row *row, unsigned i, const char *case_id)
{
	const char *actor = strchr(row->actor, '@') == NULL ? "MUNICIPALITY@GM9901" : row->actor;
	pb_Submission *s = bench_say(&w->bench, case_id, row->message, actor, row->fields);
	const int roles[] = {(int)s->actor->role, 0};

	s->source = arena_printf(&w->bench.arena, "front-%u", i);
	record_timestamp(s->occurred_at, door->now_ms);
	admit_register(door, s->source, s->actor->organisation, roles);
	return s;
}

static uint64_t
written(struct admit *door)
{
	struct node_status status;

	node_status(door->node, &status);
	return status.head.seq;
}

/* I7: the same source and id is the same message, whatever it says and whatever became of the case. */
static void
test_a_message_told_twice_is_one_message(void **state)
{
	static const struct row theme = SAYS("ThemeRecorded", "", "CHAIR@ET-JZ91", "{region: JZ91, stuck_on: MANDATE}");
	static const int local_team[] = {ROLE_LOCAL_TEAM, 0};
	struct walk *w = *state;
	struct admit door;

	admit_open(&door);
	admit_register(&door, "front", "LT-GM9901", local_team);
	const char *case_id = admit_text(&door, admit_accept(&door, admit_case(&door))->case_id);
	for (unsigned i = 0; i <= COUNT_OF(rows); i++) {
		const struct row *row = i < COUNT_OF(rows) ? &rows[i] : &theme;
		const bool of_no_case = row == &theme || is_opening(row);
		pb_Submission *s = at_the_door(w, &door, row, i, of_no_case ? "" : case_id);
		const struct bytes message = RECORD_PACK(&w->bench.arena, s);
		const pb_AcceptedReply *first = admit_accept(&door, s);
		const uint64_t head = written(&door);
		const pb_AcceptedReply *second = admit_bytes(&door, message)->accepted;
		assert_true(second->duplicate);
		assert_string_equal(second->case_id, first->case_id);
		assert_int_equal(written(&door), head);
		record_timestamp(s->occurred_at, door.now_ms - 60000);
		admit_reject(&door, s, REASON_ID_REUSED, "id");
	}
	admit_close(&door);
}

static int
setup(void **state)
{
	struct walk *w = test_calloc(1, sizeof *w);

	walk_open(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct walk *w = *state;

	walk_close(w);
	test_free(w);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_every_message_in_every_state_of_the_grid),
	    TEST(test_what_a_message_leans_on_makes_the_difference),
	    TEST(test_solved_takes_both_facts),
	    TEST(test_the_wrong_organisation_is_refused),
	    cmocka_unit_test(test_no_message_is_left_out),
	    TEST(test_a_contradiction_has_an_outcome),
	    TEST(test_a_message_told_twice_is_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/check_situation.h"

#include "common/record.h"

enum shift {
#define CHECK_SHIFT(name, bits, max, why) SHIFT_##name, SHIFT_##name##_LAST = SHIFT_##name + (bits)-1,
	CHECK_FIELDS(CHECK_SHIFT)
#undef CHECK_SHIFT
	    SHIFT_END
};

_Static_assert(SHIFT_END == CHECK_SITUATION_BITS, "a situation has a bit in a map of all that could be");

const struct check_field_def check_fields[CHECK_FIELD_COUNT] = {
#define CHECK_DEF(name, bits, max, why) {#name, SHIFT_##name, bits, max, why},
    CHECK_FIELDS(CHECK_DEF)
#undef CHECK_DEF
};

situation_bits
check_unborn(void)
{
	situation_bits s = 0;

	s = check_with(s, CHECK_STATE, CASE_STATE_RECEIVED);
	s = check_with(s, CHECK_TRACK, TRACK_VOLUNTARY);
	return check_with(s, CHECK_GOVERNANCE, GOVERNANCE_NONE);
}

bool
check_is_kept(situation_bits s, enum check_field field)
{
	const unsigned state = check_get(s, CHECK_STATE), track = check_get(s, CHECK_TRACK);

	switch (field) {
	case CHECK_REALISED: return state == CASE_STATE_VERIFYING || state == CASE_STATE_SCALED_DOWN;
	case CHECK_EFFECTIVE: return state == CASE_STATE_SCALED_DOWN;
	case CHECK_WITHDRAWN:
	case CHECK_EC_DECIDED: return track == TRACK_VOLUNTARY;
	case CHECK_AUTHORISED: return track == TRACK_CLOSED_CARE;
	case CHECK_TEAM_SUPPORTS:
	case CHECK_SUPPORT_ASKED: return track == TRACK_COURT_MEASURE || track == TRACK_CLOSED_CARE;
	default: return true;
	}
}

situation_bits
check_normal(situation_bits s)
{
	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++) {
		if (!check_is_kept(s, field))
			s = check_with(s, field, 0);
	}
	return s;
}

bool
check_is_open(situation_bits s)
{
	const unsigned state = check_get(s, CHECK_STATE);

	return state != CASE_STATE_CLOSED && state != CASE_STATE_UNSPECIFIED;
}

/* ---- text ---- */

const char *
check_party_text(enum party party)
{
	static const char *const texts[] = {
	    [PARTY_NONE] = "nobody",
	    [PARTY_LOCAL_TEAM] = "local team",
	    [PARTY_MUNICIPALITY] = "municipality",
	    [PARTY_TEAM] = "team",
	    [PARTY_OTHER_TEAM] = "another team",
	    [PARTY_NATIONAL_TEAM] = "national team",
	    [PARTY_FORMER_LOCAL_TEAM] = "former local team",
	    [PARTY_FORMER_MUNICIPALITY] = "former municipality",
	    [PARTY_CENTRE] = "expertise centre",
	    [PARTY_OTHER] = "another organisation",
	};
	return texts[party];
}

static const char *
flag_text(enum check_field field)
{
	switch (field) {
	case CHECK_HAS_TEAM: return "a team in the region";
	case CHECK_WITHDRAWN: return "consent withdrawn";
	case CHECK_TEAM_SUPPORTS: return "team supports";
	case CHECK_CENTRE_SUPPORTS: return "centre supports";
	case CHECK_WAS_ACCEPTED: return "once accepted by a screener";
	case CHECK_REALISED: return "help realised";
	case CHECK_EFFECTIVE: return "help seen to work";
	case CHECK_EC_ASKED: return "centre asked";
	case CHECK_EC_DECIDED: return "centre once decided";
	case CHECK_AUTHORISED: return "authorised";
	case CHECK_PLACED: return "placed";
	case CHECK_MEASURE_ACTIVE: return "a court measure runs";
	case CHECK_SUPPORT_ASKED: return "support asked";
	default: return "";
	}
}

const char *
check_situation_text(struct arena *a, situation_bits s)
{
	const unsigned governance = check_get(s, CHECK_GOVERNANCE);
	const unsigned completions = check_get(s, CHECK_COMPLETIONS);
	const char *text = arena_printf(
	    a, "state %s, track %s, owner %s", record_code_of("CaseState", (int)check_get(s, CHECK_STATE)),
	    record_code_of("Track", (int)check_get(s, CHECK_TRACK)), check_party_text(check_get(s, CHECK_OWNER)));

	if (check_get(s, CHECK_PENDING) != PARTY_NONE)
		text =
		    arena_printf(a, "%s, asked to take over: %s", text, check_party_text(check_get(s, CHECK_PENDING)));
	if (governance != GOVERNANCE_NONE)
		text = arena_printf(a, "%s, governance %s", text, record_code_of("Governance", (int)governance));
	if (completions > 0)
		text = arena_printf(a, "%s, completion round %u", text, completions);
	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++) {
		if (flag_text(field)[0] != '\0' && check_get(s, field) != 0)
			text = arena_printf(a, "%s, %s", text, flag_text(field));
	}
	return text;
}

/* ---- what is always so ---- */

bool
check_may_own(situation_bits s, enum party party)
{
	if (party == PARTY_NONE || !check_is_open(s))
		return false;
	return check_get(s, CHECK_TRACK) == TRACK_VOLUNTARY || party == PARTY_MUNICIPALITY ||
	       party == PARTY_FORMER_MUNICIPALITY;
}

static bool
parties_are_sound(situation_bits s)
{
	const enum party owner = check_get(s, CHECK_OWNER), pending = check_get(s, CHECK_PENDING);

	if (check_get(s, CHECK_STATE) == CASE_STATE_CLOSED)
		return owner == PARTY_NONE && pending == PARTY_NONE && check_get(s, CHECK_TEAM_SUPPORTS) == 0 &&
		       check_get(s, CHECK_CENTRE_SUPPORTS) == 0;
	if (!check_may_own(s, owner) || (pending != PARTY_NONE && !check_may_own(s, pending)))
		return false;
	if (owner == pending && owner != PARTY_OTHER_TEAM && owner != PARTY_FORMER_LOCAL_TEAM &&
	    owner != PARTY_FORMER_MUNICIPALITY)
		return false;
	if (check_get(s, CHECK_HAS_TEAM) == 0 &&
	    (owner == PARTY_TEAM || pending == PARTY_TEAM || check_get(s, CHECK_TEAM_SUPPORTS) != 0))
		return false;
	return owner != PARTY_TEAM || check_get(s, CHECK_TEAM_SUPPORTS) == 0;
}

bool
check_is_sound(situation_bits s)
{
	const unsigned state = check_get(s, CHECK_STATE);

	if (state < CASE_STATE_SCREENING || check_get(s, CHECK_TRACK) == TRACK_UNSPECIFIED ||
	    check_get(s, CHECK_GOVERNANCE) == GOVERNANCE_UNSPECIFIED || s != check_normal(s) || !parties_are_sound(s))
		return false;
	if (state == CASE_STATE_CLOSED && check_get(s, CHECK_GOVERNANCE) != GOVERNANCE_NONE)
		return false;
	if ((check_get(s, CHECK_PLACED) != 0 && check_get(s, CHECK_TRACK) != TRACK_CLOSED_CARE) ||
	    (check_get(s, CHECK_MEASURE_ACTIVE) != 0 && check_get(s, CHECK_TRACK) == TRACK_VOLUNTARY))
		return false;
	/* I5: the two facts, on the way to closing. */
	if (state == CASE_STATE_VERIFYING && check_get(s, CHECK_REALISED) == 0)
		return false;
	if (state == CASE_STATE_SCALED_DOWN &&
	    (check_get(s, CHECK_REALISED) == 0 || check_get(s, CHECK_EFFECTIVE) == 0))
		return false;
	return true;
}

/* ---- deadlines ---- */

/* The fields that say whether what a deadline is about is there, besides the case being open. */
enum check_field
check_field_of(int kind)
{
	switch (kind) {
	case DEADLINE_KIND_TRANSFER:
	case DEADLINE_KIND_NATIONAL_PICKUP: return CHECK_PENDING;
	case DEADLINE_KIND_ESCALATION_OFFICIAL:
	case DEADLINE_KIND_ESCALATION_EXECUTIVE: return CHECK_GOVERNANCE;
	case DEADLINE_KIND_MEASURE_START:
	case DEADLINE_KIND_PROTECTOR_CONTACT:
	case DEADLINE_KIND_PER_CHILD:
	case DEADLINE_KIND_HELP_START:
	case DEADLINE_KIND_PROTECTION_PLAN: return CHECK_MEASURE_ACTIVE;
	case DEADLINE_KIND_PERSPECTIVE_CHECK:
	case DEADLINE_KIND_LIVING_PERSPECTIVE: return CHECK_PLACED;
	case DEADLINE_KIND_AUTH_EXPIRY: return CHECK_AUTHORISED;
	case DEADLINE_KIND_EC_DECISION: return CHECK_EC_ASKED;
	default: return CHECK_STATE;
	}
}

bool
check_may_run(const struct policy_view *view, situation_bits s, int kind)
{
	const unsigned state = check_get(s, CHECK_STATE), value = check_get(s, check_field_of(kind));
	const uint32_t states = view->deadlines[kind].ends_with;

	if (kind == DEADLINE_KIND_EVALUATION)
		return state == CASE_STATE_CLOSED;
	if (!check_is_open(s) || state == CASE_STATE_RECEIVED || (states != 0 && (states >> state & 1) == 0))
		return false;
	switch (check_field_of(kind)) {
	case CHECK_PENDING:
		return value != PARTY_NONE && (value == PARTY_NATIONAL_TEAM) == (kind == DEADLINE_KIND_NATIONAL_PICKUP);
	case CHECK_GOVERNANCE:
		return value ==
		       (kind == DEADLINE_KIND_ESCALATION_OFFICIAL ? GOVERNANCE_OFFICIAL : GOVERNANCE_EXECUTIVE);
	case CHECK_STATE: return true;
	default: return value != 0;
	}
}

static bool
has_term(const struct policy_view *view, int kind, unsigned track)
{
	return view->deadlines[kind].kind == kind && view->deadlines[kind].terms[track].unit != TERM_NONE;
}

int
check_kind_of_state(const struct policy_view *view, unsigned state, unsigned track)
{
	int kind = 0;

	switch (state) {
	case CASE_STATE_QUEUED: kind = DEADLINE_KIND_MEETING; break;
	case CASE_STATE_DELIBERATION: kind = DEADLINE_KIND_PLAN; break;
	/* In closed care the placement's own terms run. */
	case CASE_STATE_EXECUTING: kind = track == TRACK_CLOSED_CARE ? 0 : DEADLINE_KIND_REVIEW; break;
	default:
		for (int k = 1; kind == 0 && k <= DEADLINE_KIND_EVALUATION; k++) {
			if (view->deadlines[k].kind == k && view->deadlines[k].ends_with == (uint32_t)1 << state)
				kind = k;
		}
	}
	return kind != 0 && has_term(view, kind, track) ? kind : 0;
}

// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/signalling_decide.h"

int
signalling_subject(int code)
{
	switch (code) {
	case SIGNAL_CODE_S09_REGION_WITHOUT_TEAM:
	case SIGNAL_CODE_S21_DIRECT_TO_EC: return SIGNAL_SUBJECT_REGION;
	case SIGNAL_CODE_S10_TEAM_OVER_CAPACITY: return SIGNAL_SUBJECT_TEAM;
	case SIGNAL_CODE_S11_SAME_STUCK_REASON: return SIGNAL_SUBJECT_STUCK_REASON;
	case SIGNAL_CODE_S27_MESSAGES_LOST_LATE_OR_OUT_OF_ORDER: return SIGNAL_SUBJECT_SOURCE;
	default: return SIGNAL_SUBJECT_CASE;
	}
}

enum signal_span
signalling_span(int code)
{
	switch (code) {
	case SIGNAL_CODE_S01_DEADLINE_NEAR:
	case SIGNAL_CODE_S02_DEADLINE_MISSED: return SPAN_DUE_DAY;
	case SIGNAL_CODE_S05_ACTION_NOT_DELIVERED: return SPAN_DEADLINE;
	default: return SPAN_SUBJECT;
	}
}

bool
signalling_stage_is_new(int open_stage, int stage)
{
	ASSERT(open_stage >= 0);
	return stage > open_stage;
}

bool
signalling_survives_closing(int code, int deadline_kind, uint64_t kept)
{
	ASSERT(code > 0 && code < 64);
	return deadline_kind == DEADLINE_KIND_EVALUATION || (kept >> code & 1) != 0;
}

/* SG- and the part of the team's name behind ET-; a landing place has none. */
static struct code
steering_group(struct code team)
{
	struct code group = {{0}};

	if (strncmp(team.s, "ET-", 3) != 0)
		return group;
	group = team;
	group.s[0] = 'S';
	group.s[1] = 'G';
	return group;
}

static struct code
process_director(const struct signal_place *place)
{
	/* On the court track and in closed care the municipality owns; the team that supports directs the process. */
	if (place->track != TRACK_VOLUNTARY && place->team_supports)
		return place->team;
	return place->owner;
}

struct code
signalling_addressee(int addressee, const struct signal_place *place)
{
	switch (addressee) {
	case ADDRESSEE_OWNER: return place->owner;
	case ADDRESSEE_PROCESS_DIRECTOR: return process_director(place);
	case ADDRESSEE_ORGANISATION: return place->organisation;
	case ADDRESSEE_MUNICIPALITY_OFFICIALS:
	case ADDRESSEE_ALDERMEN: return place->funder;
	case ADDRESSEE_STEERING_GROUP: return steering_group(place->team);
	case ADDRESSEE_EXPERT_TEAM: return place->team;
	case ADDRESSEE_EXPERTISE_CENTRE: return place->centre;
	case ADDRESSEE_NATIONAL: return code_of("NAT-VWS");
	case ADDRESSEE_PLACEMENT_COORDINATION: return place->coordination;
	case ADDRESSEE_CERTIFIED_BODY: return place->certified_body;
	case ADDRESSEE_PROVIDER_BOARD:
	case ADDRESSEE_ATTENTION_OFFICER: return place->institution;
	case ADDRESSEE_CCE: return code_of("CCE");
	default: return (struct code){{0}};
	}
}

unsigned
signalling_organisations(const struct signal_place *place, const int *addressees, unsigned count,
			 struct code out[RULES_ARGUMENTS_MAX])
{
	unsigned found = 0;

	ASSERT(count <= RULES_ARGUMENTS_MAX);
	for (unsigned i = 0; i < count; i++) {
		const struct code code = signalling_addressee(addressees[i], place);
		bool known = code_is_empty(code);

		for (unsigned j = 0; j < found && !known; j++)
			known = code_equal(out[j], code);
		if (!known)
			out[found++] = code;
	}
	return found;
}

bool
signalling_same_side(const char *a, const char *b)
{
	a += strncmp(a, "LT-", 3) == 0 ? 3 : 0;
	b += strncmp(b, "LT-", 3) == 0 ? 3 : 0;
	return a[0] != '\0' && strcmp(a, b) == 0;
}

bool
signalling_speaks_for(int addressee, const struct signal_place *place, int role, const char *organisation)
{
	switch (addressee) {
	case ADDRESSEE_PURCHASING: return role == ROLE_PURCHASING;
	case ADDRESSEE_INSPECTORATES: return role == ROLE_INSPECTORATE;
	case ADDRESSEE_OPERATOR: return role == ROLE_OPERATOR;
	default: return signalling_same_side(signalling_addressee(addressee, place).s, organisation);
	}
}

bool
signalling_is_awaited(int code)
{
	return code != SIGNAL_CODE_S01_DEADLINE_NEAR;
}

bool
signalling_sees_cases(int addressee, int code)
{
	switch (addressee) {
	case ADDRESSEE_INSPECTORATES: return false;
	case ADDRESSEE_NATIONAL: return code == SIGNAL_CODE_S22_BACK_AT_NATIONAL_LEVEL;
	default: return true;
	}
}

bool
signalling_takes_up(int follow_up)
{
	return follow_up != FOLLOW_UP_CODE_NOT_FOR_US;
}

static int32_t
bounded(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

static struct signal_count
counted(unsigned fact, int64_t bound, const int64_t *facts, const char *unit)
{
	int64_t evidence = facts[fact];

	if (fact == SIGNALS_QUEUE_BEYOND) {
		evidence = facts[SIGNALS_TEAM_QUEUE];
		bound += evidence - facts[fact];
	} else if (fact == SIGNALS_THEME_STEP && facts[fact] > 0) {
		evidence = facts[SIGNALS_THEME_REPORTS];
		bound *= evidence / facts[fact];
	}
	return (struct signal_count){bounded(evidence), bounded(bound), unit, (int)fact};
}

struct signal_count
signalling_count(const struct rules_row *row, const int64_t *facts)
{
	for (unsigned i = 0; i < row->when_count; i++) {
		const struct rules_condition *when = &row->when[i];
		const char *unit = scope_signals_unit(when->fact);

		if (when->test == RULE_TEST_AT_LEAST && unit[0] != '\0')
			return counted(when->fact, when->bound, facts, unit);
	}
	return (struct signal_count){1, 1, "EVENTS", -1};
}

int64_t
signalling_permille(int64_t part, int64_t whole)
{
	ASSERT(part >= 0 && whole >= 0);
	return whole == 0 ? 0 : (part * 1000 + whole - 1) / whole;
}

/* Longer windows, periods and larger figures are taken for as much as this. */
#define WINDOW_DAYS_MAX 36600
#define MONTHS_MAX      1200
#define FIGURE_MAX      INT64_C(1000000000000)

/* What must still be there when its quarter is over. */
#define QUARTER_KEPT ((struct term){.unit = TERM_MONTHS, .n = 6})

enum signal_window
signalling_window_of(int fact)
{
	switch (fact) {
	case SIGNALS_NOT_EFFECTIVE: return WINDOW_NOT_EFFECTIVE;
	case SIGNALS_DESK_CONTACTS: return WINDOW_DESK;
	case SIGNALS_ABSENCES: return WINDOW_ABSENT;
	case SIGNALS_NO_ALTERNATIVE: return WINDOW_NO_ALTERNATIVE;
	case SIGNALS_NO_FOLLOW_UP: return WINDOW_NO_FOLLOW_UP;
	case SIGNALS_TRANSFERS: return WINDOW_TRANSFER;
	case SIGNALS_SECLUSIONS: return WINDOW_SECLUSION;
	case SIGNALS_STILL_CLOSED: return WINDOW_STILL_CLOSED;
	case SIGNALS_STILL_EXTENDED: return WINDOW_STILL_EXTENDED;
	case SIGNALS_WITHOUT_PERSPECTIVE: return WINDOW_WITHOUT_PERSPECTIVE;
	case SIGNALS_TRANSFER_PERMILLE: return WINDOW_REGION_TRANSFER;
	case SIGNALS_SECLUSION_PERMILLE: return WINDOW_INSTITUTION_SECLUSION;
	case SIGNALS_STUCK:
	case SIGNALS_STUCK_REGIONS:
	case SIGNALS_STUCK_CENTRES: return WINDOW_STUCK;
	default: return SIGNAL_WINDOWS;
	}
}

const char *
signalling_window_value(enum signal_window window)
{
	switch (window) {
	case WINDOW_ABSENT: return "absent_window";
	case WINDOW_NO_ALTERNATIVE:
	case WINDOW_NO_FOLLOW_UP: return "closed_window";
	case WINDOW_TRANSFER: return "transfer_window";
	case WINDOW_SECLUSION: return "seclusion_window";
	case WINDOW_STUCK: return "stuck_window";
	case WINDOW_REGION_TRANSFER:
	case WINDOW_INSTITUTION_SECLUSION: return "base_window";
	default: return NULL;
	}
}

struct term
signalling_window(const struct policy_view *view, enum signal_window window)
{
	const char *value = signalling_window_value(window);

	ASSERT(window < SIGNAL_WINDOWS);
	if (window >= WINDOW_APPLICATION && window <= WINDOW_EVALUATION_MISSED)
		return QUARTER_KEPT;
	if (value == NULL)
		return (struct term){.unit = TERM_NONE};
	return policy_value_term(view, value, (struct term){.unit = TERM_NONE});
}

bool
signalling_in_window(struct term length, cal_day day, cal_day today)
{
	static const struct calendar plain;

	/* First day on which it no longer counts; thresholds are not moved. */
	length.never_moves = true;
	const cal_day end = cal_due(&plain, day, length);

	return end == CAL_NONE || today < end;
}

cal_day
signalling_window_start(struct term length, cal_day today)
{
	/* Not later than the first day: a month has at most 31 days, and a day off has a working day near. */
	const int64_t back = length.unit == TERM_MONTHS         ? (int64_t)length.n * 31
			     : length.unit == TERM_WORKING_DAYS ? (int64_t)length.n * 3 + 14
								: length.n;
	cal_day day = today - (cal_day)(back > WINDOW_DAYS_MAX ? WINDOW_DAYS_MAX : back);

	if (length.unit == TERM_NONE || length.n <= 0)
		return CAL_NONE;
	while (day < today && !signalling_in_window(length, day, today))
		day++;
	return day;
}

bool
signalling_counts_once(enum signal_window window)
{
	return window == WINDOW_STUCK || window == WINDOW_STILL_CLOSED || window == WINDOW_STILL_EXTENDED ||
	       window == WINDOW_WITHOUT_PERSPECTIVE;
}

int
signalling_months(cal_day from, cal_day to)
{
	if (from == CAL_NONE || to == CAL_NONE || to < from)
		return 0;
	const int64_t days = (int64_t)to - from + 1;
	const int64_t months = (days * 12 + 182) / 365;

	return months < 1 ? 1 : months > MONTHS_MAX ? MONTHS_MAX : (int)months;
}

int64_t
signalling_index_permille(struct signal_stretch now, struct signal_stretch base)
{
	const int64_t count = now.count > FIGURE_MAX ? FIGURE_MAX : now.count;
	const int64_t figure = base.count > FIGURE_MAX ? FIGURE_MAX : base.count;
	const bool alike = now.months <= 0 || base.months <= 0;

	if (figure <= 0 || count <= 0)
		return 0;
	return signalling_permille(count * (alike ? 1 : base.months), figure * (alike ? 1 : now.months));
}

unsigned
signalling_crowded(const unsigned *cases_by_day, unsigned days, int32_t cases_a_meeting)
{
	unsigned crowded = 0;

	while (cases_a_meeting > 0 && crowded < days && cases_by_day[crowded] > (unsigned)cases_a_meeting)
		crowded++;
	return crowded;
}

int64_t
signalling_beyond(int64_t queued, struct policy_capacity capacity, int32_t days_ahead)
{
	if (capacity.cases_per_meeting == 0 || capacity.cycle_days == 0)
		return 0;
	return queued - (int64_t)(days_ahead / capacity.cycle_days) * capacity.cases_per_meeting;
}

int64_t
signalling_theme_step(int64_t reports, int32_t each)
{
	return each > 0 && reports % each == 0 ? reports / each : 0;
}

bool
signalling_quarter_before(cal_day day, cal_day *from, cal_day *to)
{
	const struct cal_date date = cal_to_date(day);

	if (date.day != 1 || (date.month - 1) % 3 != 0)
		return false;
	*from = date.month == 1 ? cal_from_date(date.year - 1, 10, 1) : cal_from_date(date.year, date.month - 3, 1);
	*to = day - 1;
	return true;
}

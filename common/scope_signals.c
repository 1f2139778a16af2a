// SPDX-License-Identifier: EUPL-1.2
#include "common/scope_signals.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct fact_def facts[] = {
    [SIGNALS_STATE] = {"state", FACT_ENUM, "CaseState", "state of the case"},
    [SIGNALS_TRACK] = {"track", FACT_ENUM, "Track", "track of the case"},
    [SIGNALS_LEVEL] = {"level", FACT_ENUM, "Level", "level of the case"},
    [SIGNALS_GOVERNANCE] = {"governance", FACT_ENUM, "Governance", "open escalation of governance"},
    [SIGNALS_MANDATE] = {"mandate", FACT_ENUM, "MandateState", "mandate of the present funder"},
    [SIGNALS_CONSENT] = {"consent", FACT_ENUM, "ConsentState", "consent"},
    [SIGNALS_MEASURE_ACTIVE] = {"measure_active", FACT_BOOL, NULL, "a court measure runs"},
    [SIGNALS_PLACED] = {"placed", FACT_BOOL, NULL, "in a closed placement"},
    [SIGNALS_HAS_TEAM] = {"has_team", FACT_BOOL, NULL, "the region has a team or a landing place"},
    [SIGNALS_TEAM_SUPPORTS] = {"team_supports", FACT_BOOL, NULL, "that team supports the case"},
    [SIGNALS_OPEN] = {"open", FACT_SET, "SignalCode", "signals about this case that are open"},
    [SIGNALS_DAYS_STILL] = {"days_still", FACT_INT, NULL, "calendar days since the last accepted message"},
    [SIGNALS_SIGNAL] = {"signal", FACT_ENUM, "SignalCode", "the signal that was raised, ended or not acknowledged"},
    [SIGNALS_SUBJECT] = {"subject", FACT_ENUM, "SignalSubject", "what that signal is about"},
    [SIGNALS_STAGE] = {"stage", FACT_INT, NULL, "its stage"},
    [SIGNALS_TOLD] = {"told", FACT_SET, "Addressee", "who was told of it so far"},
    [SIGNALS_WAS_MISSED] = {"was_missed", FACT_BOOL, NULL, "S02 is open for this kind and reference"},
    [SIGNALS_OVERDUE_WD] = {"overdue_wd", FACT_INT, NULL, "working days since the missed due day of the alarm"},
    [SIGNALS_SEQUENCE_MISSING] = {"sequence_missing", FACT_INT, NULL, "messages missing in the numbers of the source"},
    [SIGNALS_SENDS_DAILY] = {"sends_daily", FACT_BOOL, NULL, "the source sends something every working day"},
    [SIGNALS_NOT_EFFECTIVE] = {"not_effective", FACT_INT, NULL, "times that help did not work in this case"},
    [SIGNALS_DESK_CONTACTS] = {"desk_contacts", FACT_INT, NULL, "contacts of this case with the national desk"},
    [SIGNALS_ABSENCES] = {"absences", FACT_INT, NULL, "absences of this municipality within `absent_window`"},
    [SIGNALS_NO_ALTERNATIVE] =
	{"no_alternative", FACT_INT, NULL,
	 "closed placements in the region within `closed_window` because nothing else was found"},
    [SIGNALS_NO_FOLLOW_UP] = {"no_follow_up", FACT_INT, NULL,
			      "extensions in the region within `closed_window` because nothing follows"},
    [SIGNALS_TRANSFERS] = {"transfers", FACT_INT, NULL,
			   "moves of this youth between institutions within `transfer_window`"},
    [SIGNALS_SECLUSIONS] = {"seclusions", FACT_INT, NULL, "seclusions of this youth within `seclusion_window`"},
    [SIGNALS_STILL_CLOSED] = {"still_closed", FACT_INT, NULL, "cases of the region with S12 open"},
    [SIGNALS_STILL_EXTENDED] = {"still_extended", FACT_INT, NULL, "cases of the region with S13 open"},
    [SIGNALS_WITHOUT_PERSPECTIVE] = {"without_perspective", FACT_INT, NULL,
				     "cases of the region with stage 2 of S14 open"},
    [SIGNALS_TRANSFER_PERMILLE] = {"transfer_permille", FACT_INT, NULL,
				   "transfers of the region within `base_window`, per thousand of its base figure (S15 "
				   "or K21), rounded up; 0 without one"},
    [SIGNALS_SECLUSION_PERMILLE] = {"seclusion_permille", FACT_INT, NULL,
				    "seclusions of the institution within `base_window`, per thousand of its base "
				    "figure (S16 or K22), rounded up; 0 without one"},
    [SIGNALS_STUCK] = {"stuck", FACT_INT, NULL, "cases of the region stuck on the same within `stuck_window`"},
    [SIGNALS_STUCK_REGIONS] = {"stuck_regions", FACT_INT, NULL, "regions of the centre with S11 open for the same"},
    [SIGNALS_STUCK_CENTRES] = {"stuck_centres", FACT_INT, NULL, "centres with stage 2 of S11 open for the same"},
    [SIGNALS_TEAM_QUEUE] = {"team_queue", FACT_INT, NULL, "voluntary cases queued with the team"},
    [SIGNALS_QUEUE_BEYOND] =
	{"queue_beyond", FACT_INT, NULL,
	 "of these, how many find no place at the team's meetings within `meeting_ahead` days (R30)"},
    [SIGNALS_CROWDED_MEETINGS] = {"crowded_meetings", FACT_INT, NULL,
				  "last meeting days of the team in a row with more cases than it takes (R30)"},
    [SIGNALS_THEME_REPORTS] = {"theme_reports", FACT_INT, NULL,
			       "reports in a row, this one included, that leave this theme of the region unsolved"},
    [SIGNALS_THEME_STEP] =
	{"theme_step", FACT_INT, NULL,
	 "how many levels the theme goes up with this report: one with each `theme_reports` of them; "
	 "0 between (R56)"},
    [SIGNALS_APPLICATIONS] = {"applications", FACT_INT, NULL, "applications to a centre in the past quarter"},
    [SIGNALS_DIRECT_PERMILLE] = {"direct_permille", FACT_INT, NULL,
				 "of these without consideration by a team, per thousand, rounded up"},
    [SIGNALS_EVALUATIONS] = {"evaluations", FACT_INT, NULL,
			     "closed cases whose evaluation was done or missed in the past quarter"},
    [SIGNALS_OVERDUE_PERMILLE] = {"overdue_permille", FACT_INT, NULL, "of these missed, per thousand, rounded up"},
    [SIGNALS_PLAN_LAWS] = {"plan_laws", FACT_INT, NULL, "different laws that the tasks of the plan fall under"},
    [SIGNALS_TASKS_WITHOUT_FUNDER] = {"tasks_without_funder", FACT_INT, NULL, "tasks of the plan that nobody pays yet"},
    [SIGNALS_FAMILY_INVITED] = {"family_invited", FACT_BOOL, NULL, "parent and youth were invited to the meeting"},
    [SIGNALS_FAMILY_PRESENT] = {"family_present", FACT_BOOL, NULL, "parent or youth was at the meeting"},
    [SIGNALS_FAMILY_ABSENT_MEETINGS] = {"family_absent_meetings", FACT_INT, NULL,
					"team meetings in a row without parent and youth, this one included"},
};

static const struct verb_def verbs[] = {
    [SIGNALS_RAISE] = {"raise", "SignalCode int Addressee Addressee*",
		       "a signal reaches a stage; addressees of that stage"},
    [SIGNALS_RAISE_FOR] = {"raise_for", "SignalSubject SignalCode int Addressee Addressee*",
			   "the same about another subject of the event than the signal's own, without the case"},
    [SIGNALS_TELL] = {"tell", "Addressee Addressee*",
		      "the signal of the event is told to these as well; its stage stays"},
    [SIGNALS_CLEAR] = {"clear", "SignalCode SignalCode*", "open signals end"},
    [SIGNALS_CLEAR_FOR] = {"clear_for", "SignalSubject SignalCode SignalCode*",
			   "open signals about another subject of the event end"},
    [SIGNALS_CLEAR_DEADLINE] = {"clear_deadline", "SignalCode SignalCode*",
				"open signals about the deadline of the event end"},
    [SIGNALS_CLEAR_ALL] = {"clear_all", "SignalCode*",
			   "all open signals of the case end, but these and those about EVALUATION"},
    [SIGNALS_COUNT] = {"count", "Window Window*", "the event is counted"},
    [SIGNALS_UNCOUNT] = {"uncount", "Window Window*", "the case is no longer counted"},
    [SIGNALS_ALARM] = {"alarm", "Alarm int", "an alarm rings after so many calendar days; replaces its former time"},
    [SIGNALS_ALARM_WD] = {"alarm_wd", "Alarm int",
			  "an alarm rings when so many working days after the due day of the event have passed"},
    [SIGNALS_STOP] = {"stop", "", "ends the table"},
};

static const char *const windows[] = {
    [WINDOW_NOT_EFFECTIVE] = "NOT_EFFECTIVE",
    [WINDOW_DESK] = "DESK",
    [WINDOW_ABSENT] = "ABSENT",
    [WINDOW_NO_ALTERNATIVE] = "NO_ALTERNATIVE",
    [WINDOW_NO_FOLLOW_UP] = "NO_FOLLOW_UP",
    [WINDOW_TRANSFER] = "TRANSFER",
    [WINDOW_SECLUSION] = "SECLUSION",
    [WINDOW_STUCK] = "STUCK",
    [WINDOW_MEETING] = "MEETING",
    [WINDOW_APPLICATION] = "APPLICATION",
    [WINDOW_DIRECT] = "DIRECT",
    [WINDOW_EVALUATION] = "EVALUATION",
    [WINDOW_EVALUATION_MISSED] = "EVALUATION_MISSED",
    [WINDOW_REGION_TRANSFER] = "REGION_TRANSFER",
    [WINDOW_INSTITUTION_SECLUSION] = "INSTITUTION_SECLUSION",
    [WINDOW_STILL_CLOSED] = "STILL_CLOSED",
    [WINDOW_STILL_EXTENDED] = "STILL_EXTENDED",
    [WINDOW_WITHOUT_PERSPECTIVE] = "WITHOUT_PERSPECTIVE",
    [SIGNAL_WINDOWS] = NULL,
};

static const char *const alarms[] = {
    [ALARM_MOVEMENT] = "MOVEMENT",
    [ALARM_BRIDGING] = "BRIDGING",
    [ALARM_SILENCE] = "SILENCE",
    [SIGNAL_ALARMS] = NULL,
};

static const struct rules_enum enums[] = {
    {"Window", windows},
    {"Alarm", alarms},
};

const struct rules_scope scope_signals = {
    .name = "signals",
    .facts = facts,
    .fact_count = COUNT(facts),
    .verbs = verbs,
    .verb_count = COUNT(verbs),
    .enums = enums,
    .enum_count = COUNT(enums),
};

const char *
scope_signals_unit(unsigned fact)
{
	switch (fact) {
	case SIGNALS_DAYS_STILL: return "DAYS";
	case SIGNALS_OVERDUE_WD: return "WORKING-DAYS";
	case SIGNALS_SEQUENCE_MISSING: return "MESSAGES";
	case SIGNALS_DESK_CONTACTS: return "CONTACTS";
	case SIGNALS_NO_ALTERNATIVE: return "PLACEMENTS";
	case SIGNALS_NO_FOLLOW_UP: return "EXTENSIONS";
	case SIGNALS_TRANSFERS: return "TRANSFERS";
	case SIGNALS_SECLUSIONS: return "SECLUSIONS";
	case SIGNALS_STILL_CLOSED:
	case SIGNALS_STILL_EXTENDED:
	case SIGNALS_WITHOUT_PERSPECTIVE:
	case SIGNALS_STUCK:
	case SIGNALS_TEAM_QUEUE:
	case SIGNALS_QUEUE_BEYOND:
	case SIGNALS_APPLICATIONS:
	case SIGNALS_EVALUATIONS: return "CASES";
	case SIGNALS_STUCK_REGIONS: return "REGIONS";
	case SIGNALS_STUCK_CENTRES: return "CENTRES";
	case SIGNALS_ABSENCES:
	case SIGNALS_FAMILY_ABSENT_MEETINGS: return "MEETINGS";
	case SIGNALS_CROWDED_MEETINGS: return "MEETING-DAYS";
	case SIGNALS_THEME_REPORTS:
	case SIGNALS_THEME_STEP: return "REPORTS";
	case SIGNALS_TRANSFER_PERMILLE:
	case SIGNALS_SECLUSION_PERMILLE:
	case SIGNALS_DIRECT_PERMILLE:
	case SIGNALS_OVERDUE_PERMILLE: return "PER-MILLE";
	case SIGNALS_PLAN_LAWS: return "LAWS";
	case SIGNALS_TASKS_WITHOUT_FUNDER: return "TASKS";
	case SIGNALS_NOT_EFFECTIVE: return "TIMES";
	default: return "";
	}
}

// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/signal_cases.h"

#define MONDAY            "2021-03-01T10:00"
#define OPEN              "open case-1"
#define ONE               "1 of 1 EVENTS"
#define MISSED(kind, due) "routing case-1 DeadlineMissed {kind: " kind ", due: " due "}"
#define NEAR(kind, due)   "routing case-1 DeadlineWarning {kind: " kind ", due: " due "}"
#define NOTED(case_id, note)                                                                                           \
	"route " case_id " {kind: TRANSITION, track: VOLUNTARY, to_state: EXECUTING, notes: [" note "]}"
#define PLACED(case_id, note) "route " case_id " {kind: TRANSITION, track: CLOSED_CARE, to_state: EXECUTING" note "}"
#define OUT(case_id)          "say " case_id " ClosedPlacementEnded PROVIDER@P-HAVEN"
#define EXTENDED(case_id)                                                                                              \
	"say " case_id                                                                                                 \
	" AuthorisationExtended JUVENILE_COURT@GM9901 {valid_until: 2021-09-01, reason: NO_TIMELY_FOLLOW_UP}"
#define MOVED(case_id)    "say " case_id " TransferRegistered PROVIDER@P-HAVEN {to: P-BAAI}"
#define SECLUDED(case_id) "say " case_id " SeclusionRegistered PROVIDER@P-HAVEN {seclusion_kind: SECLUSION}"
#define INVITED                                                                                                        \
	"say case-1 MeetingScheduled CHAIR@ET-JZ91 {meeting_on: 2021-03-08}\n"                                         \
	"say case-1 ParticipantInvited CHAIR@ET-JZ91 {participants: [PARENT, YOUTH]}\n"
#define MET(present) "say case-1 MeetingHeld CHAIR@ET-JZ91 {present: [" present "]}"
#define DESK         "say case-1 CaseSubmitted PARENT@DESK {submitter: PARENT, asks: HELP, channel: NATIONAL_DESK}"
#define TASKS(a, b)                                                                                                    \
	"say case-1 PlanAgreed CHAIR@ET-JZ91 {actions: [{id: A1, organisation: P-REE" a                                \
	"}, {id: A2, organisation: P-EGEL" b "}]}"
#define NOWHERE                                                                                                        \
	"kind: OPENED, track: VOLUNTARY, to_state: SCREENING, funder: GM9999, region: JZ99, "                          \
	"expertise_centre: EC-TEST"
#define BASE(code, subject, count)                                                                                     \
	"baselines: [{code: " code ", subject_id: " subject ", count: " count                                          \
	", period_from: 2018-01-01, period_to: 2018-12-31}]"

const struct signal_case_of signal_cases[] = {
    {"S01", NULL, NULL, MONDAY, OPEN "\nrouting case-1 DeadlineSet {kind: SCREENING, due: 2021-03-08}",
     NEAR("SCREENING", "2021-03-08"), "+S01/SCREENING OWNER = LT-GM9901", ONE,
     "routing case-1 DeadlineCleared {kind: SCREENING, due: 2021-03-08}", "-S01/SCREENING"},
    {"S02", NULL, NULL, MONDAY, OPEN "\n" NEAR("SCREENING", "2021-03-08"),
     "at 2021-03-09T00:00\n" MISSED("SCREENING", "2021-03-08"), "+S02/SCREENING OWNER,PROCESS_DIRECTOR = LT-GM9901",
     ONE, "routing case-1 DeadlineCleared {kind: SCREENING, due: 2021-03-08, late_wd: 2}", "-S02/SCREENING"},
    {"S02", "a term of law", NULL, MONDAY, OPEN,
     "routing case-1 DeadlineMissed {kind: PROTECTION_PLAN, due: 2021-02-26, hard: true}",
     "+S02/PROTECTION_PLAN OWNER,PROCESS_DIRECTOR,ALDERMEN = LT-GM9901,GM9901", ONE,
     "routing case-1 DeadlineCleared {kind: PROTECTION_PLAN, due: 2021-02-26, late_wd: 2}", "-S02/PROTECTION_PLAN"},
    {"S03", NULL, NULL, MONDAY, OPEN "\nat 2021-04-05T23:59", "at 2021-04-06T00:00", "+S03 OWNER = LT-GM9901",
     "36 of 36 DAYS", "say case-1 PlanReviewed CHAIR@ET-JZ91", "-S03"},
    {"S03.2", NULL, NULL, MONDAY, OPEN "\nat 2021-04-19T23:59", "at 2021-04-20T00:00",
     "+S03.2 MUNICIPALITY_OFFICIALS = GM9901", "50 of 50 DAYS", "say case-1 PlanReviewed CHAIR@ET-JZ91", "-S03.2"},
    {"S04", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 WaitingTimeRecorded PROVIDER@P-REE {expected_days: 75}\n" NEAR("BRIDGING", "2021-03-15"),
     "at 2021-03-16T00:00\n" MISSED("BRIDGING", "2021-03-15"),
     "+S04 ORGANISATION,MUNICIPALITY_OFFICIALS = P-REE,GM9901", ONE,
     "say case-1 BridgingCareStarted PROVIDER@P-REE {bridging_kind: DAY_CARE}", "-S04"},
    {"S04.2", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 WaitingTimeRecorded PROVIDER@P-REE {expected_days: 75}\n"
	  "at 2021-03-16T00:00\n" MISSED("BRIDGING", "2021-03-15") "\nat 2021-03-29T23:59",
     "at 2021-03-30T00:00", "+S04.2 ALDERMEN = GM9901", "10 of 10 WORKING-DAYS",
     "say case-1 HelpRealised LOCAL_TEAM@LT-GM9901", "-S04.2"},
    {"S05", NULL, NULL, MONDAY,
     OPEN "\n" TASKS("", "") "\nrouting case-1 DeadlineWarning {kind: ACTION, reference: A1, due: 2021-03-29}",
     "routing case-1 DeadlineMissed {kind: ACTION, reference: A1, due: 2021-03-29}",
     "+S05/ACTION/A1 ORGANISATION = P-REE", ONE, "say case-1 PlanActionCompleted PROVIDER@P-REE {action: A1}",
     "-S05/ACTION/A1"},
    {"S06", NULL, NULL, MONDAY, OPEN "\nsay case-1 MandateRefused MUNICIPALITY@GM9901",
     NOTED("case-1", "MANDATE_TAKEN_BACK"), "+S06 STEERING_GROUP = SG-JZ91", ONE,
     "say case-1 MandateGranted MUNICIPALITY@GM9901", "-S06"},
    {"S07", NULL, NULL, MONDAY, OPEN "\n" INVITED MET("PARENT"), NOTED("case-1", "ABSENT"),
     "+S07 MUNICIPALITY_OFFICIALS = GM9901", ONE,
     "say case-1 EscalationDecided MUNICIPALITY@GM9901 {kind: OFFICIAL, decision: RESOLVED}", "-S07"},
    /* The first of three absences lies half a year back, and no longer counts. */
    {"S07.2", NULL, NULL, "2020-08-31T10:00",
     OPEN "\n" NOTED("case-1", "ABSENT") "\nat 2021-03-01T10:00\nopen case-2\n" NOTED("case-2", "ABSENT"),
     "at 2021-08-31T10:00\nopen case-3\n" NOTED("case-3", "ABSENT"), "+S07.2 STEERING_GROUP = SG-JZ91",
     "2 of 2 MEETINGS", "say case-3 MandateGranted MUNICIPALITY@GM9901", "-S07.2"},
    {"S08", NULL, NULL, MONDAY, OPEN "\nsay case-1 HelpRealised LOCAL_TEAM@LT-GM9901",
     "say case-1 HelpNotEffective CHAIR@ET-JZ91 {asked: [PARENT]}", "+S08 PROCESS_DIRECTOR = LT-GM9901", ONE,
     "say case-1 HelpEffectiveConfirmed CHAIR@ET-JZ91 {asked: [PARENT]}", "-S08"},
    {"S08.2", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 HelpNotEffective CHAIR@ET-JZ91 {asked: [PARENT]}\n"
	  "open case-2\nsay case-2 HelpNotEffective CHAIR@ET-JZ91 {asked: [PARENT]}",
     "say case-1 HelpNotEffective CHAIR@ET-JZ91 {asked: [PARENT]}", "+S08.2 EXPERTISE_CENTRE = EC-TEST", "2 of 2 TIMES",
     "say case-1 HelpEffectiveConfirmed CHAIR@ET-JZ91 {asked: [PARENT]}", "-S08.2"},
    {"S09", NULL, NULL, MONDAY, OPEN,
     "say case-2 CaseSubmitted LOCAL_TEAM@LT-GM9999 {submitter: PARENT, asks: HELP} in {" NOWHERE "}",
     "+S09 ALDERMEN,EXPERTISE_CENTRE,NATIONAL = GM9999,EC-TEST,NAT-VWS @JZ99", ONE,
     "tell RegistryAdopted ADMINISTRATOR@NAT-VWS {version: 1.1.0, valid_from: 2021-03-02, rows: [{row: LANDING_PLACE, "
     "region: JZ99, organisation: LP-JZ99, functions: [CONSULTATION, PROCESS_DIRECTION, SIGNALLING, LEARNING], "
     "known_to_all: true}]}\nat 2021-03-02T00:00",
     "-S09 @JZ99"},
    {"S10", NULL, NULL, MONDAY, "queue 4", "queue 1", "+S10 STEERING_GROUP = SG-JZ91 @ET-JZ91", "5 of 5 CASES",
     "route q-1 {kind: TRANSITION, track: VOLUNTARY, to_state: DELIBERATION}", "-S10 @ET-JZ91"},
    {"S10", "meetings with more cases than a team takes", NULL, MONDAY,
     "discuss 3\nat 2021-03-15T10:00\ndiscuss 2\nat 2021-03-29T10:00\ndiscuss 3\nat 2021-04-12T10:00\ndiscuss 2",
     "discuss 1", "+S10 STEERING_GROUP = SG-JZ91 @ET-JZ91", "2 of 2 MEETING-DAYS",
     "queue 1\nroute q-1 {kind: TRANSITION, track: VOLUNTARY, to_state: DELIBERATION}", "-S10 @ET-JZ91"},
    /* One of another reason, and one that is a year old. */
    {"S11", NULL, NULL, "2020-03-01T10:00",
     "stuck JZ91 EC-TEST 1\nat 2021-03-01T10:00\nstuck JZ91 EC-TEST 2\n" OPEN
     "\nsay case-1 StuckDeclared LOCAL_TEAM@LT-GM9901 {stuck_on: CONTENT}",
     "stuck JZ91 EC-TEST 1", "+S11 STEERING_GROUP,ALDERMEN,PURCHASING = SG-JZ91,GM9901 @JZ91-MONEY", "3 of 3 CASES",
     "tell ThemeRecorded CHAIR@ET-JZ91 {region: JZ91, stuck_on: MONEY, advice: COOPERATION}", "-S11 @JZ91-MONEY"},
    {"S11.2", NULL, NULL, MONDAY, "stuck JZ81 EC-A 3\nstuck JZ82 EC-A 3\nstuck JZ83 EC-B 3\nstuck JZ84 EC-A 2",
     "stuck JZ84 EC-A 1", "+S11.2 EXPERTISE_CENTRE = EC-A @JZ84-MONEY", "3 of 3 REGIONS",
     "tell ThemeRecorded CHAIR@ET-JZ91 {region: JZ84, stuck_on: MONEY, advice: NEW_SUPPLY}", "-S11.2 @JZ84-MONEY"},
    {"S11.3", NULL, NULL, MONDAY,
     "stuck JZ81 EC-A 3\nstuck JZ82 EC-A 3\nstuck JZ83 EC-A 3\nstuck JZ84 EC-B 3\nstuck JZ85 EC-B 3\nstuck JZ86 EC-B "
     "3\n"
     "stuck JZ87 EC-C 3\nstuck JZ88 EC-C 3\nstuck JZ89 EC-C 2",
     "stuck JZ89 EC-C 1", "+S11.3 NATIONAL = NAT-VWS @JZ89-MONEY", "3 of 3 CENTRES",
     "tell ThemeRecorded CHAIR@ET-JZ91 {region: JZ89, stuck_on: MONEY, resolved: true}", "-S11.3 @JZ89-MONEY"},
    {"S12", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 ClosedPlacementStarted PROVIDER@P-HAVEN {provider: P-HAVEN, reason: SAFETY}",
     PLACED("case-1", ", notes: [NO_ALTERNATIVE]"), "+S12 PURCHASING,EXPERTISE_CENTRE = EC-TEST", ONE, OUT("case-1"),
     "-S12"},
    {"S12.2", NULL, NULL, "2020-03-01T10:00",
     "open case-0\n" PLACED("case-0", ", notes: [NO_ALTERNATIVE]") "\nat 2021-03-01T10:00\nopen case-1\n" PLACED(
	 "case-1", ", notes: [NO_ALTERNATIVE]") "\nopen case-2\n" PLACED("case-2", ", notes: [NO_ALTERNATIVE]"),
     "open case-3\n" PLACED("case-3", ", notes: [NO_ALTERNATIVE]"), "+S12.2 ALDERMEN = GM9901 @JZ91",
     "3 of 3 PLACEMENTS", OUT("case-0") "\n" OUT("case-1") "\n" OUT("case-2") "\n" OUT("case-3"), "-S12.2 @JZ91"},
    {"S13", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 AuthorisationExtended JUVENILE_COURT@GM9901 {valid_until: 2021-09-01, reason: TREATMENT}",
     EXTENDED("case-1"), "+S13 ALDERMEN,EXPERTISE_CENTRE = GM9901,EC-TEST", ONE, OUT("case-1"), "-S13"},
    {"S13.2", NULL, NULL, "2020-03-01T10:00",
     "open case-0\n" EXTENDED("case-0") "\nat 2021-03-01T10:00\nopen case-1\n" EXTENDED(
	 "case-1") "\nopen case-2\n" EXTENDED("case-2"),
     "open case-3\n" EXTENDED("case-3"), "+S13.2 NATIONAL = NAT-VWS @JZ91", "3 of 3 EXTENSIONS",
     OUT("case-0") "\n" OUT("case-1") "\n" OUT("case-2") "\n" OUT("case-3"), "-S13.2 @JZ91"},
    {"S14", NULL, NULL, MONDAY, OPEN "\n" NEAR("PERSPECTIVE_CHECK", "2021-02-26"),
     MISSED("PERSPECTIVE_CHECK", "2021-02-26"), "+S14 EXPERT_TEAM,PLACEMENT_COORDINATION = ET-JZ91,PC-TEST", ONE,
     "say case-1 LivingPerspectiveSet PROVIDER@P-HAVEN {perspective: KIN}", "-S14"},
    {"S14.2", NULL, NULL, MONDAY, OPEN "\n" MISSED("PERSPECTIVE_CHECK", "2020-12-26"),
     MISSED("LIVING_PERSPECTIVE", "2021-02-26"), "+S14.2 ALDERMEN = GM9901", ONE, OUT("case-1"), "-S14.2"},
    {"S14.2", "how many, for the inspectorates", NULL, MONDAY, OPEN "\n" MISSED("PERSPECTIVE_CHECK", "2020-12-26"),
     MISSED("LIVING_PERSPECTIVE", "2021-02-26"), "+S14.2 INSPECTORATES @JZ91", "1 of 1 CASES",
     "say case-1 LivingPerspectiveSet PROVIDER@P-HAVEN {perspective: KIN}", "-S14.2 @JZ91"},
    {"S15", NULL, NULL, "2020-03-01T10:00", OPEN "\n" MOVED("case-1") "\nat 2021-03-01T10:00\n" MOVED("case-1"),
     MOVED("case-1"), "+S15 OWNER,EXPERT_TEAM = LT-GM9901,ET-JZ91", "2 of 2 TRANSFERS",
     "say case-1 PlanReviewed CHAIR@ET-JZ91", "-S15"},
    {"S15.2", NULL, BASE("S15", "JZ91", "40"), "2020-03-01T10:00",
     "open case-0\n" MOVED("case-0") "\nat 2021-03-01T10:00\nopen case-1\n" MOVED("case-1") "\nopen case-2\n" MOVED(
	 "case-2"),
     "open case-3\n" MOVED("case-3"), "+S15.2 STEERING_GROUP = SG-JZ91 @JZ91", "75 of 51 PER-MILLE",
     "at 2022-01-01T10:00\nat 2022-04-01T00:00", "-S15.2 @JZ91"},
    {"S16", NULL, NULL, MONDAY,
     OPEN "\n" SECLUDED("case-1") "\nat 2021-03-31T10:00\n" SECLUDED("case-1") "\n" SECLUDED("case-1"),
     SECLUDED("case-1"), "+S16 PROVIDER_BOARD,CCE = P-HAVEN,CCE", "3 of 3 SECLUSIONS", "say case-1 CceInvolved CCE@CCE",
     "-S16"},
    {"S16.2", NULL, BASE("K22", "P-HAVEN", "10"), "2020-03-01T10:00",
     "open case-0\n" SECLUDED("case-0") "\nat 2021-03-01T10:00\nopen case-1\n" SECLUDED(
	 "case-1") "\nopen case-2\n" SECLUDED("case-2"),
     "open case-3\n" SECLUDED("case-3"), "+S16.2 INSPECTORATES @P-HAVEN", "300 of 201 PER-MILLE", "at 2022-04-01T00:00",
     "-S16.2 @P-HAVEN"},
    {"S17", NULL, NULL, MONDAY, OPEN "\n" SECLUDED("case-1"), "say case-1 SuicidalBehaviourRegistered PROVIDER@P-HAVEN",
     "+S17 OWNER,ATTENTION_OFFICER = LT-GM9901,P-HAVEN", ONE, "say case-1 RiskPlanRecorded PROVIDER@P-HAVEN", "-S17"},
    {"S17.2", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 ClosedPlacementStarted PROVIDER@P-HAVEN {provider: P-HAVEN, reason: SAFETY}\n"
	  "say case-1 SuicidalBehaviourRegistered PROVIDER@P-HAVEN\n" NEAR("RISK_PLAN", "2021-03-02"),
     "at 2021-03-03T00:00\n" MISSED("RISK_PLAN", "2021-03-02"), "+S17.2 PROVIDER_BOARD = P-HAVEN", ONE,
     "say case-1 RiskPlanRecorded PROVIDER@P-HAVEN", "-S17.2"},
    {"S18", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 CourtMeasureRegistered MUNICIPALITY@GM9901 {measure: SUPERVISION, pronounced_on: 2021-03-01, "
	  "certified_body: GI-DELTA}",
     "at 2021-03-03T00:00\n" MISSED("MEASURE_START", "2021-03-02"),
     "+S18 MUNICIPALITY_OFFICIALS,ALDERMEN,CERTIFIED_BODY = GM9901,GI-DELTA", ONE,
     "say case-1 MeasureExecutionStarted CERTIFIED_BODY@GI-DELTA", "-S18"},
    {"S19", NULL, NULL, MONDAY,
     OPEN "\nsay case-1 CourtMeasureRegistered MUNICIPALITY@GM9901 {measure: SUPERVISION, pronounced_on: 2021-03-01, "
	  "certified_body: GI-DELTA}\nsay case-1 ProtectorAssigned CERTIFIED_BODY@GI-DELTA",
     "at 2021-03-09T00:00\n" MISSED("PROTECTOR_CONTACT", "2021-03-08"),
     "+S19 CERTIFIED_BODY,ALDERMEN = GI-DELTA,GM9901", ONE,
     "routing case-1 DeadlineCleared {kind: PROTECTOR_CONTACT, due: 2021-03-08, late_wd: 3}", "-S19"},
    {"S20", NULL, NULL, MONDAY, OPEN "\n" NEAR("HELP_START", "2021-03-15"),
     "at 2021-03-16T00:00\n" MISSED("HELP_START", "2021-03-15"), "+S20 ALDERMEN,EXPERT_TEAM = GM9901,ET-JZ91", ONE,
     "say case-1 MeasureEnded MUNICIPALITY@GM9901", "-S20"},
    {"S21", NULL, NULL, "2021-01-04T10:00", "apply 5 1\nat 2021-04-01T00:00\napply 4 2\nat 2021-07-01T00:00\napply 5 2",
     "at 2021-10-01T00:00", "+S21 STEERING_GROUP,EXPERTISE_CENTRE = SG-JZ91,EC-TEST @JZ91", "400 of 201 PER-MILLE",
     "apply 5 1\nat 2022-01-01T00:00", "-S21 @JZ91"},
    {"S22", NULL, NULL, MONDAY, OPEN "\n" DESK, DESK,
     "+S22 NATIONAL,ALDERMEN,EXPERTISE_CENTRE = NAT-VWS,GM9901,EC-TEST", "2 of 2 CONTACTS",
     "say case-1 HelpEffectiveConfirmed CHAIR@ET-JZ91 {asked: [PARENT]}", "-S22"},
    {"S23", NULL, NULL, MONDAY, OPEN, NOTED("case-1", "SUPPORT_ENDED"), "+S23 OWNER,EXPERT_TEAM = LT-GM9901,ET-JZ91",
     ONE, "say case-1 PlanReviewed CHAIR@ET-JZ91", "-S23"},
    {"S24", NULL, NULL, MONDAY, OPEN "\n" TASKS("", "") "\n" TASKS(", funder: GM9901", ", law: WMO, funder: GM9901"),
     TASKS("", ", law: WMO, funder: GM9901"), "+S24 MUNICIPALITY_OFFICIALS,STEERING_GROUP = GM9901,SG-JZ91",
     "1 of 1 TASKS", TASKS(", funder: GM9901", ", law: WMO, funder: GM9901"), "-S24"},
    {"S25", NULL, NULL, MONDAY, OPEN "\n" INVITED MET("PARENT"), MET("PARENT"), "+S25 PROCESS_DIRECTOR = LT-GM9901",
     ONE, INVITED MET("YOUTH"), "-S25"},
    {"S25", "both missing at two meetings in a row", NULL, MONDAY,
     OPEN "\n" INVITED MET("") "\n" INVITED MET("PARENT") "\n" INVITED MET(""), INVITED MET(""),
     "+S25 PROCESS_DIRECTOR = LT-GM9901", "2 of 2 MEETINGS", INVITED MET("YOUTH"), "-S25"},
    {"S26", NULL, NULL, MONDAY, OPEN "\n" NEAR("EVALUATION", "2021-02-26"), MISSED("EVALUATION", "2021-02-26"),
     "+S26 PROCESS_DIRECTOR = LT-GM9901", ONE, "say case-1 EvaluationRecorded LOCAL_TEAM@LT-GM9901", "-S26"},
    {"S26.2", NULL, NULL, "2021-01-04T10:00",
     "evaluate 5 1\nat 2021-04-01T00:00\nevaluate 4 4\nat 2021-07-01T00:00\nevaluate 5 2", "at 2021-10-01T00:00",
     "+S26.2 STEERING_GROUP = SG-JZ91 @ET-JZ91", "400 of 201 PER-MILLE", "evaluate 5 1\nat 2022-01-01T00:00",
     "-S26.2 @ET-JZ91"},
    {"S27", "numbers missing", NULL, MONDAY, "hear", "gap 3", "+S27 OPERATOR @front", "2 of 1 MESSAGES", "hear",
     "-S27 @front"},
    {"S27", "out of order", NULL, MONDAY, OPEN, "late case-1", "+S27 OPERATOR @front", ONE, "hear", "-S27 @front"},
    /* Heard on Friday: Monday is the day without a word. */
    {"S27", "silent for a working day", NULL, MONDAY,
     "tell SourceRegistered ADMINISTRATOR@NAT-VWS {source: front, sends_daily: true}\nat 2021-03-02T10:00\nhear\n"
     "at 2021-03-03T10:00\nhear\nat 2021-03-04T10:00\nhear\nat 2021-03-05T10:00\nhear\nat 2021-03-08T23:59",
     "at 2021-03-09T00:00", "+S27 OPERATOR @front", ONE, "hear", "-S27 @front"},
};

const size_t signal_case_count = sizeof signal_cases / sizeof signal_cases[0];

// SPDX-License-Identifier: EUPL-1.2
/* world_rows.c - who may say what when (rules.md 4.2-4.4), and how often it happens.
 *
 * A row is a message somebody can say of a case that stands in one of the states, on one of the tracks, with all that is
 * needed; weights count among the rows that fit. */
#include "tests/sim/world.h"

#define S(x)        (1u << CASE_STATE_##x)
#define T(x)        (1u << TRACK_##x)
#define V           T(VOLUNTARY)
#define C           T(COURT_MEASURE)
#define G           T(CLOSED_CARE)
#define EARLY       (S(SCREENING) | S(INCOMPLETE) | S(ADVICE) | S(LOCAL_ATTEMPT))
#define AT_WORK     (S(QUEUED) | S(DELIBERATION) | S(EXECUTING))
#define BEFORE_HELP (EARLY | AT_WORK)
#define OPEN        (BEFORE_HELP | S(VERIFYING) | S(SCALED_DOWN))
#define N(x)        NEED(x)

/* clang-format off */
const struct world_row world_rows[] = {
    /* coming in */
    {"CaseSubmitted", BY_LOCAL, 0, 0, OPENS, 30,
     "municipality=$funder submitter=PROFESSIONAL|LOCAL_TEAM|SCHOOL asks=PROCESS_DIRECTION "
     "age_band=UNDER_12|FROM_12_TO_15|FROM_16_TO_17|FROM_18_TO_20|FROM_21_TO_22 channel=LOCAL_ACCESS "
     "care_domains=J_O,GGZ|LVB life_domains=CARE,SCHOOL parties=2|4 family_affected=true "
     "stuck_on=CONTENT|COOPERATION youth_key=$youth"},
    {"CaseSubmitted", BY_PARENT, 0, 0, OPENS, 12,
     "municipality=$funder submitter=PARENT asks=CONSULTATION|HELP|REVIEW_PLACEMENT channel=PUBLIC_PORTAL "
     "urgent=true|false youth_key=$youth"},
    {"CaseSubmitted", BY_PROVIDER, 0, 0, OPENS, 8,
     "municipality_of_stay=$funder submitter=PROVIDER asks=PROCESS_DIRECTION channel=EXPERTISE_CENTRE "
     "addressed_to=EC-LIMBURG youth_key=$youth"},
    {"CaseSubmitted", BY_DESK, 0, 0, OPENS, 8,
     "municipality_mother_at_birth=$funder submitter=PARENT asks=HELP|PROCESS_DIRECTION "
     "channel=NATIONAL_DESK youth_key=$youth"},
    {"CaseSubmitted", BY_DESK, 0, 0, OPENS, 8,
     "municipality=$funder submitter=PARENT asks=HELP channel=NATIONAL_DESK tried=MUNICIPALITY,EXPERT_TEAM "
     "youth_key=$youth"},
    {"CourtMeasureRegistered", BY_COURT, 0, 0, OPENS, 18,
     "municipality=$funder measure=SUPERVISION|PROVISIONAL_SUPERVISION|GUARDIANSHIP|PROBATION "
     "pronounced_on=$past gi_informed_on=TODAY certified_body=GI-DELTA "
     "family_group_plan=NOT_MADE|BEING_MADE youth_key=$youth age_band=UNDER_12"},
    {"ClosedPlacementRequested", BY_GEMEENTE, 0, 0, OPENS, 16,
     "municipality=$funder youth_key=$youth age_band=FROM_16_TO_17"},
    {"CaseInfoSupplemented", BY_OWNER, S(INCOMPLETE), 0, 0, 30,
     "earlier_providers=1|3 earlier_placements=0|2 care_domains=LVB"},
    {"CaseInfoSupplemented", BY_OWNER, OPEN, 0, 0, 1, "stuck_on=MONEY|MANDATE parties=3"},
    {"ConsentRecorded", BY_OWNER, OPEN, V, N(WITHDRAWN), 6, "given_by=PARENT,YOUTH purpose=SHARING"},
    {"ConsentRecorded", BY_OWNER, OPEN, 0, N(NOT_WITHDRAWN), 2,
     "given_by=PARENT,YOUTH|YOUTH|PARENT purpose=SHARING|MONITORING"},
    {"ConsentWithdrawn", BY_OWNER, OPEN, 0, N(NOT_WITHDRAWN), 1, "withdrawn_by=PARENT|YOUTH|PARENT,YOUTH"},
    {"ResidenceChanged", BY_RESIDENCE, OPEN, 0, 0, 1, "municipality=$elsewhere during_stay=false|true"},
    /* screening, advice, mandate */
    {"ScreeningDecided", BY_SCREENER, S(SCREENING), V, N(NOT_WITHDRAWN), 40,
     "decision=ACCEPT_PROCESS criteria=STUCK_ON_CONTENT,SEVERAL_LIFE_DOMAINS|REGIONAL_AGREEMENT"},
    {"ScreeningDecided", BY_SCREENER, S(SCREENING), V, 0, 12,
     "decision=RETURN missing=EARLIER_HELP,FAMILY_VIEW|CONSENT"},
    {"ScreeningDecided", BY_SCREENER, S(SCREENING), 0, 0, 8, "decision=ADVICE_ONLY"},
    {"ScreeningDecided", BY_SCREENER, S(SCREENING), 0, 0, 3, "decision=REDIRECT redirect_to=$local"},
    {"ScreeningDecided", BY_SCREENER, S(SCREENING), 0, 0, 2, "decision=REDIRECT redirect_to=ET-JZ32|ET-JZ29"},
    {"ScreeningDecided", BY_SCREENER, S(SCREENING), C | G, N(HAS_TEAM), 60, "decision=ACCEPT_SUPPORT"},
    {"ScreeningDecided", BY_SCREENER, AT_WORK | S(VERIFYING), C | G, N(HAS_TEAM) | N(SUPPORT_ASKED), 30,
     "decision=ACCEPT_SUPPORT"},
    {"AdviceGiven", BY_TEAM, S(ADVICE), 0, N(HAS_TEAM), 30, "advice_code=LOCAL_HELP|OTHER_PROVIDER|NO_ADVICE"},
    {"StuckDeclared", BY_OWNER, S(LOCAL_ATTEMPT), C | G, 0, 12,
     "stuck_on=SUPPLY missing_supply=SMALL_SCALE_LIVING|TRAUMA"},
    {"StuckDeclared", BY_OWNER, S(LOCAL_ATTEMPT), V, N(NOT_WITHDRAWN), 12, "stuck_on=CONTENT|COOPERATION|MONEY"},
    {"StuckDeclared", BY_OWNER, S(SCREENING) | AT_WORK, 0, 0, 2,
     "stuck_on=SUPPLY missing_supply=AUTISM_BEHAVIOUR|TRAUMA"},
    {"MandateGranted", BY_GEMEENTE, OPEN, 0, N(MANDATE_OPEN), 20, ""},
    {"MandateGranted", BY_ALDERMAN, OPEN, 0, 0, 1, ""},
    {"MandateRefused", BY_GEMEENTE, OPEN, 0, 0, 1, "reason=BUDGET|NOT_RESPONSIBLE"},
    /* meeting and plan */
    {"MeetingScheduled", BY_DIRECTOR, AT_WORK, 0, 0, 6, "meeting_on=$soon meeting_kind=TEAM"},
    {"MeetingScheduled", BY_DIRECTOR, AT_WORK, 0, 0, 1, "meeting_on=$soon meeting_kind=SUBGROUP"},
    {"ParticipantInvited", BY_DIRECTOR, AT_WORK, 0, N(MEETING_PLANNED) | N(NOT_WITHDRAWN), 15,
     "participants=PARENT,YOUTH,PROFESSIONAL@P-REE,MUNICIPALITY@$funder|PARENT,PROVIDER@P-LYNX|YOUTH"},
    {"MeetingHeld", BY_DIRECTOR, AT_WORK, 0, 0, 14,
     "present=PARENT,YOUTH,MUNICIPALITY@$funder|PARENT|PROVIDER@P-LYNX meeting_kind=TEAM"},
    {"MeetingHeld", BY_DIRECTOR, AT_WORK, 0, 0, 1, "present=PROVIDER@P-LYNX meeting_kind=SUBGROUP"},
    {"PlanAgreed", BY_DIRECTOR, S(DELIBERATION), 0, 0, 30,
     "has_goal=true has_roles=true question_first=true interim=true|false actions=$plan"},
    {"PlanAgreed", BY_DIRECTOR, S(EXECUTING), 0, 0, 2, "has_goal=true|false has_roles=true|false actions=$plan"},
    {"PlanReviewed", BY_DIRECTOR, S(EXECUTING), 0, 0, 10, ""},
    {"PlanReviewed", BY_DIRECTOR, OPEN, 0, N(REVIEW_OPEN), 3, ""},
    {"PlanActionCompleted", BY_PROVIDER, OPEN, 0, N(ACTION_OPEN), 10, "action=$action"},
    /* waiting and help */
    {"WaitingTimeRecorded", BY_PROVIDER, S(LOCAL_ATTEMPT) | S(EXECUTING), 0, 0, 4,
     "expected_days=75|40|10 care_domain=GGZ"},
    {"BridgingCareStarted", BY_PROVIDER, S(SCREENING) | S(LOCAL_ATTEMPT) | AT_WORK, 0, 0, 3,
     "bridging_kind=AMBULATORY|RESPITE"},
    {"BridgingCareEnded", BY_PROVIDER, OPEN, 0, N(BRIDGING), 8, ""},
    {"HelpRealised", BY_OWNER, S(EXECUTING), 0, 0, 12,
     "help_kind=TAILORED|STANDARD care_domain=GGZ|LVB cost_inside=1200 cost_outside=0|400"},
    {"HelpRealised", BY_OWNER, S(SCREENING) | S(LOCAL_ATTEMPT), 0, 0, 3, "help_kind=STANDARD care_domain=J_O"},
    {"HelpEffectiveConfirmed", BY_OWNER, S(VERIFYING), 0, 0, 20, "asked=PARENT,YOUTH"},
    {"HelpNotEffective", BY_OWNER, S(VERIFYING), 0, 0, 6, "asked=YOUTH|PARENT"},
    {"HelpNotEffective", BY_OWNER, S(SCALED_DOWN), 0, 0, 2, "asked=PARENT"},
    /* ladders and handing over */
    {"EscalationRequested", BY_OWNER, AT_WORK, V | C, N(HAS_TEAM) | N(CONSENTED) | N(YOUNG) | N(EC_FREE), 8,
     "kind=EXPERTISE_CENTRE ec_reason=RARE_COMBINATION|SCARCITY tried=LOCAL_TEAM,EXPERT_TEAM "
     "considered_by=$team considered_on=$past"},
    {"EscalationRequested", BY_OWNER, BEFORE_HELP, V | C, N(CONSENTED) | N(YOUNG), 1,
     "kind=EXPERTISE_CENTRE ec_reason=RARE_PSYCHIATRIC tried=LOCAL_TEAM"},
    {"EscalationRequested", BY_OWNER, BEFORE_HELP, V, N(CONSENTED) | N(EC_DECIDED) | N(NOT_PENDING), 6,
     "kind=NATIONAL_TEAM"},
    {"EscalationRequested", BY_OWNER, OPEN, 0, N(GOVERNANCE_FREE), 1, "kind=OFFICIAL"},
    {"EscalationRequested", BY_OWNER, OPEN, 0, N(WITH_OFFICIALS), 3, "kind=EXECUTIVE"},
    {"EscalationDecided", BY_CENTRE, OPEN, 0, N(EC_ASKED), 25,
     "kind=EXPERTISE_CENTRE decision=ACCEPTED|ACCEPTED|REFUSED"},
    {"EscalationDecided", BY_GEMEENTE, OPEN, 0, N(WITH_OFFICIALS), 20, "kind=OFFICIAL decision=RESOLVED|UNRESOLVED"},
    {"EscalationDecided", BY_STEERING, OPEN, 0, N(WITH_EXECUTIVES), 25,
     "kind=EXECUTIVE decision=RESOLVED|RESOLVED|UNRESOLVED action_due=$later"},
    {"OwnerTransferRequested", BY_OWNER, OPEN, V, N(OWNED_BY_LOCAL) | N(NOT_PENDING) | N(NOT_WITHDRAWN), 1,
     "to=$funder"},
    {"OwnerTransferRequested", BY_OWNER, OPEN, V, N(OWNED_BY_GEMEENTE) | N(NOT_PENDING), 4, "to=$local"},
    {"OwnerTransferRequested", BY_OWNER, S(QUEUED) | S(EXECUTING), V, N(OWNED_BY_LOCAL) | N(NOT_PENDING) | N(NOT_WITHDRAWN) | N(HAS_TEAM), 5,
     "to=$team"},
    {"OwnerTransferRequested", BY_OWNER, S(SCALED_DOWN), V, N(OWNED_BY_TEAM) | N(NOT_PENDING), 8, "to=$local"},
    {"OwnerTransferRequested", BY_OWNER, OPEN, V, N(OWNED_BY_LOCAL) | N(NOT_PENDING) | N(CONSENTED) | N(EC_DECIDED), 4,
     "to=NAT-VWS"},
    {"OwnerTransferRequested", BY_OWNER, OPEN, C | G, N(OWNED_BY_OTHER_THAN_FUNDER) | N(NOT_PENDING), 20,
     "to=$funder"},
    {"OwnerTransferAccepted", BY_PENDING, OPEN, 0, N(PENDING), 30, ""},
    {"OwnerTransferRefused", BY_PENDING, OPEN, 0, N(PENDING), 5, "reason=CAPACITY|CONTENT"},
    {"NationalDeskAnswered", BY_DESK, OPEN, 0, N(DESK_ASKED), 15,
     "answer=INFORMATION_ONLY|REDIRECT_LOCAL|REFERRED_NATIONAL"},
    /* court measure */
    {"CourtMeasureRegistered", BY_BOARD, OPEN, 0, 0, 1,
     "measure=SUPERVISION pronounced_on=$past certified_body=GI-DELTA"},
    {"MeasureExecutionStarted", BY_BODY, OPEN, 0, N(MEASURE), 6, ""},
    {"PerChildAgreementRecorded", BY_GEMEENTE, OPEN, 0, N(MEASURE), 6,
     "covers_protection=true covers_help=true|false family_group_plan=NOT_MADE|MADE"},
    {"ProtectorAssigned", BY_BODY, OPEN, 0, N(MEASURE), 5, ""},
    {"FirstContactHeld", BY_PROTECTOR, OPEN, 0, N(MEASURE), 5, ""},
    {"ProtectionPlanAdopted", BY_PROTECTOR, OPEN, 0, N(MEASURE), 4, ""},
    {"MeasureEnded", BY_COURT, OPEN, 0, N(MEASURE), 2, ""},
    {"MeasureEnded", BY_COURT, S(SCALED_DOWN), 0, N(MEASURE), 20, ""},
    /* closed care */
    {"ClosedPlacementRequested", BY_BODY, OPEN, V | C, 0, 1, ""},
    {"AuthorisationGranted", BY_COURT, OPEN, G, N(NOT_PLACED), 15, "kind=FULL|EMERGENCY|CONDITIONAL"},
    {"AuthorisationExtended", BY_COURT, OPEN, G, N(AUTHORISED), 2,
     "valid_until=$extended reason=TREATMENT|NO_TIMELY_FOLLOW_UP"},
    {"ClosedPlacementStarted", BY_PROVIDER, OPEN, G, N(AUTHORISED) | N(NOT_PLACED), 20,
     "provider=P-OTTER reason=SAFETY|NO_ALTERNATIVE|TREATMENT education_continued=true|false "
     "top100=false|false|true"},
    {"ClosedPlacementEnded", BY_PROVIDER, OPEN, G, N(PLACED), 3,
     "destination=HOME|FOSTER_FAMILY education_continued=true"},
    {"ClosedPlacementEnded", BY_PROVIDER, S(VERIFYING) | S(SCALED_DOWN), G, N(PLACED), 15, "destination=FAMILY_HOME"},
    {"LivingPerspectiveSet", BY_PROVIDER, OPEN, G, 0, 3, "perspective=FAMILY_HOME|KIN"},
    {"TransferRegistered", BY_PROVIDER, OPEN, G, N(PLACED), 3, "to=P-LYNX|P-REE"},
    {"SeclusionRegistered", BY_PROVIDER, OPEN, G, 0, 5, "seclusion_kind=SECLUSION|ISOLATION"},
    {"SuicidalBehaviourRegistered", BY_PROVIDER, OPEN, G, 0, 2, ""},
    {"RiskPlanRecorded", BY_PROVIDER, OPEN, 0, N(RISK_OPEN), 15, "risk_estimate=true action_plan=true"},
    {"CceInvolved", BY_CCE, OPEN, G, 0, 2, ""},
    {"CceInvolved", BY_PROVIDER, OPEN, V | C, N(OLD_CASE), 1, ""},
    {"CalamityReportRecorded", BY_PROVIDER, OPEN | S(CLOSED), 0, N(WARM), 1, "reported_on=TODAY"},
    /* ending and learning */
    {"CaseScaledDown", BY_OWNER, AT_WORK | S(VERIFYING) | S(SCALED_DOWN), 0, N(AT_CENTRE), 4, "to_level=REGIONAL"},
    {"CaseScaledDown", BY_OWNER, S(SCALED_DOWN), 0, N(ABOVE_LOCAL), 6, "to_level=LOCAL"},
    {"CaseScaledDown", BY_OWNER, EARLY | AT_WORK, V, N(AT_NATIONAL), 5, "to_level=REGIONAL"},
    {"CaseClosed", BY_OWNER, S(SCALED_DOWN), 0, N(NO_MEASURE) | N(NOT_PLACED), 25,
     "reason=SOLVED level_solved=LOCAL|REGIONAL"},
    {"CaseClosed", BY_OWNER, OPEN, 0, N(OLD_CASE), 25,
     "reason=MOVED_ABROAD|DECEASED|AGED_OUT|WITHDRAWN_BY_FAMILY|DUPLICATE approver_role=ALDERMAN "
     "approver_organisation=$funder"},
    {"CaseReopened", BY_LOCAL, S(CLOSED), 0, N(WARM), 5, ""},
    {"EvaluationRecorded", BY_LOCAL, S(CLOSED), 0, N(EVALUATION_OPEN), 30,
     "on_cooperation=true on_content=true lessons=MONEY,SUPPLY|FAMILY_VOICE advised=P-LYNX"},
    {"EvaluationRecorded", BY_GEMEENTE, S(SCALED_DOWN), 0, 0, 1, "on_content=true lessons=PROCESS"},
    {"SignalAcknowledged", BY_LOCAL, OPEN, 0, 0, 1, "code=S02 subject=CASE subject_id=$case follow_up=TAKEN_UP|DONE"},
    {"CaseErased", BY_OPERATOR, S(CLOSED), 0, N(NOT_ERASED), 2, "ground=RETENTION_ENDED|REQUEST_OF_SUBJECT"},
    /* about no case */
    {"ThemeRecorded", BY_STEERING, 0, 0, NO_CASE, 10,
     "region=$region stuck_on=SUPPLY|CONTENT missing_supply=TRAUMA advice=NEW_SUPPLY|PURCHASING "
     "discussed_on=TODAY resolved=true|false"},
    {"SubscriptionRegistered", BY_OPERATOR, 0, 0, NO_CASE, 2,
     "subscription=sub-1|sub-2 addressee=STEERING_GROUP scope=$region state=ACTIVE"},
    {"DeliveryReported", BY_OPERATOR, 0, 0, NO_CASE, 2,
     "subscription=sub-1 addressee=STEERING_GROUP scope=$region state=FAILING|RECOVERED"},
};
/* clang-format on */
const unsigned world_row_count = sizeof world_rows / sizeof world_rows[0];

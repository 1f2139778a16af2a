// SPDX-License-Identifier: EUPL-1.2
// world.mjs - an invented half year of cases, as a scenario for `doorbraak play`.
//
// The same every time. Cases begin on working days from March on and go their way as far as they have come by the last day;
// some are handled promptly, some late, some are left alone, so that deadlines are missed and signals go out.

export const LAST = "2026-11-18";
const CASES = 64;
const PLACES = [
	["GM0268", "ET-JZ32", "EC-GELDERLAND"],
	["GM1669", "ET-MIDDEN-LIMBURG", "EC-LIMBURG"],
	["GM0344", "ET-JZ22", "EC-UTRECHT-FLEVOLAND"],
	["GM0363", "ET-JZ13", "EC-NOORD-HOLLAND"],
	["GM0599", "ET-JZ29", "EC-ZUID-HOLLAND"],
	["GM0772", "ET-JZ39", "EC-BRABANT-ZEELAND"],
	["GM0014", "ET-JZ01", "EC-NOORD"],
	["GM0034", "ET-JZ08", "EC-UTRECHT-FLEVOLAND"],
	["GM0153", "ET-JZ14", "EC-OVERIJSSEL"],
	["GM0935", "ET-JZ41", "EC-LIMBURG"],
	["GM0193", "ET-JZ07", "EC-OVERIJSSEL"],
	["GM0518", "ET-JZ24", "EC-ZUID-HOLLAND"],
	["GM0855", "ET-JZ35", "EC-BRABANT-ZEELAND"],
	["GM0080", "ET-JZ02", "EC-NOORD"],
	["GM0202", "ET-JZ28", "EC-GELDERLAND"],
	["GM0505", "ET-JZ31", "EC-ZUID-HOLLAND"],
	["GM0957", "ET-MIDDEN-LIMBURG", "EC-LIMBURG"],
	["GM0200", "ET-JZ17", "EC-GELDERLAND"],
];

const DAY_MS = 86400000;
const day = (from, days) => new Date(Date.parse(from) + days * DAY_MS).toISOString().slice(0, 10);

// The same numbers every time.
let state;
const chance = (n) => {
	state = (Math.imul(state, 1103515245) + 12345) >>> 0;
	return (state >>> 8) % n;
};

const tell = (msg, by, fields) => ({ msg, by, ...(fields ? { with: fields } : {}) });

// Each a list of [days since the begin, messages]. p: place; `late` stretches what comes after the screening.
const WAYS = {
	voluntary: (p, begin) => {
		const [gm, et, ec] = p;
		const plan = [
			{ id: "A1", organisation: "P-LYNX", tailored: true, due: day(begin, 60) },
			{ id: "A2", organisation: `LT-${gm}`, due: day(begin, 55) },
		];
		return [
			[
				0,
				[
					tell("CaseSubmitted", "PROFESSIONAL@P-LYNX", {
						municipality: gm,
						submitter: "PROFESSIONAL",
						asks: "PROCESS_DIRECTION",
						age_band: "FROM_12_TO_15",
						care_domains: ["J_O", "GGZ"],
						life_domains: ["CARE", "SCHOOL"],
						parties: 3,
					}),
				],
			],
			[
				4,
				[
					tell("ConsentRecorded", `LOCAL_TEAM@LT-${gm}`, {
						given_by: ["PARENT", "YOUTH"],
						purpose: "SHARING",
					}),
					tell("MandateGranted", `MUNICIPALITY@${gm}`),
					tell("ScreeningDecided", `CHAIR@${et}`, {
						decision: "ACCEPT_PROCESS",
						criteria: ["STUCK_ON_COOPERATION"],
					}),
					tell("OwnerTransferAccepted", `CHAIR@${et}`),
				],
			],
			[8, [tell("MeetingScheduled", `PROCESS_DIRECTOR@${et}`, { meeting_on: day(begin, 21) })]],
			[
				10,
				[
					tell("ParticipantInvited", `PROCESS_DIRECTOR@${et}`, {
						participants: ["PARENT", "YOUTH", "PROFESSIONAL@P-LYNX"],
					}),
				],
			],
			[
				21,
				[
					tell("MeetingHeld", `PROCESS_DIRECTOR@${et}`, {
						present: [
							"PARENT",
							"YOUTH",
							"PROFESSIONAL@P-LYNX",
							`MUNICIPALITY@${gm}`,
						],
					}),
					tell("PlanAgreed", `PROCESS_DIRECTOR@${et}`, {
						has_goal: true,
						has_roles: true,
						question_first: true,
						actions: plan,
					}),
				],
			],
			[
				30,
				[
					tell("EscalationRequested", `PROCESS_DIRECTOR@${et}`, {
						kind: "EXPERTISE_CENTRE",
						ec_reason: "RARE_COMBINATION",
						considered_by: et,
						considered_on: day(begin, 21),
						tried: ["LOCAL_TEAM", "EXPERT_TEAM"],
					}),
				],
				"centre",
			],
			[35, [tell("PlanReviewed", `PROCESS_DIRECTOR@${et}`)]],
			[
				38,
				[
					tell("EscalationDecided", `EXPERTISE_CENTRE@${ec}`, {
						kind: "EXPERTISE_CENTRE",
						decision: "ACCEPTED",
					}),
				],
				"centre",
			],
			[
				48,
				[
					tell("PlanReviewed", `PROCESS_DIRECTOR@${et}`),
					tell("PlanActionCompleted", `LOCAL_TEAM@LT-${gm}`, { action: "A2" }),
				],
			],
			[
				56,
				[
					tell("PlanActionCompleted", "PROVIDER@P-LYNX", { action: "A1" }),
					tell("HelpRealised", `PROCESS_DIRECTOR@${et}`, {
						help_kind: "TAILORED",
						care_domain: "GGZ",
					}),
				],
			],
			[
				97,
				[
					tell("HelpEffectiveConfirmed", `PROCESS_DIRECTOR@${et}`, {
						asked: ["PARENT", "YOUTH"],
					}),
					tell("OwnerTransferAccepted", `LOCAL_TEAM@LT-${gm}`),
				],
			],
			[
				145,
				[
					tell("CaseClosed", `LOCAL_TEAM@LT-${gm}`, {
						reason: "SOLVED",
						level_solved: "REGIONAL",
					}),
				],
			],
		];
	},
	advice: ([gm, et]) => [
		[
			0,
			[
				tell("CaseSubmitted", `LOCAL_TEAM@LT-${gm}`, {
					municipality: gm,
					submitter: "LOCAL_TEAM",
					asks: "CONSULTATION",
					age_band: "FROM_16_TO_17",
					care_domains: ["GGZ"],
				}),
			],
		],
		[2, [tell("ScreeningDecided", `CHAIR@${et}`, { decision: "ADVICE_ONLY" })]],
		[14, [tell("AdviceGiven", `CHAIR@${et}`, { advice_code: "LOCAL_HELP" })]],
		[37, [tell("HelpRealised", `LOCAL_TEAM@LT-${gm}`, { help_kind: "STANDARD", care_domain: "J_O" })]],
		[78, [tell("HelpEffectiveConfirmed", `LOCAL_TEAM@LT-${gm}`, { asked: ["PARENT", "YOUTH"] })]],
		[126, [tell("CaseClosed", `LOCAL_TEAM@LT-${gm}`, { reason: "SOLVED", level_solved: "LOCAL" })]],
	],
	help: ([gm, et]) => [
		[
			0,
			[
				tell("CaseSubmitted", `LOCAL_TEAM@LT-${gm}`, {
					municipality: gm,
					submitter: "LOCAL_TEAM",
					asks: "HELP",
					age_band: "UNDER_12",
					care_domains: ["J_O"],
				}),
			],
		],
		[
			15,
			[
				tell("StuckDeclared", `LOCAL_TEAM@LT-${gm}`, {
					stuck_on: "SUPPLY",
					missing_supply: chance(2) ? "SMALL_SCALE_LIVING" : "TRAUMA",
				}),
			],
		],
		[20, [tell("ScreeningDecided", `CHAIR@${et}`, { decision: "RETURN", missing: ["EARLIER_HELP"] })]],
	],
	measure: ([gm, et], begin) => [
		[
			0,
			[
				tell("CourtMeasureRegistered", `MUNICIPALITY@${gm}`, {
					municipality: gm,
					measure: "SUPERVISION",
					pronounced_on: begin,
					gi_informed_on: begin,
					certified_body: "GI-DELTA",
					family_group_plan: "NOT_MADE",
					age_band: "FROM_12_TO_15",
				}),
			],
		],
		[1, [tell("MeasureExecutionStarted", "CERTIFIED_BODY@GI-DELTA")]],
		[
			3,
			[
				tell("PerChildAgreementRecorded", `MUNICIPALITY@${gm}`, {
					covers_protection: true,
					covers_help: true,
				}),
			],
		],
		[
			4,
			[
				tell("ProtectorAssigned", "CERTIFIED_BODY@GI-DELTA"),
				tell("FirstContactHeld", "CERTIFIED_BODY@GI-DELTA"),
			],
		],
		[
			9,
			[
				tell("StuckDeclared", `MUNICIPALITY@${gm}`, {
					stuck_on: "SUPPLY",
					missing_supply: "SMALL_SCALE_LIVING",
				}),
			],
		],
		[10, [tell("ScreeningDecided", `CHAIR@${et}`, { decision: "ACCEPT_SUPPORT" })]],
		[
			11,
			[
				tell("MeetingScheduled", `PROCESS_DIRECTOR@${et}`, { meeting_on: day(begin, 15) }),
				tell("ParticipantInvited", `PROCESS_DIRECTOR@${et}`, {
					participants: ["PARENT", "YOUTH", "CERTIFIED_BODY@GI-DELTA"],
				}),
			],
		],
		[
			15,
			[
				tell("MeetingHeld", `PROCESS_DIRECTOR@${et}`, {
					present: ["PARENT", "CERTIFIED_BODY@GI-DELTA", `MUNICIPALITY@${gm}`],
				}),
				tell("PlanAgreed", `PROCESS_DIRECTOR@${et}`, {
					has_goal: true,
					has_roles: true,
					question_first: true,
					actions: [{ id: "A1", organisation: "P-OTTER" }],
				}),
			],
		],
		[
			30,
			[
				tell("PlanReviewed", `PROCESS_DIRECTOR@${et}`),
				tell("ProtectionPlanAdopted", "CERTIFIED_BODY@GI-DELTA"),
			],
		],
	],
	closed: ([gm], begin) => [
		[
			0,
			[
				tell("ClosedPlacementRequested", "CERTIFIED_BODY@GI-STICHT", {
					municipality: gm,
					age_band: "FROM_16_TO_17",
				}),
			],
		],
		[
			2,
			[
				tell("AuthorisationGranted", `JUVENILE_COURT@${gm}`, {
					kind: "CONDITIONAL",
					valid_until: day(begin, 180),
				}),
			],
		],
		[
			3,
			[
				tell("ClosedPlacementStarted", "PROVIDER@P-HAVEN", {
					provider: "P-HAVEN",
					reason: chance(2) ? "SAFETY" : "NO_ALTERNATIVE",
					education_continued: true,
				}),
			],
		],
	],
};
const KINDS = [
	"voluntary",
	"voluntary",
	"voluntary",
	"advice",
	"voluntary",
	"measure",
	"help",
	"voluntary",
	"closed",
	"advice",
];

const isFree = (date) => [0, 6].includes(new Date(date).getUTCDay());

function stepsOf(n) {
	const place = PLACES[chance(PLACES.length)];
	let begin = day("2026-03-02", Math.floor((n * 258) / CASES) + chance(4));
	while (isFree(begin)) begin = day(begin, 1);
	const kind = KINDS[n % KINDS.length];
	const way = WAYS[kind](place, begin).filter(
		([, , only]) => only === undefined || (only === "centre" && n % 3 === 0),
	);
	const until = [99, 99, 99, 99, 2 + chance(4)][chance(5)]; // one in five is left alone somewhere
	const minute = String(n % 60).padStart(2, "0");
	return way
		.slice(0, until)
		.map(([days, send]) => ({ at: `${day(begin, days)}T10:${minute}`, case: `C${n + 1}`, send }))
		.filter((step) => step.at.slice(0, 10) <= LAST);
}

export function world() {
	state = 20260318;
	const steps = Array.from({ length: CASES }, (_, n) => stepsOf(n))
		.flat()
		.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
	steps.push({ at: `${LAST}T12:00`, case: "C1", tick: true });
	return { scenario: "PAGE", title: "An invented half year", registry: "nl", policy: "default", steps };
}

// SPDX-License-Identifier: EUPL-1.2
/* load.c - see load.h. */
#include "tests/load/load.h"

#include <stdio.h>

#include "tests/load/said.h"

struct place {
	const char *gemeente;
	const char *local;
	const char *team;
};

/* Codes of the shipped registry; everything else about them is invented. */
static const struct place places[] = {
    {"GM1669", "LT-GM1669", "ET-MIDDEN-LIMBURG"}, {"GM0988", "LT-GM0988", "ET-MIDDEN-LIMBURG"},
    {"GM0505", "LT-GM0505", "ET-JZ31"},           {"GM0402", "LT-GM0402", "ET-JZ16"},
    {"GM0944", "LT-GM0944", "ET-JZ32"},
};
#define PLACES (sizeof places / sizeof places[0])

enum speaker { GEMEENTE, LOCAL, TEAM_CHAIR, TEAM_DIRECTOR, PROVIDER, BODY };

struct step {
	const char *message;
	enum speaker by;
	const char *with; /* name=value, separated by blanks; lists by commas */
};

static const struct step voluntary[] = {
    {"CaseSubmitted", LOCAL, "submitter=PROFESSIONAL asks=PROCESS_DIRECTION age_band=FROM_12_TO_15"},
    {"ConsentRecorded", LOCAL, "given_by=PARENT,YOUTH purpose=SHARING"},
    {"MandateGranted", GEMEENTE, ""},
    {"ScreeningDecided", TEAM_CHAIR, "decision=ACCEPT_PROCESS criteria=STUCK_ON_CONTENT"},
    {"OwnerTransferAccepted", TEAM_CHAIR, ""},
    {"MeetingHeld", TEAM_DIRECTOR, "present=PARENT,YOUTH"},
    {"PlanAgreed", TEAM_DIRECTOR, "has_goal=true has_roles=true question_first=true actions=A1:P-LYNX"},
    {"PlanReviewed", TEAM_DIRECTOR, ""},
    {"PlanActionCompleted", PROVIDER, "action=A1"},
    {"HelpRealised", TEAM_DIRECTOR, "help_kind=TAILORED care_domain=GGZ"},
    {"HelpEffectiveConfirmed", TEAM_DIRECTOR, "asked=PARENT,YOUTH"},
    {"OwnerTransferAccepted", LOCAL, ""},
    {"CaseClosed", LOCAL, "reason=SOLVED level_solved=REGIONAL"},
};

static const struct step advice[] = {
    {"CaseSubmitted", LOCAL, "submitter=PARENT asks=CONSULTATION age_band=UNDER_12"},
    {"ScreeningDecided", TEAM_CHAIR, "decision=ADVICE_ONLY"},
    {"AdviceGiven", TEAM_CHAIR, "advice_code=LOCAL_HELP"},
    {"HelpRealised", LOCAL, "help_kind=STANDARD care_domain=J_O"},
    {"HelpNotEffective", LOCAL, "asked=PARENT"},
    {"StuckDeclared", LOCAL, "stuck_on=CONTENT"},
    {"ScreeningDecided", TEAM_CHAIR, "decision=RETURN missing=EARLIER_HELP"},
    {"CaseInfoSupplemented", LOCAL, "earlier_providers=2"},
    {"ScreeningDecided", TEAM_CHAIR, "decision=ADVICE_ONLY"},
};

static const struct step court[] = {
    {"CourtMeasureRegistered", GEMEENTE,
     "measure=SUPERVISION pronounced_on=TODAY gi_informed_on=TODAY certified_body=GI-DELTA"},
    {"MeasureExecutionStarted", BODY, ""},
    {"PerChildAgreementRecorded", GEMEENTE, "covers_protection=true covers_help=true"},
    {"ProtectorAssigned", BODY, ""},
    {"StuckDeclared", GEMEENTE, "stuck_on=SUPPLY missing_supply=SMALL_SCALE_LIVING"},
    {"FirstContactHeld", BODY, ""},
    {"ScreeningDecided", TEAM_CHAIR, "decision=ACCEPT_SUPPORT"},
    {"MeetingHeld", TEAM_DIRECTOR, "present=PARENT"},
    {"PlanAgreed", TEAM_DIRECTOR, "has_goal=true has_roles=true question_first=true actions=A1:P-OTTER"},
    {"PlanActionCompleted", PROVIDER, "action=A1"},
    {"HelpRealised", GEMEENTE, "help_kind=TAILORED care_domain=J_O"},
    {"ProtectionPlanAdopted", BODY, ""},
    {"HelpEffectiveConfirmed", GEMEENTE, "asked=YOUTH"},
    {"MeasureEnded", GEMEENTE, ""},
    {"CaseClosed", GEMEENTE, "reason=SOLVED level_solved=REGIONAL"},
};

/* The lengthy ones: about thirty messages each. */
#define PLAN(action)                                                                                                   \
	{                                                                                                              \
		"PlanAgreed", TEAM_DIRECTOR,                                                                           \
		    "has_goal=true has_roles=true question_first=true actions=" action ":P-LYNX"                       \
	}
#define ROUND(action)                                                                                                  \
	{"MeetingHeld", TEAM_DIRECTOR, "present=PARENT,YOUTH"}, PLAN(action), {"PlanReviewed", TEAM_DIRECTOR, ""},     \
	{                                                                                                              \
		"PlanActionCompleted", PROVIDER, "action=" action                                                      \
	}

static const struct step voluntary_lengthy[] = {
    {"CaseSubmitted", LOCAL, "submitter=PROFESSIONAL asks=PROCESS_DIRECTION age_band=FROM_12_TO_15"},
    {"ConsentRecorded", LOCAL, "given_by=PARENT,YOUTH purpose=SHARING"},
    {"MandateGranted", GEMEENTE, ""},
    {"ScreeningDecided", TEAM_CHAIR, "decision=ACCEPT_PROCESS criteria=STUCK_ON_CONTENT"},
    {"OwnerTransferAccepted", TEAM_CHAIR, ""},
    ROUND("A1"),
    {"PlanReviewed", TEAM_DIRECTOR, ""},
    ROUND("A2"),
    {"HelpRealised", TEAM_DIRECTOR, "help_kind=TAILORED care_domain=GGZ"},
    {"HelpNotEffective", TEAM_DIRECTOR, "asked=PARENT"},
    ROUND("A3"),
    {"PlanReviewed", TEAM_DIRECTOR, ""},
    ROUND("A4"),
    {"HelpRealised", TEAM_DIRECTOR, "help_kind=TAILORED care_domain=GGZ"},
    {"HelpEffectiveConfirmed", TEAM_DIRECTOR, "asked=PARENT,YOUTH"},
    {"OwnerTransferAccepted", LOCAL, ""},
    {"CaseClosed", LOCAL, "reason=SOLVED level_solved=REGIONAL"},
};

static const struct step court_lengthy[] = {
    {"CourtMeasureRegistered", GEMEENTE,
     "measure=SUPERVISION pronounced_on=TODAY gi_informed_on=TODAY certified_body=GI-DELTA"},
    {"MeasureExecutionStarted", BODY, ""},
    {"PerChildAgreementRecorded", GEMEENTE, "covers_protection=true covers_help=true"},
    {"ProtectorAssigned", BODY, ""},
    {"StuckDeclared", GEMEENTE, "stuck_on=SUPPLY missing_supply=SMALL_SCALE_LIVING"},
    {"FirstContactHeld", BODY, ""},
    {"ScreeningDecided", TEAM_CHAIR, "decision=ACCEPT_SUPPORT"},
    ROUND("A1"),
    ROUND("A2"),
    {"ProtectionPlanAdopted", BODY, ""},
    {"HelpRealised", GEMEENTE, "help_kind=TAILORED care_domain=J_O"},
    {"HelpNotEffective", GEMEENTE, "asked=YOUTH"},
    ROUND("A3"),
    ROUND("A4"),
    {"ProtectionPlanAdopted", BODY, ""},
    {"HelpRealised", GEMEENTE, "help_kind=TAILORED care_domain=J_O"},
    {"HelpEffectiveConfirmed", GEMEENTE, "asked=YOUTH"},
    {"MeasureEnded", GEMEENTE, ""},
    {"CaseClosed", GEMEENTE, "reason=SOLVED level_solved=REGIONAL"},
};

static const struct script {
	const struct step *steps;
	unsigned count;
} scripts[] = {
    {voluntary, sizeof voluntary / sizeof voluntary[0]},
    {court, sizeof court / sizeof court[0]},
    {advice, sizeof advice / sizeof advice[0]},
    {voluntary_lengthy, sizeof voluntary_lengthy / sizeof voluntary_lengthy[0]},
    {court_lengthy, sizeof court_lengthy / sizeof court_lengthy[0]},
};
#define SCRIPTS 3u /* the ordinary ones; the others are lengthy */
#define LENGTHY 2u

uint64_t
load_draw(struct load_random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t
load_below(struct load_random *r, uint64_t limit)
{
	return load_draw(r) % limit;
}

bool
load_chance(struct load_random *r, unsigned percent)
{
	return load_below(r, 100) < percent;
}

static void
begin_case(struct load *load, struct load_case *c)
{
	*c = (struct load_case){0};
	c->script = (uint8_t)(load->lengthy ? SCRIPTS + load_below(&load->random, LENGTHY)
					    : load_below(&load->random, SCRIPTS));
	c->place = (uint8_t)load_below(&load->random, PLACES);
}

void
load_init(struct load *load, uint64_t seed, const char *prefix, struct load_case *cases, unsigned count)
{
	*load = (struct load){.random = {seed}, .cases = cases, .count = count, .odd_percent = 10};
	snprintf(load->prefix, sizeof load->prefix, "%s", prefix);
	for (unsigned i = 0; i < count; i++)
		begin_case(load, &cases[i]);
}

void
load_lengthy(struct load *load)
{
	load->lengthy = true;
	for (unsigned i = 0; i < load->count; i++)
		begin_case(load, &load->cases[i]);
}

/* ---- a step as a message ---- */

static const char *
actor_of(struct arena *a, enum speaker by, const struct place *p)
{
	switch (by) {
	case GEMEENTE: return arena_printf(a, "MUNICIPALITY@%s", p->gemeente);
	case LOCAL: return arena_printf(a, "LOCAL_TEAM@%s", p->local);
	case TEAM_CHAIR: return arena_printf(a, "CHAIR@%s", p->team);
	case TEAM_DIRECTOR: return arena_printf(a, "PROCESS_DIRECTOR@%s", p->team);
	case PROVIDER: return "PROVIDER@P-LYNX";
	case BODY: return "CERTIFIED_BODY@GI-DELTA";
	}
	return "";
}

static const char *
source_of(struct arena *a, enum speaker by, const struct place *p)
{
	switch (by) {
	case GEMEENTE: return arena_printf(a, "src-%s", p->gemeente);
	case LOCAL: return arena_printf(a, "src-%s", p->local);
	case TEAM_CHAIR:
	case TEAM_DIRECTOR: return arena_printf(a, "src-%s", p->team);
	case PROVIDER: return "src-P-LYNX";
	case BODY: return "src-GI-DELTA";
	}
	return "";
}

static bool
opens(const struct step *s)
{
	return strcmp(s->message, "CaseSubmitted") == 0 || strcmp(s->message, "CourtMeasureRegistered") == 0;
}

static struct bytes
pack_step(struct load *load, struct arena *a, const struct step *s, const struct load_case *c, int64_t at_ms,
	  struct load_item *item)
{
	const struct place *p = &places[c->place];
	const char *with = !opens(s) ? s->with : arena_printf(a, "%s municipality=%s", s->with, p->gemeente);

	snprintf(item->source, sizeof item->source, "%s", source_of(a, s->by, p));
	snprintf(item->id, sizeof item->id, "%s-%llu", load->prefix, (unsigned long long)load->next_id++);
	return said_pack(a, &(struct said){.source = item->source,
					   .id = item->id,
					   .case_id = opens(s) ? "" : c->case_id.s,
					   .actor = actor_of(a, s->by, p),
					   .at_ms = at_ms,
					   .message = s->message,
					   .with = with});
}

bool
load_next(struct load *load, struct arena *a, int64_t at_ms, struct load_item *item)
{
	for (unsigned tries = 0; tries < 64; tries++) {
		const unsigned i = (unsigned)load_below(&load->random, load->count);
		struct load_case *c = &load->cases[i];
		if (c->step >= scripts[c->script].count && load->recycle)
			begin_case(load, c);
		if (c->step >= scripts[c->script].count || (c->opened && c->case_id.s[0] == '\0'))
			continue;
		const struct script *script = &scripts[c->script];
		const bool odd = c->case_id.s[0] != '\0' && load_chance(&load->random, load->odd_percent);
		const struct step *s =
		    odd ? &script->steps[1 + load_below(&load->random, script->count - 1)] : &script->steps[c->step];
		if (!odd)
			c->step++;
		*item = (struct load_item){.case_index = i, .opens = opens(s)};
		c->opened = true;
		item->submission = pack_step(load, a, s, c, at_ms, item);
		return true;
	}
	return false;
}

void
load_accepted(struct load *load, const struct load_item *item, const char *case_id)
{
	if (item->opens)
		load->cases[item->case_index].case_id = id_of(case_id);
}

/* ---- sources ----------------------------------------------------------------------------------------------------------- */

unsigned
load_source_count(void)
{
	return PLACES * 3 + 2;
}

struct bytes
load_source(struct arena *a, unsigned i, int64_t at_ms)
{
	static const char roles_of[][64] = {"MUNICIPALITY,ALDERMAN", "LOCAL_TEAM", "CHAIR,PROCESS_DIRECTOR,TEAM_MEMBER",
					    "PROVIDER", "CERTIFIED_BODY"};
	const struct place *p = &places[i < PLACES * 3 ? i / 3 : 0];
	const enum speaker by[] = {GEMEENTE, LOCAL, TEAM_CHAIR};
	const enum speaker who = i < PLACES * 3 ? by[i % 3] : i == PLACES * 3 ? PROVIDER : BODY;
	const char *organisation = strchr(actor_of(a, who, p), '@') + 1;
	const char *roles = roles_of[who == GEMEENTE     ? 0
				     : who == LOCAL      ? 1
				     : who == TEAM_CHAIR ? 2
				     : who == PROVIDER   ? 3
							 : 4];

	return said_pack(a, &(struct said){.source = "operator",
					   .id = arena_printf(a, "register-%u", i),
					   .case_id = "",
					   .actor = "ADMINISTRATOR@NAT-VWS",
					   .at_ms = at_ms,
					   .message = "SourceRegistered",
					   .with = arena_printf(a, "source=%s organisations=%s roles=%s",
								source_of(a, who, p), organisation, roles)});
}

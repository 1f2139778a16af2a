// SPDX-License-Identifier: EUPL-1.2
/* world.c - see world.h. What holds of a case, who speaks, and the message as text. */
#include "tests/sim/world.h"

#include <stdio.h>

#include "tests/load/said.h"
#include "tests/sim/adopt.h"

#define DAY_MS 86400000

static unsigned
below(struct world *w, unsigned limit)
{
	return (unsigned)load_below(&w->random, limit);
}

/* ---- what holds of a case ---- */

static bool
begins(const struct code *code, const char *prefix)
{
	return strncmp(code->s, prefix, strlen(prefix)) == 0;
}

static uint64_t
bit(bool holds, enum world_fact yes, int otherwise)
{
	return holds ? NEED(yes) : otherwise < 0 ? 0 : NEED(otherwise);
}

static bool
is_open(const struct judge_picture *p, int kind)
{
	return judge_deadline_of(p, kind, "") != NULL;
}

static uint64_t
facts_of_parties(const struct judge_picture *p)
{
	const bool local = begins(&p->owner, "LT-"), gemeente = begins(&p->owner, "GM");
	const bool team = begins(&p->owner, "ET-") || begins(&p->owner, "LP-");

	return bit(p->team.s[0] != '\0', HAS_TEAM, NO_TEAM) | bit(local, OWNED_BY_LOCAL, -1) |
	       bit(gemeente, OWNED_BY_GEMEENTE, -1) | bit(team, OWNED_BY_TEAM, -1) |
	       bit(strcmp(p->owner.s, "NAT-VWS") == 0, OWNED_BY_NATIONAL, -1) |
	       bit(gemeente && !code_equal(p->owner, p->funder), OWNED_BY_OTHER_THAN_FUNDER, -1) |
	       bit(p->pending.s[0] != '\0', PENDING, NOT_PENDING) | bit(p->level > LEVEL_LOCAL, ABOVE_LOCAL, -1) |
	       bit(p->level == LEVEL_SUPRAREGIONAL, AT_CENTRE, -1) | bit(p->level == LEVEL_NATIONAL, AT_NATIONAL, -1);
}

static uint64_t
facts_of(const struct world *w, const struct world_case *c, const struct judge_case *j)
{
	const struct judge_picture *p = &j->is;
	const cal_day today = cal_local_day(w->realm->now_ms);
	const struct judge_deadline *authorisation = judge_deadline_of(p, DEADLINE_KIND_AUTH_EXPIRY, "");
	const struct judge_deadline *meeting = judge_deadline_of(p, DEADLINE_KIND_MEETING, "");
	const bool complete = p->consent == CONSENT_STATE_GIVEN && (j->consent_by & 6) == 6;

	return facts_of_parties(p) | bit(complete, CONSENTED, -1) |
	       bit(p->consent == CONSENT_STATE_WITHDRAWN, WITHDRAWN, NOT_WITHDRAWN) |
	       bit(p->measure_active, MEASURE, NO_MEASURE) | bit(p->placed, PLACED, NOT_PLACED) |
	       bit(authorisation != NULL && authorisation->due >= today, AUTHORISED, -1) |
	       bit(p->support_asked, SUPPORT_ASKED, -1) | bit(is_open(p, DEADLINE_KIND_REVIEW), REVIEW_OPEN, -1) |
	       bit(c->bridging, BRIDGING, -1) | bit(c->ec_asked, EC_ASKED, EC_FREE) |
	       bit(c->ec_decided, EC_DECIDED, -1) | bit(p->governance == GOVERNANCE_NONE, GOVERNANCE_FREE, -1) |
	       bit(p->governance == GOVERNANCE_OFFICIAL, WITH_OFFICIALS, -1) |
	       bit(p->governance == GOVERNANCE_EXECUTIVE, WITH_EXECUTIVES, -1) | bit(c->desk_asked, DESK_ASKED, -1) |
	       bit(c->action_count > 0, ACTION_OPEN, -1) |
	       bit(meeting != NULL && meeting->due == c->meeting_on, MEETING_PLANNED, -1) | bit(c->young, YOUNG, -1) |
	       bit(today - c->opened_on > 270, OLD_CASE, WARM) |
	       bit(is_open(p, DEADLINE_KIND_MANDATE), MANDATE_OPEN, -1) | bit(!c->erased, NOT_ERASED, -1) |
	       bit(is_open(p, DEADLINE_KIND_RISK_PLAN), RISK_OPEN, -1) |
	       bit(is_open(p, DEADLINE_KIND_EVALUATION), EVALUATION_OPEN, -1);
}

static bool
fits(const struct world_row *row, const struct judge_picture *p, uint64_t facts)
{
	if (p == NULL)
		return row->needs == facts;
	return (row->needs & (OPENS | NO_CASE)) == 0 && (row->needs & ~facts) == 0 &&
	       (row->states == 0 || (row->states >> p->state & 1) != 0) &&
	       (row->tracks == 0 || (row->tracks >> p->track & 1) != 0);
}

/* One of the rows that fit, by weight; NULL when none does. */
static const struct world_row *
draw_row(struct world *w, const struct judge_picture *p, uint64_t facts)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < world_row_count; i++)
		sum += fits(&world_rows[i], p, facts) ? world_rows[i].weight : 0;
	if (sum == 0)
		return NULL;
	unsigned n = below(w, sum);
	for (unsigned i = 0; i < world_row_count; i++) {
		const unsigned weight = fits(&world_rows[i], p, facts) ? world_rows[i].weight : 0;
		if (n < weight)
			return &world_rows[i];
		n -= weight;
	}
	return NULL;
}

/* ---- who speaks ---- */

static const char *
as_owner(struct arena *a, const struct code *o)
{
	const char *role = begins(o, "LT-")   ? "LOCAL_TEAM"
			   : begins(o, "GM")  ? "MUNICIPALITY"
			   : begins(o, "NAT") ? "NATIONAL_TEAM"
			   : begins(o, "LP-") ? "CHAIR"
					      : "PROCESS_DIRECTOR";

	return arena_printf(a, "%s@%s", role, o->s);
}

static const char *
as_director(struct world *w, const struct judge_picture *p)
{
	struct arena *a = &w->realm->arena;

	for (unsigned i = 0; i < p->supporters.count; i++)
		if (code_equal(p->supporters.of[i], p->team) && below(w, 2) == 0)
			return arena_printf(a, "CHAIR@%s", p->team.s);
	if (begins(&p->owner, "LT-"))
		return arena_printf(a, "MUNICIPALITY@%s", p->owner.s + 3);
	return as_owner(a, &p->owner);
}

static const char *
speaker(struct world *w, enum world_speaker by, const struct judge_picture *p)
{
	struct arena *a = &w->realm->arena;
	const char *team = p->team.s[0] == '\0' ? "ET-JZ32" : p->team.s;

	switch (by) {
	case BY_OWNER: return as_owner(a, &p->owner);
	case BY_DIRECTOR: return as_director(w, p);
	case BY_SCREENER:
		if (p->team.s[0] != '\0')
			return arena_printf(a, "CHAIR@%s", p->team.s);
		return arena_printf(a, "MUNICIPALITY@%s", p->funder.s);
	case BY_TEAM: return arena_printf(a, "%s@%s", below(w, 2) == 0 ? "CHAIR" : "TEAM_MEMBER", team);
	case BY_GEMEENTE: return arena_printf(a, "MUNICIPALITY@%s", p->funder.s);
	case BY_ALDERMAN: return arena_printf(a, "ALDERMAN@%s", p->funder.s);
	case BY_LOCAL: return arena_printf(a, "LOCAL_TEAM@LT-%s", p->funder.s);
	case BY_PENDING: return as_owner(a, &p->pending);
	case BY_CENTRE: return arena_printf(a, "EXPERTISE_CENTRE@%s", p->centre.s);
	case BY_DESK: return "NATIONAL_DESK@DESK";
	case BY_PROVIDER: return below(w, 3) == 0 ? "PROVIDER@P-REE" : "PROVIDER@P-LYNX";
	case BY_BODY: return "CERTIFIED_BODY@GI-DELTA";
	case BY_PROTECTOR: return below(w, 2) == 0 ? "PROTECTOR@GI-DELTA" : "CERTIFIED_BODY@GI-DELTA";
	case BY_COURT: return "JUVENILE_COURT@COURT";
	case BY_BOARD: return "CHILD_PROTECTION_BOARD@BOARD";
	case BY_CCE: return "CCE@CCE";
	case BY_STEERING: return "STEERING_GROUP@SG-REGIONS";
	case BY_RESIDENCE:
		return arena_printf(a, "%s@%s", below(w, 2) == 0 ? "BRP_ADAPTER" : "MUNICIPALITY", p->funder.s);
	case BY_PARENT: return arena_printf(a, "PARENT@%s", p->funder.s);
	case BY_OPERATOR: return "OPERATOR@NAT-VWS";
	}
	return "";
}

static struct world_source *
source_of(struct world *w, const char *actor)
{
	const char *organisation = strchr(actor, '@') + 1;
	const char *name = arena_printf(&w->realm->arena, "s-%s",
					strncmp(organisation, "LT-", 3) == 0 ? organisation + 3 : organisation);

	if (strcmp(actor, "OPERATOR@NAT-VWS") == 0)
		return &w->sources[0];
	if (strncmp(organisation, "ET-", 3) == 0 || strncmp(organisation, "LP-", 3) == 0)
		return &w->sources[1];
	for (unsigned i = 3; i < w->source_count; i++)
		if (strcmp(w->sources[i].id.s, name) == 0)
			return &w->sources[i];
	/* A gemeente that took over another one, by the registry as shipped. */
	if (name[2] == 'G' && name[3] == 'M' && w->source_count < 2 * WORLD_PLACES_MAX)
		return world_source_of(w, name + 2);
	return &w->sources[2];
}

/* Numbers without a gap, but now and then one is skipped, and sent later. */
static int64_t
sequence_of(struct world *w, struct world_source *s)
{
	if (!s->numbers)
		return 0;
	if (s->skipped != 0 && below(w, 4) == 0) {
		const int64_t number = s->skipped;
		s->skipped = 0;
		return number;
	}
	if (s->skipped == 0 && below(w, 150) == 0)
		s->skipped = ++s->sequence;
	return ++s->sequence;
}

/* ---- the message ---- */

static struct world_place *
draw_place(struct world *w)
{
	struct world_place *place;

	do
		place = &w->places[below(w, w->place_count)];
	while (place->merged && below(w, 10) != 0);
	return place;
}

static const char *
plan_of(struct world *w, const struct world_case *c)
{
	static const char *const holders[] = {"P-LYNX", "P-REE", "GI-DELTA"};
	struct arena *a = &w->realm->arena;
	const char *text = "";
	char day[11];

	for (unsigned i = 0; i <= below(w, WORLD_ACTIONS_MAX); i++) {
		cal_format(cal_local_day(w->realm->now_ms) + 5 + (cal_day)below(w, 60), day);
		text = arena_printf(a, "%s%sA%u-%u:%s%s%s", text, i == 0 ? "" : ",", c->plans + 1, i + 1,
				    holders[below(w, 3)], below(w, 2) == 0 ? ":" : "", "");
		if (text[strlen(text) - 1] == ':')
			text = arena_printf(a, "%s%s", text, day);
	}
	return text;
}

static const char *
day_text(struct world *w, cal_day day)
{
	return record_date(&w->realm->arena, day);
}

static const char *
value_of(struct world *w, const char *name, const struct world_case *c, const struct judge_picture *p)
{
	struct arena *a = &w->realm->arena;
	const cal_day today = cal_local_day(w->realm->now_ms);
	const struct judge_deadline *end = judge_deadline_of(p, DEADLINE_KIND_AUTH_EXPIRY, "");

	if (strcmp(name, "team") == 0)
		return p->team.s;
	if (strcmp(name, "local") == 0)
		return arena_printf(a, "LT-%s", p->funder.s);
	if (strcmp(name, "funder") == 0)
		return p->funder.s;
	if (strcmp(name, "region") == 0)
		return p->region.s;
	if (strcmp(name, "case") == 0)
		return c->id.s;
	if (strcmp(name, "youth") == 0)
		return arena_printf(a, "y-%llu", (unsigned long long)c->youth);
	if (strcmp(name, "action") == 0)
		return c->actions[below(w, c->action_count)].s;
	if (strcmp(name, "elsewhere") == 0)
		return draw_place(w)->gemeente.s;
	if (strcmp(name, "plan") == 0)
		return plan_of(w, c);
	if (strcmp(name, "past") == 0)
		return day_text(w, today - (cal_day)below(w, 4));
	if (strcmp(name, "soon") == 0)
		return day_text(w, today + 3 + (cal_day)below(w, 25));
	if (strcmp(name, "later") == 0)
		return day_text(w, today + 10 + (cal_day)below(w, 40));
	if (strcmp(name, "extended") == 0)
		return day_text(w, (end == NULL ? today : end->due) + 20 + (cal_day)below(w, 300));
	fatal("world: what is $%s?", name);
}

/* One of the alternatives of each value, and what $.. stands for. */
static const char *
spell_out(struct world *w, const char *with, const struct world_case *c, const struct judge_picture *p)
{
	struct arena *a = &w->realm->arena;
	const char *out = "";

	while (*with != '\0') {
		const size_t len = strcspn(with, " ");
		char *pair = arena_str(a, bytes_of(with, len));
		char *value = strchr(pair, '=') + 1;
		unsigned others = 0;
		for (const char *s = value; *s != '\0'; s++)
			others += *s == '|';
		for (unsigned skip = below(w, others + 1); skip > 0; skip--)
			value = strchr(value, '|') + 1;
		value[strcspn(value, "|")] = '\0';
		*strchr(pair, '=') = '\0';
		char *name = strchr(value, '$');
		const char *said = name == NULL ? "" : value_of(w, name + 1, c, p);
		if (name != NULL)
			*name = '\0';
		out = arena_printf(a, "%s%s%s=%s%s", out, *out == '\0' ? "" : " ", pair, value, said);
		with += len + (with[len] == ' ');
	}
	return out;
}

char *
world_id(struct world *w)
{
	return arena_printf(&w->realm->arena, "w-%llu", (unsigned long long)++w->message_id);
}

/* Sent now, of today or of a day before it on which nothing later is known. */
static bool
say(struct world *w, const struct world_row *row, struct world_case *c, const struct judge_case *j,
    const struct judge_picture *p)
{
	struct realm *r = w->realm;
	const char *actor = speaker(w, row->by, p);
	struct world_source *source = source_of(w, actor);
	const char *with = spell_out(w, row->with, c, p);
	const cal_day today = cal_local_day(r->now_ms);
	const cal_day late =
	    j == NULL || j->last_on == CAL_NONE || below(w, 6) != 0 ? today : today - (cal_day)below(w, 4);
	const struct said said = {
	    .source = source->id.s,
	    .id = world_id(w),
	    .case_id = j == NULL ? "" : c->id.s,
	    .actor = actor,
	    .at_ms = late < today && late >= j->last_on ? cal_local_ms(late, 8, 0, 0) : r->now_ms,
	    .sequence = sequence_of(w, source),
	    .message = row->message,
	    .with = with,
	};
	const struct bytes packed = said_pack(&r->arena, &said);
	const pb_Reply *reply = realm_submit(r, packed);

	w->submitted++;
	if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED) {
		w->refused++;
		return true;
	}
	const uint64_t seq = reply->accepted->seq;
	if (row->needs == OPENS) {
		c->id = id_of(reply->accepted->case_id);
		c->young = strstr(with, "FROM_21") == NULL;
	}
	if (row->needs != NO_CASE && w->said_count < WORLD_SAID_MAX)
		w->said[w->said_count++] = (struct world_said){(unsigned)(c - w->cases), seq, row, with};
	if (below(w, 40) != 0)
		return true;
	/* I7: the same again changes nothing, and is answered the same. */
	const struct id case_id = id_of(reply->accepted->case_id);
	const pb_Reply *again = realm_submit(r, packed);
	w->repeated++;
	if (again->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED && again->accepted->duplicate &&
	    again->accepted->seq == seq && strcmp(again->accepted->case_id, case_id.s) == 0)
		return true;
	why_set(&r->why, "I7: %s, said twice, is not answered as the first time", said.id);
	return false;
}

/* ---- what the speakers remember ---- */

static void
remember_plan(struct world_case *c, const char *with)
{
	const char *at = strstr(with, "actions=");

	c->plans++;
	c->action_count = 0;
	for (at = at == NULL ? "" : at + 8; *at == 'A' && c->action_count < WORLD_ACTIONS_MAX;) {
		char id[ID_MAX + 1] = "";
		memcpy(id, at, strcspn(at, ":"));
		c->actions[c->action_count++] = id_of(id);
		at += strcspn(at, ", ");
		at += *at == ',';
	}
}

static void
forget_action(struct world_case *c, const char *id)
{
	for (unsigned i = 0; i < c->action_count; i++)
		if (strcmp(c->actions[i].s, id) == 0)
			c->actions[i] = c->actions[--c->action_count];
}

static void
remember(struct world_case *c, const struct world_said *said)
{
	const char *message = said->row->message;

	if (strcmp(message, "PlanAgreed") == 0)
		remember_plan(c, said->with);
	else if (strcmp(message, "PlanActionCompleted") == 0)
		forget_action(c, said->with + strlen("action="));
	else if (strcmp(message, "BridgingCareStarted") == 0 || strcmp(message, "BridgingCareEnded") == 0)
		c->bridging = strcmp(message, "BridgingCareStarted") == 0;
	else if (strcmp(message, "MeetingScheduled") == 0 && strstr(said->with, "SUBGROUP") == NULL) {
		char day[11] = "";
		memcpy(day, said->with + strlen("meeting_on="), sizeof day - 1);
		c->meeting_on = cal_parse(day);
	} else if (strcmp(message, "NationalDeskAnswered") == 0 || strcmp(message, "HelpRealised") == 0)
		c->desk_asked = false;
	else if (strcmp(message, "CaseErased") == 0)
		c->erased = true;
	else if (strcmp(message, "EscalationDecided") == 0 && strstr(said->with, "EXPERTISE_CENTRE") != NULL) {
		c->ec_asked = false;
		c->ec_decided = true;
	}
}

/* What became of today's messages. */
static void
look_back(struct world *w)
{
	for (unsigned i = 0; i < w->said_count; i++) {
		struct world_case *c = &w->cases[w->said[i].of];
		const struct judge_case *j = judge_case_of(w->realm->judge, c->id.s);
		if (j == NULL || strcmp(j->id.s, c->id.s) != 0) {
			c->id.s[0] = '\0'; /* rejected, or joined the case of the same youth */
			c->acts_on = INT32_MAX;
			continue;
		}
		if (j->routed == w->said[i].seq || strcmp(w->said[i].row->message, "CaseErased") == 0)
			remember(c, &w->said[i]);
		c->ec_asked |= is_open(&j->is, DEADLINE_KIND_EC_DECISION);
		c->desk_asked |= is_open(&j->is, DEADLINE_KIND_NATIONAL_FIRST_ANSWER);
		if (j->is.state == CASE_STATE_CLOSED)
			c->desk_asked = c->ec_asked = c->bridging = false;
	}
	w->said_count = 0;
}

/* ---- a day ---- */

static bool
open_case(struct world *w, cal_day day)
{
	static const unsigned paces[] = {3, 4, 6, 8, 12, 20, 45};
	struct world_case *c = &w->cases[w->case_count];
	const struct world_place *place = draw_place(w);
	const struct judge_picture p = {.funder = place->gemeente, .region = place->region};

	if (w->case_count == WORLD_CASES_MAX)
		return true;
	*c = (struct world_case){.pace = paces[below(w, 7)], .opened_on = day, .meeting_on = CAL_NONE, .young = true};
	c->youth = w->youths > 0 && below(w, 5) == 0 ? 1 + load_below(&w->random, w->youths) : ++w->youths;
	c->acts_on = day + 1 + (cal_day)below(w, 3);
	const struct world_row *row = draw_row(w, NULL, OPENS);
	w->case_count++;
	return say(w, row, c, NULL, &p);
}

static bool
act(struct world *w, struct world_case *c, cal_day day)
{
	const struct judge_case *j = judge_case_of(w->realm->judge, c->id.s);

	c->acts_on = day + 1 + (cal_day)below(w, 2 * c->pace);
	if (j == NULL)
		return true;
	if (j->is.state == CASE_STATE_CLOSED)
		c->acts_on += 20 + (cal_day)below(w, 300);
	const struct world_row *row = draw_row(w, &j->is, facts_of(w, c, j));
	return row == NULL || say(w, row, c, j, &j->is);
}

bool
world_day(struct world *w, cal_day day, unsigned opens)
{
	struct realm *r = w->realm;

	arena_reset(&r->arena);
	realm_pass(r, cal_local_ms(day, 9, 0, 0));
	if (!realm_settle(r))
		return false;
	for (unsigned i = 0; i < w->case_count && w->said_count < WORLD_SAID_MAX; i++) {
		if (w->cases[i].acts_on > day)
			continue;
		r->now_ms += 60000;
		if (!act(w, &w->cases[i], day))
			return false;
	}
	for (unsigned i = 0; i < opens; i++)
		if (!open_case(w, day))
			return false;
	if (below(w, 60) == 0) {
		const struct world_place *place = draw_place(w);
		const struct judge_picture p = {.funder = place->gemeente, .region = place->region};
		if (!say(w, draw_row(w, NULL, NO_CASE), &w->cases[0], NULL, &p))
			return false;
	}
	if (!realm_settle(r))
		return false;
	look_back(w);
	return true;
}

cal_day
world_next_day(const struct world *w, cal_day latest)
{
	const cal_day today = cal_local_day(w->realm->now_ms);
	cal_day next = latest;

	for (unsigned i = 0; i < w->case_count; i++)
		if (w->cases[i].acts_on < next)
			next = w->cases[i].acts_on;
	return next > today ? next : today + 1;
}

// SPDX-License-Identifier: EUPL-1.2
/* world_change.c - how a world begins, and what changes around it: versions of registry and policy. */
#include "tests/sim/world.h"

#include <stdio.h>

#include "tests/load/said.h"
#include "tests/sim/adopt.h"

#define CHANGES 8u

/* ---- beginning ---- */

static void
take_row(struct world *w, const pb_RegistryRow *row)
{
	struct world_place *place = &w->places[w->place_count];

	if (row->row != (int)REGISTRY_ROW_KIND_MUNICIPALITY || row->region[0] == '\0')
		return;
	/* One of each region: the first one, or now and then a later one in its place. */
	for (unsigned i = 0; i < w->place_count; i++)
		if (strcmp(w->places[i].region.s, row->region) == 0) {
			if (!load_chance(&w->random, 30))
				return;
			place = &w->places[i];
		}
	if (place == &w->places[w->place_count] && w->place_count++ == WORLD_PLACES_MAX - 1)
		w->place_count--;
	*place = (struct world_place){code_of(row->municipality), code_of(row->region), false};
}

static void
find_places(struct world *w)
{
	struct realm *r = w->realm;
	struct why why;

	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&r->arena);
		const pb_Submission *s =
		    record_unpack(&r->arena, &pb_Submission_descriptor, adopt_submission(&r->arena, i, r->now_ms),
				  RECORD_ADOPTION_MAX, &why);
		if (s == NULL || s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED ||
		    record_day(s->registry_adopted->valid_from) > cal_local_day(r->now_ms))
			continue;
		for (size_t k = 0; k < s->registry_adopted->n_rows; k++)
			take_row(w, s->registry_adopted->rows[k]);
	}
}

static struct world_source *
add_source(struct world *w, const char *id, const char *organisations, const char *roles, bool daily)
{
	struct realm *r = w->realm;
	struct world_source *s = &w->sources[w->source_count++];

	*s = (struct world_source){.id = id_of(id), .numbers = load_chance(&w->random, 60)};
	realm_adopt(
	    r, said_pack(&r->arena,
			 &(struct said){.source = "operator",
					.id = world_id(w),
					.case_id = "",
					.actor = "ADMINISTRATOR@NAT-VWS",
					.at_ms = r->now_ms,
					.message = "SourceRegistered",
					.with = arena_printf(&r->arena, "source=%s organisations=%s roles=%s%s", id,
							     organisations, roles, daily ? " sends_daily=true" : "")}));
	return s;
}

struct world_source *
world_source_of(struct world *w, const char *gemeente)
{
	struct arena *a = &w->realm->arena;

	return add_source(w, arena_printf(a, "s-%s", gemeente), arena_printf(a, "%s,LT-%s", gemeente, gemeente),
			  "MUNICIPALITY,ALDERMAN,LOCAL_TEAM,PARENT,BRP_ADAPTER", false);
}

static void
add_sources(struct world *w)
{
	struct arena *a = &w->realm->arena;
	const char *teams = "LP-JZ16,ET-MIDDEN-LIMBURG";

	w->sources[w->source_count++] = (struct world_source){.id = {"operator"}};
	for (unsigned i = 1; i <= 43; i++)
		teams = arena_printf(a, "%s,ET-JZ%02u", teams, i);
	add_source(w, "s-teams", teams, "CHAIR,PROCESS_DIRECTOR,TEAM_MEMBER", false);
	add_source(
	    w, "s-others",
	    "NAT-VWS,OZJ,CCE,DESK,COURT,BOARD,GI-DELTA,P-LYNX,P-REE,P-OTTER,SG-REGIONS,EC-NOORD,EC-OVERIJSSEL,"
	    "EC-GELDERLAND,EC-UTRECHT-FLEVOLAND,EC-NOORD-HOLLAND,EC-ZUID-HOLLAND,EC-BRABANT-ZEELAND,EC-LIMBURG",
	    "NATIONAL_TEAM,NATIONAL_DESK,CCE,JUVENILE_COURT,CHILD_PROTECTION_BOARD,CERTIFIED_BODY,PROTECTOR,PROVIDER,"
	    "STEERING_GROUP,EXPERTISE_CENTRE",
	    true);
	for (unsigned i = 0; i < w->place_count; i++)
		world_source_of(w, w->places[i].gemeente.s);
}

void
world_begin(struct world *w, struct realm *realm, uint64_t seed)
{
	*w = (struct world){.realm = realm, .random = {seed * 7919 + 17}};
	find_places(w);
	arena_reset(&realm->arena);
	realm_adopt(realm, adopt_regions(&realm->arena, realm->now_ms));
	add_sources(w);
}

/* ---- changes ---- */

static bool
adopt(struct world *w, int body_case, ProtobufCMessage *body)
{
	struct realm *r = w->realm;
	const pb_Reply *reply =
	    realm_submit(r, adopt_administration(&r->arena, world_id(w), r->now_ms, body_case, body));

	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
		return true;
	why_set(&r->why, "an adoption is refused: %s: %s", reply->rejected->violations[0]->field,
		reply->rejected->violations[0]->text);
	return false;
}

static char *
next_version(struct world *w)
{
	return arena_printf(&w->realm->arena, "1.%u.0", ++w->versions);
}

static char *
soon(struct world *w)
{
	return record_date(&w->realm->arena, cal_local_day(w->realm->now_ms) + 1 + (cal_day)load_below(&w->random, 30));
}

static bool
adopt_row(struct world *w, pb_RegistryRow *row)
{
	pb_RegistryAdopted adopted;

	pb_RegistryAdopted_init(&adopted);
	adopted.version = next_version(w);
	adopted.valid_from = soon(w);
	adopted.rows = &row;
	adopted.n_rows = 1;
	return adopt(w, DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED, &adopted.base);
}

/* One gemeente goes over into another: new cases of it are the other's. */
static bool
merge(struct world *w)
{
	struct world_place *gone = &w->places[load_below(&w->random, w->place_count)];
	struct world_place *to = &w->places[load_below(&w->random, w->place_count)];
	pb_RegistryRow row;

	if (gone == to || gone->merged || to->merged)
		return true;
	pb_RegistryRow_init(&row);
	row.row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_MERGER;
	row.municipality = gone->gemeente.s;
	row.successor = to->gemeente.s;
	row.region = gone->region.s;
	gone->merged = true;
	return adopt_row(w, &row);
}

/* A region has no team from then on, or has one again. */
static bool
change_team(struct world *w, bool lose)
{
	const struct world_place *place = &w->places[load_below(&w->random, w->place_count)];
	pb_RegistryRow row;

	pb_RegistryRow_init(&row);
	row.row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_REGION;
	row.region = record_text(&w->realm->arena, lose ? place->region.s : "JZ31");
	row.expertise_centre = record_text(&w->realm->arena, "EC-ZUID-HOLLAND");
	row.coordination = record_text(&w->realm->arena, "PC-ZUIDWEST");
	row.expert_team = record_text(&w->realm->arena, lose ? "" : "ET-JZ31");
	return adopt_row(w, &row);
}

/* What there was in a year before all this (K21, K22, and by them S15 and S16). Follows from the version, not from a draw. */
static void
add_baselines(struct world *w, pb_PolicyAdopted *policy, const char *const *subjects, unsigned count)
{
	static const char *const codes[] = {"K21", "K22"};
	struct arena *a = &w->realm->arena;

	policy->baselines = ARENA_ARRAY(a, pb_Baseline *, 2 * count);
	policy->n_baselines = 0;
	for (unsigned i = 0; i < 2 * count; i++) {
		pb_Baseline *b = ARENA_NEW(a, pb_Baseline);

		pb_Baseline_init(b);
		b->code = record_text(a, codes[i % 2]);
		b->subject_id = record_text(a, subjects[i / 2]);
		b->count = 1 + (w->versions * 13 + i * 7) % 40;
		b->period_from = record_text(a, "2020-01-01");
		b->period_to = record_text(a, "2020-12-31");
		policy->baselines[policy->n_baselines++] = b;
	}
}

static bool
change_policy(struct world *w, const char *region)
{
	struct realm *r = w->realm;
	const char *const keys[] = {"P2", "P7", "P11"};
	pb_PolicyValue *values[3];
	pb_PolicyAdopted policy;

	pb_PolicyAdopted_init(&policy);
	policy.version = next_version(w);
	policy.valid_from = soon(w);
	policy.region = record_text(&r->arena, region);
	policy.values = values;
	for (; policy.n_values < 3; policy.n_values++) {
		pb_PolicyValue *v = values[policy.n_values] = ARENA_NEW(&r->arena, pb_PolicyValue);
		pb_PolicyValue_init(v);
		v->key = record_text(&r->arena, keys[policy.n_values]);
		v->value = 3 + (int32_t)load_below(&w->random, 20);
	}
	add_baselines(w, &policy, &region, 1);
	return adopt(w, DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED, &policy.base);
}

/* The national policy as shipped, with other numbers. */
static bool
change_national(struct world *w)
{
	struct realm *r = w->realm;
	struct why why;

	for (unsigned i = 0; i < adopt_count(); i++) {
		const pb_Submission *s =
		    record_unpack(&r->arena, &pb_Submission_descriptor, adopt_submission(&r->arena, i, r->now_ms),
				  RECORD_ADOPTION_MAX, &why);
		if (s == NULL || s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
			continue;
		pb_PolicyAdopted *policy = s->policy_adopted;
		policy->version = next_version(w);
		policy->valid_from = soon(w);
		for (size_t k = 0; k < policy->n_values; k++)
			if (policy->values[k]->value > 3 && load_chance(&w->random, 30))
				policy->values[k]->value += (int32_t)load_below(&w->random, 3);
		const char *const subjects[] = {"", w->places[0].region.s, w->places[1].region.s, "P-LYNX"};
		add_baselines(w, policy, subjects, 4);
		return adopt(w, DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED, &policy->base);
	}
	fatal("world: no policy is shipped");
}

bool
world_change(struct world *w)
{
	arena_reset(&w->realm->arena);
	switch (w->versions % CHANGES) {
	case 0:
	case 5: return change_policy(w, w->places[load_below(&w->random, w->place_count)].region.s);
	case 1: return change_team(w, true);
	case 2: return change_national(w);
	case 4: return change_team(w, false);
	default:
		w->versions++; /* also where nobody could merge */
		return merge(w);
	}
}

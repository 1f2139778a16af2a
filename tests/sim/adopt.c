// SPDX-License-Identifier: EUPL-1.2
/* adopt.c - see adopt.h. */
#include "tests/sim/adopt.h"

#include <stdlib.h>

#include "services/cli/adoption.h"
#include "tests/load/load.h"

#ifndef DOORBRAAK_SHIPPED
#define DOORBRAAK_SHIPPED "."
#endif

/* Reading and checking the files takes longer than a run of the simulator may: once for the process. */
static struct {
	struct arena arena;
	struct adoption *adoption;
} shipped;

static struct adoption *
adoption_of_files(void)
{
	if (shipped.adoption != NULL)
		return shipped.adoption;
	arena_init(&shipped.arena);
	shipped.adoption = ARENA_NEW(&shipped.arena, struct adoption);
	if (!adoption_add_shipped(&shipped.arena, DOORBRAAK_SHIPPED, shipped.adoption))
		fatal("adopt: %s", shipped.adoption->problems.text[0]);
	return shipped.adoption;
}

unsigned
adopt_count(void)
{
	return adoption_of_files()->count + load_source_count();
}

struct bytes
adopt_submission(struct arena *a, unsigned i, int64_t at_ms)
{
	struct adoption *adoption = adoption_of_files();

	if (i >= adoption->count)
		return load_source(a, i - adoption->count, at_ms);
	record_timestamp(adoption->submissions[i]->occurred_at, at_ms);
	return RECORD_PACK(a, adoption->submissions[i]);
}

static pb_RegistryRow *
row_of(struct arena *a, int kind, const char *region, const char *centre, const char *coordination)
{
	pb_RegistryRow *r = ARENA_NEW(a, pb_RegistryRow);

	pb_RegistryRow_init(r);
	r->row = (Doorbraak__V1__RegistryRowKind)kind;
	r->region = record_text(a, region);
	r->expertise_centre = record_text(a, centre);
	r->coordination = record_text(a, coordination);
	return r;
}

struct bytes
adopt_regions(struct arena *a, int64_t at_ms)
{
	pb_RegistryAdopted r;
	pb_RegistryRow *without = row_of(a, REGISTRY_ROW_KIND_REGION, "JZ31", "EC-ZUID-HOLLAND", "PC-ZUIDWEST");
	pb_RegistryRow *landing = row_of(a, REGISTRY_ROW_KIND_REGION, "JZ16", "EC-NOORD-HOLLAND", "PC-NOORDWEST");
	pb_RegistryRow *place = row_of(a, REGISTRY_ROW_KIND_LANDING_PLACE, "JZ16", "", "");
	pb_RegistryRow *rows[] = {without, landing, place};
	Doorbraak__V1__TeamFunction functions[4];

	pb_RegistryAdopted_init(&r);
	landing->expert_team = record_text(a, "LP-JZ16");
	place->organisation = record_text(a, "LP-JZ16");
	place->functions = functions;
	for (int i = 1; i <= 4; i++)
		functions[place->n_functions++] = (Doorbraak__V1__TeamFunction)i;
	place->known_to_all = true;
	r.version = record_text(a, "1.0.1");
	r.valid_from = record_date(a, cal_local_day(at_ms));
	r.rows = rows;
	r.n_rows = 3;
	return adopt_administration(a, "regions", at_ms, DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED, &r.base);
}

struct bytes
adopt_administration(struct arena *a, const char *id, int64_t at_ms, int body_case, ProtobufCMessage *body)
{
	const ProtobufCFieldDescriptor *f =
	    protobuf_c_message_descriptor_get_field(&pb_Submission_descriptor, (unsigned)body_case);
	Google__Protobuf__Timestamp at;
	pb_Submission s;
	pb_Actor actor;

	pb_Submission_init(&s);
	pb_Actor_init(&actor);
	record_timestamp(&at, at_ms);
	actor.role = (Doorbraak__V1__Role)ROLE_ADMINISTRATOR;
	actor.organisation = record_text(a, "NAT-VWS");
	s.source = record_text(a, "operator");
	s.id = record_text(a, id);
	s.occurred_at = &at;
	s.actor = &actor;
	s.body_case = (Doorbraak__V1__Submission__BodyCase)body_case;
	*(ProtobufCMessage **)(void *)((char *)&s + f->offset) = body;
	return RECORD_PACK(a, &s);
}

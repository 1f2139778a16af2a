// SPDX-License-Identifier: EUPL-1.2
/* hostile.c - see hostile.h. */
#include "tests/sim/hostile.h"

#include "common/record_fields.h"
#include "common/record_forms.h"
#include "tests/sim/adopt.h"

#define DAY_MS    86400000
#define CASES_MAX 6u /* the first so many are talked about most */

static const char *const codes[] = {
    "GM1669",
    "GM0988",
    "GM0505",
    "GM0402",
    "GM0944",
    "GM9999",
    "LT-GM1669",
    "LT-GM0505",
    "ET-JZ32",
    "EC-LIMBURG",
    "EC-ZUID-HOLLAND",
    "NAT-VWS",
    "OZJ",
    "CCE",
    "DESK",
    "LP-JZ16",
    "SG-JZ32",
    "P-LYNX",
    "P-OTTER",
    "GI-DELTA",
    "PC-ZUID",
    "JZ32",
    "JZ31",
    "ET-MIDDEN-LIMBURG",
    "LT-GM0402",
    "LT-GM0944",
    "LT-GM0988",
    "SG-MIDDEN-LIMBURG",
};
#define CODES (sizeof codes / sizeof codes[0])

static unsigned
draw(struct hostile *h, unsigned limit)
{
	return h->draw(h->ctx, limit);
}

static char *
text(struct hostile *h, const char *s)
{
	return record_text(h->arena, s);
}

/* ---- messages ---------------------------------------------------------------------------------------------------------- */

static char *
draw_code(struct hostile *h, const struct hostile_case *c)
{
	const unsigned n = draw(h, CODES + 8);

	if (n < CODES)
		return text(h, codes[n]);
	if (c == NULL)
		return text(h, codes[n - CODES]);
	const struct code *const own[] = {&c->owner, &c->pending, &c->funder, &c->team};
	return text(h, own[n % 4]->s);
}

static char *
draw_date(struct hostile *h)
{
	const cal_day today = cal_local_day(h->now_ms);

	if (h->far_dates && draw(h, 30) == 0)
		return record_date(h->arena, today + ((cal_day)draw(h, 200) - 50) * 90);
	return record_date(h->arena, today + (cal_day)draw(h, 96) - 24);
}

static char *
draw_text(struct hostile *h, const ProtobufCMessageDescriptor *d, const char *field, const struct hostile_case *c)
{
	switch (form_of(d, field)) {
	case FORM_DATE: return draw_date(h);
	case FORM_ID: return arena_printf(h->arena, "A%u", 1 + draw(h, 4));
	case FORM_VERSION: return arena_printf(h->arena, "1.%u.0", draw(h, 4));
	case FORM_KEY: return arena_printf(h->arena, "P%u", 1 + draw(h, 26));
	default: return draw_code(h, c);
	}
}

static void fill(struct hostile *h, ProtobufCMessage *m, const struct hostile_case *c);

static void
draw_value(struct hostile *h, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, void *slot,
	   const struct hostile_case *c)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING: *(char **)slot = draw_text(h, m->descriptor, f->name, c); break;
	case PROTOBUF_C_TYPE_ENUM: {
		const ProtobufCEnumDescriptor *e = f->descriptor;
		*(int *)slot = e->values[1 + draw(h, e->n_values - 1)].value;
		break;
	}
	case PROTOBUF_C_TYPE_BOOL: *(protobuf_c_boolean *)slot = draw(h, 2) == 0; break;
	case PROTOBUF_C_TYPE_INT32: *(int32_t *)slot = (int32_t)draw(h, 90); break;
	case PROTOBUF_C_TYPE_INT64: *(int64_t *)slot = (int64_t)draw(h, 250); break;
	case PROTOBUF_C_TYPE_MESSAGE: {
		const ProtobufCMessageDescriptor *d = f->descriptor;
		ProtobufCMessage *part = arena_take(h->arena, d->sizeof_message);
		protobuf_c_message_init(d, part);
		fill(h, part, c);
		*(ProtobufCMessage **)slot = part;
		break;
	}
	default: break;
	}
}

/* Fields as the descriptor has them: most are filled, lists have one to three elements. */
static void
fill(struct hostile *h, ProtobufCMessage *m, const struct hostile_case *c)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		char *slot = (char *)m + f->offset;
		if (draw(h, 8) == 7)
			continue;
		if (f->label != PROTOBUF_C_LABEL_REPEATED) {
			draw_value(h, m, f, slot, c);
			continue;
		}
		const size_t count = 1 + draw(h, 3);
		char *list = arena_take(h->arena, count * field_value_size(f));
		for (size_t k = 0; k < count; k++)
			draw_value(h, m, f, list + k * field_value_size(f), c);
		*(size_t *)(void *)((char *)m + f->quantifier_offset) = count;
		*(char **)(void *)slot = list;
	}
	if (d == &pb_Participant_descriptor && draw(h, 4) != 3) {
		pb_Participant *p = (pb_Participant *)m;
		if (p->kind == (int)ROLE_YOUTH || p->kind == (int)ROLE_PARENT)
			p->organisation = text(h, "");
	}
}

static int
draw_role(struct hostile *h, unsigned kind)
{
	int allowed[ROLE_SYSTEM + 1];
	unsigned count = 0;

	for (int role = 1; role <= ROLE_SYSTEM; role++)
		if (record_role_may_publish(role, (int)kind))
			allowed[count++] = role;
	return count == 0 ? ROLE_OPERATOR : allowed[draw(h, count)];
}

static char *
draw_organisation(struct hostile *h, int role, const struct hostile_case *c)
{
	if (c == NULL || draw(h, 8) == 7)
		return draw_code(h, c);
	switch (role) {
	case ROLE_MUNICIPALITY:
	case ROLE_ALDERMAN: return text(h, c->funder.s);
	case ROLE_LOCAL_TEAM: return arena_printf(h->arena, "LT-%s", c->funder.s);
	case ROLE_CHAIR:
	case ROLE_PROCESS_DIRECTOR:
	case ROLE_TEAM_MEMBER: return text(h, c->team.s);
	case ROLE_EXPERTISE_CENTRE: return text(h, c->centre.s);
	case ROLE_NATIONAL_TEAM: return text(h, "NAT-VWS");
	case ROLE_NATIONAL_DESK: return text(h, "DESK");
	case ROLE_PROVIDER: return text(h, "P-LYNX");
	case ROLE_CERTIFIED_BODY: return text(h, "GI-DELTA");
	default: return text(h, draw(h, 2) == 0 ? c->owner.s : c->pending.s);
	}
}

/* Of the municipalities of an opening message only known ones: others are refused at once. */
static void
settle_opening(struct hostile *h, pb_Submission *s)
{
	char *const gemeente = text(h, codes[draw(h, 5)]);

	if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
		s->case_submitted->municipality = gemeente;
	else if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED)
		s->court_measure_registered->municipality = gemeente;
	else if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_REQUESTED)
		s->closed_placement_requested->municipality = gemeente;
}

pb_Submission *
hostile_submission(struct hostile *h)
{
	pb_Submission *s = ARENA_NEW(h->arena, pb_Submission);
	static const unsigned openers[] = {DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED,
					   DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED,
					   DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_REQUESTED};
	const unsigned kind = h->case_count == 0 ? openers[draw(h, 3)] : h->kinds[draw(h, h->kind_count)];
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(&pb_Submission_descriptor, kind);
	const unsigned which = draw(h, 2 * CASES_MAX);
	const bool fresh = record_kind_opens((int)kind) && (h->case_count == 0 || draw(h, 3) == 0);
	const struct hostile_case *c =
	    h->case_count == 0 || fresh || record_kind_has_no_case((int)kind) ? NULL : &h->cases[which % h->case_count];

	pb_Submission_init(s);
	s->source = text(h, HOSTILE_SOURCE);
	s->id = arena_printf(h->arena, "m-%llu", (unsigned long long)(draw(h, 32) == 31 ? 1 : ++h->message_id));
	s->case_id = text(h, c == NULL ? "" : c->id.s);
	s->occurred_at = ARENA_NEW(h->arena, Google__Protobuf__Timestamp);
	int64_t ago = draw(h, 8) == 7 ? (int64_t)draw(h, 20) : 0;
	if (h->far_dates && draw(h, 100) == 0)
		ago = (int64_t)draw(h, 90) * 100;
	record_timestamp(s->occurred_at, h->now_ms - ago * DAY_MS);
	s->actor = ARENA_NEW(h->arena, pb_Actor);
	pb_Actor_init(s->actor);
	const int role = draw_role(h, kind);
	s->actor->role = (Doorbraak__V1__Role)role;
	s->actor->organisation = draw_organisation(h, role, c);
	s->sequence = draw(h, 16) == 15 ? (int64_t)draw(h, 20) : 0;
	s->body_case = (Doorbraak__V1__Submission__BodyCase)kind;
	draw_value(h, &s->base, f, (char *)s + f->offset, c);
	settle_opening(h, s);
	return s;
}

void
hostile_init(struct hostile *h)
{
	const ProtobufCMessageDescriptor *d = &pb_Submission_descriptor;

	for (unsigned i = 0; i < d->n_fields; i++) {
		if (field_in_oneof(&d->fields[i]) && d->fields[i].id != DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
			h->kinds[h->kind_count++] = d->fields[i].id;
	}
}

struct bytes
hostile_source(struct arena *a, int64_t at_ms)
{
	pb_SourceRegistered r;

	pb_SourceRegistered_init(&r);
	r.source = record_text(a, HOSTILE_SOURCE);
	r.organisations = ARENA_ARRAY(a, char *, CODES);
	for (unsigned i = 0; i < CODES; i++)
		r.organisations[r.n_organisations++] = record_text(a, codes[i]);
	r.roles = ARENA_ARRAY(a, Doorbraak__V1__Role, ROLE_SYSTEM);
	for (int role = 1; role <= ROLE_SYSTEM; role++)
		r.roles[r.n_roles++] = (Doorbraak__V1__Role)role;
	r.sends_daily = true;
	return adopt_administration(a, "hostile-source", at_ms, DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED,
				    &r.base);
}

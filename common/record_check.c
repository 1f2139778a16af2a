// SPDX-License-Identifier: EUPL-1.2
/* record_check.c - validation of submissions: everything that needs no store and no clock, in one walk.
 *
 * The walk follows the descriptors and looks at every field that the contract has; conditions between fields stand at the
 * end, one function for each message that has any. */
#include <stdio.h>

#include "common/record_fields.h"
#include "common/record_forms.h"
#include "common/record_kinds.h"
#include "common/record_wire.h"

#define BODY(name) DOORBRAAK__V1__SUBMISSION__BODY_##name
#define BODY_FIRST DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED

static const char text_missing[] = "fill this field; the contract requires it";
static const char text_unknown_code[] = "use a value from the contract's list";
static const char text_forbidden[] =
    "looks like a BSN, a postcode or an e-mail address; Doorbraak takes codes and opaque ids only";
static const char text_unknown_field[] = "has a field that the contract does not know; leave it out";

/* ---- violations ---- */

/* Place of the least important violation, the last of these; `count` when there is room for any. */
static unsigned
least_important(const struct violations *vs)
{
	unsigned least = 0;

	if (vs->count < RECORD_VIOLATIONS_MAX)
		return vs->count;
	for (unsigned i = 1; i < vs->count; i++) {
		if (vs->v[i].reason >= vs->v[least].reason)
			least = i;
	}
	return least;
}

static bool
has_room(const struct violations *vs, int reason)
{
	return vs->count < RECORD_VIOLATIONS_MAX || reason < vs->v[least_important(vs)].reason;
}

void
violations_add(struct violations *vs, int reason, const char *field, const char *text)
{
	if (!has_room(vs, reason))
		return;
	const unsigned gone = least_important(vs);

	if (gone < vs->count) {
		memmove(&vs->v[gone], &vs->v[gone + 1], (vs->count - gone - 1) * sizeof(vs->v[0]));
		vs->count--;
	}
	vs->v[vs->count++] = (struct violation){reason, field, text};
}

void
violations_sort(struct violations *vs)
{
	for (unsigned i = 1; i < vs->count; i++) {
		const struct violation v = vs->v[i];
		unsigned j = i;

		for (; j > 0 && vs->v[j - 1].reason > v.reason; j--)
			vs->v[j] = vs->v[j - 1];
		vs->v[j] = v;
	}
}

/* ---- where the walk is ---- */

/* One step of a path; the submission itself is NULL. */
struct spot {
	const struct spot *up;
	const char *name;
	long index; /* -1: not in a list */
};

struct check {
	struct arena *arena;
	struct violations *vs;
};

static size_t
write_path(const struct spot *spot, char *out, size_t size)
{
	if (spot == NULL)
		return 0;
	size_t used = write_path(spot->up, out, size);
	int n = snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ".", spot->name);

	used = used + (size_t)n < size ? used + (size_t)n : size - 1;
	if (spot->index < 0)
		return used;
	n = snprintf(out + used, size - used, "[%ld]", spot->index);
	return used + (size_t)n < size ? used + (size_t)n : size - 1;
}

static void
add(struct check *c, int reason, const struct spot *spot, const char *text)
{
	char path[256] = "";

	if (!has_room(c->vs, reason))
		return; /* a megabyte of mistakes costs no memory */
	write_path(spot, path, sizeof(path));
	violations_add(c->vs, reason, arena_str(c->arena, bytes_str(path)), text);
}

static void
add_field(struct check *c, int reason, const struct spot *up, const char *name, const char *text)
{
	const struct spot spot = {up, name, -1};

	add(c, reason, &spot, text);
}

static bool
is_absent(const ProtobufCMessage *m, const char *name)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);

	ASSERT(f != NULL); /* the tables of this file and of record_kinds.c name fields of the contract */
	return !field_is_set(m, f);
}

static void
require(struct check *c, const ProtobufCMessage *m, const struct spot *spot, const char *name)
{
	if (is_absent(m, name))
		add_field(c, REASON_MISSING_FIELD, spot, name, text_missing);
}

/* ---- values ---- */

static void
check_text(struct check *c, const ProtobufCMessageDescriptor *d, const char *text, const struct spot *spot)
{
	const enum form form = form_of(d, spot->name);

	if (text[0] == '\0') {
		if (spot->index >= 0)
			add(c, REASON_MALFORMED, spot, "leave out empty elements of a list");
	} else if (record_is_forbidden(text)) {
		add(c, REASON_FORBIDDEN_CONTENT, spot, text_forbidden);
	} else if (!form_fits(form, text)) {
		add(c, REASON_MALFORMED, spot, form_remedy(form));
	}
}

static void
check_enum(struct check *c, const ProtobufCEnumDescriptor *e, int value, const struct spot *spot)
{
	const bool absent_in_list = value == 0 && spot->index >= 0;

	if (absent_in_list || protobuf_c_enum_descriptor_get_value(e, value) == NULL)
		add(c, REASON_UNKNOWN_CODE, spot, text_unknown_code);
}

struct range {
	const char *name;
	int32_t max;
	const char *remedy;
};

static void
check_number(struct check *c, int32_t value, const struct spot *spot)
{
	static const struct range ranges[] = {
	    {"parties", 1000, "write a number from 0 to 1000"},
	    {"earlier_providers", 1000, "write a number from 0 to 1000"},
	    {"earlier_placements", 1000, "write a number from 0 to 1000"},
	    {"expected_days", 3650, "write a number of days from 1 to 3650"},
	    {"cost_inside", 100000000, "write whole euro from 0 to 100000000"},
	    {"cost_outside", 100000000, "write whole euro from 0 to 100000000"},
	    {"cases_per_meeting", 1000, "write a number from 0 to 1000"},
	    {"cycle_days", 3650, "write a number of days from 0 to 3650"},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (strcmp(spot->name, ranges[i].name) == 0 && (value < 0 || value > ranges[i].max))
			add(c, REASON_MALFORMED, spot, ranges[i].remedy);
	}
}

static void
check_moment(struct check *c, const ProtobufCMessage *m, const struct spot *spot)
{
	const Google__Protobuf__Timestamp *t = (const Google__Protobuf__Timestamp *)m;

	if (m->n_unknown_fields > 0)
		add(c, REASON_FORBIDDEN_CONTENT, spot, text_unknown_field);
	if (!form_moment_fits(t))
		add(c, REASON_MALFORMED, spot, "write a moment from 1996 to 2199");
}

/* ---- parts: messages inside messages ---- */

struct part {
	const ProtobufCMessageDescriptor *message;
	const char *required[3];
};

static void
require_of_part(struct check *c, const ProtobufCMessage *m, const struct spot *spot)
{
	static const struct part parts[] = {
	    {&pb_Actor_descriptor, {"role", "organisation"}},
	    {&pb_Participant_descriptor, {"kind"}},
	    {&pb_PlanAction_descriptor, {"id", "organisation"}},
	    {&pb_RegistryRow_descriptor, {"row"}},
	    {&pb_PolicyValue_descriptor, {"key"}},
	    {&pb_Baseline_descriptor, {"code"}},
	    {&pb_TeamCapacity_descriptor, {"team"}},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (m->descriptor != parts[i].message)
			continue;
		for (const char *const *name = parts[i].required; *name != NULL; name++)
			require(c, m, spot, *name);
	}
}

static void
check_participant(struct check *c, const pb_Participant *p, const struct spot *spot)
{
	const bool family = p->kind == (int)ROLE_YOUTH || p->kind == (int)ROLE_PARENT;

	if (family && p->organisation[0] != '\0')
		add_field(c, REASON_MALFORMED, spot, "organisation", "leave empty for YOUTH and PARENT");
}

static void
check_registry_row(struct check *c, const pb_RegistryRow *row, const struct spot *spot)
{
	static const char *const needs[][3] = {
	    [REGISTRY_ROW_KIND_MUNICIPALITY] = {"municipality", "region"},
	    [REGISTRY_ROW_KIND_MERGER] = {"municipality", "successor"},
	    [REGISTRY_ROW_KIND_REGION] = {"region", "expertise_centre"},
	    [REGISTRY_ROW_KIND_EXPERT_TEAM] = {"region", "organisation"},
	    [REGISTRY_ROW_KIND_LANDING_PLACE] = {"region"},
	    [REGISTRY_ROW_KIND_EXPERTISE_CENTRE] = {"organisation", "municipality"},
	    [REGISTRY_ROW_KIND_PLACEMENT_COORDINATION] = {"organisation"},
	    [REGISTRY_ROW_KIND_FEATURE] = {"region"},
	    [REGISTRY_ROW_KIND_SUPPORTER_END] = {"organisation"},
	};
	const size_t kind = (size_t)row->row;

	if (kind >= sizeof(needs) / sizeof(needs[0]))
		return;
	for (const char *const *name = needs[kind]; *name != NULL; name++)
		require(c, &row->base, spot, *name);
	/* A team says which functions it covers, or that it lacks them (R83, K25). A landing place that says nothing is
	 * taken away, and a feature without a task takes the extra tasks away (registry.h). */
	const bool silent = row->n_functions == 0 && row->n_functions_missing == 0;

	if (kind == REGISTRY_ROW_KIND_EXPERT_TEAM && silent)
		add_field(c, REASON_MISSING_FIELD, spot, "functions", text_missing);
	if (kind == REGISTRY_ROW_KIND_LANDING_PLACE && !silent)
		require(c, &row->base, spot, "organisation");
}

static void
check_part(struct check *c, const ProtobufCMessage *m, const struct spot *spot)
{
	require_of_part(c, m, spot);
	if (m->descriptor == &pb_Participant_descriptor)
		check_participant(c, (const pb_Participant *)m, spot);
	else if (m->descriptor == &pb_RegistryRow_descriptor)
		check_registry_row(c, (const pb_RegistryRow *)m, spot);
}

/* ---- the walk ---- */

static void check_message(struct check *c, const ProtobufCMessage *m, const struct spot *spot);

static void
check_value(struct check *c, const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f, const void *slot,
	    const struct spot *spot)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING: check_text(c, d, slot_text(slot), spot); break;
	case PROTOBUF_C_TYPE_ENUM: check_enum(c, f->descriptor, slot_enum(slot), spot); break;
	case PROTOBUF_C_TYPE_INT32: check_number(c, *(const int32_t *)slot, spot); break;
	case PROTOBUF_C_TYPE_MESSAGE:
		if (slot_message(slot) != NULL && field_is_timestamp(f))
			check_moment(c, slot_message(slot), spot);
		else if (slot_message(slot) != NULL)
			check_message(c, slot_message(slot), spot);
		break;
	default: break;
	}
}

/* Lists of an adoption are as long as the country; those of policy tables as well. Their size is limited as a whole. */
static bool
is_long_list(const ProtobufCMessageDescriptor *d, const char *name)
{
	if (d == &pb_RegistryAdopted_descriptor)
		return strcmp(name, "rows") == 0;
	if (d == &pb_PolicyAdopted_descriptor)
		return strcmp(name, "extra_holidays") != 0;
	return form_is_policy(d);
}

static void
check_list(struct check *c, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const struct spot *up)
{
	const size_t count = field_count(m, f);

	if (count > RECORD_REPEATED_MAX && !is_long_list(m->descriptor, f->name)) {
		add_field(c, REASON_MALFORMED, up, f->name, "write at most 64 elements");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct spot spot = {up, f->name, (long)i};

		check_value(c, m->descriptor, f, field_element(m, f, i), &spot);
	}
}

static void
check_message(struct check *c, const ProtobufCMessage *m, const struct spot *spot)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;

	if (m->n_unknown_fields > 0)
		add(c, REASON_FORBIDDEN_CONTENT, spot, text_unknown_field);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		const struct spot at = {spot, f->name, -1};

		if (!field_is_set(m, f))
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			check_list(c, m, f, spot);
		else
			check_value(c, d, f, field_slot(m, f), &at);
	}
	check_part(c, m, spot);
}

/* ---- conditions between the fields of a body ---- */

static void
check_case_submitted(struct check *c, const pb_CaseSubmitted *m, const struct spot *spot)
{
	if (m->municipality[0] == '\0' && m->municipality_mother_at_birth[0] == '\0' &&
	    m->municipality_of_stay[0] == '\0')
		add_field(c, REASON_MISSING_FIELD, spot, "municipality",
			  "fill one of the three municipality fields: residence, mother's at birth, or stay");
}

static void
check_plan(struct check *c, const pb_PlanAgreed *m, const struct spot *spot)
{
	const size_t count = m->n_actions <= RECORD_REPEATED_MAX ? m->n_actions : 0;

	for (size_t i = 0; i < count; i++) {
		const struct spot action = {spot, "actions", (long)i};

		for (size_t j = 0; j < i; j++) {
			if (m->actions[i]->id[0] == '\0' || strcmp(m->actions[i]->id, m->actions[j]->id) != 0)
				continue;
			add_field(c, REASON_MALFORMED, &action, "id", "give each action of the plan an id of its own");
			break;
		}
	}
}

static void
check_escalation_request(struct check *c, const pb_EscalationRequested *m, const struct spot *spot)
{
	if (m->kind != (int)ESCALATION_KIND_EXPERTISE_CENTRE)
		return;
	require(c, &m->base, spot, "ec_reason");
	require(c, &m->base, spot, "tried");
}

static void
check_escalation_decision(struct check *c, int role, const pb_EscalationDecided *m, const struct spot *spot)
{
	const bool centre = m->kind == (int)ESCALATION_KIND_EXPERTISE_CENTRE;
	const bool of_centre =
	    m->decision == (int)ESCALATION_DECISION_ACCEPTED || m->decision == (int)ESCALATION_DECISION_REFUSED;
	const bool known = m->kind != 0 && record_enum_code(record_enum("EscalationKind"), (int)m->kind)[0] != '\0';

	if (m->kind == (int)ESCALATION_KIND_NATIONAL_TEAM) {
		add_field(c, REASON_UNKNOWN_CODE, spot, "kind",
			  "the national team answers with a transfer of ownership");
		return;
	}
	if (!known)
		return;
	if (m->decision != 0 && centre != of_centre)
		add_field(c, REASON_UNKNOWN_CODE, spot, "decision",
			  "an expertise centre answers ACCEPTED or REFUSED, the others RESOLVED or UNRESOLVED");
	if (record_role_may_publish(role, BODY(ESCALATION_DECIDED)) && !kind_role_may_decide(role, (int)m->kind))
		add_field(c, REASON_SENDER_NOT_ALLOWED, NULL, "actor.role",
			  "another role decides this kind of escalation");
}

static void
check_conditions(struct check *c, const pb_Submission *s, const struct spot *spot)
{
	const bool is_new = s->case_id[0] == '\0';

	switch (s->body_case) {
	case BODY(CASE_SUBMITTED): check_case_submitted(c, s->case_submitted, spot); break;
	case BODY(STUCK_DECLARED):
		if (s->stuck_declared->stuck_on == (int)STUCK_ON_SUPPLY)
			require(c, &s->stuck_declared->base, spot, "missing_supply");
		break;
	case BODY(PLAN_AGREED): check_plan(c, s->plan_agreed, spot); break;
	case BODY(ESCALATION_REQUESTED): check_escalation_request(c, s->escalation_requested, spot); break;
	case BODY(ESCALATION_DECIDED):
		check_escalation_decision(c, s->actor == NULL ? 0 : (int)s->actor->role, s->escalation_decided, spot);
		break;
	case BODY(COURT_MEASURE_REGISTERED):
		if (is_new)
			require(c, &s->court_measure_registered->base, spot, "municipality");
		break;
	case BODY(CLOSED_PLACEMENT_REQUESTED):
		if (is_new)
			require(c, &s->closed_placement_requested->base, spot, "municipality");
		break;
	default: break;
	}
}

/* ---- the envelope ---- */

static bool
needs_case(const pb_Submission *s)
{
	if (s->body_case == BODY(SIGNAL_ACKNOWLEDGED))
		return s->signal_acknowledged->subject == (int)SIGNAL_SUBJECT_CASE;
	return !record_kind_opens((int)s->body_case) && !record_kind_has_no_case((int)s->body_case);
}

static void
check_body(struct check *c, const pb_Submission *s)
{
	const ProtobufCMessage *body = record_body(&s->base);

	if (body == NULL) {
		add_field(c, REASON_MISSING_FIELD, NULL, "body", "fill one message; the contract lists them");
		return;
	}
	const struct spot spot = {NULL, protobuf_c_message_descriptor_get_field(s->base.descriptor, s->body_case)->name,
				  -1};

	for (const char *const *name = kind_required((int)s->body_case); *name != NULL; name++)
		require(c, body, &spot, *name);
	check_conditions(c, s, &spot);
	if (needs_case(s))
		require(c, &s->base, NULL, "case_id");
	else if (record_kind_has_no_case((int)s->body_case) && s->case_id[0] != '\0')
		add_field(c, REASON_MALFORMED, NULL, "case_id", "leave empty; this message belongs to no case");
}

static void
check_sender(struct check *c, const pb_Submission *s)
{
	const int role = s->actor == NULL ? 0 : (int)s->actor->role;

	if (role == 0 || s->body_case == DOORBRAAK__V1__SUBMISSION__BODY__NOT_SET)
		return; /* told as missing */
	if (record_enum_code(record_enum("Role"), role)[0] != '\0' && !record_role_may_publish(role, (int)s->body_case))
		add_field(c, REASON_SENDER_NOT_ALLOWED, NULL, "actor.role", "this role may not publish this message");
}

void
record_check_decoded(struct arena *a, const pb_Submission *submission, struct violations *vs)
{
	struct check c = {a, vs};

	check_message(&c, &submission->base, NULL);
	require(&c, &submission->base, NULL, "source");
	require(&c, &submission->base, NULL, "id");
	require(&c, &submission->base, NULL, "occurred_at");
	require(&c, &submission->base, NULL, "actor");
	check_sender(&c, submission);
	check_body(&c, submission);
	violations_sort(vs);
}

/* Before it is unpacked: what is allowed to be large must be nothing else. */
static bool
is_adoption(struct bytes b)
{
	const uint32_t adoptions[] = {BODY(REGISTRY_ADOPTED), BODY(POLICY_ADOPTED)};

	return wire_has_only(b, BODY_FIRST, adoptions, 2);
}

/* What is written down is the canonical form. Where that is shorter than what came in, it must be within the limit as well:
 * nothing may be accepted that the services cannot read. */
static pb_Submission *
unpack_within_limits(struct arena *a, struct bytes b, bool *exhausted)
{
	ProtobufCMessage *m = wire_unpack(a, &pb_Submission_descriptor, b, WIRE_SLACK_OUTSIDE, exhausted);

	if (m != NULL && protobuf_c_message_get_packed_size(m) < b.len)
		m = wire_unpack(a, &pb_Submission_descriptor, record_pack(a, m), WIRE_SLACK_OUTSIDE, exhausted);
	return (pb_Submission *)m;
}

pb_Submission *
record_decode_submission(struct arena *a, struct bytes b, struct violations *vs)
{
	struct check c = {a, vs};
	struct wire_finding finding;
	bool exhausted;

	if (b.len > RECORD_ADOPTION_MAX || (b.len > RECORD_SUBMISSION_MAX && !is_adoption(b))) {
		add(&c, REASON_MALFORMED, NULL, "too large; at most 64 KiB, RegistryAdopted and PolicyAdopted 1 MiB");
		return NULL;
	}
	const enum wire_fault fault = wire_scan(&pb_Submission_descriptor, b, false, &finding);
	if (fault != WIRE_GOOD) {
		add_field(&c, REASON_MALFORMED, NULL, finding.field,
			  fault == WIRE_TEXT ? "write text in UTF-8 without NUL" : "cannot be read; send a Submission");
		return NULL;
	}
	pb_Submission *s = unpack_within_limits(a, b, &exhausted);
	if (s == NULL)
		add(&c, REASON_MALFORMED, NULL,
		    exhausted ? "holds far too many small parts" : "cannot be read; send a Submission");
	return s;
}

pb_Submission *
record_check_submission(struct arena *a, struct bytes b, struct violations *vs)
{
	struct violations found = {.count = 0};
	pb_Submission *s = record_decode_submission(a, b, &found);

	if (s != NULL)
		record_check_decoded(a, s, &found);
	for (unsigned i = 0; i < found.count; i++)
		violations_add(vs, found.v[i].reason, found.v[i].field, found.v[i].text);
	violations_sort(vs);
	return found.count > 0 ? NULL : s;
}

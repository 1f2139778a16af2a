// SPDX-License-Identifier: EUPL-1.2
/* adoption.c - see adoption.h. */
#include "services/cli/adoption.h"

#include "common/digest.h"
#include "common/scope_effects.h"
#include "common/scope_signals.h"
#include "common/scope_triage.h"
#include "services/cli/policy_file.h"
#include "services/cli/registry_file.h"

#define SOURCE "operator"

const struct rules_scope *const adoption_scopes[ADOPTION_POLICY_SCOPES] = {&scope_accept, &scope_effects, &scope_triage,
									   &scope_signals};

/* ---- where the shipped files are ---- */

const char *
adoption_path(struct arena *a, const char *share_dir, const char *file)
{
	return strcmp(share_dir, ".") == 0 ? file : arena_printf(a, "%s/%s", share_dir, file);
}

void
adoption_policy_paths(struct arena *a, const char *share_dir, const char *paths[ADOPTION_POLICY_PATHS])
{
	paths[0] = adoption_path(a, share_dir, ADOPTION_POLICY_ROUTING);
	paths[1] = adoption_path(a, share_dir, ADOPTION_POLICY_TRIAGE);
	paths[2] = adoption_path(a, share_dir, ADOPTION_POLICY_SIGNALS);
}

/* ---- submissions ---- */

static const char *
id_from_content(struct arena *a, const char *kind, const ProtobufCMessage *body)
{
	const struct digest digest = digest_of(record_pack(a, body));
	char hex[2 * 8 + 1];

	bytes_hex(bytes_of(digest.b, 8), hex);
	return arena_printf(a, "%s-%s", kind, hex);
}

pb_Submission *
adoption_add(struct arena *a, const char *kind, const char *id, int body_case, ProtobufCMessage *body,
	     struct adoption *adoption)
{
	const ProtobufCFieldDescriptor *field =
	    protobuf_c_message_descriptor_get_field(&pb_Submission_descriptor, (unsigned)body_case);
	pb_Submission *s = ARENA_NEW(a, pb_Submission);
	pb_Actor *actor = ARENA_NEW(a, pb_Actor);

	ASSERT(field != NULL && field->descriptor == body->descriptor);
	pb_Submission_init(s);
	pb_Actor_init(actor);
	actor->role = (Doorbraak__V1__Role)ROLE_ADMINISTRATOR;
	actor->organisation = record_text(a, ADOPTION_ORGANISATION);
	s->source = record_text(a, SOURCE);
	s->id = record_text(a, id == NULL ? id_from_content(a, kind, body) : id);
	s->actor = actor;
	s->occurred_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	google__protobuf__timestamp__init(s->occurred_at);
	record_timestamp(s->occurred_at, adoption->at_ms);
	s->body_case = (Doorbraak__V1__Submission__BodyCase)body_case;
	/* All bodies are pointers in one union. */
	memcpy((char *)s + field->offset, &body, sizeof body);
	if (adoption->count < ADOPTION_MAX)
		adoption->submissions[adoption->count++] = s;
	else
		problems_add(&adoption->problems, arena_printf(a, "more than %d adoptions; divide them", ADOPTION_MAX));
	return s;
}

static bool
take_problems(struct adoption *adoption, const struct problems *found)
{
	for (unsigned i = 0; i < found->count && i < PROBLEMS_MAX; i++)
		problems_add(&adoption->problems, found->text[i]);
	return found->count == 0;
}

bool
adoption_add_registry(struct arena *a, const char *path, struct adoption *adoption)
{
	struct registry_file *file = ARENA_NEW(a, struct registry_file);

	if (!registry_file_read(a, path, file))
		return take_problems(adoption, &file->problems);
	for (unsigned i = 0; i < file->record_count; i++)
		adoption_add(a, "registry", NULL, DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED,
			     &file->records[i]->base, adoption);
	return adoption->problems.count == 0;
}

bool
adoption_add_policy(struct arena *a, const char *const *paths, unsigned path_count, struct adoption *adoption)
{
	struct policy_file *file = ARENA_NEW(a, struct policy_file);

	if (!policy_file_read(a, paths, path_count, adoption_scopes, ADOPTION_POLICY_SCOPES, file))
		return take_problems(adoption, &file->problems);
	adoption_add(a, "policy", NULL, DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED, &file->policy->base, adoption);
	return adoption->problems.count == 0;
}

bool
adoption_add_shipped(struct arena *a, const char *share_dir, struct adoption *adoption)
{
	const char *paths[ADOPTION_POLICY_PATHS];

	adoption_policy_paths(a, share_dir, paths);
	const bool registry = adoption_add_registry(a, adoption_path(a, share_dir, ADOPTION_REGISTRY), adoption);

	return adoption_add_policy(a, paths, ADOPTION_POLICY_PATHS, adoption) && registry;
}

void
adoption_add_source(struct arena *a, const char *id, const char *source, const char *const *organisations,
		    size_t organisation_count, uint64_t roles, struct adoption *adoption)
{
	pb_SourceRegistered *body = ARENA_NEW(a, pb_SourceRegistered);

	pb_SourceRegistered_init(body);
	body->source = record_text(a, source);
	body->organisations = ARENA_ARRAY(a, char *, organisation_count + 1);
	for (size_t i = 0; i < organisation_count; i++)
		body->organisations[body->n_organisations++] = record_text(a, organisations[i]);
	body->roles = arena_take(a, 64 * sizeof *body->roles);
	for (int role = 1; role < 64; role++) {
		if ((roles >> role & 1) != 0)
			body->roles[body->n_roles++] = (Doorbraak__V1__Role)role;
	}
	adoption_add(a, "source", id, DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED, &body->base, adoption);
}

// SPDX-License-Identifier: EUPL-1.2
/* adoption.h - what an administrator says to a system, as submissions in order: registry, policy, sources.
 *
 * All come from the built-in source `operator`, by ADMINISTRATOR@NAT-VWS. An id follows from what is said
 * ("registry-<digest>"): the same content twice is the same id, so that a system that has it already says ID_REUSED, or
 * duplicate when the moment is the same too.
 *
 * Shipped files stand under one folder (cli.h: share_dir) by the paths of the repository, such as
 * services/triage/registry/nl.yaml: <prefix>/share/doorbraak of an installation, or the repository itself. */
#ifndef DOORBRAAK_ADOPTION_H
#define DOORBRAAK_ADOPTION_H

#include "services/cli/yaml_reader.h"

#define ADOPTION_MAX            512 /* submissions */
#define ADOPTION_POLICY_PATHS   3
#define ADOPTION_ORGANISATION   "NAT-VWS" /* the administrator's */
#define ADOPTION_SAMPLES        "services/cli/samples"
#define ADOPTION_REGISTRY       "services/triage/registry/nl.yaml"
#define ADOPTION_REGISTRY_NAME  "nl"
#define ADOPTION_POLICY_SIGNALS "services/signalling/policy/signals.yaml"
#define ADOPTION_POLICY_ROUTING "services/routing/policy"
#define ADOPTION_POLICY_TRIAGE  "services/triage/policy/triage.yaml"
#define ADOPTION_POLICY_SCOPES  4

struct adoption {
	int64_t at_ms; /* when all this is said to happen */
	pb_Submission *submissions[ADOPTION_MAX];
	unsigned count;
	struct problems problems;
};

/* All scopes that policy files may use: for policy_file_read(). */
extern const struct rules_scope *const adoption_scopes[ADOPTION_POLICY_SCOPES];

/* A shipped file. */
const char *adoption_path(struct arena *a, const char *share_dir, const char *file);
void adoption_policy_paths(struct arena *a, const char *share_dir, const char *paths[ADOPTION_POLICY_PATHS]);

/* Each adds to *adoption; false when there are problems. */
bool adoption_add_registry(struct arena *a, const char *path, struct adoption *adoption);
bool adoption_add_policy(struct arena *a, const char *const *paths, unsigned path_count, struct adoption *adoption);
/* The shipped registry and policy. */
bool adoption_add_shipped(struct arena *a, const char *share_dir, struct adoption *adoption);
/* One body; `id` NULL: made of `kind` and a digest. */
pb_Submission *adoption_add(struct arena *a, const char *kind, const char *id, int body_case, ProtobufCMessage *body,
			    struct adoption *adoption);
/* A sender: the organisations and, as bits, the roles it may speak for. */
void adoption_add_source(struct arena *a, const char *id, const char *source, const char *const *organisations,
			 size_t organisation_count, uint64_t roles, struct adoption *adoption);

#endif

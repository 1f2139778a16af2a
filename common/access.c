// SPDX-License-Identifier: EUPL-1.2
#include "common/access.h"

#define ACCESS_READ (ACCESS_FIGURES | ACCESS_RULES)
#define CASE_WORK   (ACCESS_SUBMIT | ACCESS_CASES | ACCESS_SIGNALS | ACCESS_READ)
#define TOLD        (ACCESS_SUBMIT | ACCESS_SIGNALS | ACCESS_READ)
#define FIGURES     (ACCESS_SUBMIT | ACCESS_READ)

/* What a role may at most. A role that does not stand here may nothing. */
static const unsigned roles[] = {
    /* who work on a case, or decide in it */
    [ROLE_PROFESSIONAL] = CASE_WORK,
    [ROLE_PROVIDER] = CASE_WORK,
    [ROLE_LOCAL_TEAM] = CASE_WORK,
    [ROLE_MUNICIPALITY] = CASE_WORK,
    [ROLE_CHAIR] = CASE_WORK,
    [ROLE_PROCESS_DIRECTOR] = CASE_WORK,
    [ROLE_TEAM_MEMBER] = CASE_WORK,
    [ROLE_EXPERTISE_CENTRE] = CASE_WORK,
    [ROLE_NATIONAL_DESK] = CASE_WORK,
    [ROLE_NATIONAL_TEAM] = CASE_WORK,
    [ROLE_NATIONAL_SUPPORT_TEAM] = CASE_WORK,
    [ROLE_CCE] = CASE_WORK,
    [ROLE_CERTIFIED_BODY] = CASE_WORK,
    [ROLE_PROTECTOR] = CASE_WORK,
    [ROLE_CHILD_PROTECTION_BOARD] = CASE_WORK,
    [ROLE_PLACEMENT_COORDINATION] = CASE_WORK,
    /* who are told, and act on it */
    [ROLE_ALDERMAN] = TOLD,
    [ROLE_STEERING_GROUP] = TOLD,
    /* aggregated figures only */
    [ROLE_INSPECTORATE] = FIGURES,
    [ROLE_PURCHASING] = FIGURES,
    [ROLE_CONFIDENTIAL_ADVISER] = FIGURES,
    [ROLE_SAFE_HOME] = FIGURES,
    [ROLE_SCHOOL] = FIGURES,
    [ROLE_JUVENILE_COURT] = FIGURES,
    [ROLE_BRP_ADAPTER] = FIGURES,
    /* who run it know nothing of cases */
    [ROLE_ADMINISTRATOR] = FIGURES | ACCESS_SUBSCRIPTIONS,
    [ROLE_OPERATOR] = FIGURES | ACCESS_SUBSCRIPTIONS,
    /* a program that shows or passes on: what its scope says */
    [ROLE_SYSTEM] = CASE_WORK | ACCESS_SUBSCRIPTIONS,
};

/* Scopes that read cases; `field` of the question, and family of the topic, that say so. */
static const struct {
	enum access_reach reach;
	const char *name;
} reaches[] = {
    {ACCESS_REGION, "region"},
    {ACCESS_TEAM, "team"},
    {ACCESS_CENTRE, "centre"},
    {ACCESS_OWNER, "owner"},
};

static unsigned
by_scope(const struct caller *caller)
{
	unsigned rights = 0;

	if (caller->reach != ACCESS_NOWHERE)
		rights |= ACCESS_CASES | ACCESS_SIGNALS | ACCESS_READ;
	if (caller->source_count > 0)
		rights |= ACCESS_SUBMIT | ACCESS_READ;
	if (caller->is_operator)
		rights |= ACCESS_SUBSCRIPTIONS | ACCESS_READ;
	return rights;
}

bool
access_may(const struct caller *caller, enum access_right right)
{
	const bool known = caller->role > 0 && (size_t)caller->role < sizeof(roles) / sizeof(roles[0]);

	return known && (roles[caller->role] & by_scope(caller) & (unsigned)right) != 0;
}

bool
access_may_submit_as(const struct caller *caller, const char *source)
{
	bool is_one = false;

	for (unsigned i = 0; i < caller->source_count; i++)
		is_one = is_one || strcmp(caller->sources[i].s, "*") == 0 || strcmp(caller->sources[i].s, source) == 0;
	return is_one && access_may(caller, ACCESS_SUBMIT);
}

struct caller
access_open_door(void)
{
	struct caller caller = {.name = "open-door",
				.role = ROLE_SYSTEM,
				.reach = ACCESS_EVERYWHERE,
				.source_count = 1,
				.is_operator = true};

	caller.sources[0] = id_of("*");
	return caller;
}

/* ---- scopes as text ---- */

static const char *
reach_name(enum access_reach reach)
{
	for (size_t i = 0; i < sizeof(reaches) / sizeof(reaches[0]); i++) {
		if (reaches[i].reach == reach)
			return reaches[i].name;
	}
	return "";
}

static bool
add_source(struct caller *caller, const char *source, struct why *why)
{
	if (!record_is_id(source))
		why_set(why, "source:%.40s: a source is letters, digits and -, 64 at most", source);
	else if (caller->source_count == ACCESS_SOURCES_MAX)
		why_set(why, "more than %d sources: make another key", ACCESS_SOURCES_MAX);
	else
		caller->sources[caller->source_count++] = id_of(source);
	return why->text[0] == '\0';
}

static bool
add_reach(struct caller *caller, enum access_reach reach, const char *code, struct why *why)
{
	if (caller->reach != ACCESS_NOWHERE) {
		why_set(why, "two scopes that read cases: make a key for each");
		return false;
	}
	if (reach != ACCESS_EVERYWHERE && !record_is_code(code)) {
		why_set(why, "%s:%.40s: a code is A-Z, 0-9 and -, 40 at most", reach_name(reach), code);
		return false;
	}
	caller->reach = reach;
	caller->within = code_of(code);
	return true;
}

bool
access_add_scope(struct caller *caller, const char *scope, struct why *why)
{
	const char *colon = strchr(scope, ':');
	const size_t len = colon == NULL ? strlen(scope) : (size_t)(colon - scope);

	why->text[0] = '\0';
	if (strcmp(scope, "national") == 0)
		return add_reach(caller, ACCESS_EVERYWHERE, "", why);
	if (strcmp(scope, "operator") == 0) {
		caller->is_operator = true;
		return true;
	}
	if (colon != NULL && len == 6 && strncmp(scope, "source", len) == 0)
		return add_source(caller, colon + 1, why);
	for (size_t i = 0; colon != NULL && i < sizeof(reaches) / sizeof(reaches[0]); i++) {
		if (strlen(reaches[i].name) == len && strncmp(scope, reaches[i].name, len) == 0)
			return add_reach(caller, reaches[i].reach, colon + 1, why);
	}
	why_set(why,
		"'%.60s' is no scope: region:CODE, team:CODE, centre:CODE, owner:CODE, national, operator or source:ID",
		scope);
	return false;
}

const char *
access_scopes(struct arena *a, const struct caller *caller)
{
	const char *text = "";

	if (caller->reach == ACCESS_EVERYWHERE)
		text = "national";
	else if (caller->reach != ACCESS_NOWHERE)
		text = arena_printf(a, "%s:%s", reach_name(caller->reach), caller->within.s);
	if (caller->is_operator)
		text = arena_printf(a, "%s%soperator", text, text[0] == '\0' ? "" : " ");
	for (unsigned i = 0; i < caller->source_count; i++)
		text = arena_printf(a, "%s%ssource:%s", text, text[0] == '\0' ? "" : " ", caller->sources[i].s);
	return text;
}

/* ---- narrowing ---- */

/* A condition of the question becomes `value`. */
static enum access_narrowed
narrow_field(ProtobufCMessage *question, const char *name, const char *value, struct arena *a)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(question->descriptor, name);

	if (f == NULL || f->type != PROTOBUF_C_TYPE_STRING || f->label == PROTOBUF_C_LABEL_REPEATED)
		return ACCESS_REFUSED;
	char **slot = (char **)(void *)((char *)question + f->offset);

	if ((*slot)[0] != '\0' && strcmp(*slot, value) != 0)
		return ACCESS_NOTHING;
	*slot = record_text(a, value);
	return ACCESS_ASK;
}

static enum access_narrowed
narrow_pull(pb_PullRequest *pull, const char *topic, struct arena *a)
{
	char **within = ARENA_ARRAY(a, char *, pull->n_within + 1);

	for (size_t i = 0; i < pull->n_within; i++)
		within[i] = pull->within[i];
	within[pull->n_within++] = record_text(a, topic);
	pull->within = within;
	return ACCESS_ASK;
}

enum access_narrowed
access_narrow(const struct caller *caller, enum access_right right, pb_Request *request, struct arena *a)
{
	const char *name = right == ACCESS_SIGNALS ? "organisation" : reach_name(caller->reach);
	const char *value = right == ACCESS_SIGNALS ? caller->organisation.s : caller->within.s;
	/* All bodies of the oneof lie at the same place. */
	ProtobufCMessage *question = &request->pull->base;

	if (!access_may(caller, right))
		return ACCESS_REFUSED;
	if ((right != ACCESS_CASES && right != ACCESS_SIGNALS) || caller->reach == ACCESS_EVERYWHERE)
		return ACCESS_ASK;
	if (value[0] == '\0')
		return ACCESS_NOTHING;
	if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL)
		return narrow_pull(request->pull,
				   arena_printf(a, "%s/%s", right == ACCESS_SIGNALS ? "to" : name, value), a);
	return narrow_field(question, name, value, a);
}

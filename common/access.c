// SPDX-License-Identifier: EUPL-1.2
#include "common/access.h"

#define ACCESS_READ (ACCESS_FIGURES | ACCESS_RULES)
#define CASE_WORK   (ACCESS_SUBMIT | ACCESS_CASES | ACCESS_SIGNALS | ACCESS_READ)
#define TOLD        (ACCESS_SUBMIT | ACCESS_SIGNALS | ACCESS_READ)
#define FIGURES     (ACCESS_SUBMIT | ACCESS_READ)
#define RUNNING     (FIGURES | ACCESS_SUBSCRIPTIONS | ACCESS_JOURNALS | ACCESS_TIME | ACCESS_AUDIT)

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
    /* who run it ask nothing about cases; journals as a whole take a scope of their own */
    [ROLE_ADMINISTRATOR] = RUNNING,
    [ROLE_OPERATOR] = RUNNING,
    /* a program that shows or passes on: what its scope says */
    [ROLE_SYSTEM] = CASE_WORK | RUNNING,
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
		rights |= ACCESS_SUBSCRIPTIONS | ACCESS_TIME | ACCESS_AUDIT | ACCESS_READ;
	if (caller->reads_journals)
		rights |= ACCESS_JOURNALS | ACCESS_READ;
	return rights;
}

bool
access_may(const struct caller *caller, enum access_right right)
{
	const bool known = caller->role > 0 && (size_t)caller->role < sizeof(roles) / sizeof(roles[0]);

	if (right == ACCESS_HEALTH)
		return known;
	return known && (roles[caller->role] & by_scope(caller) & (unsigned)right) != 0;
}

static bool
may_speak_as(const struct caller *caller, int role)
{
	switch (caller->role) {
	case ROLE_SYSTEM: return true;
	case ROLE_ADMINISTRATOR:
	case ROLE_OPERATOR: return role == ROLE_ADMINISTRATOR || role == ROLE_OPERATOR || role == ROLE_SYSTEM;
	default: return role == caller->role;
	}
}

bool
access_may_publish(const struct caller *caller, const char *source, int role, int kind)
{
	bool is_one = false;

	for (unsigned i = 0; i < caller->source_count; i++)
		is_one = is_one || strcmp(caller->sources[i].s, "*") == 0 || strcmp(caller->sources[i].s, source) == 0;
	if (!is_one || !access_may(caller, ACCESS_SUBMIT) || !may_speak_as(caller, role))
		return false;
	return caller->service == 0 ||
	       (caller->service == SERVICE_SIGNALLING && kind == DOORBRAAK__V1__SUBMISSION__BODY_DELIVERY_REPORTED);
}

bool
access_may_follow_stream(const struct caller *caller)
{
	return access_may(caller, ACCESS_JOURNALS) ||
	       (caller->reach == ACCESS_EVERYWHERE && access_may(caller, ACCESS_CASES));
}

struct caller
access_open_door(void)
{
	struct caller caller = {.name = "open-door",
				.role = ROLE_SYSTEM,
				.reach = ACCESS_EVERYWHERE,
				.source_count = 1,
				.is_operator = true,
				.reads_journals = true};

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
	if (!record_is_id(source) && strcmp(source, "*") != 0)
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

/* In the order of the row. */
static const struct {
	int service;
	const char *name;
} services[] = {
    {SERVICE_INTAKE, "intake"},         {SERVICE_TRIAGE, "triage"},         {SERVICE_ROUTING, "routing"},
    {SERVICE_SIGNALLING, "signalling"}, {SERVICE_MONITORING, "monitoring"},
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static bool
add_service(struct caller *caller, const char *name, struct why *why)
{
	for (size_t i = 0; i < SERVICES; i++) {
		if (strcmp(services[i].name, name) == 0 &&
		    (caller->service == 0 || caller->service == services[i].service)) {
			caller->service = services[i].service;
			return true;
		}
	}
	why_set(why, "service:%.40s: one of intake, triage, routing, signalling and monitoring, and one only", name);
	return false;
}

bool
access_add_scope(struct caller *caller, const char *scope, struct why *why)
{
	const char *colon = strchr(scope, ':');
	const size_t len = colon == NULL ? strlen(scope) : (size_t)(colon - scope);

	why->text[0] = '\0';
	if (strcmp(scope, "journals") == 0) {
		caller->reads_journals = true;
		return true;
	}
	if (colon != NULL && len == 7 && strncmp(scope, "service", len) == 0)
		return add_service(caller, colon + 1, why);
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
		"'%.60s' is no scope: region:CODE, team:CODE, centre:CODE, owner:CODE, national, operator, journals, "
		"source:ID or "
		"service:NAME",
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
	if (caller->reads_journals)
		text = arena_printf(a, "%s%sjournals", text, text[0] == '\0' ? "" : " ");
	for (size_t i = 0; i < SERVICES; i++) {
		if (services[i].service == caller->service)
			text = arena_printf(a, "%s%sservice:%s", text, text[0] == '\0' ? "" : " ", services[i].name);
	}
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
	if (!access_may(caller, right))
		return ACCESS_REFUSED;
	if ((right != ACCESS_CASES && right != ACCESS_SIGNALS) || caller->reach == ACCESS_EVERYWHERE)
		return ACCESS_ASK;
	if (value[0] == '\0')
		return ACCESS_NOTHING;
	if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL)
		return narrow_pull(request->pull,
				   arena_printf(a, "%s/%s", right == ACCESS_SIGNALS ? "to" : name, value), a);
	/* All bodies of the oneof lie at the same place. */
	return narrow_field(&request->pull->base, name, value, a);
}

/* ---- at the door ---- */

static enum access_right
right_of_pull(int service, const pb_PullRequest *pull)
{
	if (service == SERVICE_MONITORING)
		return ACCESS_CASES;
	/* The other journals hold everything that was said; of signalling's the signals can be told apart. */
	bool signals_only = service == SERVICE_SIGNALLING && pull->n_topics > 0;

	for (size_t i = 0; i < pull->n_topics; i++)
		signals_only = signals_only && strncmp(pull->topics[i], "signal/", 7) == 0;
	return signals_only ? ACCESS_SIGNALS : ACCESS_JOURNALS;
}

enum access_right
access_right_of(int service, const pb_Request *request)
{
	switch (request->body_case) {
	case DOORBRAAK__V1__REQUEST__BODY_SUBMIT: return ACCESS_SUBMIT;
	case DOORBRAAK__V1__REQUEST__BODY_CLOCK: return ACCESS_TIME;
	case DOORBRAAK__V1__REQUEST__BODY_PULL: return right_of_pull(service, request->pull);
	case DOORBRAAK__V1__REQUEST__BODY_CASES:
	case DOORBRAAK__V1__REQUEST__BODY_STORY:
	case DOORBRAAK__V1__REQUEST__BODY_OVERVIEW:
	case DOORBRAAK__V1__REQUEST__BODY_DEADLINES: return ACCESS_CASES;
	case DOORBRAAK__V1__REQUEST__BODY_SIGNALS: return ACCESS_SIGNALS;
	case DOORBRAAK__V1__REQUEST__BODY_REPORT:
	case DOORBRAAK__V1__REQUEST__BODY_INDICATORS: return ACCESS_FIGURES;
	case DOORBRAAK__V1__REQUEST__BODY_REGISTRY:
	case DOORBRAAK__V1__REQUEST__BODY_POLICY: return ACCESS_RULES;
	case DOORBRAAK__V1__REQUEST__BODY_SUBSCRIPTIONS: return ACCESS_SUBSCRIPTIONS;
	case DOORBRAAK__V1__REQUEST__BODY_ACCESS_LOG: return ACCESS_AUDIT;
	case DOORBRAAK__V1__REQUEST__BODY_STATUS:
	case DOORBRAAK__V1__REQUEST__BODY__NOT_SET: return ACCESS_HEALTH; /* an empty one is refused with words */
	default: return ACCESS_NO_RIGHT; /* of a newer contract: nobody may until it stands here */
	}
}

/* One that cannot be read passes: intake says what is wrong with it. */
static enum access_narrowed
judge_submission(const struct caller *caller, const pb_SubmitRequest *submit, struct arena *a)
{
	struct violations *vs = ARENA_NEW(a, struct violations);
	const pb_Submission *s =
	    record_decode_submission(a, bytes_of(submit->submission.data, submit->submission.len), vs);

	if (submit->now != NULL && !access_may(caller, ACCESS_TIME))
		return ACCESS_REFUSED;
	if (s == NULL)
		return access_may(caller, ACCESS_SUBMIT) ? ACCESS_ASK : ACCESS_REFUSED;
	return access_may_publish(caller, s->source, s->actor == NULL ? 0 : (int)s->actor->role, (int)s->body_case)
		   ? ACCESS_ASK
		   : ACCESS_REFUSED;
}

/* Between services: the journal before one's own, how the others are, and nothing else. */
static bool
is_of_the_row(const struct caller *caller, int service, const pb_Request *request)
{
	for (size_t i = 1; i < SERVICES; i++) {
		if (services[i].service == caller->service)
			return services[i - 1].service == service &&
			       request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL;
	}
	return false;
}

enum access_narrowed
access_judge(const struct caller *caller, int service, pb_Request *request, struct arena *a)
{
	const enum access_right right = access_right_of(service, request);

	if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_SUBMIT)
		return judge_submission(caller, request->submit, a);
	if (caller->service != 0 && right != ACCESS_HEALTH)
		return is_of_the_row(caller, service, request) ? ACCESS_ASK : ACCESS_REFUSED;
	/* Who may read a journal as a whole may read a part of it. */
	if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL && access_may(caller, ACCESS_JOURNALS))
		return ACCESS_ASK;
	return access_narrow(caller, right, request, a);
}

pb_Reply *
access_nothing(struct arena *a, const pb_Request *request)
{
	const ProtobufCFieldDescriptor *asked =
	    protobuf_c_message_descriptor_get_field(&pb_Request_descriptor, (unsigned)request->body_case);
	const ProtobufCFieldDescriptor *told =
	    protobuf_c_message_descriptor_get_field_by_name(&pb_Reply_descriptor, asked->name);
	const ProtobufCMessageDescriptor *d = told->descriptor;
	ProtobufCMessage *body = arena_take(a, d->sizeof_message);
	pb_Reply *reply = ARENA_NEW(a, pb_Reply);

	protobuf_c_message_init(d, body);
	pb_Reply_init(reply);
	reply->request_id = request->request_id;
	reply->body_case = (Doorbraak__V1__Reply__BodyCase)told->id;
	*(ProtobufCMessage **)(void *)((char *)reply + told->offset) = body;
	return reply;
}

// SPDX-License-Identifier: EUPL-1.2
/* story.c - which records belong to a case, and where a rule comes from. */
#include "services/cli/json_text.h"
#include "common/policy_merge.h"
#include "services/cli/story_internal.h"

struct story *
story_new(struct arena *a, const char *case_id)
{
	struct story *s = ARENA_NEW(a, struct story);

	s->arena = a;
	s->case_id = arena_str(a, bytes_str(case_id));
	s->last = &s->events;
	return s;
}

unsigned
story_count(const struct story *s)
{
	return s->records;
}

unsigned
story_decisions(const struct story *s)
{
	return s->decisions;
}

const struct story_event *
story_first(const struct story *s)
{
	const struct story_event *e = s->events;

	while (e != NULL && e->cause <= s->behind)
		e = e->next;
	return e;
}

unsigned
story_events(const struct story *s)
{
	unsigned count = 0;

	for (const struct story_event *e = story_first(s); e != NULL; e = e->next)
		count++;
	return count;
}

void
story_alias(struct story *s, const char *case_id)
{
	struct story_alias *alias = ARENA_NEW(s->arena, struct story_alias);

	*alias = (struct story_alias){arena_str(s->arena, bytes_str(case_id)), s->aliases};
	s->aliases = alias;
}

void
story_begin_behind(struct story *s, uint64_t cause)
{
	s->behind = cause;
}

/* ---- taking ---- */

static bool
is_mine(const struct story *s, const char *case_id)
{
	if (case_id[0] == '\0')
		return false;
	for (const struct story_alias *alias = s->aliases; alias != NULL; alias = alias->next) {
		if (strcmp(alias->case_id, case_id) == 0)
			return true;
	}
	return strcmp(s->case_id, case_id) == 0;
}

/* A record in the story's own memory. */
static const struct record *
keep(struct story *s, struct bytes raw)
{
	struct record *copy = ARENA_NEW(s->arena, struct record);
	struct why why;

	if (!record_read(s->arena, arena_copy(s->arena, raw), copy, &why))
		fatal("a record that was read once cannot be read again: %s", why.text);
	s->records++;
	return copy;
}

static struct story_event *
event_of(struct story *s, uint64_t cause, int64_t at_ms)
{
	if (s->current != NULL && s->current->cause == cause)
		return s->current;
	struct story_event *event = ARENA_NEW(s->arena, struct story_event);

	*event = (struct story_event){.cause = cause, .at_ms = at_ms};
	event->last = &event->answers;
	*s->last = event;
	s->last = &event->next;
	s->current = event;
	if (s->origin_raw.len > 0 && s->origin.cause == cause) {
		event->origin = keep(s, s->origin_raw);
		event->at_ms = event->origin->at_ms;
	}
	return event;
}

/* The last record of intake is remembered: only what follows shows whether it has to do with the case. */
static void
take_origin(struct story *s, const struct record *r)
{
	uint8_t *room = (uint8_t *)(uintptr_t)s->origin_raw.data;

	if (s->origin_room < r->raw.len) {
		s->origin_room = 2 * r->raw.len;
		room = arena_take(s->arena, s->origin_room);
	}
	memcpy(room, r->raw.data, r->raw.len);
	s->origin_raw = bytes_of(room, r->raw.len);
	s->origin.cause = r->cause;
	if (r->submission == NULL)
		return;
	if (r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED) {
		struct story_policy *policy = ARENA_NEW(s->arena, struct story_policy);

		*policy = (struct story_policy){keep(s, r->raw)->submission->policy_adopted, r->cause, s->policies};
		s->policies = policy;
		s->records--;
	}
	if (is_mine(s, r->submission->case_id))
		event_of(s, r->cause, r->at_ms);
}

static void
take_answer(struct story *s, const struct record *r)
{
	const pb_Answer *answer = r->answer;
	const bool opened = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED;

	/* A message that was linked came in under an id of its own. */
	if (opened && is_mine(s, answer->case_opened->linked_to) && !is_mine(s, answer->case_id))
		story_alias(s, answer->case_id);
	if (!is_mine(s, answer->case_id) || answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_STATE)
		return;
	struct story_event *event = event_of(s, r->cause, r->at_ms);
	struct story_answer *kept = ARENA_NEW(s->arena, struct story_answer);

	kept->answer = keep(s, r->raw)->answer;
	*event->last = kept;
	event->last = &kept->next;
	s->decisions += answer->body_case != DOORBRAAK__V1__ANSWER__BODY_CASE_REGISTERED;
}

void
story_take(struct story *s, const struct record *r)
{
	if (r->intake != NULL)
		take_origin(s, r);
	else if (r->answer != NULL)
		take_answer(s, r);
}

/* ---- sources ---- */

/* Was the policy part of what is in force under this version: "1.0.0", or "1.0.0+JZ32-1.1.0" with a region's own? */
static bool
is_part_of(const pb_PolicyAdopted *policy, const char *version)
{
	const char *plus = strchr(version, '+');
	const size_t len = plus == NULL ? strlen(version) : (size_t)(plus - version);
	const size_t region = strlen(policy->region);

	if (region == 0)
		return strlen(policy->version) == len && strncmp(policy->version, version, len) == 0;
	return plus != NULL && strncmp(plus + 1, policy->region, region) == 0 && plus[1 + region] == '-' &&
	       strcmp(plus + 1 + region + 1, policy->version) == 0;
}

/* The policies by which an answer was decided: the region's own first, for its rows take the place of the national ones. */
struct by_policies {
	const pb_PolicyAdopted *policy[2];
	unsigned count;
};

static struct by_policies
policies_of(const struct story *s, const pb_Answer *answer)
{
	struct by_policies by = {.count = 0};

	for (unsigned national = 0; national < 2 && answer->basis != NULL; national++) {
		for (const struct story_policy *p = s->policies; p != NULL; p = p->next) {
			if (p->seq > answer->cause || (p->policy->region[0] == '\0') != (national == 1) ||
			    !is_part_of(p->policy, answer->basis->policy_version))
				continue;
			by.policy[by.count++] = p->policy;
			break;
		}
	}
	return by;
}

const pb_RuleRow *
story_row(const struct story *s, const pb_Answer *answer, const char *row)
{
	const struct by_policies by = policies_of(s, answer);
	const pb_RuleRow *found = NULL;

	for (unsigned i = 0; found == NULL && i < by.count; i++)
		found = policy_find_row(by.policy[i], row);
	return found;
}

const pb_RuleTable *
story_checks(const struct story *s, const pb_Answer *answer, const char *message)
{
	const struct by_policies by = policies_of(s, answer);
	const pb_RuleTable *found = NULL;

	for (unsigned i = 0; found == NULL && i < by.count; i++)
		found = policy_find_table(by.policy[i], "accept", message);
	return found;
}

static const pb_RuleSource *
row_source(const struct story *s, const pb_Answer *answer)
{
	const pb_RuleRow *row = story_row(s, answer, answer->basis->row);

	return row == NULL ? NULL : row->source;
}

static const pb_RuleSource *
deadline_source(const struct story *s, const pb_Answer *answer, int kind)
{
	const struct by_policies by = policies_of(s, answer);
	const pb_DeadlineRule *rule = NULL;

	for (unsigned i = 0; rule == NULL && i < by.count; i++)
		rule = policy_find_deadline(by.policy[i], kind);
	return rule == NULL ? NULL : rule->source;
}

const pb_RuleSource *
story_source(const struct story *s, const pb_Answer *answer)
{
	if (answer->basis == NULL)
		return NULL;
	if (answer->basis->row[0] != '\0')
		return row_source(s, answer);
	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
		return deadline_source(s, answer, (int)answer->deadline_set->kind);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		return deadline_source(s, answer, (int)answer->deadline_missed->kind);
	default: return NULL;
	}
}

/* ---- names ---- */

const char *
story_signal_name(struct arena *a, int code)
{
	char *name = arena_printf(a, "%s", record_code_of("SignalCode", code));

	for (char *p = name; *p != '\0'; p++) {
		if (*p == '_')
			*p = ' ';
		else if (p > name && *p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return name;
}

const char *
story_deadline_name(struct arena *a, int kind, const char *reference)
{
	return arena_printf(a, "%s%s%s", record_code_of("DeadlineKind", kind), reference[0] == '\0' ? "" : "/",
			    reference);
}

/* ---- comparing ---- */

/* The next answer about the course of the case: what routing decided, on which day. */
static const pb_Answer *
next_on_the_way(const struct story_event **event, const struct story_answer **answer)
{
	while (*event != NULL) {
		*answer = *answer == NULL ? (*event)->answers : (*answer)->next;
		if (*answer == NULL)
			*event = (*event)->next;
		else if ((*answer)->answer->service == (int)SERVICE_ROUTING &&
			 (*answer)->answer->body_case != DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING)
			return (*answer)->answer;
	}
	return NULL;
}

bool
story_is_same_way(const struct story *story, const struct story *other)
{
	const struct story_event *event = story->events, *other_event = other->events;
	const struct story_answer *answer = NULL, *other_answer = NULL;
	const pb_Answer *a;
	struct arena *arena = story->arena;

	while ((a = next_on_the_way(&event, &answer)) != NULL) {
		const pb_Answer *b = next_on_the_way(&other_event, &other_answer);

		if (b == NULL || a->body_case != b->body_case || strcmp(a->effect_date, b->effect_date) != 0 ||
		    !bytes_equal(record_pack(arena, record_body(&a->base)), record_pack(arena, record_body(&b->base))))
			return false;
	}
	return true;
}

/* ---- json ---- */

static void
print_near_json(const struct story *s, const pb_Answer *answer, FILE *out)
{
	fputs(",\"near\":[", out);
	for (size_t i = 0; answer->basis != NULL && i < answer->basis->n_near; i++)
		fprintf(out, "%s{\"row\":\"%s\",\"fact\":\"%s\",\"text\":%s}", i == 0 ? "" : ",",
			answer->basis->near[i]->row, answer->basis->near[i]->fact,
			json_text(s->arena, story_near_text(s, answer, answer->basis->near[i])));
	fputc(']', out);
}

static void
print_answer_json(const struct story *s, const struct story_event *e, const pb_Answer *answer, FILE *out)
{
	const pb_RuleSource *source = story_source(s, answer);

	fprintf(out, "{\"kind\":\"%s\",\"source\":%s", record_body_name(&answer->base),
		source == NULL ? "null" : record_json(s->arena, &source->base, true));
	print_near_json(s, answer, out);
	if (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED)
		fprintf(out, ",\"would_fit\":%s", json_text(s->arena, story_refused_text(s, e, answer)));
	fprintf(out, ",\"answer\":%s}", record_json(s->arena, &answer->base, true));
}

void
story_print_events_json(const struct story *s, FILE *out)
{
	char at[32];

	fputc('[', out);
	for (const struct story_event *e = story_first(s); e != NULL; e = e->next) {
		const bool message = e->origin != NULL && e->origin->submission != NULL;

		cal_format_timestamp(e->at_ms, at);
		fprintf(out, "%s{\"cause\":%llu,\"at\":\"%s\",\"message\":%s,\"answers\":[",
			e == story_first(s) ? "" : ",", (unsigned long long)e->cause, at,
			message ? record_json(s->arena, &e->origin->submission->base, true) : "null");
		for (const struct story_answer *one = e->answers; one != NULL; one = one->next) {
			print_answer_json(s, e, one->answer, out);
			if (one->next != NULL)
				fputc(',', out);
		}
		fputs("]}", out);
	}
	fputc(']', out);
}

void
story_print_json(const struct story *s, FILE *out)
{
	fprintf(out, "{\"case_id\":\"%s\",\"events\":", s->case_id);
	story_print_events_json(s, out);
	fputs("}\n", out);
}

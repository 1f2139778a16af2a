// SPDX-License-Identifier: EUPL-1.2
/* story.c - which records belong to a case, and where a rule comes from. */
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
	if (opened && is_mine(s, answer->case_opened->linked_to)) {
		struct story_alias *alias = ARENA_NEW(s->arena, struct story_alias);

		*alias = (struct story_alias){arena_str(s->arena, bytes_str(answer->case_id)), s->aliases};
		s->aliases = alias;
	}
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

static const pb_RuleSource *
source_in(const pb_PolicyAdopted *policy, const char *row)
{
	for (size_t t = 0; policy->tables != NULL && t < policy->tables->n_tables; t++) {
		const pb_RuleTable *table = policy->tables->tables[t];

		for (size_t b = 0; b < table->n_blocks; b++) {
			for (size_t i = 0; i < table->blocks[b]->n_rows; i++) {
				if (strcmp(table->blocks[b]->rows[i]->id, row) == 0)
					return table->blocks[b]->rows[i]->source;
			}
		}
	}
	return NULL;
}

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

/* Of a region's own policy first: its rows take the place of the national ones. */
static const pb_RuleSource *
row_source(const struct story *s, const pb_Answer *answer)
{
	const pb_RuleSource *found = NULL;

	for (const struct story_policy *p = s->policies; p != NULL; p = p->next) {
		if (p->seq > answer->cause || !is_part_of(p->policy, answer->basis->policy_version))
			continue;
		const pb_RuleSource *source = source_in(p->policy, answer->basis->row);

		if (source != NULL && p->policy->region[0] != '\0')
			return source;
		if (source != NULL && found == NULL)
			found = source;
	}
	return found;
}

static const pb_RuleSource *
deadline_source(const struct story *s, const pb_Answer *answer, int kind)
{
	for (const struct story_policy *p = s->policies; p != NULL; p = p->next) {
		const pb_PolicyTables *tables = p->policy->tables;

		if (p->seq > answer->cause || tables == NULL || p->policy->region[0] != '\0')
			continue;
		for (size_t i = 0; i < tables->n_deadlines; i++) {
			if ((int)tables->deadlines[i]->kind == kind)
				return tables->deadlines[i]->source;
		}
	}
	return NULL;
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

/* ---- json ---- */

static void
print_answer_json(const struct story *s, const pb_Answer *answer, FILE *out)
{
	const pb_RuleSource *source = story_source(s, answer);

	fprintf(out, "{\"kind\":\"%s\",\"source\":%s,\"answer\":%s}", record_body_name(&answer->base),
		source == NULL ? "null" : record_json(s->arena, &source->base, true),
		record_json(s->arena, &answer->base, true));
}

void
story_print_json(const struct story *s, FILE *out)
{
	char at[32];

	fprintf(out, "{\"case_id\":\"%s\",\"events\":[", s->case_id);
	for (const struct story_event *e = s->events; e != NULL; e = e->next) {
		const bool message = e->origin != NULL && e->origin->submission != NULL;

		cal_format_timestamp(e->at_ms, at);
		fprintf(out, "%s{\"cause\":%llu,\"at\":\"%s\",\"message\":%s,\"answers\":[", e == s->events ? "" : ",",
			(unsigned long long)e->cause, at,
			message ? record_json(s->arena, &e->origin->submission->base, true) : "null");
		for (const struct story_answer *one = e->answers; one != NULL; one = one->next) {
			print_answer_json(s, one->answer, out);
			if (one->next != NULL)
				fputc(',', out);
		}
		fputs("]}", out);
	}
	fputs("]}\n", out);
}

// SPDX-License-Identifier: EUPL-1.2
/* play_run.c - a scenario step by step: time passes, messages go out, answers come in. */
#include <stdio.h>
#include <stdlib.h>

#include "services/cli/play.h"
#include "services/cli/registry_file.h"

#define NO_CASE "no-such-case" /* an id that intake never gives out */

/* ---- which case ---- */

const char *
play_resolve(const struct play *play, const char *case_id)
{
	for (const struct play_link *l = play->links; l != NULL; l = l->next) {
		if (strcmp(l->from, case_id) == 0)
			return l->to;
	}
	return case_id;
}

const char *
play_name(const struct play *play, const char *case_id)
{
	const char *resolved = play_resolve(play, case_id);

	for (unsigned i = 0; resolved[0] != '\0' && i < play->scenario->alias_count; i++) {
		if (strcmp(play->cases[i].case_id, resolved) == 0)
			return play->scenario->aliases[i];
	}
	return case_id;
}

static void
on_opened(struct play *play, const struct record *r)
{
	const char *case_id = r->answer->case_id;
	const char *linked_to = r->answer->case_opened->linked_to;
	struct arena *a = play->world->arena;

	/* Routing may speak of the open case at once; the fresh id is what intake answered. */
	for (unsigned i = 0; i < play->scenario->message_count; i++) {
		if (play->sent[i].seq == r->cause && play->sent[i].case_id != NULL)
			case_id = play->sent[i].case_id;
	}
	if (linked_to[0] != '\0') {
		struct play_link *link = ARENA_NEW(a, struct play_link);
		*link = (struct play_link){case_id, play_resolve(play, linked_to), play->links};
		play->links = link;
	}
	for (unsigned i = 0; i < play->scenario->alias_count; i++) {
		struct play_case *c = &play->cases[i];

		if (c->case_id[0] == '\0' || strcmp(c->case_id, case_id) != 0)
			continue;
		c->case_id = play_resolve(play, case_id);
		c->opened = true;
	}
}

/* ---- what comes in ---- */

static void
take_note(struct play *play, const struct record *r)
{
	if (r->answer == NULL)
		return;
	if (r->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED)
		on_opened(play, r);
	if (r->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED) {
		struct play_rejection *rejection = ARENA_NEW(play->world->arena, struct play_rejection);

		*rejection = (struct play_rejection){r->cause, r->answer->message_rejected, play->rejections};
		play->rejections = rejection;
	}
}

static enum err
settle(struct play *play, struct why *why)
{
	const struct record *records;
	unsigned count;
	const enum err err = world_settle(play->world, &records, &count, why);

	if (err != ERR_NONE || count == 0)
		return err;
	if (play->batch_count == PLAY_BATCHES_MAX) {
		why_set(why, "more than %d messages that open cases in one step: divide it", PLAY_BATCHES_MAX);
		return ERR_REFUSED;
	}
	play->batches[play->batch_count].records = records;
	play->batches[play->batch_count++].count = count;
	for (unsigned i = 0; i < count; i++)
		take_note(play, &records[i]);
	return ERR_NONE;
}

/* ---- what goes out ---- */

/* A version behind it, for what a step adopts without saying which. */
static char *
next_version(struct arena *a, const char *version, unsigned n)
{
	unsigned major = 1, minor = 0, patch = 0;

	(void)!sscanf(version, "%u.%u.%u", &major, &minor, &patch);
	return arena_printf(a, "%u.%u.%u", major, minor, patch + n);
}

static void
put_value(pb_PolicyAdopted *policy, pb_PolicyValue *value)
{
	for (size_t i = 0; i < policy->n_values; i++) {
		if (strcmp(policy->values[i]->key, value->key) == 0) {
			policy->values[i] = value;
			return;
		}
	}
	policy->values[policy->n_values++] = value;
}

/* A national policy takes the place of the whole one before; a story that only changes some values means the rest
 * to stay. */
static pb_PolicyAdopted *
complete_policy(struct play *play, const pb_PolicyAdopted *said)
{
	struct arena *a = play->world->arena;
	const pb_PolicyAdopted *old = play->policy;
	pb_PolicyAdopted *policy = ARENA_NEW(a, pb_PolicyAdopted);

	*policy = *said;
	if (policy->version[0] == '\0')
		policy->version = next_version(a, old == NULL ? "1.0.0" : old->version, ++play->adoptions);
	if (old == NULL || policy->region[0] != '\0' || policy->tables != NULL)
		return policy;
	policy->values = ARENA_ARRAY(a, pb_PolicyValue *, old->n_values + said->n_values + 1);
	policy->n_values = 0;
	for (size_t i = 0; i < old->n_values; i++)
		put_value(policy, old->values[i]);
	for (size_t i = 0; i < said->n_values; i++)
		put_value(policy, said->values[i]);
	policy->tables = old->tables;
	if (policy->n_extra_holidays == 0) {
		policy->n_extra_holidays = old->n_extra_holidays;
		policy->extra_holidays = old->extra_holidays;
	}
	if (policy->n_baselines == 0) {
		policy->n_baselines = old->n_baselines;
		policy->baselines = old->baselines;
	}
	if (policy->n_capacities == 0) {
		policy->n_capacities = old->n_capacities;
		policy->capacities = old->capacities;
	}
	return policy;
}

/* What the file leaves to the player: versions, and the case an acknowledgement is about. */
static void
complete_body(struct play *play, const struct scenario_message *m, pb_Submission *s)
{
	struct arena *a = play->world->arena;

	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED:
		s->policy_adopted = complete_policy(play, s->policy_adopted);
		if (s->policy_adopted->region[0] == '\0')
			play->policy = s->policy_adopted;
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED:
		if (s->registry_adopted->version[0] == '\0') {
			pb_RegistryAdopted *registry = ARENA_NEW(a, pb_RegistryAdopted);

			*registry = *s->registry_adopted;
			registry->version = next_version(a, play->registry_version, ++play->adoptions);
			s->registry_adopted = registry;
		}
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED:
		if (m->subject_alias >= 0) {
			pb_SignalAcknowledged *said = ARENA_NEW(a, pb_SignalAcknowledged);

			*said = *s->signal_acknowledged;
			said->subject_id = record_text(a, play->cases[m->subject_alias].case_id);
			s->signal_acknowledged = said;
		}
		break;
	default: break;
	}
}

/* "" for messages that get a fresh case, or have none. */
static const char *
case_id_for(const struct play *play, const struct scenario_message *m)
{
	const int kind = (int)m->submission->body_case;

	if (m->alias < 0 || record_kind_has_no_case(kind) || kind == DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
		return "";
	const struct play_case *c = &play->cases[m->alias];

	if (record_kind_opens(kind) && !c->opened)
		return "";
	if (kind == DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED && m->subject_alias < 0)
		return "";
	return c->case_id[0] == '\0' ? NO_CASE : c->case_id;
}

static const pb_Submission *
write_message(struct play *play, const struct scenario_step *step, const struct scenario_message *m)
{
	struct arena *a = play->world->arena;

	if (m->repeats >= 0 && play->sent[m->repeats].submission != NULL)
		return play->sent[m->repeats].submission;
	pb_Submission *s = ARENA_NEW(a, pb_Submission);

	*s = *m->submission;
	if (m->key == NULL)
		s->id = arena_printf(a, "%s-%u", play->prefix, ++play->made);
	s->case_id = record_text(a, case_id_for(play, m));
	s->occurred_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	google__protobuf__timestamp__init(s->occurred_at);
	record_timestamp(s->occurred_at, m->occurred_ms != 0 ? m->occurred_ms : step->at_ms);
	complete_body(play, m, s);
	return s;
}

static enum err
send_message(struct play *play, const struct scenario_step *step, const struct scenario_message *m, struct why *why)
{
	struct play_sent *sent = &play->sent[m->number];

	sent->submission = write_message(play, step, m);
	const pb_Reply *reply = world_submit(play->world, sent->submission, step->at_ms, why);
	if (reply == NULL)
		return ERR_AGAIN;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED) {
		sent->rejected = reply->rejected;
		return ERR_NONE;
	}
	sent->seq = reply->accepted->seq;
	sent->duplicate = reply->accepted->duplicate;
	if (!record_kind_opens((int)sent->submission->body_case) || m->alias < 0)
		return ERR_NONE;
	struct play_case *c = &play->cases[m->alias];

	sent->case_id = reply->accepted->case_id;
	if (!c->opened)
		c->case_id = play_resolve(play, sent->case_id);
	/* What follows may be about the case that this one turns out to be. */
	return settle(play, why);
}

enum err
play_step(struct play *play, const struct scenario_step *step, struct why *why)
{
	enum err err = world_time(play->world, step->at_ms, why);

	play->batch_count = 0;
	if (err == ERR_NONE)
		err = settle(play, why);
	for (unsigned i = 0; i < step->message_count && err == ERR_NONE; i++)
		err = send_message(play, step, step->messages[i], why);
	return err == ERR_NONE ? settle(play, why) : err;
}

/* ---- beginning ---- */

/* Is this row about what a row of the patch is about? A gemeente that is patched is no longer merged away. */
static bool
is_replaced(const pb_RegistryRow *row, const pb_RegistryAdopted *patch)
{
	for (size_t i = 0; i < patch->n_rows; i++) {
		const pb_RegistryRow *by = patch->rows[i];
		const bool place = (int)by->row == REGISTRY_ROW_KIND_MUNICIPALITY;
		const bool region = (int)by->row == REGISTRY_ROW_KIND_REGION;

		if (place &&
		    ((int)row->row == REGISTRY_ROW_KIND_MUNICIPALITY || (int)row->row == REGISTRY_ROW_KIND_MERGER) &&
		    strcmp(row->municipality, by->municipality) == 0)
			return true;
		if (region &&
		    ((int)row->row == REGISTRY_ROW_KIND_REGION || (int)row->row == REGISTRY_ROW_KIND_LANDING_PLACE) &&
		    strcmp(row->region, by->region) == 0)
			return true;
	}
	return false;
}

static void
leave_out_replaced(pb_RegistryAdopted *registry, const pb_RegistryAdopted *patch)
{
	size_t kept = 0;

	for (size_t i = 0; i < registry->n_rows; i++) {
		if (!is_replaced(registry->rows[i], patch))
			registry->rows[kept++] = registry->rows[i];
	}
	registry->n_rows = kept;
}

static void
leave_out_empty(struct adoption *adoption)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < adoption->count; i++) {
		pb_Submission *s = adoption->submissions[i];

		if (s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED || s->registry_adopted->n_rows > 0)
			adoption->submissions[kept++] = s;
	}
	adoption->count = kept;
}

/* The patch takes the place of what the shipped registry says about the same region or gemeente, on whatever day. */
static bool
patch_registry(struct play *play, struct adoption *adoption, struct why *why)
{
	struct arena *a = play->world->arena;
	pb_RegistryAdopted *first = adoption->submissions[0]->registry_adopted;
	const pb_RegistryAdopted *patch = registry_file_patch(a, play->scenario->file, play->scenario->registry_patch,
							      first->version, first->valid_from, why);

	if (patch == NULL)
		return false;
	for (unsigned i = 0; i < adoption->count; i++) {
		if (adoption->submissions[i]->body_case == DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED)
			leave_out_replaced(adoption->submissions[i]->registry_adopted, patch);
	}
	pb_RegistryRow **rows = ARENA_ARRAY(a, pb_RegistryRow *, first->n_rows + patch->n_rows + 1);
	for (size_t i = 0; i < first->n_rows; i++)
		rows[i] = first->rows[i];
	for (size_t i = 0; i < patch->n_rows; i++)
		rows[first->n_rows + i] = patch->rows[i];
	first->rows = rows;
	first->n_rows += patch->n_rows;
	leave_out_empty(adoption);
	return true;
}

static bool
add_shipped(struct play *play, struct adoption *adoption, struct why *why)
{
	if (!adoption_add_shipped(play->world->arena, play->world->cli->share_dir, adoption)) {
		why_set(why, "%s", adoption->problems.text[0]);
		return false;
	}
	for (unsigned i = 0; i < adoption->count; i++) {
		const pb_Submission *s = adoption->submissions[i];

		if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
			play->policy = s->policy_adopted;
		else
			play->registry_version = s->registry_adopted->version;
	}
	return true;
}

enum err
play_begin(struct play *play, struct world *world, const struct scenario *s, bool adopt, int64_t at_ms,
	   const char *prefix, struct why *why)
{
	struct arena *a = world->arena;
	struct adoption *adoption = ARENA_NEW(a, struct adoption);
	const struct record *records;
	unsigned count;

	*play = (struct play){.world = world, .scenario = s, .prefix = prefix, .registry_version = "1.0.0"};
	play->cases = ARENA_ARRAY(a, struct play_case, s->alias_count + 1);
	play->sent = ARENA_ARRAY(a, struct play_sent, s->message_count + 1);
	for (unsigned i = 0; i < s->alias_count; i++)
		play->cases[i].case_id = "";
	adoption->at_ms = at_ms;
	if (!add_shipped(play, adoption, why))
		return ERR_REFUSED;
	if (!adopt)
		adoption->count = 0;
	if (adopt && s->registry_patch != NULL && !patch_registry(play, adoption, why))
		return ERR_REFUSED;
	for (unsigned i = 0; adopt && i < s->policy_count; i++)
		adoption_add(a, "policy", NULL, DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED, &s->policies[i]->base,
			     adoption);
	for (unsigned i = 0; i < s->source_count; i++) {
		const struct scenario_source *source = &s->sources[i];

		adoption_add_source(a, arena_printf(a, "%s-source-%u", prefix, i), source->id, source->organisations,
				    source->organisation_count, source->roles, adoption);
	}
	enum err err = world_time(world, adoption->at_ms, why);
	if (err == ERR_NONE)
		err = world_adopt(world, adoption, why);
	/* What the adoption itself led to belongs to no step. */
	return err == ERR_NONE ? world_settle(world, &records, &count, why) : err;
}

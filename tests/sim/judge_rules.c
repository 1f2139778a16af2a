// SPDX-License-Identifier: EUPL-1.2
/* judge_rules.c - what holds when a record is dealt with, and when a day has begun. */
#include "tests/sim/judge_internal.h"

static bool
begins(const struct code *code, const char *prefix)
{
	return strncmp(code->s, prefix, strlen(prefix)) == 0;
}

/* ---- a case (I1-I6) ---- */

static int
rung(const struct code *code)
{
	if (begins(code, "EC-"))
		return LEVEL_SUPRAREGIONAL;
	return begins(code, "ET-") || begins(code, "LP-") ? LEVEL_REGIONAL : LEVEL_LOCAL;
}

static int
level_of(const struct judge_picture *p)
{
	int level = rung(&p->owner);

	if (strcmp(p->owner.s, "NAT-VWS") == 0)
		return LEVEL_NATIONAL;
	for (unsigned i = 0; i < p->supporters.count; i++)
		if (rung(&p->supporters.of[i]) > level)
			level = rung(&p->supporters.of[i]);
	return level;
}

static bool
open_case_holds(struct judge *j, const struct judge_case *c)
{
	const struct judge_picture *p = &c->is;

	if (p->owner.s[0] == '\0')
		return judge_fails(j, "I1", c->id.s, "it is open and has no owner");
	if (p->deadline_count == 0)
		return judge_fails(j, "I2", c->id.s, "it is open and no deadline runs");
	if (!begins(&p->funder, "GM"))
		return judge_fails(j, "I3", c->id.s, "no gemeente pays, but `%s`", p->funder.s);
	if (p->track != TRACK_VOLUNTARY && !begins(&p->owner, "GM"))
		return judge_fails(j, "I4", c->id.s, "%s owns it on a track where a gemeente must", p->owner.s);
	if (p->level != level_of(p))
		return judge_fails(j, "I6", c->id.s, "level %s does not follow from who works on it",
				   record_code_of("Level", p->level));
	if (j->shipped && p->level == LEVEL_SUPRAREGIONAL && !c->considered)
		return judge_fails(j, "I6", c->id.s, "it is at a centre and no team considered it");
	return true;
}

static bool
closed_case_holds(struct judge *j, const struct judge_case *c)
{
	const struct judge_picture *p = &c->is;

	if (p->owner.s[0] != '\0' || p->pending.s[0] != '\0' || p->supporters.count > 0 ||
	    (j->shipped && p->governance != GOVERNANCE_NONE))
		return judge_fails(j, "I5", c->id.s, "it is closed and somebody still works on it");
	if (!j->shipped)
		return true;
	for (unsigned i = 0; i < p->deadline_count; i++)
		if (p->deadlines[i].kind != DEADLINE_KIND_EVALUATION)
			return judge_fails(j, "I5", c->id.s, "it is closed and %s runs",
					   record_code_of("DeadlineKind", p->deadlines[i].kind));
	return judge_signals_after_closing(j, c);
}

bool
judge_case_holds(struct judge *j, struct judge_case *c)
{
	j->counts.visited[c->is.state][c->is.track]++;
	c->stood = c->is.state;
	if (c->is.state == CASE_STATE_CLOSED ? !closed_case_holds(j, c) : !open_case_holds(j, c))
		return false;
	return judge_same_picture(j, c);
}

/* ---- a message (I5, I6, I7) ---- */

static bool
closing_holds(struct judge *j, const struct judge_case *c, const pb_Submission *s)
{
	if (!SUBMISSION_IS(s, CASE_CLOSED))
		return judge_fails(j, "I5", c->id.s, "it is closed by another message than CaseClosed");
	if (s->case_closed->reason == (int)CLOSE_REASON_SOLVED) {
		if (!c->realised || !c->effective)
			return judge_fails(j, "I5", c->id.s, "it is closed as solved without both facts");
	} else if (s->case_closed->approver_role == 0 || s->case_closed->approver_organisation[0] == '\0') {
		return judge_fails(j, "I5", c->id.s, "it is closed unsolved and nobody approved");
	}
	return true;
}

static bool
is_team(const char *organisation)
{
	return strncmp(organisation, "ET-", 3) == 0 || strncmp(organisation, "LP-", 3) == 0;
}

static void
learn(struct judge_case *c, const pb_Submission *s)
{
	if (SUBMISSION_IS(s, HELP_REALISED))
		c->realised = true;
	else if (SUBMISSION_IS(s, HELP_EFFECTIVE_CONFIRMED))
		c->effective = true;
	else if (SUBMISSION_IS(s, HELP_NOT_EFFECTIVE) || SUBMISSION_IS(s, CASE_REOPENED))
		c->realised = c->effective = false;
	else if (SUBMISSION_IS(s, ESCALATION_REQUESTED) &&
		 s->escalation_requested->kind == (int)ESCALATION_KIND_EXPERTISE_CENTRE &&
		 is_team(s->escalation_requested->considered_by))
		c->considered = true;
}

/* Messages that are about a case but change nothing in it: routing has no word on them. */
static bool
is_silent(const pb_Submission *s)
{
	return SUBMISSION_IS(s, THEME_RECORDED) || SUBMISSION_IS(s, SIGNAL_ACKNOWLEDGED) ||
	       SUBMISSION_IS(s, CASE_ERASED);
}

static bool
order_holds(struct judge *j, struct judge_case *c, cal_day day)
{
	const char *id = c == NULL ? "" : c->id.s;

	if (j->rejected && j->reason == REASON_OUT_OF_ORDER) {
		if (c == NULL || day >= c->last_on)
			return judge_fails(j, "I7", id, "out of order, and younger than what was applied");
		if (!judge_signal_is_open(j, SIGNAL_CODE_S27_MESSAGES_LOST_LATE_OR_OUT_OF_ORDER, SIGNAL_SUBJECT_SOURCE,
					  j->submission->source))
			return judge_fails(j, "I7", id, "out of order, and no S27 about its source");
	}
	if (j->routed && c != NULL && c->last_on != CAL_NONE && day < c->last_on)
		return judge_fails(j, "I7", id, "a fact older than what was applied is applied");
	return true;
}

bool
judge_message_holds(struct judge *j)
{
	const pb_Submission *s = j->submission;

	if (s == NULL)
		return true;
	if (SUBMISSION_IS(s, CASE_ERASED) && judge_find(j, s->case_id) != NULL)
		judge_find(j, s->case_id)->erasure = true;
	if (s->case_id[0] == '\0' || is_silent(s)) {
		j->counts.said[s->body_case]++;
		return true;
	}
	struct judge_case *c = judge_find(j, s->case_id);
	const cal_day day = cal_local_day(record_at_ms(s->occurred_at));
	if (!j->routed && !j->rejected)
		return judge_fails(j, "I11", s->case_id, "neither accepted nor rejected");
	if (j->shipped && !order_holds(j, c, day))
		return false;
	if (!j->routed || c == NULL)
		return true;
	j->counts.said[s->body_case]++;
	if (day > c->last_on)
		c->last_on = day;
	learn(c, s);
	return !j->shipped || c->is.state != CASE_STATE_CLOSED || c->stood == CASE_STATE_CLOSED ||
	       closing_holds(j, c, s);
}

/* ---- a day (I9, I12) ---- */

static bool
has_ended(const struct judge *j, const struct judge_set *set, const char **organisation)
{
	for (unsigned i = 0; i < set->count; i++)
		for (unsigned k = 0; k < j->end_count; k++)
			if (code_equal(set->of[i], j->ends[k].organisation) && j->today >= j->ends[k].first_day_gone) {
				*organisation = set->of[i].s;
				return true;
			}
	return false;
}

bool
judge_day_holds(struct judge *j)
{
	const char *organisation;

	for (unsigned i = 0; i < j->case_count; i++) {
		struct judge_case *c = j->cases[i];
		for (unsigned k = 0; k < c->is.deadline_count; k++)
			if (judge_missed_on(&c->is.deadlines[k]) <= j->today)
				return judge_fails(j, "I9", c->id.s, "%s should have been missed",
						   record_code_of("DeadlineKind", c->is.deadlines[k].kind));
		if (has_ended(j, &c->is.supporters, &organisation) || has_ended(j, &c->is.offered, &organisation))
			return judge_fails(j, "I12", c->id.s, "%s has ended and still stands by it", organisation);
		if (j->shipped && c->ended_on == j->today &&
		    !judge_signal_is_open(j, SIGNAL_CODE_S23_SUPPORT_ENDED_BY_DATE, SIGNAL_SUBJECT_CASE, c->id.s))
			return judge_fails(j, "I12", c->id.s, "a supporter ended and no S23 told of it");
	}
	return true;
}

/* ---- versions (I15) ---- */

static const struct judge_version *
version_on(const struct judge *j, bool policy, const char *region, cal_day day)
{
	const struct judge_version *found = NULL;

	for (unsigned i = 0; i < j->version_count; i++) {
		const struct judge_version *v = &j->versions[i];
		if (v->policy == policy && strcmp(v->region.s, region) == 0 && v->from <= day &&
		    (found == NULL || v->from >= found->from))
			found = v;
	}
	return found;
}

/* "1.0.0" or "1.0.0+JZ32-1.1.0". */
static bool
policy_fits(const struct judge *j, const char *text, cal_day day)
{
	const size_t len = strcspn(text, "+");
	const struct judge_version *national = version_on(j, true, "", day);
	char region[CODE_MAX + 1];

	if (national == NULL || strlen(national->version.s) != len || strncmp(national->version.s, text, len) != 0)
		return false;
	if (text[len] == '\0')
		return true;
	const char *own = text + len + 1;
	const size_t name = strcspn(own, "-");
	if (name > CODE_MAX || own[name] == '\0')
		return false;
	memcpy(region, own, name);
	region[name] = '\0';
	const struct judge_version *v = version_on(j, true, region, day);
	return v != NULL && strcmp(v->version.s, own + name + 1) == 0;
}

bool
judge_basis_holds(struct judge *j, const pb_Answer *a)
{
	const cal_day day = record_day(a->effect_date);
	const struct judge_version *registry = version_on(j, false, "", day);
	const bool refused = ANSWER_IS(a, MESSAGE_REJECTED);

	if (a->service == (int)SERVICE_INTAKE || (refused && a->basis->policy_version[0] == '\0'))
		return true;
	if (day == CAL_NONE)
		return judge_fails(j, "I11", a->case_id, "a decision without a day");
	if (strcmp(a->basis->registry_version, registry == NULL ? "" : registry->version.s) != 0)
		return judge_fails(j, "I15", a->case_id, "registry %s was not in force on %s",
				   a->basis->registry_version, a->effect_date);
	if (a->basis->policy_version[0] != '\0' && !policy_fits(j, a->basis->policy_version, day))
		return judge_fails(j, "I15", a->case_id, "policy %s was not in force on %s", a->basis->policy_version,
				   a->effect_date);
	return true;
}

static void
version_adopted(struct judge *j, bool policy, const char *region, const char *version, const char *valid_from)
{
	cal_day from = record_day(valid_from);
	cal_day first = CAL_NONE;

	for (unsigned i = 0; i < j->version_count && first == CAL_NONE; i++)
		if (j->versions[i].policy == policy && strcmp(j->versions[i].region.s, region) == 0)
			first = j->versions[i].adopted_on;
	if (from == CAL_NONE || (first != CAL_NONE && first != j->today && from <= j->today))
		from = j->today + 1;
	j->versions = judge_room(j->versions, j->version_count, &j->version_room, sizeof *j->versions);
	j->versions[j->version_count++] =
	    (struct judge_version){policy, code_of(region), code_of(version), from, j->today};
}

/* A later row moves the end, but nobody comes back who has gone. */
static void
support_ends(struct judge *j, const char *organisation, cal_day first_day_gone)
{
	unsigned i = 0;

	while (i < j->end_count && strcmp(j->ends[i].organisation.s, organisation) != 0)
		i++;
	if (i < j->end_count ? j->today >= j->ends[i].first_day_gone : i == JUDGE_ENDS_MAX)
		return;
	j->ends[i] = (struct judge_support_end){code_of(organisation), first_day_gone};
	j->end_count += i == j->end_count;
}

void
judge_adopted(struct judge *j)
{
	const pb_Submission *s = j->submission;

	if (SUBMISSION_IS(s, POLICY_ADOPTED)) {
		version_adopted(j, true, s->policy_adopted->region, s->policy_adopted->version,
				s->policy_adopted->valid_from);
		return;
	}
	if (!SUBMISSION_IS(s, REGISTRY_ADOPTED))
		return;
	version_adopted(j, false, "", s->registry_adopted->version, s->registry_adopted->valid_from);
	for (size_t i = 0; i < s->registry_adopted->n_rows; i++)
		if (s->registry_adopted->rows[i]->row == (int)REGISTRY_ROW_KIND_SUPPORTER_END)
			support_ends(j, s->registry_adopted->rows[i]->organisation,
				     j->versions[j->version_count - 1].from);
}

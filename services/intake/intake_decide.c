// SPDX-License-Identifier: EUPL-1.2
#include "services/intake/intake_decide.h"

static bool
permit_is_whole(struct intake_permit p)
{
	return p.source && p.role && p.organisation;
}

struct intake_permit
intake_operator_permit(int role)
{
	return (struct intake_permit){
	    .source = true,
	    .role = role == ROLE_ADMINISTRATOR || role == ROLE_OPERATOR || role == ROLE_SYSTEM,
	    .organisation = true,
	};
}

static void
add_sender(struct intake_permit p, struct violations *vs)
{
	if (!p.source) {
		violations_add(
		    vs, REASON_UNKNOWN_SOURCE, "source",
		    "this source is not registered, or not on this day; have an administrator send SourceRegistered");
		return;
	}
	if (!p.role)
		violations_add(
		    vs, REASON_SENDER_NOT_ALLOWED, "actor.role",
		    "the source is not registered for this role; send in a role it has, or have the role added");
	if (!p.organisation)
		violations_add(vs, REASON_SENDER_NOT_ALLOWED, "actor.organisation",
			       "the source may not speak for this organisation; have the organisation added");
}

static bool
any_before_duplicate(const struct violations *vs)
{
	for (unsigned i = 0; i < vs->count; i++) {
		if (vs->v[i].reason <= REASON_ID_REUSED)
			return true;
	}
	return false;
}

static void
add_known(const struct intake_facts *f, struct violations *vs)
{
	if (f->before == INTAKE_OTHER)
		violations_add(
		    vs, REASON_ID_REUSED, "id",
		    "this source used this id before for another message; give every message an id of its own");
	if (f->case_unknown)
		violations_add(vs, REASON_UNKNOWN_CASE, "case_id",
			       "intake never gave out this id; use the one from AcceptedReply or CaseRegistered");
}

static struct intake_verdict
accept(const struct intake_facts *f)
{
	struct intake_verdict v = {.kind = INTAKE_ACCEPT, .sequence_highest = f->highest};

	/* Only the highest number is remembered: a lower one fills a gap, whether or not that very one was missing. */
	if (f->sequence > f->highest + 1)
		v.sequence_due = f->highest + 1;
	if (f->sequence > f->highest)
		v.sequence_highest = f->sequence;
	return v;
}

struct intake_verdict
intake_decide(const struct intake_facts *f, struct violations *vs)
{
	ASSERT(f->readable || vs->count > 0);
	if (f->readable) {
		add_sender(f->permit, vs);
		if (f->case_in_vain)
			violations_add(
			    vs, REASON_MALFORMED, "case_id",
			    "this message always gets a fresh case id; leave case_id empty, youth_key links cases");
		if (f->sequence < 0)
			violations_add(vs, REASON_MALFORMED, "sequence", "count from 1, or leave it out");
		if (f->occurred_ms > f->now_ms + INTAKE_FUTURE_MS)
			violations_add(
			    vs, REASON_OCCURRED_IN_FUTURE, "occurred_at",
			    "this lies more than 5 minutes ahead; look at the sender's clock and its time zone");
		if (permit_is_whole(f->permit))
			add_known(f, vs);
	}
	if (f->before == INTAKE_SAME && permit_is_whole(f->permit) && !any_before_duplicate(vs))
		return (struct intake_verdict){.kind = INTAKE_REPEAT};
	violations_sort(vs);
	if (vs->count > 0)
		return (struct intake_verdict){.kind = INTAKE_REJECT, .reason = vs->v[0].reason};
	return accept(f);
}

void
intake_decide_adoption(const struct intake_dates *d, const char *field, struct violations *vs)
{
	const bool is_first = d->first_adopted == CAL_NONE || d->first_adopted == d->today;

	if (!is_first && d->valid_from != CAL_NONE && d->valid_from < d->today)
		violations_add(vs, REASON_UNKNOWN_CODE, field,
			       "only the first adoption may begin in the past, for what was decided is never "
			       "rewritten; let it begin "
			       "today or later");
}

void
intake_decide_source(const struct intake_dates *d, const char *source, struct violations *vs)
{
	if (strcmp(source, INTAKE_OPERATOR) == 0)
		violations_add(vs, REASON_UNKNOWN_CODE, "source_registered.source",
			       "`" INTAKE_OPERATOR "` is built in; choose another id");
	if (d->valid_to != CAL_NONE && d->valid_from != CAL_NONE && d->valid_to < d->valid_from)
		violations_add(vs, REASON_UNKNOWN_CODE, "source_registered.valid_to",
			       "the last day lies before the first; to end a source, leave valid_from empty");
	if (d->announced >= INTAKE_ANNOUNCEMENTS_MAX)
		violations_add(
		    vs, REASON_UNKNOWN_CODE, "source_registered.valid_from",
		    "too many registrations of this source are still to begin; register again from an earlier day");
}

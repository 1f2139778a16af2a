// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_parties.h"

#include "services/routing/routing_deadlines.h"

bool
party_may_own(const struct case_file *file, struct code organisation)
{
	if (code_is_empty(organisation) || !case_is_open(file))
		return false;
	return file->track == TRACK_VOLUNTARY || organisation_kind(organisation.s) == ORGANISATION_KIND_MUNICIPALITY;
}

void
party_say_owner(struct change *c, struct code former)
{
	struct saying *saying = change_say(c, SAYING_OWNER);

	saying->of.owner.owner = c->file->owner;
	saying->of.owner.former = former;
	saying->of.owner.pending = c->file->pending;
	c->moved = true;
}

void
party_change_owner(struct change *c, struct code owner)
{
	struct case_file *file = c->file;
	const struct code former = file->owner;

	if (!party_may_own(file, owner)) {
		change_note(c, NOTE_INVARIANT_KEPT);
		return;
	}
	if (code_equal(former, owner))
		return;
	file->owner = owner;
	code_set_remove(&file->supporters, owner);
	code_set_remove(&file->offered, owner);
	party_say_owner(c, former);
}

void
party_drop_transfer(struct change *c)
{
	deadline_clear_kind(c, DEADLINE_KIND_TRANSFER, false);
	deadline_clear_kind(c, DEADLINE_KIND_NATIONAL_PICKUP, false);
	if (code_is_empty(c->file->pending))
		return;
	c->file->pending = (struct code){""};
	party_say_owner(c, (struct code){""});
}

static struct code
owner_target(const struct change *c, int64_t target)
{
	switch (target) {
	case OWNER_LOCAL_TEAM: return organisation_local_team(c->file->funder);
	case OWNER_MUNICIPALITY: return c->file->funder;
	case OWNER_TEAM: return c->file->team;
	case OWNER_NATIONAL_TEAM: return code_of(ORGANISATION_NATIONAL_TEAM);
	case OWNER_PENDING: return c->file->pending;
	case OWNER_NAMED: return code_of(routing_target(c->at));
	default: return (struct code){""};
	}
}

void
party_owner(struct change *c, int64_t target)
{
	const struct code owner = owner_target(c, target);
	const bool was_asked = target == OWNER_PENDING;

	if (code_is_empty(owner))
		return;
	if (!party_may_own(c->file, owner)) {
		change_note(c, NOTE_INVARIANT_KEPT);
		return;
	}
	if (was_asked)
		c->file->pending = (struct code){""};
	if (was_asked && code_equal(owner, c->file->owner))
		party_say_owner(c, (struct code){""});
	else
		party_change_owner(c, owner);
}

void
party_ask(struct change *c, int64_t target)
{
	struct case_file *file = c->file;
	const struct code asked = owner_target(c, target);
	const bool national = organisation_kind(asked.s) == ORGANISATION_KIND_NATIONAL_TEAM;

	if (code_is_empty(asked))
		return;
	/* Who owns the case need not be asked; nor need whoever was asked in its place. */
	if (code_equal(asked, file->owner)) {
		party_drop_transfer(c);
		return;
	}
	if (!party_may_own(file, asked)) {
		change_note(c, NOTE_INVARIANT_KEPT);
		return;
	}
	if (organisation_same_side(asked, file->owner)) {
		party_drop_transfer(c);
		party_change_owner(c, asked);
		return;
	}
	deadline_clear_kind(c, national ? DEADLINE_KIND_TRANSFER : DEADLINE_KIND_NATIONAL_PICKUP, false);
	if (!code_equal(asked, file->pending)) {
		file->pending = asked;
		party_say_owner(c, (struct code){""});
	}
	/* Asked once more: the term starts anew (rules.md 4.1). */
	deadline_set(c, national ? DEADLINE_KIND_NATIONAL_PICKUP : DEADLINE_KIND_TRANSFER, "");
}

static bool
is_valid_supporter(const struct change *c, int64_t target)
{
	const cal_day end =
	    target < SUPPORTER_TEAM || target >= SUPPORTER_ALL ? CAL_NONE : c->at->supporter_end[target];

	return end == CAL_NONE || c->at->effect_on <= end;
}

static struct code
supporter_target(const struct change *c, int64_t target)
{
	switch (target) {
	case SUPPORTER_TEAM: return c->file->team;
	case SUPPORTER_CENTRE: return c->file->centre;
	case SUPPORTER_NATIONAL_SUPPORT_TEAM: return code_of(ORGANISATION_NATIONAL_SUPPORT_TEAM);
	case SUPPORTER_CCE: return code_of(ORGANISATION_CCE);
	case SUPPORTER_FORMER_OWNER:
		if (organisation_kind(c->owner_before.s) == ORGANISATION_KIND_LOCAL_TEAM)
			return (struct code){""};
		return c->owner_before;
	default: return (struct code){""};
	}
}

void
party_support(struct change *c, int64_t target)
{
	struct case_file *file = c->file;
	const struct code organisation = supporter_target(c, target);

	if (code_is_empty(organisation) || code_equal(organisation, file->owner) || !is_valid_supporter(c, target) ||
	    !case_is_open(file))
		return;
	c->moved |= code_set_add(&file->supporters, organisation);
	c->moved |= code_set_remove(&file->offered, organisation);
}

void
party_offer(struct change *c, int64_t target)
{
	struct case_file *file = c->file;
	const struct code organisation = supporter_target(c, target);

	if (code_is_empty(organisation) || code_equal(organisation, file->owner) ||
	    code_set_has(&file->supporters, organisation) || !is_valid_supporter(c, target))
		return;
	c->moved |= code_set_add(&file->offered, organisation);
}

/* Does the target of `leave` mean this organisation? Teams and centres by kind, the others by name. */
static bool
means(const struct change *c, int64_t target, struct code organisation)
{
	switch (target) {
	case SUPPORTER_ALL: return true;
	case SUPPORTER_TEAM: return organisation_is_team(organisation.s);
	case SUPPORTER_CENTRE: return organisation_kind(organisation.s) == ORGANISATION_KIND_EXPERTISE_CENTRE;
	default: return code_equal(organisation, supporter_target(c, target));
	}
}

void
party_leave(struct change *c, int64_t target)
{
	struct code_set *set = &c->file->supporters;

	for (unsigned i = set->count; i > 0; i--) {
		if (means(c, target, set->of[i - 1]))
			c->moved |= code_set_remove(set, set->of[i - 1]);
	}
}

void
party_move(struct change *c)
{
	struct case_file *file = c->file;

	if (code_is_empty(c->at->municipality))
		return;
	file->funder = c->at->municipality;
	file->region = c->at->new_region;
	file->team = c->at->new_team;
	file->centre = c->at->new_centre;
	file->mandate = MANDATE_STATE_UNKNOWN;
	file->mandate_was_granted = false;
	file->funder_invited = false;
	c->moved = true;
}

void
party_team(struct change *c)
{
	const struct code team = code_of(routing_target(c->at));

	if (!organisation_is_team(team.s))
		return;
	c->moved |= !code_equal(team, c->file->team);
	c->file->team = team;
}

void
party_redirect(struct change *c, int64_t target)
{
	const struct case_file *file = c->file;

	switch (target) {
	case REDIRECT_LOCAL_TEAM: c->redirect_to = organisation_local_team(file->funder); break;
	case REDIRECT_NAMED: c->redirect_to = code_of(routing_target(c->at)); break;
	default: c->redirect_to = code_is_empty(file->team) ? file->funder : file->team; break;
	}
}

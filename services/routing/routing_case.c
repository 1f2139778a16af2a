// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_case.h"

#include <stddef.h>

#define CASE_VERSION 1

void
case_init(struct case_file *file)
{
	memset(file, 0, offsetof(struct case_file, actions));
	file->last_on = CAL_NONE;
	file->realised_on = CAL_NONE;
	file->effective_on = CAL_NONE;
	file->meeting_on = CAL_NONE;
}

void
case_copy(struct case_file *to, const struct case_file *from)
{
	memcpy(to, from, offsetof(struct case_file, actions));
	memcpy(to->actions, from->actions, from->action_count * sizeof from->actions[0]);
	memcpy(to->deadlines, from->deadlines, from->deadline_count * sizeof from->deadlines[0]);
	memcpy(to->missed, from->missed, from->missed_count * sizeof from->missed[0]);
}

/* ---- bytes: one list of fields for both directions ---- */

struct packer {
	uint8_t *out;      /* packing, or NULL */
	const uint8_t *in; /* unpacking */
	size_t at, len;    /* len: of the input, or the room */
	bool failed;
};

static bool
pack_room(struct packer *p, size_t len)
{
	if (p->failed || p->len - p->at < len)
		p->failed = true;
	return !p->failed;
}

static void
pack_u8(struct packer *p, uint8_t *v)
{
	if (!pack_room(p, 1))
		return;
	if (p->out != NULL)
		p->out[p->at] = *v;
	else
		*v = p->in[p->at];
	p->at += 1;
}

static void
pack_bool(struct packer *p, bool *v)
{
	uint8_t byte = *v ? 1 : 0;

	pack_u8(p, &byte);
	*v = byte != 0;
}

static void
pack_u32(struct packer *p, uint32_t *v)
{
	if (!pack_room(p, 4))
		return;
	if (p->out != NULL)
		put_u32(p->out + p->at, *v);
	else
		*v = get_u32(p->in + p->at);
	p->at += 4;
}

static void
pack_u64(struct packer *p, uint64_t *v)
{
	if (!pack_room(p, 8))
		return;
	if (p->out != NULL)
		put_u64(p->out + p->at, *v);
	else
		*v = get_u64(p->in + p->at);
	p->at += 8;
}

static void
pack_day(struct packer *p, cal_day *v)
{
	uint32_t day = (uint32_t)*v;

	pack_u32(p, &day);
	*v = (cal_day)day;
}

/* Length, then the characters. */
static void
pack_text(struct packer *p, char *s, size_t max)
{
	uint8_t len = p->out != NULL ? (uint8_t)strlen(s) : 0;

	pack_u8(p, &len);
	if (len > max || !pack_room(p, len)) {
		p->failed = true;
		return;
	}
	if (p->out != NULL)
		memcpy(p->out + p->at, s, len);
	else
		memcpy(s, p->in + p->at, len);
	s[len] = '\0';
	p->at += len;
}

static void
pack_code(struct packer *p, struct code *code)
{
	pack_text(p, code->s, CODE_MAX);
}

static void
pack_id(struct packer *p, struct id *id)
{
	pack_text(p, id->s, ID_MAX);
}

static void
pack_count(struct packer *p, uint8_t *count, unsigned max)
{
	pack_u8(p, count);
	if (*count > max) {
		p->failed = true;
		*count = 0;
	}
}

static void
pack_set(struct packer *p, struct code_set *set)
{
	pack_count(p, &set->count, CASE_CODES_MAX);
	for (unsigned i = 0; i < set->count; i++)
		pack_code(p, &set->of[i]);
}

static void
pack_deadlines(struct packer *p, struct case_deadline *deadlines, uint8_t *count)
{
	pack_count(p, count, CASE_DEADLINES_MAX);
	for (unsigned i = 0; i < *count; i++) {
		struct case_deadline *d = &deadlines[i];

		pack_u8(p, &d->kind);
		pack_bool(p, &d->hard);
		pack_day(p, &d->due);
		pack_day(p, &d->start);
		pack_day(p, &d->set_on);
		pack_day(p, &d->warn_on);
		pack_id(p, &d->reference);
		pack_code(p, &d->rule);
	}
}

static void
pack_actions(struct packer *p, struct case_file *f)
{
	pack_count(p, &f->action_count, CASE_ACTIONS_MAX);
	for (unsigned i = 0; i < f->action_count; i++) {
		pack_id(p, &f->actions[i].id);
		pack_code(p, &f->actions[i].organisation);
		pack_day(p, &f->actions[i].done_on);
	}
}

static void
pack_flags(struct packer *p, struct case_file *f)
{
	pack_bool(p, &f->urgent);
	pack_bool(p, &f->in_top100);
	pack_bool(p, &f->measure_active);
	pack_bool(p, &f->placed);
	pack_bool(p, &f->support_asked);
	pack_bool(p, &f->bridging);
	pack_bool(p, &f->was_accepted);
	pack_bool(p, &f->ec_decided);
	pack_bool(p, &f->mandate_was_granted);
	pack_bool(p, &f->protector_assigned);
	pack_bool(p, &f->contact_held);
	pack_bool(p, &f->funder_required);
	pack_bool(p, &f->funder_invited);
}

static void
pack_fields(struct packer *p, struct case_file *f)
{
	uint8_t version = CASE_VERSION;

	pack_u8(p, &version);
	p->failed |= version != CASE_VERSION;
	pack_id(p, &f->id);
	pack_u64(p, &f->youth);
	pack_u8(p, &f->state);
	pack_u8(p, &f->track);
	pack_u8(p, &f->level);
	pack_u8(p, &f->governance);
	pack_u8(p, &f->consent);
	pack_u8(p, &f->mandate);
	pack_u8(p, &f->consent_by);
	pack_u8(p, &f->age_band);
	pack_u8(p, &f->submitter);
	pack_u8(p, &f->completions);
	pack_flags(p, f);
	pack_u32(p, &f->desk_contacts);
	pack_u64(p, &f->invited);
	pack_day(p, &f->last_on);
	pack_day(p, &f->realised_on);
	pack_day(p, &f->effective_on);
	pack_day(p, &f->meeting_on);
	pack_code(p, &f->owner);
	pack_code(p, &f->pending);
	pack_code(p, &f->last_owner);
	pack_code(p, &f->funder);
	pack_code(p, &f->region);
	pack_code(p, &f->team);
	pack_code(p, &f->centre);
	pack_set(p, &f->supporters);
	pack_set(p, &f->offered);
	pack_actions(p, f);
	pack_deadlines(p, f->deadlines, &f->deadline_count);
	pack_deadlines(p, f->missed, &f->missed_count);
}

size_t
case_pack(struct case_file *file, uint8_t *out)
{
	struct packer p = {.out = out, .len = CASE_BYTES_MAX};

	pack_fields(&p, file);
	ASSERT(!p.failed);
	return p.at;
}

bool
case_unpack(struct case_file *file, struct bytes b)
{
	struct packer p = {.in = b.data, .len = b.len};

	case_init(file);
	pack_fields(&p, file);
	return !p.failed && p.at == b.len;
}

/* ---- organisations ---- */

static bool
begins(const char *code, const char *prefix)
{
	return strncmp(code, prefix, strlen(prefix)) == 0;
}

static bool
is_municipality(const char *code)
{
	return begins(code, "GM") && strlen(code) == 6 && strspn(code + 2, "0123456789") == 4;
}

int
organisation_kind(const char *code)
{
	static const struct {
		const char *prefix;
		int kind;
	} kinds[] = {
	    {"LT-", ORGANISATION_KIND_LOCAL_TEAM},
	    {"ET-", ORGANISATION_KIND_EXPERT_TEAM},
	    {"LP-", ORGANISATION_KIND_LANDING_PLACE},
	    {"EC-", ORGANISATION_KIND_EXPERTISE_CENTRE},
	    {"SG-", ORGANISATION_KIND_STEERING_GROUP},
	    {"GI-", ORGANISATION_KIND_CERTIFIED_BODY},
	    {"PC-", ORGANISATION_KIND_PLACEMENT_COORDINATION},
	    {"P-", ORGANISATION_KIND_PROVIDER},
	};
	if (code[0] == '\0')
		return ORGANISATION_KIND_UNSPECIFIED;
	if (is_municipality(code))
		return ORGANISATION_KIND_MUNICIPALITY;
	if (strcmp(code, ORGANISATION_NATIONAL_TEAM) == 0)
		return ORGANISATION_KIND_NATIONAL_TEAM;
	if (strcmp(code, ORGANISATION_NATIONAL_SUPPORT_TEAM) == 0)
		return ORGANISATION_KIND_NATIONAL_SUPPORT_TEAM;
	if (strcmp(code, "DESK") == 0)
		return ORGANISATION_KIND_NATIONAL_DESK;
	if (strcmp(code, ORGANISATION_CCE) == 0)
		return ORGANISATION_KIND_CCE;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (begins(code, kinds[i].prefix))
			return kinds[i].kind;
	}
	return ORGANISATION_KIND_OTHER;
}

bool
organisation_is_team(const char *code)
{
	const int kind = organisation_kind(code);

	return kind == ORGANISATION_KIND_EXPERT_TEAM || kind == ORGANISATION_KIND_LANDING_PLACE;
}

struct code
organisation_local_team(struct code municipality)
{
	struct code team = {"LT-"};
	const size_t len = strlen(municipality.s);

	if (len == 0 || len + 3 > CODE_MAX)
		return (struct code){""};
	memcpy(team.s + 3, municipality.s, len);
	return team;
}

/* As organisation_local_team(), without making its code: this is asked several times a message. */
static bool
is_local_team_of(const struct code *team, const struct code *municipality)
{
	return team->s[0] == 'L' && team->s[1] == 'T' && team->s[2] == '-' && strcmp(team->s + 3, municipality->s) == 0;
}

bool
organisation_same_side(struct code a, struct code b)
{
	if (code_is_empty(a) || code_is_empty(b))
		return false;
	return code_equal(a, b) || is_local_team_of(&b, &a) || is_local_team_of(&a, &b);
}

/* ---- sets ---- */

static unsigned
set_place(const struct code_set *set, struct code code)
{
	unsigned i = 0;

	while (i < set->count && strcmp(set->of[i].s, code.s) < 0)
		i++;
	return i;
}

bool
code_set_has(const struct code_set *set, struct code code)
{
	const unsigned i = set_place(set, code);

	return i < set->count && code_equal(set->of[i], code);
}

bool
code_set_add(struct code_set *set, struct code code)
{
	const unsigned at = set_place(set, code);

	if (code_is_empty(code) || code_set_has(set, code) || set->count == CASE_CODES_MAX)
		return false;
	for (unsigned i = set->count; i > at; i--)
		set->of[i] = set->of[i - 1];
	set->of[at] = code;
	set->count++;
	return true;
}

bool
code_set_remove(struct code_set *set, struct code code)
{
	const unsigned at = set_place(set, code);

	if (!code_set_has(set, code))
		return false;
	set->count--;
	for (unsigned i = at; i < set->count; i++)
		set->of[i] = set->of[i + 1];
	return true;
}

/* ---- looking ---- */

int
case_deadline_find(const struct case_deadline *deadlines, unsigned count, int kind, const char *reference)
{
	for (unsigned i = 0; i < count; i++) {
		if (deadlines[i].kind == kind && strcmp(deadlines[i].reference.s, reference) == 0)
			return (int)i;
	}
	return -1;
}

uint64_t
case_deadline_kinds(const struct case_deadline *deadlines, unsigned count)
{
	uint64_t kinds = 0;

	for (unsigned i = 0; i < count; i++)
		kinds |= (uint64_t)1 << deadlines[i].kind;
	return kinds;
}

struct case_action *
case_action_find(struct case_file *file, const char *id)
{
	for (unsigned i = 0; i < file->action_count; i++) {
		if (strcmp(file->actions[i].id.s, id) == 0)
			return &file->actions[i];
	}
	return NULL;
}

cal_day
case_deadline_missed_on(const struct case_deadline *deadline)
{
	return (deadline->due > deadline->set_on ? deadline->due : deadline->set_on) + 1;
}

static int
level_of(struct code organisation, bool owner)
{
	switch (organisation_kind(organisation.s)) {
	case ORGANISATION_KIND_EXPERT_TEAM:
	case ORGANISATION_KIND_LANDING_PLACE: return LEVEL_REGIONAL;
	case ORGANISATION_KIND_EXPERTISE_CENTRE: return LEVEL_SUPRAREGIONAL;
	case ORGANISATION_KIND_NATIONAL_TEAM: return owner ? LEVEL_NATIONAL : LEVEL_LOCAL;
	default: return LEVEL_LOCAL;
	}
}

int
case_level(const struct case_file *file)
{
	int level = level_of(file->owner, true);

	for (unsigned i = 0; i < file->supporters.count; i++) {
		const int one = level_of(file->supporters.of[i], false);

		if (one > level)
			level = one;
	}
	return level;
}

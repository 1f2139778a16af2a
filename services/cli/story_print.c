// SPDX-License-Identifier: EUPL-1.2
/* story_print.c - the way of a case in lines of at most STORY_COLUMNS: the moment in front, then what was said;
 * under it a line for each row that decided, with what it did, and where the row comes from. */
#include <stdarg.h>

#include "services/cli/asking.h"
#include "services/cli/record_line.h"
#include "services/cli/story_internal.h"

#define MOMENT_WIDTH 18
#define RULE_WIDTH   9
#define TEXT_COLUMN  (MOMENT_WIDTH + RULE_WIDTH)
#define PHRASES_MAX  64
#define GREY         "\033[2m"
#define PLAIN        "\033[0m"

struct printer {
	struct arena *arena;
	FILE *out;
	unsigned flags;
	const pb_RouteDecided *before; /* the last that was told: only changes are told */
	bool header_is_out;            /* of the event at hand */
	const char *version;           /* of the policy by which the last one was decided */
};

/* What one row did. */
struct phrases {
	const char *text[PHRASES_MAX];
	unsigned count;
};

static void __attribute__((format(printf, 3, 4)))
say(struct printer *p, struct phrases *phrases, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (phrases->count < PHRASES_MAX)
		phrases->text[phrases->count++] = arena_str(p->arena, bytes_str(text));
}

/* ---- lines ---- */

/* Columns that a text takes: bytes that begin a character. */
static unsigned
columns_of(const char *text, size_t len)
{
	unsigned columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

/* Words from `column` on, broken before STORY_COLUMNS; further lines begin at `column` too. */
static void
put_wrapped(FILE *out, unsigned column, const char *text)
{
	unsigned at = column;

	while (*text != '\0') {
		const size_t len = strcspn(text, " ");
		const unsigned width = columns_of(text, len);

		if (at > column && at + 1 + width > STORY_COLUMNS) {
			fprintf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, len, out);
		at += width;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static const char *
moment_text(struct arena *a, const pb_StoryEvent *e)
{
	const char *text = asking_moment(a, record_at_ms(e->message == NULL ? e->at : e->message->occurred_at));

	/* What a day brings has no hour. */
	return e->message != NULL ? text : arena_str(a, bytes_of(text, strlen("2021-03-01")));
}

static void
put_header(struct printer *p, const pb_StoryEvent *e)
{
	const pb_Submission *s = e->message;
	const char *text = "the day begins";

	if (p->header_is_out)
		return;
	p->header_is_out = true;
	if (s != NULL) {
		const char *fields = record_line_fields(p->arena, record_body(&s->base));
		const char *organisation = s->actor == NULL ? "" : s->actor->organisation;

		text = arena_printf(p->arena, "%s by %s%s%s%s%s", record_body_name(&s->base),
				    s->actor == NULL ? "?" : record_code_of("Role", (int)s->actor->role),
				    organisation[0] == '\0' ? "" : "@", organisation, fields[0] == '\0' ? "" : ": ",
				    fields);
	} else if (strcmp(e->kind, "Tick") != 0) {
		text = arena_printf(p->arena, "%s, not about this case", e->kind);
	}
	fprintf(p->out, "%-*s", MOMENT_WIDTH, moment_text(p->arena, e));
	put_wrapped(p->out, MOMENT_WIDTH, text);
}

static void
put_more(struct printer *p, const char *text)
{
	const bool colour = (p->flags & STORY_COLOUR) != 0;

	fprintf(p->out, "%s%*s", colour ? GREY : "", TEXT_COLUMN, "");
	put_wrapped(p->out, TEXT_COLUMN, text);
	fputs(colour ? PLAIN : "", p->out);
}

/* Said where it changes: the policy of the country, and where the region has one of its own, that of the region. */
static void
put_version(struct printer *p, const pb_Answer *answer)
{
	const char *version = answer->basis == NULL ? "" : answer->basis->policy_version;

	if ((p->flags & STORY_FACTS) == 0 || version[0] == '\0' || strcmp(version, p->version) == 0)
		return;
	put_more(p, p->version[0] == '\0'
			? arena_printf(p->arena, "by policy %s", version)
			: arena_printf(p->arena, "from here by policy %s, was %s", version, p->version));
	p->version = version;
}

static bool
is_rejected(const pb_Answer *answer)
{
	return answer->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
}

static void
put_refused(struct printer *p, const pb_StoryDecision *d)
{
	const char *text = "";

	if ((p->flags & STORY_NEAR) != 0 && is_rejected(d->answer))
		text = story_refused_text(p->arena, d);
	if (text[0] != '\0')
		put_more(p, text);
}

static void
put_basis(struct printer *p, const pb_StoryDecision *d)
{
	const pb_Basis *basis = d->answer->basis;
	const char *text = "";

	put_version(p, d->answer);
	if (d->source != NULL)
		put_more(p, arena_printf(p->arena, "%s: %s", d->source->document, d->source->point));
	if (basis == NULL)
		return;
	if ((p->flags & STORY_FACTS) != 0 && basis->n_facts > 0) {
		for (size_t i = 0; i < basis->n_facts; i++)
			text = arena_printf(p->arena, "%s%s%s %s", text, i == 0 ? "because " : ", ",
					    basis->facts[i]->name, basis->facts[i]->value);
		put_more(p, text);
	}
	put_refused(p, d);
	/* Of a message that was refused, these would have refused it too. */
	for (size_t i = 0; (p->flags & STORY_NEAR) != 0 && !is_rejected(d->answer) && i < d->n_near; i++)
		put_more(p, arena_printf(p->arena, "one fact short: %s, %s", d->near[i]->row,
					 story_near_text(p->arena, d->near[i])));
}

static void
put_row(struct printer *p, const pb_StoryEvent *e, const pb_StoryDecision *d, const struct phrases *phrases)
{
	const pb_Answer *answer = d->answer;
	const char *text = phrases->count == 0 ? "taken note of" : phrases->text[0];
	const char *label = answer->basis == NULL           ? ""
			    : answer->basis->row[0] != '\0' ? answer->basis->row
							    : answer->basis->rule;

	for (unsigned i = 1; i < phrases->count; i++)
		text = arena_printf(p->arena, "%s; %s", text, phrases->text[i]);
	put_header(p, e);
	fprintf(p->out, "%*s%-*s ", MOMENT_WIDTH, "", RULE_WIDTH - 1, label);
	put_wrapped(p->out, TEXT_COLUMN, text);
	put_basis(p, d);
}

/* ---- what a row did ---- */

static const char *
codes_text(struct arena *a, char *const *codes, size_t count)
{
	const char *text = count == 0 ? "nobody" : codes[0];

	for (size_t i = 1; i < count; i++)
		text = arena_printf(a, "%s, %s", text, codes[i]);
	return text;
}

static bool
same_codes(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
	bool same = a_count == b_count;

	for (size_t i = 0; same && i < a_count; i++)
		same = strcmp(a[i], b[i]) == 0;
	return same;
}

static void
say_code(struct printer *p, struct phrases *phrases, const char *label, const char *now, const char *before)
{
	if (strcmp(now, before) != 0)
		say(p, phrases, "%s %s", label, now[0] == '\0' ? "none" : now);
}

static void
say_enum(struct printer *p, struct phrases *phrases, const char *label, const char *enum_name, int now, int before)
{
	if (now != before && now != 0)
		say(p, phrases, "%s %s", label, record_code_of(enum_name, now));
}

static void
say_flags(struct printer *p, struct phrases *phrases, const pb_CaseFlags *now, const pb_CaseFlags *before)
{
	pb_CaseFlags none;

	pb_CaseFlags_init(&none);
	none.consent = (Doorbraak__V1__ConsentState)CONSENT_STATE_UNKNOWN;
	none.mandate = (Doorbraak__V1__MandateState)MANDATE_STATE_UNKNOWN;
	if (now == NULL)
		return;
	if (before == NULL)
		before = &none;
	say_enum(p, phrases, "consent", "ConsentState", (int)now->consent, (int)before->consent);
	say_enum(p, phrases, "mandate", "MandateState", (int)now->mandate, (int)before->mandate);
	if (now->measure_active != before->measure_active)
		say(p, phrases, now->measure_active ? "a court measure runs" : "the court measure has ended");
	if (now->placed != before->placed)
		say(p, phrases, now->placed ? "placed in closed care" : "no longer in closed care");
	if (now->top100 && !before->top100)
		say(p, phrases, "in the top 100 approach");
	if (now->support_asked && !before->support_asked)
		say(p, phrases, "a team is asked to support");
}

static void
say_criteria(struct printer *p, struct phrases *phrases, const pb_RouteDecided *now, const pb_RouteDecided *before)
{
	const char *text = "";

	for (size_t i = 0; i < now->n_criteria; i++)
		text = arena_printf(p->arena, "%s%s%s", text, i == 0 ? "" : ", ",
				    record_code_of("ComplexityCriterion", (int)now->criteria[i]));
	if (now->n_criteria > before->n_criteria)
		say(p, phrases, "complex by %s", text);
}

static void
say_route(struct printer *p, struct phrases *phrases, const pb_RouteDecided *now)
{
	pb_RouteDecided none;
	const pb_RouteDecided *before = p->before;

	pb_RouteDecided_init(&none);
	none.level = (Doorbraak__V1__Level)LEVEL_LOCAL;
	none.governance = (Doorbraak__V1__Governance)GOVERNANCE_NONE;
	if (before == NULL)
		before = &none;
	if (now->redirect_to[0] != '\0' && (int)now->kind == ROUTE_KIND_REDIRECT)
		say(p, phrases, "sent to the right desk: %s", now->redirect_to);
	if (now->from_state != now->to_state && now->to_state != 0) {
		if (now->from_state == 0 || now->from_state == (int)CASE_STATE_RECEIVED)
			say(p, phrases, "%s", record_code_of("CaseState", (int)now->to_state));
		else
			say(p, phrases, "%s -> %s", record_code_of("CaseState", (int)now->from_state),
			    record_code_of("CaseState", (int)now->to_state));
	}
	say_enum(p, phrases, "track", "Track", (int)now->track, (int)before->track);
	say_enum(p, phrases, "level", "Level", (int)now->level, (int)before->level);
	say_enum(p, phrases, "governance", "Governance", (int)now->governance, (int)before->governance);
	say_code(p, phrases, "responsible", now->funder, before->funder);
	say_code(p, phrases, "region", now->region, before->region);
	say_code(p, phrases, "team", now->team, before->team);
	say_criteria(p, phrases, now, before);
	say_flags(p, phrases, now->flags, before->flags);
	if (!same_codes(now->supporters, now->n_supporters, before->supporters, before->n_supporters))
		say(p, phrases, "supported by %s", codes_text(p->arena, now->supporters, now->n_supporters));
	if (!same_codes(now->offered, now->n_offered, before->offered, before->n_offered))
		say(p, phrases, "support offered by %s", codes_text(p->arena, now->offered, now->n_offered));
	if (!same_codes(now->required_participants, now->n_required_participants, before->required_participants,
			before->n_required_participants))
		say(p, phrases, "must take part: %s",
		    codes_text(p->arena, now->required_participants, now->n_required_participants));
	for (size_t i = 0; i < now->n_warnings; i++)
		say(p, phrases, "warning %s", record_code_of("Warning", (int)now->warnings[i]));
	if (now->next_free_slot[0] != '\0')
		say(p, phrases, "next free slot %s", now->next_free_slot);
}

/* What is known of the case from now on. Triage only says where it belongs; of a case that is known already, nothing new. */
static void
know_route(struct printer *p, const pb_Answer *answer)
{
	const pb_RouteDecided *now = answer->route_decided;

	if (answer->service != (int)SERVICE_TRIAGE) {
		p->before = now;
	} else if (p->before == NULL) {
		pb_RouteDecided *first = ARENA_NEW(p->arena, pb_RouteDecided);

		*first = *now;
		first->level = (Doorbraak__V1__Level)LEVEL_LOCAL;
		first->governance = (Doorbraak__V1__Governance)GOVERNANCE_NONE;
		p->before = first;
	}
}

static void
say_owner(struct printer *p, struct phrases *phrases, const pb_OwnerAssigned *o)
{
	if (o->owner[0] == '\0')
		say(p, phrases, "nobody owns it any more");
	else if (o->pending[0] != '\0')
		say(p, phrases, "%s is asked to take over from %s", o->pending, o->owner);
	else if (o->former[0] != '\0')
		say(p, phrases, "owner %s, was %s", o->owner, o->former);
	else
		say(p, phrases, "owner %s", o->owner);
}

static void
say_cleared(struct printer *p, struct phrases *phrases, const pb_DeadlineCleared *d)
{
	const char *name = story_deadline_name(p->arena, (int)d->kind, d->reference);

	if (d->superseded)
		say(p, phrases, "%s dropped", name);
	else if (d->late_wd > 0)
		say(p, phrases, "%s done, %d working days late", name, d->late_wd);
	else
		say(p, phrases, "%s kept", name);
}

static void
say_signal(struct printer *p, struct phrases *phrases, const pb_SignalRaised *s)
{
	const char *deadline =
	    (int)s->deadline_kind == 0
		? ""
		: arena_printf(p->arena, " (%s)", story_deadline_name(p->arena, (int)s->deadline_kind, s->reference));
	const char *to = "";

	for (size_t i = 0; i < s->n_to; i++)
		to = arena_printf(p->arena, "%s%s%s", to, i == 0 ? " to " : ", ",
				  record_code_of("Addressee", (int)s->to[i]));
	say(p, phrases, "signal %s%s%s%s", story_signal_name(p->arena, (int)s->code),
	    s->stage > 1 ? arena_printf(p->arena, ", stage %d", s->stage) : "", deadline, to);
}

static void
say_update(struct printer *p, struct phrases *phrases, const pb_SignalUpdated *s)
{
	const char *name = story_signal_name(p->arena, (int)s->code);
	const char *added = "";

	switch ((int)s->change) {
	case SIGNAL_CHANGE_ACKNOWLEDGED:
		say(p, phrases, "signal %s acknowledged by %s%s%s", name, s->by, (int)s->follow_up == 0 ? "" : ": ",
		    (int)s->follow_up == 0 ? "" : record_code_of("FollowUpCode", (int)s->follow_up));
		break;
	case SIGNAL_CHANGE_NOT_ACKNOWLEDGED:
		for (size_t i = 0; i < s->n_added; i++)
			added = arena_printf(p->arena, "%s%s%s", added, i == 0 ? "" : ", ",
					     record_code_of("Addressee", (int)s->added[i]));
		say(p, phrases, "nobody acknowledged signal %s: told to %s as well", name, added);
		break;
	default: say(p, phrases, "signal %s: now %d %s", name, s->evidence, s->unit); break;
	}
}

static void
say_answer(struct printer *p, struct phrases *phrases, const pb_Answer *answer)
{
	struct arena *a = p->arena;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED:
		say_route(p, phrases, answer->route_decided);
		know_route(p, answer);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED: say_owner(p, phrases, answer->owner_assigned); break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED: say_cleared(p, phrases, answer->deadline_cleared); break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED: say_signal(p, phrases, answer->signal_raised); break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED: say_update(p, phrases, answer->signal_updated); break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET: {
		const pb_DeadlineSet *d = answer->deadline_set;
		say(p, phrases, "%s by %s", story_deadline_name(a, (int)d->kind, d->reference), d->due);
		break;
	}
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED: {
		const pb_DeadlineMissed *d = answer->deadline_missed;
		say(p, phrases, "MISSED %s of %s", story_deadline_name(a, (int)d->kind, d->reference), d->due);
		break;
	}
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING: {
		const pb_DeadlineWarning *d = answer->deadline_warning;
		say(p, phrases, "%s comes near: %s", story_deadline_name(a, (int)d->kind, d->reference), d->due);
		break;
	}
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED:
		say(p, phrases, "signal %s has ended", story_signal_name(a, (int)answer->signal_cleared->code));
		break;
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED:
		say(p, phrases, "REJECTED %s%s", record_code_of("Reason", (int)answer->message_rejected->reason),
		    answer->message_rejected->kept ? ", but kept" : "");
		break;
	case DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED:
		say(p, phrases, "belongs to the open case of the same youth");
		break;
	default: break;
	}
}

/* Do both come from the same row? Then they are told as one. */
static bool
is_same_row(const pb_Answer *a, const pb_Answer *b)
{
	return a->service == b->service && a->basis != NULL && b->basis != NULL && a->basis->row[0] != '\0' &&
	       strcmp(a->basis->row, b->basis->row) == 0 && b->body_case != DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED &&
	       b->body_case != DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED &&
	       b->body_case != DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED;
}

static bool
is_near(int code)
{
	return code == SIGNAL_CODE_S01_DEADLINE_NEAR;
}

/* Is it told at all? Not: what triage finds, unless its reasons are asked for, because it comes back in routing's first
 * decision; and what is of no weight. */
static bool
is_told(const struct printer *p, const pb_Answer *answer)
{
	const bool all = (p->flags & STORY_ALL) != 0;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED:
		return (p->flags & STORY_FACTS) != 0 || answer->service != (int)SERVICE_TRIAGE;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING: return all;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED: return all || !is_near((int)answer->signal_raised->code);
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED: return all || !is_near((int)answer->signal_cleared->code);
	case DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED: return (int)answer->case_opened->kind == ROUTE_KIND_LINKED;
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED:
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED:
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED: return true;
	default: return false;
	}
}

/* The next one that is told, from `at` on. */
static size_t
next_told(const struct printer *p, const pb_StoryEvent *e, size_t at)
{
	while (at < e->n_decisions && !is_told(p, e->decisions[at]->answer))
		at++;
	return at;
}

static void
print_event(struct printer *p, const pb_StoryEvent *e)
{
	size_t at = next_told(p, e, 0);

	p->header_is_out = false;
	if (e->message != NULL)
		put_header(p, e);
	while (at < e->n_decisions) {
		const pb_StoryDecision *first = e->decisions[at];
		struct phrases phrases = {.count = 0};

		do {
			say_answer(p, &phrases, e->decisions[at]->answer);
			at = next_told(p, e, at + 1);
		} while (at < e->n_decisions && is_same_row(first->answer, e->decisions[at]->answer));
		put_row(p, e, first, &phrases);
	}
}

/* What went before is not told, but known. */
static void
pass_over(struct printer *p, const pb_StoryEvent *e)
{
	for (size_t i = 0; i < e->n_decisions; i++) {
		const pb_Answer *answer = e->decisions[i]->answer;

		if (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED)
			know_route(p, answer);
		if (answer->basis != NULL)
			p->version = answer->basis->policy_version;
	}
}

void
story_print(const struct story *s, FILE *out, unsigned flags)
{
	struct printer p = {.arena = s->arena, .out = out, .flags = flags, .version = ""};

	for (size_t i = 0; i < s->first; i++)
		pass_over(&p, s->events[i]);
	for (size_t i = s->first; i < s->count; i++)
		print_event(&p, s->events[i]);
}

/* ---- summary ---- */

struct tally {
	const char *owners, *signals, *owner;
	unsigned set, kept, late, missed, dropped;
};

static void
count_answer(const struct story *s, struct tally *t, const pb_Answer *answer)
{
	struct arena *a = s->arena;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED: {
		const char *owner = answer->owner_assigned->owner;

		if (strcmp(owner, t->owner) == 0)
			break;
		t->owners = arena_printf(a, "%s%s%s from %s", t->owners, t->owners[0] == '\0' ? "" : ", ",
					 owner[0] == '\0' ? "nobody" : owner, answer->effect_date);
		t->owner = owner;
		break;
	}
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET: t->set++; break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED: t->missed++; break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED:
		if (answer->deadline_cleared->superseded)
			t->dropped++;
		else if (answer->deadline_cleared->late_wd > 0)
			t->late++;
		else
			t->kept++;
		break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED:
		if ((int)answer->signal_raised->code != SIGNAL_CODE_S01_DEADLINE_NEAR)
			t->signals =
			    arena_printf(a, "%s%s%s on %s", t->signals, t->signals[0] == '\0' ? "" : ", ",
					 story_signal_name(a, (int)answer->signal_raised->code), answer->effect_date);
		break;
	default: break;
	}
}

void
story_print_summary(const struct story *s, FILE *out)
{
	struct tally t = {.owners = "", .signals = "", .owner = ""};

	for (size_t i = 0; i < s->count; i++) {
		for (size_t d = 0; d < s->events[i]->n_decisions; d++)
			count_answer(s, &t, s->events[i]->decisions[d]->answer);
	}
	fprintf(out, "%-*s", MOMENT_WIDTH, "owned by");
	put_wrapped(out, MOMENT_WIDTH, t.owners[0] == '\0' ? "nobody" : t.owners);
	fprintf(out, "%-*s%u set: %u kept, %u missed, %u dropped or moved%s\n", MOMENT_WIDTH, "deadlines", t.set,
		t.kept, t.missed, t.dropped, t.late > 0 ? arena_printf(s->arena, "; %u done late", t.late) : "");
	fprintf(out, "%-*s", MOMENT_WIDTH, "signals");
	put_wrapped(out, MOMENT_WIDTH, t.signals[0] == '\0' ? "none" : t.signals);
}

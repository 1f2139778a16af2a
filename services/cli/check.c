// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/policy_internal.h"
#include "common/record_kinds.h"
#include "services/cli/adoption.h"
#include "services/cli/check_internal.h"

void
check_report_init(struct check_report *report, struct arena *a)
{
	*report = (struct check_report){.arena = a};
	report->end = &report->first;
}

/* ---- findings ---- */

static const struct policy_place *
place_of(const struct checking *c, const char *name)
{
	const struct policy_place *place = NULL;

	for (unsigned i = 0; i < 2 && place == NULL; i++) {
		if (c->subject->files[i] != NULL)
			place = policy_file_place(c->subject->files[i], name);
	}
	return place;
}

static const char *
region_of(const struct checking *c)
{
	return c->subject->regional == NULL ? "" : c->subject->regional->region;
}

static bool
is_told(const struct checking *c, const char *code, const char *table, const char *row, const char *region)
{
	for (const struct check_finding *f = c->report->first; f != NULL; f = f->next) {
		if (strcmp(f->code, code) == 0 && strcmp(f->row, row) == 0 && strcmp(f->table, table) == 0 &&
		    (f->region[0] == '\0' || strcmp(f->region, region) == 0))
			return true;
	}
	return false;
}

static struct check_finding *
add(struct checking *c, const char *code, const char *table, const char *row, const char *text)
{
	const char *region = region_of(c);
	struct check_finding *f = ARENA_NEW(c->arena, struct check_finding);
	const struct policy_place *place = place_of(c, row[0] != '\0' ? row : table);

	if (is_told(c, code, table, row, region))
		return NULL;
	*f = (struct check_finding){.code = code, .region = region, .table = table, .row = row, .text = text};
	f->file = place == NULL ? "" : place->file;
	f->line = place == NULL ? 0 : place->line;
	f->situation = "";
	*c->report->end = f;
	c->report->end = &f->next;
	c->report->errors++;
	return f;
}

static const char *
table_name(struct arena *a, const struct rules_table *table)
{
	return table == NULL ? "" : arena_printf(a, "%s/%s", table->scope->name, table->event);
}

struct check_finding *
check_tell(struct checking *c, const char *code, const struct rules_table *table, const char *row, const char *format,
	   ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return add(c, code, table_name(c->arena, table), row, arena_str(c->arena, bytes_str(text)));
}

struct check_finding *
check_note(struct checking *c, const char *code, const char *name, const char *text)
{
	struct check_finding *f = add(c, code, "", name, text);

	if (f == NULL)
		return NULL;
	f->note = true;
	c->report->errors--;
	c->report->notes++;
	return f;
}

/* ---- what a walk broke ---- */

static const char *const broken[BREAK_COUNT] = {
    [BREAK_OWNERLESS] = "I1: leaves an open case without owner; name one with 'owner'",
    [BREAK_STATELESS] = "leaves a new case without state; give it one with 'state'",
    [BREAK_FUNDER] = "I3: 'move' changes the responsible municipality, which only ResidenceChanged may; leave it out",
    [BREAK_OWNER] = "I4: with a court measure or in closed care only a municipality owns, or is asked to; name it, or "
		    "use 'support'",
    [BREAK_NOT_AN_OWNER] = "makes an owner of an organisation that cannot own a case, or of a closed case; name a "
			   "local team, municipality, team or the national team",
    [BREAK_UNSETTABLE] = "'flag' of a fact that follows from the case; leave it out",
    [BREAK_UNPROVEN] = "I5: closes a case without both facts (realised, and seen to work), or a reason with who "
		       "approved; refuse it, or ask for them in 'when'",
    [BREAK_SCALED_DOWN] =
	"I5: brings a case to VERIFYING without help realised, or to SCALED_DOWN without both facts; set "
	"the flags",
    [BREAK_TRACK] = "leaves a placed youth off the track of closed care, or a running measure on the voluntary track; "
		    "change 'track', or the flag, in the same row",
    [BREAK_CENTRE] = "I6: brings in the expertise centre without a recorded consideration by a team; ask for "
		     "considered_by_team, or ec_requested, in 'when'",
    [BREAK_OUTSIDE] = "sets the deadline %s where what it is about is not there, so that nothing ends it; move it",
    [BREAK_OUTLIVES] = "takes away what the deadline %s is about, and leaves it running; 'end' or 'clear' it",
    [BREAK_NO_DEADLINE] = "the case comes into a state without its deadline %s; 'set' it",
    [BREAK_SILENCE_CLOSES] = "I5: closes a case because nothing happened; a miss closes nothing",
    [BREAK_SILENCE_OWNER] = "changes the owner because nothing happened; ask, and wait for an answer",
    [BREAK_GAVE_UP] =
	"looks at so many facts together that not all of their values were gone through; divide the table",
    [BREAK_SILENCE_LOWERS] = "lowers the escalation because nothing happened; a miss only raises it",
};

static const char *const broken_codes[BREAK_COUNT] = {
    [BREAK_OWNERLESS] = "I1",
    [BREAK_STATELESS] = "NO_STATE",
    [BREAK_FUNDER] = "I3",
    [BREAK_OWNER] = "I4",
    [BREAK_NOT_AN_OWNER] = "NOT_AN_OWNER",
    [BREAK_UNSETTABLE] = "UNSETTABLE",
    [BREAK_UNPROVEN] = "I5",
    [BREAK_SCALED_DOWN] = "I5",
    [BREAK_TRACK] = "TRACK",
    [BREAK_CENTRE] = "I6",
    [BREAK_OUTSIDE] = "DEADLINE_OUTSIDE",
    [BREAK_OUTLIVES] = "DEADLINE_LEFT",
    [BREAK_NO_DEADLINE] = "NO_DEADLINE",
    [BREAK_SILENCE_CLOSES] = "SILENCE",
    [BREAK_SILENCE_OWNER] = "SILENCE",
    [BREAK_SILENCE_LOWERS] = "SILENCE",
    [BREAK_GAVE_UP] = "TOO_MANY",
};

/* The row to look at where none did it by itself: the last one that acts. */
static const struct rules_row *
row_to_blame(const struct check_walk *w, unsigned i)
{
	const struct rules_row *row = w->breaks[i].row;

	for (unsigned h = w->hit_count; h > 0 && row == NULL; h--) {
		if (w->hits[h - 1]->then_count > 0)
			row = w->hits[h - 1];
	}
	return row;
}

const char *
check_step_text(struct arena *a, const struct check_walk *w)
{
	const char *said = check_walk_text(a, w);
	const char *track =
	    w->is_new
		? arena_printf(a, "new case, %s, %s", record_code_of("Track", (int)check_get(w->before, CHECK_TRACK)),
			       check_get(w->before, CHECK_HAS_TEAM) != 0 ? "a team in the region" : "no team")
		: "";

	if (said[0] == '\0' && track[0] == '\0')
		return w->event->name;
	return arena_printf(a, "%s (%s%s%s)", w->event->name, track, said[0] != '\0' && track[0] != '\0' ? ", " : "",
			    said);
}

void
check_tell_break(struct checking *c, const struct check_walk *w, unsigned i, const struct check_search *search,
		 uint32_t index)
{
	const enum check_break what = w->breaks[i].what;
	const struct rules_row *row = row_to_blame(w, i);
	const struct rules_table *table = w->event->any;
	struct check_finding *f;
	const char **way;

	/* The format is one of ours, above. */
	const char *kind = record_code_of("DeadlineKind", w->breaks[i].kind);
	const char *name = strstr(broken[what], "%s");
	const char *text =
	    name == NULL ? broken[what]
			 : arena_printf(c->arena, "%.*s%s%s", (int)(name - broken[what]), broken[what], kind, name + 2);

	f = check_tell(c, broken_codes[what], table, row == NULL ? "" : row->id, "%s", text);
	if (f == NULL)
		return;
	way = ARENA_ARRAY(c->arena, const char *, CHECK_WAY_MAX + 1);
	f->situation = check_situation_text(c->arena, w->before);
	f->way = way;
	if (index != UINT32_MAX)
		check_search_way(c, search, index, way, &f->way_count);
	way[f->way_count++] = check_step_text(c->arena, w);
}

/* ---- the whole ---- */

bool
check_is_about_a_case(const char *message)
{
	static const char *const others[] = {"RegistryAdopted",        "PolicyAdopted",    "SourceRegistered",
					     "SubscriptionRegistered", "DeliveryReported", "SignalAcknowledged",
					     "ThemeRecorded",          "CaseErased"};

	for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (strcmp(others[i], message) == 0)
			return false;
	}
	return true;
}

/* Tracks that triage may find, as bits; VOLUNTARY where it says nothing. */
static uint8_t
tracks_of(const struct rules_table *triage)
{
	unsigned tracks = 0;

	for (unsigned b = 0; triage != NULL && b < triage->block_count; b++) {
		for (unsigned r = 0; r < triage->blocks[b].row_count; r++) {
			const struct rules_row *row = &triage->blocks[b].rows[r];

			for (unsigned i = 0; i < row->then_count; i++) {
				if (strcmp(triage->scope->verbs[row->then[i].verb].name, "track") == 0)
					tracks |= 1u << row->then[i].arguments[0];
			}
		}
	}
	return (uint8_t)(tracks == 0 ? 1u << TRACK_VOLUNTARY : tracks);
}

static const char *const *
required_of(const ProtobufCMessageDescriptor *message)
{
	const ProtobufCMessageDescriptor *submission = &pb_Submission_descriptor;

	for (unsigned i = 0; message != NULL && i < submission->n_fields; i++) {
		if (submission->fields[i].descriptor == message)
			return kind_required((int)submission->fields[i].id);
	}
	return NULL;
}

static void
add_event(struct checking *c, const char *name, const ProtobufCMessageDescriptor *message, int kind)
{
	struct check_event *event = ARENA_NEW(c->arena, struct check_event);

	*event = (struct check_event){.name = name, .message = message, .kind = kind};
	event->accept = policy_table(c->view, "accept", name);
	event->effects = policy_table(c->view, "effects", name);
	event->opens = message == &pb_CaseSubmitted_descriptor || message == &pb_CourtMeasureRegistered_descriptor ||
		       message == &pb_ClosedPlacementRequested_descriptor;
	event->always_opens = message == &pb_CaseSubmitted_descriptor;
	event->names = message == &pb_CaseSubmitted_descriptor || message == &pb_ScreeningDecided_descriptor ||
		       message == &pb_OwnerTransferRequested_descriptor;
	event->moves = message == &pb_ResidenceChanged_descriptor;
	event->required = required_of(message);
	event->tracks = tracks_of(policy_table(c->view, "triage", name));
	if (event->accept == NULL && event->effects == NULL)
		return;
	if (!check_event_init(event))
		check_tell(c, "TOO_MANY", event->any, "", "looks at more than %d facts, or values of one; divide it",
			   CHECK_FACTS_MAX);
	else if (c->event_count < CHECK_EVENTS_MAX)
		c->events[c->event_count++] = event;
}

static void
add_events(struct checking *c)
{
	const ProtobufCMessageDescriptor *submission = &pb_Submission_descriptor;

	for (unsigned i = 0; i < submission->n_fields; i++) {
		const ProtobufCMessageDescriptor *body = submission->fields[i].descriptor;

		if (submission->fields[i].type == PROTOBUF_C_TYPE_MESSAGE &&
		    (submission->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
		    check_is_about_a_case(body->short_name))
			add_event(c, body->short_name, body, 0);
	}
	struct check_event *ended = ARENA_NEW(c->arena, struct check_event);

	*ended = (struct check_event){.name = "SUPPORT_ENDED",
				      .ends_support = true,
				      .reason_fact = -1,
				      .approver_fact = -1,
				      .considered_fact = -1};
	c->events[c->event_count++] = ended;
	for (int kind = 1; kind <= DEADLINE_KIND_EVALUATION; kind++)
		add_event(c, arena_printf(c->arena, "MISSED.%s", record_code_of("DeadlineKind", kind)), NULL, kind);
}

/* A last row that does nothing and is never needed is the block's own safety; anything else that never fires is dead. */
static bool
may_sleep(const struct rules_block *block, unsigned r)
{
	return r + 1 == block->row_count && block->rows[r].then_count == 0;
}

static void
tell_unreachable(struct checking *c, const struct check_search *search, const struct rules_table *table,
		 const struct rules_row *row, const struct check_seen *seen)
{
	struct check_finding *f;

	if (is_told(c, "SHADOWED", table_name(c->arena, table), row->id, region_of(c)))
		return;
	if (seen->at == 0) {
		check_tell(c, "UNREACHABLE", table, row->id,
			   "no message or miss ever comes as far as this row; leave it out");
		return;
	}
	const unsigned fact = row->when[seen->met].fact;

	f = check_tell(c, "UNREACHABLE", table, row->id,
		       "no situation that a case can come into fits this row; leave it out, or look at '%s'",
		       rules_fact_def(table, fact).name);
	if (f == NULL)
		return;
	const char **way = ARENA_ARRAY(c->arena, const char *, CHECK_WAY_MAX + 1);

	f->situation =
	    arena_printf(c->arena, "%s; here %s is %s", check_situation_text(c->arena, seen->at),
			 rules_fact_def(table, fact).name, rules_fact_text(c->arena, table, fact, seen->value));
	f->way = way;
	check_search_way(c, search, seen->index, way, &f->way_count);
}

static void
check_reached(struct checking *c, const struct check_search *search)
{
	for (unsigned e = 0; e < c->event_count; e++) {
		const struct check_seen *seen = check_moves_seen(check_search_moves(search, e));
		const struct rules_table *const tables[] = {c->events[e]->accept, c->events[e]->effects};

		for (unsigned t = 0; t < 2; t++) {
			for (unsigned b = 0; tables[t] != NULL && b < tables[t]->block_count; b++) {
				const struct rules_block *block = &tables[t]->blocks[b];

				for (unsigned r = 0; r < block->row_count; r++, seen++) {
					if (!seen->fired && !may_sleep(block, r))
						tell_unreachable(c, search, tables[t], &block->rows[r], seen);
				}
			}
		}
	}
}

static void
progress(const struct checking *c, const char *what)
{
	if (c->report->progress != NULL)
		c->report->progress(c->report->progress_ctx, what);
}

static void
search(struct checking *c)
{
	progress(c, "searching");
	struct check_search *found = check_search_run(c);

	check_reached(c, found);
	progress(c, "following the ladders");
	check_ladders(c, found);
	progress(c, "proving row by row");
	check_induction(c, found);
	check_search_free(&found);
}

bool
check_begin(struct checking *c, struct check_report *report, const struct check_subject *subject)
{
	struct policy_view *view = ARENA_NEW(report->arena, struct policy_view);
	const struct policy_parts parts = {.arena = report->arena,
					   .scratch = report->arena,
					   .scopes = adoption_scopes,
					   .scope_count = ADOPTION_POLICY_SCOPES,
					   .national = subject->national,
					   .regional = subject->regional};
	struct why why = {0};

	*c = (struct checking){.report = report, .subject = subject, .arena = report->arena, .view = view};
	if (!policy_view_build(&parts, view, &why)) {
		check_tell(c, "DOES_NOT_COMPILE", NULL, "", "%s", why.text);
		return false;
	}
	add_events(c);
	return true;
}

void
check_policy(struct check_report *report, const struct check_subject *subject)
{
	struct checking *c = ARENA_NEW(report->arena, struct checking);

	if (!check_begin(c, report, subject))
		return;
	progress(c, "rows and deadlines");
	if (subject->regional != NULL)
		check_regional(c);
	check_rows(c);
	check_deadline_rules(c);
	check_people(c);
	if (!subject->quick)
		search(c);
}

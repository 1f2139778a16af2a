// SPDX-License-Identifier: EUPL-1.2
/* signal_play.c - does what the lines of signal_cases.h say. */
#include "tests/service/signal_play.h"

#include "tests/service/signal_desk.h"

/* The first word of a line, which is cut off it. */
static const char *
word(struct arena *a, const char **line)
{
	const size_t len = strcspn(*line, " ");
	const char *found = arena_str(a, bytes_of(*line, len));

	*line += len;
	*line += strspn(*line, " ");
	return found;
}

static int
number(struct arena *a, const char **line)
{
	return atoi(word(a, line));
}

static void
route(struct bench *b, const char *case_id, const char *fields)
{
	const char *inner = arena_str(&b->arena, bytes_of(fields + 1, strlen(fields) - 2));

	bench_answer(b, SERVICE_ROUTING, case_id, "RouteDecided",
		     strstr(fields, "region:") != NULL ? fields
						       : arena_printf(&b->arena, "{%s, " SIGNAL_PLACE "}", inner));
}

static const char accepted[] = "{kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING}";

static void
say(struct bench *b, const char *case_id, const char *kind, const char *actor, const char *fields)
{
	const char *in = strstr(fields, "} in {");
	const char *own = in == NULL ? fields : arena_str(&b->arena, bytes_of(fields, (size_t)(in - fields) + 1));

	bench_take(b, bench_say(b, case_id, kind, actor, own), false, 0);
	route(b, case_id, in == NULL ? accepted : in + 5);
}

static void
open_case(struct bench *b, const char *case_id)
{
	bench_take(b, bench_say(b, case_id, "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", "{submitter: PARENT, asks: HELP}"),
		   true, 0);
	bench_answer(b, SERVICE_ROUTING, case_id, "CaseOpened", "{kind: OPENED}");
	route(b, case_id, "{kind: OPENED, track: VOLUNTARY, to_state: SCREENING}");
	bench_answer(b, SERVICE_ROUTING, case_id, "OwnerAssigned", "{owner: LT-GM9901}");
}

static const char *
fresh(struct signal_play *p, const char *prefix)
{
	return arena_printf(&p->bench->arena, "%s-%u", prefix, ++p->fresh);
}

static void
stuck(struct signal_play *p, const char *region, const char *centre, int count)
{
	struct arena *a = &p->bench->arena;

	for (int i = 0; i < count; i++)
		say(p->bench, fresh(p, "s"), "StuckDeclared", "LOCAL_TEAM@LT-GM9901",
		    arena_printf(a,
				 "{stuck_on: MONEY} in {kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING, "
				 "funder: GM9901, region: %s, team: ET-JZ91, expertise_centre: %s}",
				 region, centre));
}

static void
queue(struct signal_play *p, int count)
{
	for (int i = 0; i < count; i++) {
		const char *id = fresh(p, "q");

		open_case(p->bench, id);
		route(p->bench, id, "{kind: TRANSITION, track: VOLUNTARY, to_state: QUEUED}");
	}
}

static void
apply(struct signal_play *p, int count, int past_the_team)
{
	for (int i = 0; i < count; i++) {
		const char *id = fresh(p, "a");

		open_case(p->bench, id);
		bench_take(p->bench,
			   bench_say(p->bench, id, "EscalationRequested", "LOCAL_TEAM@LT-GM9901",
				     "{kind: EXPERTISE_CENTRE, ec_reason: SCARCITY}"),
			   false, 0);
		route(p->bench, id,
		      i < past_the_team
			  ? "{kind: REDIRECT, track: COURT_MEASURE, to_state: EXECUTING, notes: [DIRECT_TO_EC]}"
			  : "{kind: RECORDED, track: COURT_MEASURE, to_state: EXECUTING}");
	}
}

static void
evaluate(struct signal_play *p, int count, int missed)
{
	for (int i = 0; i < count; i++) {
		const char *id = fresh(p, "e");

		open_case(p->bench, id);
		route(p->bench, id, "{kind: TRANSITION, track: VOLUNTARY, to_state: CLOSED}");
		bench_answer(p->bench, SERVICE_ROUTING, id, i < missed ? "DeadlineMissed" : "DeadlineCleared",
			     "{kind: EVALUATION, due: 2021-01-01}");
	}
}

static void
discuss(struct signal_play *p, int count)
{
	for (int i = 0; i < count; i++)
		say(p->bench, fresh(p, "d"), "MeetingHeld", "CHAIR@ET-JZ91", "{present: [PARENT]}");
}

/* A message of the source about nothing; `due`: numbers from there on are missing before it. */
static void
hear(struct bench *b, int due, const char *case_id)
{
	pb_Submission *s = bench_say(b, case_id, "PlanReviewed", "CHAIR@ET-JZ91", "");

	b->sequence_due = due;
	s->sequence = due == 0 ? 0 : due + 2;
	bench_take(b, s, false, 0);
}

static void
many(struct signal_play *p, const char *verb, const char *line)
{
	struct arena *a = &p->bench->arena;

	if (strcmp(verb, "stuck") == 0) {
		const char *region = word(a, &line), *centre = word(a, &line);

		stuck(p, region, centre, number(a, &line));
		return;
	}
	const int count = number(a, &line);

	if (strcmp(verb, "queue") == 0)
		queue(p, count);
	else if (strcmp(verb, "discuss") == 0)
		discuss(p, count);
	else if (strcmp(verb, "apply") == 0)
		apply(p, count, number(a, &line));
	else if (strcmp(verb, "evaluate") == 0)
		evaluate(p, count, number(a, &line));
	else
		fail_msg("no line begins with %s", verb);
}

static void
one_case(struct signal_play *p, const char *verb, const char *line)
{
	struct bench *b = p->bench;
	const char *case_id = word(&b->arena, &line);

	if (strcmp(verb, "open") == 0) {
		open_case(b, case_id);
	} else if (strcmp(verb, "route") == 0) {
		route(b, case_id, line);
	} else if (strcmp(verb, "late") == 0) {
		hear(b, 0, case_id);
		bench_answer(b, SERVICE_ROUTING, case_id, "MessageRejected", "{reason: OUT_OF_ORDER, kept: true}");
	} else {
		const char *kind = word(&b->arena, &line);

		if (strcmp(verb, "routing") == 0) {
			bench_answer(b, SERVICE_ROUTING, case_id, kind, line);
			return;
		}
		const char *actor = word(&b->arena, &line);

		say(b, case_id, kind, actor, line);
	}
}

static void
one_line(struct signal_play *p, const char *line)
{
	struct bench *b = p->bench;
	const char *verb = word(&b->arena, &line);

	if (strcmp(verb, "at") == 0) {
		bench_at(b, line);
	} else if (strcmp(verb, "hear") == 0) {
		hear(b, 0, "case-0");
	} else if (strcmp(verb, "gap") == 0) {
		hear(b, number(&b->arena, &line), "case-0");
	} else if (strcmp(verb, "tell") == 0) {
		const char *kind = word(&b->arena, &line), *actor = word(&b->arena, &line);

		bench_take(b, bench_say(b, "", kind, actor, line), false, 0);
	} else if (strcmp(verb, "open") == 0 || strcmp(verb, "say") == 0 || strcmp(verb, "late") == 0 ||
		   strcmp(verb, "routing") == 0 || strcmp(verb, "route") == 0) {
		one_case(p, verb, line);
	} else {
		many(p, verb, line);
	}
}

void
signal_play(struct signal_play *p, const char *lines)
{
	while (*lines != '\0') {
		const size_t len = strcspn(lines, "\n");

		one_line(p, arena_str(&p->bench->arena, bytes_of(lines, len)));
		lines += len + (lines[len] == '\n' ? 1 : 0);
	}
}

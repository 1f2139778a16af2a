// SPDX-License-Identifier: EUPL-1.2
/* story.c - asking for the way of a case, and telling it as JSON. */
#include "common/json_wire.h"
#include "services/cli/story_internal.h"

#define MONITORING 4u

/* ---- asking ---- */

static const pb_StoryReply *
ask_page(struct cli *cli, struct system *system, const char *case_id, char *after, unsigned ahead_days, struct arena *a,
	 int *code)
{
	pb_Request request;
	pb_StoryRequest story;

	pb_Request_init(&request);
	pb_StoryRequest_init(&story);
	story.case_id = record_text(a, case_id);
	story.after = after;
	story.ahead_days = ahead_days;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STORY;
	request.story = &story;
	const pb_Reply *reply = asking(cli, system, MONITORING, &request, DOORBRAAK__V1__REPLY__BODY_STORY, a, code);

	return reply == NULL ? NULL : reply->story;
}

/* Pages go back, events of a page too: in front of what is there, the last first. */
static void
put_in_front(struct story *s, const pb_StoryReply *page)
{
	const pb_StoryEvent **events = ARENA_ARRAY(s->arena, const pb_StoryEvent *, s->count + page->n_events + 1);

	for (size_t i = 0; i < page->n_events; i++) {
		const pb_StoryEvent *event = page->events[page->n_events - 1 - i];

		events[i] = event;
		for (size_t d = 0; d < event->n_decisions; d++)
			s->decisions +=
			    event->decisions[d]->answer->body_case != DOORBRAAK__V1__ANSWER__BODY_CASE_REGISTERED;
	}
	for (size_t i = 0; i < s->count; i++)
		events[page->n_events + i] = s->events[i];
	s->events = events;
	s->count += page->n_events;
}

static void
look_ahead(struct story *s, const pb_StoryReply *first)
{
	if (first->ahead_to[0] == '\0')
		return;
	struct story *ahead = ARENA_NEW(s->arena, struct story);
	const pb_StoryEvent **events = ARENA_ARRAY(s->arena, const pb_StoryEvent *, s->count + first->n_ahead + 1);

	*ahead = *s;
	for (size_t i = 0; i < s->count; i++)
		events[i] = s->events[i];
	for (size_t i = 0; i < first->n_ahead; i++)
		events[s->count + i] = first->ahead[i];
	ahead->events = events;
	ahead->first = s->count;
	ahead->count = s->count + first->n_ahead;
	s->ahead = ahead;
	s->ahead_to = first->ahead_to;
	s->ahead_alone = first->ahead_alone;
}

int
story_ask(struct cli *cli, struct system *system, const char *case_id, unsigned ahead_days, struct arena *a,
	  struct story **out)
{
	struct story *s = ARENA_NEW(a, struct story);
	int code = CLI_OK;
	const pb_StoryReply *first = ask_page(cli, system, case_id, record_text(a, ""), ahead_days, a, &code);

	*s = (struct story){.arena = a, .case_id = arena_str(a, bytes_str(case_id)), .ahead_to = ""};
	*out = s;
	if (first != NULL && first->case_state != NULL) {
		s->view = first->case_state->case_state;
		s->case_id = s->view->case_id;
	}
	for (const pb_StoryReply *page = first; page != NULL;) {
		put_in_front(s, page);
		if (page->next[0] == '\0')
			break;
		page = ask_page(cli, system, case_id, page->next, 0, a, &code);
	}
	if (code == CLI_OK)
		look_ahead(s, first);
	return code;
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
print_near_json(const struct story *s, const pb_StoryDecision *d, FILE *out)
{
	fputs(",\"near\":[", out);
	for (size_t i = 0; i < d->n_near; i++)
		fprintf(out, "%s{\"row\":\"%s\",\"fact\":\"%s\",\"text\":%s}", i == 0 ? "" : ",", d->near[i]->row,
			d->near[i]->fact, json_quote(s->arena, story_near_text(s->arena, d->near[i])));
	fputc(']', out);
}

static void
print_answer_json(const struct story *s, const pb_StoryDecision *d, FILE *out)
{
	fprintf(out, "{\"kind\":\"%s\",\"source\":%s", record_body_name(&d->answer->base),
		d->source == NULL ? "null" : record_json(s->arena, &d->source->base, true));
	print_near_json(s, d, out);
	if (d->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED)
		fprintf(out, ",\"would_fit\":%s", json_quote(s->arena, story_refused_text(s->arena, d)));
	fprintf(out, ",\"answer\":%s}", record_json(s->arena, &d->answer->base, true));
}

void
story_print_events_json(const struct story *s, FILE *out)
{
	char at[32];

	fputc('[', out);
	for (size_t i = s->first; i < s->count; i++) {
		const pb_StoryEvent *e = s->events[i];

		cal_format_timestamp(record_at_ms(e->at), at);
		fprintf(out, "%s{\"cause\":%llu,\"at\":\"%s\",\"message\":%s,\"answers\":[", i == s->first ? "" : ",",
			(unsigned long long)e->cause, at,
			e->message == NULL ? "null" : record_json(s->arena, &e->message->base, true));
		for (size_t d = 0; d < e->n_decisions; d++) {
			if (d > 0)
				fputc(',', out);
			print_answer_json(s, e->decisions[d], out);
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

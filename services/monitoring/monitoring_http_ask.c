// SPDX-License-Identifier: EUPL-1.2
/* monitoring_http_ask.c - from path and query to monitoring's questions, and from its replies to what is shown. */
#include "services/monitoring/monitoring_csv.h"
#include "services/monitoring/monitoring_http.h"

#define TYPE_CSV "text/csv; charset=utf-8"

/* A question of which each field has the name of its key, save those renamed. */
static void
ask(struct web_call *call, int body_case, const ProtobufCMessageDescriptor *descriptor, const char *renamed)
{
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = (Doorbraak__V1__Request__BodyCase)body_case;
	/* All bodies of the oneof lie at the same place. */
	request.story = web_question(call, descriptor, renamed);
	if (request.story != NULL)
		web_ask(call, &request);
}

/* ---- cases ---- */

void
http_ask_story(struct web_call *call)
{
	if (record_is_id(http_parameter(web_request(call), "caseId")))
		ask(call, DOORBRAAK__V1__REQUEST__BODY_STORY, &pb_StoryRequest_descriptor, "");
	else
		web_nothing(call);
}

void
http_tell_story(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_StoryReply *story = replies[0]->story;
	const char *asked = http_parameter(web_request(call), "caseId");

	(void)count;
	web_saw(call, story->case_state == NULL ? asked : story->case_state->case_id);
	if (story->case_state == NULL && story->n_events == 0) {
		web_nothing(call);
		return;
	}
	web_say(call, 200, HTTP_TYPE_JSON, bytes_str(json_from_message(web_arena(call), &story->base)));
}

void
http_ask_overview(struct web_call *call)
{
	ask(call, DOORBRAAK__V1__REQUEST__BODY_OVERVIEW, &pb_OverviewRequest_descriptor, "");
}

void
http_tell_overview(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_OverviewReply *overview = replies[0]->overview;

	(void)count;
	for (size_t i = 0; i < overview->n_longest; i++)
		web_saw(call, overview->longest[i]->case_id);
	web_say(call, 200, HTTP_TYPE_JSON, bytes_str(json_from_message(web_arena(call), &overview->base)));
}

void
http_ask_deadlines(struct web_call *call)
{
	ask(call, DOORBRAAK__V1__REQUEST__BODY_DEADLINES, &pb_DeadlinesRequest_descriptor, "from:due_from to:due_to");
}

void
http_tell_deadlines(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_DeadlinesReply *page = replies[0]->deadlines;
	const ProtobufCMessage **views = ARENA_ARRAY(web_arena(call), const ProtobufCMessage *, page->n_deadlines + 1);

	(void)count;
	for (size_t i = 0; i < page->n_deadlines; i++) {
		views[i] = &page->deadlines[i]->base;
		/* Deadlines of a case stand together. */
		if (i == 0 || strcmp(page->deadlines[i - 1]->case_id, page->deadlines[i]->case_id) != 0)
			web_saw(call, page->deadlines[i]->case_id);
	}
	web_say_page(call, "deadlines", views, page->n_deadlines, page->next);
}

/* ---- figures ---- */

void
http_ask_indicators(struct web_call *call)
{
	ask(call, DOORBRAAK__V1__REQUEST__BODY_INDICATORS, &pb_IndicatorsRequest_descriptor,
	    "subject:subject_id from:period_from to:period_to");
}

void
http_ask_report(struct web_call *call)
{
	ask(call, DOORBRAAK__V1__REQUEST__BODY_REPORT, &pb_ReportRequest_descriptor,
	    "subject:subject_id from:period_from to:period_to");
}

void
http_tell_report(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const char *accept = http_asked_header(web_request(call), "Accept");
	const pb_Answer *report = replies[0]->report->report;

	(void)count;
	if (accept != NULL && strstr(accept, "text/csv") != NULL)
		web_say(call, 200, TYPE_CSV, report_csv(web_arena(call), report->report_published));
	else
		web_say(call, 200, HTTP_TYPE_JSON,
			bytes_str(json_from_message(web_arena(call), &replies[0]->report->base)));
}

/* ---- what is in force ---- */

void
http_ask_registry(struct web_call *call)
{
	ask(call, DOORBRAAK__V1__REQUEST__BODY_REGISTRY, &pb_RegistryRequest_descriptor, "");
}

void
http_ask_policy(struct web_call *call)
{
	ask(call, DOORBRAAK__V1__REQUEST__BODY_POLICY, &pb_PolicyRequest_descriptor, "");
}

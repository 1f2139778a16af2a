// SPDX-License-Identifier: EUPL-1.2
/* monitoring_http.c - what monitoring answers over HTTP. */
#include "common/web.h"

/* ---- cases ---- */

static void
ask_cases(struct web_call *call, const char *renamed, bool work_list)
{
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	request.cases = web_question(call, &pb_CasesRequest_descriptor, renamed);
	if (request.cases == NULL)
		return;
	if (work_list) {
		request.cases->open_only = true;
		request.cases->order = DOORBRAAK__V1__CASES_ORDER__CASES_ORDER_BY_NEXT_DEADLINE;
	}
	web_ask(call, &request);
}

static void
ask_list(struct web_call *call)
{
	ask_cases(call, "", false);
}

static void
ask_work_list(struct web_call *call)
{
	ask_cases(call, "organisation:owner", true);
}

static void
tell_list(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_CasesReply *page = replies[0]->cases;
	const ProtobufCMessage **views = ARENA_ARRAY(web_arena(call), const ProtobufCMessage *, page->n_cases + 1);

	(void)count;
	for (size_t i = 0; i < page->n_cases; i++) {
		views[i] = &page->cases[i]->case_state->base;
		web_saw(call, page->cases[i]->case_id);
	}
	web_say_page(call, "cases", views, page->n_cases, page->next);
}

/* One that is not there and one that is not the caller's look the same. */
static void
ask_case(struct web_call *call)
{
	if (record_is_id(http_parameter(web_request(call), "caseId")))
		ask_cases(call, "", false);
	else
		web_nothing(call);
}

static void
tell_case(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_CasesReply *page = replies[0]->cases;

	(void)count;
	if (page->n_cases == 0) {
		web_saw(call, http_parameter(web_request(call), "caseId"));
		web_nothing(call);
		return;
	}
	web_saw(call, page->cases[0]->case_id);
	web_say(call, 200, HTTP_TYPE_JSON,
		bytes_str(json_from_message(web_arena(call), &page->cases[0]->case_state->base)));
}

static void
case_event(struct arena *a, const pb_Answer *answer, const char **name, const char **json, const char **case_id)
{
	*name = "case-state";
	*json = json_from_message(a, &answer->case_state->base);
	*case_id = answer->case_id;
}

static const struct web_feed case_states = {.kinds = "kind/CaseView", .with_snapshot = true, .event = case_event};

/* ---- figures ---- */

static void
ask_report(struct web_call *call)
{
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_REPORT;
	request.report =
	    web_question(call, &pb_ReportRequest_descriptor, "subject:subject_id from:period_from to:period_to");
	if (request.report != NULL)
		web_ask(call, &request);
}

const struct web_endpoint monitoring_endpoints[] = {
    {
	.path = "/v1/cases",
	.methods = HTTP_METHOD_GET,
	.query = "owner region centre team track state openOnly dueBefore overdue notMovedSince order limit pageToken",
	.right = ACCESS_CASES,
	.ask = ask_list,
	.tell = tell_list,
    },
    {
	.path = "/v1/cases/{caseId}",
	.methods = HTTP_METHOD_GET,
	.query = "",
	.right = ACCESS_CASES,
	.ask = ask_case,
	.tell = tell_case,
    },
    {
	.path = "/v1/owners/{organisation}/work-list",
	.methods = HTTP_METHOD_GET,
	.query = "limit pageToken",
	.right = ACCESS_CASES,
	.ask = ask_work_list,
	.tell = tell_list,
    },
    {
	.path = "/v1/case-states/stream",
	.methods = HTTP_METHOD_GET,
	.query = WEB_FEED_QUERY,
	.right = ACCESS_CASES,
	.feed = &case_states,
    },
    {
	.path = "/v1/reports/{kind}",
	.methods = HTTP_METHOD_GET,
	.query = "subject from to",
	.right = ACCESS_FIGURES,
	.ask = ask_report,
    },
    {.path = NULL},
};

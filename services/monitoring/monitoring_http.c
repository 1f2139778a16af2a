// SPDX-License-Identifier: EUPL-1.2
/* monitoring_http.c - what monitoring answers over HTTP. */
#include "services/monitoring/monitoring_http.h"

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
	*case_id = answer->case_id;
	if (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_STATE) {
		*name = "case-state";
		*json = json_from_message(a, &answer->case_state->base);
		return;
	}
	/* Where else it was is not this reader's business. */
	*name = "case-left";
	*json = arena_printf(a, "{\"caseId\":\"%s\",\"asOf\":\"%llu\"}", answer->case_id,
			     (unsigned long long)answer->cause);
}

/* CaseView and CaseLeft. */
static const struct web_feed case_states = {.kinds = "kind/Case*", .with_snapshot = true, .event = case_event};

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
	.path = "/v1/cases/{caseId}/story",
	.methods = HTTP_METHOD_GET,
	.query = "aheadDays limit pageToken",
	.right = ACCESS_CASES,
	.ask = http_ask_story,
	.tell = http_tell_story,
    },
    {
	.path = "/v1/overview",
	.methods = HTTP_METHOD_GET,
	.query = "region team centre owner months longest",
	.right = ACCESS_CASES,
	.ask = http_ask_overview,
	.tell = http_tell_overview,
    },
    {
	.path = "/v1/deadlines",
	.methods = HTTP_METHOD_GET,
	.query = "from to region owner team centre kind hard limit pageToken",
	.right = ACCESS_CASES,
	.ask = http_ask_deadlines,
	.tell = http_tell_deadlines,
    },
    {
	.path = "/v1/reports/{kind}",
	.methods = HTTP_METHOD_GET,
	.query = "subject from to",
	.right = ACCESS_FIGURES,
	.ask = http_ask_report,
	.tell = http_tell_report,
    },
    {
	.path = "/v1/indicators",
	.methods = HTTP_METHOD_GET,
	.query = "codes* subject from to months",
	.right = ACCESS_FIGURES,
	.ask = http_ask_indicators,
    },
    {
	.path = "/v1/registry",
	.methods = HTTP_METHOD_GET,
	.query = "date region",
	.right = ACCESS_RULES,
	.ask = http_ask_registry,
    },
    {
	.path = "/v1/policies",
	.methods = HTTP_METHOD_GET,
	.query = "date region scope event",
	.right = ACCESS_RULES,
	.ask = http_ask_policy,
    },
    {
	.path = "/v1/policies/{scope}",
	.methods = HTTP_METHOD_GET,
	.query = "date region event",
	.right = ACCESS_RULES,
	.ask = http_ask_policy,
    },
    {.path = NULL},
};
